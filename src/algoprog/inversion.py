"""Intervals of growth by inverting a test: the growth rates at which the estimate is no surprise.

At each growth the data are generated anew from the best fit with that growth, its residuals
multiplied by a random sign for each paper (the restricted wild cluster bootstrap of Cameron,
Gelbach and Miller 2008), and fitted without the restriction. So the pull of the penalty, which
shifts every percentile of the ordinary bootstrap, acts on the generated data as on the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from algoprog.bootstrap_intervals import compute_growth
from algoprog.intervals import LEVELS, MONTHS, Interval
from algoprog.profiles import Profiler
from algoprog.solver import Problem, descend, hops, predict

Array = NDArray[np.float64]

# Perturbed minima tried for each generated data set, after the known minima.
HOPS_OF_A_DRAW = 4


def share_below(
    profiler: Profiler,
    theta: Array,
    growth: float,
    units: NDArray[np.int64],
    replicates: int,
    seed: int,
) -> float:
    """Share of data sets generated at ``growth`` whose estimate is below that of the data.

    (number below + half the ties + 1/2) / (replicates + 1), uniform between 0 and 1 at the true
    growth; near 0 where growth is too fast for the data, near 1 where it is too slow.

    Parameters
    ----------
    profiler : the problem, with the minima of its ordinary fit among its starts.
    theta : (p,) the ordinary fit.
    units : (n,) the paper, or the row, whose rows share a sign.
    replicates, seed : data sets to generate, the same signs at every growth.
    """
    task = profiler.task
    null = profiler.at_growth(growth, theta).theta
    mean = predict(task.design, null)
    residual = task.response - mean
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (replicates, int(units.max()) + 1))
    starts = np.vstack([null, theta, profiler.minima])
    noise = hops(task.design, HOPS_OF_A_DRAW)
    estimates = np.empty((replicates, task.design.p))
    for i in range(replicates):
        response = mean + signs[i][units] * residual
        ends, values, *_ = descend(
            Problem(task.design, response, task.weights, task.delta), starts, noise
        )
        estimates[i] = ends[np.argmin(values)]
    drawn = compute_growth(profiler.parts, estimates)
    point = compute_growth(profiler.parts, theta[None, :])[0]
    below = (drawn < point).sum() + 0.5 * (drawn == point).sum()
    return float((below + 0.5) / (replicates + 1))


def inverted_interval(
    profiler: Profiler,
    theta: Array,
    units: NDArray[np.int64],
    months: Sequence[float],
    replicates: int,
    seed: int,
) -> tuple[Interval, Array, Array]:
    """The interval of growth per year, and the shares (m,) at the growth rates (m,) tried.

    The low end is the slowest growth with a share of at most 1 - tail, the high end the fastest
    with one of at least tail, each on the line between its neighbours on the grid ``months``
    (doubling times, infinite for no progress); -inf where the slowest of the grid is in, +inf
    where the fastest is. The median is the slowest growth with a share of at most one half.
    `share_nonpositive` is NaN: these are no draws of growth.
    """
    grid = np.unique(MONTHS * np.log(2) / np.asarray(months, dtype=float))
    shares = np.array([share_below(profiler, theta, g, units, replicates, seed) for g in grid])
    tails = [(100 - level) / 200 for level in LEVELS]
    interval = Interval(
        median=slowest(grid, shares, 0.5),
        low=tuple(slowest(grid, shares, 1.0 - tail) for tail in tails),
        high=tuple(-slowest(-grid[::-1], 1.0 - shares[::-1], 1.0 - tail) for tail in tails),
        n_draws=replicates,
        share_nonpositive=float("nan"),
    )
    return interval, grid, shares


def slowest(grid: Array, shares: Array, most: float) -> float:
    """Slowest growth of an ascending grid whose share is at most ``most``, between its points."""
    inside = np.flatnonzero(shares <= most)
    if not inside.size:
        return float("inf")
    i = int(inside[0])
    if i == 0:
        return float("-inf")
    part = (shares[i - 1] - most) / (shares[i - 1] - shares[i])
    return float(grid[i - 1] + part * (grid[i] - grid[i - 1]))
