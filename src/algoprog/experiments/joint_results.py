"""The tables of the record and sweeps together: fits, conflict, elasticities by scale.

The module joins a sample with the laws of sweeps; it knows none of the equations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import doubling_interval, doubling_months, percentiles
from algoprog.common.rows import Plain
from algoprog.experiments import tables
from algoprog.experiments.conflict import (
    Common,
    Deviance,
    common_exponents,
    cost,
    deviance_of_imposing,
    held_out_errors,
    wald,
)
from algoprog.experiments.joint import Exponents, JointFit, fit_free, fit_imposed, fit_prior
from algoprog.experiments.laws import Law, Runs, fit_law
from algoprog.experiments.record import Record, System
from algoprog.experiments.scale import by_scale
from algoprog.experiments.settings import Sweeps
from algoprog.experiments.sweep_results import Contents, evaluation_runs
from algoprog.experiments.vocabulary import Level
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]
Row = dict[str, Any]

LARGE_LEVEL: Level = "common"  # few rows leave no benchmark's own irreducible loss
TESTED_LEVEL: Level = "own"  # where the record is freest, so that a conflict is least
DEFINITIONS = ("closed_form", "own_allocation")


@dataclass(frozen=True)
class Compared:
    """A sweep beside the record: its law, its runs, and its exponents with their covariance."""

    law: Law
    runs: Runs
    given: Exponents


def record_of(
    settings: Sweeps,
    sample: pl.DataFrame,
    spec: Plain,
    benchmarks: Plain,
) -> Record:
    """Return the record that sweeps are compared with; ``spec`` is its variant's."""
    one = settings.record
    return Record.of(sample, benchmarks, one.variant, spec, one.delta, one.exponents)


def compared_sweeps(
    settings: Sweeps, contents: Contents, laws: pl.DataFrame
) -> dict[str, Compared]:
    """Return the sweeps that are set beside the record; their covariances are of `sweep_laws`."""
    found = {}
    for sweep, evaluation in settings.compared.items():
        runs = evaluation_runs(settings, contents, sweep)[evaluation]
        law = fit_law(runs)
        row = laws.filter(pl.col("sweep") == sweep, pl.col("evaluation") == evaluation).row(
            0, named=True
        )
        covariance = np.array(
            [
                [row["alpha_variance"], row["covariance"]],
                [row["covariance"], row["beta_variance"]],
            ]
        )
        found[sweep] = Compared(law, runs, Exponents(sweep, law.exponents, covariance))
    return found


def joint_tables(
    settings: Sweeps,
    record: Record,
    sweeps: Mapping[str, Compared],
    systems: Mapping[str, Plain],
    seed: int,
) -> dict[str, pl.DataFrame]:
    """Return the tables `joint_fits`, `sweep_conflict` and `sweep_scale`, by name.

    ``systems`` are those of `shapley.systems`: parameters, dataset_tokens and published by name.
    """
    weights = record.weights(seed, settings.draws.record)
    free = {level: fit_free(record.model(level), weights) for level in settings.record.levels}
    fits: list[Row] = []
    conflict: list[Row] = []
    for fit in free.values():
        fits += _fit_rows(fit, None)
    against = held_out_errors(record.model(TESTED_LEVEL), free[TESTED_LEVEL].minima)
    for one in sweeps.values():
        for level, base in free.items():
            prior = fit_prior(record.model(level), base, one.given, weights)
            imposed = fit_imposed(record, level, one.given, weights)
            deviance = deviance_of_imposing(record, base, imposed)
            fits += _fit_rows(prior, None) + _fit_rows(imposed, deviance)
            conflict += _counted(one, record, "imposing", level, deviance, imposed.irreducible)
            conflict.append(_wald_row(one, record, base))
        conflict += _joint_rows(one, record, free[TESTED_LEVEL], fits)
        conflict.append(_held_out_row(one, record, free[TESTED_LEVEL], against))
    conflict += _large_rows(settings, record, sweeps)
    return {
        "joint_fits": frame_of(tables.JOINT_FITS, fits),
        "sweep_conflict": frame_of(tables.SWEEP_CONFLICT, conflict),
        "sweep_scale": _scale_table(record, free[settings.record.levels[0]], sweeps, systems),
    }


def _fit_rows(fit: JointFit, deviance: Deviance | None) -> list[Row]:
    """The rows of one fit, by definition of growth."""
    common: Row = {
        "sweep": fit.sweep,
        "kind": fit.kind,
        "irreducible": fit.level,
        "alpha": float(fit.exponents[0]),
        "beta": float(fit.exponents[1]),
        "E": fit.irreducible,
        "objective": fit.objective,
        "mse": fit.mean_square,
        "converged": fit.converged,
    }
    if deviance is not None:
        common["deviance_by_rows"] = deviance.by_rows
        common["deviance_by_papers"] = deviance.by_papers
    rows = []
    for definition in DEFINITIONS:
        growth = float(getattr(fit, definition))
        row = common | {"definition": definition, **_point(growth)}
        if fit.draws is not None:
            row |= _interval(np.asarray(getattr(fit.draws, definition)))
            row["share_draws_converged"] = float(fit.draws.converged.mean())
        rows.append(row)
    return rows


