"""The objective in plain NumPy, written as the published notebooks write it.

It is what the published estimator minimises, operation by operation in the published order, since
where that optimiser stops depends on rounding; and the reference the compiled solver is tested
against.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.model.design import Design

Array = NDArray[np.float64]

# A fit is certified when the relative smallest subgradient is below this (docs/method.md, 3).
CERTIFICATE = 1e-8
STEP = float(np.sqrt(np.finfo(float).eps))


def predictor(design: Design) -> Callable[[Array], Array]:
    """A function theta (p,) -> yhat (n,) of the design's rows, in nats.

    yhat = sigma(theta_g)^m * sum_k exp(offset_k + X_k theta) + Z theta, each linear predictor
    summed column by column from the left. Thetas (m, p) give yhat (m, n), bit by bit what each of
    them gives alone.
    """
    terms = [
        (
            term.exponential,
            [
                (int(design.parameter_of_column[j]), design.columns[j])
                for j in range(term.start, term.stop)
            ],
            design.offset[k] if design.offset[k].any() else None,
        )
        for k, term in enumerate(design.terms)
    ]
    g, multiplier = design.multiplier_parameter, design.multiplier

    def predict(thetas: Array) -> Array:
        theta = thetas if thetas.ndim == 1 else thetas.T[:, :, None]  # theta[j]: 1 or (m, 1)
        total: Array | None = None
        linear: list[Array] = []
        for exponential, columns, offset in terms:
            eta = np.zeros(design.n) if offset is None else offset.copy()
            for j, column in columns:
                eta = eta + theta[j] * column
            if exponential:
                total = np.exp(eta) if total is None else total + np.exp(eta)
            else:
                linear.append(eta)
        assert total is not None
        if g >= 0:
            total = total * np.where(multiplier == 0, 1.0, (1 + np.exp(-theta[g])) ** -multiplier)
        for eta in linear:
            total = total + eta
        return total

    return predict


def objective(design: Design, response: Array, delta: float) -> Callable[[Array], Any]:
    """A function theta -> mean (y - yhat)^2 + delta sum |theta|.

    Of theta (p,) it is a number; of thetas (m, p), (m,).
    """
    predict = predictor(design)

    def value(theta: Array) -> Any:
        square = (response - predict(theta)) ** 2
        return np.mean(square, axis=-1) + delta * design.size(theta)

    return value


def forward_differences(value: Callable[[Array], Any]) -> Callable[[Array], Array]:
    """The gradient (p,) at theta (p,) that SciPy takes of a function without one.

    (f(theta + h e_j) - f(theta)) / ((theta_j + h) - theta_j) with h = sqrt(eps), the function
    evaluated at all p + 1 points at once: the same bits as SciPy's, one point after another, in a
    fraction of the time.
    """

    def gradient(theta: Array) -> Array:
        moved, step = moved_by_steps(theta)
        values = value(moved_points(theta, moved))
        return np.asarray((values[1:] - values[0]) / step)

    return gradient


def moved_by_steps(theta: Array) -> tuple[Array, Array]:
    """Return each parameter moved by its step (p,), and the steps (p,), as SciPy takes them."""
    moved = theta + STEP
    step = moved - theta
    if not step.all():  # so large that h is lost
        sign = np.where(theta >= 0, 1.0, -1.0)
        further = np.where(step == 0, STEP * sign * np.maximum(1.0, np.abs(theta)), STEP)
        moved = theta + further
        step = moved - theta
    return moved, step


def moved_points(theta: Array, moved: Array) -> Array:
    """Return theta, and theta with each parameter in turn as in ``moved``: (p + 1, p)."""
    points = np.repeat(theta[None, :], len(theta) + 1, axis=0)
    np.fill_diagonal(points[1:], moved)
    return points
