"""Sets of growths by inverting a restricted wild cluster bootstrap."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from algoprog.common.section import MOST, Count, Section
from algoprog.config.references import INHERITED, Inherits, Ref
from algoprog.config.types import Name
from algoprog.robustness.names import Quantity


class GrowthGrid(Section):
    """The growths that are tested, per year, even from `low` to `high`."""

    low: float = Field(description="Well below 0.")
    high: float = Field(description="Well above the largest plausible growth.")
    values: Annotated[int, Field(ge=3, le=MOST)] = Field(
        description="Growths from `low` to `high`."
    )
    refinements: Annotated[int, Field(ge=0, le=MOST)] = Field(
        description="How often the neighbours between which p crosses a level are halved."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low, {self.low:g}, must be below high, {self.high:g}")
        return self


class SetOfGrowths(Section):
    """One set: of whose growth, and which growth."""

    enabled: bool = True
    analysis: Annotated[
        Name,
        Ref("bootstrap.analyses", enabled=True, estimator="converged"),
        Inherits("headline.converged"),
    ] = INHERITED
    quantity: Quantity = Field(
        description="`closed_form` of compute takes seconds; any other growth takes minutes."
    )


class ConfidenceSets(Section):
    """Sets of growths that a restricted wild cluster bootstrap accepts, of any scalar growth."""

    replicates: Count = Field(description="Draws for each growth that is tested.")
    growth: GrowthGrid
    sets: dict[Name, SetOfGrowths]
