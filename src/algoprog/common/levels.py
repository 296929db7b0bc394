"""The levels of intervals, and the names of an interval's columns in every table."""

from __future__ import annotations

LEVELS = (50, 90, 95)
INTERVAL_ENDS = ("median", *(f"ci{level}_{end}" for level in LEVELS for end in ("low", "high")))
