"""How fast loss falls with compute by size of system, in the record and by the sweeps' laws."""

from __future__ import annotations

from itertools import cycle

import numpy as np
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

MARKERS = ("o", "s", "^", "D", "v", "P")


@styled
def sweep_scale(table: pl.DataFrame) -> Figure:
    """Draw the elasticity of every law at each system, hollow beyond the sweep's runs.

    Parameters
    ----------
    table : the table `sweep_scale`.
    """
    if table.is_empty():
        return empty("No elasticities")
    figure = Figure(figsize=(WIDE, 3.4))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    laws = sorted(dict.fromkeys(table["law"]), key=lambda name: name != "record")
    handles = []
    for law, colour, marker in zip(laws, cycle(DATA_COLOURS), cycle(MARKERS)):
        rows = table.filter(pl.col("law") == law).with_columns(
            compute=6 * pl.col("parameters") * pl.col("tokens")
        ).sort("compute")  # fmt: skip
        x, y = rows["compute"].to_numpy(), rows["elasticity"].to_numpy()
        beyond = rows["extrapolated"].to_numpy()
        faces = np.where(beyond, PALETTE["surface"], PALETTE[colour])
        axes.plot(x, y, color=PALETTE[colour], linewidth=1.8 if law == "record" else 0.8)
        axes.scatter(x, y, s=22, c=faces, edgecolors=PALETTE[colour], marker=marker, zorder=4)
        text = law.replace("_", " ")
        handles.append(
            Line2D([], [], color=PALETTE[colour], marker=marker, markersize=4, label=text)
        )
    axes.set_xlabel("Compute of the system, 6·N·D (FLOP)")
    axes.set_ylabel("Fall of loss with ln compute (nats)")
    legend(figure, handles, 4)
    return settled(figure)


FIGURE = PageFigure(
    "sweep_scale",
    "Elasticity of loss with compute by size of system: the record and the sweeps",
    sweep_scale,
    ("sweep_scale",),
)
