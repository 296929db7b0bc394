"""Physical compute, algorithmic gain and their product, each relative to the first year."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullLocator

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import empty, legend, name_ends
from algoprog.report.figures.parts.rows import Array, ends, number
from algoprog.report.figures.parts.style import (
    ESTIMATOR_COLOURS,
    PALETTE,
    WIDE,
    settled,
    styled,
)

TITLES = {"converged": "Converged", "published": "Published procedure"}
# Label, colour and style of each line.
LOOKS = {
    "physical": ("physical", "muted", "--"),
    "algorithmic": ("algorithmic", "blue", "-"),
    "effective": ("effective", "ink", "-."),
}


@styled
def effective_compute(table: pl.DataFrame) -> Figure:
    """Draw a panel for each estimator, by year.

    Parameters
    ----------
    table : the table `effective_compute`; the band is the 95 % interval of the algorithmic gain.
    """
    estimators = [name for name in ESTIMATOR_COLOURS if name in set(table["estimator"])]
    if not estimators:
        return empty("No growth of effective compute")
    figure = Figure(figsize=(WIDE, 3.6))
    grid = figure.subplots(
        1, len(estimators), sharex=True, sharey=True,
        squeeze=False,
    ).ravel()  # fmt: skip
    for axes, estimator in zip(grid, estimators, strict=True):
        rows = table.filter(pl.col("estimator") == estimator).sort("year")
        years = rows["year"].to_numpy().astype(float)
        _band(axes, rows, years)
        axes.set_yscale("log")
        last = _lines(axes, rows, years)
        axes.set_title(TITLES[estimator])
        axes.set_xlim(years.min(), years.max() + 0.34 * max(np.ptp(years), 1.0))
        axes.set_xticks(years[:: max(1, len(years) // 5)])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.set_ylabel(f"Relative to {years[0]:.0f}")
        if axes is not grid[0]:
            axes.set_ylabel("")
        axes.set_xlabel("Year")
        axes.autoscale_view()
        name_ends(axes, last, 0.06)
    band = "95 % interval of the algorithmic gain"
    legend(figure, [Patch(facecolor=PALETTE["blue"], alpha=0.25, label=band)], 1)
    return settled(figure)


def _band(axes: Axes, rows: pl.DataFrame, years: Array) -> None:
    """Draw the interval of the algorithmic gain where it has one."""
    band = np.array([ends(row, 95) for row in rows.iter_rows(named=True)])
    shown = np.isfinite(band).all(axis=1) & (band > 0).all(axis=1)
    axes.fill_between(
        years, band[:, 0], band[:, 1], where=shown, color=PALETTE["blue"], alpha=0.18,
        linewidth=0,
    )  # fmt: skip
    for edge in band.T:
        axes.plot(years[shown], edge[shown], color=PALETTE["blue"], linewidth=0.6, alpha=0.7)


def _lines(axes: Axes, rows: pl.DataFrame, years: Array) -> list[tuple[float, float, str]]:
    """Draw each quantity, and return where its line ends, with its name."""
    last = []
    for name, (label, colour, style) in LOOKS.items():
        values = np.array([number(v) for v in rows[name]])
        relative = values / values[0] if 0 < values[0] < math.inf else values
        finite = np.isfinite(relative) & (relative > 0)
        if finite.any():
            axes.plot(
                years[finite], relative[finite], linestyle=style, color=PALETTE[colour],
                marker="o" if finite.sum() == 1 else None,
            )  # fmt: skip
            last.append((years[finite][-1], relative[finite][-1], label))
    return last


FIGURE = PageFigure(
    "effective-compute",
    "Physical compute, algorithmic gain and effective compute by year",
    effective_compute,
    ("effective_compute",),
)
