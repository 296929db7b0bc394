"""How fast the cost of a track falls: the rate, its three intervals, variants of the window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import MONTHS
from algoprog.histories.history import History
from algoprog.histories.intervals import (
    LEAST_GAINS,
    Ends,
    calendar_fifths,
    cautious,
    given_effort,
    moments,
)
from algoprog.histories.process import process
from algoprog.histories.tables import RATES
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

LAST_DAYS = 365


@dataclass(frozen=True)
class Rate:
    """The fall a year in a window, ``r = sum(g) / T``, with its intervals.

    per_year  bits a year, or units of the score a year
    fifths, effort, cautious  lower and upper end of intervals A, B and C
    """

    per_year: float
    fifths: tuple[float, float]
    effort: tuple[float, float]
    cautious: tuple[float, float]

    @property
    def halving_months(self) -> float:
        """Halving time of the cost, 12 / r months."""
        return MONTHS / self.per_year

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return the three intervals of the rate by name."""
        return {"fifths": self.fifths, "effort": self.effort, "cautious": self.cautious}


def rate(history: History) -> Rate | None:
    """Return the rate of a history; None with fewer than four gains or an empty window."""
    if len(history.steps) < LEAST_GAINS or history.window_days <= 0:
        return None
    found = moments(history.gains, history.days, float(history.window_days))
    years = history.years
    return Rate(
        per_year=history.total / years,
        fifths=_pair(calendar_fifths(found, years)),
        effort=_pair(given_effort(found, years)),
        cautious=_pair(cautious(found, years)),
    )


def rates_table(histories: Iterable[History]) -> pl.DataFrame:
    """Return the table `record_rates`: every variant of the window of every history."""
    return frame_of(
        RATES,
        (
            _row(name, chosen, note)
            for history in histories
            for name, chosen, note in variants(history)
        ),
    )


def variants(history: History) -> Iterator[tuple[str, History, str]]:
    """Yield name, history and note of the headline and of each variant of its window.

    A source that was watched until its last record and no longer makes the window end on a record:
    the headline then drops the last gain. ``without_upgrades`` leaves out the gains of newer
    frameworks; ``exact_dates`` joins entries that are not dated to the day with the next one.
    """
    if not history.steps:
        return
    headline, note = history, ""
    if history.ends_on_record:
        headline = history.without_last()
        note = "watched until its last record: the last gain is dropped"
    yield "headline", headline, note
    if len(history.steps) > 1:
        yield "without_first", history.without_first(), ""
    yield "to_last_record", history.to_last_record(), "ends on a record, hence too fast"
    if history.window_days > LAST_DAYS:
        yield f"last_{LAST_DAYS}_days", history.last_days(LAST_DAYS), ""
    began = history.track.competition_began
    if began is not None and began > history.opened:
        yield "since_competition", history.after(began), ""
    upgrades = [step.entry.framework_upgrade for step in history.steps]
    if any(upgrades):
        yield "without_upgrades", history.without(upgrades), ""
    if not history.days_known:
        yield "exact_dates", exact_dates(history), ""


def exact_dates(history: History) -> History:
    """Return the history of the entries dated to the day.

    A gain of another entry counts with the next one that is dated to the day. An opening that is
    not gives way to the first record that is.
    """
    steps, carried = [], 0.0
    reference: float | None = None
    for step in history.steps:
        if not step.entry.day_known:
            carried += step.gain
            reference = step.reference if reference is None else reference
            continue
        first = step.reference if reference is None else reference
        steps.append(replace(step, gain=step.gain + carried, reference=first))
        carried, reference = 0.0, None
    kept = replace(history, steps=tuple(steps))
    return kept if history.opening.day_known or not steps else kept.without_first()


def correlation(gains: Array, days: Array) -> tuple[float, float]:
    """Return Spearman's rank correlation of gain with date and its two-sided p-value.

    The p-value is Student's, t = rho sqrt((n - 2) / (1 - rho^2)); both are NaN with fewer than
    three gains or where all are equal.
    """
    from scipy.special import stdtr

    n = len(gains)
    if n < 3 or np.ptp(gains) == 0 or np.ptp(days) == 0:
        return np.nan, np.nan
    rho = float(np.corrcoef(_ranks(gains), _ranks(days))[0, 1])
    if abs(rho) >= 1:
        return rho, 0.0
    t = abs(rho) * np.sqrt((n - 2) / (1 - rho**2))
    return rho, float(2 * stdtr(n - 2, -t))


def _ranks(values: Array) -> Array:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=float)


def _row(variant: str, history: History, note: str) -> dict[str, Any]:
    found = rate(history)
    rho, p = correlation(history.gains, history.days)
    steps = history.steps
    opening = history.opening.value
    row: dict[str, Any] = {
        "track": history.track.name,
        "measure": history.measure,
        "variant": variant,
        "title": history.track.title,
        "unit": "FLOP" if history.measure == "training_compute" else history.track.unit,
        "hardware_fixed": history.track.hardware_fixed,
        "opened": history.opened,
        "until": history.until,
        "n": len(steps),
        "n_eff": history.effective_number,
        "opening": opening,
        "last": steps[-1].level if steps else opening,
        "factor": 2.0**history.total if history.relative else None,
        "fall": history.total,
        "gain_date_correlation": None if np.isnan(rho) else rho,
        "gain_date_p": None if np.isnan(p) else p,
        "dates_known": history.days_known,
    }
    fitted = process(history)
    if fitted is not None:
        row |= {
            "process_trend": fitted.trend,
            "process_trend_error": fitted.trend_error,
            "process_saturation": fitted.saturation,
            "process_saturation_error": fitted.saturation_error,
        }
    notes = (
        note,
        "" if history.days_known else "rests on a date that is not known to the day",
        "" if found else f"fewer than {LEAST_GAINS} gains: factor and dates only",
    )
    row["note"] = "; ".join(filter(None, notes)) or None
    if found is None:
        return row
    row["rate"] = found.per_year
    for name, (low, high) in found.intervals().items():
        row |= {f"rate_{name}_low": low, f"rate_{name}_high": high}
    if history.relative:
        row |= {"yearly_factor": 2.0**found.per_year, "halving_months": found.halving_months}
        for name, (low, high) in found.intervals().items():
            row |= {f"halving_{name}_low": MONTHS / high, f"halving_{name}_high": MONTHS / low}
    return row


def _pair(ends: Ends) -> tuple[float, float]:
    return float(ends.low), float(ends.high)
