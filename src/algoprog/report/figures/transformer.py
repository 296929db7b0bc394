"""What the transformer is worth: the share of loss it takes off, and in compute."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from algoprog.report.figures.parts.axes import limits
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import (
    Ruled,
    dodge,
    empty,
    estimator_keys,
    interval_keys,
    legend,
    marker_key,
)
from algoprog.report.figures.parts.names import times
from algoprog.report.figures.parts.powers import power_of_ten
from algoprog.report.figures.parts.rows import Limits, Row, ends, number
from algoprog.report.figures.parts.style import (
    ESTIMATOR_COLOURS,
    NARROW,
    PALETTE,
    WIDE,
    settled,
    styled,
)

Model = tuple[Any, ...]

_MARKERS = "osD^v"  # by compute


@styled
def transformer(table: pl.DataFrame, headline: Row, narrow: bool = False) -> Figure:
    """Draw the reduction of loss and the gain in compute, a line for each model.

    A line is a model (estimator, variant, delta) in one form; the headline's model comes first,
    then the others by name. Gains are on a log axis; an arrowhead is a gain, or an end of its
    interval, beyond it or without bound.

    Parameters
    ----------
    table : the table `transformer`.
    headline : variant and delta of the model that comes first.
    """
    rows = [{**row, "model": _model(row, headline)} for row in table.to_dicts()]
    if not rows:
        return empty("No model with an effect of the transformer", narrow)
    lines = sorted({row["model"] for row in rows})
    labels = {row["model"]: _label(row, narrow) for row in rows}
    computes = sorted({row["compute"] for row in rows})
    height = 1.5 + (0.29 if narrow else 0.215) * len(lines)
    figure = Figure(figsize=(NARROW, 2 * height) if narrow else (WIDE, height))
    left, right = figure.subplots(
        *((2, 1) if narrow else (1, 2)), sharey=True, sharex=False, squeeze=True
    )
    percent = [
        {**row, **{k: 100 * number(row[k]) for k in row if k.startswith("reduction")}}
        for row in rows
    ]
    reduction, gain = Ruled(left, _reduction_limits(percent)), Ruled(right, _gain_limits(rows))
    for place, line in enumerate(lines):
        here = [row for row in percent if row["model"] == line]
        _reduction(reduction, place, here[0], labels[line])
        _gains(gain, place, here, computes, labels[line])
    _write_axes(reduction, gain)
    for axes in (left, right):
        _write_lines(axes, lines, [labels[line] for line in lines])
    present = [name for name in ESTIMATOR_COLOURS if any(r["estimator"] == name for r in rows)]
    handles = estimator_keys(present, 3.2) + interval_keys()
    handles += [
        marker_key(f"{_scientific(compute)} FLOP", marker=_MARKERS[i % 5], markersize=4)
        for i, compute in enumerate(computes)
    ]
    legend(figure, handles, 2 if narrow else 6)
    return settled(figure)


def _model(row: Row, headline: Row) -> Model:
    """Return what tells a line from others, in the order of the lines."""
    other = (row["variant"], row["delta"]) != (headline["variant"], headline["delta"])
    estimator = list(ESTIMATOR_COLOURS).index(row["estimator"])
    return (other, estimator, row["variant"], row["delta"], row["resampling"],
            row["form"] != "multiplier")  # fmt: skip


def _label(row: Row, narrow: bool) -> str:
    between = ",\n" if narrow else ", "
    of = "" if row["estimator"] == "converged" else f", {row['estimator']}"
    return f"{row['variant']}, δ\xa0=\xa0{row['delta']:g}{between}{row['form']}{of}"


def _reduction_limits(rows: Sequence[Row]) -> Limits:
    return limits(
        [0.0, *(row["reduction"] for row in rows)],
        [end for row in rows for end in ends(row, 95, "reduction_")],
    )


def _gain_limits(rows: Sequence[Row]) -> Limits:
    logs = [math.log10(g) for g in (number(row["gain"]) for row in rows) if 0 < g < math.inf]
    outer = [end for row in rows for end in ends(row, 95, "gain_")]
    low, high = limits([0.0, *logs], [math.log10(end) for end in outer if 0 < end < math.inf])
    return 10.0**low, 10.0**high


def _reduction(ruled: Ruled, place: int, row: Row, label: str) -> None:
    colour = ESTIMATOR_COLOURS[row["estimator"]]
    ruled.bars(place, row, colour, "reduction_")
    ruled.mark(place, row["reduction"], marker="o", markersize=4.5,
               color=PALETTE[colour], markeredgecolor=PALETTE["surface"], zorder=6,
               url=hover(label.replace("\n", " "),
                         f"{row['reduction']:.2f} % of loss"))  # fmt: skip


def _gains(
    ruled: Ruled, place: int, rows: Sequence[Row], computes: Sequence[float], label: str
) -> None:
    """Draw the gain of a model at each compute."""
    shifts = dodge(len(computes), 0.46)
    for row in rows:
        colour = ESTIMATOR_COLOURS[rows[0]["estimator"]]
        i = computes.index(row["compute"])
        at = place + shifts[i]
        ruled.bars(at, row, colour, "gain_", scale=0.7)
        ruled.mark(at, row["gain"], marker=_MARKERS[i % 5], markersize=4,
                   color=PALETTE[colour], markeredgecolor=PALETTE["surface"],
                   markeredgewidth=0.5, zorder=6,
                   url=hover(label.replace("\n", " "),
                             f"{row['compute']:g} FLOP: {times(row['gain'])}"))  # fmt: skip


def _write_axes(reduction: Ruled, gain: Ruled) -> None:
    left, right = reduction.axes, gain.axes
    left.set_xlim(reduction.limits)
    left.axvline(0, color=PALETTE["muted"], linewidth=0.8)
    right.axvline(1, color=PALETTE["muted"], linewidth=0.8)
    left.set_title("Reduction of loss")
    left.set_xlabel("Share of loss taken off (%)")
    right.set_title("Compute-equivalent gain")
    right.set_xscale("log")
    right.set_xlim(gain.limits)
    right.set_xlabel("Compute without it / with it")
    right.xaxis.set_major_locator(LogLocator(numticks=7))
    right.xaxis.set_minor_locator(NullLocator())


def _write_lines(axes: Axes, lines: Sequence[Model], labels: Sequence[str]) -> None:
    """Name the lines, with a rule between the headline's and others, and between estimators."""
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    for place in range(1, len(lines)):
        if lines[place][:2] != lines[place - 1][:2]:
            axes.axhline(place - 0.5, color=PALETTE["muted"], linewidth=0.6)
    axes.set_yticks(range(len(lines)), labels, parse_math=False)
    axes.tick_params(axis="y", length=0)


def _scientific(value: float) -> str:
    """Return a power of ten as such, any other number with its digits."""
    power = round(math.log10(value)) if value > 0 else 0
    return power_of_ten(power) if math.isclose(value, 10.0**power) else f"{value:g}"


FIGURE = PageFigure(
    "transformer",
    "Loss reduction and compute-equivalent gain of the transformer, by model",
    transformer,
    ("transformer",),
    lambda inputs: (inputs.converged.key,),
)
