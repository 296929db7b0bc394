"""The last day that a date of something that has happened can be."""

from __future__ import annotations

import datetime


def latest_day() -> datetime.date:
    """Return the day after today in UTC: some place on earth is a day ahead.

    It serves to refuse dates in the future and changes no result.
    """
    return datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
