"""The library's functions on plain built-ins, as a configuration states them and tests write them.

A test names a variant and its formulas as ``config.yaml`` does; here they become the library's
objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from algoprog.audit import published_noise
from algoprog.common.settings import rebuild
from algoprog.estimators import fit as fits
from algoprog.estimators.converged import Fit
from algoprog.estimators.estimator import Task, estimator_of
from algoprog.model import changes
from algoprog.model.design import Design
from algoprog.model.model import Model, Observations
from algoprog.model.units import Normaliser, Units
from algoprog.model.variant import Variant, Variants
from algoprog.quantities import analysed, doubling_tables, eras, frontiers, shapley
from algoprog.records import sample as samples
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample, SampleSpec, Selection
from algoprog.resampling import bootstrap
from algoprog.resampling import cross_validation as held_out
from algoprog.resampling.analysis import Analysis
from algoprog.resampling.refit import Refit
from algoprog.robustness import profiles
from algoprog.robustness import simulation as simulations

Plain = Mapping[str, Any]


def variant_of(name: str, spec: Plain | Variant) -> Variant:
    """Return a variant under a name, of its configuration or of another variant."""
    return replace(spec, name=name) if isinstance(spec, Variant) else Variant.of(name, spec)


@dataclass(frozen=True)
class Compiler:
    """Any variant on one sample, or at other points in its units."""

    sample: Sample
    units: Units

    @classmethod
    def of(cls, rows: pl.DataFrame, benchmarks: Plain) -> Compiler:
        """Return that of a sample's rows."""
        sample = Sample("sample", rows, Benchmarks.of(benchmarks))
        return cls(sample, Units.of(rows, sample.benchmarks))

    @property
    def origin(self) -> Normaliser:
        return self.units.origin

    @property
    def levels(self) -> tuple[str, ...]:
        return self.units.levels

    def model(self, name: str, spec: Plain | Variant) -> Model:
        """Return a variant on the sample."""
        return Model(variant_of(name, spec), self.sample, self.units)

    def rows(self, name: str, spec: Plain | Variant, rows: pl.DataFrame) -> Design:
        """Return the design of a variant on rows."""
        return self.model(name, spec).on(rows)

    def points(self, name: str, spec: Plain | Variant, **values: Any) -> Design:
        """Return the design of a variant at points."""
        return self.model(name, spec).at(**values)


def changed(spec: Plain, change: Plain | None) -> Variant:
    """Return a variant with a change, both as configured."""
    return changes.changed(
        variant_of("v", spec), None if change is None else changes.Change(**change)
    )


def with_era_split(spec: Plain, year: int, form: str = "jump") -> Variant:
    return changes.with_era_split(variant_of("v", spec), year, form)


def with_transformer_multiplier(spec: Plain) -> Variant:
    return changes.with_transformer_multiplier(variant_of("v", spec))


def with_transformer_factor(spec: Plain) -> Variant:
    return changes.with_transformer_factor(variant_of("v", spec))


def select(
    evaluations: pl.DataFrame, name: str, spec: Plain, exclusions: Plain, benchmarks: Plain
) -> Selection:
    return samples.select(
        evaluations, SampleSpec.of(name, spec, exclusions, Benchmarks.of(benchmarks))
    )


def check_baseline(name: str, rows: pl.DataFrame, benchmarks: Plain) -> None:
    samples.check_baseline(Sample(name, rows, Benchmarks.of(benchmarks)))


def task_of(design: Design, seen: Observations, delta: float) -> Task:
    return Task(design, seen.response, seen.papers, delta)


def fit_one(design: Design, seen: Observations, delta: float, estimator: str) -> Any:
    """Return theta, minima and the columns of `fits` (row) of one fit."""
    task = task_of(design, seen, delta)
    fit = estimator_of(estimator).fit(task)
    row = fits.fit_row(task, fit, estimator)
    return SimpleNamespace(theta=fit.theta, minima=fit.minima, row=row)


