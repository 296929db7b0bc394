"""Score against scale in each study's estimate, with the law's lines of equal date."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.experiments.linear import ORIGIN
from algoprog.experiments.metrics import Metric
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import empty
from algoprog.report.figures.parts.style import (
    DATA_COLOURS,
    PALETTE,
    WIDE,
    settled,
    styled,
)

HEIGHT = 3.4  # inches of a study
DATES = 4  # lines of equal date, at most


@styled
def study_scores(growth: pl.DataFrame, systems: pl.DataFrame) -> Figure:
    """Draw the systems of each study's estimate by date, and the score its law expects then.

    Parameters
    ----------
    growth : the table `study_growth`.
    systems : the table `study_systems`.
    """
    estimates = growth.filter(pl.col("role") == "estimate")
    if estimates.is_empty():
        return empty("No studies")
    size = (WIDE, HEIGHT * len(estimates))
    figure = Figure(figsize=size)
    panels = figure.subplots(len(estimates), squeeze=False)[:, 0]
    for axes, row in zip(panels, estimates.iter_rows(named=True), strict=True):
        own = systems.filter(pl.col("study") == row["study"], pl.col("sample") == row["sample"])
        _panel(axes, row, own)
    return settled(figure)


def _panel(axes: Axes, row: dict[str, Any], systems: pl.DataFrame) -> None:
    x, years = systems["scale"].to_numpy(), systems["year"].to_numpy()
    dates = np.unique(np.round(np.linspace(years.min(), years.max(), DATES)))
    nearest = np.abs(years[:, None] - dates[None, :]).argmin(axis=1)
    colours = [PALETTE[DATA_COLOURS[i % len(DATA_COLOURS)]] for i in range(len(dates))]
    metric = Metric(row["metric"], row["unit"], row["transform"], row["floor"])
    along = np.geomspace(x.min(), x.max(), 60)
    axes.set_xscale("log")
    for i, date in enumerate(dates):
        y = row["level"] - row["elasticity"] * np.log(along) - row["rate"] * (date - ORIGIN)
        axes.plot(along, metric.scores(y), color=colours[i], linewidth=1.2)
        own = nearest == i
        score = systems["score"].to_numpy()[own]
        axes.scatter(x[own], score, s=18, c=colours[i], edgecolors=PALETTE["surface"], zorder=3)
    unit = {"percent": " (%)", "none": "", "fraction": ""}.get(row["unit"], f" ({row['unit']})")
    axes.set_xlabel(f"{row['scale'].replace('_', ' ').capitalize()}")
    axes.set_ylabel(f"{row['score'].replace('_', ' ').capitalize()}{unit}")
    handles = [
        Line2D([], [], color=colours[i], marker="o", markersize=4, label=f"{date:.0f}")
        for i, date in enumerate(dates)
    ]
    axes.legend(handles=handles, frameon=False, ncols=len(handles), loc="upper right")


FIGURE = PageFigure(
    "study_scores",
    "Score against scale of other benchmarks, with lines of equal date",
    study_scores,
    ("study_growth", "study_systems"),
)
