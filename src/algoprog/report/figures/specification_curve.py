"""Every specification of the multiverse by its growth, and where each level of each choice is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from algoprog.common.intervals import signed_months
from algoprog.report.figures.parts.axes import month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import CLEAR, SMALL, Ruled, empty, legend
from algoprog.report.figures.parts.rows import ends
from algoprog.report.figures.parts.style import (
    DATA_COLOURS,
    PALETTE,
    WIDE,
    settled,
    styled,
)
from algoprog.report.inputs import Inputs
from algoprog.report.specification import headline_specification

Array = NDArray[np.float64]
Level = tuple[str, Any]  # a choice and one of its levels

# Places along the ranking at which the curve is drawn, bins of the strips below it, and the
# density, relative to an even spread, that fills a strip.
CURVE_POINTS = 401
STRIP_BINS = 40
FULL_STRIP = 3.0
# The axis of growth leaves this share of the specifications at either end to arrowheads.
TAIL = 0.03
_FILLED = 0.84  # of a lane, by a full strip


@styled
def specification_curve(
    multiverse: pl.DataFrame,
    intervals: pl.DataFrame | None,
    choices: Sequence[str],
    headline: str | None,
) -> Figure:
    """Draw growth of every distinct specification in order, and the density of each level there.

    Above: growth against the share of specifications with less; the shaded band is the middle
    half, thin bars are the 95 % bootstrap intervals of those that were drawn again. Below: of each
    level its density along that order, where an even spread is the grey band; a strip is full at
    three times that.

    Parameters
    ----------
    multiverse, intervals : the tables `multiverse` and `multiverse_intervals`.
    choices : columns of the choices, in order.
    headline : id of the headline's specification, if there is one.
    """
    rows = distinct_fits(multiverse)
    if rows.is_empty():
        return empty("No specification with a growth rate")
    growth = rows["growth"].to_numpy()
    levels = [(c, level) for c in choices for level in multiverse[c].unique(maintain_order=True)]
    top = 3.0
    strips = 0.155 * (len(levels) + 0.6 * len(choices))
    figure = Figure(figsize=(WIDE, 1.2 + top + strips))
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[top, strips])
    ruled = Ruled(above, _limits(growth), upright=True)
    _curve(ruled, growth)
    _drawn_again(ruled, rows, intervals)
    _mark_headline(ruled, rows, multiverse, headline)
    _strips(below, rows, levels, choices)
    below.set_xlim(0, 100)
    below.set_xlabel(
        f"Share of the {rows.height:,} specifications with less growth (%)"
    )  # fmt: skip
    drawn = intervals is not None and intervals.height > 0
    legend(figure, _keys(drawn), 5)
    return settled(figure)


def distinct_fits(multiverse: pl.DataFrame) -> pl.DataFrame:
    """Return fitted specifications with a growth, each problem once, in order of growth.

    ``share`` is the place of each in that order: its mid-rank over their number.
    """
    rows = multiverse.filter(
        pl.col("status") == "fitted", pl.col("same_as").is_null(), pl.col("growth").is_not_null()
    ).sort("growth", maintain_order=True)
    return rows.with_columns(share=(pl.col("growth").rank("average") - 0.5) / max(rows.height, 1))


def _limits(growth: Array) -> tuple[float, float]:
    finite = growth[np.isfinite(growth)]
    tails = np.quantile(finite, (TAIL, 1 - TAIL)) if len(finite) else np.array([0.0, 1.0])
    low, high = min(float(tails[0]), 0.0), max(float(tails[1]), 0.1)
    return low - 0.03 * (high - low), high + 0.03 * (high - low)


def _curve(ruled: Ruled, growth: Array) -> None:
    """Draw growth in order, its middle half, and months beside it."""
    axes, limits = ruled.axes, ruled.limits
    shares = np.linspace(0, 1, CURVE_POINTS)
    curve = np.quantile(growth, shares, method="nearest")
    axes.plot(100 * shares, np.clip(curve, *limits), color=PALETTE["blue"], linewidth=1.8, zorder=4)
    quartiles = np.quantile(growth, (0.25, 0.5, 0.75), method="nearest")
    if np.isfinite(quartiles).all():
        axes.axhspan(quartiles[0], quartiles[2], color=PALETTE["blue"], alpha=0.14, linewidth=0)
        axes.plot([0, 50], [quartiles[1]] * 2, color=PALETTE["blue"], linewidth=0.8, linestyle="--",
                  zorder=3)  # fmt: skip
        axes.annotate(f"median {_months_of(float(quartiles[1]))}", (1, quartiles[1]), (2, 2),
                      textcoords="offset points", fontsize=SMALL, zorder=8,
                      bbox=CLEAR)  # fmt: skip
    month_axis(axes, limits, upright=True)
    axes.set_ylabel("Doubling time (months)")
    nothing = 100 * float(np.mean(growth <= 0))
    if limits[0] < 0:
        axes.annotate(f"{nothing:.1f} % without progress", (99, 0), (0, -3), ha="right", va="top",
                      textcoords="offset points", fontsize=SMALL,
                      color=PALETTE["muted"])  # fmt: skip
    right = axes.secondary_yaxis("right")
    right.set_ylabel("Growth (per year)")
    for side, beyond in ((0.0, growth < limits[0]), (100.0, growth > limits[1])):
        if beyond.any():
            ruled.arrow(side, -math.inf if side == 0 else math.inf, PALETTE["blue"])


def _drawn_again(ruled: Ruled, rows: pl.DataFrame, intervals: pl.DataFrame | None) -> None:
    """Draw the intervals of specifications that were drawn again."""
    if intervals is None:
        return
    joined = rows.select("id", "share").join(intervals, on="id", maintain_order="left")
    segments = []
    for row in joined.iter_rows(named=True):
        low, high = ends(row, 95, "growth_")
        if not math.isnan(low) and not math.isnan(high):
            x = round(100 * row["share"], 2)
            segments.append([(x, max(low, ruled.limits[0])), (x, min(high, ruled.limits[1]))])
    lines = LineCollection(segments, colors=PALETTE["gold"], linewidths=0.9, zorder=2)
    ruled.axes.add_collection(lines, autolim=False)


def _mark_headline(
    ruled: Ruled, rows: pl.DataFrame, multiverse: pl.DataFrame, headline: str | None
) -> None:
    """Mark the headline's specification, or the specification it is the same problem as."""
    if headline is None:
        return
    named = multiverse.filter(pl.col("id") == headline)
    first = headline if named.is_empty() or named["same_as"][0] is None else named["same_as"][0]
    fitted = rows.filter(pl.col("id") == first)
    if fitted.is_empty():
        return
    share, growth = 100 * float(fitted["share"][0]), float(fitted["growth"][0])
    ruled.mark(share, growth, marker="D", markersize=6, color=PALETTE["ink"],
               markeredgecolor=PALETTE["surface"], markeredgewidth=0.8, zorder=7)  # fmt: skip
    shown = min(max(growth, ruled.limits[0]), ruled.limits[1])
    ruled.axes.annotate(
        f"headline’s fit: {_months_of(growth)}", (share, shown),
        (-7, 5), textcoords="offset points", ha="right", fontsize=SMALL, fontweight="bold",
        bbox=CLEAR, zorder=8,
    )  # fmt: skip


