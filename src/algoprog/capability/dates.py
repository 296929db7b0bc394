"""Days as years, as the published analysis counts them, and back. It imports nothing heavy."""

from __future__ import annotations

import datetime

DAYS = 365.25
ORIGIN = datetime.date(2000, 1, 1)


def years(day: datetime.date) -> float:
    """Return the date as 2000 + days since 1 January 2000 / 365.25, as published."""
    return ORIGIN.year + (day - ORIGIN).days / DAYS


def day_of(year: float) -> datetime.date:
    """Return the day that :func:`years` gives as `year`, to the nearest."""
    return ORIGIN + datetime.timedelta(days=round((year - ORIGIN.year) * DAYS))
