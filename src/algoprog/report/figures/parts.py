"""Parts that figures of growth rates share: lanes, marks, bars, and the axis with its months.

Values beyond an axis, infinite ones among them, are arrowheads at its edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType

from algoprog.report.figures.headline import NARROW, PALETTE, WIDE, month_ticks, settled

Row = Mapping[str, Any]
Limits = tuple[float, float]

SMALL = 7.5  # points; the size of what is written beside marks
LEVELS = ((95, 1.1), (50, 3.2))  # intervals and the widths of their bars (points)
STYLES: tuple[LineStyleType, ...] = ("-", "--", "-.", ":")


def number(value: Any) -> float:
    """A cell as a number; a blank is NaN."""
    return math.nan if value is None else float(value)


def ends(row: Row, level: int, prefix: str = "") -> Limits:
    """The interval of a row; NaN where it has none."""
    low, high = (row.get(f"{prefix}ci{level}_{end}") for end in ("low", "high"))
    return number(low), number(high)


def empty(text: str, narrow: bool) -> Figure:
    """A figure that says that there is nothing to show."""
    figure = Figure(figsize=(NARROW if narrow else WIDE, 0.8))
    figure.text(0.5, 0.5, text, ha="center", va="center", color=PALETTE["muted"])
    return settled(figure)


def lanes(number: int, height: float, narrow: bool) -> tuple[Figure, Axes]:
    """A figure of `number` lines of `height` inches, the first on top."""
    rest = 2.1 if narrow else 1.45  # axis and legend
    figure = Figure(figsize=(NARROW if narrow else WIDE, rest + height * number))
    axes = figure.add_subplot()
    axes.set_ylim(number - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    return figure, axes


def limits(inner: Iterable[float], outer: Iterable[float], beyond: float = 1.0) -> Limits:
    """An axis that holds the points `inner`, and ends of intervals `outer` as far as one can see.

    Points further from the median than ten times their median distance are left to arrowheads, and
    so are ends further from the points than `beyond` times the points' own span.
    """
    points = np.array([p for p in inner if math.isfinite(p)])
    if not len(points):
        return 0.0, 1.0
    distance = np.abs(points - np.median(points))
    near = points[distance <= (10 * np.median(distance) or math.inf)]
    low, high = float(near.min()), float(near.max())
    span = high - low or max(abs(high), 1e-12)
    ends = np.array([e for e in outer if math.isfinite(e)])
    if len(ends):
        low = min(low, max(float(ends.min()), low - beyond * span))
        high = max(high, min(float(ends.max()), high + beyond * span))
    room = 0.04 * (high - low or span)
    return low - room, high + room


def growth_limits(rows: Iterable[Row], points: Sequence[str], beyond: float = 1.0) -> Limits:
    """An axis for the growth columns `points` and the intervals of rows, 0 always on it."""
    rows = list(rows)
    low, high = limits(
        [number(row.get(name)) for row in rows for name in points],
        [end for row in rows for end in ends(row, 95, "growth_")],
        beyond,
    )
    return min(low, 0.0), max(high, 0.0)


def month_axis(axes: Axes, limits: Limits, narrow: bool, upright: bool = False) -> None:
    """Months written on an axis of growth; where growth is negative there is no progress."""
    low, high = limits
    places, labels = month_ticks(low, high, 0.045 if upright or not narrow else 0.1)
    text = "Doubling time (months)"
    if upright:
        axes.set_ylim(low, high)
        axes.set_yticks(places, labels)
        axes.set_ylabel(text)
    else:
        axes.set_xlim(low, high)
        axes.set_xticks(places, labels)
        axes.set_xlabel(f"{text}; faster to the right")
    if low < 0:
        shade: dict[str, Any] = {
            "color": PALETTE["grid"],
            "alpha": 0.55,
            "linewidth": 0,
            "zorder": 0,
        }
        edge: dict[str, Any] = {"color": PALETTE["muted"], "linewidth": 0.8, "zorder": 1}
        if upright:
            axes.axhspan(low, 0, **shade)
            axes.axhline(0, **edge)
        else:
            axes.axvspan(low, 0, **shade)
            axes.axvline(0, **edge)


def bars(
    axes: Axes, at: float, row: Row, limits: Limits, colour: str, prefix: str = "",
    upright: bool = False, scale: float = 1.0, median: bool = True,
) -> None:  # fmt: skip
    """The 95 and 50 % intervals of a row, and a tick at its median."""
    for level, width in LEVELS:
        bar(axes, at, ends(row, level, prefix), limits, PALETTE[colour], width * scale, upright)
    if median:
        mark(axes, at, row.get(f"{prefix}median"), limits, upright, marker="_" if upright else "|",
              markersize=6 + 2 * scale, markeredgewidth=1.5, color=PALETTE["ink"],
              zorder=5)  # fmt: skip


def bar(
    axes: Axes, at: float, ends: Limits, limits: Limits, colour: str, width: float,
    upright: bool = False,
) -> None:  # fmt: skip
    """A bar between two ends, cut at the axis; an arrowhead is where it goes on."""
    low, high = ends
    if math.isnan(low) or math.isnan(high):
        return
    shown = [min(max(end, limits[0]), limits[1]) for end in (low, high)]
    line = ([at] * 2, shown) if upright else (shown, [at] * 2)
    axes.plot(*line, color=colour, linewidth=width, solid_capstyle="butt", zorder=3)
    for end in (low, high):
        if not limits[0] <= end <= limits[1]:
            arrow(axes, at, end, limits, upright, colour)


def mark(
    axes: Axes, at: float, value: Any, limits: Limits, upright: bool = False, **look: Any
) -> None:
    """A mark at a value, an arrowhead at the edge of the axis beyond which it is, or nothing."""
    place = number(value)
    if math.isnan(place):
        return
    if not limits[0] <= place <= limits[1]:
        colour = look.get("markeredgecolor", look["color"])
        filled = look["color"] if look["color"] != PALETTE["surface"] else colour
        arrow(axes, at, place, limits, upright, filled, look.get("url"))
        return
    x, y = (at, place) if upright else (place, at)
    axes.plot(x, y, linestyle="none", clip_on=False, **look)


def arrow(
    axes: Axes, at: float, value: float, limits: Limits, upright: bool, colour: str,
    url: str | None = None,
) -> None:  # fmt: skip
    """An arrowhead at the edge of the axis beyond which a value is."""
    below = value < limits[0]
    edge = limits[0] if below else limits[1]
    marker = ("v" if below else "^") if upright else ("<" if below else ">")
    x, y = (at, edge) if upright else (edge, at)
    axes.plot(x, y, linestyle="none", marker=marker, markersize=5, color=colour,
              markeredgewidth=0, clip_on=False, zorder=6, url=url)  # fmt: skip


def dodge(number: int, width: float) -> list[float]:
    """Shifts of marks beside each other in one line."""
    if number < 2:
        return [0.0] * number
    return [float(x) for x in np.linspace(-width / 2, width / 2, number)]


def interval_keys(scale: float = 1.0) -> list[Line2D]:
    """Legend entries of the intervals."""
    return [
        Line2D([], [], color=PALETTE["ink"], linewidth=width * scale, label=f"{level} % interval")
        for level, width in reversed(LEVELS)
    ]


def legend(figure: Figure, handles: Sequence[Any], columns: int) -> None:
    """A legend below the figure, in so many columns at most."""
    figure.legend(handles=handles, loc="outside lower center", ncols=min(columns, len(handles)))
