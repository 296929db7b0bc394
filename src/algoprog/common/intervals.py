"""Intervals of bootstrap draws: percentiles, and doubling times by way of growth rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.levels import LEVELS

Array = NDArray[np.float64]

MONTHS = 12.0


@dataclass(frozen=True)
class Interval:
    """Median and central intervals of draws, with their number and the share at or below zero."""

    median: float
    low: tuple[float, ...]
    high: tuple[float, ...]
    n_draws: int
    share_nonpositive: float

    def columns(self, prefix: str = "") -> dict[str, float | int]:
        """As table columns median, ci50_low, ci50_high, ...; counts only without a prefix."""
        row: dict[str, float | int] = {f"{prefix}median": self.median}
        for level, low, high in zip(LEVELS, self.low, self.high, strict=True):
            row[f"{prefix}ci{level}_low"] = low
            row[f"{prefix}ci{level}_high"] = high
        if not prefix:
            row |= {"n_draws": self.n_draws, "share_nonpositive": self.share_nonpositive}
        return row


def quantiles(draws: Array, probabilities: Array) -> Array:
    """Linear-interpolation quantiles (Hyndman and Fan's type 7) that accept infinite draws.

    Between a finite and an infinite order statistic there is no line: the nearer of the two is
    taken, so an infinite draw never turns a quantile into NaN.
    """
    ordered = np.sort(draws)
    position = probabilities * (len(ordered) - 1)
    below = np.floor(position).astype(int)
    above = np.minimum(below + 1, len(ordered) - 1)
    part = position - below
    a, b = ordered[below], ordered[above]
    result = np.where(part < 0.5, a, b)
    finite = np.isfinite(a) & np.isfinite(b)
    result[finite] = a[finite] + part[finite] * (b[finite] - a[finite])
    return np.asarray(result)


def percentiles(draws: Array) -> Interval:
    """Percentile intervals of draws that are all numbers (infinite ones allowed)."""
    if np.isnan(draws).any() or not len(draws):
        raise ValueError("percentiles need at least one draw and no NaN")
    tails = [(100 - level) / 200 for level in LEVELS]
    values = quantiles(draws, np.array([0.5, *tails, *(1 - tail for tail in tails)]))
    m = len(LEVELS)
    return Interval(
        median=float(values[0]),
        low=tuple(values[1 : m + 1].tolist()),
        high=tuple(values[m + 1 :].tolist()),
        n_draws=len(draws),
        share_nonpositive=float(np.mean(draws <= 0)),
    )


def doubling_months(growth: Array | float) -> Array:
    """12 ln2 / g in months for growth g per year; infinite where g <= 0."""
    g = np.asarray(growth, dtype=float)
    with np.errstate(divide="ignore"):
        return np.where(g > 0, signed_months(np.where(g > 0, g, 1.0)), np.inf)


def signed_months(growth: Array | float) -> Array:
    """Return the ratio 12 ln2 / g whatever the sign of g, as the published procedure has it."""
    return np.asarray(MONTHS * np.log(2) / growth)


def growth_of(months: float) -> float:
    """Return the growth per year 12 ln2 / T of a doubling time T in months, whatever its sign."""
    return float(MONTHS * np.log(2) / months)


def doubling_interval(growth: Interval) -> Interval:
    """The interval of the doubling time in months that an interval of growth per year implies.

    Quantiles of g are mapped, and the ends change places: T = 12 ln2 / g falls with g.
    """
    return Interval(
        median=float(doubling_months(growth.median)),
        low=tuple(doubling_months(np.array(growth.high)).tolist()),
        high=tuple(doubling_months(np.array(growth.low)).tolist()),
        n_draws=growth.n_draws,
        share_nonpositive=growth.share_nonpositive,
    )
