"""Result tables of the Bayesian fits.

It knows fits as draws and diagnostics; it knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from algoprog.bayes.checks import checks
from algoprog.bayes.comparisons import against_table, sensitivity_table
from algoprog.bayes.estimates import (
    average_table,
    doubling_table,
    shapley_table,
    transformer_table,
)
from algoprog.bayes.fitted import Fitted, weights
from algoprog.bayes.settings import QuantitySettings
from algoprog.bayes.tables import BAYES_CHECKS, BAYES_FITS, BAYES_PARAMETERS
from algoprog.common.intervals import percentiles
from algoprog.common.seeds import seed_of
from algoprog.tables.frames import frame_of

_PRIOR_DRAWS = 4000


def fits_table(fits: Sequence[Fitted]) -> pl.DataFrame:
    """Return the table `bayes_fits`: each fit's diagnostics, held-out densities, weight."""
    weight = weights(fits)
    rows = [
        {**fit.row, "name": fit.name, "pooled": fit.name in weight, "weight": weight.get(fit.name)}
        for fit in fits
    ]
    return frame_of(BAYES_FITS, rows)


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
    return frame_of(BAYES_PARAMETERS, rows)


def checks_table(fits: Sequence[Fitted], seed: int, replicates: int) -> pl.DataFrame:
    """Return the table `bayes_checks` of the models that may be averaged."""
    rows: list[dict[str, Any]] = []
    for fit in fits:
        if fit.candidate:
            rows += checks(fit.name, fit.prepared, fit.draws, seed, replicates)
    return frame_of(BAYES_CHECKS, rows)


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
