"""Whether two values of a field may be the same value, and values as texts of a table."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any


def agree(field: str, first: Any, other: Any) -> bool:
    """Return whether two values of a field may be one value, rounded.

    Numbers agree if they differ by no more than half a unit of the last digit of the shorter one.
    A number's digits are those of its shortest decimal form; of a count at least two (7B stands for
    6.95 to 7.05 billion), of a perplexity at least one after the point (20 stands for 19.95 to
    20.05). A date on the first of a month may stand for any day of that month.
    """
    if first is None or other is None or first == other:
        return True
    if isinstance(first, str):
        return False
    if isinstance(first, datetime.date):
        same_month = (first.year, first.month) == (other.year, other.month)
        return same_month and 1 in (first.day, other.day)
    unit = max(_last_digit(field, first), _last_digit(field, other))
    # half a unit, and the rounding of the floats themselves
    return bool(abs(first - other) <= 0.5 * unit * (1 + 1e-9))


def shown(value: Any) -> str | None:
    """Return a value as a table shows it."""
    if value is None:
        return None
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _last_digit(field: str, number: float) -> float:
    """The unit of a number's last digit."""
    if not math.isfinite(number) or number == 0:
        return 0.0
    decimal = Decimal(repr(number)).normalize()
    exponent = int(decimal.as_tuple().exponent)
    most = -1 if field == "perplexity" else decimal.adjusted() - 1
    return float(Decimal(1).scaleb(min(exponent, most)))
