"""When the next record comes, how large it is, and where a track stands some days ahead.

The next gap and gain are order statistics of the last ones. The level ahead is a compound Poisson
process: past gains redrawn, at a pace that is the past one times a gamma variable with the variance
of the calendar fifths; of all the past and of its last half the outer interval counts. No forecast
knows of a target that cannot be reached more cheaply.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.seeds import seed_of
from algoprog.histories.history import History
from algoprog.histories.intervals import FIFTHS, LEAST_GAINS, stretch_of
from algoprog.histories.tables import FORECAST
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

RECENT = 20  # gaps and gains that the next record is forecast from
LEVELS = (50, 80)
SHORT_DAYS = 366  # a window below this is forecast over the short horizons

Horizons = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Course:
    """The gains (n,) of a track and the days (n,) on which they came, in a window of `length`."""

    gains: Array
    days: Array
    length: float

    def until(self, day: float) -> Course:
        """Return what was known when `day` was over."""
        known = self.days <= day
        return Course(self.gains[known], self.days[known], day)

    def last_half(self) -> Course:
        """Return the last half of the window."""
        half = self.length / 2
        late = self.days > half
        return Course(self.gains[late], self.days[late] - half, self.length - half)


def horizons_of(history: History, horizons: Horizons) -> Sequence[int]:
    """Return the days ahead that a history is forecast: fewer, if its window is below a year."""
    return horizons["short" if history.window_days < SHORT_DAYS else "long"]


def course(history: History) -> Course:
    """Return gains and days of a history."""
    return Course(history.gains, history.days, float(history.window_days))


def order_interval(past: Array, level: float) -> tuple[float, float]:
    """Return the interval of the next value of a sequence from the past ones (n,).

    Its ends are the order statistics of ranks (n + 1)(1 -/+ level) / 2, interpolated between
    neighbours; an end beyond the sample is open (-inf, inf).
    """
    ordered, n = np.sort(past), len(past)
    ends = []
    for sign, beyond in ((-1, -math.inf), (1, math.inf)):
        rank = round((n + 1) * (1 + sign * level) / 2, 9)
        if not 1 <= rank <= n:
            ends.append(beyond)
            continue
        below = int(rank)
        above = min(below, n - 1)
        part = rank - below
        ends.append(float((1 - part) * ordered[below - 1] + part * ordered[above]))
    return ends[0], ends[1]


def gaps(days: Array) -> Array:
    """Return the days from each record to the one before it, from the opening for the first."""
    return np.diff(days, prepend=0.0)


def fall_ahead(known: Course, horizon: float, draws: int, rng: np.random.Generator) -> Array:
    """Return draws of the sum of gains within the next `horizon` days.

    Their number is Poisson with mean pace x horizon x G. G is gamma with mean 1 and the variance
    that the numbers in the calendar fifths have beyond a Poisson one, relative to their mean:
    (s^2 - m)_+ / m^2.
    """
    n = len(known.gains)
    if n == 0 or known.length <= 0:
        return np.zeros(draws)
    stretch = stretch_of(known.days, known.length, FIFTHS)
    counts = np.bincount(stretch, minlength=FIFTHS)
    variance = float(max(counts.var(ddof=1) - counts.mean(), 0.0) / counts.mean() ** 2)
    pace = rng.gamma(1.0 / variance, variance, draws) if variance > 0 else np.ones(draws)
    number = rng.poisson(n / known.length * horizon * pace)
    redrawn = known.gains[rng.integers(0, n, int(number.sum()))]
    total = np.concatenate([[0.0], np.cumsum(redrawn)])
    end = np.cumsum(number)
    return np.asarray(total[end] - total[end - number])


def fall_interval(
    known: Course, horizon: float, levels: Sequence[float], draws: int, seed: int
) -> tuple[float, Array, Array]:
    """Return the median and the outer interval of the fall within the next `horizon` days.

    The outer one is over all the past and its last half; ends are in the order of `levels`.
    """
    rng = np.random.default_rng(seed)
    tails = [(1 - level) / 2 for level in levels]
    wanted = [0.5, *tails, *(1 - tail for tail in tails)]
    halves = (known, known.last_half())
    found = np.array(
        [np.quantile(fall_ahead(part, horizon, draws, rng), wanted) for part in halves]
    )
    k = len(levels)
    return float(found[0, 0]), found[:, 1 : k + 1].min(axis=0), found[:, k + 1 :].max(axis=0)


def forecast_table(
    histories: Iterable[History], horizons: Horizons, draws: int, seed: int
) -> pl.DataFrame:
    """Return the table `record_forecast` of every history with four gains or more."""
    rows: list[dict[str, Any]] = []
    for history in histories:
        if len(history.steps) >= LEAST_GAINS:
            rows += _next_record(history)
            rows += _level(history, horizons_of(history, horizons), draws, seed)
    return frame_of(FORECAST, rows)


def _about(history: History, quantity: str, horizon: int, level: int) -> dict[str, Any]:
    return {
        "track": history.track.name,
        "measure": history.measure,
        "quantity": quantity,
        "horizon_days": horizon,
        "level": level,
        "from_day": history.until,
    }


def _next_record(history: History) -> list[dict[str, Any]]:
    rows = []
    for quantity, values in (("next_gap", gaps(history.days)), ("next_gain", history.gains)):
        past = values[-RECENT:]
        for level in LEVELS:
            low, high = order_interval(past, level / 100)
            rows.append(
                _about(history, quantity, 0, level)
                | {
                    "median": float(np.median(past)),
                    "low": low if math.isfinite(low) else None,
                    "high": high if math.isfinite(high) else None,
                    "n": len(past),
                }
            )
    return rows


def _level(
    history: History, horizons: Sequence[int], draws: int, seed: int
) -> list[dict[str, Any]]:
    rows = []
    last = history.steps[-1].level
    for horizon in horizons:
        name = seed_of(seed, "record_forecast", history.track.name, history.measure, horizon)
        median, low, high = fall_interval(
            course(history), horizon, [level / 100 for level in LEVELS], draws, name
        )
        for k, level in enumerate(LEVELS):
            ends = (median, high[k], low[k])  # a larger fall is a lower level
            after = [last * 2.0**-fall if history.relative else last - fall for fall in ends]
            rows.append(
                _about(history, "level", horizon, level)
                | dict(zip(("median", "low", "high"), map(float, after), strict=True))
                | {"n": len(history.steps), "n_draws": draws}
            )
    return rows
