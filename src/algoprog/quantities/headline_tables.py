"""The tables behind the headline: its answers under each definition, and other variants' answers.

`headline_answers` has the headline's doubling time and, beside it, what other directions and the
published definitions and procedure give. `headline_variants` has every variant with progress: its
own answer, and how well it predicts later records, by which the headline's variant is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import polars as pl

from algoprog.common.rows import Plain, Row
from algoprog.quantities.closed_form import compute_rows
from algoprog.quantities.own_allocation import DIRECTIONS, EVERY
from algoprog.quantities.tables import DOUBLING_TIMES, HEADLINE_ANSWERS, HEADLINE_VARIANTS
from algoprog.tables.frames import frame_of, schema_of

KEYS = ("sample", "variant", "delta", "estimator", "resampling")
PUBLISHED_DEFINITIONS = ("closed_form", "optimal_scaling")


@dataclass(frozen=True)
class Evidence:
    """The tables that the headline is read from.

    ``hold_out`` is `temporal_hold_out`, or None where it is not made of the headline's sample.
    """

    doubling_times: pl.DataFrame
    own_allocation: pl.DataFrame
    allocation_ratios: pl.DataFrame
    intervals: pl.DataFrame
    hold_out: pl.DataFrame | None


def answers_table(
    evidence: Evidence, converged: Row, published: Row, baseline: str
) -> pl.DataFrame:
    """Return the table `headline_answers`.

    Parameters
    ----------
    converged, published : the two bootstrap analyses of the headline, as configured.
    baseline : the benchmark that is told where progress differs between benchmarks.
    """
    rows = [
        *_directions(evidence, converged),
        *_definitions(evidence, converged, "definition", baseline),
        *_own(evidence, published, "published"),
        *_definitions(evidence, published, "published", baseline),
    ]
    return frame_of(HEADLINE_ANSWERS, rows)


def _directions(evidence: Evidence, analysis: Row) -> Iterator[dict[str, Any]]:
    """Growth at the records' own allocation in each direction; the first is the headline."""
    for row in _own(evidence, analysis, "headline"):
        yield row
        yield from _others(evidence.intervals, row)
    found = evidence.own_allocation.filter(
        pl.col("benchmark") == EVERY, pl.col("period") == EVERY, *_agree(analysis)
    )
    by_direction = {row["direction"]: row for row in found.to_dicts()}
    for direction in DIRECTIONS[1:]:
        if direction in by_direction:
            yield _answer(by_direction[direction], "direction", direction) | {
                "definition": "own_allocation",
                "allocation_within_records": True,
            }


def _own(evidence: Evidence, analysis: Row, role: str) -> Iterator[dict[str, Any]]:
    found = evidence.doubling_times.filter(
        pl.col("definition") == "own_allocation", *_agree(analysis)
    )
    for row in found.to_dicts():
        yield _answer(row, role, "alike")


def _definitions(
    evidence: Evidence, analysis: Row, role: str, baseline: str
) -> Iterator[dict[str, Any]]:
    """The published definitions of an analysis: on all benchmarks, or on the baseline."""
    for definition in PUBLISHED_DEFINITIONS:
        found = compute_rows(evidence.doubling_times, analysis, definition).to_dicts()
        by_benchmark = {row["benchmark"]: row for row in found}
        row = by_benchmark.get(EVERY) or by_benchmark.get(baseline)
        row = row or next(iter(by_benchmark.values()), None)
        if row is not None:
            answer = _answer(row, role, None)
            others = list(_others(evidence.intervals, answer)) if role == "definition" else []
            yield from others
            yield answer | {"quoted": not any(other["quoted"] for other in others)}


def _answer(row: Plain, role: str, direction: str | None) -> dict[str, Any]:
    wanted = schema_of(DOUBLING_TIMES)
    kept = {name: row[name] for name in wanted if name in row and name != "quantity"}
    method = "percentile" if row["n_draws"] else None
    return kept | {"role": role, "direction": direction, "method": method, "quoted": True}


def _others(intervals: pl.DataFrame, answer: Plain) -> Iterator[dict[str, Any]]:
    """The answer with each interval of `headline_interval` that is no percentiles of draws."""
    kept = (*KEYS, "role", "definition", "direction", "benchmark", "allocation_within_records")
    found = intervals.filter(
        pl.col("method") != "percentile",
        *(
            pl.col(name) == answer[name]
            for name in ("sample", "variant", "delta", "definition", "benchmark")
        ),
    )
    for (method,), levels in found.group_by("method", maintain_order=True):
        row = {name: answer[name] for name in kept} | {"method": method}
        for one in levels.to_dicts():
            row |= {name: one[name] for name in ("quoted", "point", "growth_point")}
            row["pieces"] = max(one["pieces"] or 0, row.get("pieces") or 0) or None
            for end in ("low", "high"):
                row[f"ci{one['level']}_{end}"] = one[end]
                row[f"growth_ci{one['level']}_{end}"] = one[f"growth_{end}"]
        yield row


def _agree(analysis: Row) -> list[pl.Expr]:
    return [pl.col(key) == analysis[key] for key in KEYS]


def variants_table(evidence: Evidence, converged: Row, reference: str) -> pl.DataFrame:
    """Return the table `headline_variants`: variants with progress, fitted as the headline is.

    A variant counts in the range of answers where it predicts later records better than the
    ``reference`` without progress, over the cut-offs at which both were fitted; every variant does
    where later records were not held out.
    """
    keys = ("sample", "delta", "estimator")
    own = evidence.doubling_times.filter(
        pl.col("definition") == "own_allocation", *(pl.col(key) == converged[key] for key in keys)
    ).unique("variant", keep="first", maintain_order=True)
    errors = _errors(evidence.hold_out, converged)
    rows = []
    for row in own.to_dicts():
        theirs, others = errors.get(row["variant"], {}), errors.get(reference, {})
        shared = sorted(set(theirs) & set(others))
        found: dict[str, Any] = {
            name: row[name] for name in (*keys, "variant", "point", "growth_point")
        }
        found |= {"cutoffs": len(shared), "counted": evidence.hold_out is None}
        if shared:
            found["out_of_time"] = fmean(theirs[year] for year in shared)
            found["reference"] = fmean(others[year] for year in shared)
            found["better_in"] = sum(theirs[year] < others[year] for year in shared)
            found["counted"] = found["out_of_time"] < found["reference"]
        rows.append(found)
    table = frame_of(HEADLINE_VARIANTS, rows)
    full = table.filter(pl.col("cutoffs") == pl.col("cutoffs").max(), pl.col("cutoffs") > 0)
    ranks = full.select("variant", rank=pl.col("out_of_time").rank("min").cast(pl.Int64))
    return table.drop("rank").join(ranks, "variant", "left").select(HEADLINE_VARIANTS.names)


def _errors(hold_out: pl.DataFrame | None, analysis: Row) -> dict[str, dict[int, float]]:
    """Mean squared error out of time by model and cut-off, at the analysis' delta."""
    found: dict[str, dict[int, float]] = {}
    if hold_out is None:
        return found
    rows = hold_out.filter(
        pl.col("estimator") == analysis["estimator"],
        pl.col("delta") == analysis["delta"],
        pl.col("rmse").is_finite(),
    )
    for model, cutoff, error in rows.select("model", "cutoff", "rmse").iter_rows():
        found.setdefault(model, {})[cutoff] = error**2
    return found
