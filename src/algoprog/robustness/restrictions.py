"""Fits held at a growth, of the records and of many drawn responses at once.

A restriction says what growth is, as a function of the parameters, and fits with it held. Growth in
closed form is held by substitution (:mod:`algoprog.robustness.substituted`). Any other growth is a
ratio a(theta) / b(theta); at growth g the condition a - g b = 0 is held by sequential quadratic
programming (SLSQP; Kraft 1988), with theta = u - v, u and v >= 0, so that the L1 term is exact. It
knows problems and models; it knows no grid, no p-values and no tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import Fit, Problem, descend, predict
from algoprog.estimators.slsqp import minimise
from algoprog.model.growth import Elasticity
from algoprog.model.model import Model
from algoprog.quantities.own_allocation import Direction, OwnAllocation
from algoprog.robustness.constrained import Profiler
from algoprog.robustness.names import Quantity
from algoprog.robustness.substituted import Substitution

Array = NDArray[np.float64]
Ratio = Callable[[Array], tuple[Array, Array]]
OWN: dict[str, Direction] = {
    "own_allocation": "alike",
    "own_parameters": "parameters",
    "own_data": "data",
    "own_trend": "trend",
}
# Valleys of the records' restricted fit, and minima of the free one, from which draws begin: those
# within CLOSE of the best, relative, since a draw moves objectives by about so much.
VALLEYS, MINIMA, CLOSE = 2, 2, 0.05
# Of the objective, relative, at which a programme ends; the violation, relative to the size of the
# condition, up to which it counts as held; the least scale of a parameter in it.
END, HELD, LEAST_SCALE = 1e-9, 1e-6, 0.3
LONGEST = 300  # iterations of a programme
DIFFERENCE = 1e-6  # step of a derivative, relative to 1 + |theta|


@dataclass(frozen=True)
class Held:
    """The records' fit at a growth: thetas (s, p) best first, objective of the first, growth."""

    thetas: Array
    objective: float
    growth: float


class Restriction(Protocol):
    """Fits with a growth held."""

    def hold(self, growth: float, start: Array) -> Held:
        """Return the fit of the records at a growth, also from a start (p,)."""

    def drawn(self, held: Held, responses: Array) -> tuple[Array, Array]:
        """Return the restricted and the free minimum (b,) of responses (b, n)."""


def near(fit: Fit) -> Array:
    """The minima (m, p) of a fit from which draws begin."""
    close = fit.minima_objectives <= fit.objective * (1.0 + CLOSE)
    kept = fit.minima[close][:MINIMA]
    return kept if len(kept) else fit.theta[None, :]


@dataclass(frozen=True)
class BySubstitution:
    """Growth in closed form, of a law whose rates and elasticities are parameters."""

    profiler: Profiler
    substitution: Substitution
    free: Array

    def hold(self, growth: float, start: Array) -> Held:
        """Return the fit of the records at a growth: its valleys along the split, best first."""
        found = self.profiler.valleys(growth, start)
        best = found[0].objective
        kept = [point for point in found if point.objective <= best * (1.0 + CLOSE)][:VALLEYS]
        return Held(np.array([point.theta for point in kept]), best, growth)

    def drawn(self, held: Held, responses: Array) -> tuple[Array, Array]:
        """Return the restricted and the free minimum (b,) of responses (b, n)."""
        splits = np.nan_to_num(self.profiler.growth(held.thetas.T)[0])
        return self.substitution.drawn(held.growth, responses, (held.thetas, splits), self.free)


@dataclass(frozen=True)
class ByProgramme:
    """Growth that is any ratio of functions of the parameters.

    ratio : numerators (r,) and denominators (r,) of growth at thetas (r, p).
    size : what the condition is divided by, the denominator at the free fit.
    free : thetas (f, p) of the free fit's minima, best first.
    """

    task: Problem
    ratio: Ratio
    size: float
    free: Array

    def hold(self, growth: float, start: Array) -> Held:
        """Return the fit of the records at a growth."""
        ends = [self.at(self.task, growth, x) for x in (start, *self.free)]
        theta, objective = min(ends, key=lambda end: end[1])
        return Held(theta[None, :], objective, growth)

    def drawn(self, held: Held, responses: Array) -> tuple[Array, Array]:
        """Return the restricted and the free minimum (b,) of responses (b, n)."""
        values, least = np.empty(len(responses)), np.empty(len(responses))
        for i, response in enumerate(responses):
            task = replace(self.task, response=response)
            theta, values[i] = self.at(task, held.growth, held.thetas[0])
            least[i] = descend(task, np.vstack([theta, self.free]))[1].min()
        return values, np.minimum(values, least)

    def at(self, task: Problem, growth: float, theta: Array) -> tuple[Array, float]:
        """Return the minimum (p,) of a problem at a growth, from theta, and its objective.

        The objective is infinite where the programme does not end at parameters with that growth.
        """
        p = task.design.p
        scale = np.maximum(task.design.scale, LEAST_SCALE)
        penalty = np.tile(task.delta / scale, 2)
        first = float(task.weights @ (task.response - predict(task.design, theta)) ** 2)
        unit = first + task.delta * float(np.abs(theta).sum())

        def value(z: Array) -> tuple[float, Array]:
            square, slope = mean_square((z[:p] - z[p:]) / scale, task)
            gradient = np.concatenate([slope, -slope]) / np.tile(scale, 2)
            return (square + float(penalty @ z)) / unit, (gradient + penalty) / unit

        def condition(z: Array) -> float:
            return self.condition((z[:p] - z[p:]) / scale, growth, slope=False)[0] / self.size

        def its_slope(z: Array) -> Array:
            row = self.condition((z[:p] - z[p:]) / scale, growth)[1] / self.size / scale
            return np.concatenate([row, -row])

        start = np.concatenate([np.maximum(theta, 0.0), np.maximum(-theta, 0.0)])
        with np.errstate(all="ignore"):
            found = minimise(
                value,
                start * np.tile(scale, 2),
                jac=True,
                bounds=[(0.0, None)] * (2 * p),
                constraints={"type": "eq", "fun": condition, "jac": its_slope},
                options={"maxiter": LONGEST, "ftol": END},
            )
            missed = abs(condition(found.x))
        ends = (found.x[:p] - found.x[p:]) / scale
        if not (np.isfinite(found.fun) and missed <= HELD * (1.0 + abs(growth))):
            return theta, np.inf
        return ends, float(found.fun) * unit

    def condition(self, theta: Array, growth: float, slope: bool = True) -> tuple[float, Array]:
        """Return a - g b at theta (p,), and its derivative (p,) by central differences."""
        step = DIFFERENCE * (1.0 + np.abs(theta))
        points = theta[None, :]
        if slope:
            moves = np.diag(step)
            points = np.vstack([points, theta + moves, theta - moves])
        gain, cost = self.ratio(points)
        values = gain - growth * cost
        p = theta.size if slope else 0
        return float(values[0]), (values[1 : 1 + p] - values[1 + p :]) / (2.0 * step[:p])


