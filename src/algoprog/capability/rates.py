"""Stage 2: how fast the compute that a given capability needs falls, the ways published.

With C = k ln F + b, b of a version and k of a recipe, a given capability needs less compute by

    rate = exp((db/dt) / k) = exp(s_C / k - s_F)   times a year,

s_C and s_F being the trends of C and of ln F a year in the same versions. (Section 4.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from algoprog.capability.compute import ComputeSample
from algoprog.capability.lines import Line, line, regress, t_quantile
from algoprog.capability.records_of import Ties, by_day, records

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_MEMBERS = 3  # versions of a family behind a k
LN10 = float(np.log(10))
JOINT_QUANTILE = 1.96  # the published interval of the joint regression uses the normal's


@dataclass(frozen=True)
class Rate:
    """A rate of algorithmic progress with an interval.

    way       letter of the published way, or a name of ours
    selection the versions used, in words
    n         their number
    growth    ln of the rate, per year; low and high its interval at `level`
    carried   which errors the interval carries
    slope     the trend that was divided by k (C per year), where there is one
    """

    way: str
    selection: str
    n: int
    growth: float
    low: float
    high: float
    level: float = 0.95
    carried: str = "trend"
    k: float = np.nan
    slope: float = np.nan
    r2: float = np.nan

    @property
    def rate(self) -> float:
        """Return how many times less compute a year later needs."""
        return float(np.exp(self.growth))

    @property
    def rate_low(self) -> float:
        """Return the interval's lower end, times a year."""
        return float(np.exp(self.low))

    @property
    def rate_high(self) -> float:
        """Return the interval's upper end, times a year (inf above the largest number)."""
        with np.errstate(over="ignore"):
            return float(np.exp(self.high))

    @property
    def halving_years(self) -> float:
        """Return after how many years half the compute will do; infinite without progress."""
        return float(np.log(2) / self.growth) if self.growth > 0 else np.inf


@dataclass(frozen=True)
class FamilyGain:
    """Gain of capability per unit of ln F within one family, by least squares."""

    family: str
    n: int
    k: float
    error: float
    r2: float
    versions: tuple[str, ...]


def family_gains(
    sample: ComputeSample, families: tuple[str, ...] | None = None
) -> tuple[FamilyGain, ...]:
    """Return k of each family with at least 3 versions and 2 amounts of compute, by name."""
    found = []
    for name, index in sample.members(sample.family if families is None else families):
        x, y = sample.ln_compute[index], sample.capability[index]
        if len(index) < LEAST_MEMBERS or np.ptp(x) == 0:
            continue
        fit = line(x, y)
        members = tuple(sample.version[i] for i in index)
        found.append(FamilyGain(name, len(index), fit.slope, fit.slope_error, fit.r2, members))
    return tuple(found)


def mean_gain(gains: tuple[FamilyGain, ...]) -> float:
    """Return the mean of k over families, weighted by their versions; NaN without families."""
    total = sum(gain.n for gain in gains)
    return math.fsum(gain.k * gain.n for gain in gains) / total if total else np.nan


def trend_rate(
    sample: ComputeSample, k: float, index: Integers, way: str, selection: str, level: float = 0.95
) -> Rate:
    """Return exp(slope of b on t / k), its interval that of the slope alone, k taken as known."""
    b = sample.capability[index] - k * sample.ln_compute[index]
    trend = line(sample.t[index], b)
    low, high = trend.interval(level)
    return Rate(
        way, selection, len(index), trend.slope / k, low / k, high / k, level,
        k=k, slope=trend.slope, r2=trend.r2,
    )  # fmt: skip


def capability_records(sample: ComputeSample, ties: Ties) -> Integers:
    """Return the running records of capability."""
    order = by_day(sample.day, sample.capability, sample.capability, ties)
    return records(sample.capability, order, sample.day if ties == "together" else None)


