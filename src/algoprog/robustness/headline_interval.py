"""The intervals of the headline's model: of growth where the records are, and in closed form.

Percentiles of a bootstrap hold the growth of a closed form less often than they promise
(:mod:`algoprog.robustness.coverage`). The set of growths that a restricted wild cluster bootstrap
accepts (:mod:`algoprog.robustness.inversion`) is made for the model and the sample at hand,
whatever they are. Where there is none, the percentiles are quoted, and ``reason`` says why. Beside
the percentiles of growth at the records' own allocation stands the interval without the penalty
(:mod:`algoprog.robustness.unpenalised`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from algoprog.common.intervals import doubling_months
from algoprog.common.rows import Plain
from algoprog.model.model import Model
from algoprog.quantities.closed_form import compute_rows
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.robustness.interval_tables import HEADLINE_INTERVAL
from algoprog.robustness.names import COVERED, INVERTED, UNPENALISED
from algoprog.robustness.unpenalised import unpenalised
from algoprog.tables.frames import frame_of

MODEL = ("sample", "variant", "delta")


def headline_interval(
    doubling_times: pl.DataFrame,
    sets: pl.DataFrame,
    fitted: tuple[Model, pl.DataFrame],
    analysis: Plain,
    name: str,
    first: str,
) -> pl.DataFrame:
    """Return the table `headline_interval`: every interval of each definition, level, benchmark.

    Parameters
    ----------
    doubling_times : the table of that name, for the estimates and the percentiles.
    sets : the table `confidence_sets`.
    fitted : the model of the headline's analysis, and its fit
        (:class:`algoprog.resampling.refit.Refit`).
    analysis, name : the headline's bootstrap analysis, as configured, and its name.
    first : the benchmark that sets are of where progress differs between benchmarks.

    Of a set in pieces the outermost ends are given, and ``pieces`` says how many there are. An end
    of growth beyond the grid is infinite.
    """
    key = {name: analysis[name] for name in MODEL}
    found = sets.filter(
        pl.col("analysis") == name,
        pl.col("quantity") == "closed_form",
        pl.col("growth_low").is_not_null(),
    )
    rows = [*_own(doubling_times, fitted, analysis)]
    for point in compute_rows(doubling_times, analysis).iter_rows(named=True):
        known = found if point["benchmark"] in ("all", first) else found.clear()
        rows += _closed(point, known)
    return frame_of(HEADLINE_INTERVAL, [key | row for row in rows])


def _own(
    doubling_times: pl.DataFrame, fitted: tuple[Model, pl.DataFrame], analysis: Plain
) -> Iterator[dict[str, Any]]:
    """The intervals of growth at the records' own allocation: percentiles, and without penalty."""
    points = compute_rows(doubling_times, analysis, "own_allocation").to_dicts()
    for point in points:
        for level in COVERED:
            yield {**_percentiles(point, level), "definition": "own_allocation", "quoted": True}
    if not points or points[0]["growth_point"] is None:
        return
    model, fit = fitted
    row = fit.row(0, named=True)
    seen = model.observed(row["response"])
    found = unpenalised(
        OwnAllocation.of(model),
        model.design,
        seen.response,
        seen.papers,
        np.array(row["estimates"], dtype=float),
    )
    common = {
        "definition": "own_allocation",
        "benchmark": points[0]["benchmark"],
        "method": UNPENALISED,
        "quoted": False,
    }
    for level in COVERED:
        if found is None:
            reason = "without its penalty the law is not determined by the records"
            yield {**common, "level": level, "reason": reason}
            continue
        low, high = found.ends(level)
        yield {
            **common,
            "level": level,
            "degrees": found.degrees,
            "point": float(doubling_months(found.growth)),
            "low": float(doubling_months(high)),
            "high": float(doubling_months(low)),
            "growth_point": found.growth,
            "growth_low": low,
            "growth_high": high,
        }


def _closed(point: Plain, found: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """The intervals of a row of closed form: the outermost ends of its set, and percentiles."""
    ends = {"low": "min", "high": "max", "growth_low": "min", "growth_high": "max"}
    for level in COVERED:
        of_level = found.filter(pl.col("level") == level)
        row = {**_percentiles(point, level), "definition": "closed_form"}
        if of_level.is_empty():
            reason = "no set of its closed form is asked for (confidence_sets)"
            yield row | {"quoted": True, "reason": reason}
            continue
        outer = of_level.select(getattr(pl.col(one), how)() for one, how in ends.items())
        yield row | {
            "method": INVERTED,
            "quoted": True,
            "pieces": of_level.height,
            **outer.row(0, named=True),
        }
        yield row | {"quoted": False}


def _percentiles(point: Plain, level: int) -> dict[str, Any]:
    """The percentile interval of a row of `doubling_times`."""
    return {
        "benchmark": point["benchmark"],
        "method": "percentile",
        "level": level,
        "point": point["point"],
        "growth_point": point["growth_point"],
        "low": point[f"ci{level}_low"],
        "high": point[f"ci{level}_high"],
        "growth_low": point[f"growth_ci{level}_low"],
        "growth_high": point[f"growth_ci{level}_high"],
    }
