"""Whether intervals hold, on simulated data, and how far the data tell doubling times apart."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from algoprog.common.section import Count, JobCount, Section
from algoprog.config.references import INHERITED, Inherits, Ref
from algoprog.config.types import Delta, Estimator, Name, Positive, distinct

Scaled = Annotated[float, Field(gt=0)]  # infinity allowed: no progress, an infinite doubling time


class CoverageCell(Section):
    """An estimator and a resampling whose intervals are judged."""

    estimator: Estimator
    resampling: Literal["rows", "papers", "signs"] = Field(
        description="signs: of papers, the set that a restricted wild cluster bootstrap accepts."
    )
    replicates: Count
    data_sets: Count = Field(description="For each world and true doubling time.")
    worlds: list[Annotated[Name, Ref("coverage.worlds")]] | None = Field(
        default=None, description="By default all."
    )


class CoverageWorld(Section):
    """What simulated data are like, besides their doubling time."""

    degrees_of_freedom: Annotated[float, Field(gt=2)] = Field(
        default=5, description="Of Student's t errors."
    )
    errors: Literal["drawn", "residuals"] = Field(
        default="drawn", description="residuals: the records', a random sign for each paper."
    )
    by_benchmark: bool = Field(
        default=False, description="Errors as large on each benchmark as its residuals are."
    )
    split: float | None = Field(
        default=None, description="Share of growth that is of parameters; by default the fit's own."
    )


class HistoryCoverage(Section):
    """Simulated record histories of known rate, in nine worlds."""

    records: Annotated[list[Count], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Records expected in the window."
    )
    histories: Count = Field(description="Of each world and number of records.")


class Coverage(Section):
    """Simulated data of known doubling time, and how often intervals hold it."""

    sample: Annotated[Name, Ref("samples"), Inherits("headline.sample")] = INHERITED
    variant: Annotated[Name, Ref("variants"), Inherits("headline.variant")] = INHERITED
    delta: Annotated[Delta, Inherits("headline.delta")] = INHERITED
    worlds: Annotated[dict[Name, CoverageWorld], Field(min_length=1)]
    doubling_months: Annotated[list[Scaled], Field(min_length=1), AfterValidator(distinct)]
    shards: JobCount
    cells: Annotated[dict[Name, CoverageCell], Field(min_length=1)]
    record_histories: HistoryCoverage


class Profiles(Section):
    """The objective along the doubling time, of the headline's model and the members of a pool."""

    pool: Annotated[Name, Ref("pools")]
    doubling_months: Annotated[list[Scaled], Field(min_length=1), AfterValidator(distinct)]
    losses: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Relative losses of fit whose ranges are given."
    )
