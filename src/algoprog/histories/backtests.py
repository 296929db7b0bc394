"""Whether the forecasts would have held: each tried at every past record or week of a track."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.seeds import seed_of
from algoprog.histories.forecasts import (
    RECENT,
    SHORT_DAYS,
    Course,
    Horizons,
    course,
    fall_interval,
    gaps,
    horizons_of,
    order_interval,
)
from algoprog.histories.history import History
from algoprog.histories.tables import BACKTEST
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

LEVEL = 80
LEAST_PAST = 12  # records before the first forecast, or a sixth of all where that is more
PART_PAST = 6
STEP_DAYS = 7  # between forecasts of the level; 1 in windows of less than a year


@dataclass(frozen=True)
class Tried:
    """Outcomes (m,) of forecasts beside the ends (m,) of their intervals."""

    outcome: Array
    low: Array
    high: Array

    def row(self) -> dict[str, Any]:
        """Return how many held, and on which side the others failed."""
        above, below = self.outcome > self.high, self.outcome < self.low
        return {
            "n": len(self.outcome),
            "covered": float((~above & ~below).mean()),
            "above": float(above.mean()),
            "below": float(below.mean()),
        }


def first_forecast(n: int) -> int:
    """Return how many of n records come before the first forecast."""
    return max(LEAST_PAST, math.ceil(n / PART_PAST))


def next_values(values: Array, recent: int | None) -> Tried:
    """Return the forecasts of each value from those before it, the last `recent` or all."""
    start = first_forecast(len(values))
    ends = np.array(
        [
            order_interval(values[max(0, i - recent) if recent else 0 : i], LEVEL / 100)
            for i in range(start, len(values))
        ]
    )
    return Tried(values[start:], ends[:, 0], ends[:, 1])


def straight_line(days: Array, levels: Array, ahead: float) -> tuple[float, float]:
    """Return the textbook interval at `ahead` of the least-squares line through the records.

    The line is of level on day; the interval that of a new observation, Student's with n - 2
    degrees of freedom.
    """
    from scipy.special import stdtrit

    n = len(days)
    centred = days - days.mean()
    spread = float(centred @ centred)
    slope = float(centred @ levels) / spread
    middle = float(levels.mean()) + slope * (ahead - float(days.mean()))
    residual = levels - levels.mean() - slope * centred
    error = math.sqrt(float(residual @ residual) / (n - 2))
    distance = ahead - float(days.mean())
    half = float(stdtrit(n - 2, (1 + LEVEL / 100) / 2)) * error
    half *= math.sqrt(1 + 1 / n + distance**2 / spread)
    return middle - half, middle + half


def origins(known: Course, horizon: int) -> Array:
    """Return the days from which the level `horizon` days ahead is forecast."""
    start = first_forecast(len(known.days))
    if len(known.days) <= start:
        return np.zeros(0)
    step = 1 if known.length < SHORT_DAYS else STEP_DAYS
    return np.arange(known.days[start - 1], known.length - horizon + 0.5, step)


def backtest_table(
    histories: Iterable[History], horizons: Horizons, draws: int, seed: int
) -> pl.DataFrame:
    """Return the table `record_backtest` of every history that is long enough."""
    rows: list[dict[str, Any]] = []
    for history in histories:
        if len(history.steps) <= first_forecast(len(history.steps)):
            continue
        about = {"track": history.track.name, "measure": history.measure, "level": LEVEL}
        for quantity, values in (("next_gap", gaps(history.days)), ("next_gain", history.gains)):
            for method, recent in ((f"last_{RECENT}", RECENT), ("all_past", None)):
                tried = next_values(values, recent)
                row = about | {"quantity": quantity, "method": method, "horizon_days": 0}
                rows.append(row | tried.row() | {"disjoint": len(tried.outcome)})
        known = course(history)
        for horizon in horizons_of(history, horizons):
            days = origins(known, horizon)
            if not len(days):
                continue
            disjoint = max(1, round(float(days[-1] - days[0]) / horizon))
            for method, tried in _levels(history, known, days, horizon, (draws, seed)).items():
                row = about | {"quantity": "level", "method": method, "horizon_days": horizon}
                rows.append(row | tried.row() | {"disjoint": disjoint})
    return frame_of(BACKTEST, rows)


def _levels(
    history: History, known: Course, days: Array, horizon: int, drawn: tuple[int, int]
) -> dict[str, Tried]:
    """Forecasts of the fall from the opening to `horizon` days after each of `days`."""
    draws, seed = drawn
    reached = np.concatenate([[0.0], np.cumsum(known.gains)])
    by_then = reached[np.searchsorted(known.days, days + horizon, side="right")]
    so_far = reached[np.searchsorted(known.days, days, side="right")]
    line, poisson = [], []
    for day, base in zip(days, so_far, strict=True):
        past = known.until(day)
        points = np.concatenate([[0.0], past.days])
        line.append(straight_line(points, reached[: len(points)], day + horizon))
        name = seed_of(
            *(seed, "record_backtest", history.track.name, history.measure, horizon, int(day))
        )
        _, low, high = fall_interval(past, horizon, [LEVEL / 100], draws, name)
        poisson.append((base + low[0], base + high[0]))
    found = {"compound_poisson": np.array(poisson), "straight_line": np.array(line)}
    # rounding must not decide whether a level that did not move lies in its interval
    slack = 1e-9
    return {
        method: Tried(by_then, ends[:, 0] - slack, ends[:, 1] + slack)
        for method, ends in found.items()
    }
