"""One chain of a Bayesian fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from algoprog.bayes.data import coordinates, stan_data, start
from algoprog.bayes.engine import Engine, sample
from algoprog.bayes.models import Prepared, stan_seed
from algoprog.common.seeds import seed_of


def chain(
    one: Prepared,
    engine: Engine,
    compiled: Path,
    sampler: Mapping[str, Any],
    seed: int,
    name: str,
    number: int,
) -> pl.DataFrame:
    """Chain ``number`` (from 1) of the fit ``name``; it depends on the seed and these two only."""
    given = stan_data(one.model, one.y, *coordinates(one.model, one.y, seed))
    names = (seed, "bayes", name, number)
    return sample(
        engine, compiled, given, start(one.model, seed_of(*names)), stan_seed(*names), sampler
    )
