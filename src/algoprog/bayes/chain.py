"""One chain of a Bayesian fit."""

from __future__ import annotations

import polars as pl

from algoprog.bayes.coordinates import coordinates
from algoprog.bayes.data import stan_data, start
from algoprog.bayes.engine import Program
from algoprog.bayes.models import Prepared, stan_seed
from algoprog.bayes.settings import Sampler
from algoprog.common.seeds import seed_of


def chain(
    prepared: Prepared, program: Program, sampler: Sampler, seed: int, name: str, number: int
) -> pl.DataFrame:
    """Return the draws of chain ``number`` (from 1) of the fit ``name``.

    It depends on the seed and these two only.
    """
    model, y = prepared.model, prepared.y
    names = (seed, "bayes", name, number)
    given = stan_data(model, y, *coordinates(model, y, seed))
    return program.sample(given, start(model, seed_of(*names)), stan_seed(*names), sampler)
