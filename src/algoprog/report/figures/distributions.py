"""Bootstrap distributions of the doubling time, a panel for each analysis and benchmark."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from algoprog.common.intervals import growth_of
from algoprog.report.figures.parts.axes import month_ticks
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import LEVELS, marker_key
from algoprog.report.figures.parts.rows import Row
from algoprog.report.figures.parts.style import (
    ESTIMATOR_COLOURS,
    PALETTE,
    WIDE,
    settled,
    styled,
)
from algoprog.report.growth import doubling_time_panels
from algoprog.report.inputs import Inputs

Array = NDArray[np.float64]

_QUOTED: dict[str, Any] = {"color": PALETTE["ink"], "linewidth": 1.6, "linestyle": (0, (3, 1.2))}
BINS = 40


@styled
def doubling_time_distributions(panels: pl.DataFrame, draws: pl.DataFrame) -> Figure:
    """Draw bootstrap distributions of a doubling time, one panel below the other.

    Draws stand on an axis linear in the growth rate g (per year), which has no pole; months are
    written on it, so g = 0 is an infinite doubling time and draws left of it, which show no
    progress, are in the picture. Draws beyond the axis (the outermost 1 % of a panel at either end
    may be) are counted in the panel.

    Parameters
    ----------
    panels : one row a panel, in order: panel, title, and the columns of `doubling_times`; where
        another 95 % interval of growth is quoted than that of the draws, quoted_low and quoted_high
        (per year; a blank low end lies beyond what was searched).
    draws : panel, growth (per year; infinite ones allowed).
    """
    growth = {
        panel: draws.filter(pl.col("panel") == panel)["growth"].to_numpy()
        for panel in panels["panel"]
    }
    low, high = _growth_limits(growth.values())
    titles = [textwrap.fill(title, 105) for title in panels["title"]]
    lines = sum(title.count("\n") + 1 for title in titles)
    height = 1.2 + 1.05 * panels.height + 0.16 * lines
    figure = Figure(figsize=(WIDE, height))
    grid = figure.subplots(panels.height, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    tallest = 1.0
    for axes, row, title in zip(grid, panels.iter_rows(named=True), titles, strict=True):
        axes.set_title(title, parse_math=False)
        tallest = max(tallest, _histogram(axes, growth[row["panel"]], row, (low, high)))
    quoted = "quoted_high" in panels.columns and panels["quoted_high"].count() > 0
    for axes, row in zip(grid, panels.iter_rows(named=True), strict=True):
        _intervals(axes, row, (low, high), tallest, quoted)
    if low < 0:
        grid[0].annotate(
            "no\nprogress", (0, 1), (-3, -3), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="right", va="top", fontsize=7.5,
            color=PALETTE["muted"],
        )  # fmt: skip
    _write_axes(grid[-1], low, high)
    figure.supylabel("Share of draws in a bin (%)", fontsize="medium")
    figure.legend(handles=_keys(quoted), loc="outside lower center", ncols=5)
    return settled(figure)


def _growth_limits(growths: Iterable[Array]) -> tuple[float, float]:
    """Return the axis of growth: from 0 or lower to where all but 1 % of each panel's draws end."""
    finite = [g[np.isfinite(g)] for g in growths]
    ends = [np.quantile(g, (0.01, 0.99)) for g in finite if len(g)] or [np.array([0.0, 1.0])]
    low = min(0.0, *(float(end[0]) for end in ends))
    high = max(float(end[1]) for end in ends)
    high = high if high > 0 else 1.0
    room = 0.03 * (high - low)
    return (low - room if low < 0 else 0.0), high + room


def _histogram(axes: Axes, growth: Array, row: Row, limits: tuple[float, float]) -> float:
    """Draw the shares of draws in bins, and return the largest."""
    edges = np.linspace(*limits, BINS + 1)
    colour = PALETTE[ESTIMATOR_COLOURS[row["estimator"]]]
    share = 100 * np.histogram(growth, edges)[0] / len(growth)
    axes.stairs(share, edges, fill=True, color=colour, alpha=0.28)
    axes.stairs(share, edges, color=colour, linewidth=0.9)
    axes.tick_params(length=2.5)
    axes.grid(axis="y", visible=False)
    of = f" of {len(growth)}"
    _beyond(axes, int((growth < limits[0]).sum()), int((growth > limits[1]).sum()), of)
    return float(share.max())


def _beyond(axes: Axes, left: int, right: int, of: str) -> None:
    """Say how many draws lie outside the axis."""
    for count, x, align, text in ((left, 0.005, "left", "← {}"), (right, 0.995, "right", "{} →")):
        if count:
            axes.annotate(
                text.format(f"{count}{of}"), (x, 0), (0, 3), xycoords=("axes fraction", "data"),
                textcoords="offset points", ha=align, va="bottom", fontsize=7.5,
                color=PALETTE["muted"],
            )  # fmt: skip


