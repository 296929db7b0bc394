"""Axes that figures share: their limits, and growth with the months that it means.

The doubling time in months is 12 ln2 / g of growth g per year. An axis even in g has no pole: no
growth, an infinite doubling time, is an ordinary place of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib.dates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from algoprog.common.intervals import growth_of
from algoprog.report.figures.parts.rows import Limits, Row, ends, number
from algoprog.report.figures.parts.style import PALETTE

# Labels of an axis are at least this share of it apart; the second where it is short.
CLOSE, WIDE_APART = 0.045, 0.1
MONTHS_LABEL = "Doubling time (months); faster to the right"


def limits(inner: Iterable[float], outer: Iterable[float], beyond: float = 1.0) -> Limits:
    """Return an axis that holds points `inner`, and ends of intervals `outer` as far as one sees.

    Points further from the median than ten times their median distance are left to arrowheads, and
    so are ends further from the points than `beyond` times the span of the points.
    """
    points = np.array([p for p in inner if math.isfinite(p)])
    if not len(points):
        return 0.0, 1.0
    distance = np.abs(points - np.median(points))
    near = points[distance <= (10 * np.median(distance) or math.inf)]
    low, high = float(near.min()), float(near.max())
    span = high - low or max(abs(high), 1e-12)
    known = np.array([e for e in outer if math.isfinite(e)])
    if len(known):
        low = min(low, max(float(known.min()), low - beyond * span))
        high = max(high, min(float(known.max()), high + beyond * span))
    room = 0.04 * (high - low or span)
    return low - room, high + room


def growth_limits(rows: Iterable[Row], points: Sequence[str], beyond: float = 1.0) -> Limits:
    """Return an axis for the growth columns `points` and the intervals of rows, 0 always on it."""
    rows = list(rows)
    low, high = limits(
        [number(row.get(name)) for row in rows for name in points],
        [end for row in rows for end in ends(row, 95, "growth_")],
        beyond,
    )
    return min(low, 0.0), max(high, 0.0)


def month_ticks(low: float, high: float, apart: float) -> tuple[list[float], list[str]]:
    """Round doubling times, those in front first, at least `apart` of the axis from each other."""
    steps = [12, 6, 4, 3, 24, 8, 5, 2, 2.5, 1.5, 1, 48, 0.75, 0.5, 0.25, 0.1, 120, 600, 1e4]
    marks = [(0.0, "∞")]
    for months in [*steps, *(-months for months in steps)]:
        g = growth_of(months)
        if low <= g <= high and all(abs(g - other) > apart * (high - low) for other, _ in marks):
            marks.append((g, f"{months:g}".replace("-", "−")))
    return [g for g, _ in marks], [label for _, label in marks]


def month_axis(axes: Axes, limits: Limits, upright: bool = False, apart: float = CLOSE) -> None:
    """Write months on an axis of growth; where growth is negative there is no progress.

    Labels are at least a share ``apart`` of the axis from each other.
    """
    low, high = limits
    places, labels = month_ticks(low, high, apart)
    if upright:
        axes.set_ylim(low, high)
        axes.set_yticks(places, labels)
        axes.set_ylabel("Doubling time (months)")
    else:
        axes.set_xlim(low, high)
        axes.set_xticks(places, labels)
        axes.set_xlabel(MONTHS_LABEL)
    if low < 0:
        shade: dict[str, Any] = {"color": PALETTE["grid"], "alpha": 0.55}
        shade |= {"linewidth": 0, "zorder": 0}
        edge: dict[str, Any] = {"color": PALETTE["muted"], "linewidth": 0.8, "zorder": 1}
        if upright:
            axes.axhspan(low, 0, **shade)
            axes.axhline(0, **edge)
        else:
            axes.axvspan(low, 0, **shade)
            axes.axvline(0, **edge)


def near_month_axis(axes: Axes, limits: Limits) -> None:
    """Write months on an axis of growth that may show a small part of it, without infinity."""
    low, high = limits
    if low <= 0:
        month_axis(axes, limits, apart=WIDE_APART)
        axes.set_xlabel("")
        return
    steps = MaxNLocator(5).tick_values(growth_of(high), growth_of(low))
    months = [m for m in steps if m > 0 and low <= growth_of(m) <= high]
    axes.set_xticks([growth_of(m) for m in months], [f"{m:g}" for m in months])
    axes.set_xlim(limits)


def dated(axes: Axes, ticks: int) -> None:
    """Write dates of publication below an axis in days, so many ticks at most."""
    locator = matplotlib.dates.AutoDateLocator(maxticks=ticks)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(matplotlib.dates.ConciseDateFormatter(locator))
