"""Usual estimates of the rate of a record history, beside ours, and what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from algoprog.common.intervals import MONTHS
from algoprog.histories.history import DAYS_PER_YEAR, History
from algoprog.histories.intervals import LEVEL
from algoprog.histories.rates import rate
from algoprog.histories.tables import DEFECTS
from algoprog.tables.frames import frame_of


@dataclass(frozen=True)
class Line:
    """The least-squares line of log2 cost on date: bits a year, with its textbook interval."""

    per_year: float
    low: float
    high: float

    @property
    def months(self) -> float:
        """Halving time that the line claims."""
        return MONTHS / self.per_year


def least_squares(history: History) -> Line:
    """Return the line through opening and records of a history with two gains or more.

    The interval is Student's with n - 2 degrees of freedom at n points.
    """
    from scipy.special import stdtrit

    days = np.concatenate([[0.0], history.days])
    years = days / DAYS_PER_YEAR
    reached = np.concatenate([[0.0], np.cumsum(history.gains)])
    centred = years - years.mean()
    spread = float(centred @ centred)
    slope = float(centred @ reached) / spread
    residual = reached - reached.mean() - slope * centred
    n = len(years)
    error = math.sqrt(float(residual @ residual) / (n - 2) / spread)
    half = float(stdtrit(n - 2, (1 + LEVEL) / 2)) * error
    return Line(slope, slope - half, slope + half)


def defects_table(histories: Iterable[History], decomposition: pl.DataFrame) -> pl.DataFrame:
    """Return the table `record_defects`: what usual estimates claim, and what is wrong.

    `decomposition` is the table of that name: the last record against either start.
    """
    rows: list[dict[str, Any]] = []
    for history in histories:
        ours = rate(history)
        if ours is None or not history.relative:
            continue
        about = {
            "track": history.track.name,
            "ours": ours.halving_months,
            "ours_low": MONTHS / ours.fifths[1],
            "ours_high": MONTHS / ours.fifths[0],
        }
        rows.append(about | _line(history, ours.fifths))
        rows.append(about | _end_points(history))
    return frame_of(DEFECTS, rows + _starts(decomposition))


def _line(history: History, ours: tuple[float, float]) -> dict[str, Any]:
    line = least_squares(history)
    fault = "errors of records are a random walk"
    if line.low > 0:
        times = math.log(ours[1] / ours[0]) / math.log(line.high / line.low)
        fault += f": on the log the interval is {times:.1f} times narrower than ours"
    return {
        "method": "least_squares",
        "claimed": line.months,
        "claimed_low": MONTHS / line.high,
        "claimed_high": MONTHS / line.low if line.low > 0 else math.inf,
        "fault": fault,
    }


def _end_points(history: History) -> dict[str, Any]:
    shorter = history.to_last_record()
    n = len(history.steps)
    return {
        "method": "end_points",
        "claimed": MONTHS * shorter.years / shorter.total,
        "fault": (
            f"ends on a record: too fast by about {100 / (n - 1):.0f} % for {n} records, "
            f"and {history.window_days - shorter.window_days} days without one are left out"
        ),
    }


def _starts(decomposition: pl.DataFrame) -> list[dict[str, Any]]:
    """The factor beyond FLOP that the opening gives, beside the one from the first record."""
    rows = []
    for (track,), found in decomposition.group_by("track", maintain_order=True):
        starts = found.partition_by("start", maintain_order=True)
        if len(starts) < 2:
            continue
        first, second = (part.row(-1, named=True) for part in starts)
        if first["entry"] != second["entry"]:
            continue
        rows.append(
            {
                "track": track,
                "method": "throughput_from_start",
                "claimed": first["throughput_factor"],
                "ours": second["throughput_factor"],
                "fault": (
                    f"holds from entry {first['start']} only: from entry {second['start']} "
                    f"the time factor of {second['time_factor']:.3g} is FLOP "
                    f"{second['flop_factor']:.3g} times {second['throughput_factor']:.3g}"
                ),
            }
        )
    return rows