def _intervals(
    axes: Axes, row: Row, limits: tuple[float, float], tallest: float, quoted: bool
) -> None:
    """Draw the intervals of a panel below its bins, and shade the side without progress."""
    _interval_bar(axes, row, -0.12 * tallest)
    if quoted and row["quoted_high"] is not None:
        _quoted_bar(axes, row, -0.27 * tallest, limits[0])
    axes.set_ylim(-(0.38 if quoted else 0.24) * tallest, 1.08 * tallest)
    axes.set_yticks([t for t in axes.get_yticks() if 0 <= t <= tallest])
    if limits[0] < 0:
        axes.axvspan(limits[0], 0, color=PALETTE["grid"], alpha=0.55, linewidth=0)
        axes.axvline(0, color=PALETTE["muted"], linewidth=0.8)


def _interval_bar(axes: Axes, row: Row, height: float) -> None:
    """Draw intervals, median and point of a row of `doubling_times`, on the axis of growth rates.

    The published intervals are percentiles of months; where one of their ends is not positive it
    has no place on the axis, and no bar is drawn.
    """
    ink = PALETTE["ink"]
    for level, width in LEVELS:
        if row["estimator"] == "published":
            months = [row[f"ci{level}_low"], row[f"ci{level}_high"]]
            ends = [growth_of(value) for value in months if value > 0]
        else:
            ends = [row[f"growth_ci{level}_low"], row[f"growth_ci{level}_high"]]
        if len(ends) == 2 and all(np.isfinite(ends)):
            axes.plot(ends, [height] * 2, color=ink, linewidth=width, solid_capstyle="butt")
    median = row["growth_median"]
    if row["estimator"] == "published" and row["median"]:
        median = growth_of(row["median"])
    axes.plot(median, height, marker="|", markersize=9, markeredgewidth=1.8, color=ink)
    axes.plot(
        row["growth_point"], height, marker="D", markersize=4.5, color=ink,
        markeredgecolor=PALETTE["surface"], markeredgewidth=0.7,
    )  # fmt: skip


def _quoted_bar(axes: Axes, row: Row, height: float, left: float) -> None:
    """Draw the interval that is quoted; an arrowhead where it goes on beyond the axis."""
    low, high = row["quoted_low"], row["quoted_high"]
    if low is None or low < left:
        low = left
        axes.plot(low, height, "<", markersize=5, color=PALETTE["ink"], clip_on=False)
    axes.plot([low, high], [height] * 2, **_QUOTED)


def _write_axes(bottom: Axes, low: float, high: float) -> None:
    """Write months below the last panel, and growth below them."""
    bottom.set_xlim(low, high)
    positions, labels = month_ticks(low, high, 0.055)
    bottom.set_xticks(positions, labels)
    bottom.set_xlabel("Doubling time (months); faster progress to the right")
    below = bottom.twiny()
    below.set_xlim(low, high)
    below.grid(visible=False)
    below.xaxis.set_ticks_position("bottom")
    below.xaxis.set_label_position("bottom")
    below.spines["bottom"].set_position(("outward", 33))
    below.set_xlabel("Growth of effective compute (natural log units per year)")
    below.tick_params(length=2.5)


def _keys(quoted: bool) -> list[Line2D]:
    return [
        Line2D([], [], color=PALETTE["ink"], linewidth=3.2, label="50 % interval"),
        Line2D([], [], color=PALETTE["ink"], linewidth=1.1, label="95 % interval"),
        marker_key("median", marker="|", markersize=9, markeredgewidth=1.8),
        marker_key("the sample itself", marker="D", markersize=4.5),
        *([Line2D([], [], **_QUOTED, label="95 % interval quoted")] if quoted else []),
    ]


def _of_headline(inputs: Inputs) -> list[str]:
    return [name for name in inputs.drawn if name in inputs.settings.headline.names]


def _both(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Return the panels of the headline's analyses, where these are all there are."""
    if inputs.drawn != _of_headline(inputs):
        return None
    panels, growth = doubling_time_panels(inputs, _of_headline(inputs))
    return (panels, growth) if panels.height else None


def _every(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Return the panels of every analysis; None where the headline's are all there are."""
    if inputs.drawn == _of_headline(inputs):
        return None
    panels, growth = doubling_time_panels(inputs, inputs.drawn)
    return (panels, growth) if panels.height else None


_TITLE = "Bootstrap distributions of the doubling time of effective compute"
DOUBLING_TIMES = PageFigure(
    "doubling-times", f"{_TITLE}, both estimators", doubling_time_distributions, given=_both
)
RESAMPLING = PageFigure(
    "resampling", f"{_TITLE}, every bootstrap analysis", doubling_time_distributions, given=_every
)
