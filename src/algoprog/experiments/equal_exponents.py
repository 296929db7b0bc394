"""A scaling law with the same exponent for parameters and data, from a handful of runs.

    L = E + (a M^eta + b M^-eta) C^-eta,    C = 6 N D,  M = D / N,

by least squares on L (Gadre et al. 2024, equation 4): the law E + A N^-alpha + B D^-alpha with
alpha = 2 eta. The module knows runs; it knows no registers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.experiments.laws import Runs

Array = NDArray[np.float64]

EXPONENTS = (0.01, 0.6)  # the range of eta that is searched
GRID = 60


@dataclass(frozen=True)
class EqualExponents:
    """A fitted law: E in nats, a and b the weights of the two terms, eta their exponent."""

    irreducible: float
    parameters_term: float
    data_term: float
    exponent: float
    sum_of_squares: float
    n: int


def fit_equal_exponents(runs: Runs) -> EqualExponents:
    """Return the least-squares law: linear in E, a and b, so a search over eta alone.

    Raises
    ------
    InputError
        for fewer runs than the law has constants.
    """
    from scipy.optimize import minimize_scalar

    if runs.n < 4:
        raise InputError("sweep", "runs", runs.n, "give at least four runs")
    compute = 6.0 * runs.parameters * runs.tokens
    ratio = runs.tokens / runs.parameters

    def at(eta: float) -> tuple[float, Array]:
        scale = compute**-eta
        columns = np.column_stack([np.ones(runs.n), ratio**eta * scale, ratio**-eta * scale])
        size = np.abs(columns).max(axis=0)
        levels = np.linalg.lstsq(columns / size, runs.loss, rcond=None)[0] / size
        residual = runs.loss - columns @ levels
        return float(residual @ residual), levels

    grid = np.linspace(*EXPONENTS, GRID)
    lowest = int(np.argmin([at(float(eta))[0] for eta in grid]))
    bounds = grid[max(lowest - 1, 0)], grid[min(lowest + 1, GRID - 1)]
    found = minimize_scalar(
        lambda eta: at(eta)[0], bounds=bounds, method="bounded", options={"xatol": 1e-12}
    )
    value, levels = at(float(found.x))
    irreducible, first, second = levels.tolist()
    return EqualExponents(irreducible, first, second, float(found.x), value, runs.n)
