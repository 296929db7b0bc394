"""Result tables of the Bayesian fits.

It knows fits as draws and diagnostics; it knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from algoprog.bayes.checks import SCHEMA as CHECKS_SCHEMA
from algoprog.bayes.checks import checks
from algoprog.bayes.comparisons import against_table, sensitivity_table
from algoprog.bayes.draws import DIAGNOSTICS
from algoprog.bayes.estimates import (
    average_table,
    doubling_table,
    shapley_table,
    transformer_table,
)
from algoprog.bayes.fitted import NAME_SCHEMA, Fitted, weights
from algoprog.bayes.settings import QuantitySettings
from algoprog.common.intervals import INTERVAL_SCHEMA, percentiles
from algoprog.common.seeds import seed_of

_PRIOR_DRAWS = 4000

FITS_SCHEMA: dict[str, Any] = {
    "name": pl.String,
    "sample": pl.String,
    "variant": pl.String,
    "change": pl.String,
    "prior_width": pl.Float64,
    "engine": pl.String,
    "n": pl.Int64,
    "p": pl.Int64,
    **DIAGNOSTICS,
    "elpd_rows": pl.Float64,
    "elpd_rows_error": pl.Float64,
    "rows_above_0.7": pl.Int64,
    "rows_pareto_k": pl.Float64,
    "elpd_papers": pl.Float64,
    "elpd_papers_error": pl.Float64,
    "papers_above_0.7": pl.Int64,
    "papers_pareto_k": pl.Float64,
    "pooled": pl.Boolean,
    "weight": pl.Float64,
}


def fits_table(fits: Sequence[Fitted]) -> pl.DataFrame:
    """Return the table `bayes_fits`: each fit's diagnostics, held-out densities, weight."""
    weight = weights(fits)
    rows = [
        {**fit.row, "name": fit.name, "pooled": fit.name in weight, "weight": weight.get(fit.name)}
        for fit in fits
    ]
    return pl.DataFrame(rows, schema=FITS_SCHEMA)


def parameters_table(fits: Sequence[Fitted], seed: int) -> pl.DataFrame:
    """Return the table `bayes_parameters`: posterior of each parameter, and its prior's 90 %."""
    rows = []
    for fit in fits:
        prior, levels = fit.prepared.model.prior, fit.prepared.model.levels
        rng = np.random.default_rng(seed_of(seed, "bayes-prior", fit.name))
        before = prior.theta(prior.draw(rng, _PRIOR_DRAWS))
        drawn = dict(zip(prior.parameters, before.T, strict=True))
        roles = dict(zip(prior.parameters, prior.roles, strict=True))
        for term in [*prior.parameters, "tau", *(f"sigma_{level}" for level in levels), "nu"]:
            row = fit.first_columns | {"variant": fit.row["variant"], "term": term}
            row |= {"role": roles.get(term, "error")}
            row |= percentiles(fit.draws[term].to_numpy()).columns()
            if term in drawn:
                interval = percentiles(drawn[term])
                row |= {"prior_median": interval.median}
                row |= {"prior_ci90_low": interval.low[1], "prior_ci90_high": interval.high[1]}
            rows.append(row)
    text = dict.fromkeys(("variant", "term", "role"), pl.String)
    prior_columns = dict.fromkeys(("prior_median", "prior_ci90_low", "prior_ci90_high"), pl.Float64)
    return pl.DataFrame(rows, schema=NAME_SCHEMA | text | INTERVAL_SCHEMA | prior_columns)


def checks_table(fits: Sequence[Fitted], seed: int, replicates: int) -> pl.DataFrame:
    """Return the table `bayes_checks` of the models that may be averaged."""
    rows: list[dict[str, Any]] = []
    for fit in fits:
        if fit.candidate:
            rows += checks(fit.name, fit.prepared, fit.draws, seed, replicates)
    return pl.DataFrame(rows, schema=CHECKS_SCHEMA)


def tables(
    fits: Sequence[Fitted], bootstraps: Mapping[str, pl.DataFrame], settings: QuantitySettings
) -> dict[str, pl.DataFrame]:
    """Return all tables by name.

    ``bootstraps`` are the bootstrap's draws of a fit's variant, by the fit's name.
    """
    by_name = {fit.name: fit for fit in fits}
    compared = {name: by_name[name] for name in bootstraps}
    scaling = settings.optimal_scaling
    return {
        "bayes_fits": fits_table(fits),
        "bayes_parameters": parameters_table(fits, settings.seed),
        "bayes_doubling_times": doubling_table(fits, scaling),
        "bayes_model_average": average_table(fits, scaling),
        "bayes_shapley": shapley_table(fits, settings.systems),
        "bayes_transformer": transformer_table(fits, settings.computes, settings.year),
        "bayes_against_bootstrap": against_table(compared, bootstraps, settings),
        "bayes_prior_sensitivity": sensitivity_table(fits, settings),
        "bayes_checks": checks_table(fits, settings.seed, settings.replicates),
    }
