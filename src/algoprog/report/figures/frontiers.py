"""Parameters against tokens of data that reach a perplexity, a line a year."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import SMALL, empty, name_ends
from algoprog.report.figures.parts.rows import Limits, number
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled


@styled
def frontiers(table: pl.DataFrame) -> Figure:
    """Draw a panel for each perplexity, a line for each year.

    Later years are darker, and named where their line begins: at the least data, or where it
    leaves the axes at the top. A year in which no model on the axes reaches the perplexity has no
    line; it is named in the panel.

    Parameters
    ----------
    table : the table `frontiers`.
    """
    if table.is_empty():
        return empty("No frontier")
    perplexities = sorted(set(table["perplexity"]), reverse=True)
    years = sorted(set(table["year"]))
    tokens = table["dataset_tokens"]
    limits = _limits(table)
    columns = len(perplexities)
    figure = Figure(figsize=(WIDE, 3.5))
    grid = figure.subplots(1, columns, sharex=True, sharey=True, squeeze=False).ravel()
    low, high = float(tokens.min()), float(tokens.max())  # type: ignore[arg-type]
    for axes, perplexity in zip(grid, perplexities, strict=True):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_ylim(limits)
        # room left of the curves for their years
        axes.set_xlim(low * (low / high) ** 0.22 / 2, high * 2)
        axes.set_title(f"Perplexity {perplexity:g}", pad=15)
        _panel(axes, table.filter(pl.col("perplexity") == perplexity), years, limits)
        axes.xaxis.set_major_locator(LogLocator(numticks=5))
        axes.yaxis.set_major_locator(LogLocator(numticks=6))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_locator(NullLocator())
        if axes is grid[len(grid) // 2]:
            axes.set_xlabel("Training data D (tokens)")
    for axes in grid[:1]:
        axes.set_ylabel("Parameters N")
    return settled(figure)


def _limits(table: pl.DataFrame) -> Limits:
    """Return eight decades of parameters from the least there is."""
    known = np.array([number(n) for n in table["parameters"]])
    known = known[np.isfinite(known) & (known > 0)]
    low = 10.0 ** math.floor(np.log10(known.min())) if len(known) else 1e6
    return low, low * 1e8


def _panel(axes: Axes, table: pl.DataFrame, years: Sequence[float], limits: Limits) -> None:
    """Draw the frontiers of a perplexity, and name their years."""
    absent, ends = [], []
    for i, year in enumerate(years):
        reached = table.filter(pl.col("year") == year).drop_nulls("parameters")
        reached = reached.sort("dataset_tokens")
        n, d = reached["parameters"].to_numpy(), reached["dataset_tokens"].to_numpy()
        shown = (n >= limits[0]) & (n <= limits[1])
        if not shown.any():
            absent.append(f"{year:g}")
            continue
        shade = 0.25 + 0.75 * (i / (len(years) - 1) if len(years) > 1 else 1.0)
        axes.plot(d, n, color=PALETTE["blue"], alpha=shade, linewidth=1.3,
                  marker="o" if shown.sum() == 1 else None, markersize=3)  # fmt: skip
        if shown[0]:
            ends.append((float(d[0]), float(n[0]), f"{year:g}"))
        else:
            axes.annotate(
                f"{year:g}", (float(d[shown][0]), limits[1]), (0, 2), textcoords="offset points",
                ha="center", va="bottom", fontsize=SMALL, annotation_clip=False,
            )  # fmt: skip
    name_ends(axes, ends, 0.05, left=True)
    if absent:
        axes.text(
            0.03, 0.03, textwrap.fill("out of reach: " + ", ".join(absent), 26),
            transform=axes.transAxes, ha="left", va="bottom", fontsize=SMALL,
            color=PALETTE["muted"],
        )  # fmt: skip


FIGURE = PageFigure(
    "frontiers",
    "Parameters needed for a perplexity against tokens of data, by year",
    frontiers,
    ("frontiers",),
)
