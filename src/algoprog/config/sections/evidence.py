"""What the records determine: the penalty's part, unobserved quality, and leverage of records."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from algoprog.common.section import Section
from algoprog.config.references import INHERITED, Inherits
from algoprog.config.sections.fits import EnabledSample, EnabledVariant
from algoprog.config.types import Delta, distinct


class Penalty(Section):
    """The same law under other units, origins and penalised parameters."""

    deltas: Annotated[list[Delta], Field(min_length=1), AfterValidator(distinct)]


class Evidence(Section):
    """What one model's answer rests on; sample, variant and delta are the headline's."""

    enabled: bool = True
    sample: Annotated[EnabledSample, Inherits("headline.sample")] = INHERITED
    variant: Annotated[EnabledVariant, Inherits("headline.variant")] = INHERITED
    delta: Annotated[Delta, Inherits("headline.delta")] = INHERITED
    penalty: Penalty
