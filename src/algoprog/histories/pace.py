"""How even the pace was: half-years or months, the two halves, and spells without a record."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import polars as pl

from algoprog.histories.history import DAY, History
from algoprog.histories.intervals import given_effort, moments
from algoprog.histories.tables import DRY_SPELLS, PERIODS
from algoprog.tables.frames import frame_of

SHORT_DAYS = 366  # a window below this is shown by month


def periods_table(histories: Iterable[History]) -> pl.DataFrame:
    """Return the table `record_periods`: the pace by half-year or month, and the two halves."""
    rows: list[dict[str, Any]] = []
    for history in histories:
        if not history.steps:
            continue
        for name, first, last in calendar(history.opened, history.until):
            part = within(history, first, last)
            rows.append(_labelled(history, name, first, last) | _pace(part))
        rows += _halves(history)
    return frame_of(PERIODS, rows)


def calendar(
    opened: datetime.date, until: datetime.date
) -> Iterator[tuple[str, datetime.date, datetime.date]]:
    """Yield name, first and last day of the half-years of a window; of its months, if it is short.

    The first and the last stretch are cut at the ends of the window.
    """
    by_month = (until - opened).days < SHORT_DAYS
    first = opened
    while first <= until:
        month = first.month if by_month else (6 if first.month <= 6 else 12)
        name = f"{first:%Y-%m}" if by_month else f"{first.year}-H{1 if first.month <= 6 else 2}"
        following = datetime.date(first.year + month // 12, month % 12 + 1, 1)
        yield name, first, min(following - DAY, until)
        first = following


def within(history: History, first: datetime.date, last: datetime.date) -> History:
    """Return the part of a history from `first` to `last`, both included."""
    steps = tuple(s for s in history.steps if first <= s.entry.published <= last)
    kept = history.without([s not in steps for s in history.steps])
    # a window is as long as it has days: `opened` is the day before its first one, but for the
    # opening day, on which the baseline stands
    start = first if first == history.opened else first - DAY
    return replace(kept, opened=start, until=last)


def longest_spell(days: Iterable[float], length: int) -> tuple[int, int]:
    """Return the first and last day of the longest stretch without a record in a window."""
    edges = [0, *(int(day) for day in days), length]
    start, end = max(pairwise(edges), key=lambda pair: pair[1] - pair[0])
    return start, end


def chance_of_longest(spell: int, length: int, n: int) -> float:
    """Return the exact chance that n evenly spread records leave so long a stretch somewhere.

    ``P = sum_j (-1)^(j+1) C(n + 1, j) (1 - j x)_+^n`` with x = spell / length (Fisher 1929); in
    exact fractions, for the terms alternate.
    """
    x = Fraction(spell, length)
    total = Fraction(0)
    for j in range(1, n + 2):
        left = 1 - j * x
        if left <= 0:
            break
        total += (-1) ** (j + 1) * math.comb(n + 1, j) * left**n
    return float(min(total, Fraction(1))) if spell else 1.0


def dry_spells_table(histories: Iterable[History]) -> pl.DataFrame:
    """Return the table `record_dry_spells`: the longest, and the last one up to the day watched."""
    rows: list[dict[str, Any]] = []
    for history in histories:
        n, length = len(history.steps), history.window_days
        if not n or length <= 0:
            continue
        start, end = longest_spell(history.days, length)
        last = int(history.days[-1])
        chances = {
            "longest": (start, end, chance_of_longest(end - start, length, n)),
            "since_last": (last, length, float(Fraction(last, length) ** n)),
        }
        for spell, (first, until, chance) in chances.items():
            rows.append(
                {
                    "track": history.track.name,
                    "measure": history.measure,
                    "spell": spell,
                    "opened": history.opened + datetime.timedelta(days=first),
                    "until": history.opened + datetime.timedelta(days=until),
                    "days": until - first,
                    "n": n,
                    "chance": chance,
                }
            )
    return frame_of(DRY_SPELLS, rows)


def _labelled(
    history: History, period: str, first: datetime.date, last: datetime.date
) -> dict[str, Any]:
    return {
        "track": history.track.name,
        "measure": history.measure,
        "period": period,
        "opened": first,
        "until": last,
    }


def _pace(part: History) -> dict[str, Any]:
    """Number, fall and rate with interval B of a part of a history."""
    row: dict[str, Any] = {"n": len(part.steps), "fall": part.total}
    if part.window_days <= 0:
        return row
    row["rate"] = part.total / part.years
    if part.steps:
        row["n_eff"] = part.effective_number
        found = moments(part.gains, part.days, float(part.window_days))
        ends = given_effort(found, part.years)
        row |= {"rate_effort_low": float(ends.low), "rate_effort_high": float(ends.high)}
    return row


def _halves(history: History) -> list[dict[str, Any]]:
    """The rate of the second half of the window over that of the first, with a test of 1.

    On the log the ratio has the variance 1 / n_eff of each half, normally distributed.
    """
    from scipy.special import ndtr, ndtri

    middle = history.window_days / 2
    late = history.days > middle
    first, second = history.gains[~late], history.gains[late]
    if len(first) < 2 or len(second) < 2:
        return []
    ratio = float(second.sum() / first.sum())
    variance = sum(float((g**2).sum() / g.sum() ** 2) for g in (first, second))
    half = float(ndtri(0.975)) * math.sqrt(variance)
    row = _labelled(history, "halves", history.opened, history.until)
    return [
        row
        | {
            "n": len(history.steps),
            "n_eff": 1.0 / variance,
            "rate": ratio,
            "rate_effort_low": ratio * math.exp(-half),
            "rate_effort_high": ratio * math.exp(half),
            "p": float(2 * ndtr(-abs(math.log(ratio)) / math.sqrt(variance))),
        }
    ]
