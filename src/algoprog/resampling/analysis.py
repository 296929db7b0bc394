"""One analysis: the model it names, fitted to its sample and to every resample of it.

It knows how an analysis names its model (a variant, or a place in a ranking by held-out error, and
maybe a change to it); it knows no quantity that is computed from the fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from algoprog.estimators.estimator import Task, estimator_of
from algoprog.estimators.fit import fit_row
from algoprog.model.changes import Change, changed
from algoprog.model.model import Model
from algoprog.model.variant import Variants
from algoprog.records.sample import Sample
from algoprog.resampling.bootstrap import draw
from algoprog.resampling.ranking import best
from algoprog.resampling.refit import SCHEMA, Refit
from algoprog.resampling.scheme import Scheme


@dataclass(frozen=True)
class Choice:
    """How a model is named: a variant and its delta, or a place in a ranking by held-out error.

    Attributes
    ----------
    variant, delta : the model itself.
    scheme, variants, place : those that are ranked, and the place (from 1) in their ranking.
    """

    variant: str | None = None
    delta: float | None = None
    scheme: str | None = None
    variants: tuple[str, ...] = ()
    place: int | None = None

    def member(self, ranking: pl.DataFrame | None) -> tuple[str, float]:
        """Return the variant and the delta; ``ranking`` is the table `cross_validation`."""
        if self.variant is not None and self.delta is not None:
            return self.variant, self.delta
        if ranking is None or self.scheme is None or self.place is None:
            raise AssertionError("a place in a ranking needs the ranking")
        candidates = ranking.filter(pl.col("variant").is_in(self.variants))
        return best(candidates, self.scheme, self.place)[-1]


@dataclass(frozen=True)
class Chosen:
    """A model to be fitted to a response: which variant, at which penalty, with which change.

    ``variants`` are those that ``model`` may name.
    """

    variants: Variants
    model: Choice
    change: Change | None
    response: str

    def task(self, sample: Sample, ranking: pl.DataFrame | None = None) -> Task:
        """Return the fit that is asked for on a sample.

        ``ranking`` is the table `cross_validation` where ``model`` is a place in it.

        Raises
        ------
        InputError
            for a sample with fewer rows than parameters, or a change the variant does not allow.
        """
        variant, delta = self.model.member(ranking)
        model = Model.of(changed(self.variants[variant], self.change), sample)
        model.check_size()
        return Task.of(model, self.response, delta)


@dataclass(frozen=True)
class Analysis(Chosen):
    """A bootstrap analysis: a model, how it is fitted, what is resampled, and from which seed."""

    estimator: str
    resampling: str
    seed: int

    def of(self, sample: Sample, ranking: pl.DataFrame | None, first: int, last: int) -> Refit:
        """Fit the model, and its replicates first ... last - 1.

        Replicates of a change resample the same rows or papers as those of the unchanged variant,
        so that the two can be compared draw by draw.
        """
        task = self.task(sample, ranking)
        estimator = estimator_of(self.estimator)
        whole = estimator.fit(task)
        variant = task.design.variant
        row = {
            "sample": sample.name,
            "variant": variant,
            "delta": task.delta,
            "estimator": self.estimator,
            **fit_row(task, whole, self.estimator),
            "response": self.response,
            "resampling": self.resampling,
            "terms": list(task.design.parameters),
            "estimates": whole.theta.tolist(),
        }
        scheme = Scheme(self.resampling, estimator.procedure, self.seed, variant, task.delta)
        draws = draw(task, whole, estimator, scheme, first, last)
        return Refit(pl.DataFrame([row], schema=SCHEMA), draws)
