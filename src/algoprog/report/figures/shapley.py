"""The share of more compute, and of better algorithms, in the fall of predicted loss."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from algoprog.report.figures.parts.axes import limits
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import Ruled, empty, lanes, legend, marker_key
from algoprog.report.figures.parts.names import short_name
from algoprog.report.figures.parts.rows import Row, ends, number
from algoprog.report.figures.parts.style import ESTIMATOR_COLOURS, PALETTE, settled, styled

# What the causes are called; the table has the share of each.
FACTORS = {
    "parameters": "parameters",
    "data": "data",
    "parameter_efficiency": "efficiency in parameters",
    "data_efficiency": "efficiency in data",
    "architecture": "architecture",
}
COMPUTE = "compute"
# The two parts of a bar, by colour; the second has a hatching, so that they differ without colour.
PARTS = {"more compute": ("blue", ""), "better algorithms": ("vermillion", "////")}
_LEAST_NAMED = 12  # per cent; a narrower part of a bar has no number in it


@dataclass(frozen=True)
class _Shares:
    """Shares of compute from the first system on: rows by (estimator, system)."""

    rows: Mapping[tuple[str, str], Row]
    order: Sequence[str]

    @property
    def estimators(self) -> list[str]:
        return [name for name in ESTIMATOR_COLOURS if any(key[0] == name for key in self.rows)]

    @property
    def systems(self) -> list[str]:
        return [name for name in self.order[1:] if any(key[1] == name for key in self.rows)]

    def bars(self, system: str) -> dict[str, tuple[float, float]]:
        """Return left end and width (%) of both parts of a system's bar."""
        share = number(self.rows.get((self.estimators[0], system), {}).get("share"))
        return stack(dict(zip(PARTS, (share, 1.0 - share), strict=True)))


@styled
def shapley(shares: pl.DataFrame) -> Figure:
    """Draw a bar for each system: the share of more compute, and that of better algorithms.

    Bars are the converged estimator's shares (the published estimator's where it is alone); below
    each bar is the 95 % interval of compute's share, with the share by the other estimator.

    Parameters
    ----------
    shares : the table `shapley`.
    """
    order = _dates_order(shares)
    rows = [row for row in shares.iter_rows(named=True)
            if order and row["from_system"] == order[0] and row["factor"] == COMPUTE]  # fmt: skip
    given = _Shares({(row["estimator"], row["to_system"]): row for row in rows}, order)
    systems = given.systems
    if not systems or not given.estimators:
        return empty("No pair of systems", small=True)
    figure, axes = lanes(len(systems), 0.44, small=True)
    ruled = Ruled(axes, _limits(given))
    for place, system in enumerate(systems):
        _bar(axes, place, given.bars(system))
        for i, estimator in enumerate(given.estimators):
            row = given.rows.get((estimator, system))
            if row is not None:
                _compute(ruled, place + 0.3, row, system, i == 0)
    axes.axvline(0, color=PALETTE["muted"], linewidth=0.8)
    axes.set_xlim(ruled.limits)
    axes.set_yticks(
        range(len(systems)),
        [textwrap.fill(short_name(name), 14) for name in systems],
        parse_math=False,
    )
    axes.set_xlabel(f"% of the fall in loss since {short_name(order[0])}", parse_math=False)
    legend(figure, _keys(given), 2)
    return settled(figure)


def _bar(axes: Axes, place: int, parts: Mapping[str, tuple[float, float]]) -> None:
    for name, (left, width) in parts.items():
        colour, hatch = PARTS[name]
        axes.barh(
            place - 0.08, width, 0.5, left, color=PALETTE[colour], hatch=hatch,
            edgecolor=PALETTE["surface"], linewidth=0.8,
        )  # fmt: skip
        if name == next(iter(PARTS)) and width >= _LEAST_NAMED:
            axes.text(left + width / 2, place - 0.08, f"{width:.0f} %", ha="center", va="center",
                      color=PALETTE["surface"], fontweight="bold")  # fmt: skip


def _limits(given: _Shares) -> tuple[float, float]:
    parts = [part for system in given.systems for part in given.bars(system).values()]
    inner = [0.0, 100.0, *(left + width for left, width in parts), *(left for left, _ in parts)]
    return limits(inner, [100 * end for row in given.rows.values() for end in ends(row, 95)])


def _compute(ruled: Ruled, at: float, row: Row, system: str, leads: bool) -> None:
    """Draw the share of compute: the leading estimator's with its 95 % interval."""
    share = 100 * number(row["share"])
    if leads:
        low, high = (100 * end for end in ends(row, 95))
        ruled.bar(at, (low, high), PALETTE["ink"], 1.3)
        return
    ruled.mark(at, share, marker="D", markersize=4, color=PALETTE["surface"],
               markeredgecolor=PALETTE["ink"], markeredgewidth=0.9, zorder=6,
               url=hover(system, f"{row['estimator']}: {share:.1f} %"))  # fmt: skip


def _keys(given: _Shares) -> list[Any]:
    parts = [
        Patch(facecolor=PALETTE[colour], hatch=hatch, edgecolor=PALETTE["surface"], label=name)
        for name, (colour, hatch) in PARTS.items()
    ]
    interval = Line2D([], [], color=PALETTE["ink"], linewidth=1.3, label="95 % interval")
    others = [
        marker_key(name, marker="D", markersize=4, markerfacecolor=PALETTE["surface"])
        for name in given.estimators[1:]
    ]
    return [*parts, interval, *others]


def _dates_order(shares: pl.DataFrame) -> list[str]:
    """Return the systems, the earliest first: pairs go from the earlier system."""
    later: dict[str, set[str]] = {}
    for first, second in shares.select("from_system", "to_system").unique().sort(pl.all()).rows():
        later.setdefault(first, set()).add(second)
        later.setdefault(second, set())
    return sorted(later, key=lambda name: -len(later[name]))


def stack(shares: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Return left end and width (%) of each share.

    Positive shares stand from 0 on, negative shares left of it.
    """
    placed, positive, negative = {}, 0.0, 0.0
    for name, share in shares.items():
        width = 100 * share
        if not math.isfinite(width):
            continue
        if width >= 0:
            placed[name] = (positive, width)
            positive += width
        else:
            placed[name] = (negative, width)
            negative += width
    return placed


FIGURE = PageFigure(
    "shapley",
    "Shares of more compute and of better algorithms in the fall of predicted loss",
    shapley,
    ("shapley",),
    small=True,
)
