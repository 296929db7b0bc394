"""What the records determine: the penalty's part, unobserved quality, and leverage of records."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from algoprog.common.section import MOST, Count, Section
from algoprog.config.references import INHERITED, Inherits, Ref
from algoprog.config.sections.fits import EnabledSample, EnabledVariant
from algoprog.config.types import Delta, Name, Positive, distinct


def _rising(ends: list[float]) -> list[float]:
    """The two ends, refused where the first is above the second."""
    if ends[0] > ends[1]:
        raise PydanticCustomError("range", "write the lower end first, then the higher")
    return ends


Range = Annotated[list[Positive], Field(min_length=2, max_length=2), AfterValidator(_rising)]


class Penalty(Section):
    """The same law under other units, origins and penalised parameters."""

    deltas: Annotated[list[Delta], Field(min_length=1), AfterValidator(distinct)]


class Endogeneity(Section):
    """Quality that nobody observed, and compute that follows it."""

    linear: Annotated[Name, Ref("variants")] = Field(
        description="The simple law beside the headline's, fitted without a penalty."
    )
    correlations: Annotated[
        list[Annotated[float, Field(gt=-1, lt=1)]], Field(min_length=1), AfterValidator(distinct)
    ] = Field(description="Of latent quality with ln C, given benchmark and date: simulated.")
    data_sets: Annotated[int, Field(ge=2, le=MOST)] = Field(
        description="For each correlation and law."
    )


class Identification(Section):
    """Which records identify the answer."""

    tokens: Positive = Field(description="Records with more tokens are those of large data.")


class Addition(Section):
    """Further records or runs, even in date and in the logarithms of the rest."""

    runs: Count
    years: Range = Field(description="First and last calendar year of the algorithms.")
    compute: Range = Field(description="Least and most training compute, FLOP.")
    tokens_per_parameter: Range
    deviation: Positive | None = Field(
        default=None,
        description=(
            "Of errors (nats) within one study, weighted by precision, with a level of its own; "
            "without it each run is a paper that scatters as the records do."
        ),
    )


class Settling(Section):
    """How far estimates spread, simulated, once there is more to estimate from."""

    data_sets: Annotated[int, Field(ge=2, le=MOST)] = Field(description="For each scenario.")
    scenarios: dict[Name, Addition]


class Evidence(Section):
    """What one model's answer rests on; sample, variant and delta are the headline's."""

    enabled: bool = True
    sample: Annotated[EnabledSample, Inherits("headline.sample")] = INHERITED
    variant: Annotated[EnabledVariant, Inherits("headline.variant")] = INHERITED
    delta: Annotated[Delta, Inherits("headline.delta")] = INHERITED
    penalty: Penalty
    endogeneity: Endogeneity
    identification: Identification
    settling: Settling
