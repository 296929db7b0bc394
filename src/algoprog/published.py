"""The published estimator: the paper's optimiser, stopped where it stops.

SciPy's SLSQP with default options, gradient by forward differences, from zeros (Ho et al. 2024,
public notebooks). Its result is not a minimum, and it depends on rounding; it is kept so that the
published numbers come out again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from algoprog.design import Design
from algoprog.objective import forward_differences, objective

Array = NDArray[np.float64]


def solve_published(
    design: Design, response: Array, delta: float, start: Array | None = None
) -> tuple[Array, float]:
    """Estimates (p,) and objective of the published procedure; start defaults to zeros."""
    from scipy.optimize import minimize

    first = np.zeros(design.p) if start is None else start
    value = objective(design, response, delta)
    with np.errstate(over="ignore", invalid="ignore"):
        result = minimize(value, first, jac=forward_differences(value), method="SLSQP")
    return np.asarray(result.x, dtype=float), float(result.fun)
