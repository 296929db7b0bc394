"""A variant's columns at the middle of a sample, and how scale and time move them there.

Priors are on quantities at these points. It knows compiled variants; it knows no priors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.model.design import Design
from algoprog.model.model import Model

Array = NDArray[np.float64]
Of = Callable[["Point"], Array]

_STEP = 1e-3  # of central differences; columns are at most mildly curved
_STILL = 1e-9  # a slope below this is rounding
_N, _D, _T = ("n", "c"), ("d", "d_seen", "d_effective", "c"), ("t",)
_SCALES_AND_TIME = ("t", "n", "d", "d_seen", "d_effective", "c")


@dataclass(frozen=True)
class Point:
    """Columns and offsets of a design at one benchmark and architecture, with their derivatives.

    Attributes
    ----------
    value : (m,) every column's value.
    slopes : derivatives (m,) in ln N and in ln D.
    time : (m,) derivative in t, per year.
    held : (K,) what held parameters add to every term.
    held_slopes : its derivatives (K,) in ln N and in ln D.
    """

    value: Array
    slopes: tuple[Array, Array]
    time: Array
    held: Array
    held_slopes: tuple[Array, Array]

    @classmethod
    def of(cls, design: Design) -> Point:
        """Return the point whose neighbours are the rows of a design (:func:`_neighbours`)."""

        def slope(of: Array, i: int) -> Array:
            rise = (of[:, 1 + 2 * i] - of[:, 2 + 2 * i]) / (2 * _STEP)
            return np.where(np.abs(rise) < _STILL, 0.0, rise)

        columns, offset = design.columns, design.offset
        return cls(
            columns[:, 0],
            (slope(columns, 0), slope(columns, 1)),
            slope(columns, 2),
            offset[:, 0],
            (slope(offset, 0), slope(offset, 1)),
        )


def _neighbours(middle: Mapping[str, float]) -> dict[str, list[float]]:
    """Variables at a point and at steps up and down in ln N, ln D and t: seven rows."""
    moved = {name: [value] * 7 for name, value in middle.items()}
    for i, names in enumerate((_N, _D, _T)):
        for name in names:
            moved[name][1 + 2 * i] += _STEP
            moved[name][2 + 2 * i] -= _STEP
    return moved


@dataclass(frozen=True)
class Middle:
    """The points by benchmark and architecture (1 for a transformer, 0 for another)."""

    baseline: str
    points: Mapping[tuple[str, float], Point]

    @classmethod
    def of(cls, model: Model) -> Middle:
        """Return the middle of each benchmark's rows, or of all rows.

        All rows count for every benchmark where the variant has no level for benchmarks.
        """
        by_benchmark = cls.at(model, apart=True)
        return by_benchmark if by_benchmark.has_benchmark_levels else cls.at(model, apart=False)

    @classmethod
    def at(cls, model: Model, apart: bool) -> Middle:
        """Return the middle of each benchmark's rows (``apart``), or of all rows for each."""
        units, sample = model.units, model.sample.rows
        values = units.of_rows(sample)
        points = {}
        for benchmark in units.levels:
            rows = (sample["benchmark"] == benchmark).to_numpy() | (not apart)
            middle = {name: float(np.median(values[name][rows])) for name in _SCALES_AND_TIME}
            vocabulary = units.vocabulary(benchmark)
            for transformer in (0.0, 1.0):
                at = np.full(7, benchmark)
                design = model.at(b=at, T=transformer, V=vocabulary, **_neighbours(middle))
                points[benchmark, transformer] = Point.of(design)
        return cls(units.baseline, points)

    @property
    def usual(self) -> Point:
        """A transformer on the baseline."""
        return self.points[self.baseline, 1.0]

    @property
    def both(self) -> list[Point]:
        """Both architectures on the baseline, the transformer first."""
        return [self.usual, self.points[self.baseline, 0.0]]

    @property
    def elsewhere(self) -> dict[tuple[str, float], Point]:
        """The points on other benchmarks than the baseline."""
        return {key: at for key, at in self.points.items() if key[0] != self.baseline}

    @property
    def everywhere(self) -> list[Point]:
        """All points, the baseline's first."""
        return [*self.both, *self.elsewhere.values()]

    def benchmark_of(self, column: Any, of: Of) -> str:
        """Return the benchmark besides the baseline on which the column is not zero."""
        return next(name for (name, _), at in self.elsewhere.items() if of(at)[column])

    def where(self, column: Any, of: Of) -> Point:
        """Return the first point at which the column is not zero, else the usual point."""
        return next((at for at in self.everywhere if of(at)[column]), self.usual)

    @property
    def has_benchmark_levels(self) -> bool:
        """Whether a column that neither time nor scale moves is there on one benchmark only."""
        still = np.all(
            [
                (at.time == 0) & (at.slopes[0] == 0) & (at.slopes[1] == 0)
                for at in self.points.values()
            ],
            axis=0,
        )
        on = np.any([at.value != 0 for at in self.both], axis=0)
        off = np.any([at.value != 0 for at in self.elsewhere.values()], axis=0)
        return bool(np.any(still & off & ~on))


def value(at: Point) -> Array:
    """Return the columns' values at a point."""
    return at.value


def time(at: Point) -> Array:
    """Return the columns' derivatives in time at a point."""
    return at.time


def slope(side: int) -> Of:
    """Return what gives the columns' derivatives in ln N (side 0) or ln D (side 1)."""

    def of(at: Point) -> Array:
        return at.slopes[side]

    return of
