"""Result tables of quantities: each a stack of rows, one analysis after the other.

It joins analyses with the functions that compute a quantity; it knows none of their equations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import polars as pl

from algoprog.common.rows import Plain
from algoprog.estimators.objective import CERTIFICATE
from algoprog.model.changes import FACTOR, MULTIPLIER, Change, changed
from algoprog.model.model import Model
from algoprog.model.variant import Variants
from algoprog.quantities.eras import era_rows, own_era_rows
from algoprog.quantities.frontiers import (
    Grid,
    Physical,
    effective_compute,
    frontiers,
)
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.quantities.shapley import (
    System,
    log_compute_shares,
    predicted_loss_rows,
    shapley_rows,
)
from algoprog.quantities.tables import (
    EFFECTIVE_COMPUTE,
    ERA_SPLIT,
    PREDICTED_LOSS,
    SHAPLEY,
    TRANSFORMER,
)
from algoprog.quantities.transformer import transformer_rows
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.refit import Refit
from algoprog.resampling.weights import weights_of_draws
from algoprog.tables.frames import frame_of

T = TypeVar("T")
# How good the fit behind a row is, and the share of its draws that are certified.


@dataclass(frozen=True)
class Models:
    """The models that analyses are of: samples by name, and variants by name.

    A model is made once, so that what it has compiled is not compiled again.
    """

    samples: Mapping[str, Sample]
    variants: Variants
    _made: dict[tuple[str, str, Change | None], Model] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def read(
        cls,
        files: Iterable[str],
        names: Iterable[str],
        variants: Plain,
        benchmarks: Plain,
    ) -> Models:
        """Return those of sample files and their names, and of sections of the configuration."""
        known = Benchmarks.of(benchmarks)
        samples = {
            name: Sample(name, pl.read_parquet(file), known)
            for name, file in zip(names, files, strict=True)
        }
        return cls(samples, Variants(variants))

    def of(self, sample: str, variant: str, change: Change | None = None) -> Model:
        """Return a variant, maybe with a change, on a sample."""
        key = sample, variant, change
        if key not in self._made:
            model = Model.of(changed(self.variants[variant], change), self.samples[sample])
            self._made[key] = model
        return self._made[key]

    def of_analysis(self, refit: Refit, change: Change | None = None) -> Model:
        """Return the model that an analysis is of, maybe with a change."""
        return self.of(refit.key["sample"], refit.key["variant"], change)


def _certificate(refit: Refit) -> dict[str, Any]:
    row = refit.fit.row(0, named=True)
    certified = refit.draws["subgradient"] <= CERTIFICATE
    return {
        "objective": row["objective"],
        "converged": row["converged"],
        "share_draws_converged": float(certified.cast(pl.Float64).to_numpy().mean()),
    }


def _first(analyses: Sequence[T], identities: Sequence[tuple[Any, ...]]) -> list[T]:
    """Of analyses with the same identity the first: their rows would have the same keys."""
    found: dict[tuple[Any, ...], T] = {}
    for one, identity in zip(analyses, identities, strict=True):
        found.setdefault(identity, one)
    return list(found.values())


def _first_changed(analyses: Sequence[tuple[Change, Refit]]) -> list[tuple[Change, Refit]]:
    return _first(analyses, [(*one.key.values(), *change.identity) for change, one in analyses])


def shapley_tables(
    models: Models, systems: Sequence[System], analyses: Sequence[Refit]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables `shapley` and `predicted_loss`; of analyses with one key the first."""
    shares: list[dict[str, Any]] = []
    losses: list[dict[str, Any]] = []
    for one in _first(analyses, [tuple(one.key.values()) for one in analyses]):
        model = models.of_analysis(one)
        growth = _own_growth(model, one)
        arguments = (model.surface, systems, one.key, one.estimates, one.draws)
        shares += [row | _of_log_compute(row, systems, growth) for row in shapley_rows(*arguments)]
        losses += predicted_loss_rows(*arguments)
    return (
        frame_of(SHAPLEY, shares),
        frame_of(PREDICTED_LOSS, losses),
    )


def _own_growth(model: Model, one: Refit) -> float:
    """Growth per year at the records' own allocation of an analysis' fit."""
    theta = np.array([[one.estimates[name] for name in model.parameters]])
    return float(OwnAllocation.of(model).growth(theta)[0])


def _of_log_compute(row: Plain, systems: Sequence[System], growth: float) -> dict[str, float]:
    """The share of log compute of a row of `shapley`, where its factor has one."""
    by_name = {system.name: system for system in systems}
    pair = by_name[row["from_system"]], by_name[row["to_system"]]
    found = log_compute_shares(*pair, growth)
    return {"share_log_compute": found[row["factor"]]} if row["factor"] in found else {}


def transformer_table(
    models: Models,
    computes: Sequence[float],
    year: float,
    analyses: Sequence[tuple[Change, Refit]],
) -> pl.DataFrame:
    """Return the table `transformer` of analyses, each with its change; of several alike the first.

    ``parameter`` is the estimate of gamma (form ``multiplier``) or kappa (form ``factor``).
    """
    rows = []
    for change, one in _first_changed(analyses):
        surface = models.of_analysis(one, change).surface
        name = MULTIPLIER if change.transformer == "multiplier" else FACTOR
        common = {"form": change.transformer, "parameter": one.estimates[name]}
        common |= _certificate(one)
        found = transformer_rows(surface, one.key, one.estimates, one.draws, computes, year)
        rows += [{**row, **common} for row in found]
    return frame_of(TRANSFORMER, rows)


def era_table(models: Models, analyses: Sequence[tuple[Change, Refit]], seed: int) -> pl.DataFrame:
    """Return the table `era_split` of analyses, each with its change; of several alike the first.

    ``seed`` is the root seed, from which the weights of the rows in each draw follow.

    Raises
    ------
    ValueError
        for a change that splits no eras.
    """
    rows = []
    for change, one in _first_changed(analyses):
        if change.era is None:
            raise ValueError("a change without an era has no rows of eras")
        key = one.key | {"form": change.form}
        model = models.of_analysis(one)
        found = era_rows(model, change.era, key, one.estimates, one.draws)
        split = models.of_analysis(one, change)
        weights = weights_of_draws(one, split, seed)
        found += own_era_rows(split, change.era, key, one.estimates, one.draws, weights)
        rows += [{**row, **_certificate(one)} for row in found]
    return frame_of(ERA_SPLIT, rows)


def frontier_table(models: Models, grid: Grid, analysis: Refit) -> pl.DataFrame:
    """Return the table `frontiers` of an analysis."""
    return frontiers(models.of_analysis(analysis), analysis.estimates, grid)


def effective_compute_table(
    models: Models, physical: Physical, analyses: Sequence[Refit], seed: int
) -> pl.DataFrame:
    """Return the table `effective_compute`, by growth at the records' own allocation.

    Such growth has a value below zero where a draw got worse over time, so that the gain of a draw
    may lie below 1. Variants without progress have no rows. ``seed`` is the root seed, from which
    the weights of the rows in each draw follow.
    """
    rows = []
    for one in analyses:
        model = models.of_analysis(one)
        if not model.variant.uses("t", "Y"):
            continue
        form = OwnAllocation.of(model)
        theta = one.draws.select(model.parameters).to_numpy()
        growth = form.growth(theta, "alike", weights_of_draws(one, model, seed))
        key = {name: one.key[name] for name in ("estimator", "resampling")}
        rows += effective_compute(key, _own_growth(model, one), growth, physical)
    return frame_of(EFFECTIVE_COMPUTE, rows)
