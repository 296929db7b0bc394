"""Confidence limits of growth from bootstrap draws: percentile, basic, studentised and BCa.

They are limits of growth per year, which has no pole;
:func:`algoprog.common.intervals.doubling_interval` maps them to doubling times. It knows fits and
their draws; it knows no samples or tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.intervals import Interval, quantiles
from algoprog.common.levels import LEVELS
from algoprog.estimators.converged import Problem
from algoprog.estimators.inference import derivatives, solve_definite
from algoprog.model.growth import Elasticity, growth_rates

Array = NDArray[np.float64]

METHODS = ("percentile", "basic", "studentised", "bca")


@dataclass(frozen=True)
class Bootstrap:
    """A growth rate with what its bootstrap says of it.

    Attributes
    ----------
    point, error : the estimate and its standard error (NaN where it has none), per year.
    draws, errors : (b,) the estimate and its standard error in each replicate.
    jackknife : (m,) the estimate without each unit of resampling.
    """

    point: float
    error: float
    draws: Array
    errors: Array
    jackknife: Array


def growth_gradient(parts: list[Elasticity], theta: Array) -> Array:
    """Derivative (p,) of the growth of effective compute by the parameters theta (p,).

    d(rho / eps) = d rho / eps - rho d eps / eps^2, summed over the exponentials with progress;
    not finite where an elasticity is zero and its rate is not.
    """
    gradient = np.zeros(theta.shape)
    for part in parts:
        rate = part.rate @ theta + part.held_rate
        elasticity = part.elasticity @ theta + part.held_elasticity
        if rate == 0 and elasticity == 0:
            continue  # its growth is 0 by definition (growth_rates)
        with np.errstate(divide="ignore", invalid="ignore"):
            gradient += part.rate / elasticity - rate * part.elasticity / elasticity**2
    return gradient


def compute_growth(parts: list[Elasticity], thetas: Array) -> Array:
    """Growth (b,) of effective compute per year at parameters (b, p)."""
    return growth_rates(parts, thetas)["compute"]


def growth_error(
    task: Problem, theta: Array, parts: list[Elasticity], units: NDArray[np.int64], drawn: Array
) -> float:
    """Standard error of the growth of effective compute by the delta method.

    g' H^-1 (G / (G - 1) sum_u k_u s_u s_u') H^-1 g over the parameters that are not zero, with g
    the gradient of growth, H the Hessian of the mean square, s_u = sum over the rows of unit u of
    2 r J / sum of counts, k_u how often the unit was drawn and G = sum_u k_u: a unit drawn twice
    is two units. With every k_u = 1 it is the error of
    :func:`algoprog.estimators.inference.standard_errors`.

    Parameters
    ----------
    task : the problem, its weights those of the replicate.
    units : (n,) the unit (paper or row) each row is drawn with; drawn : (n,) its count.

    Returns NaN where the growth is not finite or the parameters are not determined.
    """
    gradient = growth_gradient(parts, theta)
    if not np.isfinite(gradient).all():
        return float("nan")
    residual, jacobian, hessian = derivatives(task, theta)
    free = np.flatnonzero(theta) if task.delta > 0 else np.arange(theta.size)
    # every row of a unit has the unit's count
    counts = np.zeros(int(units.max()) + 1)
    counts[units] = drawn
    groups = counts.sum()
    scores = np.zeros((counts.size, free.size))
    np.add.at(scores, units, (2.0 / drawn.sum() * residual)[:, None] * jacobian[:, free])
    weight = solve_definite(hessian[np.ix_(free, free)], gradient[free])
    if not free.size or weight is None or groups < 2:
        return float("nan")
    return float(np.sqrt(groups / (groups - 1) * (counts @ (scores @ weight) ** 2)))


def limits(boot: Bootstrap, probabilities: Array, method: str) -> Array:
    """Confidence limits of growth at each probability: the truth lies below with that probability.

    With q the quantiles of the draws, g the point and s its standard error (Efron and Tibshirani
    1993, chapters 12 to 14; Davison and Hinkley 1997, chapter 5):

    percentile   q(p)
    basic        2 g - q(1 - p)
    studentised  g - s t(1 - p), t the quantiles of (draw - g) / (error of the draw)
    bca          q(Phi(z0 + (z0 + z) / (1 - a (z0 + z)))), z = Phi^-1(p), z0 = Phi^-1 of the share
                 of draws below the point (half of the ties), a the jackknife's skewness over six

    A draw whose t is not a number counts against the interval at both ends. A limit that is not
    a number says nothing: -inf below the median, +inf above.
    """
    point, draws = boot.point, boot.draws
    if method == "percentile":
        found = quantiles(draws, probabilities)
    elif method == "basic":
        found = 2.0 * point - quantiles(draws, 1.0 - probabilities)
    elif method == "studentised":
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (draws - point) / boot.errors
        unknown = np.isnan(t)
        below = quantiles(np.where(unknown, np.inf, t), 1.0 - probabilities)
        above = quantiles(np.where(unknown, -np.inf, t), 1.0 - probabilities)
        with np.errstate(invalid="ignore"):
            found = point - boot.error * np.where(probabilities > 0.5, above, below)
    elif method == "bca":
        found = quantiles(draws, _bca(boot, probabilities))
    else:
        raise ValueError(f"method {method!r} is none of {', '.join(METHODS)}")
    nothing = np.where(probabilities > 0.5, np.inf, np.where(probabilities < 0.5, -np.inf, point))
    return np.asarray(np.where(np.isnan(found), nothing, found))


def _bca(boot: Bootstrap, probabilities: Array) -> Array:
    """The probabilities BCa reads the draws at; the outermost draws where it is not defined."""
    from scipy.special import ndtr, ndtri

    share = np.mean(boot.draws < boot.point) + 0.5 * np.mean(boot.draws == boot.point)
    z0 = ndtri(share)
    with np.errstate(invalid="ignore", divide="ignore"):
        away = boot.jackknife.mean() - boot.jackknife
        spread = (away**2).sum()
        a = 0.0 if spread == 0 else (away**3).sum() / (6.0 * spread**1.5)
        z = z0 + ndtri(probabilities)
        at = ndtr(z0 + z / (1.0 - a * z))
        # beyond the pole the adjusted limit has run past every draw
        at = np.where(a * z >= 1.0, np.where(z > 0, 1.0, 0.0), at)
    return np.asarray(np.where(np.isnan(at), np.where(probabilities < 0.5, 0.0, 1.0), at))


def interval(boot: Bootstrap, method: str) -> Interval:
    """The interval of growth per year by one method; `median` is its limit at one half."""
    tails = np.array([(100 - level) / 200 for level in LEVELS])
    values = limits(boot, np.concatenate([[0.5], tails, 1.0 - tails]), method)
    m = len(LEVELS)
    return Interval(
        median=float(values[0]),
        low=tuple(values[1 : m + 1].tolist()),
        high=tuple(values[m + 1 :].tolist()),
        n_draws=len(boot.draws),
        share_nonpositive=float(np.mean(boot.draws <= 0)),
    )