def _strips(
    axes: Axes, rows: pl.DataFrame, levels: Sequence[Level], choices: Sequence[str]
) -> None:
    """Draw the density of each level along the ranking, one strip below the other."""
    share = 100 * rows["share"].to_numpy()
    labels: list[str] = []
    place, places, before = 0.0, [], levels[0][0]
    for choice, level in levels:
        if choice != before:
            place += 0.6
            before = choice
        at = share[(rows[choice] == level).to_numpy()]
        _strip(axes, place, at, share, DATA_COLOURS[(0, 1, 3, 5)[choices.index(choice) % 4]])
        places.append(place)
        first = not labels or choice != levels[len(labels) - 1][0]
        name = (f"{choice}: " if first else "") + _level(level)
        text = name if len(at) else f"{name} (none)"
        labels.append(text.replace("_", " "))
        place += 1
    axes.set_ylim(place - 0.4, -0.6)
    axes.set_yticks(places, labels, fontsize=7, parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)


def _strip(axes: Axes, place: float, at: Array, every: Array, colour: str) -> None:
    """Draw where the specifications of a level, ``at``, stand along the ranking of all."""
    edges = np.linspace(0, 100, STRIP_BINS + 1)
    bottom = place + _FILLED / 2
    axes.fill_between([0, 100], bottom, bottom - _FILLED / FULL_STRIP, color=PALETTE["grid"],
                      linewidth=0, zorder=1)  # fmt: skip
    if len(at):
        whole = np.histogram(every, edges)[0]
        with np.errstate(invalid="ignore", divide="ignore"):
            density = np.histogram(at, edges)[0] / whole / (len(at) / len(every))
        height = _FILLED * np.minimum(np.nan_to_num(density), FULL_STRIP) / FULL_STRIP
        axes.stairs(bottom - height, edges, baseline=bottom, fill=True, color=PALETTE[colour],
                    alpha=0.75, zorder=2)  # fmt: skip


def _keys(drawn: bool) -> list[Any]:
    """Return the legend; ``drawn``: with the intervals of those drawn again."""
    keys: list[Any] = [
        Line2D([], [], color=PALETTE["blue"], linewidth=1.8, label="estimates, in order"),
        Patch(facecolor=PALETTE["blue"], alpha=0.14, label="middle half"),
    ]
    if drawn:
        keys.append(
            Line2D([], [], color=PALETTE["gold"], linewidth=1.0, label="95 % intervals of a subset")
        )
    return [
        *keys,
        Patch(facecolor=PALETTE["vermillion"], label="density of a level"),
        Patch(facecolor=PALETTE["grid"], label="even spread"),
    ]


def _level(value: Any) -> str:
    """Return a level as the configuration writes it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _months_of(growth: float) -> str:
    return f"{signed_months(growth):.1f} months" if growth > 0 else "no progress"


def _given(inputs: Inputs) -> tuple[list[str], str | None]:
    return list(inputs.settings.multiverse.choices), headline_specification(inputs)


FIGURE = PageFigure(
    "multiverse",
    "Every specification in order of growth, and which choices stand where",
    specification_curve,
    ("multiverse", "multiverse_intervals"),
    _given,
)
