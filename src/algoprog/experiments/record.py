"""The record of published systems as one model of a sample, for comparison with sweeps.

A record model is a variant with two exponentials on a sample, maybe with an irreducible loss, maybe
with exponents held. The module knows its fit, its resamples, and two kinds of growth; it knows no
sweeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.estimators.converged import Fit, thorough
from algoprog.estimators.replicates import EFFORT, Effort, Replicates, solve_replicates
from algoprog.experiments.vocabulary import Level
from algoprog.model.compiling import compile_variant
from algoprog.model.design import Design
from algoprog.model.growth import Elasticity, elasticities, growth_rates
from algoprog.model.model import Model, Observations
from algoprog.model.points import coordinates, tropical_year
from algoprog.model.variant import Variant
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.scheme import weights_of

Array = NDArray[np.float64]

STARTS_WHERE_HELD = 4
# Linear terms of an irreducible loss: one for all benchmarks, or one for each.
_LEVELS: dict[str, dict[str, str | int]] = {
    "none": {},
    "common": {"irreducible": 1},
    "own": {"irreducible": "1 + b"},
}
# What moves with a unit of time, of ln N and of ln D, each token read once.
_MOVES = {
    "t": ("t", "Y"),
    "n": ("n", "c"),
    "d": ("d", "d_seen", "d_effective", "c"),
}


@dataclass(frozen=True)
class System:
    """A system at which elasticities are compared: counts, and the date of its publication."""

    name: str
    parameters: float
    tokens: float
    published: str


@dataclass(frozen=True)
class Record:
    """A model of a sample, and the penalty with which it is fitted.

    ``exponents`` names the variant's exponents of parameters and of data.
    """

    base: Model
    delta: float
    seen: Observations
    exponents: tuple[str, str]

    @classmethod
    def of(
        cls,
        sample: pl.DataFrame,
        benchmarks: Plain,
        variant: str,
        spec: Plain,
        delta: float,
        exponents: tuple[str, str] = ("alpha_param", "beta_data"),
    ) -> Record:
        """Return the record of a sample, with each row's own perplexity as the response."""
        known = Sample("record", sample, Benchmarks.of(benchmarks))
        base = Model.of(Variant.of(variant, spec), known)
        return cls(base, delta, base.observed("own"), exponents)

    def model(self, level: Level = "none", exponents: Array | None = None) -> RecordModel:
        """Return the model with an irreducible loss, and with exponents (2,) held if given.

        Raises
        ------
        InputError
            for a variant whose growth has no closed form.
        """
        variant, units = self.base.variant, self.base.units
        if level != "none":
            variant = variant.with_linear(_LEVELS[level])
        if exponents is not None:
            held = dict(
                zip(self.exponents, np.asarray(exponents, dtype=float).tolist(), strict=True)
            )
            variant = variant.holding(held)
        parts = elasticities(variant, units, units.baseline)
        if parts is None or {part.quantity for part in parts} != {"parameters", "data"}:
            fix = "name a variant with one exponential in parameters and one in data, such as m07"
            raise InputError("config.yaml", "sweeps.record.variant", variant.name, fix)
        model = self.base.with_variant(variant)
        return RecordModel(self, level, variant, model.design, tuple(parts))

    def rows(self, kept: NDArray[np.bool_]) -> Record:
        """Return the record on some of its rows, in the units of all of them."""
        sample = self.base.sample
        part = replace(self.base, sample=sample.with_rows(sample.rows.filter(pl.Series(kept))))
        return Record(part, self.delta, part.observed("own"), self.exponents)

    @property
    def papers(self) -> int:
        """Number of papers."""
        return int(self.seen.papers.max()) + 1

    def weights(self, seed: int, draws: int) -> Array:
        """Return row weights (draws, n) of resampled papers, the same for every model."""
        return weights_of(
            seed, self.base.variant.name, self.delta, range(draws), self.seen.papers, "papers"
        )


