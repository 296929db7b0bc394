"""What would settle it: how far estimates spread once further records or runs are there.

Data sets are drawn from the fitted law at the records' design and at that of the addition; the
spread of the estimates over data sets is what an interval would have to cover. Growth is that of
the records there are. It knows models and fits; it knows no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import doubling_interval, doubling_months, percentiles
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import predict, solve
from algoprog.model.design import Design, Term
from algoprog.model.model import Model
from algoprog.model.points import coordinates
from algoprog.robustness.endogenous_compute import World
from algoprog.robustness.evidence_tables import SETTLING
from algoprog.robustness.penalty import Doubling
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

NONE = "none"
LEVEL = "level_of_addition"
FLOP_PER_PARAMETER_AND_TOKEN = 6.0


@dataclass(frozen=True)
class Addition:
    """Runs on the baseline's benchmark, even in date and in the logarithms of the rest.

    Attributes
    ----------
    runs : how many, each a paper of its own; or, with a ``deviation``, all of one study.
    years : the first and the last calendar year of the algorithms.
    compute : the least and the most training compute, FLOP.
    tokens_per_parameter : the least and the most.
    deviation : of errors (nats) in one study, which is weighted by precision and has a free level;
        None for runs that scatter as the records do.
    """

    runs: int
    years: tuple[float, float]
    compute: tuple[float, float]
    tokens_per_parameter: tuple[float, float]
    deviation: float | None = None

    def design(self, model: Model, name: str) -> Design:
        """Return the model at the runs."""
        rng = np.random.default_rng(seed_of("settling", name))
        ends = (self.years, np.log(self.compute), np.log(self.tokens_per_parameter))
        years, compute, ratio = (rng.uniform(low, high, self.runs) for low, high in ends)
        log_parameters = (compute - np.log(FLOP_PER_PARAMETER_AND_TOKEN) - ratio) / 2
        at = coordinates(model.units.origin, log_parameters, log_parameters + ratio, years)
        vocabulary = float(model.units.vocabulary(model.units.baseline))
        return model.at(**at, T=1.0, V=vocabulary)


@dataclass(frozen=True)
class Enlarged:
    """A world's records with an addition below them.

    ``design`` (n + m rows), ``weights`` by precision, and ``delta`` so scaled that a record weighs
    against the penalty what it weighs without the addition.
    """

    world: World
    addition: Addition | None
    design: Design
    weights: Array
    delta: float

    @classmethod
    def of(cls, world: World, addition: Addition | None, name: str) -> Enlarged:
        """Return the records with an addition, or alone."""
        whole, delta = world.task.design, world.task.delta
        if addition is None:
            return cls(world, None, whole, np.ones(whole.n), delta)
        design = stacked(whole, addition.design(world.model, name))
        precision = 1.0
        if addition.deviation is not None:
            precision = (world.quality**2 + world.error**2) / addition.deviation**2
            design = with_level(design, whole.n)
        weights = np.concatenate([np.ones(whole.n), np.full(addition.runs, precision)])
        return cls(world, addition, design, weights, delta * whole.n / float(weights.sum()))

    def theta(self, number: int) -> Array:
        """Return the estimate (p,) of a simulated data set, by its number."""
        world, n = self.world, self.world.task.design.n
        papers = int(world.task.papers.max()) + 1
        rng = np.random.default_rng(seed_of("settling", world.model.variant.name, str(number)))
        scatter = np.empty(self.design.n)
        scatter[:n] = world.quality * rng.standard_normal(papers)[world.task.papers]
        scatter[:n] += world.error * rng.standard_normal(n)
        m = self.design.n - n
        if self.addition is not None:
            own = float(np.hypot(world.quality, world.error))
            scatter[n:] = (self.addition.deviation or own) * rng.standard_normal(m)
        start = np.zeros(self.design.p)
        start[: len(world.theta)] = world.theta
        response = predict(self.design, start) + scatter
        fit = solve(self.design, response, self.delta, self.weights, warm=start[None])
        return fit.theta[: len(world.theta)]


def stacked(first: Design, second: Design) -> Design:
    """Return a design on the rows of two of the same variant."""
    if first.parameters != second.parameters:
        raise AssertionError(f"{second.parameters} where {first.parameters} belong")
    return replace(
        first,
        columns=np.hstack([first.columns, second.columns]),
        offset=np.hstack([first.offset, second.offset]),
        multiplier=np.concatenate([first.multiplier, second.multiplier]),
    )


def with_level(design: Design, start: int) -> Design:
    """Return a design whose rows from ``start`` on have a level of their own, free of penalty."""
    column = (np.arange(design.n) >= start).astype(float)
    m = len(design.columns)
    return replace(
        design,
        parameters=(*design.parameters, LEVEL),
        columns=np.vstack([design.columns, column]),
        parameter_of_column=np.append(design.parameter_of_column, design.p),
        terms=(*design.terms, Term(False, m, m + 1)),
        offset=np.vstack([design.offset, np.zeros(design.n)]),
        free=design.free | {LEVEL},
    )


def settling_table(world: World, additions: Mapping[str, Addition], data_sets: int) -> pl.DataFrame:
    """Return the table `settling`: the spread of estimates without an addition, and with each."""
    form = Doubling.of(world.model)
    truth = form.growth(world.theta[None])
    widths: dict[str, float] = {}

    def rows() -> Iterator[dict[str, Any]]:
        for name, addition in {NONE: None, **additions}.items():
            enlarged = Enlarged.of(world, addition, name)
            drawn = form.growth(np.array([enlarged.theta(i) for i in range(data_sets)]))
            for definition, growth in drawn.items():
                known = percentiles(growth[~np.isnan(growth)])
                width = known.high[-1] - known.low[-1]
                true = float(truth[definition][0])
                yield {
                    "scenario": name,
                    "definition": definition,
                    "runs": addition.runs if addition else 0,
                    "true_growth": true,
                    "true_months": float(doubling_months(true)),
                    **doubling_interval(known).columns(),
                    **known.columns("growth_"),
                    "width": width,
                    "ratio": width / widths.setdefault(definition, width),
                }

    return frame_of(SETTLING, rows())
