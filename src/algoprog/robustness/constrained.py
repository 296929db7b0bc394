"""The least objective at an imposed growth of effective compute.

With growth split between the exponentials, sum_k g_k = g, the condition is linear,

    rho_k(theta) - g_k eps_k(theta) = 0    for each exponential k that progresses,

so at a given split the minimum is a fit under linear constraints. Where every rate and every
elasticity is a parameter of its own, they are one column each
(:mod:`algoprog.robustness.substituted`). Any other form takes the ordinary solver, with one
further row for each constraint (exponentials vanish on it, a linear term holds the constraint),
inside the method of multipliers (Hestenes 1969). The L1 term stays exact. The split is then found
by a bracketed search in one dimension. It knows designs and closed forms; it knows no grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import (
    SAME_MINIMUM,
    Problem,
    descend,
    predict,
)
from algoprog.estimators.inference import derivatives
from algoprog.estimators.starts import default_starts
from algoprog.model.design import Design, Term
from algoprog.model.growth import Elasticity
from algoprog.robustness.bootstrap_intervals import compute_growth, growth_gradient
from algoprog.robustness.substituted import Substitution

Array = NDArray[np.float64]

# Exponent at which an exponential vanishes from the further rows (exp(-700) = 1e-304).
VANISHES = -700.0
# Weight of a constraint relative to the objective, and rounds of the method of multipliers: each
# shrinks the violation by about this factor.
STIFFNESS = 1e4
MULTIPLIER_ROUNDS = 6
# A parameter that moves the linear predictor by less than this (nats) is zero: it is what the
# method of multipliers leaves of one.
ZERO = 1e-10
# A point is certified when its smallest subgradient under the constraint, relative, and its
# distance from the growth asked for are below this: the split is found to about 1e-8 of itself.
CERTIFIED = 1e-5
# Splits tried of growth, per year: around one half of it, sinh-spaced to 10 a year on both sides.
SPLITS = np.sinh(np.linspace(-3.0, 3.0, 15))
SPLIT_TOLERANCE = 1e-8
REFINED = 3  # of the best splits, each between its neighbours
# By substitution, where a descent along the split follows: splits tried, starts of the solver's.
FEWER_SPLITS = SPLITS[::2]
STARTS_OF_A_SPLIT = 2
SAME_VALLEY = 1e-6  # of two objectives, relative


@dataclass(frozen=True)
class Constrained:
    """A minimum at a given growth of each exponential.

    Parameters (p,), objective, and the largest violation of a constraint rho_k - g_k eps_k = 0,
    divided by 1 + |g_k|.
    """

    theta: Array
    objective: float
    violation: float = 0.0


def _stretched(design: Design, number: int) -> Design:
    """The design with ``number`` rows more, on which only a further linear term acts.

    It has a column, of the last p, for each parameter: zero until :meth:`Profiler.at_split`
    fills them in.
    """
    n, p = design.n, design.p
    vanishes = np.where(design.exponential, VANISHES, 0.0)[:, None]
    return replace(
        design,
        columns=np.pad(design.columns, ((0, p), (0, number))),
        parameter_of_column=np.append(design.parameter_of_column, np.arange(p)),
        terms=(*design.terms, Term(False, len(design.columns), len(design.columns) + p)),
        offset=np.vstack(
            [
                np.hstack([design.offset, np.broadcast_to(vanishes, (len(design.terms), number))]),
                np.zeros(n + number),
            ]
        ),
        multiplier=np.append(design.multiplier, np.zeros(number)),
    )


@dataclass(frozen=True)
class Profiler:
    """The problem of one variant, its closed form on one benchmark, and what every search shares.

    ``parts`` are the exponentials that progress (one or two); ``starts`` (s, p) begin the
    searches: the ``minima`` (m, p) of the ordinary fit, then starts of the solver's own.
    ``substitution`` is the closed form's, where it has one.
    """

    task: Problem
    parts: list[Elasticity]
    minima: Array
    starts: Array
    stretched: Design
    substitution: Substitution | None

    @classmethod
    def of(cls, task: Problem, parts: Sequence[Elasticity], minima: Array, number: int) -> Profiler:
        """Of a problem with its known ``minima`` (m, p) and ``number`` starts of the solver's."""
        moving = [part for part in parts if part.progresses]
        own = default_starts(task.design, task.response, task.weights, number)
        starts = np.concatenate([minima, own])
        longer = _stretched(task.design, len(moving))
        return cls(task, moving, minima, starts, longer, Substitution.of(task, moving))

    def growth(self, theta: Array) -> Array:
        """Growth (K,) of each exponential at theta; NaN where rate and elasticity are both zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.array(
                [
                    np.divide(
                        part.rate @ theta + part.held_rate,
                        part.elasticity @ theta + part.held_elasticity,
                    )
                    for part in self.parts
                ]
            )

    def at_split(self, split: Array, starts: Array) -> Constrained:
        """The minimum at growth ``split`` (K,) of the exponentials, per year, from ``starts``."""
        if self.substitution:
            return Constrained(*self.substitution.at_split(split, starts))
        return self.by_multipliers(split, starts)

    def by_multipliers(self, split: Array, starts: Array) -> Constrained:
        """Return :meth:`at_split` by the method of multipliers, whatever the closed form.

        Descends from each of ``starts``, then repeats from the best with updated multipliers.
        """
        k, n, p = len(self.parts), self.task.design.n, self.task.design.p
        size = 1.0 + np.abs(split)
        rows = np.array([a.rate - g * a.elasticity for a, g in zip(self.parts, split, strict=True)])
        levels = np.array(
            [g * a.held_elasticity - a.held_rate for a, g in zip(self.parts, split, strict=True)]
        )
        rows, levels = rows / size[:, None], levels / size
        columns = self.stretched.columns.copy()
        columns[-p:, n:] = rows.T
        design = replace(self.stretched, columns=columns)
        weights = np.append(self.task.weights, np.full(k, STIFFNESS))
        shift = np.zeros(k)
        for _ in range(MULTIPLIER_ROUNDS):
            response = np.append(self.task.response, levels + shift)
            ends, values, *_ = descend(
                Problem(design, response, weights, self.task.delta), np.atleast_2d(starts)
            )
            theta = ends[np.argmin(values)]
            miss = levels - rows @ theta
            shift += miss
            starts = theta
            if np.abs(miss).max() <= 1e-13:
                break
        moves = np.abs(theta) * np.maximum(self.task.design.scale, 1.0)
        theta = np.where(moves <= ZERO, 0.0, theta)
        multipliers = -2.0 * STIFFNESS * shift
        # a violation v changes the objective by -multiplier * v, to first order
        value = self.objective(theta) - float(multipliers @ miss)
        return Constrained(theta, value, float(np.abs(miss).max()))

    def objective(self, theta: Array) -> float:
        """The penalised objective at theta, the constraints aside."""
        residual = self.task.response - predict(self.task.design, theta)
        return float(
            self.task.weights @ residual**2 + self.task.delta * self.task.design.size(theta)
        )

    def at_growth(self, growth: float, starts: Array) -> Constrained:
        """The minimum among parameters whose growth of effective compute is ``growth`` a year.

        ``starts`` (s, p) are tried besides the profiler's own. With two exponentials the split is
        scanned, then searched between the neighbours of the best ones, or by substitution from
        them; where several splits give the same minimum, the point with the smallest subgradient
        is kept.
        """
        own = self.starts
        if self.substitution:
            own = own[: len(self.minima) + STARTS_OF_A_SPLIT]
        everywhere = np.concatenate([np.atleast_2d(starts), own])
        if len(self.parts) == 1:
            return self.at_split(np.array([growth]), everywhere)
        found, _ = self._scan(growth, everywhere)
        best = min(point.objective for point in found)
        same = [q for q in found if q.objective <= best + SAME_MINIMUM * abs(best)]
        return min(same, key=lambda q: self.subgradient(q.theta, growth))

    def valleys(self, growth: float, starts: Array) -> list[Constrained]:
        """Return the distinct local minima along the split by substitution, best first."""
        everywhere = np.concatenate([np.atleast_2d(starts), self.minima])
        if len(self.parts) == 1:
            return [self.at_split(np.array([growth]), everywhere)]
        _, ends = self._scan(growth, everywhere)
        found: list[Constrained] = []
        for end in sorted(ends, key=lambda point: point.objective):
            if not found or end.objective > found[-1].objective * (1.0 + SAME_VALLEY):
                found.append(end)
        return found

    def _scan(
        self, growth: float, everywhere: Array
    ) -> tuple[list[Constrained], list[Constrained]]:
        """All minima seen at splits of a grid and in search of better ones; those searched for."""
        tried, known = SPLITS, everywhere
        if self.substitution:
            tried, known = FEWER_SPLITS, everywhere[:1]
        firsts = [growth / 2 + tried, [0.0, growth], self.growth(known.T)[0]]
        grid = np.unique(np.concatenate(firsts))
        grid = grid[np.abs(grid) <= np.abs(growth) + SPLITS[-1]]
        scan = [self.at_split(np.array([x, growth - x]), everywhere) for x in grid]
        values = np.array([point.objective for point in scan])
        walls = np.concatenate([[np.inf], values, [np.inf]])
        lowest = np.flatnonzero((values <= walls[:-2]) & (values <= walls[2:]))
        best = lowest[np.argsort(values[lowest])][:REFINED]
        if self.substitution:
            thetas = np.array([scan[i].theta for i in best])
            ends, objectives, _ = self.substitution.search(growth, grid[best], thetas)
            found = [Constrained(*one) for one in zip(ends, objectives.tolist(), strict=True)]
            return scan + found, found
        found = []
        for i in best:
            left, right = max(i - 1, 0), min(i + 1, len(grid) - 1)
            ends = np.array([point.theta for point in scan[left : right + 1]])
            found.append(self._search(growth, float(grid[left]), float(grid[right]), ends))
        return scan + found, found

    def _search(self, growth: float, left: float, right: float, starts: Array) -> Constrained:
        """The best split between two, by bounded search (Brent 1973)."""
        from scipy.optimize import minimize_scalar

        seen: list[Constrained] = []

        def value(x: float) -> float:
            seen.append(self.at_split(np.array([x, growth - x]), starts))
            return seen[-1].objective

        minimize_scalar(
            value, bounds=(left, right), method="bounded", options={"xatol": SPLIT_TOLERANCE}
        )
        return min(seen, key=lambda point: point.objective)

    def subgradient(self, theta: Array, growth: float) -> float:
        """What certifies theta as a minimum at ``growth``: 0 at one, up to rounding.

        The larger of |G(theta) - growth| / (1 + |growth|) and, at the best multiplier lambda, the
        largest component of the smallest subgradient of objective + lambda G, G the growth, each
        relative to 2 sqrt(mse) times the norm of its column of the Jacobian, plus delta. Infinite
        where G has no derivative: such a point is a limit of points with that growth.
        """
        from scipy.optimize import linprog

        reached = float(compute_growth(self.parts, theta[None, :])[0])
        slope = growth_gradient(self.parts, theta)
        if not (np.isfinite(reached) and np.isfinite(slope).all()):
            return float("inf")
        residual, jacobian, _ = derivatives(self.task, theta)
        weights, delta = self.task.weights, self.task.delta
        gradient = -2.0 * (weights * residual) @ jacobian + delta * np.sign(theta)
        size = 2.0 * np.sqrt((weights @ residual**2) * (weights @ jacobian**2)) + delta
        size = np.where(size > 0, size, 1.0)
        slack = np.where(theta == 0, delta, 0.0) / size
        a, b = slope / size, gradient / size
        away = abs(reached - growth) / (1.0 + abs(growth))
        steep = np.abs(a).max()
        if steep == 0:
            return max(away, float((np.abs(b) - slack).max()))
        # minimise t with |b + lambda a| - slack <= t: a linear programme in (lambda, t)
        ones = np.ones(a.size)
        least = linprog(
            [0.0, 1.0],
            A_ub=np.column_stack([np.append(a, -a) / steep, -np.append(ones, ones)]),
            b_ub=np.append(slack - b, slack + b),
            bounds=[(None, None), (0, None)],
        )
        return max(away, float(least.fun)) if least.success else float("inf")
