"""Sampling errors of capabilities, difficulties and slopes, and the published bars.

The estimates solve sum_i psi_i = 0, psi_i the gradient of a pair's loss. With H the Hessian of the
whole objective, their covariance is the sandwich H^-1 (sum psi psi') H^-1, summed within clusters
where pairs are not independent. Residuals are divided by 1 - h (the leverage of their pair), for
250 parameters draw 1,324 residuals towards 0. (Section 3, and defect 2 of section 7.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.capability.response import ResponseFit, free_parameters

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST_LEVERAGE = 0.99
WORSE = 1.05  # the published bar ends where a version's squared residuals are 5 % more
STEPS = 60  # of bisection
SLOPES = (0.01, 20.0)  # in which the published bars of difficulty refit the slope


@dataclass(frozen=True)
class SamplingErrors:
    """Covariance of (C, D, alpha) on the anchored scale, and what it rests on.

    effective_parameters  the trace of the hat matrix
    residual_deviation    of a score about its expectation, with N less this number of degrees
    """

    covariance: Array
    leverage: Array
    effective_parameters: float
    residual_deviation: float
    versions: int
    benchmarks: int

    @property
    def capability(self) -> Array:
        """Return the standard errors of the capabilities, relative to the anchor's difficulty."""
        return np.sqrt(np.diag(self.covariance)[: self.versions])

    @property
    def difficulty(self) -> Array:
        """Return the standard errors of the difficulties (0 for the anchor)."""
        end = self.versions + self.benchmarks
        return np.sqrt(np.maximum(np.diag(self.covariance)[self.versions : end], 0.0))

    @property
    def slope(self) -> Array:
        """Return the standard errors of the slopes (0 for the anchor)."""
        return np.sqrt(np.diag(self.covariance)[self.versions + self.benchmarks :])

    @property
    def capabilities(self) -> Array:
        """Return the covariance of the capabilities."""
        return self.covariance[: self.versions, : self.versions]


def jacobian(fit: ResponseFit) -> tuple[Array, Array]:
    """Return the derivative of each expected score in (C, D, alpha), and the Hessian of F."""
    pairs, M, n = fit.pairs, len(fit.capability), len(fit.difficulty)
    m, b = pairs.version, pairs.benchmark
    u, a, g = fit.capability[m] - fit.difficulty[b], fit.slope[b], fit.floor[b]
    s = 1 / (1 + np.exp(-a * u))
    first = (1 - g) * s * (1 - s)
    rows = np.arange(len(pairs))
    J = np.zeros((len(pairs), M + 2 * n))
    J[rows, m], J[rows, M + b], J[rows, M + n + b] = first * a, -first * a, first * u
    r = fit.residual
    second = fit.weight * r * first * (1 - 2 * s)
    Z = J / first[:, None]  # the derivative of z
    H = J.T @ (fit.weight[:, None] * J) + Z.T @ (second[:, None] * Z)
    mixed = fit.weight * r * first  # d2 z / dC dalpha = 1, d2 z / dD dalpha = -1
    np.add.at(H, (m, M + n + b), mixed)
    np.add.at(H, (M + n + b, m), mixed)
    np.add.at(H, (M + b, M + n + b), -mixed)
    np.add.at(H, (M + n + b, M + b), -mixed)
    return J, H + fit.penalty * np.eye(len(H))


def sampling_errors(fit: ResponseFit, clusters: Integers | None = None) -> SamplingErrors:
    """Return the sandwich covariance of a fit that has an anchor benchmark.

    Parameters
    ----------
    fit : ResponseFit
        The fit.
    clusters : array of int, shape (pairs,), optional
        Which pairs err together; by default each errs alone.
    """
    pairs, M, n = fit.pairs, len(fit.capability), len(fit.difficulty)
    free_c, free_t = free_parameters(pairs, fit.model, None)
    free = np.flatnonzero(np.concatenate([free_c, free_t]))
    J, H = jacobian(fit)
    J, inverse = J[:, free], np.linalg.inv(H[np.ix_(free, free)])
    weighted = fit.weight[:, None] * J
    leverage = np.minimum(np.einsum("ij,ij->i", J @ inverse, weighted), LARGEST_LEVERAGE)
    psi = weighted * (fit.residual / (1 - leverage))[:, None]
    if clusters is not None:
        sums = np.zeros((int(clusters.max()) + 1, len(free)))
        np.add.at(sums, clusters, psi)
        psi = sums
    half = psi @ inverse
    full = np.zeros((M + 2 * n, M + 2 * n))
    full[np.ix_(free, free)] = half.T @ half
    shift = np.eye(M + 2 * n)
    shift[: M + n, M + pairs.position(fit.model.anchor)] -= 1
    effective = float(leverage.sum())
    square = float((fit.weight * fit.residual**2).sum())
    return SamplingErrors(
        covariance=shift @ full @ shift.T,
        leverage=leverage,
        effective_parameters=effective,
        residual_deviation=float(np.sqrt(square / (len(pairs) - effective))),
        versions=M,
        benchmarks=n,
    )


def capability_bars(fit: ResponseFit) -> tuple[Array, Array]:
    """Return how far each capability can fall and rise until its own squares are 5 % more.

    All else is held. A version without misfit has bars of 0: these are no intervals of confidence.
    """
    pairs, M = fit.pairs, len(fit.capability)

    def square(capability: Array) -> Array:
        r = fit.expected(capability[pairs.version], pairs.benchmark) - pairs.score
        return np.asarray(np.bincount(pairs.version, r**2, M), dtype=np.float64)

    limit = WORSE * square(fit.capability)
    ends = []
    for sign in (-1.0, 1.0):
        inside, outside = np.zeros(M), np.full(M, 10.0)
        for _ in range(STEPS):
            middle = (inside + outside) / 2
            within = square(fit.capability + sign * middle) <= limit
            inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
        ends.append(inside)
    return ends[0], ends[1]


def difficulty_bars(fit: ResponseFit) -> tuple[Array, Array]:
    """Return how far each difficulty can fall and rise, its slope refitted, in the same sense."""
    pairs, n = fit.pairs, len(fit.difficulty)
    grid = np.geomspace(*SLOPES, 160)
    down, up = np.zeros(n), np.zeros(n)
    for b in range(n):
        mine = pairs.benchmark == b
        C, y, g = fit.capability[pairs.version[mine]], pairs.score[mine], fit.floor[b]

        def least(D: float, C: Array = C, y: Array = y, g: float = g) -> float:
            slopes = grid
            for _ in range(3):  # the grid is drawn together about its best slope
                p = g + (1 - g) / (1 + np.exp(-slopes[:, None] * (C - D)))
                squares = ((p - y) ** 2).sum(axis=1)
                at = int(squares.argmin())
                low, high = slopes[max(at - 1, 0)], slopes[min(at + 1, len(slopes) - 1)]
                slopes = np.linspace(low, high, 40)
            return float(squares.min())

        limit = WORSE * float((fit.residual[mine] ** 2).sum())
        for sign, bars in ((-1.0, down), (1.0, up)):
            inside, outside = 0.0, 10.0
            for _ in range(30):
                middle = (inside + outside) / 2
                if least(float(fit.difficulty[b]) + sign * middle) <= limit:
                    inside = middle
                else:
                    outside = middle
            bars[b] = inside
    return down, up
