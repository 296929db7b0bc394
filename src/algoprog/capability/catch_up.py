"""Least compute to reach a capability, and progress of followers against the frontier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.capability.compute import ComputeSample
from algoprog.capability.lines import line
from algoprog.capability.rates import (
    LN10,
    Rate,
    capability_records,
    family_gains,
    mean_gain,
    trend_rate,
)

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_POINTS = 3


@dataclass(frozen=True)
class LeastCompute:
    """The records of least compute among versions of at least a capability, by date.

    fall  OOM of compute a year, by the line through the records; error its standard error;
          not a number with fewer than 3 records
    total OOM from the first version that reached the capability to the last record
    years between these
    """

    capability: float
    versions: tuple[str, ...]
    t: Array
    log10_compute: Array
    fall: float
    error: float

    @property
    def total(self) -> float:
        """Return how far least compute has fallen, in OOM."""
        return float(self.log10_compute[0] - self.log10_compute[-1])

    @property
    def years(self) -> float:
        """Return the years from the first version to the last record."""
        return float(self.t[-1] - self.t[0])


def least_compute(sample: ComputeSample, capability: float) -> LeastCompute | None:
    """Return the records of least compute at a capability; None if no version reached it.

    Of one day only the version of least compute can be a record.
    """
    able = np.flatnonzero(sample.capability >= capability)
    if not len(able):
        return None
    order = able[np.lexsort((sample.ln_compute[able], sample.day[able]))]
    best, found = np.inf, []
    for i in order.tolist():
        if sample.ln_compute[i] < best:
            best = float(sample.ln_compute[i])
            found.append(i)
    index = np.array(found, dtype=np.int64)
    t, y = sample.t[index], sample.ln_compute[index] / LN10
    trend = line(t, y) if len(index) >= LEAST_POINTS else None
    return LeastCompute(
        capability,
        tuple(sample.version[i] for i in index),
        t,
        y,
        -trend.slope if trend else np.nan,
        trend.slope_error if trend else np.nan,
    )


def least_computes(sample: ComputeSample, levels: Sequence[float]) -> Iterator[LeastCompute]:
    """Return the records at each level of capability that a version reached."""
    for level in levels:
        found = least_compute(sample, level)
        if found is not None:
            yield found


def levels_of(sample: ComputeSample, step: float = 0.25) -> Array:
    """Return levels of capability a step apart, from the lowest to the highest of the sample."""
    low = np.ceil(sample.capability.min() / step) * step
    return np.arange(low, sample.capability.max() + 1e-9, step)


def leaders(sample: ComputeSample) -> frozenset[str]:
    """Return the organisations that have held the record of capability among the sample."""
    index = capability_records(sample, "together")
    return frozenset(sample.organisation[i] for i in index if sample.organisation[i])


def group_rates(sample: ComputeSample, level: float = 0.95) -> list[Rate]:
    """Return way A for the frontier, for organisations that have led, and for those that follow.

    k is the mean over families for all, so that groups differ by their trends alone.
    """
    k = mean_gain(family_gains(sample))
    first = leaders(sample)
    led = np.array([name in first for name in sample.organisation])
    groups = {
        "frontier": capability_records(sample, "together"),
        "organisations that have led": np.flatnonzero(led),
        "organisations that follow": np.flatnonzero(~led),
    }
    return [
        trend_rate(sample, k, index, "A", name, level)
        for name, index in groups.items()
        if len(index) >= LEAST_POINTS
    ]
