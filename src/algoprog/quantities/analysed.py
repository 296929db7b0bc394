"""Result tables of quantities: each a stack of rows, one analysis after the other.

It joins analyses with the functions that compute a quantity; it knows none of their equations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import polars as pl

from algoprog.common.intervals import INTERVAL_ENDS, INTERVAL_SCHEMA
from algoprog.estimators.converged import CERTIFICATE
from algoprog.model.changes import changed
from algoprog.model.design import Compiler
from algoprog.model.surface import Surface
from algoprog.quantities.eras import era_rows
from algoprog.quantities.frontiers import EFFECTIVE_COMPUTE_SCHEMA, effective_compute, frontiers
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.quantities.shapley import predicted_loss_rows, shapley_rows
from algoprog.quantities.transformer import transformer_rows
from algoprog.resampling.refit import Refit

Spec = Mapping[str, Any]
T = TypeVar("T")
KEY = {
    "sample": pl.String,
    "variant": pl.String,
    "delta": pl.Float64,
    "estimator": pl.String,
    "resampling": pl.String,
}
# How good the fit behind a row is, and the share of its draws that are certified.
FIT: dict[str, Any] = {
    "objective": pl.Float64,
    "converged": pl.Boolean,
    "share_draws_converged": pl.Float64,
}
GROWTH = {f"growth_{name}": pl.Float64 for name in INTERVAL_ENDS}
SHAPLEY_SCHEMA: dict[str, Any] = (
    KEY
    | dict.fromkeys(("from_system", "to_system", "factor"), pl.String)
    | {"share": pl.Float64, "reduction": pl.Float64}
    | INTERVAL_SCHEMA
    | {"share_not_reduced": pl.Float64}
)
PREDICTED_LOSS_SCHEMA: dict[str, Any] = (
    KEY | {"system": pl.String, "loss": pl.Float64} | INTERVAL_SCHEMA
)
TRANSFORMER_SCHEMA: dict[str, Any] = (
    KEY
    | {"form": pl.String, "compute": pl.Float64, "parameter": pl.Float64}
    | FIT
    | {"reduction": pl.Float64}
    | {f"reduction_{name}": pl.Float64 for name in INTERVAL_ENDS}
    | {"gain": pl.Float64}
    | {f"gain_{name}": pl.Float64 for name in INTERVAL_ENDS}
    | {"n_draws": pl.Int64, "share_unbounded": pl.Float64, "share_undefined": pl.Float64}
)
ERA_SCHEMA: dict[str, Any] = (
    KEY
    | {"form": pl.String, "year": pl.Int64, "era": pl.String}
    | dict.fromkeys(("definition", "quantity", "benchmark"), pl.String)
    | FIT
    | {"point": pl.Float64}
    | INTERVAL_SCHEMA
    | {"growth_point": pl.Float64}
    | GROWTH
)


def _certificate(refit: Refit) -> dict[str, Any]:
    row = refit.fit.row(0, named=True)
    certified = refit.draws["subgradient"] <= CERTIFICATE
    return {
        "objective": row["objective"],
        "converged": row["converged"],
        "share_draws_converged": float(certified.cast(pl.Float64).to_numpy().mean()),
    }


def _first(analyses: Sequence[T], identities: Sequence[Spec]) -> list[T]:
    """Of analyses with the same identity the first: their rows would have the same keys."""
    found: dict[tuple[Any, ...], T] = {}
    for one, identity in zip(analyses, identities, strict=True):
        found.setdefault(tuple(identity.values()), one)
    return list(found.values())


def shapley_tables(
    samples: Mapping[str, pl.DataFrame],
    variants: Mapping[str, Spec],
    benchmarks: Spec,
    systems: Mapping[str, Spec],
    analyses: Sequence[Refit],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables `shapley` and `predicted_loss`; of analyses with the same key the first."""
    shares: list[dict[str, Any]] = []
    losses: list[dict[str, Any]] = []
    for one in _first(analyses, [one.key for one in analyses]):
        compiler = Compiler.of(samples[one.key["sample"]], benchmarks)
        surface = Surface.of(compiler, one.key["variant"], variants[one.key["variant"]])
        arguments = (surface, systems, one.key, one.estimates, one.draws)
        shares += shapley_rows(*arguments)
        losses += predicted_loss_rows(*arguments)
    return (
        pl.DataFrame(shares, schema=SHAPLEY_SCHEMA),
        pl.DataFrame(losses, schema=PREDICTED_LOSS_SCHEMA),
    )


