"""Which rows a replicate of a bootstrap holds.

Replicate i of a variant depends on (root seed, variant, delta, i) only, so shards change nothing.
The published estimator's replicates follow NumPy's legacy generator instead, as published. It knows
no estimator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.seeds import seed_of
from algoprog.estimators.resample import Resample

PUBLISHED_SEED = 0

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


def _generator(seed: int, variant: str, delta: float, replicate: int) -> np.random.Generator:
    return np.random.default_rng(seed_of(seed, variant, float(delta), replicate))


def replicate_weights(
    seed: int, variant: str, delta: float, replicate: int, papers: Rows, unit: str
) -> Array:
    """Return the row weights (n,) of one replicate: how often each row or its paper was drawn.

    ``unit`` is ``rows`` (n rows of n with replacement) or ``papers`` (G whole papers of G).
    """
    rng = _generator(seed, variant, delta, replicate)
    if unit == "rows":
        n = len(papers)
        return np.bincount(rng.integers(n, size=n), minlength=n).astype(float)
    if unit == "papers":
        groups = int(papers.max()) + 1
        return np.bincount(rng.integers(groups, size=groups), minlength=groups)[papers].astype(
            float
        )
    raise ValueError(f"resampling unit {unit!r} is neither rows nor papers")


def weights_of(
    seed: int,
    variant: str,
    delta: float,
    replicates: Iterable[int],
    papers: Rows,
    unit: str,
) -> Array:
    """Row weights (b, n) of b replicates, of :func:`replicate_weights` each."""
    return np.array([replicate_weights(seed, variant, delta, i, papers, unit) for i in replicates])


def _members(papers: Rows, unit: str) -> list[Rows]:
    """Row numbers of each thing that is drawn: a row or a paper."""
    if unit == "rows":
        return [np.array([row]) for row in range(len(papers))]
    if unit == "papers":
        return [np.flatnonzero(papers == paper) for paper in range(int(papers.max()) + 1)]
    raise ValueError(f"resampling unit {unit!r} is neither rows nor papers")


def published_resamples(papers: Rows, unit: str, last: int) -> Iterator[Rows]:
    """Row numbers of the published replicates 0 ... last - 1, as NumPy's legacy generator has them.

    Published replicates are of rows; of papers, the same generator draws whole papers.
    """
    members = _members(papers, unit)
    for drawn in _legacy_units(len(members), last):
        yield np.concatenate([members[i] for i in drawn])


def _legacy_units(units: int, last: int) -> Iterator[Rows]:
    generator = np.random.RandomState(PUBLISHED_SEED)
    for _ in range(last):
        yield generator.choice(units, units, replace=True)


@dataclass(frozen=True)
class Scheme:
    """How a bootstrap draws: what, and from which seed.

    Attributes
    ----------
    unit : ``rows`` or ``papers``.
    procedure : ``published`` follows NumPy's legacy generator, as published; ``converged`` derives
        the seed of each replicate from ``seed``, ``variant``, ``delta`` and its number.
    """

    unit: str
    procedure: str
    seed: int
    variant: str
    delta: float

    def resamples(self, papers: Rows, first: int, last: int) -> Iterator[Resample]:
        """Yield replicates first ... last - 1 of a sample with these ``papers`` (n,)."""
        members = _members(papers, self.unit)
        drawn = self._legacy if self.procedure == "published" else self._seeded
        for replicate, units in drawn(papers, len(members), first, last):
            yield Resample(replicate, units, members, papers, self.unit == "papers")

    def weights(self, papers: Rows, replicates: Sequence[int]) -> Array:
        """Return how often each row is in each of these replicates (r, n).

        They follow from the replicates' numbers, so that nothing need be drawn or kept again.
        """
        if not len(replicates):
            return np.empty((0, len(papers)))
        wanted = set(replicates)
        found = {
            one.replicate: one.weights
            for one in self.resamples(papers, min(replicates), max(replicates) + 1)
            if one.replicate in wanted
        }
        return np.array([found[replicate] for replicate in replicates])

    def _legacy(
        self, papers: Rows, units: int, first: int, last: int
    ) -> Iterator[tuple[int, Rows]]:
        for replicate, drawn in enumerate(_legacy_units(units, last)):
            if replicate >= first:
                yield replicate, drawn

    def _seeded(
        self, papers: Rows, units: int, first: int, last: int
    ) -> Iterator[tuple[int, Rows]]:
        for replicate in range(first, last):
            rng = _generator(self.seed, self.variant, self.delta, replicate)
            yield replicate, np.sort(rng.integers(units, size=units))
