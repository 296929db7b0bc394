"""The units a pace is stated in, and the growth per year each of them means.

This module imports nothing heavy, for the configuration reads it in every run.
"""

from __future__ import annotations

import math
from collections.abc import Callable

MONTHS = 12.0
DAYS = 365.25
_LN2 = math.log(2.0)

# Growth g per year of a value in each unit; T months means 12 ln2 / T.
GROWTH: dict[str, Callable[[float], float]] = {
    "months": lambda value: MONTHS * _LN2 / value,
    "years": lambda value: _LN2 / value,
    "days": lambda value: DAYS * _LN2 / value,
    "times_a_year": math.log,
    "orders_a_year": lambda value: value * math.log(10.0),
    "growth": float,
}
# A factor over a number of years, which is stated beside it.
TOTAL = "times"
UNITS = (*GROWTH, TOTAL)
# Units of time: the longer, the slower.
TIMES = ("months", "years", "days")
# Units that a value at or below 0 does not exist in.
FACTORS = ("times_a_year", TOTAL)


def fault(unit: str, value: float, years: float | None) -> str:
    """Return what is wrong with a value in a unit; blank where nothing is.

    A time may be infinite (no progress) and negative (a loss of so much), never 0.
    """
    if math.isnan(value):
        return "give a number"
    if unit in TIMES:
        return "" if value != 0 else f"give {unit} other than 0: 0 would be infinite growth"
    if math.isinf(value):
        return f"give a finite value in {unit}"
    if unit in FACTORS and value <= 0:
        return f"give a factor above 0 in {unit}"
    if unit == TOTAL and not (years and math.isfinite(years) and years > 0):
        return "say under `years` over how many years, a number above 0"
    return ""


def growth(unit: str, value: float, years: float | None = None) -> float:
    """Return the growth per year, ln of the yearly factor, that a value in a unit means."""
    if unit == TOTAL:
        return math.log(value) / (years or math.nan)
    return GROWTH[unit](value)


def months(growth: float | None) -> float | None:
    """Return the doubling time 12 ln2 / g in months; infinite where growth is not positive."""
    if growth is None or math.isnan(growth):
        return None
    return MONTHS * _LN2 / growth if growth > 0 else math.inf
