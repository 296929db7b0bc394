"""Ranks of the truth among posterior draws, over simulated data sets."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import SMALL, empty, legend, marker_key
from algoprog.report.figures.parts.scaled import POSTERIOR
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled


@styled
def ranks(table: pl.DataFrame) -> Figure:
    """Draw a histogram of the rank of the truth for each quantity.

    The band holds a bin's count in 99 % of simulations if ranks are uniform.

    Parameters
    ----------
    table : the table `bayes_ranks`.
    """
    quantities = list(dict.fromkeys(table["quantity"]))
    if not quantities:
        return empty("No simulated data sets")
    columns = 5
    lanes = math.ceil(len(quantities) / columns)
    figure = Figure(figsize=(WIDE, 0.7 + 0.95 * lanes))
    grid = figure.subplots(lanes, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in grid[len(quantities) :]:
        axes.set_axis_off()
    for axes, quantity in zip(grid, quantities, strict=False):
        _histogram(axes, table.filter(pl.col("quantity") == quantity).sort("bin"))
        axes.set_title(quantity.replace("_", " "), fontsize=SMALL)
    figure.supxlabel("rank of the truth, as a share", fontsize=SMALL + 1)
    figure.supylabel("data sets", fontsize=SMALL + 1)
    handles = [marker_key("99 % if uniform", marker="s", color=PALETTE["grid"], markersize=6)]
    legend(figure, handles, 1)
    return settled(figure)


def _histogram(axes: Axes, bins: pl.DataFrame) -> None:
    edges = np.arange(bins.height + 1) / bins.height
    axes.axhspan(bins["low"][0], bins["high"][0], color=PALETTE["grid"], alpha=0.8, linewidth=0)
    axes.axhline(bins["expected"][0], color=PALETTE["muted"], linewidth=0.7, linestyle=":")
    axes.stairs(bins["n"].to_numpy(), edges, color=PALETTE[POSTERIOR], linewidth=1.1)
    axes.set_ylim(bottom=0)
    axes.tick_params(labelsize=SMALL)
    axes.grid(visible=False)
    axes.set_xticks([0, 1], ["0", "1"])


FIGURE = PageFigure(
    "bayes_ranks",
    "Ranks of the truth among posterior draws, over simulated data sets",
    ranks,
    ("bayes_ranks",),
)