def restriction(model: Model, task: Problem, fit: Fit, quantity: Quantity) -> Restriction:
    """Return how a quantity's growth is held in fits of a model.

    Raises ValueError, saying why, where the model has no such growth.
    """
    free = near(fit)
    ratio = _ratio(model, task, fit, quantity)
    if isinstance(ratio, BySubstitution):
        return ratio
    _, cost = ratio(fit.theta[None, :])
    if not cost[0] > 0:
        raise ValueError("its loss does not fall with scale")
    return ByProgramme(task, ratio, float(cost[0]), free)


def _ratio(model: Model, task: Problem, fit: Fit, quantity: Quantity) -> Ratio | BySubstitution:
    """A quantity's growth: by substitution where that can be, else as a ratio."""
    if quantity in OWN:
        return own_ratio(model, OWN[quantity])
    form = model.closed_form
    if form is None:
        raise ValueError("its doubling time has no closed form")
    parts = [
        part
        for part in form.first
        if part.progresses and quantity in ("closed_form", part.quantity)
    ]
    if not parts:
        raise ValueError("it has no progress")
    if quantity == "closed_form":
        profiler = Profiler.of(task, parts, near(fit), 0)
        if profiler.substitution:
            return BySubstitution(profiler, profiler.substitution, profiler.minima)
    return closed_ratio(parts)


def mean_square(theta: Array, task: Problem) -> tuple[float, Array]:
    """Return the weighted mean square at theta (p,), and its gradient (p,)."""
    design = task.design
    g, gamma = design.multiplier_parameter, np.zeros(design.n)
    if g >= 0:
        gamma = -np.logaddexp(0.0, -theta[g]) * design.multiplier
    eta = theta[design.parameter_of_column][:, None] * design.columns
    terms, turned = [], np.zeros(design.n)
    for k, term in enumerate(design.terms):
        made = design.offset[k] + eta[term.start : term.stop].sum(axis=0)
        terms.append(np.exp(made + gamma) if term.exponential else made)
        turned += terms[k] if term.exponential else 0.0
    residual = task.response - np.sum(terms, axis=0)
    pull = -2.0 * task.weights * residual
    gradient = np.zeros(design.p)
    for k, term in enumerate(design.terms):
        weight = pull * terms[k] if term.exponential else pull
        slopes = design.columns[term.start : term.stop] @ weight
        np.add.at(gradient, design.parameter_of_column[term.start : term.stop], slopes)
    if g >= 0:
        gradient[g] += float((pull * turned) @ design.multiplier) / (1.0 + np.exp(theta[g]))
    return float(task.weights @ residual**2), gradient


def closed_ratio(parts: Sequence[Elasticity]) -> Ratio:
    """Return growth in closed form, sum_k rho_k / eps_k, as numerator and denominator."""

    def of(theta: Array) -> tuple[Array, Array]:
        rates = [theta @ part.rate + part.held_rate for part in parts]
        scales = [theta @ part.elasticity + part.held_elasticity for part in parts]
        cost = np.prod(scales, axis=0)
        gain = sum(
            rate * np.prod([s for i, s in enumerate(scales) if i != k], axis=0)
            for k, rate in enumerate(rates)
        )
        return np.asarray(gain), np.asarray(cost)

    return of


def own_ratio(model: Model, direction: Direction) -> Ratio:
    """Return growth at the records' own allocation as numerator and denominator."""
    own = OwnAllocation.of(model)

    def of(theta: Array) -> tuple[Array, Array]:
        falls = own.at(theta)
        return falls.time.mean(axis=1), falls.compute(direction).mean(axis=1)

    return of
