"""The largest falls in compute at equal or better perplexity: from a system to a later system."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from algoprog.report.figures.direct_observation import KINDS
from algoprog.report.figures.parts.axes import dated
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import SMALL, empty
from algoprog.report.figures.parts.names import short_name, times
from algoprog.report.figures.parts.rows import Array, Row, days
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled


@styled
def compute_reductions(table: pl.DataFrame) -> Figure:
    """Draw an arrow for each fall, a panel for each kind of compute.

    Arrows go from the reference's date and compute to the successor's; their numbers are ranks in
    the list beside the panel, where † is a pair with a note.

    Parameters
    ----------
    table : the table `compute_reductions`.
    """
    kinds = [name for name in KINDS if name in set(table["compute"])]
    if not kinds:
        return empty("No fall in compute")
    rows = {k: table.filter(pl.col("compute") == k).sort("rank").to_dicts() for k in kinds}
    figure, grid = _grid(len(kinds), 0.3 * max(map(len, rows.values())))
    for (axes, aside), kind in zip(grid, kinds, strict=True):
        _arrows(axes, rows[kind], PALETTE[KINDS[kind][0]], 0.045)
        axes.set_title(f"{kind.capitalize()} compute")
        axes.set_ylabel("Training compute (FLOP)")
        axes.set_xlabel("Date of publication")
        dated(axes, 6)
        aside.set_axis_off()
        aside.text(
            0, 1, "\n".join(map(_listed, rows[kind])), transform=aside.transAxes, va="top",
            fontsize=SMALL, linespacing=1.25, parse_math=False,
        )  # fmt: skip
    return settled(figure)


def _grid(kinds: int, listed: float) -> tuple[Figure, Any]:
    """Return a figure with an axes and room for a list (of so many inches) for each kind."""
    figure = Figure(figsize=(WIDE, kinds * max(2.8, listed + 0.5)))
    ratios = {"width_ratios": [1.25, 1]}
    return figure, figure.subplots(kinds, 2, squeeze=False, gridspec_kw=ratios)


def _arrows(axes: Axes, rows: Sequence[Row], colour: str, apart: float) -> None:
    """Draw the falls, each with its rank; ranks at least `apart` of the axis apart."""
    starts, ends = (
        days(pl.Series([row[f"{part}_published"] for row in rows]))
        for part in ("reference", "successor")
    )
    for row, start, end in zip(rows, starts, ends, strict=True):
        axes.annotate(
            "", (end, row["successor_compute"]), (start, row["reference_compute"]),
            arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 0.9,
                        "shrinkA": 0, "shrinkB": 0, "alpha": 0.75},
        )  # fmt: skip
        axes.plot(
            start, row["reference_compute"], marker="o", markersize=4, color=colour,
            url=hover(
                f"{row['reference']} ({row['reference_published']})",
                f"→ {row['successor']} ({row['successor_published']})",
                f"{times(row['ratio'])} less compute",
            ),
        )  # fmt: skip
    # arrows do not count for the limits of the axes, so their ends are put on them unseen
    axes.plot(ends, [row["successor_compute"] for row in rows], linestyle="none")
    axes.set_yscale("log")
    axes.margins(x=0.08, y=0.1)
    axes.yaxis.set_minor_locator(NullLocator())
    _number_starts(axes, rows, starts, apart)


def _number_starts(axes: Axes, rows: Sequence[Row], starts: Array, apart: float) -> None:
    """Write ranks left of the starts of arrows, downwards where one would cover another."""
    (left, right), (bottom, top) = axes.get_xlim(), np.log(axes.get_ylim())
    taken: list[tuple[float, float]] = []
    for row, start in sorted(
        zip(rows, starts, strict=True), key=lambda pair: -pair[0]["reference_compute"]
    ):
        x = (start - left) / (right - left)
        y = (math.log(row["reference_compute"]) - bottom) / (top - bottom)
        y = min([y, *(v - apart for u, v in taken if abs(x - u) < apart)])
        taken.append((x, y))
        axes.annotate(
            f"{row['rank']}", (start, math.exp(bottom + y * (top - bottom))), (-4, 0),
            textcoords="offset points", ha="right", va="center", fontsize=SMALL,
        )  # fmt: skip


def _listed(row: Row) -> str:
    note = " †" if row["note"] else ""
    return (
        f"{row['rank']:>2}  {short_name(row['reference'])}\n"
        f"     → {short_name(row['successor'])}, {times(row['ratio'])}{note}"
    )


FIGURE = PageFigure(
    "compute-reductions",
    "Largest falls in compute at equal or better perplexity",
    compute_reductions,
    ("compute_reductions",),
)
