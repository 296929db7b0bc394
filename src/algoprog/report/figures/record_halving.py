"""The halving times of all tracks on one axis."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import Ruled, beside, empty, lanes, legend, marker_key
from algoprog.report.figures.parts.rows import Limits, Row, number
from algoprog.report.figures.parts.style import PALETTE, settled, styled

TICKS = (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
WIDEST = 3.0  # the axis reaches this factor beyond the estimates; ends further out are arrowheads


@styled
def record_halving(rates: pl.DataFrame) -> Figure:
    """Draw a line for each track: its halving time with the 95 % intervals A and B.

    Tracks on one machine come first; below the rule the cost holds hardware and prices too. Thin
    bars are calendar fifths, thick ones the interval given the effort there was.

    Parameters
    ----------
    rates : the table `record_rates`.
    """
    rows = (
        rates.filter((pl.col("variant") == "headline") & pl.col("halving_months").is_not_null())
        .sort(["hardware_fixed", "halving_months"], descending=[True, False])
        .to_dicts()
    )
    if not rows:
        return empty("No halving time")
    figure, axes = lanes(len(rows), 0.27)
    limits = _limits(rows)
    ruled = Ruled(axes, limits)
    for place, row in enumerate(rows):
        colour = "blue" if row["hardware_fixed"] else "gold"
        for name, width in (("fifths", 1.1), ("effort", 3.2)):
            ruled.bar(place, _ends(row, name), PALETTE[colour], width)
        words = f"{row['halving_months']:.3g} months from {row['n']} gains"
        ruled.mark(place, math.log2(row["halving_months"]), marker="o", markersize=5,
                   color=PALETTE[colour], markeredgecolor=PALETTE["ink"], markeredgewidth=0.6,
                   zorder=6, url=hover(_name(row), words))  # fmt: skip
        beside(axes, (1.01, place), f"{row['halving_months']:.3g}, n {row['n']}")
        if place and row["hardware_fixed"] != rows[place - 1]["hardware_fixed"]:
            axes.axhline(place - 0.5, color=PALETTE["muted"], linewidth=0.6)
    width = 46
    axes.set_yticks(range(len(rows)), [textwrap.shorten(_name(r), width, placeholder="…")
                                       for r in rows], parse_math=False)  # fmt: skip
    _axis(axes, limits)
    legend(figure, _keys(rows), 4)
    return settled(figure)


def _name(row: Row) -> str:
    flop = " (FLOP)" if row["measure"] == "training_compute" else ""
    return f"{row['title']}{flop}"


def _ends(row: Row, name: str) -> Limits:
    low, high = (number(row[f"halving_{name}_{end}"]) for end in ("low", "high"))
    return math.log2(low), math.log2(high)


def _limits(rows: Sequence[Row]) -> Limits:
    points = [math.log2(row["halving_months"]) for row in rows]
    room = math.log2(WIDEST)
    return min(points) - room, max(points) + room


def _axis(axes: Axes, limits: Limits) -> None:
    ticks = [tick for tick in TICKS if limits[0] <= math.log2(tick) <= limits[1]]
    axes.set_xlim(limits)
    axes.set_xticks([math.log2(tick) for tick in ticks], [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("Halving time of the cost (months, log)")


def _keys(rows: Sequence[Row]) -> list[Line2D]:
    kinds = {True: ("one machine", "blue"), False: ("hardware in the cost", "gold")}
    marks = [
        marker_key(label, marker="o", markersize=5, color=PALETTE[colour])
        for fixed, (label, colour) in kinds.items()
        if any(row["hardware_fixed"] == fixed for row in rows)
    ]
    bars = [
        Line2D([], [], color=PALETTE["ink"], linewidth=width, label=label)
        for label, width in (("95 %, calendar fifths", 1.1), ("95 %, given the effort", 3.2))
    ]
    return [*marks, *bars]


FIGURE = PageFigure(
    "record-halving",
    "Halving times of the cost of a fixed target, all tracks",
    record_halving,
    ("record_rates",),
)
