"""The tables of the multiverse put together: every specification once, and what came of them.

It fits nothing, so that putting tables together imports no estimator.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from algoprog.common.intervals import INTERVAL_ENDS, INTERVAL_SCHEMA
from algoprog.robustness.specifications import Specification

# Columns of `multiverse` after `id` and one of each choice.
RESULTS: dict[str, Any] = {
    "n": pl.Int64,
    "papers": pl.Int64,
    "p": pl.Int64,
    "objective": pl.Float64,
    "mse": pl.Float64,
    "r2": pl.Float64,
    "subgradient": pl.Float64,
    "converged": pl.Boolean,
    "n_starts": pl.Int64,
    "n_at_best": pl.Int64,
    "growth_closed_form": pl.Float64,
    "growth_optimal_scaling": pl.Float64,
    "growth": pl.Float64,
    "doubling_time": pl.Float64,
    "compute_share": pl.Float64,
    "not_identified": pl.String,
    "status": pl.String,
    "reason": pl.String,
    "problem": pl.String,
}
INTERVALS: dict[str, Any] = (
    {"id": pl.String, "growth": pl.Float64, "doubling_time": pl.Float64}
    | INTERVAL_SCHEMA
    | {f"growth_{name}": pl.Float64 for name in INTERVAL_ENDS}
    | {"n_converged": pl.Int64, "status": pl.String, "reason": pl.String}
)


def merge_specifications(
    parts: Sequence[pl.DataFrame], chosen: Sequence[Specification]
) -> pl.DataFrame:
    """The table `multiverse`: every specification once, in the order of the cross.

    ``same_as`` is the id of the first specification, in that order, that is the same problem (the
    same rows, response, formulas, penalty and estimator under other names); blank for the first.

    Raises
    ------
    AssertionError
        when the parts are not exactly the specifications ``chosen``.
    """
    order = {one.id: i for i, one in enumerate(chosen)}
    merged = pl.concat(parts)
    have = merged["id"].to_list()
    if len(order) != len(chosen) or len(have) != len(order) or set(have) != set(order):
        twice = len(have) - len(set(have))
        missing, unasked = len(set(order) - set(have)), len(set(have) - set(order))
        raise AssertionError(f"specifications missing {missing}, unasked {unasked}, twice {twice}")
    position = pl.col("id").replace_strict(order, return_dtype=pl.Int64)
    merged = merged.sort(position)
    first = pl.col("id").first().over("problem")
    same = pl.when(pl.col("problem").is_not_null() & (first != pl.col("id"))).then(first)
    return merged.with_columns(same_as=same)


def account(multiverse: pl.DataFrame) -> pl.DataFrame:
    """How many specifications came to what: status, reason, n, n_coinciding; n adds up to all.

    ``n_coinciding`` of them are the same problem as another one (``same_as``).
    """
    counts = multiverse.group_by("status", "reason").agg(
        n=pl.len().cast(pl.Int64), n_coinciding=pl.col("same_as").count().cast(pl.Int64)
    )
    return counts.sort("status", "reason", nulls_last=False)


def merge_intervals(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The table `multiverse_intervals`: each specification once, though strata share some."""
    merged = pl.concat(parts).unique().sort("id")
    if merged["id"].is_duplicated().any():
        raise AssertionError("a specification has two different intervals")
    return merged
