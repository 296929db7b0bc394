"""Do the intervals of a rate hold: how often each contains the truth in simulated worlds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.seeds import seed_of
from algoprog.histories.intervals import (
    LEAST_GAINS,
    LEVEL,
    Ends,
    calendar_fifths,
    cautious,
    given_effort,
)
from algoprog.histories.tables import COVERAGE
from algoprog.histories.worlds import DRAWN_PACE, WORLDS, Histories
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]


def least_squares(drawn: Histories) -> Ends:
    """Return the textbook interval of the slope of level on time through opening and records.

    It is Student's with n - 1 degrees of freedom, for n records and the opening. It takes the
    records for independent, which a running sum never is.
    """
    from scipy.special import stdtrit

    there = np.column_stack([np.ones(len(drawn.gains), dtype=bool), drawn.there])
    times = np.column_stack([np.zeros(len(drawn.gains)), drawn.times])
    levels = np.column_stack([np.zeros(len(drawn.gains)), np.cumsum(drawn.gains, axis=1)])
    points = there.sum(axis=1)
    centred = _centred(times, there, points)
    heights = _centred(levels, there, points)
    spread = (centred**2).sum(axis=1)
    slope = (centred * heights).sum(axis=1) / spread
    residual = np.where(there, heights - slope[:, None] * centred, 0.0)
    error = np.sqrt((residual**2).sum(axis=1) / (points - 2) / spread)
    half = stdtrit(points - 2, (1 + LEVEL) / 2) * error
    return Ends(slope - half, slope + half)


def coverage_table(
    worlds: Iterable[str], sizes: Sequence[int], histories: int, seed: int
) -> pl.DataFrame:
    """Return the table `record_coverage`: every interval in every world at every size.

    `sizes` are the records expected in the window; of `histories` drawn, those with at least four
    records count, as the intervals ask for.
    """
    rows: list[dict[str, Any]] = []
    for world in worlds:
        for records in sizes:
            rng = np.random.default_rng(seed_of(seed, "record_coverage", world, records))
            drawn = WORLDS[world](records, histories, rng)
            drawn = drawn.only(drawn.number >= LEAST_GAINS)
            rows += _rows(world, records, drawn)
    return frame_of(COVERAGE, rows)


def _rows(world: str, records: int, drawn: Histories) -> list[dict[str, Any]]:
    found = drawn.moments()
    truth = np.full(len(drawn.gains), drawn.rate)
    effort = given_effort(found, 1.0)
    slopes = least_squares(drawn)
    cases: dict[str, tuple[Ends, Array, Array]] = {
        "fifths": (calendar_fifths(found, 1.0), truth, found.total),
        "effort": (effort, truth, found.total),
        "cautious": (cautious(found, 1.0), truth, found.total),
        "least_squares": (slopes, truth, (slopes.low + slopes.high) / 2),
    }
    if world in DRAWN_PACE:
        cases["effort_given_pace"] = (effort, drawn.given, found.total)
    rows = []
    for method, (ends, true, estimate) in cases.items():
        above, below = ends.low > true, ends.high < true
        width = np.where(ends.low > 0, ends.high, np.inf) / np.where(ends.low > 0, ends.low, 1.0)
        rows.append(
            {
                "world": world,
                "records": records,
                "method": method,
                "histories": len(truth),
                "covered": float((~above & ~below).mean()),
                "above": float(above.mean()),
                "below": float(below.mean()),
                "width": float(np.median(width)),
                "bias": float((estimate / true).mean() - 1),
            }
        )
    return rows


def _centred(values: Array, there: NDArray[np.bool_], points: NDArray[np.int64]) -> Array:
    """Values less their mean over the points of their row; zero where there is none."""
    mean = np.where(there, values, 0.0).sum(axis=1) / points
    return np.where(there, values - mean[:, None], 0.0)
