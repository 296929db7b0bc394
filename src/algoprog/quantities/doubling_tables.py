"""The tables `doubling_times` and `pooled_doubling_times`: both definitions, of every fit.

It joins fits and draws with the two definitions of a doubling time; it knows neither's equation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from algoprog.estimators.fit_tables import FIT_KEYS
from algoprog.model.design import Compiler
from algoprog.quantities.closed_form import SCHEMA, ClosedForm
from algoprog.quantities.optimal_scaling import POOLED_SCHEMA, OptimalScaling, pooled
from algoprog.resampling.refit import Refit


def doubling_table(
    fits: pl.DataFrame,
    parameters: pl.DataFrame,
    samples: Mapping[str, pl.DataFrame],
    variants: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Any],
    optimal_scaling: Mapping[str, float],
    analyses: Sequence[Refit],
) -> pl.DataFrame:
    """The table `doubling_times`: every fit's points, with intervals where there are draws.

    Parameters
    ----------
    fits, parameters : the tables of those names.
    samples : rows of each sample by name.
    variants : configuration of each variant by name.
    optimal_scaling : compute (FLOP) and year of the doubling times by optimal scaling.
    analyses : the bootstrap analyses; of several of one fit and resampling the first counts.

    Rows without draws have the resampling ``none`` and blank intervals.
    """
    definitions = {}
    for name, sample in samples.items():
        compiler = Compiler.of(sample, benchmarks)
        for variant in fits.filter(pl.col("sample") == name)["variant"].unique():
            spec = variants[variant]
            found = (
                ClosedForm.of(compiler, variant, spec),
                OptimalScaling.of(compiler, variant, spec, **optimal_scaling),
            )
            definitions[name, variant] = [one for one in found if one is not None]
    by_fit: dict[tuple[Any, ...], dict[str, float]] = {}
    for row in parameters.select(*FIT_KEYS, "term", "estimate").iter_rows():
        by_fit.setdefault(row[:-2], {})[row[-2]] = row[-1]
    drawn: dict[tuple[Any, ...], dict[str, pl.DataFrame]] = {}
    for analysis in analyses:
        fit = tuple(analysis.fit_key.values())
        drawn.setdefault(fit, {}).setdefault(analysis.key["resampling"], analysis.draws)
    rows = []
    for fit in fits.select(FIT_KEYS).iter_rows():
        key = dict(zip(FIT_KEYS, fit, strict=True))
        found_draws: Mapping[str, pl.DataFrame | None] = drawn.pop(fit, {}) or {"none": None}
        for resampling, draws in found_draws.items():
            for definition in definitions[key["sample"], key["variant"]]:
                rows += definition.rows(key | {"resampling": resampling}, by_fit[fit], draws)
    if drawn:
        raise AssertionError(f"draws of fits that are not there: {sorted(drawn)}")
    return pl.DataFrame(rows, schema=SCHEMA)


def pooled_table(
    sample: pl.DataFrame,
    variants: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Any],
    optimal_scaling: Mapping[str, float],
    pools: Mapping[str, Mapping[str, Any]],
    members: Mapping[str, Sequence[Refit]],
) -> pl.DataFrame:
    """The table `pooled_doubling_times`: of each pool all its members, and one a variant.

    Parameters
    ----------
    sample : rows of the sample whose cross-validation ranks the members.
    pools : configuration of each pool by name.
    members : the members of each pool by name, best first.
    """
    compiler = Compiler.of(sample, benchmarks)
    rows = []
    for name, refits in members.items():
        growth = {}
        for one in refits:
            variant, delta = one.key["variant"], one.key["delta"]
            form = OptimalScaling.of(compiler, variant, variants[variant], **optimal_scaling)
            growth[variant, delta] = form.growth_of(one.draws) if form else {}
        spec = pools[name]
        key = {key: spec[key] for key in ("estimator", "resampling", "scheme")}
        found = pooled(key, list(growth), growth)
        rows += [{"name": name, **row} for row in found]
    return pl.DataFrame(rows, schema={"name": pl.String, "scheme": pl.String} | POOLED_SCHEMA)
