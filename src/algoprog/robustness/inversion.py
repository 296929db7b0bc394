"""Sets of growths by inverting a restricted wild cluster bootstrap of the profile.

For a growth g0, with Q the penalised objective,

    l(g0) = min Q(growth = g0) / min Q - 1.

Residuals of the restricted fit, times one sign for each paper, make new responses, each fitted
with and without the restriction; p(g0) is the share, the records included, whose l is as large.
The set of level 1 - a holds the growths with p > a (Cameron, Gelbach and Miller 2008; Davidson and
MacKinnon 2010). No constant is found beforehand, so it is the same for every law and sample; the
set may be unbounded or in pieces. It knows fits with a growth held
(:mod:`algoprog.robustness.restrictions`); it knows no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import predict
from algoprog.model.design import Design
from algoprog.resampling.signs import Piece, pieces
from algoprog.robustness.restrictions import Held, Restriction

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Growths that are tested: ``values`` of them even from ``low`` to ``high``, per year.

    Between neighbours where p crosses a level, ``refinements`` times a further one in the middle.
    """

    low: float
    high: float
    values: int
    refinements: int

    @property
    def even(self) -> Array:
        """The growths before refinement."""
        return np.linspace(self.low, self.high, self.values)


@dataclass
class Inversion:
    """The p-value of any growth of one law on one response.

    Attributes
    ----------
    restriction : fits with the growth held.
    design, response : the law's and the records' (n,).
    free : the parameters (p,) and the objective of the free fit.
    signs : (b, n) of the papers in each draw, the same for every growth.
    """

    restriction: Restriction
    design: Design
    response: Array
    free: tuple[Array, float]
    signs: Array
    _held: dict[float, Held] = field(default_factory=dict)

    def chance(self, growth: float) -> float:
        """Return p(growth), between 1 / (b + 1) and 1."""
        held = self.hold(growth)
        loss = held.objective / min(self.free[1], held.objective) - 1.0
        if not np.isfinite(loss):
            return 1.0 / (len(self.signs) + 1)
        fitted = predict(self.design, held.thetas[0])
        responses = fitted + (self.response - fitted) * self.signs
        restricted, least = self.restriction.drawn(held, responses)
        losses = restricted / least - 1.0
        return float((1 + np.sum(losses >= loss)) / (len(self.signs) + 1))

    def hold(self, growth: float) -> Held:
        """Return the records' fit at a growth, begun at its nearest neighbour's so far."""
        start = self.free[0]
        if self._held:
            nearest = min(self._held, key=lambda other: abs(other - growth))
            start = self._held[nearest].thetas[0]
        self._held[growth] = self.restriction.hold(growth, start)
        return self._held[growth]

    def sets(self, grid: Grid, point: float, levels: Sequence[int]) -> dict[int, list[Piece]]:
        """Return the pieces of the set of each level (per cent).

        The estimate, whose p is 1, is among the growths of the grid.
        """
        growths = list(grid.even)
        if np.isfinite(point):
            growths.append(point)
        # from the estimate outwards, so that every fit begins at a neighbour's
        centre = point if np.isfinite(point) else 0.0
        found = {g: self.chance(g) for g in sorted(growths, key=lambda g: abs(g - centre))}
        for _ in range(grid.refinements):
            at = np.array(sorted(found))
            chances = np.array([found[g] for g in at])
            middles = set()
            for level in levels:
                inside = chances > (100 - level) / 100
                for i in np.flatnonzero(inside[1:] != inside[:-1]):
                    middles.add(float(at[i] + at[i + 1]) / 2.0)
            found |= {g: self.chance(g) for g in sorted(middles)}
        at = np.array(sorted(found))
        chances = np.array([found[g] for g in at])
        return {level: pieces(at, chances - (100 - level) / 100) for level in levels}