def _point(growth: float) -> Row:
    return {"growth_point": growth, "point": float(doubling_months(growth))}


def _interval(draws: Array) -> Row:
    """Columns of draws of growth; those that are no number are counted, and left out."""
    known = draws[~np.isnan(draws)]
    refused = {"share_refused": float(np.isnan(draws).mean())}
    if not len(known):
        return refused
    growth = percentiles(known)
    return {**doubling_interval(growth).columns(), **growth.columns("growth_"), **refused}


def _key(one: Compared, record: Record, test: str, records: str, level: str) -> Row:
    return {
        "sweep": one.given.sweep,
        "test": test,
        "records": records,
        "irreducible": level,
        "n": len(record.seen.response),
        "papers": record.papers,
    }


def _counted(
    one: Compared,
    record: Record,
    test: str,
    level: str,
    deviance: Deviance,
    irreducible: float | None,
    records: str = "all",
) -> list[Row]:
    """A deviance counted by rows, and by papers."""
    key = _key(one, record, test, records, level) | {"E": irreducible}
    return [
        key | {"counted": "rows", "statistic": deviance.by_rows, "p": deviance.p_by_rows},
        key | {"counted": "papers", "statistic": deviance.by_papers, "p": deviance.p_by_papers},
    ]


def _wald_row(one: Compared, record: Record, free: JointFit) -> Row:
    distance = wald(free, one.given)
    tail = Deviance(distance, distance).p_by_papers
    key = _key(one, record, "wald", "all", free.level)
    return key | {"counted": "papers", "statistic": distance, "p": tail}


def _joint_rows(one: Compared, record: Record, free: JointFit, fits: list[Row]) -> list[Row]:
    """The deviance of common exponents; their fits, counted by papers, are added to ``fits``."""
    by_rows, by_papers = common_exponents(record, free.level, free, one.runs, one.law)
    fits += _common_rows(one, free, by_papers)
    deviance = Deviance(by_rows.deviance, by_papers.deviance)
    return _counted(one, record, "joint", free.level, deviance, None)


def _common_rows(one: Compared, free: JointFit, common: Common) -> list[Row]:
    return [
        {
            "sweep": one.given.sweep,
            "kind": "joint",
            "irreducible": free.level,
            "definition": definition,
            "alpha": float(common.exponents[0]),
            "beta": float(common.exponents[1]),
            "deviance_by_papers": common.deviance,
            **_point(float(getattr(common, definition))),
        }
        for definition in DEFINITIONS
    ]


def _held_out_row(one: Compared, record: Record, free: JointFit, against: Array) -> Row:
    model = record.model(free.level, one.given.estimate)
    mean, error = cost(held_out_errors(model, model.fit().minima), against, record.seen.papers)
    key = _key(one, record, "held_out", "all", free.level)
    return key | {"counted": "papers", "statistic": mean, "standard_error": error}


def _large_rows(settings: Sweeps, record: Record, sweeps: Mapping[str, Compared]) -> list[Row]:
    """Imposing on the large systems alone, at the scale of the sweeps."""
    large = settings.record.large
    kept = (record.base.sample.rows["parameters"] >= large.parameters) & (
        record.base.sample.rows["dataset_tokens"] >= large.tokens
    )
    part = record.rows(kept.to_numpy())
    free = fit_free(part.model(LARGE_LEVEL))
    rows: list[Row] = []
    for one in sweeps.values():
        imposed = fit_imposed(part, LARGE_LEVEL, one.given)
        deviance = deviance_of_imposing(part, free, imposed)
        rows += _counted(one, part, "imposing", LARGE_LEVEL, deviance, imposed.irreducible, "large")
    return rows


def _scale_table(
    record: Record,
    free: JointFit,
    sweeps: Mapping[str, Compared],
    systems: Mapping[str, Plain],
) -> pl.DataFrame:
    named = [
        System(name, one["parameters"], one["dataset_tokens"], str(one["published"]))
        for name, one in systems.items()
    ]
    laws = {sweep: (one.law, one.runs) for sweep, one in sweeps.items()}
    rows = [
        {
            "system": at.system.name,
            "law": at.law,
            "parameters": at.system.parameters,
            "tokens": at.system.tokens,
            "rate": at.rate,
            "elasticity": at.elasticity,
            "months": at.months,
            "extrapolated": at.extrapolated,
        }
        for at in by_scale(record.model(free.level), free, named, laws)
    ]
    return frame_of(tables.SWEEP_SCALE, rows)
