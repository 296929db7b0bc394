"""Quantities of different units on one axis, a scale for each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from algoprog.common.levels import INTERVAL_ENDS
from algoprog.report.figures.parts.forest import Estimate, Line, Look, forest
from algoprog.report.figures.parts.marks import SMALL, dodge, interval_keys, legend
from algoprog.report.figures.parts.rows import Limits, Row, ends, number
from algoprog.report.figures.parts.style import PALETTE, settled

Scale = Callable[[float], float]

POSTERIOR = "blue"
# Half widths that an axis shows on either side, and the share of ends that are left to arrowheads.
_LEAST, _MOST, _CUT = 1.3, 6.0, 0.04


@dataclass(frozen=True)
class ScaledLine:
    """A quantity: its intervals by series, scaled (None: no finite scale), and its numbers."""

    label: str
    rows: Mapping[str, Row] | None
    text: str


def scale_by(centre: float, low: float, high: float, unit: str) -> Scale | None:
    """Return what maps ``centre`` to 0 and half of high - low to 1; None where not finite.

    Factors are taken as logarithms.
    """
    moved: Scale = (lambda x: math.log(x) if x > 0 else -math.inf) if unit == "factor" else float
    origin, half = moved(centre), (moved(high) - moved(low)) / 2
    if not (math.isfinite(origin) and math.isfinite(half) and half > 0):
        return None
    return lambda x: (moved(x) - origin) / half


def scaled(row: Row, scale: Scale, prefix: str = "") -> dict[str, float]:
    """Return the interval of a row on a scale; blanks stay NaN."""
    values = {end: number(row.get(f"{prefix}{end}")) for end in INTERVAL_ENDS}
    return {end: value if math.isnan(value) else scale(value) for end, value in values.items()}


def brief(value: Any) -> str:
    """Return a number to three digits."""
    size = number(value)
    if math.isnan(size):
        return "–"
    if math.isinf(size):
        return "∞"
    return f"{size:.3g}".replace("-", "−")


def scaled_forest(lines: Sequence[ScaledLine], series: Mapping[str, str], axis: str) -> Figure:
    """Return a forest plot of scaled quantities; their numbers at the right.

    Parameters
    ----------
    series : colour of each series.
    axis : what the axis is called.
    """
    spread = 0.5 if len(series) > 2 else 0.34
    shifts = dict(zip(series, dodge(len(series), spread), strict=True))
    look = Look(
        0.24 if len(series) < 3 else 0.34,
        lambda axes, limits: _axis(axes, limits, axis),
        verticals=[(0.0, "muted")],
        text={"parse_math": False},
    )
    drawn = [_line(line, series, shifts) for line in lines]
    figure, _ = forest(drawn, _limits(lines), look)
    handles = [
        Line2D([], [], color=PALETTE[colour], linewidth=3, label=name)
        for name, colour in series.items()
    ]
    legend(figure, [*handles, *interval_keys(0.8)], 5)
    return settled(figure)


def _line(line: ScaledLine, series: Mapping[str, str], shifts: Mapping[str, float]) -> Line:
    if line.rows is None:
        look = {"fontsize": SMALL - 1, "color": PALETTE["muted"]}
        note = (" no finite interval to scale by", look)
        estimates = [Estimate(None, "muted", note=note)]
    else:
        estimates = [
            Estimate(row, series[name], shift=shifts[name], prefix="", scale=0.8)
            for name, row in line.rows.items()
        ]
    return Line(line.label, estimates, line.text)


def _limits(lines: Sequence[ScaledLine]) -> Limits:
    rows = [row for line in lines if line.rows for row in line.rows.values()]
    known = [end for row in rows for end in ends(row, 95) if math.isfinite(end)]
    low, high = np.quantile(known or [0.0], [_CUT, 1 - _CUT])
    return float(np.clip(low, -_MOST, -_LEAST)), float(np.clip(high, _LEAST, _MOST))


def _axis(axes: Axes, limits: Limits, text: str) -> None:
    axes.set_xlim(*limits)
    axes.set_xlabel(text)
    axes.xaxis.set_major_locator(MaxNLocator(9))
