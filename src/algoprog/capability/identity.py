"""The identity behind every way: ln rate = s_C / k - s_F, with each part's error.

s_C and s_F are trends of capability and of ln F over the same versions and k is the gain of
capability per unit of ln F at a fixed recipe. Any affine change of C changes s_C and k alike and
leaves the rate. The derivative in k is -s_C / k^2. (Sections 7.1 and 8.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from algoprog.capability.compute import ComputeSample
from algoprog.capability.lines import line, t_quantile
from algoprog.capability.rates import FamilyGain, Rate, mean_gain

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Identity:
    """The three numbers with their standard errors, and what they give.

    k_error  from the spread of k over families, over the root of their number
    b_error  standard error of the trend of C - k ln F
    """

    s_c: float
    s_c_error: float
    s_f: float
    s_f_error: float
    k: float
    k_error: float
    b_error: float
    families: int
    n: int

    @property
    def growth(self) -> float:
        """Return s_C / k - s_F a year."""
        return self.s_c / self.k - self.s_f

    @property
    def part_of_trend(self) -> float:
        """Return the standard error of the growth that the trend contributes, k held."""
        return self.b_error / self.k

    @property
    def part_of_k(self) -> float:
        """Return the standard error of the growth that k contributes, s_C / k^2 times its own."""
        return self.s_c / self.k**2 * self.k_error


def identity(sample: ComputeSample, gains: tuple[FamilyGain, ...]) -> Identity:
    """Return the identity's parts over all versions, k the mean over families."""
    k = mean_gain(gains)
    slopes = np.array([gain.k for gain in gains])
    capability, compute = line(sample.t, sample.capability), line(sample.t, sample.ln_compute)
    b = line(sample.t, sample.capability - k * sample.ln_compute)
    return Identity(
        s_c=capability.slope,
        s_c_error=capability.slope_error,
        s_f=compute.slope,
        s_f_error=compute.slope_error,
        k=k,
        k_error=float(slopes.std(ddof=1) / np.sqrt(len(slopes))) if len(slopes) > 1 else np.nan,
        b_error=b.slope_error,
        families=len(gains),
        n=len(sample),
    )


def rate_with_k(
    sample: ComputeSample,
    gains: tuple[FamilyGain, ...],
    level: float = 0.95,
    *,
    small_sample: bool,
) -> Rate:
    """Return way A with the error of k.

    The half width is the root of the squared half widths of trend and k. k's quantile is the
    normal's, or, in a small sample, that of t with one degree fewer than there are families.
    """
    parts = identity(sample, gains)
    normal = float(ndtri(0.5 + level / 2))
    trend = t_quantile(parts.n - 2, level) * parts.part_of_trend
    quantile = t_quantile(parts.families - 1, level) if small_sample else normal
    half = float(np.hypot(trend, quantile * parts.part_of_k))
    return Rate(
        "A with k", "all", parts.n, parts.growth, parts.growth - half, parts.growth + half, level,
        carried="trend and k, t" if small_sample else "trend and k, normal",
        k=parts.k, slope=parts.s_c - parts.k * parts.s_f,
    )  # fmt: skip
