"""The published estimator: the paper's optimiser, stopped where it stops.

SciPy's SLSQP with default options, gradient by forward differences, from zeros (Ho et al. 2024,
public notebooks). Its result is not a minimum, and it depends on rounding; it is kept so that the
published numbers come out again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import law_of
from algoprog.estimators.kernels.published import add_sizes, linear_predictors, mean_squares
from algoprog.estimators.objective import forward_differences, moved_by_steps, moved_points
from algoprog.estimators.slsqp import minimise
from algoprog.model.design import Design

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Terms = tuple[Indices, Indices]  # of each linear predictor: its term, and which parameter moved


class Compiled:
    """The published objective with compiled loops.

    It has the bits of :func:`algoprog.estimators.objective.objective` and of
    :func:`~algoprog.estimators.objective.forward_differences`. Where a parameter moves, only the
    terms that have it are computed again: the others would have the same bits. Arrays are kept from
    call to call, so that one thread at a time may call it.
    """

    def __init__(self, design: Design, response: Array, delta: float) -> None:
        """Prepare for a design, a response (n,) and a penalty."""
        self.design, self.delta = design, delta
        self.response = np.ascontiguousarray(response, dtype=float)
        self.law = law_of(design)
        order = np.argsort(~design.exponential, kind="stable")  # exponentials first
        self.exponentials = int(design.exponential.sum())
        self.powers, self.level = np.unique(design.multiplier, return_inverse=True)
        self.work = np.empty(design.n)
        self.terms, self.which = _at_one_point(order)
        self.moved_terms, self.moved_which = _at_moved_points(design, order, self.exponentials)
        self.space = np.empty((len(self.moved_terms[0]), design.n))

    def value(self, theta: Array) -> float:
        """Return mean (y - yhat)^2 + delta sum |theta| at theta (p,)."""
        return float(self._values(theta, theta, self.terms, self.which, self.exponentials)[0])

    def gradient(self, theta: Array) -> Array:
        """Return the gradient (p,) that SciPy takes of a function without one."""
        moved, step = moved_by_steps(theta)
        number = int(self.design.exponential[self.moved_terms[0]].sum())
        values = self._values(theta, moved, self.moved_terms, self.moved_which, number)
        return np.asarray((values[1:] - values[0]) / step)

    def _values(
        self, theta: Array, moved: Array, terms: Terms, which: Indices, exponentials: int
    ) -> Array:
        """Values at theta and, where ``which`` says so, with each parameter moved in turn."""
        eta = self.space[: len(terms[0])]
        linear_predictors(theta, moved, self.law, *terms, eta)
        np.exp(eta[:exponentials], out=eta[:exponentials])
        values = np.empty(len(which))
        factor = self._factor(theta, moved, len(which))
        mean_squares(
            self.response, eta, which, self.exponentials, self.level, factor, self.work, values
        )
        if not self.design.free:
            add_sizes(theta, moved, self.delta, values)
            return values
        points = theta if len(which) == 1 else moved_points(theta, moved)
        return values + self.delta * self.design.size(points)

    def _factor(self, theta: Array, moved: Array, number: int) -> Array:
        """sigma(theta_g)^m for each distinct m, at each point; (number, 0) without a multiplier."""
        g = self.design.multiplier_parameter
        if g < 0:
            return np.empty((number, 0))
        at = np.full(number, theta[g])
        at[1 + g :][:1] = moved[g]
        base = (1 + np.exp(-at))[:, None]
        return np.where(self.powers == 0, 1.0, base**-self.powers)


def _at_one_point(order: Indices) -> tuple[Terms, Indices]:
    """The linear predictors of one point, and which of them its terms are."""
    return (order, np.full(len(order), -1)), np.arange(len(order))[None, :]


def _at_moved_points(design: Design, order: Indices, exponentials: int) -> tuple[Terms, Indices]:
    """The linear predictors at theta and with each parameter moved, and which each point has."""
    pairs = []
    for k in order:
        used = set(design.parameter_of_column[design.terms[k].start : design.terms[k].stop])
        pairs += [(int(k), -1), *((int(k), int(j)) for j in sorted(used))]
    pairs.sort(key=lambda pair: not design.exponential[pair[0]])  # stable: exponentials first
    place = {pair: i for i, pair in enumerate(pairs)}
    which = [
        [place.get((int(k), j), place[int(k), -1]) for k in order] for j in range(-1, design.p)
    ]
    term, parameter = np.array(pairs, dtype=np.int64).T
    both = (np.ascontiguousarray(term), np.ascontiguousarray(parameter))
    return both, np.array(which, dtype=np.int64)


def slsqp(
    value: Callable[[Array], Any],
    start: Array,
    gradient: Callable[[Array], Array] | None = None,
) -> tuple[Array, float]:
    """Where the published optimiser stops on a function of theta (p,) or thetas (m, p).

    ``gradient`` may say faster what :func:`forward_differences` says of the function.
    """
    result = minimise(value, start, jac=gradient or forward_differences(value))
    return np.asarray(result.x, dtype=float), float(result.fun)


def solve_published(
    design: Design, response: Array, delta: float, start: Array | None = None
) -> tuple[Array, float]:
    """Estimates (p,) and objective of the published procedure; start defaults to zeros."""
    first = np.zeros(design.p) if start is None else start
    compiled = Compiled(design, response, delta)
    return slsqp(compiled.value, first, compiled.gradient)
