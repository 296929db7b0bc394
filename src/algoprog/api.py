"""The library as a notebook uses it: records, a sample, a variant on it, a fit, its bootstrap.

Every step is the function that the workflow's scripts call; what is added here is that each result
knows the next step. It knows the project's configuration, which names the samples and the variants.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import doubling_months
from algoprog.estimators import converged
from algoprog.estimators.estimator import Estimator, Task, estimator_of
from algoprog.estimators.huber import Threshold
from algoprog.estimators.inference import collinear, not_identified, standard_errors
from algoprog.estimators.objective import CERTIFICATE
from algoprog.model import model as models
from algoprog.model import variant as formulas
from algoprog.project import Records, named, paper_sample, read_records, sample_spec, settings
from algoprog.quantities.closed_form import Interval, interval_of, point_months
from algoprog.quantities.growth import Growth
from algoprog.quantities.known import Known
from algoprog.records.sample import Sample, SampleSpec
from algoprog.resampling.bootstrap import draw
from algoprog.resampling.scheme import Scheme

__all__ = [
    "Bootstrap",
    "DoublingTime",
    "Fit",
    "Interval",
    "Model",
    "Records",
    "Sample",
    "SampleSpec",
    "Variant",
    "paper_sample",
    "read_records",
    "sample_spec",
    "variant",
    "variants",
]

Array = NDArray[np.float64]


def variants() -> list[str]:
    """Return the names of the configuration's variants."""
    return list(settings()["variants"])


def variant(name: str) -> Variant:
    """Return a variant of the configuration by name.

    Raises
    ------
    InputError
        for a name that the configuration does not have.
    """
    return Variant.of(name, named(settings()["variants"], name, "variants"))


class Variant(formulas.Variant):
    """A variant that can be put on a sample."""

    def on(self, sample: Sample) -> Model:
        """Return the variant on a sample.

        Raises
        ------
        InputError
            for a formula that the sample's rows cannot be put into, or too few rows.
        """
        model = Model.of(self, sample)
        model.check_size()
        return model


class Model(models.Model):
    """A model that can be fitted."""

    def fit(
        self,
        delta: float,
        estimator: Literal["converged", "published"] = "converged",
        response: models.Response = "own",
        huber: Threshold | None = None,
        correlated: bool = False,
    ) -> Fit:
        """Return the fit at a penalty ``delta`` of the sum of absolute parameters.

        Parameters
        ----------
        estimator : ``converged`` (the global minimum, with its certificate) or ``published`` (the
            paper's optimiser, stopped where it stops).
        response : each row's ``own`` perplexity, or the ``first_available`` of its system.
        huber, correlated : another loss: Huber's, or errors correlated within a paper.
        """
        by = estimator_of(estimator, huber, correlated)
        task = Task.of(self, response, delta)
        return Fit(self, by, task, by.fit(task))

    def __repr__(self) -> str:
        return f"Model({self.variant.name} on {self.sample!r})"


@dataclass(frozen=True)
class DoublingTime:
    """How fast effective compute grows: per year, and as the months it takes to double.

    ``months`` is infinite without progress. On one benchmark, the sample's baseline, where progress
    differs between them. ``known`` says what the sample leaves unknown: with reasons in
    ``known.no_rate`` the numbers are the penalty's and not the rows'.
    """

    growth: float
    months: float
    definition: str
    known: Known = field(default=Known(), repr=False)

    def __repr__(self) -> str:
        if self.known.no_rate:
            return f"DoublingTime(not identified: {' and '.join(self.known.no_rate)})"
        growth = f"growth {self.growth:.3g} a year, {self.definition.replace('_', ' ')}"
        return f"DoublingTime({self.months:.1f} months; {growth})"


