"""The tables of the multiverse put together: every specification once, and what came of them.

It fits nothing, so that putting tables together imports no estimator.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from algoprog.robustness.specifications import Specification
from algoprog.robustness.tables import MULTIVERSE
from algoprog.tables.frames import schema_of

# Columns of `multiverse` that a specification's fit gives, after `id` and one of each choice.
RESULTS = {
    name: kind for name, kind in schema_of(MULTIVERSE).items() if name not in ("id", "same_as")
}


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
