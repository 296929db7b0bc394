"""How far the published procedure is from itself when its starts move by next to nothing.

SLSQP stops early, and where depends on rounding: a start moved by 1e-8 can send a fit elsewhere.
What differs between repetitions is the procedure's own noise; no difference smaller than that says
anything about who is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from algoprog.common.seeds import seed_of
from algoprog.estimators.published import solve_published
from algoprog.model.model import Model
from algoprog.model.variant import Variants
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.analysis import Chosen
from algoprog.resampling.bootstrap import published_resamples
from algoprog.resampling.cross_validation import leave_one_out_published, published_training_rows

CROSS_VALIDATION_SCHEMA: dict[str, Any] = {
    "variant": pl.String,
    "delta": pl.Float64,
    "repetition": pl.Int64,
    "mse": pl.Float64,
    "r2": pl.Float64,
}


@dataclass(frozen=True)
class Repeated(Chosen):
    """Published draws of a model, each ``repetitions`` times with starts moved by ``size``."""

    resampling: str
    replicates: int
    repetitions: int
    size: float


def repeated_draws(
    sample: Sample, cross_validation: pl.DataFrame | None, repeated: Repeated
) -> pl.DataFrame:
    """The published draws of an analysis, again and again with every start moved.

    Each repetition has the same resamples; the start of a fit is ``size`` times a standard normal
    vector instead of zeros. Columns: repetition, replicate, one for each parameter.
    """
    task = repeated.task(sample, cross_validation)
    design, delta = task.design, task.delta
    rows = []
    resamples = published_resamples(task.papers, repeated.resampling, repeated.replicates)
    for replicate, drawn in enumerate(resamples):
        part = task.rows(drawn)
        for k in range(repeated.repetitions):
            seed = seed_of("published noise", design.variant, float(delta), k, replicate)
            start = repeated.size * np.random.default_rng(seed).standard_normal(design.p)
            theta, _ = solve_published(part.design, part.response, delta, start)
            rows.append((k, replicate, *theta.tolist()))
    schema: dict[str, Any] = {"repetition": pl.Int64, "replicate": pl.Int64}
    schema |= dict.fromkeys(design.parameters, pl.Float64)
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.sort("repetition", "replicate")


def draws_together(draws: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Frames of :func:`repeated_draws` by analysis in one; null is a parameter of others only."""
    labelled = [
        frame.select(pl.lit(name).alias("analysis"), pl.all()) for name, frame in draws.items()
    ]
    return pl.concat(labelled, how="diagonal")


def draws_apart(together: Sequence[pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The frames by analysis that :func:`draws_together` has put together, of several files."""
    found = {}
    for frame in together:
        for (name,), own in frame.group_by("analysis", maintain_order=True):
            columns = [column for column in own.drop("analysis") if not column.is_null().all()]
            found[str(name)] = pl.DataFrame(columns)
    return found


def repeated_scores(
    sample: pl.DataFrame,
    published: pl.DataFrame,
    cross_validation: Sequence[pl.DataFrame],
    variants: Mapping[str, Mapping[str, Any]],
    response: str,
    benchmarks: Mapping[str, Any],
    within: float,
    repetitions: int,
    size: float,
) -> pl.DataFrame:
    """Held-out errors by the published split, again and again with the first start moved.

    Every other time the rows are summed in another order too, which changes rounding alone.
    Only of models whose printed score is further from ours than the share ``within``: nearer ones
    agree without knowing the noise. ``published`` is of
    :func:`~algoprog.audit.reproduction.read_published`; ``cross_validation`` holds the table of
    that name, or nothing where it was not computed.
    """
    if not cross_validation:
        return pl.DataFrame(schema=CROSS_VALIDATION_SCHEMA)
    ours = cross_validation[0].filter(pl.col("scheme") == "published_split")
    printed = published.filter(pl.col("id").str.starts_with("cv.m"))
    apart = printed.join(ours, on=["variant", "delta"], maintain_order="left").filter(
        (pl.col("mse") / pl.col("value") - 1).abs() > within
    )
    rows_of_training = published_training_rows(sample.height)
    training = Sample("training", sample[rows_of_training], Benchmarks.of(benchmarks))
    known = Variants(variants)
    rows = []
    for variant, delta in apart.select("variant", "delta").iter_rows():
        model = Model.of(known[variant], training)
        design, seen = model.design, model.observed(response).response
        for k in range(repetitions):
            seed = seed_of("published noise", variant, float(delta), k)
            rng = np.random.default_rng(seed)
            start = size * rng.standard_normal(design.p)
            order = rng.permutation(design.n) if k % 2 else None
            held = leave_one_out_published(design, seen, delta, start, order)
            rows.append((variant, delta, k, held.mean_square, held.r2))
    return pl.DataFrame(rows, schema=CROSS_VALIDATION_SCHEMA, orient="row")
