"""How much an end of an interval moves with the draws it rests on."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from algoprog.audit.reproduction import Figure
from algoprog.common.intervals import quantiles

Array = NDArray[np.float64]


def monte_carlo_error(draws: Array, q: float) -> float:
    """Return the standard error of the quantile q of draws (r,), from there being r of them only.

    Resampling the draws, the order statistic k = 1 + q (r - 1) falls on the i-th of them with
    probability w_i = I(i/r; k, r - k + 1) - I((i-1)/r; k, r - k + 1), I the regularised incomplete
    beta function, so its standard error sqrt(sum w x^2 - (sum w x)^2) needs no simulation (Maritz
    and Jarrett 1978); k need not be whole. Infinite where infinite draws can become the quantile
    (probability above 1e-6).
    """
    weights = _weights(len(draws), q)
    ordered = np.sort(draws)
    finite = np.isfinite(ordered)
    if weights[~finite].sum() > 1e-6:
        return math.inf
    weights, ordered = weights[finite] / weights[finite].sum(), ordered[finite]
    centred = ordered - weights @ ordered
    return math.sqrt(float(weights @ centred**2))


def monte_carlo_interval(draws: Array, q: float, level: float = 0.95) -> tuple[float, float]:
    """Return the central interval of the quantile q under the same distribution.

    Its ends are draws, so it is fit for heavy tails and infinite draws, where a standard error says
    little.
    """
    from scipy.special import betaincinv

    a, b = _shape(len(draws), q)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    ranks = np.clip(np.ceil(betaincinv(a, b, tails) * len(draws)), 1, len(draws))
    low, high = np.sort(draws)[ranks.astype(int) - 1].tolist()
    return low, high


def interval_noise(draws: Array, level: float) -> Figure:
    """Return Monte-Carlo standard errors of :func:`central`."""
    tail = (100 - level) / 200
    return Figure(*(monte_carlo_error(draws, q) for q in (0.5, tail, 1 - tail)))


def central(draws: Array, level: float) -> Figure:
    """Return median and ends of the central interval of draws (level in per cent)."""
    tail = (100 - level) / 200
    return Figure(*quantiles(draws, np.array([0.5, tail, 1 - tail])).tolist())


def _shape(r: int, q: float) -> tuple[float, float]:
    return q * (r - 1) + 1, (1 - q) * (r - 1) + 1


def _weights(r: int, q: float) -> Array:
    from scipy.special import betainc

    return np.diff(betainc(*_shape(r, q), np.arange(r + 1) / r))
