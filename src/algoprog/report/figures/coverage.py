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
from algoprog.robustness.names import COVERED, INVERTED, UNPENALISED

Cell = tuple[str, str, str]  # estimator, what is resampled, definition of growth

METHOD_LOOKS = {
    **{"percentile": "o", "basic": "s", "studentised": "^", "bca": "D"},
    **{INVERTED: "P", UNPENALISED: "v"},
}
METHOD_NAMES = {"bca": "BCa", UNPENALISED: "without the penalty"}
# Worlds in alphabetical order; more than these begin again.
WORLD_COLOURS = ("blue", "gold", "green", "purple", "sky")
# Monte-Carlo standard errors an error bar of a coverage has on each side.
ERRORS_SHOWN = 2.0


@styled
def coverage(table: pl.DataFrame) -> Figure:
    """Draw coverage against the true doubling time, a panel for each level and estimator.

    Bars are two Monte-Carlo standard errors on either side, cut at 0 and 100 %; the dashed line is
    the nominal level. A mark's form is the method, its colour the world that the data are of.

    Parameters
    ----------
    table : the table `coverage`.
    """
    rows = table.sort("doubling_months").to_dicts()
    if not rows:
        return empty("No cell simulated")
    cells = sorted(
        {_cell(r) for r in rows},
        key=lambda cell: (cell[0] == "published", cell[1] == "rows", cell[1] == "signs", cell),
    )
    truths = list(dict.fromkeys(r["doubling_months"] for r in rows))
    shape = (len(COVERED), len(cells))
    height = 0.95 + 1.75 * shape[0]
    figure = Figure(figsize=(WIDE, height))
    grid = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False)
    shares = [100.0]
    colours = _colours(rows)
    for (i, level), (j, cell) in product(enumerate(COVERED), enumerate(cells)):
        axes = grid[i, j]
        here = [r for r in rows if _cell(r) == cell]
        shares += _panel(axes, here, level, truths, colours)
        if i == 0:
            sets = sorted({r["n_data_sets"] for r in here})
            axes.set_title(_cell_title(cell, sets), fontsize=SMALL)
        if j == 0:
            axes.set_ylabel(f"Coverage of {level} %\nintervals (%)")
    for axes in grid.ravel():
        axes.set_ylim(max(0.0, min(shares) - 4), 102)
    for axes in grid[-1]:
        axes.set_xlabel("True doubling\ntime (months)")
    legend(figure, _keys(rows), 6)
    return settled(figure)


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
    kinds = [
        (method, world)
        for method in METHOD_LOOKS
        for world in colours
        if any(r["method"] == method and r["world"] == world for r in rows)
    ]
    axes.axhline(level, color=PALETTE["ink"], linewidth=0.9, linestyle="--", zorder=2)
    for (method, world), shift in zip(kinds, dodge(len(kinds), 0.7), strict=True):
        marker, colour = METHOD_LOOKS[method], colours[world]
        for row in (r for r in rows if (r["method"], r["world"]) == (method, world)):
            share = 100 * number(row[f"coverage{level}"])
            if math.isnan(share):
                continue
            shown.append(share)
            half = ERRORS_SHOWN * 100 * number(row[f"coverage{level}_error"])
            x = truths.index(row["doubling_months"]) + shift
            ends = [max(share - half, 0.0), min(share + half, 100.0)]
            axes.plot([x, x], ends, color=colour, linewidth=1.0, zorder=3)
            axes.plot(x, share, marker=marker, markersize=3.8, color=colour,
                      markeredgecolor=PALETTE["ink"], markeredgewidth=0.4, zorder=4,
                      clip_on=False)  # fmt: skip
    axes.set_xticks(range(len(truths)), [_truth(t) for t in truths])
    axes.set_xlim(-0.5, len(truths) - 0.5)
    axes.grid(axis="x", visible=False)
    return shown


def _keys(rows: Sequence[Row]) -> list[Any]:
    shown = [m for m in METHOD_LOOKS if any(r["method"] == m for r in rows)]
    nominal = Line2D([], [], color=PALETTE["ink"], linewidth=0.9, linestyle="--", label="nominal")
    return [
        *(
            marker_key(METHOD_NAMES.get(m, m), marker=METHOD_LOOKS[m], markersize=4,
                       color=PALETTE["muted"], markeredgecolor=PALETTE["ink"], markeredgewidth=0.4)
            for m in shown
        ),
        *(
            Line2D([], [], color=colour, linewidth=3, label=world.replace("_", " "))
            for world, colour in _colours(rows).items()
        ),
        nominal,
    ]  # fmt: skip


def _cell(row: Row) -> Cell:
    return row["estimator"], row["resampling"], row["definition"]


def _cell_title(cell: Cell, sets: Sequence[int]) -> str:
    estimator, resampling, definition = cell
    what = f"{estimator}, {resampling}"
    if resampling == "signs":
        what = "inverted"
    if estimator == "converged" and resampling == "papers":
        what = f"{resampling}, {definition.replace('_', ' ')}"
    count = "–".join(f"{n:,}" for n in dict.fromkeys((sets[0], sets[-1])))
    return f"{what} ({count})"


def _truth(months: Any) -> str:
    value = number(months)
    return "∞" if math.isinf(value) else f"{value:g}"


FIGURE = PageFigure(
    "coverage",
    "Coverage of intervals by true doubling time, resampling and method",
    coverage,
    ("coverage",),
)
