"""Whether intervals hold, on simulated data, and how far the data tell doubling times apart."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from algoprog.common.section import Count, Section
from algoprog.config.references import INHERITED, Inherits, Ref
from algoprog.config.types import Delta, Estimator, Name, Positive, distinct

Scaled = Annotated[float, Field(gt=0)]  # infinity allowed: no progress, an infinite doubling time


class CoverageCell(Section):
    """An estimator and a resampling whose intervals are judged."""

    estimator: Estimator
    resampling: Literal["rows", "papers", "none"] = Field(
        description="none: the range of the profile."
    )
    replicates: Annotated[int, Field(ge=0)]
    data_sets: Count = Field(description="For each true doubling time.")


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
    degrees_of_freedom: Annotated[float, Field(gt=2)] = Field(description="Of Student's t errors.")
    doubling_months: Annotated[list[Scaled], Field(min_length=1), AfterValidator(distinct)]
    shards: Count
    cells: Annotated[dict[Name, CoverageCell], Field(min_length=1)]
    record_histories: HistoryCoverage


class CriticalLosses(Section):
    """Relative losses of fit whose ranges are intervals of 90 and 95 %, for one model."""

    sample: Annotated[Name, Ref("samples")]
    variant: Annotated[Name, Ref("variants")]
    delta: Delta
    loss90: Positive
    loss95: Positive


class Profiles(Section):
    """The objective along the doubling time, of the headline's model and the members of a pool."""

    pool: Annotated[Name, Ref("pools")]
    doubling_months: Annotated[list[Scaled], Field(min_length=1), AfterValidator(distinct)]
    losses: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Relative losses of fit whose ranges are given."
    )
