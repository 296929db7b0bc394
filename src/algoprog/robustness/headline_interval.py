"""The interval of the headline model's closed form: a set that needs no constant found beforehand.

Percentiles of a bootstrap hold the growth of a closed form less often than they promise
(:mod:`algoprog.robustness.coverage`). The set of growths that a restricted wild cluster bootstrap
accepts (:mod:`algoprog.robustness.inversion`) is made for the model and the sample at hand,
whatever they are. Where there is none, the percentiles stand, and ``reason`` says why.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from algoprog.common.rows import Plain
from algoprog.quantities.closed_form import compute_rows
from algoprog.robustness.names import COVERED, INVERTED
from algoprog.robustness.tables import HEADLINE_INTERVAL
from algoprog.tables.frames import frame_of

MODEL = ("sample", "variant", "delta")


def headline_interval(
    doubling_times: pl.DataFrame, sets: pl.DataFrame, analysis: Plain, name: str, first: str
) -> pl.DataFrame:
    """Return the rows of `headline_interval`: an interval of each level and benchmark.

    Parameters
    ----------
    doubling_times : the table of that name, for the estimates and the percentiles.
    sets : the table `confidence_sets`.
    analysis, name : the headline's bootstrap analysis, as configured, and its name.
    first : the benchmark that sets are of where progress differs between benchmarks.

    `method` is ``inverted`` or ``percentile``. Of a set in pieces the outermost ends are given,
    and ``pieces`` says how many there are. An end of growth beyond the grid is infinite.
    """
    key = {name: analysis[name] for name in MODEL}
    own = sets.filter(
        pl.col("analysis") == name,
        pl.col("quantity") == "closed_form",
        pl.col("growth_low").is_not_null(),
    )
    rows = []
    for point in compute_rows(doubling_times, analysis).iter_rows(named=True):
        of_set = point["benchmark"] in ("all", first)
        for level in COVERED:
            found = own.filter(pl.col("level") == level)
            row = {
                **key,
                "benchmark": point["benchmark"],
                "level": level,
                "point": point["point"],
                "growth_point": point["growth_point"],
            }
            inverted = of_set and not found.is_empty()
            rows.append(row | (_inverted(found) if inverted else _percentiles(point, level)))
    return frame_of(HEADLINE_INTERVAL, rows)


def _inverted(found: pl.DataFrame) -> dict[str, Any]:
    """The outermost ends of a set."""
    ends = {"low": "min", "high": "max", "growth_low": "min", "growth_high": "max"}
    (row,) = found.select(getattr(pl.col(column), how)() for column, how in ends.items()).iter_rows(
        named=True
    )
    return {"method": INVERTED, "pieces": found.height, **row}


def _percentiles(point: Plain, level: int) -> dict[str, Any]:
    """The percentile interval of a row of `doubling_times`."""
    return {
        "method": "percentile",
        "low": point[f"ci{level}_low"],
        "high": point[f"ci{level}_high"],
        "growth_low": point[f"growth_ci{level}_low"],
        "growth_high": point[f"growth_ci{level}_high"],
        "reason": "no set of its closed form is asked for (confidence_sets)",
    }
