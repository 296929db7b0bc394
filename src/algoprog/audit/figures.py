"""Figures of table rows and of draws, as the audit sets them side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.audit.evidence import NotComputedError
from algoprog.audit.monte_carlo import central
from algoprog.audit.reproduction import Figure, Row
from algoprog.common.intervals import signed_months
from algoprog.common.levels import INTERVAL_ENDS

Array = NDArray[np.float64]


def interval_of(row: Row, level: float, unit: float = 1.0, prefix: str = "") -> Figure:
    """Return median and interval of a row, divided by ``unit``.

    Raises
    ------
    NotComputedError
        for a level that tables do not have.
    """
    names = ("median", f"ci{level:g}_low", f"ci{level:g}_high")
    if not set(names) <= set(INTERVAL_ENDS):
        raise NotComputedError(f"level {level:g}")
    return Figure(*(row[prefix + name] / unit for name in names))


def about(row: Row, column: str) -> Figure:
    """Return a point with the 95 % interval of its draws."""
    return Figure(row[column], row["ci95_low"], row["ci95_high"])


def months(growth: Array, unit: float = 1.0) -> Array:
    """Return doubling times of draws as the published procedure has them, negative ones included.

    ``growth`` is per year; times are in months, divided by ``unit``.
    """
    with np.errstate(divide="ignore"):
        return signed_months(growth) / unit


def repetitions(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the draws of each repetition."""
    return frame.partition_by("repetition", maintain_order=True, include_key=False)


def noise_of(
    draws: Iterable[pl.DataFrame], values: Callable[[pl.DataFrame], Array], level: float
) -> Figure:
    """Return how an interval of draws scatters over repetitions."""
    return scatter([central(values(frame), level) for frame in draws])


def scatter(figures: Sequence[Figure]) -> Figure:
    """Return the standard deviation of each part over repetitions; none for fewer than two."""
    if len(figures) < 2:
        return Figure()
    parts = np.array([[value for _, value in figure.parts()] for figure in figures], dtype=float)
    return Figure(*np.std(parts, axis=0, ddof=1).tolist())
