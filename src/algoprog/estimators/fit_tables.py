"""The tables `fits` and `parameters`: their columns, and how their parts come together.

It knows no estimator, so that putting tables together imports none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from algoprog.common.intervals import INTERVAL_SCHEMA, percentiles

FIT_KEYS = ("sample", "variant", "delta", "estimator")
# What a frame of draws holds besides the parameters.
DRAW_COLUMNS = ("replicate", "objective", "subgradient", "n_starts", "n_at_best")
FITS_SCHEMA = {
    "sample": pl.String,
    "variant": pl.String,
    "delta": pl.Float64,
    "estimator": pl.String,
    "n": pl.Int64,
    "p": pl.Int64,
    "objective": pl.Float64,
    "mse": pl.Float64,
    "r2": pl.Float64,
    "subgradient": pl.Float64,
    "converged": pl.Boolean,
    "n_starts": pl.Int64,
    "n_at_best": pl.Int64,
    "gap": pl.Float64,
    "response": pl.String,
    "not_identified": pl.String,
}
PARAMETERS_SCHEMA = {
    "sample": pl.String,
    "variant": pl.String,
    "delta": pl.Float64,
    "estimator": pl.String,
    "term": pl.String,
    "estimate": pl.Float64,
    "standard_error": pl.Float64,
}


def merge(parts: Sequence[pl.DataFrame], expected: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
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
    parameters: pl.DataFrame, analyses: Sequence[tuple[Mapping[str, Any], pl.DataFrame]]
) -> pl.DataFrame:
    """The table `parameters`: estimates with the percentile intervals of their draws.

    ``analyses`` pairs keys (sample, variant, delta, estimator, resampling) with draws; of several
    of one fit and resampling the first counts. A fit has a row a parameter for each resampling it
    has draws of; one without has the resampling ``none`` and blank intervals.
    """
    first: dict[tuple[Any, ...], tuple[Mapping[str, Any], pl.DataFrame]] = {}
    for key, draws in analyses:
        first.setdefault(tuple(key[name] for name in (*FIT_KEYS, "resampling")), (key, draws))
    rows = []
    for key, draws in first.values():
        for term in draws.columns:
            if term not in DRAW_COLUMNS:
                interval = percentiles(draws[term].to_numpy()).columns()
                rows.append({**key, "term": term, **interval})
    schema = {name: PARAMETERS_SCHEMA[name] for name in FIT_KEYS}
    schema |= {"resampling": pl.String, "term": pl.String, **INTERVAL_SCHEMA}
    intervals = pl.DataFrame(rows, schema=schema)
    joined = parameters.join(
        intervals, on=[*FIT_KEYS, "term"], how="left", maintain_order="left_right"
    ).with_columns(pl.col("resampling").fill_null("none"))
    front = [*FIT_KEYS, "resampling", "term", "estimate", "standard_error"]
    return joined.select(*front, *INTERVAL_SCHEMA)


def ranked(parts: Sequence[pl.DataFrame], expected: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
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
