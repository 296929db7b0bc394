"""How many times the compute a recipe saves over an older one, against compute."""

from __future__ import annotations

from itertools import cycle

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import empty, legend
from algoprog.report.figures.parts.style import (
    DATA_COLOURS,
    PALETTE,
    WIDE,
    settled,
    styled,
)


@styled
def sweep_gains(table: pl.DataFrame) -> Figure:
    """Draw the gain of each pair of recipes, whole inside the range of the runs, broken beyond.

    Parameters
    ----------
    table : the table `sweep_gains`; the bands are its 95 % intervals.
    """
    if table.is_empty():
        return empty("No gains")
    figure = Figure(figsize=(WIDE, 3.6))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    handles = []
    pairs = table.partition_by("worse", "better", as_dict=True, maintain_order=True)
    for ((worse, better), rows), colour in zip(pairs.items(), cycle(DATA_COLOURS)):
        rows = rows.sort("compute")
        x, y = rows["compute"].to_numpy(), rows["gain"].to_numpy()
        axes.fill_between(
            x, rows["low"].to_numpy(), rows["high"].to_numpy(),
            color=PALETTE[colour], alpha=0.12, linewidth=0,
        )  # fmt: skip
        axes.plot(x, y, color=PALETTE[colour], linestyle=":")
        inside = ~rows["extrapolated"].to_numpy()
        axes.plot(x[inside], y[inside], color=PALETTE[colour], marker="o", markersize=4)
        text = f"{worse} to {better}".replace("_", " ")
        handles.append(Line2D([], [], color=PALETTE[colour], marker="o", markersize=4, label=text))
    axes.axhline(1, color=PALETTE["muted"], linewidth=0.8)
    axes.set_xlabel("Compute of the better recipe (FLOP)")
    axes.set_ylabel("Compute-equivalent gain (times)")
    handles.append(Line2D([], [], color=PALETTE["muted"], linestyle=":", label="extrapolated"))
    legend(figure, handles, 2)
    return settled(figure)


FIGURE = PageFigure(
    "sweep_gains",
    "Compute-equivalent gain between recipes against compute",
    sweep_gains,
    ("sweep_gains",),
)