def fit_batch(
    sample: pl.DataFrame,
    variants: Plain,
    deltas: Sequence[float],
    estimator: str,
    response: str,
    sample_name: str,
    benchmarks: Plain,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    batch = fits.Batch(Variants(variants), tuple(deltas), estimator, response)
    return batch.of(Sample(sample_name, sample, Benchmarks.of(benchmarks)))[:2]


def draw(
    design: Design,
    seen: Observations,
    delta: float,
    estimator: str,
    resampling: str,
    seed: int,
    first: int,
    last: int,
    minima: Any,
) -> pl.DataFrame:
    """Return draws of a design; converged ones start in ``minima``."""
    task, by = task_of(design, seen, delta), estimator_of(estimator)
    nothing = np.empty(0)
    whole = Fit(design, np.zeros(design.p), 0.0, 0.0, 0.0, 1, 1, minima, nothing)
    scheme = bootstrap.Scheme(resampling, by.procedure, seed, design.variant, delta)
    return bootstrap.draw(task, whole, by, scheme, first, last)


def cross_validate(
    sample: pl.DataFrame,
    variants: Plain,
    delta: float,
    scheme: str,
    response: str,
    sample_name: str,
    benchmarks: Plain,
) -> pl.DataFrame:
    batch = held_out.HeldOutBatch(Variants(variants), delta, scheme, response)
    return batch.of(Sample(sample_name, sample, Benchmarks.of(benchmarks)))


def refit(
    sample: pl.DataFrame,
    cross_validation: pl.DataFrame | None,
    *,
    sample_name: str,
    benchmarks: Plain,
    first: int,
    last: int,
    **call: Any,
) -> Refit:
    of = Sample(sample_name, sample, Benchmarks.of(benchmarks))
    return rebuild(call, Analysis).of(of, cross_validation, first, last)


def repeated_draws(
    sample: pl.DataFrame, cross_validation: pl.DataFrame | None, *, benchmarks: Plain, **call: Any
) -> pl.DataFrame:
    of = Sample("repeated", sample, Benchmarks.of(benchmarks))
    repeated = rebuild(call, published_noise.Repeated)
    return published_noise.repeated_draws(of, cross_validation, repeated)


def models_of(
    of_samples: Mapping[str, pl.DataFrame], variants: Plain, benchmarks: Plain
) -> analysed.Models:
    known = Benchmarks.of(benchmarks)
    return analysed.Models(
        {name: Sample(name, rows, known) for name, rows in of_samples.items()}, Variants(variants)
    )


def systems_of(plain: Plain) -> shapley.Systems:
    return shapley.Systems(plain)


def changes_of(analyses: Sequence[tuple[Plain, Refit]]) -> list[tuple[changes.Change, Refit]]:
    return [(changes.Change(**change), one) for change, one in analyses]


def doubling_table(
    fits: pl.DataFrame,
    parameters: pl.DataFrame,
    samples: Mapping[str, pl.DataFrame],
    variants: Plain,
    benchmarks: Plain,
    optimal_scaling: Mapping[str, float],
    analyses: Sequence[Refit],
) -> pl.DataFrame:
    models = models_of(samples, variants, benchmarks)
    return doubling_tables.doubling_table(
        fits, parameters, models, optimal_scaling, analyses, seed=7
    )[0]


def pooled_table(
    sample: pl.DataFrame,
    variants: Plain,
    benchmarks: Plain,
    optimal_scaling: Mapping[str, float],
    pools: Plain,
    members: Mapping[str, Sequence[Refit]],
) -> pl.DataFrame:
    names = {one.key["sample"] for refits in members.values() for one in refits}
    models = models_of(dict.fromkeys(names, sample), variants, benchmarks)
    return doubling_tables.pooled_table(models, optimal_scaling, pools, members, seed=7)


def shapley_tables(
    samples: Any, variants: Plain, benchmarks: Plain, systems: Plain, analyses: Sequence[Refit]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    models = models_of(samples, variants, benchmarks)
    return analysed.shapley_tables(models, systems_of(systems), analyses)


def transformer_table(
    samples: Any, variants: Plain, benchmarks: Plain, computes: Any, year: float, analyses: Any
) -> pl.DataFrame:
    models = models_of(samples, variants, benchmarks)
    return analysed.transformer_table(models, computes, year, changes_of(analyses))


def era_table(samples: Any, variants: Plain, benchmarks: Plain, analyses: Any) -> pl.DataFrame:
    return analysed.era_table(
        models_of(samples, variants, benchmarks), changes_of(analyses), seed=7
    )


def era_rows(compiler: Compiler, name: str, spec: Plain, *rest: Any) -> list[dict[str, Any]]:
    return eras.era_rows(compiler.model(name, spec), *rest)


def frontier_table(
    samples: Any, variants: Plain, benchmarks: Plain, analysis: Refit, **grid: Any
) -> pl.DataFrame:
    models = models_of(samples, variants, benchmarks)
    return analysed.frontier_table(models, rebuild(grid, frontiers.Grid), analysis)


def effective_compute_table(
    samples: Any,
    variants: Plain,
    benchmarks: Plain,
    settings: Plain,
    analyses: Sequence[Refit],
) -> pl.DataFrame:
    models = models_of(samples, variants, benchmarks)
    physical = rebuild(settings, frontiers.Physical)
    return analysed.effective_compute_table(models, physical, analyses, seed=7)


def model_of(name: str, spec: Plain, rows: pl.DataFrame, sample: str, benchmarks: Plain) -> Model:
    return Model.of(variant_of(name, spec), Sample(sample, rows, Benchmarks.of(benchmarks)))


def profile(
    sample: pl.DataFrame,
    variant: str,
    spec: Plain,
    delta: float,
    response: str,
    sample_name: str,
    benchmarks: Plain,
    months: Sequence[float],
    losses: Sequence[float],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    model = model_of(variant, spec, sample, sample_name, benchmarks)
    return profiles.profile(model, delta, response, months, losses)


def simulation(
    sample: pl.DataFrame,
    variant: str,
    spec: Plain,
    delta: float,
    response: str,
    sample_name: str,
    benchmarks: Plain,
    doubling_months: float,
    degrees_of_freedom: float,
    **world: Any,
) -> simulations.Simulation:
    model = model_of(variant, spec, sample, sample_name, benchmarks)
    of_world = simulations.World("plain", degrees_of_freedom, **world)
    return simulations.simulation(model, delta, response, doubling_months, of_world)
