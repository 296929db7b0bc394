"""Loss against compute by recipe: checkpoints on the frontiers and laws over their range."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import STYLES, empty, legend
from algoprog.report.figures.parts.style import (
    DATA_COLOURS,
    PALETTE,
    WIDE,
    settled,
    styled,
)

BEST = "best"  # of all protocols of learning rates


@styled
def sweep_frontiers(table: pl.DataFrame, checkpoints: pl.DataFrame | None = None) -> Figure:
    """Draw each recipe's frontier, whole for the best of all protocols, broken for each alone.

    Parameters
    ----------
    table : the table `sweep_frontiers`.
    checkpoints : the table `sweep_checkpoints`, whose losses are dots under the lines.
    """
    if table.is_empty():
        return empty("No frontiers")
    figure = Figure(figsize=(WIDE, 3.6))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    recipes = list(dict.fromkeys(table["recipe"]))
    protocols = [name for name in dict.fromkeys(table["protocol"]) if name != BEST]
    style = {BEST: "-", **dict(zip(protocols, cycle(STYLES[1:])))}
    colour = dict(zip(recipes, cycle(DATA_COLOURS)))
    points = table.head(0) if checkpoints is None else checkpoints
    for recipe in recipes if checkpoints is not None else ():
        front = points.filter(pl.col("recipe") == recipe)
        axes.scatter(
            front["compute"].to_numpy(), front["loss"].to_numpy(), s=9, linewidths=0,
            c=PALETTE[colour[recipe]], alpha=0.45,
        )  # fmt: skip
    for row in table.iter_rows(named=True):
        x = np.geomspace(row["low"], row["high"], 50)
        axes.plot(
            x, row["E"] + row["A"] * x ** -row["b"], color=PALETTE[colour[row["recipe"]]],
            linestyle=style[row["protocol"]], linewidth=1.8 if row["protocol"] == BEST else 1.0,
        )  # fmt: skip
    axes.set_xlabel("Compute (FLOP)")
    axes.set_ylabel("Loss (nats per token)")
    handles = [
        Line2D([], [], color=PALETTE[colour[name]], label=name.replace("_", " "))
        for name in recipes
    ]
    handles += [
        Line2D([], [], color=PALETTE["muted"], linestyle=style[name], label=f"protocol {name}")
        for name in (BEST, *protocols)
    ]
    legend(figure, handles, 3)
    return settled(figure)


FIGURE = PageFigure(
    "sweep_frontiers",
    "Loss against compute on the frontier of each recipe",
    sweep_frontiers,
    ("sweep_frontiers", "sweep_checkpoints"),
)
