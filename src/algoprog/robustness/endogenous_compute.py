"""Simulated records whose compute follows latent quality, and what a fit then makes of growth.

Whitfill (2025, arXiv 2508.11033) argues that labs with better algorithms spend more, or less, in
the same year, so that estimates from observed records are biased. Here loss is

    loss = yhat(theta) - s_q q + s_e e,    q = rho z + sqrt(1 - rho^2) u,

with theta a fit, z the standardised ln C without what benchmark and date explain of it, u standard
normal for each paper, e for each record, and the deviations s_q and s_e of the residuals between
and within papers. It knows models and fits; it knows no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import doubling_interval, doubling_months, percentiles
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import predict, solve
from algoprog.estimators.estimator import Task
from algoprog.model.model import Model
from algoprog.robustness.endogeneity import Fitted, benchmark_dummies, residual
from algoprog.robustness.evidence_tables import ENDOGENOUS_COMPUTE
from algoprog.robustness.penalty import Doubling
from algoprog.robustness.simulation import variance_components
from algoprog.tables.frames import frame_of

HOPS = 16  # perturbed minima that a fit without a penalty tries, beside the truth and its starts

Array = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """A law that is true, and the deviations (nats) of quality and of errors around it."""

    model: Model
    task: Task
    theta: Array
    quality: float
    error: float

    @classmethod
    def of(cls, fitted: Fitted) -> World:
        """Return the world in which a fit is true.

        Raises
        ------
        InputError
            for a sample of one paper, or of no more rows than parameters.
        """
        model, task, theta = fitted.model, fitted.task, fitted.theta
        left = task.response - predict(task.design, theta)
        free = int(np.count_nonzero(theta))
        if not task.papers.max() or len(left) <= free:
            rows = f"{len(left)} rows of {task.papers.max() + 1} papers for {free} parameters"
            fix = "use a larger sample, or evidence: {enabled: false}"
            raise InputError("config.yaml", f"samples.{model.sample.name}", rows, fix)
        paper, error = variance_components(left, task.papers, free)
        return cls(model, task, theta, paper**0.5, error**0.5)

    def investment(self) -> Array:
        """Return the standardised ln C (n,) of the records, given benchmark and date."""
        values = self.model.units.of_rows(self.model.sample.rows)
        alone = residual(values["c"], np.column_stack([benchmark_dummies(self.model), values["t"]]))
        deviation = alone.std()
        return np.asarray(alone / deviation if deviation > 0 else alone)

    def response(self, correlation: float, number: int) -> Array:
        """Return the loss (n,) of a simulated data set, by its number."""
        rng = np.random.default_rng(
            seed_of("endogenous", self.model.variant.name, str(correlation), str(number))
        )
        other = rng.standard_normal(int(self.task.papers.max()) + 1)[self.task.papers]
        quality = correlation * self.investment() + np.sqrt(1.0 - correlation**2) * other
        errors = self.error * rng.standard_normal(self.task.design.n)
        mean = predict(self.task.design, self.theta)
        return np.asarray(mean - self.quality * quality + errors)

    def estimates(self, correlation: float, data_sets: int) -> Array:
        """Return the estimates (r, p) of simulated data sets."""
        design, delta = self.task.design, self.task.delta
        warm, hops = self.theta[None], 0 if delta > 0 else HOPS
        responses = [self.response(correlation, number) for number in range(data_sets)]
        fits = [solve(design, one, delta, warm=warm, perturbed=hops) for one in responses]
        return np.array([fit.theta for fit in fits])


def endogenous_table(
    worlds: Sequence[World], correlations: Sequence[float], data_sets: int
) -> pl.DataFrame:
    """Return the table `endogenous_compute`: bias by how strongly compute follows quality."""

    def rows() -> Iterator[dict[str, Any]]:
        for world in worlds:
            form = Doubling.of(world.model)
            truth = form.growth(world.theta[None])
            for correlation in correlations:
                drawn = form.growth(world.estimates(correlation, data_sets))
                for definition, growth in drawn.items():
                    known = percentiles(growth[~np.isnan(growth)])
                    true = float(truth[definition][0])
                    yield {
                        "variant": world.model.variant.name,
                        "delta": world.task.delta,
                        "correlation": correlation,
                        "definition": definition,
                        "true_growth": true,
                        "true_months": float(doubling_months(true)),
                        **doubling_interval(known).columns(),
                        **known.columns("growth_"),
                        "ratio": known.median / true,
                    }

    return frame_of(ENDOGENOUS_COMPUTE, rows())