@dataclass(frozen=True)
class RecordModel:
    """A record's variant with an irreducible loss (``level``) and maybe held exponents."""

    record: Record
    level: Level
    variant: Variant
    design: Design
    parts: tuple[Elasticity, ...]

    @property
    def response(self) -> Array:
        """Ln perplexity (n,)."""
        return self.record.seen.response

    def fit(self) -> Fit:
        """Return the certified minimum of the penalised objective."""
        return thorough(self.design, self.response, self.record.delta)

    def refit(self, weights: Array, minima: Array) -> Replicates:
        """Return the fits under weights (r, n), from the minima of the fit to all rows.

        With its exponents held a model has fewer minima, so fewer starts find the best.
        """
        held = set(self.record.exponents) <= set(self.variant.hold)
        effort = Effort(STARTS_WHERE_HELD, 0, 0) if held else EFFORT
        return solve_replicates(
            self.design, self.response, self.record.delta, weights, minima, effort
        )

    def exponents(self, theta: Array) -> Array:
        """Return the exponents of parameters and data (r, 2) of theta (r, p)."""
        names = self.design.parameters
        return theta[:, [names.index(name) for name in self.record.exponents]]

    def closed_form(self, theta: Array) -> Array:
        """Return alpha_t / alpha + beta_t / beta per year (r,) of theta (r, p)."""
        return growth_rates(list(self.parts), theta)["compute"]

    @cached_property
    def _growth(self) -> OwnAllocation:
        """Growth at the rows of its sample."""
        return OwnAllocation.of(self.record.base.with_variant(self.variant))

    def own_allocation(self, theta: Array, weights: Array | None = None) -> Array:
        """Return growth at the records' own allocation per year (r,) of theta (r, p).

        Parameters and data both grow as the root of compute (specification 5b), over rows with
        weights (r, n) or (1, n). A draw whose loss does not fall with compute is NaN.
        """
        return self._growth.growth(theta, weights=weights)

    def at(self, systems: list[System]) -> Points:
        """Return the model at systems on the baseline benchmark, each at its own date."""
        units = self.record.base.units
        origin = units.origin
        where = coordinates(
            origin,
            np.log([system.parameters for system in systems]),
            np.log([system.tokens for system in systems]),
            np.array([tropical_year(system.published) for system in systems]),
        )
        m = len(systems)
        return Points.of(self, {
            **where,
            "b": [units.baseline] * m,
            "T": np.ones(m),
            "Y": where["t"] + origin.first_year,
            "V": np.full(m, float(units.vocabulary(units.baseline))),
        })  # fmt: skip


@dataclass(frozen=True)
class Points:
    """A record model at m points, and how its linear predictors move with time and scale.

    ``moved`` holds, for t, n and d, the design one unit further on.
    """

    design: Design
    moved: Mapping[str, Design]

    @classmethod
    def of(cls, model: RecordModel, values: Plain) -> Points:
        """Return the model at points given by their variables."""
        levels = model.record.base.units.levels

        def at(point: Plain) -> Design:
            return compile_variant(model.variant, dict(point), levels)

        moved = {
            along: at({**values, **{name: np.asarray(values[name]) + 1.0 for name in names}})
            for along, names in _MOVES.items()
        }
        return cls(at(values), moved)

    def fall(self, theta: Array, along: str) -> Array:
        """Return -dL/dx (r, m) in nats for x = t (years), n (ln N) or d (ln D).

        The linear predictors of a closed form are affine in x, so a unit step is their slope.
        """
        total = np.zeros((len(theta), self.design.n))
        for k, term in enumerate(self.design.terms):
            part = slice(term.start, term.stop)
            owners = self.design.parameter_of_column[part]
            here, there = self.design, self.moved[along]
            slope = theta[:, owners] @ (there.columns[part] - here.columns[part])
            slope = slope + there.offset[k] - here.offset[k]
            if term.exponential:
                eta = theta[:, owners] @ here.columns[part] + here.offset[k]
                slope = slope * np.exp(eta)
            total -= slope
        return total

    def elasticity(self, theta: Array) -> Array:
        """Return -dL/d ln C (r, m) in nats where N and D both grow as the root of compute."""
        return (self.fall(theta, "n") + self.fall(theta, "d")) / 2
