"""Rows of result tables as figures read them: numbers, ends of intervals, rows that agree."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import matplotlib.dates
import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.rows import Plain

Array = NDArray[np.float64]
Row = Plain
Limits = tuple[float, float]


def number(value: Any) -> float:
    """Return a cell as a number; a blank is NaN."""
    return math.nan if value is None else float(value)


def ends(row: Row, level: int, prefix: str = "") -> Limits:
    """Return the interval of a row; NaN where it has none."""
    low, high = (row.get(f"{prefix}ci{level}_{end}") for end in ("low", "high"))
    return number(low), number(high)


def matching(
    table: pl.DataFrame, key: Row, names: Iterable[str], **also: str
) -> list[dict[str, Any]]:
    """Return the rows that agree with `key` in the columns `names`, and with the others given."""
    wanted = {name: key[name] for name in names} | also
    return [
        row
        for row in table.iter_rows(named=True)
        if all(row[name] == value for name, value in wanted.items())
    ]


def days(dates: pl.Series) -> Array:
    """Return dates as Matplotlib has them, in days."""
    return np.asarray(matplotlib.dates.date2num(dates.to_list()), dtype=float)
