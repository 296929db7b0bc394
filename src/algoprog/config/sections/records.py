"""Benchmarks, corrections, exclusions and samples: what the records are, and which are used.

Sources have a module of their own, :mod:`algoprog.config.sections.sources`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from algoprog.common.section import MOST, Count, Section, Text
from algoprog.config.conditions import Condition
from algoprog.config.references import Ref
from algoprog.config.types import (
    Date,
    Estimator,
    Name,
    Number,
    Positive,
    RecordField,
    Response,
    Scalar,
    distinct,
)


def _ordered(ends: list[float | None]) -> list[float | None]:
    if None not in ends and ends[0] > ends[1]:  # type: ignore[operator]
        raise PydanticCustomError("range", "give the least value first")
    return ends


_Two = Field(min_length=2, max_length=2)
_Numbers = Annotated[list[int | Number | None], _Two, AfterValidator(_ordered)]
_Dates = Annotated[list[Date | None], _Two, AfterValidator(_ordered)]


class Ranges(Section):
    """The least and the greatest value of fields of a record; null: that end is open."""

    published: _Dates | None = None
    perplexity: _Numbers | None = None
    parameters: _Numbers | None = None
    dataset_tokens: _Numbers | None = None
    epochs: _Numbers | None = None
    vocabulary: _Numbers | None = None
    training_compute: _Numbers | None = None


class Values(Section):
    """Which values can be right, and which the run warns of."""

    possible: Ranges = Field(description="Outside these a record is refused.")
    plausible: Ranges = Field(description="Outside these the run warns.")
    leap: Annotated[float, Field(gt=1, allow_inf_nan=False)] | None = Field(
        description=(
            "Warns of a perplexity more than so many times below every earlier one on its "
            "benchmark; null: never."
        )
    )
    years_before: Positive | None = Field(
        description=(
            "Warns of a date more than so many years before all others on its benchmark; "
            "null: never."
        )
    )
    compute_ratio: _Numbers | None = Field(
        description=(
            "Warns of training compute outside so many times 6 × parameters × tokens × epochs "
            "(1 epoch where their number is unknown); null: never."
        )
    )


class Repeats(Section):
    """What makes records of two sources one evaluation, besides the name of the system."""

    suspected: Literal["once", "twice"] = Field(
        description=(
            "How often an evaluation counts that two sources have under two names, with the same "
            "paper, benchmark and score; the run warns either way."
        )
    )
    days: Annotated[int, Field(ge=0, le=MOST)] = Field(
        description="Dates that are no further apart are near."
    )
    papers: Literal["loosely", "exactly"] = Field(
        description=(
            "loosely: titles of two sources that differ in case, blanks or punctuation, or that "
            "have one arXiv identifier, are one paper."
        )
    )


class Benchmark(Section):
    """One test set."""

    label: Text = Field(description="Name shown in tables and figures.")
    vocabulary: Count | None = Field(
        default=None, description="Tokens; stands in for a system's blank vocabulary."
    )
    possible: Ranges | None = Field(default=None, description="In place of values.possible, here.")
    plausible: Ranges | None = Field(
        default=None, description="In place of values.plausible, here."
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
    ranked_within: Literal["benchmark", "paper"] = Field(
        default="benchmark",
        description=(
            "What models_per_paper counts: rows of a paper on each benchmark, or all of a paper, "
            "by its systems' perplexity on the first benchmark they have (the published rule)."
        ),
    )
    variables: Annotated[list[Annotated[Name, Ref("variables")]], AfterValidator(distinct)] = Field(
        default=[],
        description="Of `variables`: a record without one of them is excluded.",
    )
    response: ResponseByEstimator
    estimators: Annotated[list[Estimator], Field(min_length=1), AfterValidator(distinct)]
