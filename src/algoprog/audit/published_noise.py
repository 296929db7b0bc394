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

from algoprog.audit.reproduction import CLOSE_RELATIVE
from algoprog.common.seeds import seed_of
from algoprog.estimators.published import solve_published
from algoprog.model.model import Model
from algoprog.model.variant import Variants
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.analysis import Chosen
from algoprog.resampling.cross_validation import leave_one_out_published, published_training_rows
from algoprog.resampling.scheme import published_resamples

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
    """Return the published draws of an analysis, again and again with every start moved.

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
    """Return frames of :func:`repeated_draws` by analysis as one frame.

    A parameter that only others have is null.
    """
    labelled = [
        frame.select(pl.lit(name).alias("analysis"), pl.all()) for name, frame in draws.items()
    ]
    return pl.concat(labelled, how="diagonal")


def draws_apart(together: Sequence[pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return frames by analysis from several files of :func:`draws_together`."""
    found = {}
    for frame in together:
        for (name,), part in frame.group_by("analysis", maintain_order=True):
            columns = [column for column in part.drop("analysis") if not column.is_null().all()]
            found[str(name)] = pl.DataFrame(columns)
    return found


@dataclass(frozen=True)
class ScoreSettings:
    """Scores of cross-validation, each ``repetitions`` times with starts moved by ``size``.

    Attributes
    ----------
    variants, benchmarks : as configured.
    response : the response of the published estimator.
    within : share of a printed score: scores nearer to ours agree without knowing the noise.
    """

    variants: dict[str, Any]
    response: str
    benchmarks: dict[str, Any]
    repetitions: int
    size: float
    within: float = CLOSE_RELATIVE


def repeated_scores(
    rows: pl.DataFrame,
    published: pl.DataFrame,
    cross_validation: pl.DataFrame | None,
    settings: ScoreSettings,
) -> pl.DataFrame:
    """Return held-out errors by the published split, again and again with the first start moved.

    Every other time the rows are summed in another order too, which changes rounding alone.
    Only models whose printed score is further from ours than ``settings.within`` are repeated.

    Parameters
    ----------
    rows : the sample's.
    published : of :func:`~algoprog.audit.reproduction.read_published`.
    cross_validation : the table of that name; None where it was not computed.
    """
    if cross_validation is None:
        return pl.DataFrame(schema=CROSS_VALIDATION_SCHEMA)
    taken = rows[published_training_rows(rows.height)]
    training = Sample("training", taken, Benchmarks.of(settings.benchmarks))
    known = Variants(settings.variants)
    scores: list[tuple[Any, ...]] = []
    for variant, delta in _apart(published, cross_validation, settings.within):
        model = Model.of(known[variant], training)
        design, seen = model.design, model.observed(settings.response).response
        for k in range(settings.repetitions):
            seed = seed_of("published noise", variant, float(delta), k)
            rng = np.random.default_rng(seed)
            start = settings.size * rng.standard_normal(design.p)
            order = rng.permutation(design.n) if k % 2 else None
            held = leave_one_out_published(design, seen, delta, start, order)
            scores.append((variant, delta, k, held.mean_square, held.r2))
    return pl.DataFrame(scores, schema=CROSS_VALIDATION_SCHEMA, orient="row")


def _apart(
    published: pl.DataFrame, cross_validation: pl.DataFrame, within: float
) -> list[tuple[str, float]]:
    """Variant and delta of printed scores that differ from ours by more than a share."""
    ours = cross_validation.filter(pl.col("scheme") == "published_split")
    printed = published.filter(pl.col("id").str.starts_with("cv.m"))
    apart = printed.join(ours, on=["variant", "delta"], maintain_order="left").filter(
        (pl.col("mse") / pl.col("value") - 1).abs() > within
    )
    return apart.select("variant", "delta").rows()
