"""A Bayesian fit put together from its chains: draws, diagnostics, what is held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from algoprog.bayes.draws import arrays, diagnostics, posterior
from algoprog.bayes.engine import Engine
from algoprog.bayes.held_out import held_out, log_likelihoods
from algoprog.bayes.models import Prepared

Spec = Mapping[str, Any]

HELD_OUT_DRAWS = 2000  # at most, evenly taken: neighbours say little more, and the integrals cost


def fit(
    one: Prepared,
    chains: Sequence[pl.DataFrame],
    engine: Engine,
    sample: str,
    fit: Spec,
    limits: Spec,
    max_depth: int,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Of the chains of a fit: its row of `bayes_fits`, its draws, and what is held out.

    ``sample`` is the sample's name, ``fit`` what was planned. A row has all columns of the table
    but name, pooled and weight.
    """
    parameters, levels = one.model.prior.parameters, one.model.levels
    draws = posterior(chains, parameters, levels)
    every = -(-draws.height // HELD_OUT_DRAWS)
    thinned = arrays(draws.filter(pl.col("draw") % every == 0), parameters, levels)
    by_row, by_paper = log_likelihoods(one.model, one.y, thinned)
    change = None if fit["change"] is None else fit["change"]["transformer"]
    row: dict[str, Any] = {"sample": sample, "variant": one.variant, "change": change}
    row |= {"prior_width": fit["width"], "engine": f"{engine.name} {engine.version}"}
    row |= {"n": one.model.design.n, "p": one.model.design.p}
    row |= diagnostics(chains, limits, max_depth)
    held = []
    for scheme, likelihood in (("rows", by_row), ("papers", by_paper)):
        found = held_out(likelihood, len(chains))
        row |= found.columns(scheme)
        units = {"unit": range(len(found.elpd)), "elpd": found.elpd, "pareto_k": found.pareto_k}
        held.append(pl.DataFrame(units).select(pl.lit(scheme).alias("scheme"), pl.all()))
    return pl.DataFrame([row]), draws, pl.concat(held)
