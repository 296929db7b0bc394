"""A model: a variant on a sample, in that sample's units. What is fitted, and read off a fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.model.compiling import compile_variant
from algoprog.model.design import Design
from algoprog.model.growth import ClosedForm
from algoprog.model.units import Units
from algoprog.model.variant import Variant
from algoprog.records.sample import Sample

if TYPE_CHECKING:
    from algoprog.model.exponents import Exponents
    from algoprog.model.surface import Surface

Array = NDArray[np.float64]
Response = Literal["own", "first_available"]

_COLUMN = {"own": "perplexity", "first_available": "perplexity_first_available"}


@dataclass(frozen=True)
class Observations:
    """What an estimator sees of a sample: response ln(perplexity) and paper of each row."""

    response: NDArray[np.float64]
    papers: NDArray[np.int64]


def observations(rows: pl.DataFrame, response: str) -> Observations:
    """Return the chosen response of a sample's rows and their papers, numbered as they come."""
    order = {paper: i for i, paper in enumerate(dict.fromkeys(rows["paper"].to_list()))}
    return Observations(
        response=np.log(rows[_COLUMN[response]].to_numpy()),
        papers=np.array([order[paper] for paper in rows["paper"].to_list()], dtype=np.int64),
    )


@dataclass(frozen=True)
class Model:
    """A variant on a sample, in the units of the sample.

    Everything that depends on the variant and the sample alone is here: the design that an
    estimator runs on, the check of its size, and what growth is as a function of the parameters.
    """

    variant: Variant
    sample: Sample
    units: Units

    @classmethod
    def of(cls, variant: Variant, sample: Sample) -> Self:
        """Return a variant on a sample."""
        return cls(variant, sample, Units.of(sample.rows, sample.benchmarks))

    def with_variant(self, variant: Variant) -> Model:
        """Return another variant on the same sample."""
        return replace(self, variant=variant)

    @cached_property
    def design(self) -> Design:
        """The variant compiled on the rows of the sample.

        Raises
        ------
        InputError
            as :func:`algoprog.model.compiling.compile_variant`.
        """
        return self.on(self.sample.rows)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the p free parameters, in the order of every theta."""
        return self.design.parameters

    def on(self, rows: pl.DataFrame) -> Design:
        """Return the variant compiled on other rows, in the units of the sample."""
        return compile_variant(self.variant, self.units.of_rows(rows), self.units.levels)

    def at(self, **values: float | str | Array | Sequence[float]) -> Design:
        """Return the variant compiled at points (:meth:`algoprog.model.units.Units.of_points`)."""
        points = self.units.of_points(self.variant.variables, **values)
        return compile_variant(self.variant, points, self.units.levels)

    def observed(self, response: str) -> Observations:
        """Return the response (``own`` or ``first_available``) and the paper of each row."""
        return observations(self.sample.rows, response)

    def check_size(self, rows: int | None = None, place: str | None = None) -> None:
        """Refuse fewer rows (those of the sample, or ``rows``) than there are parameters.

        ``place`` is where the sample stands in the configuration, if not under ``samples``.
        """
        n = self.design.n if rows is None else rows
        if n < self.design.p:
            sample = f"samples.{place or self.sample.name}"
            raise InputError(
                "config.yaml",
                f"{sample} with variants.{self.variant.name}",
                f"{n} rows for {self.design.p} parameters",
                "use a larger sample or a smaller variant",
            )

    @cached_property
    def closed_form(self) -> ClosedForm | None:
        """Growth of effective compute in closed form; None where it has none."""
        return ClosedForm.of(self.variant, self.units)

    @cached_property
    def surface(self) -> Surface:
        """Predicted loss as a function of the parameters and of any point."""
        from algoprog.model.surface import Surface

        return Surface.of(self)

    def exponents(self, benchmark: str) -> Exponents | None:
        """Return the exponents on a benchmark as polynomials; None where they are not."""
        from algoprog.model.exponents import Exponents

        return Exponents.of(self, benchmark)
