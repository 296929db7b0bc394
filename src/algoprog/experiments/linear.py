"""Laws that are linear in the logarithm of a scale and in time, and their growth.

    y = a - b ln C - c t

y is the response of a benchmark (:mod:`algoprog.experiments.metrics`), C a scale (training compute,
multiply-adds, parameters), t the date in years. At a fixed y, ln C falls by g = c / b a year; the
compute needed halves every 12 ln 2 / g months. The module knows arrays and clusters of rows; it
knows no files and no configuration.

With few clusters a percentile interval is too narrow. Beside it stands the set of growths that a
restricted wild cluster bootstrap does not reject (Cameron, Gelbach and Miller 2008), with Webb's
six-point weights, which few clusters need (Webb 2023).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.seeds import seed_of
from algoprog.resampling.signs import WEBB, Piece, pieces, signs_of

Array = NDArray[np.float64]

GROWTHS = (-2.0, 12.0)  # the range of growth that a set is looked for in, per year
STEP = 0.05
ORIGIN = 2000.0  # the year from which a law's level counts time


@dataclass(frozen=True)
class Rows:
    """The rows of a sample.

    Attributes
    ----------
    response : (n,) falls as systems get better.
    log_scale : (n,) ln C.
    years : (n,) dates in calendar years.
    cluster : (n,) number of the paper or recipe, 0 ... clusters - 1.
    """

    response: Array
    log_scale: Array
    years: Array
    cluster: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.response)

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1

    @property
    def columns(self) -> Array:
        """(n, 3) columns of a, b and c, the last two centred."""
        x, t = (part - part.mean() for part in (self.log_scale, self.years))
        return np.column_stack([np.ones(self.n), -x, -t])


@dataclass(frozen=True)
class LinearLaw:
    """A fitted law: elasticity b, rate c (per year) and the share of variance it explains.

    ``level`` is a where t counts from the year ORIGIN: y = a - b ln C - c (year - ORIGIN).
    """

    elasticity: float
    rate: float
    r2: float
    level: float = 0.0

    @property
    def growth(self) -> float:
        """Growth of effective scale per year, c / b; see :func:`growth_of`."""
        return float(growth_of(np.array([self.elasticity]), np.array([self.rate]))[0])


@dataclass(frozen=True)
class LinearDraws:
    """Elasticities, rates and growths (r,) of resampled clusters."""

    elasticity: Array
    rate: Array
    growth: Array

    @property
    def share_not_falling_with_scale(self) -> float:
        """Share of the draws whose elasticity is not above 0."""
        return float(np.mean(self.elasticity <= 0))


def growth_of(elasticity: Array, rate: Array) -> Array:
    """Return c / b; infinite where only time helps (b <= 0 < c), 0 where time does not (c <= 0)."""
    safe = np.where(elasticity > 0, elasticity, 1.0)
    return np.where(rate <= 0, 0.0, np.where(elasticity > 0, rate / safe, np.inf))


def fit_linear(rows: Rows) -> LinearLaw:
    """Return the least-squares law.

    Raises
    ------
    InputError
        for fewer than four rows, or a scale or date that is the same, or collinear, in all.
    """
    columns = rows.columns
    if rows.n < 4 or np.linalg.matrix_rank(columns) < 3:
        fix = "a law needs four rows whose scale and date vary, not both along one line"
        raise InputError("study", "rows", rows.n, fix)
    theta = np.linalg.lstsq(columns, rows.response, rcond=None)[0]
    residual = rows.response - columns @ theta
    spread = rows.response - rows.response.mean()
    r2 = 1.0 - float(residual @ residual) / float(spread @ spread)
    a, b, c = (float(value) for value in theta)
    level = a + b * rows.log_scale.mean() + c * (rows.years.mean() - ORIGIN)
    return LinearLaw(b, c, r2, float(level))


def check_direction(rows: Rows, where: str, declared: str) -> None:
    """Refuse a response that rises with scale and with time alike: an accuracy called an error.

    Raises
    ------
    InputError
        where both slopes point the wrong way, each taken by itself.
    """
    y = rows.response - rows.response.mean()
    slopes = [float(y @ (x - x.mean())) for x in (rows.log_scale, rows.years)]
    if min(slopes) > 0:
        fix = (
            "scores called so rise with scale and with time: where higher is better, declare "
            "`metric: accuracy`"
        )
        raise InputError(where, "metric", declared, fix)


def draw_linear(rows: Rows, draws: int, seed: Iterable[object]) -> LinearDraws:
    """Return the laws of ``draws`` resamples of whole clusters; draw i depends on seed and i."""
    names, columns = tuple(seed), rows.columns
    weights = np.empty((draws, rows.n))
    for i in range(draws):
        rng = np.random.default_rng(seed_of(*names, i))
        drawn = rng.integers(rows.clusters, size=rows.clusters)
        weights[i] = np.bincount(drawn, minlength=rows.clusters)[rows.cluster]
    gram = np.einsum("rn,ni,nj->rij", weights, columns, columns)
    moment = np.einsum("rn,ni,n->ri", weights, columns, rows.response)
    # a draw of one cluster may leave a direction open: its law is the shortest
    theta = np.einsum("rij,rj->ri", np.linalg.pinv(gram, hermitian=True), moment)
    elasticity, rate = theta[:, 1], theta[:, 2]
    return LinearDraws(elasticity, rate, growth_of(elasticity, rate))


def accepted_growths(
    rows: Rows, level: float, replicates: int, seed: Iterable[object]
) -> list[Piece]:
    """Return the growths that a restricted wild cluster bootstrap accepts at ``level`` (0 to 1).

    For each growth g0 the law with c = g0 b is fitted (one slope, on ln C + g0 t). Its residuals,
    times one of Webb's points for each cluster, make new responses; p(g0) is the share, the data
    included, whose sum of squares falls as much when the restriction is lifted. The set holds the
    growths with p above 1 - level, its ends by linear interpolation.
    """
    rng = np.random.default_rng(seed_of(*seed))
    signs = signs_of(rng, replicates, rows.cluster, WEBB)
    grid = np.arange(GROWTHS[0], GROWTHS[1] + STEP / 2, STEP)
    chances = np.array([_chance(rows, float(g), signs) for g in grid])
    return pieces(grid, chances - (1.0 - level))


def _chance(rows: Rows, growth: float, signs: Array) -> float:
    """P of one growth, with signs (replicates, n) of the clusters."""
    columns = rows.columns
    both = np.column_stack([columns[:, 0], columns[:, 1] + growth * columns[:, 2]])
    restricted, free = np.linalg.qr(both)[0], np.linalg.qr(columns)[0]
    residual = rows.response - restricted @ (restricted.T @ rows.response)
    # the fitted part drops out of both sums of squares: what it is of is among either's columns
    drawn = np.vstack([residual, signs * residual])
    total = (drawn**2).sum(axis=1)
    left, least = (total - ((drawn @ basis) ** 2).sum(axis=1) for basis in (restricted, free))
    ratio = left / np.maximum(least, np.finfo(float).tiny)
    return float((1 + np.sum(ratio[1:] >= ratio[0])) / (1 + len(signs)))
