"""A variant compiled on rows: arrays that an estimator runs on.

It knows no formulas (:mod:`algoprog.model.compiling`) and no estimator. A variant is

    yhat = Z gamma + s * sum_k exp(X_k theta)

with all parameters in one vector (docs/method.md, section 2; Ho et al. 2024, section 2 and
appendix). Columns carry their sign, so that the published parameters, entered with a minus, keep
their published sign.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.common.arithmetic import inverse, single, turned

LANES = 16  # rows that compiled loops take at once (estimators.kernels.lanes)
LARGEST_CONDITION = 1e10  # of a matrix whose inverse still has six digits


@dataclass(frozen=True)
class Term:
    """One exponential (or the linear part): columns of the stacked design it uses."""

    exponential: bool
    start: int
    stop: int


@dataclass(frozen=True)
class Design:
    """A compiled variant on a set of rows.

    Attributes
    ----------
    variant : name of the variant.
    parameters : names of the p free parameters, in order of first appearance.
    columns : (m, n) design columns of all terms, sign included, C order.
    parameter_of_column : (m,) index into ``parameters``.
    terms : K terms, each a range of columns.
    offset : (K, n) contribution of held parameters to each term's linear predictor.
    multiplier : (n,) indicator of rows multiplied by sigma(gamma); zeros when there is none.
    multiplier_parameter : index of gamma, or -1.
    free : names of parameters that no penalty holds.
    """

    variant: str
    parameters: tuple[str, ...]
    columns: NDArray[np.float64]
    parameter_of_column: NDArray[np.int64]
    terms: tuple[Term, ...]
    offset: NDArray[np.float64]
    multiplier: NDArray[np.float64]
    multiplier_parameter: int
    free: frozenset[str] = frozenset()

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.offset.shape[1])

    @property
    def p(self) -> int:
        """Number of free parameters."""
        return len(self.parameters)

    @cached_property
    def penalised(self) -> NDArray[np.bool_]:
        """(p,) whether a penalty holds a parameter."""
        return np.array([name not in self.free for name in self.parameters], dtype=bool)

    def size(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of the penalised |theta_j| of thetas (..., p)."""
        held = theta[..., self.penalised] if self.free else theta
        return np.asarray(np.sum(np.abs(held), axis=-1))

    @cached_property
    def pointer(self) -> NDArray[np.int64]:
        """(K+1,) first column of each term."""
        return np.array([term.start for term in self.terms] + [self.terms[-1].stop], dtype=np.int64)

    @cached_property
    def exponential(self) -> NDArray[np.bool_]:
        """(K,) whether a term is exponentiated."""
        return np.array([term.exponential for term in self.terms])

    @cached_property
    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and standard deviations (m,) of the columns; exactly 0 for a constant column."""
        mean = self.columns.mean(axis=1)
        spread = np.sqrt(np.maximum((self.columns**2).mean(axis=1) - mean**2, 0.0))
        spread[spread <= 1e-7 * np.abs(mean)] = 0.0
        return mean, spread

    @cached_property
    def scale(self) -> NDArray[np.float64]:
        """Largest standard deviation (p,) among the columns of each parameter."""
        scale = np.zeros(self.p)
        np.maximum.at(scale, self.parameter_of_column, self.moments[1])
        return scale

    @cached_property
    def intercepts(self) -> list[tuple[int, int, NDArray[np.int64]]]:
        """Of each exponential: term, a constant column or -1, and its other columns."""
        mean, spread = self.moments
        found = []
        for k, term in enumerate(self.terms):
            if term.exponential:
                columns = np.arange(term.start, term.stop)
                constant = columns[(spread[columns] == 0) & (mean[columns] != 0)]
                first = int(constant[0]) if constant.size else -1
                found.append((k, first, columns[columns != first]))
        return found

    @cached_property
    def conditioned(self) -> Conditioned | None:
        """The design in coordinates in which its columns are orthonormal; None without any."""
        return Conditioned.of(self)

    @cached_property
    def padded(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """``columns``, ``offset`` and ``multiplier`` with rows of zeros up to a multiple of LANES.

        Sums over rows go by whole lanes alone.
        """
        spare = -self.n % LANES
        if not spare:
            return self.columns, self.offset, self.multiplier
        made = (self.columns, self.offset, self.multiplier)
        columns, offset, multiplier = (np.zeros((*one.shape[:-1], self.n + spare)) for one in made)
        columns[:, : self.n], offset[:, : self.n] = self.columns, self.offset
        multiplier[: self.n] = self.multiplier
        return columns, offset, multiplier

    def rows(self, index: NDArray[Any]) -> Design:
        """The same variant on the rows ``index`` (integers, repeats allowed, or a mask)."""
        return Design(
            variant=self.variant,
            parameters=self.parameters,
            columns=np.ascontiguousarray(self.columns[:, index]),
            parameter_of_column=self.parameter_of_column,
            terms=self.terms,
            offset=np.ascontiguousarray(self.offset[:, index]),
            multiplier=np.ascontiguousarray(self.multiplier[index]),
            multiplier_parameter=self.multiplier_parameter,
            free=self.free,
        )


@dataclass(frozen=True)
class Conditioned:
    """A design in coordinates phi = forth theta, theta = back phi, whose columns are orthonormal.

    Without a penalty an objective is the same in any coordinates, but damped steps are not: where
    columns are nearly collinear (n and n ln Y) they creep along a valley that is round in these.
    With the (K n, p) matrix A of all terms' columns, A = Q R, forth = R / sqrt(K n), rounded to
    single precision: the last digits of a double are another processor's own. They are orthonormal
    to that precision, and ``back`` is the inverse of what was rounded.
    """

    design: Design
    forth: NDArray[np.float64]
    back: NDArray[np.float64]

    @classmethod
    def of(cls, design: Design) -> Conditioned | None:
        """None where columns are collinear to rounding, so that there are no such coordinates."""
        stacked = np.zeros((len(design.terms), design.p, design.n))
        for k, term in enumerate(design.terms):
            part = slice(term.start, term.stop)
            np.add.at(stacked[k], design.parameter_of_column[part], design.columns[part])
        whole = np.moveaxis(stacked, 1, 2).reshape(-1, design.p)
        used = whole.any(axis=0)
        r = single(np.linalg.qr(whole[:, used], mode="r") / np.sqrt(len(whole)))
        if not used.any() or np.linalg.cond(r) > LARGEST_CONDITION:
            return None
        forth, back = np.eye(design.p), np.eye(design.p)
        forth[np.ix_(used, used)] = r
        back[np.ix_(used, used)] = inverse(r)
        columns: list[NDArray[np.float64]] = []
        owners: list[int] = []
        terms = []
        for term, own in zip(design.terms, stacked, strict=True):
            mixed = turned(own.T, back.T).T
            kept = np.flatnonzero(np.abs(mixed).max(axis=1) > 0)
            terms.append(replace(term, start=len(owners), stop=len(owners) + len(kept)))
            columns.append(mixed[kept])
            owners += kept.tolist()
        inner = replace(
            design,
            columns=np.ascontiguousarray(np.concatenate(columns)),
            parameter_of_column=np.array(owners, dtype=np.int64),
            terms=tuple(terms),
        )
        return cls(inner, forth, back)
