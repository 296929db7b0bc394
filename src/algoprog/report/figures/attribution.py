"""How much of the spread over specifications each choice has."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import SMALL, as_lanes, empty, legend
from algoprog.report.figures.parts.rows import Row, number
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled

RESULT_TITLES = {"rank": "Rank of growth", "growth": "Growth"}


@styled
def attribution(table: pl.DataFrame) -> Figure:
    """Draw the Shapley share of each choice in the spread, and inside it what it does alone.

    Parameters
    ----------
    table : the table `attribution`; its complete basis is shown, of the results rank and growth.
    """
    rows = [
        row
        for row in table.to_dicts()
        if row["basis"] == "complete" and math.isfinite(number(row["shapley"]))
    ]
    results = [name for name in RESULT_TITLES if any(r["result"] == name for r in rows)]
    if not results:
        return empty("Nothing varies between the specifications")
    by_result = {name: [r for r in rows if r["result"] == name] for name in results}
    order = [r["choice"] for r in sorted(by_result[results[0]], key=lambda r: -r["shapley"])]
    order = list(dict.fromkeys([*order, *(r["choice"] for r in rows)]))
    height = 0.95 + 0.27 * len(order) + 0.5
    figure = Figure(figsize=(WIDE, height))
    grid = figure.subplots(1, len(results), sharex=True, sharey=True, squeeze=False).ravel()
    most = max(number(r["shapley"]) for name in results for r in by_result[name])
    for axes, name in zip(grid, results, strict=True):
        _panel(axes, by_result[name], order)
        axes.set_title(f"{RESULT_TITLES[name]} (n = {by_result[name][0]['n']:,})")
        axes.set_xlim(0, 115 * max(most, 0.01))
    for axes in grid:
        axes.set_xlabel("Share of the variance (%)")
    handles = [
        Patch(facecolor=PALETTE["blue"], alpha=0.35, label="with its interactions (Shapley)"),
        Patch(facecolor=PALETTE["blue"], label="alone (first order)"),
    ]
    legend(figure, handles, 2)
    return settled(figure)


def _panel(axes: Axes, rows: Sequence[Row], order: Sequence[str]) -> None:
    """Draw the shares in the spread of a result, choices in `order`."""
    for row in rows:
        place, share = order.index(row["choice"]), 100 * row["shapley"]
        axes.barh(place, share, 0.66, color=PALETTE["blue"], alpha=0.35, linewidth=0)
        axes.barh(place, 100 * number(row["first_order"]), 0.3, color=PALETTE["blue"],
                  linewidth=0)  # fmt: skip
        axes.annotate(f"{share:.0f} %", (share, place), (3, 0), va="center",
                      fontsize=SMALL, textcoords="offset points")  # fmt: skip
    as_lanes(axes, len(order))
    axes.set_yticks(range(len(order)), [c.replace("_", " ") for c in order], parse_math=False)


FIGURE = PageFigure(
    "attribution",
    "Share of the spread over specifications that each choice has",
    attribution,
    ("attribution",),
)
