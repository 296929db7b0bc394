"""How often intervals hold a known doubling time, by method, resampling and truth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import SMALL, dodge, empty, legend, marker_key
from algoprog.report.figures.parts.rows import Row, number
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled
from algoprog.report.inputs import Inputs
from algoprog.report.words import world
from algoprog.robustness.names import COVERED, INVERTED, UNPENALISED

Kind = tuple[str, str, str, str]  # estimator, what is resampled, definition of growth, method
Draws = tuple[str, str]  # estimator of the headline, and what it resamples

# Worlds in alphabetical order; more than these begin again.
WORLD_COLOURS = ("blue", "gold", "green", "purple", "sky")
# Monte-Carlo standard errors an error bar of a coverage has on each side.
ERRORS_SHOWN = 2.0


def judged(table: pl.DataFrame, draws: Draws) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each kind of interval that the page judges, by its name, in order.

    ``table`` is the table `coverage`; ``draws`` the headline's estimator and what it resamples.
    """
    kinds: dict[Kind, str] = {
        (*draws, "own_allocation", "percentile"): "own allocation, percentiles",
        (*draws, "own_allocation", UNPENALISED): "own allocation, without the penalty",
        (*draws, "closed_form", "percentile"): "closed form, percentiles",
        ("converged", "signs", "closed_form", INVERTED): "closed form, set by inversion",
    }
    every = table.sort("doubling_months", "world").to_dicts()
    found = {name: [row for row in every if _kind(row) == kind] for kind, name in kinds.items()}
    return {name: rows for name, rows in found.items() if rows}


@styled
def coverage(table: pl.DataFrame, draws: Draws) -> Figure:
    """Draw coverage against the true doubling time, a panel for each level and judged interval.

    Bars are two Monte-Carlo standard errors on either side, cut at 0 and 100 %; the dashed line is
    the nominal level. The colour of a mark is the world that the data are of.

    Parameters
    ----------
    table : the table `coverage`.
    draws : the headline's estimator, and what it resamples.
    """
    panels = judged(table, draws)
    if not panels:
        return empty("No interval that is judged was simulated")
    truths = sorted(set(table["doubling_months"]))
    shape = (len(COVERED), len(panels))
    figure = Figure(figsize=(WIDE, 1.1 + 1.75 * shape[0]))
    grid = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False)
    shares = [100.0]
    colours = _colours([row for rows in panels.values() for row in rows])
    for (i, level), (j, (name, rows)) in product(enumerate(COVERED), enumerate(panels.items())):
        axes = grid[i, j]
        shares += _panel(axes, rows, level, truths, colours)
        if i == 0:
            axes.set_title(name.replace(", ", ",\n"), fontsize=SMALL)
        if j == 0:
            axes.set_ylabel(f"Coverage of {level} %\nintervals (%)")
    for axes in grid.ravel():
        axes.set_ylim(max(0.0, min(shares) - 4), 102)
    for axes in grid[-1]:
        axes.set_xlabel("True doubling\ntime (months)")
    legend(figure, _keys(colours), 3)
    return settled(figure)


def _kind(row: Row) -> Kind:
    return row["estimator"], row["resampling"], row["definition"], row["method"]


def _colours(rows: Sequence[Row]) -> dict[str, str]:
    """Return the colour of each world."""
    worlds = sorted({row["world"] for row in rows})
    return {name: PALETTE[WORLD_COLOURS[i % len(WORLD_COLOURS)]] for i, name in enumerate(worlds)}


def _panel(
    axes: Axes,
    rows: Sequence[Row],
    level: int,
    truths: Sequence[Any],
    colours: Mapping[str, str],
) -> list[float]:
    """Draw the coverage of a level's intervals, and return it (%)."""
    shown = []
    axes.axhline(level, color=PALETTE["ink"], linewidth=0.9, linestyle="--", zorder=2)
    worlds = [name for name in colours if any(row["world"] == name for row in rows)]
    for name, shift in zip(worlds, dodge(len(worlds), 0.7), strict=True):
        for row in (row for row in rows if row["world"] == name):
            share = 100 * number(row[f"coverage{level}"])
            if math.isnan(share):
                continue
            shown.append(share)
            half = ERRORS_SHOWN * 100 * number(row[f"coverage{level}_error"])
            x = truths.index(row["doubling_months"]) + shift
            ends = [max(share - half, 0.0), min(share + half, 100.0)]
            axes.plot([x, x], ends, color=colours[name], linewidth=1.0, zorder=3)
            axes.plot(x, share, marker="o", markersize=3.8, color=colours[name],
                      markeredgecolor=PALETTE["ink"], markeredgewidth=0.4, zorder=4,
                      clip_on=False)  # fmt: skip
    axes.set_xticks(range(len(truths)), [_truth(t) for t in truths])
    axes.set_xlim(-0.5, len(truths) - 0.5)
    axes.grid(axis="x", visible=False)
    return shown


def _keys(colours: Mapping[str, str]) -> list[Any]:
    nominal = Line2D([], [], color=PALETTE["ink"], linewidth=0.9, linestyle="--", label="promised")
    return [
        *(
            marker_key(world(name), marker="o", markersize=4, color=colour,
                       markeredgecolor=PALETTE["ink"], markeredgewidth=0.4)
            for name, colour in colours.items()
        ),
        nominal,
    ]  # fmt: skip


def _truth(months: Any) -> str:
    value = number(months)
    return "∞" if math.isinf(value) else f"{value:g}"


def _given(inputs: Inputs) -> tuple[Draws]:
    return ((inputs.converged.estimator, inputs.converged.resampling),)


FIGURE = PageFigure(
    "coverage",
    "Coverage of intervals by true doubling time and world",
    coverage,
    ("coverage",),
    _given,
)
