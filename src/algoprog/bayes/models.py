"""The model each Bayesian fit is of.

It knows names and settings; it knows no engine and no quantity made of draws.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.data import HierarchicalModel
from algoprog.bayes.priors import prior_of
from algoprog.bayes.settings import Choice, ModelSettings, PlannedFit
from algoprog.common.errors import InputError
from algoprog.common.seeds import seed_of
from algoprog.model.changes import changed
from algoprog.model.growth import ClosedForm
from algoprog.model.model import Model
from algoprog.model.surface import Surface
from algoprog.model.variant import Variant
from algoprog.records.sample import Sample
from algoprog.resampling.ranking import best, distinct

Array = NDArray[np.float64]

LAST_SEED = 2**31 - 1  # the largest of Stan's


def variant_of(
    place: int,
    headline: str,
    candidates: Collection[str],
    scheme: str,
    ranking: pl.DataFrame | None,
) -> str:
    """Return the variant at a place among those ranked besides the headline's; its at place 0.

    Raises
    ------
    InputError
        where there are fewer variants than places.
    """
    if not place:
        return headline
    if ranking is None:
        raise AssertionError("a place in a ranking needs the ranking")
    others = ranking.filter(
        pl.col("variant").is_in(list(candidates)) & (pl.col("variant") != headline)
    )
    ranked = distinct(best(others, scheme, others.height))
    if place > len(ranked):
        raise InputError(
            "config.yaml",
            "bayes.variants.size",
            place,
            f"choose at most {len(ranked)}: so many other variants are ranked by {scheme}",
        )
    return str(ranked[place - 1][0])


@dataclass(frozen=True)
class Prepared:
    """A variant on a sample, ready to be fitted.

    Attributes
    ----------
    base : the variant, changed as planned, on the sample.
    model : the hierarchical model of the sample's rows.
    y : (n,) loss of each row, nats.
    """

    base: Model
    model: HierarchicalModel
    y: Array

    @property
    def variant(self) -> str:
        """Name of the variant."""
        return self.base.variant.name

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the variant's parameters."""
        return self.model.prior.parameters

    @property
    def surface(self) -> Surface:
        """The loss surface of the variant."""
        return self.base.surface

    @property
    def closed_form(self) -> ClosedForm | None:
        """Growth of effective compute in closed form; None where there is none."""
        return self.base.closed_form


def chosen(rows: pl.DataFrame, ranking: pl.DataFrame | None, choice: Choice) -> Prepared:
    """Return the model of a planned fit, its variant found by :func:`variant_of`."""
    variant = variant_of(choice.fit.place, choice.headline, choice.variants, choice.scheme, ranking)
    return prepare(rows, choice.variants[variant], choice.fit, choice)


def prepare(
    rows: pl.DataFrame, variant: Variant, fit: PlannedFit, settings: ModelSettings
) -> Prepared:
    """Return the model of a variant on a sample's rows, changed as ``fit`` says.

    Every prior is ``fit.width`` times as wide.
    """
    sample = Sample("bayes", rows, settings.benchmarks)
    base = Model.of(changed(variant, fit.change), sample)
    seen, levels = base.observed(settings.response), base.units.levels
    model = HierarchicalModel(
        design=base.design,
        prior=prior_of(base, settings.priors, fit.width),
        papers=seen.papers,
        benchmarks=np.array([levels.index(name) for name in rows["benchmark"].to_list()]),
        levels=levels,
        errors=settings.priors.errors(fit.width),
    )
    return Prepared(base, model, seen.response)


def stan_seed(*names: Any) -> int:
    """Return a seed of Stan's, from 1 to 2^31 - 1, that depends on the names and nothing else."""
    return 1 + seed_of(*names) % LAST_SEED
