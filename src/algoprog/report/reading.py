"""Reading rows of result tables: which agree, what their intervals hold, how far apart they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from algoprog.report.inputs import Row

# Doubling times that differ by this factor are different answers.
WIDE_FACTOR = 2.0
# A fit is rejected by the data if its error is this share above the headline's on the same rows.
REJECTED_ABOVE = 0.2


def agreeing(rows: Sequence[Row], key: Row) -> list[Row]:
    """Return the rows that agree with `key`."""
    return [row for row in rows if all(row[name] == value for name, value in key.items())]


def first_agreeing(rows: Sequence[Row], key: Row) -> Row | None:
    """Return the first row that agrees with `key`, if there is one."""
    return next(iter(agreeing(rows, key)), None)


def on_baseline(rows: Sequence[Row], baseline: str) -> list[Row]:
    """Return rows on all benchmarks or the baseline; without either, on the first there is."""
    levels = {row["benchmark"]: None for row in rows}
    wanted = ["all", baseline, *levels]
    chosen = next((name for name in wanted if name in levels), None)
    return [row for row in rows if row["benchmark"] == chosen]


def end(row: Row, which: str, prefix: str = "") -> float:
    """Return an end of the 95 % interval; NaN, which is in no order, where it is blank."""
    value = row[f"{prefix}ci95_{which}"]
    return math.nan if value is None else float(value)


def within(value: float, row: Row, prefix: str) -> bool:
    """Return whether a value lies within the 95 % interval of a row."""
    return end(row, "low", prefix) <= value <= end(row, "high", prefix)


def finite(value: Any) -> bool:
    """Return whether a cell holds a finite number."""
    return value is not None and math.isfinite(value)


def ends_of(values: Sequence[Any]) -> tuple[Any, Any] | None:
    """Return the least and the largest finite value, if there is one."""
    known = [value for value in values if finite(value)]
    return (min(known), max(known)) if known else None


def loose(fastest: float | None, slowest: float | None) -> bool:
    """Return whether a range of doubling times is wide: a factor of two or more, or no end."""
    return fastest is None or slowest is None or slowest >= WIDE_FACTOR * fastest


def worse(value: Any, reference: Any) -> bool:
    """Return whether an error is so far above a reference's that the data reject the fit."""
    if not (finite(value) and finite(reference)):
        return False
    return bool(value > (1.0 + REJECTED_ABOVE) * reference)