@dataclass(frozen=True)
class Fit:
    """A fitted model: its parameters, and what certifies them.

    Attributes
    ----------
    model, task : what was fitted, and to which response at which penalty.
    by : the estimator.
    result : theta, objective, certificate and the other local minima.
    """

    model: Model
    by: Estimator
    task: Task = field(repr=False)
    result: converged.Fit = field(repr=False)

    @property
    def estimates(self) -> dict[str, float]:
        """Estimates by the name of the parameter."""
        return self.result.estimates()

    @property
    def objective(self) -> float:
        """Value of the penalised objective, nats squared."""
        return self.result.objective

    @property
    def certificate(self) -> float:
        """Largest relative component of the smallest subgradient; 0 at a minimum."""
        return self.result.subgradient

    @property
    def certified(self) -> bool:
        """Whether the certificate is met, so that this is a minimum."""
        return self.result.certified

    @property
    def minima(self) -> Array:
        """The distinct certified local minima (m, p), best first."""
        return self.result.minima

    @cached_property
    def not_identified(self) -> list[str]:
        """Parameters that the rows do not determine, whatever value the penalty gives them."""
        found = {
            *collinear(self.task.problem),
            *not_identified(self.task.problem, self.result.theta),
        }
        return [name for name in self.model.parameters if name in found]

    @cached_property
    def standard_errors(self) -> dict[str, float]:
        """Standard errors by parameter, clustered by paper; NaN where there is none."""
        errors = standard_errors(self.task.problem, self.result.theta, self.task.papers)
        return dict(zip(self.model.parameters, errors.tolist(), strict=True))

    @cached_property
    def growth(self) -> Growth:
        """Growth of effective compute as a function of the parameters."""
        return Growth.of(self.model)

    def doubling_time(self) -> DoublingTime:
        """Return the doubling time of effective compute at the estimates.

        In closed form where the variant has one, else by optimal scaling.

        Raises
        ------
        InputError
            for a variant without progress.
        """
        found = self.growth(self.result.theta[None, :])
        if found is None:
            fix = "choose a variant with a term in t, such as m07"
            raise InputError("variant", self.model.variant.name, "has no progress", fix)
        closed = self.growth.closed_form(self.result.theta[None, :]) is not None
        months = point_months(float(found[0]), self.by.procedure)
        definition = "closed_form" if closed else "optimal_scaling"
        open_ends = ", ".join(self.not_identified)
        known = Known.of(self.model.sample.rows, open_ends, len(self.model.parameters))
        return DoublingTime(float(found[0]), months, definition, known)

    def bootstrap(
        self,
        replicates: int,
        by: Literal["papers", "rows"] = "papers",
        seed: int | None = None,
    ) -> Bootstrap:
        """Return the fits to resampled papers or rows.

        Replicate i depends on the seed (the configuration's unless it is given), the variant, delta
        and i alone, so more replicates only add to fewer.
        """
        root = int(settings()["seed"]) if seed is None else seed
        name = self.model.variant.name
        scheme = Scheme(by, self.by.procedure, root, name, self.task.delta)
        draws = draw(self.task, self.result, self.by, scheme, 0, replicates)
        return Bootstrap(self, by, draws)

    def __repr__(self) -> str:
        subgradient = f"subgradient {self.certificate:.1e}"
        said = "a certified minimum" if self.certified else f"no minimum ({subgradient})"
        return (
            f"Fit({self.model.variant.name} on {self.model.sample.name}, "
            f"{self.task.design.n} rows, delta {self.task.delta:g}, {self.by.procedure}: "
            f"objective {self.objective:.6g}, "
            f"{said})"
        )


@dataclass(frozen=True)
class Bootstrap:
    """Fits to resamples, and what they say of the doubling time.

    ``draws`` has a row for each replicate: its number, the parameters, objective, subgradient,
    n_starts, n_at_best.
    """

    fit: Fit
    unit: str
    draws: pl.DataFrame = field(repr=False)

    @cached_property
    def growth(self) -> Array:
        """Growth (r,) of effective compute per year in each replicate; NaN where it has none."""
        theta = self.draws.select(self.fit.model.parameters).to_numpy()
        found = self.fit.growth(theta)
        return np.zeros(len(theta)) if found is None else found

    @property
    def point(self) -> DoublingTime:
        """The doubling time at the estimates of the whole sample."""
        return self.fit.doubling_time()

    @property
    def standard_error(self) -> float:
        """Standard deviation of growth per year over the replicates."""
        return float(np.nanstd(self.growth, ddof=1))

    @property
    def months(self) -> Array:
        """Doubling time (r,) in months of each replicate; infinite without progress."""
        return doubling_months(self.growth)

    @property
    def certified(self) -> float:
        """Share of the replicates whose fit is a certified minimum."""
        return float((self.draws["subgradient"] <= CERTIFICATE).to_numpy().mean())

    def interval(self, level: float = 0.95) -> Interval:
        """Return the central interval of the doubling time in months.

        Quantiles of growth are mapped to months, for growth has no pole; of the published estimator
        it is the quantiles of the months themselves, as published.
        """
        known = self.growth[~np.isnan(self.growth)]
        return interval_of(known, level, self.fit.by.procedure)

    def __repr__(self) -> str:
        found = self.interval(0.95)
        return (
            f"Bootstrap({self.draws.height} draws of {self.unit}, "
            f"{100 * self.certified:.0f} % certified; "
            f"doubling time {found.low:.1f} to {found.high:.1f} months, 95 %)"
        )
