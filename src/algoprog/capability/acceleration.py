"""Whether growth of the frontier sped up: two lines that meet, and how often chance makes them.

The published rule calls it acceleration when the later slope is 1.5 times the earlier. Its rate of
false positives comes from data without acceleration: capabilities about one line with the spread
of all versions, at their dates, of which the frontier is taken. The p-value of the gain in fit
comes from the same simulation, so the test keeps its level.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from algoprog.capability.growth import Dated
from algoprog.common.seeds import seed_of

Array = NDArray[np.float64]

BREAKS = 50  # dates tried, between 10 % and 90 % of the span
SPAN = (0.1, 0.9)
REFINEMENTS = 12  # halvings of the step about the best date
RIDGE = 1e-12  # keeps two-piece lines solvable where no version lies on a side of the break
RATIO = 1.5  # of slopes from which the published rule speaks of acceleration
LEVEL = 0.05


@dataclass(frozen=True)
class Break:
    """The best continuous two-piece line: its break, slopes, fit, and gain in fit over one line.

    gain  residual squares of one line over those of two, less 1
    """

    at: float
    before: float
    after: float
    r2: float
    gain: float
    n: int

    @property
    def ratio(self) -> float:
        """Return the later slope over the earlier."""
        return self.after / self.before if self.before > 0 else np.inf


def best_break(t: Array, y: Array) -> Break:
    """Return the two-piece line of least squares: 50 dates of the break, the best one refined."""
    low, high = t.min() + np.array(SPAN) * np.ptp(t)
    one = np.column_stack([np.ones(len(t)), t - t.mean()])
    single = y - one @ np.linalg.lstsq(one, y, rcond=None)[0]
    dates = np.linspace(low, high, BREAKS)
    best = min((_two_pieces(t, y, float(at)) for at in dates), key=lambda made: made[0])
    step = float(dates[1] - dates[0])
    for _ in range(REFINEMENTS):
        near = (float(np.clip(best[1] + side * step, low, high)) for side in (-0.5, 0.5))
        best = min((best, *(_two_pieces(t, y, at) for at in near)), key=lambda made: made[0])
        step /= 2
    square, at, beta = best
    total = float(((y - y.mean()) ** 2).sum())
    return Break(
        at=at,
        before=float(beta[1]),
        after=float(beta[1] + beta[2]),
        r2=1 - square / total,
        gain=float(single @ single) / max(square, 1e-12 * total) - 1,
        n=len(t),
    )


def _two_pieces(t: Array, y: Array, at: float) -> tuple[float, float, Array]:
    """Return the squares of the best two-piece line with this break, the break, and the line."""
    X = np.column_stack([np.ones(len(t)), t - at, np.maximum(t - at, 0.0)])
    beta = np.linalg.solve(X.T @ X + RIDGE * np.eye(3), X.T @ y)
    return float(((y - X @ beta) ** 2).sum()), at, beta


@dataclass(frozen=True)
class AccelerationTest:
    """The break found, and what data without acceleration give.

    false_positives  share of them that the published rule calls accelerating
    p_value          share whose gain in fit is as large and whose later slope is the steeper
    """

    found: Break
    false_positives: float
    p_value: float
    draws: int

    @property
    def published_says(self) -> bool:
        """Return whether the published rule calls it acceleration."""
        return self.found.ratio >= RATIO

    @property
    def significant(self) -> bool:
        """Return whether the test that keeps its level does."""
        return self.p_value <= LEVEL


def acceleration_test(dated: Dated, draws: int = 1000, name: str = "all dates") -> AccelerationTest:
    """Return the test on the frontier of dated capabilities.

    Data sets whose frontier has fewer than 5 versions cannot be split and count as no acceleration.
    """
    index = dated.frontier()
    found = best_break(dated.t[index], dated.capability[index])
    trend = dated.trend
    positive, extreme = 0, 0
    for i in range(draws):
        random = np.random.default_rng(seed_of("acceleration", name, i))
        y = trend.at(dated.t) + random.normal(0, trend.sigma, len(dated.t))
        simulated = replace(dated, capability=y)
        frontier = simulated.frontier()
        if len(frontier) < 5:
            continue
        other = best_break(dated.t[frontier], y[frontier])
        positive += other.ratio >= RATIO
        extreme += other.gain >= found.gain and other.ratio > 1
    return AccelerationTest(found, positive / draws, (extreme + 1) / (draws + 1), draws)
