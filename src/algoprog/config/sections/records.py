"""Benchmarks, corrections, exclusions and samples: what the records are, and which are used.

Sources have a module of their own, :mod:`algoprog.config.sections.sources`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from algoprog.common.section import Count, Section, Text
from algoprog.config.conditions import Condition
from algoprog.config.references import Ref
from algoprog.config.types import Estimator, Name, RecordField, Response, Scalar, distinct


class Benchmark(Section):
    """One test set."""

    label: Text = Field(description="Name shown in tables and figures.")
    vocabulary: Count | None = Field(
        default=None, description="Tokens; stands in for a system's blank vocabulary."
    )


class Benchmarks(Section):
    """The test sets, in the order the records are put in."""

    baseline: Annotated[Name, Ref("benchmarks.definitions")] = Field(
        description="The benchmark without a dummy in the formulas."
    )
    definitions: Annotated[dict[Name, Benchmark], Field(min_length=1)]


class Correction(Section):
    """A fact that a source has wrong, set on every record that matches."""

    enabled: bool = True
    match: Annotated[dict[RecordField, Scalar], Field(min_length=1)]
    set: Annotated[dict[RecordField, Scalar], Field(min_length=1)]
    reason: Text


class Exclusion(Section):
    """Why a record is left out of a sample."""

    where: Condition = Field(description="A SQL condition on the fields of a record.")
    reason: Text


class ResponseByEstimator(Section):
    """The perplexity each estimator explains."""

    published: Response
    converged: Response


class Sample(Section):
    """The records an analysis is made on."""

    enabled: bool = True
    exclusions: Annotated[list[Annotated[Name, Ref("exclusions")]], AfterValidator(distinct)] = (
        Field(description="In the order they apply; a record leaves by the first that holds.")
    )
    models_per_paper: Count | None = Field(
        description="The first so many rows of each paper by ascending perplexity; null: all."
    )
    response: ResponseByEstimator
    estimators: Annotated[list[Estimator], Field(min_length=1), AfterValidator(distinct)]
