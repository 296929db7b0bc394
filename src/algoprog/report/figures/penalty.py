"""Doubling time against the weight of the penalty, by definition, units and origins."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.report.figures.parts.axes import limits, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import empty, legend
from algoprog.report.figures.parts.rows import Limits, number
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled

DEFINITIONS = {"closed_form": "Closed form", "own_allocation": "At the records’ own allocation"}
Look = tuple[str, str, str]
# What each setting, by the converged estimator or the paper's procedure, is called and looks like.
LOOKS: dict[tuple[str, str], Look] = {
    ("as_fitted", "converged"): ("as fitted", "blue", "o"),
    ("as_fitted", "published"): ("published procedure", "vermillion", "D"),
    ("decades", "converged"): ("t in decades", "gold", "s"),
    ("means", "converged"): ("from means", "purple", "^"),
    ("counts", "converged"): ("ln N, ln D themselves", "sky", "v"),
    ("slopes", "converged"): ("levels free", "green", "P"),
    ("standardised", "converged"): ("levels free, standardised", "ink", "X"),
}


@styled
def penalty(table: pl.DataFrame) -> Figure:
    """Draw doubling time against delta, a panel for each definition and a line for each setting.

    Both panels have one axis of growth with the months that it means; delta stands at even steps.

    Parameters
    ----------
    table : the table `penalty`.
    """
    definitions = [name for name in DEFINITIONS if table[f"growth_{name}"].is_not_null().any()]
    if not definitions:
        return empty("No doubling time")
    deltas = sorted(set(table["delta"].to_list()))
    growth = [number(g) for name in definitions for g in table[f"growth_{name}"].to_list()]
    low, high = limits(growth, [])
    ends = (min(low, 0.0), high)
    figure = Figure(figsize=(WIDE, 3.7))
    grid = figure.subplots(1, len(definitions), sharex=True, sharey=True, squeeze=False).ravel()
    for axes, name in zip(grid, definitions, strict=True):
        _panel(axes, table, name, deltas)
        axes.set_title(DEFINITIONS[name])
        _axes(axes, deltas, ends)
    for axes in grid[1:]:
        axes.set_ylabel("")
    there = {(row["setting"], row["estimator"]) for row in table.iter_rows(named=True)}
    legend(figure, [_key(look) for key, look in LOOKS.items() if key in there], 4)
    return settled(figure)


def _axes(axes: Axes, deltas: list[float], ends: Limits) -> None:
    month_axis(axes, ends, upright=True)
    axes.set_xticks(range(len(deltas)), [f"{delta:g}" for delta in deltas])
    axes.set_xlabel("Weight of the penalty δ")
    axes.set_xlim(-0.3, len(deltas) - 0.7)


def _panel(axes: Axes, table: pl.DataFrame, name: str, deltas: list[float]) -> None:
    """Draw the settings' lines of one definition."""
    for (setting, estimator), (label, colour, marker) in LOOKS.items():
        rows = table.filter(pl.col("setting") == setting, pl.col("estimator") == estimator).sort(
            "delta"
        )
        points = [
            (deltas.index(row["delta"]), number(row[f"growth_{name}"]))
            for row in rows.iter_rows(named=True)
        ]
        known = [(x, g) for x, g in points if math.isfinite(g)]
        if known:
            axes.plot(*zip(*known, strict=True), color=PALETTE[colour], marker=marker,
                      markersize=4, linewidth=1.2, url=hover(label), zorder=4)  # fmt: skip


def _key(look: Look) -> Any:
    label, colour, marker = look
    return Line2D([], [], color=PALETTE[colour], marker=marker, markersize=4, label=label)


FIGURE = PageFigure(
    "penalty",
    "Doubling time against the weight of the penalty, by definition, units and origins",
    penalty,
    ("penalty",),
)
