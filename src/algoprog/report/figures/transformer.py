"""What the transformer is worth in compute, by the form of its factor and by estimator."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from algoprog.common.numbers import power_of_ten
from algoprog.report.figures.parts.axes import limits
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import (
    SMALL,
    Ruled,
    beside,
    empty,
    interval_keys,
    lanes,
    legend,
    marker_key,
)
from algoprog.report.figures.parts.names import times
from algoprog.report.figures.parts.rows import Limits, Row, ends, number
from algoprog.report.figures.parts.style import ESTIMATOR_COLOURS, PALETTE, settled, styled

# Forms of the factor: one that can say that there is no effect, and the published one.
FORMS = {"factor": "can say “no effect”", "multiplier": "assumes a benefit"}


@styled
def transformer(table: pl.DataFrame, headline: Row) -> Figure:
    """Draw the headline law's gain in compute, a line for each form and estimator.

    Gains are those at the largest compute, on a log axis, with the share of loss that is taken off
    at the right. Small marks are the other models of the same form and estimator. An arrowhead is a
    gain, or an end of its interval, beyond the axis or without bound.

    Parameters
    ----------
    table : the table `transformer`.
    headline : variant and delta of the model whose intervals are drawn.
    """
    compute = max((row["compute"] for row in table.iter_rows(named=True)), default=0.0)
    rows = [row for row in table.to_dicts() if row["compute"] == compute]
    ours = [row for row in rows if _is(row, headline)]
    lines = sorted(ours, key=_order)
    if not lines:
        return empty("No effect of the transformer in the headline’s law", small=True)
    others = [row for row in rows if not _is(row, headline)]
    figure, axes = lanes(len(lines), 0.5, small=True)
    ruled = Ruled(axes, _limits(ours, others))
    axes.set_xscale("log")
    axes.set_xlim(ruled.limits)
    axes.axvline(1, color=PALETTE["muted"], linewidth=0.8)
    axes.annotate("no effect", (1, -0.6), (3, 0), textcoords="offset points", va="top",
                  fontsize=SMALL, color=PALETTE["muted"])  # fmt: skip
    for place, row in enumerate(lines):
        _line(ruled, place, row, [one for one in others if _order(one) == _order(row)])
        beside(axes, (1.03, place), f"{100 * number(row['reduction']):.1f} %")
    beside(axes, (1.03, -0.6), "loss less", va="bottom", color=PALETTE["muted"])
    for place in range(1, len(lines)):
        if lines[place]["form"] != lines[place - 1]["form"]:
            axes.axhline(place - 0.5, color=PALETTE["muted"], linewidth=0.6)
    names = [f"{FORMS[row['form']]},\n{row['estimator']}" for row in lines]
    axes.set_yticks(range(len(lines)), names, parse_math=False)
    _write_axis(axes, compute)
    handles = interval_keys()
    handles += [marker_key("another law", marker="o", markersize=3)] if others else []
    legend(figure, handles, 2)
    return settled(figure)


def _is(row: Row, headline: Row) -> bool:
    return (row["variant"], row["delta"]) == (headline["variant"], headline["delta"])


def _order(row: Row) -> tuple[int, int]:
    return list(FORMS).index(row["form"]), list(ESTIMATOR_COLOURS).index(row["estimator"])


def _limits(ours: Sequence[Row], others: Sequence[Row]) -> Limits:
    gains = [number(row["gain"]) for row in [*ours, *others]]
    outer = [end for row in ours for end in ends(row, 95, "gain_")]
    low, high = limits(
        [0.0, *(math.log10(g) for g in gains if 0 < g < math.inf)],
        [math.log10(end) for end in outer if 0 < end < math.inf],
    )
    return 10.0**low, 10.0**high


def _line(ruled: Ruled, place: int, row: Row, others: Sequence[Row]) -> None:
    """Draw a form's gain by an estimator, and below it that of the other models."""
    colour = PALETTE[ESTIMATOR_COLOURS[row["estimator"]]]
    ruled.bars(place, row, ESTIMATOR_COLOURS[row["estimator"]], "gain_", median=False)
    ruled.mark(place, row["gain"], marker="o", markersize=5.5, color=colour,
               markeredgecolor=PALETTE["surface"], markeredgewidth=0.6, zorder=6,
               url=hover(_said(row)))  # fmt: skip
    for one in others:
        ruled.mark(place + 0.28, one["gain"], marker="o", markersize=3, color=PALETTE["muted"],
                   markeredgewidth=0, zorder=5, url=hover(_said(one)))  # fmt: skip


def _said(row: Row) -> str:
    return f"{row['variant']}, δ = {row['delta']:g}, {row['estimator']}: {times(row['gain'])}"


def _write_axis(axes: Axes, compute: float) -> None:
    axes.set_xlabel(f"Compute without it / with it, at {_scientific(compute)} FLOP")
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.xaxis.set_minor_locator(NullLocator())


def _scientific(value: float) -> str:
    """Return a power of ten as such, any other number with its digits."""
    power = round(math.log10(value)) if value > 0 else 0
    return power_of_ten(power) if math.isclose(value, 10.0**power) else f"{value:g}"


FIGURE = PageFigure(
    "transformer",
    "Compute-equivalent gain of the transformer, by form of its factor and by estimator",
    transformer,
    ("transformer",),
    lambda inputs: (inputs.converged.key,),
    small=True,
)
