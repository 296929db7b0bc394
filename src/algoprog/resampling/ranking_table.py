"""The table `ranking`: variants and simple laws side by side, by both kinds of held-out error.

It knows the tables of held-out errors; of fits it makes only those of the simple laws.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from algoprog.records.sample import Sample
from algoprog.resampling.baselines import BASELINES, held_out_errors
from algoprog.resampling.tables import RANKING
from algoprog.tables.frames import schema_of

# By which scheme an estimator's models are ranked: the first of these that there is.
SCHEMES = {"converged": ("papers", "rows"), "published": ("published_split",)}
_MODEL = ["estimator", "model", "delta"]


def ranking_table(
    sample: Sample, response: str, cross_validation: pl.DataFrame, hold_out: pl.DataFrame
) -> pl.DataFrame:
    """Return the table `ranking`.

    Parameters
    ----------
    sample, response : those of the converged estimator's cross-validation, on which the simple
        laws are held out as well.
    cross_validation, hold_out : the tables `cross_validation` and `temporal_hold_out`.
    """
    held_out = _held_out(sample, response, cross_validation)
    years = hold_out["cutoff"].n_unique()
    later = (
        hold_out.filter(pl.col("rmse").is_not_null())
        .group_by(_MODEL)
        .agg(
            cutoffs=pl.len().cast(pl.Int64),
            out_of_time=(pl.col("rmse") ** 2).sort_by("cutoff").mean(),
        )
    )
    joined = held_out.join(later, on=_MODEL, how="full", coalesce=True, nulls_equal=True)
    whole = pl.when(pl.col("cutoffs") == years).then("out_of_time")
    place = {"held_out_rank": pl.col("held_out"), "out_of_time_rank": whole}
    ranked = joined.with_columns(
        [by.rank("min").over("estimator").cast(pl.Int64).alias(name) for name, by in place.items()]
    )
    return ranked.select(list(schema_of(RANKING))).sort(_MODEL, nulls_last=False)


def _held_out(sample: Sample, response: str, cross_validation: pl.DataFrame) -> pl.DataFrame:
    """Return held-out errors of variants and simple laws, by one scheme for each estimator."""
    names = {"estimator": pl.String, "model": pl.String, "delta": pl.Float64, "scheme": pl.String}
    frames = [pl.DataFrame(schema={**names, "held_out": pl.Float64})]
    schemes = set(cross_validation["scheme"].to_list())
    for estimator, known in SCHEMES.items():
        scheme = next((one for one in known if one in schemes), None)
        if scheme is None:
            continue
        rows = cross_validation.filter(pl.col("scheme") == scheme)
        frames.append(
            rows.select("estimator", pl.col("variant").alias("model"), "delta", "scheme",
                        pl.col("mse").alias("held_out"))
        )  # fmt: skip
        if estimator == "converged":
            errors = {name: held_out_errors(sample, name, response, scheme) for name in BASELINES}
            squares = [
                {"estimator": estimator, "model": name, "scheme": scheme,
                 "held_out": float(np.nanmean(one**2))}
                for name, one in errors.items()
            ]  # fmt: skip
            frames.append(pl.DataFrame(squares, schema=frames[0].schema))
    return pl.concat(frames)
