"""A closed form held at a growth by substitution: one column for a rate and its elasticity.

At growth g of an exponential its rate is g times its elasticity, so that the two columns -t and -x
are the one column -(x + g t), whose parameter carries the penalty delta (1 + |g|). With the column
divided by 1 + |g|, and its parameter multiplied by it, the penalty is delta again: an ordinary
exact-L1 fit with a parameter fewer for each exponential that progresses. It knows designs and
closed forms; it knows no grid and no tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import Problem, descend, law_of, target_of
from algoprog.estimators.kernels.arrays import Target
from algoprog.model.design import Design, Term
from algoprog.model.growth import Elasticity
from algoprog.robustness import kernels

Array = NDArray[np.float64]

# Share of the objective by which the best split is missed at most: of the data, and of a draw.
EXACT, DRAWN = 1e-12, 1e-6
LOOSE = 1e-7  # subgradient, relative, at which the descents of a draw end: objectives to 1e-13


def _only(vector: Array) -> int | None:
    """The index of the one entry that is not zero; None where there are none or several."""
    (found,) = np.nonzero(vector)
    return int(found[0]) if len(found) == 1 else None


@dataclass(frozen=True)
class Substitution:
    """A problem whose rates are given by growth and elasticities.

    Attributes
    ----------
    task : the problem with all p parameters.
    inner : the design with the p' parameters that are left, at growth zero.
    merged, back : its columns by growth, and where its parameters stand among all.
    """

    task: Problem
    inner: Design
    merged: kernels.Merged
    back: kernels.Back

    @classmethod
    def of(cls, task: Problem, parts: Sequence[Elasticity]) -> Substitution | None:
        """Return that of the exponentials that progress; None where a rate is not one parameter.

        Each rate and each elasticity must be one free parameter of its own, held by nothing else
        (progress common to both exponentials, by benchmark, or imposed is another form).
        """
        pairs = [(_only(part.rate), _only(part.elasticity)) for part in parts]
        used = [index for pair in pairs for index in pair]
        if None in used or len(set(used)) < len(used) or not 1 <= len(parts) <= 2:
            return None
        if any(part.held_rate or part.held_elasticity for part in parts):
            return None
        rates, scales = np.array(pairs, dtype=np.int64).T
        factor = np.array(
            [
                part.elasticity[e] / part.rate[r]
                for part, r, e in zip(parts, rates, scales, strict=True)
            ]
        )
        return cls(task, *_merge(task.design, rates, scales, factor))

    @cached_property
    def _padded(self) -> kernels.Merged:
        """``merged`` with the rows that compiled loops take."""
        spare = self.inner.padded[0].shape[1] - self.inner.n
        base, slope = (
            np.ascontiguousarray(np.pad(x, ((0, 0), (0, spare))))
            for x in (self.merged.base, self.merged.slope)
        )
        return self.merged._replace(base=base, slope=slope)

    def design(self, growth: Array) -> Design:
        """Return the design at growth (K,) of the exponentials."""
        columns = self.merged.base.copy()
        kernels.fill(columns, self.merged, growth)
        return replace(self.inner, columns=columns)

    def problem(self, growth: Array) -> Problem:
        """Return the problem at growth (K,): an ordinary one."""
        return replace(self.task, design=self.design(growth))

    def lower(self, theta: Array, growth: Array) -> Array:
        """Return the parameters (..., p') that stand for theta (..., p) at growth (K,).

        They take the elasticity that carries the same penalty as theta's rate and elasticity.
        """
        inner = theta[..., self.back.kept].copy()
        ratio = self.merged.factor * growth
        size = np.abs(theta[..., self.back.rate]) + np.abs(theta[..., self.back.elasticity])
        sign = np.sign(theta[..., self.back.elasticity])
        turned = np.sign(theta[..., self.back.rate]) * np.sign(ratio)
        inner[..., self.back.merged] = size * np.where(sign == 0, turned, sign)
        return inner

    def lift(self, inner: Array, growth: Array) -> Array:
        """Return all parameters (p,) of inner (p',) at growth (K,)."""
        full = np.zeros(self.task.design.p)
        total = float(growth.sum())
        kernels.lift(inner, float(growth[0]), total, self.merged, self.back, full)
        return full

    def at_split(self, growth: Array, starts: Array) -> tuple[Array, float]:
        """Return the minimum (p,) at growth (K,) of the exponentials, and its objective."""
        ends, values, *_ = descend(self.problem(growth), self.lower(np.atleast_2d(starts), growth))
        best = int(np.argmin(values))
        return self.lift(ends[best], growth), float(values[best])

    def search(self, total: float, splits: Array, thetas: Array) -> tuple[Array, Array, Array]:
        """Descend along the split of growth ``total`` from splits (s,) and thetas (s, p).

        Returns the ends (s, p), their objectives (s,) and their splits (s,).
        """
        inner = np.array(
            [
                self.lower(theta, self._growth(split, total))
                for theta, split in zip(thetas, splits, strict=True)
            ]
        )
        law = law_of(replace(self.inner, columns=self.merged.base.copy()), padded=True)
        target = target_of(replace(self.task, design=self.inner))
        ends, values, found = kernels.search_splits(
            inner, np.ascontiguousarray(splits), float(total), self._padded, law, target, EXACT
        )
        lifted = [self.lift(x, self._growth(at, total)) for x, at in zip(ends, found, strict=True)]
        return np.array(lifted), values, found

    def _growth(self, split: float, total: float) -> Array:
        return np.array([split, total - split])[: len(self.merged.factor)]

    def drawn(
        self, total: float, responses: Array, held: tuple[Array, Array], free: Array
    ) -> tuple[Array, Array]:
        """Return the restricted and the free minimum (b,) of the objective of responses (b, n).

        Parameters
        ----------
        total : the growth that restricts.
        held : thetas (s, p) and splits (s,) from which the restricted fits begin.
        free : thetas (f, p) from which the free fits begin, besides the restricted end.
        """
        thetas, splits = held
        starts = np.array(
            [
                self.lower(theta, self._growth(split, total))
                for theta, split in zip(thetas, splits, strict=True)
            ]
        )
        inner = replace(self.inner, columns=self.merged.base.copy())
        loosely = _loosely(replace(self.task, design=inner))
        laws = law_of(inner, padded=True), law_of(self.task.design, padded=True)
        spare = inner.padded[0].shape[1] - inner.n
        values, least = kernels.drawn_minima(
            np.ascontiguousarray(np.pad(responses, ((0, 0), (0, spare)))),
            (starts, np.ascontiguousarray(splits), loosely, DRAWN),
            (np.ascontiguousarray(free), _loosely(self.task)),
            float(total),
            self._padded,
            self.back,
            laws,
        )
        return np.asarray(values), np.asarray(least)


def _loosely(task: Problem) -> Target:
    """What the descents of a draw minimise."""
    return target_of(task)._replace(tolerance=LOOSE)


def _merge(
    design: Design, rates: NDArray[np.int64], scales: NDArray[np.int64], factor: Array
) -> tuple[Design, kernels.Merged, kernels.Back]:
    """The design without the rates, at growth zero; its columns by growth; the way back."""
    kept = np.setdiff1d(np.arange(design.p), rates)
    number = np.full(design.p, -1)
    number[kept] = np.arange(len(kept))
    of_rate = {int(r): k for k, r in enumerate(rates)}
    of_scale = {int(e): k for k, e in enumerate(scales)}
    base: list[Array] = []
    slope: list[Array] = []
    owners: list[int] = []
    terms = []
    nothing = np.zeros(design.n)
    for term in design.terms:
        start = len(base)
        pulls: dict[int, Array] = {}
        for j in range(term.start, term.stop):
            owner = int(design.parameter_of_column[j])
            if owner in of_rate:
                k = of_rate[owner]
                pulls[k] = pulls.get(k, nothing) + design.columns[j]
            else:
                base.append(design.columns[j])
                slope.append(nothing)
                owners.append(owner)
        for k, pull in pulls.items():
            scale = int(scales[k])
            if scale not in owners[start:]:
                base.append(nothing)
                slope.append(nothing)
                owners.append(scale)
            slope[start + owners[start:].index(scale)] = pull
        terms.append(Term(term.exponential, start, len(base)))
    g = design.multiplier_parameter
    inner = replace(
        design,
        parameters=tuple(design.parameters[j] for j in kept),
        columns=np.ascontiguousarray(base),
        parameter_of_column=number[owners],
        terms=tuple(terms),
        multiplier_parameter=int(number[g]) if g >= 0 else -1,
    )
    part = np.array([of_scale.get(owner, -1) for owner in owners], dtype=np.int64)
    merged = kernels.Merged(inner.columns, np.ascontiguousarray(slope), part, factor)
    back = kernels.Back(kept, rates.copy(), scales.copy(), number[scales])
    return inner, merged, back