def residual_records(sample: ComputeSample, k: float, ties: Ties) -> Integers:
    """Return the running records of b = C - k ln F."""
    b = sample.capability - k * sample.ln_compute
    order = by_day(sample.day, b, sample.capability, ties)
    return records(b, order, sample.day if ties == "together" else None)


def pooled_gain(sample: ComputeSample) -> Line:
    """Return the line of C on ln F over all versions."""
    return line(sample.ln_compute, sample.capability)


def joint_rate(sample: ComputeSample, level: float = 0.95, *, covariance: bool = False) -> Rate:
    """Return way H: C on log10 F and year, ln 10 g / a, by the delta method.

    `covariance` says whether the covariance of the two coefficients is counted; the published
    interval leaves it out. Its quantile is the normal's for both.
    """
    fit = regress(sample.capability, sample.ln_compute / LN10, sample.t - 2023)
    _, a, g = fit.coefficients
    ratio = g / a
    V = fit.covariance[1:, 1:]
    gradient = np.array([-g / a**2, 1 / a])
    variance = gradient**2 @ np.diag(V)
    if covariance:
        variance = gradient @ V @ gradient
    quantile = JOINT_QUANTILE if level == 0.95 else t_quantile(np.inf, level)
    half = quantile * np.sqrt(variance)
    return Rate(
        "H", "all", len(sample), ratio * LN10, (ratio - half) * LN10, (ratio + half) * LN10, level,
        carried="trend and k, with their covariance" if covariance else "trend and k, apart",
        k=a / LN10, slope=g, r2=fit.r2,
    )  # fmt: skip


def pooled_rate_with_k(
    sample: ComputeSample, ties: Ties, *, corrected: bool, level: float = 0.95
) -> Rate:
    """Return way E: way D with the error of k by the delta method.

    Published: variance (db/dt)^2 / k^4 Var k, the degrees of freedom of the two parts interchanged.
    Corrected: b depends on k, so that the derivative is -s_C / k^2; Welch and Satterthwaite's
    degrees with each part's own.
    """
    gain = pooled_gain(sample)
    index = capability_records(sample, ties)
    base = trend_rate(sample, gain.slope, index, "E", "records of C", level)
    trend = line(sample.t[index], sample.capability[index] - gain.slope * sample.ln_compute[index])
    s_c = line(sample.t[index], sample.capability[index]).slope if corrected else trend.slope
    k = gain.slope
    parts = np.array([trend.slope_error**2 / k**2, s_c**2 / k**4 * gain.slope_error**2])
    degrees = np.array([trend.degrees, gain.degrees], dtype=np.float64)
    own = degrees if corrected else degrees[::-1]
    freedom = parts.sum() ** 2 / (parts**2 / own).sum()
    half = t_quantile(float(freedom), level) * np.sqrt(parts.sum())
    return replace(
        base, low=base.growth - half, high=base.growth + half, carried="trend and k",
    )  # fmt: skip


def published_rates(
    sample: ComputeSample, ties: Ties = "published", level: float = 0.95
) -> tuple[Rate, ...]:
    """Return ways A to E and H on one sample, intervals as published (k known, but in E and H)."""
    gains = family_gains(sample)
    k = mean_gain(gains)
    everything = np.arange(len(sample))
    by_capability = capability_records(sample, ties)
    rates = [trend_rate(sample, k, everything, "A", "all", level)]
    rates += [
        trend_rate(sample, gain.k, by_capability, f"B {gain.family}", "records of C", level)
        for gain in gains
    ]
    rates.append(
        trend_rate(sample, k, residual_records(sample, k, ties), "C", "records of b", level)
    )
    k_all = pooled_gain(sample).slope
    rates.append(trend_rate(sample, k_all, by_capability, "D", "records of C", level))
    rates.append(pooled_rate_with_k(sample, ties, corrected=False, level=level))
    rates.append(joint_rate(sample, level))
    return tuple(rates)
