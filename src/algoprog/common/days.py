"""The days that a date in a register can be: implausible ones are mistyped."""

from __future__ import annotations

import datetime

FIRST_DAY = datetime.date(1950, 1, 1)  # before any system that learns
LAST_DAY = datetime.date(2100, 1, 1)  # where the future is not refused (:func:`latest_day`)


def latest_day() -> datetime.date:
    """Return the day after today in UTC: some place on earth is a day ahead.

    It serves to refuse dates in the future and changes no result.
    """
    return datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
