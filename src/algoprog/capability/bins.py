"""Ways F and G: how compute falls at a given capability, how capability rises at a given compute.

In a bin of one quantity the records of the other are taken by date, and a line through them gives
the rate. The published choices (falling bins only, overlapping bins, lines through 3 to 5 points)
are kept; section 7 of the specification tells what they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from algoprog.capability.compute import ComputeSample
from algoprog.capability.dates import DAYS
from algoprog.capability.lines import line
from algoprog.capability.rates import LN10
from algoprog.capability.records_of import Ties, generic_quicksort, records

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

DIGITS = 5  # to which equal slopes are equal


@dataclass(frozen=True)
class BinRules:
    """Width and spacing of bins, records a bin needs, and the years they span at least."""

    width: float = 0.3
    spacing: float = 0.1
    least: int = 3
    span: float = 0.25


PUBLISHED_BINS = BinRules()
SEARCHED = tuple(  # way F': what was tried, bins no wider apart than they are wide
    BinRules(width, spacing, least, 0.0)
    for width, spacing, least in product((0.2, 0.3, 0.4, 0.5), (0.1, 0.2, 0.3), (3, 4, 5))
    if spacing <= width
)


@dataclass(frozen=True)
class Bin:
    """A bin's lower end, the versions that were records in it, and their line.

    slope is positive: OOM of compute a year (F), or C a year (G). `error` is its standard error.
    """

    low: float
    high: float
    versions: tuple[str, ...]
    slope: float
    error: float


def visited(sample: ComputeSample, ties: Ties) -> Integers:
    """Return the order of visit: by day, then as published or the most capable first."""
    if ties != "published":
        return np.lexsort((-sample.capability, sample.day))
    first = np.argsort(sample.rank, kind="stable")
    return first[generic_quicksort(sample.day[first].astype(np.float64))]


def fixed_capability_bins(
    sample: ComputeSample, rules: BinRules = PUBLISHED_BINS, ties: Ties = "published"
) -> tuple[Bin, ...]:
    """Return the bins of capability in which the least compute falls (way F), OOM a year."""
    log_compute = sample.ln_compute / LN10
    return _bins(sample, sample.capability, -log_compute, rules, ties)


def fixed_compute_bins(
    sample: ComputeSample, rules: BinRules = PUBLISHED_BINS, ties: Ties = "published"
) -> tuple[Bin, ...]:
    """Return the bins of log10 F in which the largest capability rises (way G), C a year."""
    return _bins(sample, sample.ln_compute / LN10, sample.capability, rules, ties)


def distinct(bins: tuple[Bin, ...]) -> tuple[Bin, ...]:
    """Return the bins without those whose slope an earlier one has, to 5 digits."""
    seen: dict[float, Bin] = {}
    for found in bins:
        seen.setdefault(round(found.slope, DIGITS), found)
    return tuple(seen.values())


def mean_fall(bins: tuple[Bin, ...]) -> float:
    """Return the mean slope of the distinct bins; NaN without bins."""
    return float(np.mean([found.slope for found in distinct(bins)])) if bins else np.nan


def searched_falls(sample: ComputeSample, ties: Ties = "published") -> tuple[float, ...]:
    """Return the mean fall of compute of each searched choice that leaves a bin (way F')."""
    means = (mean_fall(fixed_capability_bins(sample, rules, ties)) for rules in SEARCHED)
    return tuple(mean for mean in means if np.isfinite(mean))


def _bins(
    sample: ComputeSample, along: Array, better: Array, rules: BinRules, ties: Ties
) -> tuple[Bin, ...]:
    order = visited(sample, ties)
    lowest = np.floor(along.min() / rules.spacing) * rules.spacing
    found = []
    for low in np.arange(lowest, along.max(), rules.spacing):
        inside = order[(along[order] >= low) & (along[order] < low + rules.width)]
        if len(inside) < rules.least:
            continue
        index = records(better, inside, sample.day if ties == "together" else None)
        years = (sample.day[index] - sample.day[index].min()) / DAYS
        if len(index) < rules.least or np.ptp(years) <= 0 or np.ptp(years) < rules.span:
            continue
        trend = line(years, better[index])
        if trend.slope > 0:
            names = tuple(sample.version[i] for i in index)
            found.append(
                Bin(float(low), float(low + rules.width), names, trend.slope, trend.slope_error)
            )
    return tuple(found)
