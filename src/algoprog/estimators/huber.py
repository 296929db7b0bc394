"""Huber's loss in place of the square: records far from the fit pull with bounded force.

    minimise  mean_i rho_k(y_i - yhat_i) + delta sum_j |theta_j|,
    rho_k(r) = r^2 where |r| <= k,  2 k |r| - k^2 beyond  (nats squared),

twice the textbook form (Huber 1964), so that k = infinity is the objective of the other fits and
delta means the same. rho_k lies below the parabola that touches it at +-r, so least squares with
the weights min(1, k / |r|) at the current residuals never raise the objective; at a fixed point
the two problems have the same subgradients, which makes the solver's certificate that of Huber's
objective as well (:mod:`algoprog.estimators.majorised`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.estimators.converged import (
    STARTS_A_ROUND,
    Fit,
    Problem,
    collect,
    predict,
    problem,
    solve,
    subgradient,
)
from algoprog.estimators.majorised import STATIONARY, Descent
from algoprog.estimators.objective import predictor
from algoprog.estimators.published import slsqp
from algoprog.estimators.starts import default_starts, hops
from algoprog.model.design import Design

Array = NDArray[np.float64]

MAD_TO_SIGMA = 1.4826  # of a normal distribution
MAX_REWEIGHTINGS = 2000
PERTURBED = 16


def huber_loss(residual: Array, k: float) -> Array:
    """rho_k of residuals in nats."""
    size = np.abs(residual)
    return np.where(size <= k, size**2, 2 * k * size - k**2)


def robust_scale(residual: Array) -> float:
    """1.4826 times the median absolute deviation from the median: sigma where errors are normal."""
    return float(MAD_TO_SIGMA * np.median(np.abs(residual - np.median(residual))))


@dataclass(frozen=True)
class Threshold:
    """Where Huber's loss turns from squares to absolute values: at k nats, or at robust scales."""

    k: float | None = None
    scales: float | None = None


def threshold(turns: Threshold, design: Design, response: Array, delta: float) -> float:
    """Return the threshold k in nats.

    The scale is that of the residuals of the least-squares fit of the same rows (1.345 scales lose
    5 % of efficiency where errors are normal).
    """
    if turns.k is not None:
        return turns.k
    scales = turns.scales or 0.0
    residual = response - predict(design, solve(design, response, delta).theta)
    scale = robust_scale(residual)
    if not scale > 0:
        raise InputError(
            "config.yaml", "huber.scales", scales, "half of the residuals are 0: give k"
        )
    return scales * scale


def reweighted(task: Problem, k: float, theta: Array) -> Problem:
    """The least-squares problem that touches Huber's objective at theta (p,) from above."""
    size = np.abs(task.response - predict(task.design, theta))
    weights = task.weights * (k / np.maximum(size, k))
    total = float(weights.sum())
    return Problem(task.design, task.response, weights / total, task.delta / total)


def huber_subgradient(task: Problem, k: float, theta: Array) -> float:
    """The certificate's number of Huber's objective at theta (p,), whoever found it."""
    return subgradient(reweighted(task, k, theta), theta)


def huber_objective(task: Problem, k: float, theta: Array) -> float:
    """Huber's objective at theta (p,)."""
    loss = huber_loss(task.response - predict(task.design, theta), k)
    return float(task.weights @ loss + task.delta * task.design.size(theta))


@dataclass(frozen=True)
class HuberObjective:
    """Huber's objective of a task at the threshold k."""

    task: Problem
    k: float

    def touching(self, theta: Array) -> Problem:
        """Return :func:`reweighted` squares."""
        return reweighted(self.task, self.k, theta)

    def excess(self, local: Problem, residual: Array, jacobian: Array) -> Array:
        """Beyond the threshold the loss is linear: all curvature there is excess."""
        far = np.abs(residual) > self.k
        return 2 * (jacobian[far].T * local.weights[far]) @ jacobian[far]

    def value(self, theta: Array) -> float:
        """Return :func:`huber_objective`."""
        return huber_objective(self.task, self.k, theta)


def _descend(task: Problem, k: float, theta: Array) -> tuple[Array, float]:
    descent = Descent(HuberObjective(task, k), theta)
    for _ in range(MAX_REWEIGHTINGS):
        if descent.size <= STATIONARY:
            break
        descent.step()
    return descent.theta, descent.size


def solve_huber(
    design: Design,
    response: Array,
    delta: float,
    k: float,
    warm: Array | None = None,
    perturbed: int = PERTURBED,
) -> Fit:
    """The minimum of Huber's objective, k in nats: a Fit whose objective and certificate are its.

    Descents start from ``warm`` (s, p), the local minima of the least-squares objective, its best
    minimum perturbed ``perturbed`` times, and the default starts. ``mean_square`` is the mean
    of rho_k.
    """
    if not k > 0:
        raise InputError("config.yaml", "huber", k, "give a threshold above 0 nats")
    task = problem(design, response, delta)
    squares = solve(design, response, delta, warm=warm)
    starts = np.vstack(
        [
            np.empty((0, design.p)) if warm is None else np.atleast_2d(warm),
            squares.theta,
            squares.minima,
            squares.theta + hops(design, perturbed),
            default_starts(design, task.response, task.weights, STARTS_A_ROUND),
        ]
    )
    ends = [_descend(task, k, start) for start in starts]
    thetas = np.array([theta for theta, _ in ends])
    objectives = np.array([huber_objective(task, k, theta) for theta in thetas])
    return collect(
        task,
        thetas,
        objectives,
        objectives - delta * design.size(thetas),
        np.array([size for _, size in ends]),
    )


def solve_huber_published(
    design: Design, response: Array, delta: float, k: float
) -> tuple[Array, float]:
    """Where SLSQP from zeros (published) stops on Huber's objective, and the value there."""
    predict = predictor(design)

    def value(theta: Array) -> Any:
        loss = np.mean(huber_loss(response - predict(theta), k), axis=-1)
        return loss + delta * design.size(theta)

    return slsqp(value, np.zeros(design.p))
