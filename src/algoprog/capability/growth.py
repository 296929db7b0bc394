"""Growth of capability: the trend of all versions, the frontier, its forecast and its back-test.

The published forecast interval is that of the mean; a new frontier version scatters besides, so the
prediction interval adds the residual variance. (Section 5, and defect 12.)
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.capability.dates import years
from algoprog.capability.lines import Line, line
from algoprog.capability.response import ResponseFit

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_POINTS = 4  # of the frontier, before a line is drawn through it


@dataclass(frozen=True)
class Dated:
    """Capabilities with dates: every version of a fit that has one, in the fit's order."""

    version: tuple[str, ...]
    day: Integers
    t: Array
    capability: Array

    @classmethod
    def of(cls, fit: ResponseFit, released: Sequence[datetime.date | None]) -> Dated:
        """Return the versions of a fit with a date."""
        known = [(i, day) for i, day in enumerate(released) if day is not None]
        index = np.array([i for i, _ in known], dtype=np.int64)
        return cls(
            version=tuple(fit.pairs.versions[i] for i in index),
            day=np.array([day.toordinal() for _, day in known], dtype=np.int64),
            t=np.array([years(day) for _, day in known]),
            capability=fit.capability[index],
        )

    @property
    def trend(self) -> Line:
        """Return the line of capability on date over all versions."""
        return line(self.t, self.capability)

    def frontier(self) -> Integers:
        """Return the versions that none of their day or before exceeds, by date."""
        order = np.lexsort((-self.capability, self.day))
        best, found = -np.inf, []
        for i in order.tolist():
            if self.capability[i] > best:
                best = float(self.capability[i])
                found.append(i)
        return np.array(found, dtype=np.int64)

    def frontier_trend(self) -> Line:
        """Return the line of capability on date over the frontier."""
        index = self.frontier()
        return line(self.t[index], self.capability[index])


@dataclass(frozen=True)
class Forecast:
    """Capability of the frontier at dates, with intervals at `level`.

    mean_low, mean_high  of the mean (published as prediction interval)
    low, high            of a new frontier version, the true prediction interval
    """

    t: Array
    expected: Array
    mean_low: Array
    mean_high: Array
    low: Array
    high: Array
    level: float


def forecast(trend: Line, t: Array, level: float = 0.95) -> Forecast:
    """Return the forecast of a frontier's line at dates in years."""
    mean, new = trend.band(t, level, new=False), trend.band(t, level)
    return Forecast(t, trend.at(t), *mean, *new, level)


@dataclass(frozen=True)
class BackTest:
    """A line from the frontier before a cut-off, against the frontier versions after it.

    within_mean, within  how many of these lie in the interval of the mean, and of prediction
    """

    cutoff: float
    before: int
    after: int
    slope: float
    rmse: float
    bias: float
    r2: float
    within_mean: int
    within: int


def back_test(dated: Dated, cutoff: datetime.date, level: float = 0.95) -> BackTest | None:
    """Return the back-test at a cut-off; None with fewer than 4 points before it or none after."""
    index = dated.frontier()
    early = dated.day[index] < cutoff.toordinal()
    if early.sum() < LEAST_POINTS or early.all():
        return None
    before, after = index[early], index[~early]
    trend = line(dated.t[before], dated.capability[before])
    y, x = dated.capability[after], dated.t[after]
    made = forecast(trend, x, level)
    error = y - made.expected
    spread = float(((y - y.mean()) ** 2).sum())
    return BackTest(
        cutoff=years(cutoff),
        before=len(before),
        after=len(after),
        slope=trend.slope,
        rmse=float(np.sqrt((error**2).mean())),
        bias=float(error.mean()),
        r2=1 - float(error @ error) / spread if spread > 0 else np.nan,
        within_mean=int(((y >= made.mean_low) & (y <= made.mean_high)).sum()),
        within=int(((y >= made.low) & (y <= made.high)).sum()),
    )


def back_tests(
    dated: Dated, cutoffs: Sequence[datetime.date], level: float = 0.95
) -> list[BackTest]:
    """Return the back-tests that can be made at the cut-offs."""
    made = (back_test(dated, cutoff, level) for cutoff in cutoffs)
    return [test for test in made if test is not None]
