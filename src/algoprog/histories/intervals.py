"""Three intervals of a rate r = sum(g) / T, from the gains g of one history or of many at once.

A, calendar fifths, asks what rate another period like this one would show; B, given the effort
there was, takes each innovation as one Poisson count of weight g; C is the outer of A and of a B
with the variance that bursts add. All functions take any number of leading axes, so the simulated
histories of :mod:`algoprog.histories.coverage` go through the same code as the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

FIFTHS = 5
LEAST_GAINS = 4  # fewer leave A and C without an interval
LEVEL = 0.95
PHASES = 4


@dataclass(frozen=True)
class Ends:
    """Lower and upper ends of an interval of a rate, in the rate's unit."""

    low: Array
    high: Array


@dataclass(frozen=True)
class Moments:
    """What the intervals need of the gains of a history.

    total, squares, largest  sum of g, of g^2, and max g (...)
    number                   how many gains (...)
    sums                     sum of g in each of K equal stretches of the window, for each phase of
                             the cut (..., phases, K); phase 0 is the calendar cut
    """

    total: Array
    squares: Array
    largest: Array
    number: Integers
    sums: Array


def stretch_of(days: Array, length: float, stretches: int, phase: float = 0.0) -> Integers:
    """Return the stretch (0 to K - 1) of the window that each day falls in.

    A stretch holds its last day and not its first; the opening day belongs to the first stretch.
    A phase moves the cuts by that part of a stretch, the window taken as a circle.
    """
    position = np.ceil(np.round(days * stretches / length + phase, 9)).astype(np.int64) - 1
    return position % stretches if phase else np.clip(position, 0, stretches - 1)


def moments(gains: Array, days: Array, length: float) -> Moments:
    """Return the moments of one history: gains (n,) at days (n,) of a window of `length` days."""
    sums = np.zeros((PHASES, FIFTHS))
    for phase in range(PHASES):
        stretch = stretch_of(days, length, FIFTHS, phase / PHASES)
        sums[phase] = np.bincount(stretch, weights=gains, minlength=FIFTHS)
    return Moments(
        total=np.asarray(gains.sum()),
        squares=np.asarray((gains**2).sum()),
        largest=np.asarray(gains.max(initial=0.0)),
        number=np.asarray(len(gains)),
        sums=sums,
    )


def calendar_fifths(found: Moments, length: float) -> Ends:
    """Return interval A of the rate: r exp(-/+ t s / (m sqrt K)).

    m and s are mean and standard deviation of the sums in K = 5 equal stretches of the window, t
    the Student quantile with K - 1 degrees of freedom. NaN with fewer than four gains.
    """
    half = np.where(found.number >= LEAST_GAINS, _half_width(found.sums[..., 0, :]), np.nan)
    rate = found.total / length
    return Ends(rate * np.exp(-half), rate * np.exp(half))


def given_effort(found: Moments, length: float, overdispersion: Array | float = 1.0) -> Ends:
    """Return interval B of the rate, the gamma interval of Fay and Feuer (1997).

    Each gain is one Poisson count of weight g: with y = sum g, v = sum g^2 and w = max g the ends
    are v / (2 y) chi2(.025; 2 y^2 / v) and (v + w^2) / (2 (y + w)) chi2(.975; 2 (y + w)^2 /
    (v + w^2)), over the length. `overdispersion` multiplies v and w^2. NaN without a gain.
    """
    from scipy.special import gammaincinv

    tail = (1 - LEVEL) / 2
    known = found.number > 0
    total = np.where(known, found.total, 1.0)
    variance = np.where(known, found.squares, 1.0) * overdispersion
    largest = np.where(known, found.largest, 1.0)
    beyond, spread = total + largest, variance + largest**2 * overdispersion
    # chi2(p; k) / 2 = gammaincinv(k / 2, p)
    low = variance / total * gammaincinv(total**2 / variance, tail)
    high = spread / beyond * gammaincinv(beyond**2 / spread, 1 - tail)
    nan = np.where(known, 1.0, np.nan)
    return Ends(nan * low / length, nan * high / length)


def cautious(found: Moments, length: float) -> Ends:
    """Return interval C: the outer of A and of B with v and w^2 times an overdispersion.

    ``phi = 1 + (D - 1) (t / z)^2`` with D >= 1 the variance of the sums of the stretches, scaled to
    the window and averaged over four phases of the cut, over v. NaN with fewer than four gains.
    """
    from scipy.special import ndtri, stdtrit

    between = found.sums.var(axis=-1, ddof=1).mean(axis=-1) * FIFTHS
    squares = np.where(found.number > 0, found.squares, 1.0)
    ratio = stdtrit(FIFTHS - 1, (1 + LEVEL) / 2) / ndtri((1 + LEVEL) / 2)
    phi = 1.0 + (np.maximum(between / squares, 1.0) - 1.0) * ratio**2
    narrow, wide = calendar_fifths(found, length), given_effort(found, length, phi)
    return Ends(np.minimum(narrow.low, wide.low), np.maximum(narrow.high, wide.high))


def _half_width(sums: Array) -> Array:
    """Half width of A on the log scale, from the sums of K stretches (..., K)."""
    from scipy.special import stdtrit

    mean = sums.mean(axis=-1)
    width = stdtrit(FIFTHS - 1, (1 + LEVEL) / 2) * sums.std(axis=-1, ddof=1) / np.sqrt(FIFTHS)
    return np.asarray(width / np.where(mean > 0, mean, np.nan))
