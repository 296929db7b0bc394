"""Marks that figures share: lanes, bars of intervals, points, and their keys.

Values beyond an axis, infinite ones among them, are arrowheads at its edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType

from algoprog.report.figures.parts.rows import Limits, Row, ends, number
from algoprog.report.figures.parts.style import (
    ESTIMATOR_COLOURS,
    PALETTE,
    SMALL_WIDE,
    WIDE,
    settled,
)

SMALL = 7.5  # points; the size of what is written beside marks
LEVELS = ((95, 1.1), (50, 3.2))  # intervals and the widths of their bars (points)
STYLES: tuple[LineStyleType, ...] = ("-", "--", "-.", ":")
# Behind a label that stands on lines.
CLEAR: dict[str, Any] = {
    "facecolor": PALETTE["surface"], "alpha": 0.75, "linewidth": 0, "pad": 0.8,
}  # fmt: skip


def empty(text: str, small: bool = False) -> Figure:
    """Return a figure that says that there is nothing to show."""
    figure = Figure(figsize=(SMALL_WIDE if small else WIDE, 0.8))
    figure.text(0.5, 0.5, text, ha="center", va="center", color=PALETTE["muted"])
    return settled(figure)


def lanes(number: int, height: float, small: bool = False) -> tuple[Figure, Axes]:
    """Return a figure of `number` lines of `height` inches, the first on top."""
    rest = 2.1 if small else 1.45  # axis and legend
    figure = Figure(figsize=(SMALL_WIDE if small else WIDE, rest + height * number))
    axes = figure.add_subplot()
    as_lanes(axes, number)
    return figure, axes


def as_lanes(axes: Axes, number: int) -> None:
    """Make an axes one of `number` lines, the first on top."""
    axes.set_ylim(number - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)


@dataclass(frozen=True)
class Ruled:
    """An axes on which values stand between limits; in an upright one they go upwards."""

    axes: Axes
    limits: Limits
    upright: bool = False

    def bars(
        self, at: float, row: Row, colour: str, prefix: str = "", scale: float = 1.0,
        median: bool = True,
    ) -> None:  # fmt: skip
        """Draw the 95 and 50 % intervals of a row, and a tick at its median."""
        for level, width in LEVELS:
            self.bar(at, ends(row, level, prefix), PALETTE[colour], width * scale)
        if median:
            self.mark(at, row.get(f"{prefix}median"), marker="_" if self.upright else "|",
                      markersize=6 + 2 * scale, markeredgewidth=1.5, color=PALETTE["ink"],
                      zorder=5)  # fmt: skip

    def bar(self, at: float, ends: Limits, colour: str, width: float) -> None:
        """Draw a bar between two ends, cut at the axis; an arrowhead is where it goes on."""
        low, high = ends
        if math.isnan(low) or math.isnan(high):
            return
        shown = [min(max(end, self.limits[0]), self.limits[1]) for end in (low, high)]
        line = ([at] * 2, shown) if self.upright else (shown, [at] * 2)
        self.axes.plot(*line, color=colour, linewidth=width, solid_capstyle="butt", zorder=3)
        for end in (low, high):
            if not self.limits[0] <= end <= self.limits[1]:
                self.arrow(at, end, colour)

    def mark(self, at: float, value: Any, **look: Any) -> None:
        """Draw a mark at a value, an arrowhead at the edge beyond which it is, or nothing."""
        place = number(value)
        if math.isnan(place):
            return
        if not self.limits[0] <= place <= self.limits[1]:
            colour = look.get("markeredgecolor", look["color"])
            filled = look["color"] if look["color"] != PALETTE["surface"] else colour
            self.arrow(at, place, filled, look.get("url"))
            return
        x, y = (at, place) if self.upright else (place, at)
        self.axes.plot(x, y, linestyle="none", clip_on=False, **look)

    def arrow(self, at: float, value: float, colour: str, url: str | None = None) -> None:
        """Draw an arrowhead at the edge of the axis beyond which a value is."""
        below = value < self.limits[0]
        edge = self.limits[0] if below else self.limits[1]
        marker = ("v" if below else "^") if self.upright else ("<" if below else ">")
        x, y = (at, edge) if self.upright else (edge, at)
        self.axes.plot(x, y, linestyle="none", marker=marker, markersize=5, color=colour,
                       markeredgewidth=0, clip_on=False, zorder=6, url=url)  # fmt: skip


def dodge(number: int, width: float) -> list[float]:
    """Return shifts of marks beside each other in a line."""
    if number < 2:
        return [0.0] * number
    return [float(x) for x in np.linspace(-width / 2, width / 2, number)]


def beside(axes: Axes, at: tuple[float, float], text: str, **look: Any) -> None:
    """Write beside a line: ``at`` is a share of the axes' width, and the line's place."""
    look.setdefault("va", "center")
    axes.annotate(text, at, xycoords=("axes fraction", "data"), fontsize=SMALL, **look)


def interval_keys(scale: float = 1.0) -> list[Line2D]:
    """Return the legend entries of the intervals."""
    return [
        Line2D([], [], color=PALETTE["ink"], linewidth=width * scale, label=f"{level} % interval")
        for level, width in reversed(LEVELS)
    ]


def estimator_keys(names: Sequence[str], width: float) -> list[Line2D]:
    """Return the legend entries of estimators, lines of their colours."""
    return [
        Line2D([], [], color=PALETTE[ESTIMATOR_COLOURS[name]], linewidth=width, label=name)
        for name in names
    ]


def marker_key(label: str, color: str = PALETTE["ink"], **marker: Any) -> Line2D:
    """Return a legend entry that is a marker alone."""
    return Line2D([], [], linestyle="none", color=color, label=label, **marker)


def legend(figure: Figure, handles: Sequence[Any], columns: int) -> None:
    """Put a legend below the figure, in so many columns at most."""
    figure.legend(handles=handles, loc="outside lower center", ncols=min(columns, len(handles)))


def name_ends(
    axes: Axes, ends: Sequence[tuple[float, float, str]], apart: float, left: bool = False
) -> None:
    """Name lines beside their ends, on a log axis, at least `apart` of its height apart."""
    bottom, top = np.log(axes.get_ylim())
    height = -math.inf
    for x, y, name in sorted(ends, key=lambda end: end[1]):
        height = max((math.log(y) - bottom) / (top - bottom), height + apart)
        axes.annotate(
            name, (x, math.exp(bottom + height * (top - bottom))), (-3 if left else 3, 0),
            textcoords="offset points", ha="right" if left else "left", va="center",
            fontsize=SMALL, annotation_clip=False, parse_math=False,
        )  # fmt: skip
