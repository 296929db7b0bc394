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

from algoprog.estimators.objective import forward_differences, objective
from algoprog.model.design import Design

Array = NDArray[np.float64]


def slsqp(value: Callable[[Array], Any], start: Array) -> tuple[Array, float]:
    """Where the published optimiser stops on a function of theta (p,) or thetas (m, p)."""
    from scipy.optimize import minimize

    with np.errstate(over="ignore", invalid="ignore"):
        result = minimize(value, start, jac=forward_differences(value), method="SLSQP")
    return np.asarray(result.x, dtype=float), float(result.fun)


def solve_published(
    design: Design, response: Array, delta: float, start: Array | None = None
) -> tuple[Array, float]:
    """Estimates (p,) and objective of the published procedure; start defaults to zeros."""
    first = np.zeros(design.p) if start is None else start
    return slsqp(objective(design, response, delta), first)
