"""Shares of each cause in the fall of predicted loss from the first system to each later system."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from algoprog.report.figures.parts.axes import limits
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import Ruled, empty, lanes, legend
from algoprog.report.figures.parts.names import short_name
from algoprog.report.figures.parts.rows import Row, ends, number
from algoprog.report.figures.parts.style import ESTIMATOR_COLOURS, PALETTE, settled, styled

# label, colour, hatching; what belongs to compute has none
FACTORS = {
    "parameters": ("parameters", "blue", ""),
    "data": ("data", "sky", ""),
    "parameter_efficiency": ("efficiency in parameters", "vermillion", "////"),
    "data_efficiency": ("efficiency in data", "gold", r"\\\\"),
    "architecture": ("architecture", "purple", "xxxx"),
}
COMPUTE = "compute"


@dataclass(frozen=True)
class _Shares:
    """Shares from the first system on: rows by (estimator, system, factor)."""

    rows: Mapping[tuple[str, str, str], Row]
    order: Sequence[str]

    @property
    def estimators(self) -> list[str]:
        return [name for name in ESTIMATOR_COLOURS if any(key[0] == name for key in self.rows)]

    @property
    def systems(self) -> list[str]:
        return [name for name in self.order[1:] if any(key[1] == name for key in self.rows)]

    @property
    def factors(self) -> list[str]:
        """Causes that the bars are made of."""
        first = self.estimators[0]
        present = {key[2] for key in self.rows if key[0] == first}
        return [name for name in FACTORS if name in present]

    @property
    def compute(self) -> list[Row]:
        """Rows of the share of compute."""
        return [row for key, row in self.rows.items() if key[2] == COMPUTE]

    def bars(self, system: str) -> dict[str, tuple[float, float]]:
        """Return left end and width (%) of each cause's part of a system's bar."""
        first = self.estimators[0]
        return stack(
            {
                name: number(self.rows.get((first, system, name), {}).get("share"))
                for name in self.factors
            }
        )


@styled
def shapley(shares: pl.DataFrame, narrow: bool = False) -> Figure:
    """Draw a bar for each system, stacked by cause, with the share of compute below it.

    Bars are the converged estimator's shares (the published estimator's where it is alone): causes
    that raise loss stand left of 0. Below each bar is the share of compute (parameters and data)
    with its 95 % interval, by each estimator.

    Parameters
    ----------
    shares : the table `shapley`.
    """
    order = _dates_order(shares)
    rows = [row for row in shares.iter_rows(named=True) if order and row["from_system"] == order[0]]
    given = _Shares({(r["estimator"], r["to_system"], r["factor"]): r for r in rows}, order)
    systems = given.systems
    if not systems or not given.estimators:
        return empty("No pair of systems", narrow)
    figure, axes = lanes(len(systems), 0.56, narrow)
    ruled = Ruled(axes, _limits(given))
    for place, system in enumerate(systems):
        for factor, (left, width) in given.bars(system).items():
            _, colour, hatch = FACTORS[factor]
            axes.barh(
                place - 0.13, width, 0.42, left, color=PALETTE[colour], hatch=hatch,
                edgecolor=PALETTE["surface"], linewidth=0.8,
            )  # fmt: skip
        for i, estimator in enumerate(given.estimators):
            row = given.rows.get((estimator, system, COMPUTE))
            if row is not None:
                _compute(ruled, place + 0.17 + 0.14 * i, row, estimator == "converged")
    axes.axvline(0, color=PALETTE["muted"], linewidth=0.8)
    axes.set_xlim(ruled.limits)
    axes.set_yticks(
        range(len(systems)),
        [textwrap.fill(short_name(name), 14 if narrow else 30) for name in systems],
        parse_math=False,
    )
    said = f"Share of the fall in loss since {short_name(order[0])} (%); "
    axes.set_xlabel(
        textwrap.fill(f"{said}bars: {given.estimators[0]}", 40 if narrow else 90), parse_math=False
    )
    legend(figure, _keys(given), 1 if narrow else 3)
    return settled(figure)


def _limits(given: _Shares) -> tuple[float, float]:
    parts = [part for system in given.systems for part in given.bars(system).values()]
    inner = [0.0, 100.0, *(left + width for left, width in parts), *(left for left, _ in parts)]
    return limits(inner, [100 * end for row in given.compute for end in ends(row, 95)])


def _compute(ruled: Ruled, at: float, row: Row, filled: bool) -> None:
    """Draw the share of compute with its 95 % interval."""
    low, high = (100 * end for end in ends(row, 95))
    ruled.bar(at, (low, high), PALETTE["ink"], 1.1 if filled else 0.7)
    ruled.mark(at, 100 * number(row["share"]), marker="D", markersize=4,
               color=PALETTE["ink" if filled else "surface"],
               markeredgecolor=PALETTE["ink"], markeredgewidth=0.9, zorder=6)  # fmt: skip


def _keys(given: _Shares) -> list[Any]:
    causes = [
        Patch(
            facecolor=PALETTE[FACTORS[name][1]], hatch=FACTORS[name][2],
            edgecolor=PALETTE["surface"], label=FACTORS[name][0],
        )
        for name in given.factors
    ]  # fmt: skip
    compute = [
        Line2D([], [], color=PALETTE["ink"], linewidth=1.1, marker="D", markersize=4,
               markerfacecolor=PALETTE["ink" if name == "converged" else "surface"],
               label=f"compute share, 95 % ({name})")
        for name in given.estimators
    ]  # fmt: skip
    return [*causes, *compute]


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
    "Shares of parameters, data and efficiency in the fall of predicted loss",
    shapley,
    ("shapley",),
)
