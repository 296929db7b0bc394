"""The tables `fits` and `parameters`: their columns, and how their parts come together.

It knows no estimator, so that putting tables together imports none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from algoprog.common.intervals import percentiles
from algoprog.common.rows import Row
from algoprog.estimators.tables import PARAMETERS
from algoprog.tables.frames import schema_of

FIT_KEYS = ("sample", "variant", "delta", "estimator")
# What a frame of draws holds besides the parameters.
DRAW_COLUMNS = ("replicate", "objective", "subgradient", "n_starts", "n_at_best")
# What `parameters` has of an estimate before there are draws.
_ESTIMATED = ("estimate", "standard_error")


def estimates_frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Return the columns of `parameters` that a fit gives: its key, terms and estimates."""
    declared = schema_of(PARAMETERS)
    names = (*FIT_KEYS, "term", *_ESTIMATED)
    return pl.DataFrame(rows, schema={name: declared[name] for name in names})


def merge(parts: Sequence[pl.DataFrame], expected: Sequence[Row]) -> pl.DataFrame:
    """Concatenate parts of `fits` or `parameters` and require exactly the fits ``expected``.

    ``expected`` lists the keys (sample, variant, delta, estimator) of the configuration.
    """
    merged = pl.concat(parts).sort(FIT_KEYS, maintain_order=True)
    have = set(merged.select(FIT_KEYS).unique().rows())
    want = {tuple(key[name] for name in FIT_KEYS) for key in expected}
    if have != want:
        raise AssertionError(f"fits missing: {sorted(want - have)}; unasked: {sorted(have - want)}")
    twice = merged.select(*FIT_KEYS, *({"term"} & set(merged.columns))).is_duplicated()
    if twice.any():
        raise AssertionError(f"fits given twice: {merged.filter(twice).select(FIT_KEYS).row(0)}")
    return merged


def with_intervals(
    parameters: pl.DataFrame, analyses: Sequence[tuple[Row, pl.DataFrame]]
) -> pl.DataFrame:
    """The table `parameters`: estimates with the percentile intervals of their draws.

    ``analyses`` pairs keys (sample, variant, delta, estimator, resampling) with draws; of several
    of one fit and resampling the first counts. A fit has a row a parameter for each resampling it
    has draws of; one without has the resampling ``none`` and blank intervals.
    """
    first: dict[tuple[Any, ...], tuple[Row, pl.DataFrame]] = {}
    for key, draws in analyses:
        first.setdefault(tuple(key[name] for name in (*FIT_KEYS, "resampling")), (key, draws))
    rows = []
    for key, draws in first.values():
        for term in draws.columns:
            if term not in DRAW_COLUMNS:
                interval = percentiles(draws[term].to_numpy()).columns()
                rows.append({**key, "term": term, **interval})
    declared = schema_of(PARAMETERS)
    schema = {name: declared[name] for name in declared if name not in _ESTIMATED}
    intervals = pl.DataFrame(rows, schema=schema)
    joined = parameters.join(
        intervals, on=[*FIT_KEYS, "term"], how="left", maintain_order="left_right"
    ).with_columns(pl.col("resampling").fill_null("none"))
    return joined.select(PARAMETERS.names)


def ranked(parts: Sequence[pl.DataFrame], expected: Sequence[Row]) -> pl.DataFrame:
    """The table `cross_validation` with ranks, 1 the smallest error of a scheme.

    ``expected`` lists variant, delta and scheme of every row the configuration asks for.
    """
    keys = ["variant", "delta", "scheme"]
    table = pl.concat(parts)
    have, want = (
        set(table.select(keys).iter_rows()),
        {tuple(key[name] for name in keys) for key in expected},
    )
    if have != want or len(table) != len(want):
        raise AssertionError(f"missing: {sorted(want - have)}; unasked: {sorted(have - want)}")
    rank = pl.col("mse").rank("min").over("scheme").cast(pl.Int64).alias("rank")
    front = ["sample", "variant", "delta", "estimator", "scheme", "n", "mse", "r2"]
    return table.with_columns(rank).select(*front, "rank", pl.exclude(*front, "rank"))
