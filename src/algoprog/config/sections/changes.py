"""What single checks and the multiverse have in common: the words for a change of the headline."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from algoprog.common.section import MOST, Count, Section, Text
from algoprog.config.references import Ref
from algoprog.config.types import Delta, Name, Response

Replicates = Annotated[int, Field(ge=2, le=MOST)]
Pair = Annotated[list[Annotated[Text, Ref("shapley.systems")]], Field(min_length=2, max_length=2)]


class SharedChange(Section):
    """What is changed of a sample, a model or how tokens are counted; the same in both places."""

    models_per_paper: Count | None = Field(
        default=None, description="The first so many rows of each paper; null: all."
    )
    exclude: list[Annotated[Name, Ref("exclusions")]] = Field(
        default=[], description="Exclusions applied besides the sample's."
    )
    response: Response | None = Field(default=None, description="As of a sample.")
    variant: Annotated[Name, Ref("variants")] | None = None
    delta: Delta | None = None
    tokens: Literal["once", "seen", "effective"] | None = Field(
        default=None,
        description=(
            "What D counts: tokens seen once (D), all that are seen (D e), or effective ones "
            "(D E(e) / E(1)); e epochs, 1 where unknown. d and c follow."
        ),
    )
