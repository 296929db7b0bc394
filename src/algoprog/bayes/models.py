"""The model each Bayesian fit is of.

It knows names and settings; it knows no engine and no quantity made of draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.data import Model
from algoprog.bayes.priors import prior_of
from algoprog.common.errors import InputError
from algoprog.common.seeds import seed_of
from algoprog.estimators.fit import observations
from algoprog.model.changes import changed
from algoprog.model.design import Compiler
from algoprog.resampling.ranking import best, distinct

Spec = Mapping[str, Any]
Array = NDArray[np.float64]

LAST_SEED = 2**31 - 1  # the largest of Stan's


def variant_of(
    fit: Spec, headline: str, candidates: Spec, scheme: str, ranking: pl.DataFrame | None
) -> str:
    """The variant of a planned fit: the headline's, or at its place among the others.

    Raises
    ------
    InputError
        where there are fewer variants than places.
    """
    if not fit["place"]:
        return headline
    if ranking is None:
        raise AssertionError("a place in a ranking needs the ranking")
    others = ranking.filter(
        pl.col("variant").is_in(list(candidates)) & (pl.col("variant") != headline)
    )
    ranked = distinct(best(others, scheme, others.height))
    if fit["place"] > len(ranked):
        raise InputError(
            "config.yaml",
            "bayes.variants.size",
            fit["place"],
            f"choose at most {len(ranked)}: so many other variants are ranked by {scheme}",
        )
    return str(ranked[fit["place"] - 1][0])


@dataclass(frozen=True)
class Prepared:
    """A variant on a sample, ready to be fitted."""

    compiler: Compiler
    variant: str
    spec: dict[str, Any]
    model: Model
    y: Array


def chosen(
    sample: pl.DataFrame,
    ranking: pl.DataFrame | None,
    fit: Spec,
    headline: str,
    variants: Mapping[str, Spec],
    scheme: str,
    **of: Any,
) -> Prepared:
    """The model of a planned fit: :func:`prepare` of what :func:`variant_of` finds.

    ``variants`` are the configurations of those it may be; ``of``: response, benchmarks, priors.
    """
    variant = variant_of(fit, headline, variants, scheme, ranking)
    return prepare(sample, variant, variants[variant], fit["change"], fit["width"], **of)


def prepare(
    sample: pl.DataFrame,
    variant: str,
    spec: Spec,
    change: Spec | None,
    width: float,
    response: str,
    benchmarks: Spec,
    priors: Spec,
) -> Prepared:
    """The model of a variant on a sample, with every prior ``width`` times as wide."""
    whole = changed(spec, change)
    compiler = Compiler.of(sample, benchmarks)
    seen = observations(sample, response)
    names = sample["benchmark"].to_list()
    scale = {name: sd * width if name != "median" else sd for name, sd in priors["scale"].items()}
    model = Model(
        design=compiler.rows(variant, whole, sample),
        prior=prior_of(compiler, variant, whole, sample, priors, width),
        papers=seen.papers,
        benchmarks=np.array([compiler.levels.index(name) for name in names]),
        levels=compiler.levels,
        errors={"paper_sd": priors["paper_sd"] * width, "scale": scale, "tail": priors["tail"]},
    )
    return Prepared(compiler, variant, whole, model, seen.response)


def stan_seed(*names: Any) -> int:
    """A seed of Stan's, from 1 to 2^31 - 1, that depends on the names and on nothing else."""
    return 1 + seed_of(*names) % LAST_SEED
