"""What the best split of compute saves over the baseline's, against compute."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from itertools import cycle

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.typing import LineStyleType

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import SMALL, STYLES, empty, legend
from algoprog.report.figures.parts.names import short_name
from algoprog.report.figures.parts.rows import Row, number
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled

# Column, label, colour and marker of each line.
COLUMNS = (
    ("gain", "saved at this compute", "blue", "o"),
    ("extra_compute", "needed more to match the best split", "vermillion", "s"),
)


@styled
def allocation(table: pl.DataFrame) -> Figure:
    """Draw lines of the baseline's rule of splitting, and marks of systems.

    Parameters
    ----------
    table : the table `allocation`; systems have no ``extra_compute``.
    """
    if table.is_empty():
        return empty("No split of compute")
    figure = Figure(figsize=(WIDE, 3.4))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    laws = list(dict.fromkeys(table["law"]))
    handles: list[Line2D] = []
    for law, style in zip(laws, cycle(STYLES)):
        rows = table.filter(pl.col("law") == law).sort("compute").to_dicts()
        rule = [row for row in rows if row["extra_compute"] is not None]
        if rule:
            of = f" ({short_name(law)})" if len(laws) > 1 else ""
            handles += _rule(axes, rule, style, of)
        for row in rows:
            if row["extra_compute"] is None and math.isfinite(number(row["gain"])):
                _system(axes, row)
    axes.axhline(1, color=PALETTE["muted"], linewidth=0.8)
    axes.margins(x=0.12, y=0.08)
    axes.xaxis.set_major_locator(LogLocator(numticks=9))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.set_xlabel("Training compute (FLOP)")
    axes.set_ylabel("Factor of compute")
    if handles:
        legend(figure, handles, 2)
    return settled(figure)


def _rule(axes: Axes, rows: Sequence[Row], style: LineStyleType, of: str) -> list[Line2D]:
    """Draw the lines of a rule of splitting, and return their keys."""
    keys = []
    for column, label, colour, marker in COLUMNS:
        axes.plot(
            [row["compute"] for row in rows], [number(row[column]) for row in rows],
            color=PALETTE[colour], linestyle=style, marker=marker, markersize=4,
        )  # fmt: skip
        text = textwrap.fill(f"{short_name(rows[0]['system'])}: {label}{of}", 56)
        keys.append(
            Line2D([], [], color=PALETTE[colour], linestyle=style, marker=marker, markersize=4,
                   label=text)
        )  # fmt: skip
    return keys


def _system(axes: Axes, row: Row) -> None:
    """Draw a system's mark, with its name and what the best split would have saved."""
    axes.plot(
        row["compute"], row["gain"], marker="D", markersize=6, linestyle="none",
        color=PALETTE["ink"], markeredgecolor=PALETTE["surface"], zorder=5,
    )  # fmt: skip
    axes.annotate(
        f"{short_name(row['system'])} {row['gain']:.2f}×", (row["compute"], row["gain"]),
        (7, -3), textcoords="offset points", ha="left", va="top", fontsize=SMALL,
        parse_math=False,
    )  # fmt: skip


FIGURE = PageFigure(
    "allocation",
    "Compute-equivalent gain of the best split of compute",
    allocation,
    ("allocation",),
)
