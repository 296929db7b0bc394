"""The full cross of choices."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from algoprog.common.section import Count, Section
from algoprog.config.references import INHERITED, Inherits, Ref
from algoprog.config.sections.changes import Pair, Replicates, SharedChange
from algoprog.config.types import Estimator, Name, Resampling


class Level(SharedChange):
    """What a level of a choice of the multiverse changes."""

    estimator: Estimator | None = None
    include: list[Annotated[Name, Ref("samples.{multiverse.sample}.exclusions")]] = Field(
        default=[], description="Exclusions of the sample that are lifted."
    )
    only: dict[Name, list[Any]] | None = Field(
        default=None, description="Levels of other choices it goes with."
    )


class MultiverseBootstrap(Section):
    """Draws of a stratified subset."""

    per_level: Count = Field(description="Specifications drawn for each level of each choice.")
    replicates: Replicates
    resampling: Resampling


class Averaging(Section):
    """Models averaged by held-out error."""

    replicates: Replicates


class Multiverse(Section):
    """The full cross of choices."""

    sample: Annotated[Name, Ref("samples"), Inherits("headline.sample")] = INHERITED
    base: Level = Level()
    choices: Annotated[dict[Name, list[Any] | dict[Name, Level]], Field(min_length=1)]
    batches: dict[Name, dict[Name, list[Any]]] = Field(
        default={}, description="Levels fitted in one job; others get jobs of their own."
    )
    systems: Pair
    bootstrap: MultiverseBootstrap
    averaging: Averaging
