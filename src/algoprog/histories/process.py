"""A diagnosis of a record history: innovations add up, catch up with a trend, or saturate.

Records come at the intensity ``exp(a + b t - c S(t))``, S the gain so far. With b = c = 0
innovations add up at an even pace; c > 0 and b > 0 is catching up with a steady trend b / c, as
records among noisy attempts do; c > 0 and b <= 0 is saturation. As an estimator of the rate it
holds in its own world only, so it stands beside the headline and never in its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.histories.history import History
from algoprog.histories.intervals import LEAST_GAINS

Array = NDArray[np.float64]

NODES = 12  # of Gauss and Legendre, between records
STEPS = 100
TOLERANCE = 1e-9
WORST_CONDITION = 1e8  # above it the records do not tell b from c


@dataclass(frozen=True)
class Process:
    """Maximum-likelihood b (a year) and c (a bit, or a unit of the score), with standard errors."""

    trend: float
    saturation: float
    trend_error: float
    saturation_error: float


def process(history: History) -> Process | None:
    """Return the fit to a history; None with fewer than four gains or where b and c are one.

    The likelihood is concave in b and c once a is profiled out, ``exp(a) = n / integral``; Newton
    steps with halving find its maximum.
    """
    n = len(history.steps)
    if n < LEAST_GAINS or history.window_days <= 0:
        return None
    times = np.clip(history.days, 0.0, None) / history.window_days
    before = np.concatenate([[0.0], np.cumsum(history.gains)])
    scale = before[-1]  # time and S run from 0 to 1 while they are fitted
    edges = np.concatenate([[0.0], times, [1.0]])
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2
    at = (edges[:-1, None] + half) + half * nodes
    regressors = np.stack([at, np.broadcast_to(-before[:, None] / scale, at.shape)], axis=-1)
    regressors, measure = regressors.reshape(-1, 2), (half * weights).ravel()
    seen = np.column_stack([times, -before[:-1] / scale]).mean(axis=0)
    found = _maximum(regressors, measure, seen)
    if found is None:
        return None
    estimate, covariance = found
    errors = np.sqrt(np.diag(covariance) / n)
    return Process(
        trend=float(estimate[0] / history.years),
        saturation=float(estimate[1] / scale),
        trend_error=float(errors[0] / history.years),
        saturation_error=float(errors[1] / scale),
    )


def _maximum(regressors: Array, measure: Array, seen: Array) -> tuple[Array, Array] | None:
    """Maximum of ``seen @ z - log(sum of measure exp(regressors @ z))``, and the inverse Hessian.

    None where the regressors vary together.
    """
    z = np.zeros(2)
    value, slope, spread = _likelihood(z, regressors, measure, seen)
    for _ in range(STEPS):
        if np.linalg.cond(spread) > WORST_CONDITION:
            return None
        step = np.linalg.solve(spread, slope)
        if float(step @ slope) < TOLERANCE**2:
            return z, np.asarray(np.linalg.inv(spread), dtype=float)
        while True:
            tried = _likelihood(z + step, regressors, measure, seen)
            if tried[0] >= value - 1e-12:
                break
            step = step / 2
        z = z + step
        value, slope, spread = tried
    return None


def _likelihood(
    z: Array, regressors: Array, measure: Array, seen: Array
) -> tuple[float, Array, Array]:
    """Value, gradient and minus the Hessian, per record."""
    exponent = regressors @ z
    top = float(exponent.max())
    weight = measure * np.exp(exponent - top)
    total = float(weight.sum())
    weight = weight / total
    mean = weight @ regressors
    centred = regressors - mean
    spread = centred.T @ (weight[:, None] * centred)
    return float(seen @ z) - np.log(total) - top, seen - mean, spread
