"""What leaving out each of the most influential papers, and records, does to the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.common.numbers import months
from algoprog.report.figures.parts.axes import MONTHS_LABEL, limits, near_month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import (
    SMALL,
    Ruled,
    as_lanes,
    beside,
    empty,
    legend,
    marker_key,
)
from algoprog.report.figures.parts.names import two_lines
from algoprog.report.figures.parts.rows import Row, number
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled

MOST_INFLUENTIAL = 10
UNIT_TITLES = {"paper": "Without one paper", "record": "Without one record"}


@styled
def influence(table: pl.DataFrame) -> Figure:
    """Draw the change of growth without each of the most influential units, a panel a kind.

    A line goes from growth on the whole sample to that without the unit; the change in months
    stands at the right, ``∞`` where no progress is left.

    Parameters
    ----------
    table : the table `influence`.
    """
    units = [u for u in UNIT_TITLES if u in set(table["unit"])]
    if not units:
        return empty("No unit left out")
    top = table.filter(pl.col("rank") <= MOST_INFLUENTIAL)
    rows = {u: top.filter(pl.col("unit") == u).sort("rank").to_dicts() for u in units}
    every = [row for unit in rows.values() for row in unit]
    ends = limits(
        [number(row["growth_without"]) for row in every] + [number(every[0]["growth_point"])], []
    )
    height = 1.2 + sum(0.3 * len(unit) + 0.35 for unit in rows.values())
    figure = Figure(figsize=(WIDE, height))
    ratios = [max(len(unit), 1) for unit in rows.values()]
    grid = figure.subplots(len(units), 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
    for axes, unit in zip(grid, units, strict=True):
        _panel(Ruled(axes, ends), rows[unit], UNIT_TITLES[unit])
    grid[-1].set_xlabel(MONTHS_LABEL)
    legend(figure, _keys(every), 3)
    return settled(figure)


def _panel(ruled: Ruled, rows: Sequence[Row], title: str) -> None:
    """Draw the units of a kind, the most influential on top."""
    for place, row in enumerate(rows):
        _change(ruled, place, row)
    axes, start = ruled.axes, number(rows[0]["growth_point"])
    if math.isfinite(start):
        axes.axvline(start, color=PALETTE["blue"], linewidth=0.8, linestyle=":", zorder=1)
    as_lanes(axes, len(rows))
    axes.set_yticks(
        range(len(rows)),
        [two_lines(row["name"], 42) for row in rows],
        fontsize=SMALL - 0.5,
        parse_math=False,
    )
    error = number(rows[0]["jackknife_error"])
    said = f"; jackknife standard error of growth {error:.2f} per year"
    axes.set_title(title + said)
    near_month_axis(axes, ruled.limits)


def _change(ruled: Ruled, place: int, row: Row) -> None:
    """Draw growth on the whole sample and without a unit, and write the months between."""
    start, end = number(row["growth_point"]), number(row["growth_without"])
    colour = PALETTE["vermillion"]
    inside = [min(max(x, ruled.limits[0]), ruled.limits[1]) for x in (start, end)]
    if math.isfinite(start) and not math.isnan(end):
        ruled.axes.plot(inside, [place] * 2, color=colour, linewidth=1.4, zorder=3)
    ruled.mark(place, end, marker="o", markersize=4.5, zorder=5, markeredgewidth=0.9,
               color=colour if row["converged"] else PALETTE["surface"], markeredgecolor=colour,
               url=hover(f"without {row['name']}",
                         f"{months(row['doubling_without'])} months"))  # fmt: skip
    change = number(row["change_months"])
    text = "–" if math.isnan(change) else f"{change:+.2f}".replace("inf", "∞").replace("-", "−")
    beside(ruled.axes, (1.04, place), f"{text} months" if place == 0 else text)


def _keys(rows: Sequence[Row]) -> list[Any]:
    vermillion = PALETTE["vermillion"]
    keys = [
        Line2D([], [], color=PALETTE["blue"], linewidth=0.8, linestyle=":", label="whole sample"),
        marker_key("without it", marker="o", markersize=4.5, color=vermillion),
    ]
    hollow = marker_key("without it, not certified", marker="o", markersize=4.5,
                        color=PALETTE["surface"], markeredgecolor=vermillion)  # fmt: skip
    return keys if all(row["converged"] for row in rows) else [*keys, hollow]


FIGURE = PageFigure(
    "influence",
    "Change of the doubling time without each of the most influential papers and records",
    influence,
    ("influence",),
)
