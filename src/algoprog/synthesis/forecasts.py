"""Forecasts made earlier, kept in a register, and how those with an outcome did.

The interval score of a central interval [l, u] of level 1 − α at the outcome x is

    (u − l) + (2/α) max(l − x, 0) + (2/α) max(x − u, 0),

smaller being better; it is proper: nobody gains by an interval other than the one believed in
(Gneiting and Raftery 2007, equation 43).
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.register import Line, read_register
from algoprog.synthesis.tables import FORECASTS
from algoprog.tables.frames import frame_of

COLUMNS = (
    *("id", "made_on", "for_date", "quantity", "subject", "unit", "value", "low", "high", "level"),
    *("source", "outcome", "outcome_source", "note"),
)
NUMBERS = ("value", "low", "high", "level", "outcome")
DATES = ("made_on", "for_date")
NEEDED = ("id", *DATES, "quantity", "subject", "low", "high", "level", "source")


def interval_score(low: float, high: float, level: float, outcome: float) -> float:
    """Return the interval score of an interval of `level` per cent at an outcome."""
    penalty = 2.0 / (1.0 - level / 100.0)
    return (high - low) + penalty * (max(low - outcome, 0.0) + max(outcome - high, 0.0))


def forecast_table(content: bytes, where: str) -> pl.DataFrame:
    """Return the table `forecasts`: those of a register, scored where the outcome is known.

    Raises
    ------
    InputError
        for a missing column, a blank that must be filled in, anything that is no number or date,
        an interval the wrong way round, a date that is not after the day the forecast was made on,
        an outcome without its source, or an id that stands twice.
    """
    register = read_register(content, where)
    register.check_columns(COLUMNS)
    rows: list[dict[str, Any]] = []
    for line in register.lines:
        row = _read(line, where)
        if any(row["id"] == other["id"] for other in rows):
            raise _refused(where, line.number, "id", row["id"], "give an id of its own")
        rows.append(row | _scored(row))
    return frame_of(FORECASTS, rows)


def _refused(where: str, line: int, column: str, value: object, fix: str) -> InputError:
    return InputError(where, f"line {line}, column {column}", value, fix)


def _read(given: Line, where: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    line = given.number
    for column in COLUMNS:
        text = given.text(column)
        if column in NEEDED and not text:
            raise _refused(where, line, column, None, "give it: every forecast has one")
        try:
            if column in NUMBERS and text:
                row[column] = float(text)
                if not math.isfinite(row[column]):
                    raise ValueError
            elif column in DATES:
                row[column] = date.fromisoformat(text)
            else:
                row[column] = text or None
        except ValueError:
            fix = "give a day, YYYY-MM-DD" if column in DATES else "give a finite number"
            raise _refused(where, line, column, text, fix) from None
    if row["low"] > row["high"]:
        raise _refused(where, line, "low", row["low"], "give an end that is not above `high`")
    if not 0 < row["level"] < 100:
        raise _refused(where, line, "level", row["level"], "give per cent between 0 and 100")
    if row["for_date"] <= row["made_on"]:
        fix = "give a day after the one it was made on"
        raise _refused(where, line, "for_date", row["for_date"], fix)
    if row["outcome"] is not None and row["outcome_source"] is None:
        raise _refused(where, line, "outcome_source", None, "say where the outcome is from")
    return row


def _scored(row: dict[str, Any]) -> dict[str, Any]:
    """Return what the outcome says of a forecast; blanks while there is none."""
    x, low, high = row["outcome"], row["low"], row["high"]
    if x is None:
        return {"scored": False}
    return {
        "scored": True,
        "inside": low <= x <= high,
        "error": None if row["value"] is None else row["value"] - x,
        "interval_score": interval_score(low, high, row["level"], x),
    }
