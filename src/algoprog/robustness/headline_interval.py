"""The interval the headline quotes: one that simulation has shown to hold the truth.

Percentiles of a bootstrap hold the truth less often than they promise where progress is fast
(:mod:`algoprog.robustness.coverage`). The range of doubling times whose fit is no more than a
critical loss worse holds it as often as promised at every simulated truth. The critical losses are
found by that simulation for one model and are configuration; for another model the percentiles are
quoted, and ``reason`` says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from algoprog.common.rows import Plain
from algoprog.model.model import Model
from algoprog.quantities.closed_form import compute_rows
from algoprog.robustness.profiles import profile
from algoprog.robustness.tables import HEADLINE_INTERVAL
from algoprog.tables.frames import frame_of

LEVELS = (90, 95)
MODEL = ("sample", "variant", "delta")


def headline_interval(
    model: Model,
    doubling_times: pl.DataFrame,
    analysis: Plain,
    response: str,
    critical: Plain | None,
    months: Sequence[float],
) -> pl.DataFrame:
    """Rows of `headline_interval`: the interval of each level and benchmark (months, and per year).

    Parameters
    ----------
    model : the analysis', whose fit is profiled.
    doubling_times : the table of that name, for the estimates and the percentiles.
    analysis : the headline's bootstrap analysis, as configured.
    response : that its model is fitted to.
    critical : ``sample``, ``variant`` and ``delta`` they are for; ``loss90``, ``loss95``.
    months : the grid of doubling times on which the ends are bracketed.

    `method` is ``profile`` or ``percentile``. An end of growth that lies beyond the grid is null.
    """
    points = compute_rows(doubling_times, analysis)
    key = {name: analysis[name] for name in MODEL}
    own = critical is not None and all(critical[name] == analysis[name] for name in MODEL)
    losses = (
        {level: float(critical[f"loss{level}"]) for level in LEVELS} if critical and own else {}
    )
    ranges = pl.DataFrame()
    if losses and points.height:
        _, ranges = profile(model, analysis["delta"], response, months, list(losses.values()))
    rows = []
    for point in points.iter_rows(named=True):
        for level in LEVELS:
            row = {
                **key,
                "benchmark": point["benchmark"],
                "level": level,
                "point": point["point"],
                "growth_point": point["growth_point"],
            }
            if losses:
                rows.append(row | _profiled(ranges, point["benchmark"], losses[level]))
            else:
                rows.append(row | _percentiles(point, level))
    return frame_of(HEADLINE_INTERVAL, rows)


def _profiled(ranges: pl.DataFrame, benchmark: str, loss: float) -> dict[str, Any]:
    """The interval within a critical loss of fit."""
    (found,) = ranges.filter(pl.col("benchmark") == benchmark, pl.col("loss") == loss).iter_rows(
        named=True
    )
    return {
        "method": "profile",
        "critical_loss": loss,
        "low": found["doubling_time_low"],
        "high": found["doubling_time_high"],
        "growth_low": found["growth_low"],
        "growth_high": found["growth_high"],
        "reason": found["reason"],
    }


def _percentiles(point: Plain, level: int) -> dict[str, Any]:
    """The percentile interval of a row of `doubling_times`."""
    return {
        "method": "percentile",
        "low": point[f"ci{level}_low"],
        "high": point[f"ci{level}_high"],
        "growth_low": point[f"growth_ci{level}_low"],
        "growth_high": point[f"growth_ci{level}_high"],
        "reason": "no critical losses of this model (critical_losses)",
    }
