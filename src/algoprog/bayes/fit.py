"""A Bayesian fit put together from its chains: draws, diagnostics, what is held out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from algoprog.bayes.draws import arrays, diagnostics, posterior
from algoprog.bayes.engine import Engine
from algoprog.bayes.held_out import held_out, log_likelihoods
from algoprog.bayes.models import Prepared
from algoprog.bayes.settings import FitSettings

HELD_OUT_DRAWS = 2000  # at most, evenly taken: neighbours say little more, and the integrals cost


def fit(
    prepared: Prepared, chains: Sequence[pl.DataFrame], engine: Engine, settings: FitSettings
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return a fit's row of `bayes_fits`, its draws, and what is held out, from its chains.

    The row has all columns of the table but name, pooled and weight.
    """
    model, planned = prepared.model, settings.fit
    draws = posterior(chains, prepared.parameters, model.levels)
    every = -(-draws.height // HELD_OUT_DRAWS)
    thinned = arrays(draws.filter(pl.col("draw") % every == 0), prepared.parameters, model.levels)
    by_row, by_paper = log_likelihoods(model, prepared.y, thinned)
    row: dict[str, Any] = {
        "sample": settings.sample,
        "variant": prepared.variant,
        "change": None if planned.change is None else planned.change.transformer,
        "prior_width": planned.width,
        "engine": f"{engine.name} {engine.version}",
        "n": model.design.n,
        "p": model.design.p,
    }
    row |= diagnostics(chains, settings.limits, settings.max_depth)
    held = []
    for scheme, likelihood in (("rows", by_row), ("papers", by_paper)):
        found = held_out(likelihood, len(chains))
        row |= found.columns(scheme)
        units = {"unit": range(len(found.elpd)), "elpd": found.elpd, "pareto_k": found.pareto_k}
        held.append(pl.DataFrame(units).select(pl.lit(scheme).alias("scheme"), pl.all()))
    return pl.DataFrame([row]), draws, pl.concat(held)
