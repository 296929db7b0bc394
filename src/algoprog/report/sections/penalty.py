"""How much of the answer the penalty decides, and which local minima compete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from algoprog.common.intervals import doubling_months
from algoprog.report.figures import penalty as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section

DEFINITIONS = ("closed_form", "own_allocation")
LEVELS_FREE = ("slopes", "standardised")
SAID = {
    "as_fitted": "as fitted",
    "decades": "time in decades",
    "means": "variables measured from their means",
    "counts": "ln N and ln D themselves",
    "slopes": "levels not penalised",
    "standardised": "levels not penalised, slopes standardised",
}


def penalty(inputs: Inputs) -> Row | None:
    """Return ranges of doubling times over penalties and settings; None without the table.

    ``whole`` is the range over all converged fits, ``free`` over those whose levels are free, each
    by definition; ``none`` has both estimators' fits without a penalty; ``minima`` is what is said
    of the local minima of the headline's fit.
    """
    table = inputs.tables.get("penalty")
    if table is None or table.is_empty():
        return None
    ours = table.filter(pl.col("estimator") == "converged")
    free = ours.filter(pl.col("setting").is_in(LEVELS_FREE))
    at = inputs.converged.delta
    fitted = table.filter(pl.col("setting") == "as_fitted")
    return {
        "whole": _ranges(ours),
        "free": _ranges(free) if free.height else None,
        "settings": _settings(ours, at),
        "delta": at,
        "variant": table["variant"][0],
        "deltas": (min(table["delta"]), max(table["delta"])),
        "none": _by_estimator(fitted.filter(pl.col("delta") == 0)),
        "with": _by_estimator(fitted.filter(pl.col("delta") == at)),
        "minima": _minima(inputs),
    }


def _ranges(table: pl.DataFrame) -> Row:
    """Return the fastest and the slowest doubling time by definition."""
    return {name: _range(table[f"growth_{name}"].drop_nulls().to_list()) for name in DEFINITIONS}


def _range(growth: Iterable[float]) -> tuple[float, float] | None:
    known = sorted(growth)
    return (float(doubling_months(known[-1])), float(doubling_months(known[0]))) if known else None


def _settings(ours: pl.DataFrame, delta: float) -> Sequence[Row]:
    """Return the doubling times of each setting at the headline's penalty."""
    rows = {row["setting"]: row for row in ours.filter(pl.col("delta") == delta).to_dicts()}
    return [rows[name] | {"said": said} for name, said in SAID.items() if name in rows]


def _by_estimator(table: pl.DataFrame) -> Row | None:
    """Return the fits of both estimators, where both are there."""
    rows = {row["estimator"]: row for row in table.to_dicts()}
    return rows if len(rows) == 2 else None


def _minima(inputs: Inputs) -> Row | None:
    """Return how many local minima the headline's fit has near its best, and their range."""
    key = inputs.converged.key
    rows = [
        row
        for row in inputs.rows("minima")
        if all(row[name] == key[name] for name in ("sample", "variant", "delta"))
    ]
    if not rows:
        return None
    table = pl.DataFrame(rows, infer_schema_length=None)
    return {"n": table.height, "ranges": _ranges(table), "worst": max(table["excess"])}


SECTION = Section("penalty", penalty, (figure.FIGURE,))