def transformer_table(
    samples: Mapping[str, pl.DataFrame],
    variants: Mapping[str, Spec],
    benchmarks: Spec,
    computes: Sequence[float],
    year: float,
    analyses: Sequence[tuple[Spec, Refit]],
) -> pl.DataFrame:
    """The table `transformer` of analyses, each with its change; of several alike the first.

    ``parameter`` is the estimate of gamma (form ``multiplier``) or kappa (form ``factor``).
    """
    rows = []
    for change, one in _first(analyses, [one.key | dict(change) for change, one in analyses]):
        form = change["transformer"]
        spec = changed(variants[one.key["variant"]], change)
        compiler = Compiler.of(samples[one.key["sample"]], benchmarks)
        surface = Surface.of(compiler, one.key["variant"], spec)
        name = {"multiplier": "gamma_transformer", "factor": "kappa_transformer"}[form]
        common = {"form": form, "parameter": one.estimates[name], **_certificate(one)}
        found = transformer_rows(surface, one.key, one.estimates, one.draws, computes, year)
        rows += [{**row, **common} for row in found]
    return pl.DataFrame(rows, schema=TRANSFORMER_SCHEMA)


def era_table(
    samples: Mapping[str, pl.DataFrame],
    variants: Mapping[str, Spec],
    benchmarks: Spec,
    analyses: Sequence[tuple[Spec, Refit]],
) -> pl.DataFrame:
    """The table `era_split` of analyses, each with its change; of several alike the first."""
    rows = []
    for change, one in _first(analyses, [one.key | dict(change) for change, one in analyses]):
        variant = one.key["variant"]
        compiler = Compiler.of(samples[one.key["sample"]], benchmarks)
        key = one.key | {"form": change["form"]}
        found = era_rows(
            compiler, variant, variants[variant], change["era"], key, one.estimates, one.draws
        )
        rows += [{**row, **_certificate(one)} for row in found]
    return pl.DataFrame(rows, schema=ERA_SCHEMA)


def frontier_table(
    samples: Mapping[str, pl.DataFrame],
    variants: Mapping[str, Spec],
    benchmarks: Spec,
    perplexities: Sequence[float],
    years: Sequence[float],
    dataset_tokens: Mapping[str, float],
    analysis: Refit,
) -> pl.DataFrame:
    """The table `frontiers` of one analysis; ``dataset_tokens`` is low, high and number."""
    compiler = Compiler.of(samples[analysis.key["sample"]], benchmarks)
    variant = analysis.key["variant"]
    tokens = np.geomspace(
        dataset_tokens["low"], dataset_tokens["high"], int(dataset_tokens["number"])
    )
    return frontiers(
        compiler, variant, variants[variant], analysis.estimates, perplexities, years,
        tokens.tolist(),
    )  # fmt: skip


def effective_compute_table(
    samples: Mapping[str, pl.DataFrame],
    variants: Mapping[str, Spec],
    benchmarks: Spec,
    optimal_scaling: Mapping[str, float],
    settings: Spec,
    analyses: Sequence[Refit],
) -> pl.DataFrame:
    """The table `effective_compute`, by the growth of effective compute by optimal scaling.

    Of a benchmark-specific variant it is that on the baseline. ``settings`` are the arguments
    years, start, doubling_months, anchor_year and anchor of
    :func:`~algoprog.quantities.frontiers.effective_compute`.
    """
    rows = []
    for one in analyses:
        compiler = Compiler.of(samples[one.key["sample"]], benchmarks)
        variant = one.key["variant"]
        form = OptimalScaling.of(compiler, variant, variants[variant], **optimal_scaling)
        if form is None:
            continue
        growth = form.growth_of(one.draws)
        level = compiler.levels[0] if compiler.levels[0] in growth else "all"
        point = form.growth(np.array([[one.estimates[name] for name in form.names]]))
        key = {name: one.key[name] for name in ("estimator", "resampling")}
        rows += effective_compute(key, float(point[level][0]), growth[level], **settings)
    return pl.DataFrame(rows, schema=EFFECTIVE_COMPUTE_SCHEMA)
