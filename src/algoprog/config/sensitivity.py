"""The sections of `config.yaml` on choices: single checks, the multiverse, what intervals cover.

It knows what each entry may hold; what refers to other sections is
:mod:`algoprog.config.document`'s.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from algoprog.common.section import Count, Section, Text
from algoprog.config.types import (
    Delta,
    Estimator,
    Formula,
    Name,
    Number,
    Parameter,
    Positive,
    Resampling,
    Response,
    distinct,
)

HEADLINE = "headline"  # the check that changes nothing
Replicates = Annotated[int, Field(ge=2)]
Scaled = Annotated[float, Field(gt=0)]  # infinity allowed: no progress, an infinite doubling time


def _check_name(value: str) -> str:
    if value == HEADLINE:
        raise PydanticCustomError("name", "choose another name: what nothing changes is called so")
    return value


CheckName = Annotated[Name, AfterValidator(_check_name)]


class Huber(Section):
    """Where Huber's loss turns from squares to absolute values."""

    k: Positive | None = Field(default=None, description="Nats.")
    scales: Positive | None = Field(default=None, description="Robust scales of the residuals.")

    @model_validator(mode="after")
    def _one(self) -> Huber:
        if (self.k is None) == (self.scales is None):
            raise PydanticCustomError("huber", "give one of `k` (nats) and `scales`")
        return self


class Change(Section):
    """What a check changes of the headline."""

    models_per_paper: Count | None = None
    keep: list[Name] = Field(default=[], description="Exclusions that are not applied.")
    where: Text | None = Field(
        default=None,
        description="A SQL condition on the sample's rows; `year` is the calendar year.",
    )
    response: Response | None = None
    variant: Name | None = None
    data: Literal["d", "d_seen", "d_effective"] | None = Field(
        default=None, description="In place of d."
    )
    linear: dict[Parameter, Formula] | None = Field(default=None, description="Terms added.")
    hold: dict[Parameter, Number] | None = None
    delta: Delta | None = None
    huber: Huber | None = None
    correlated: bool | None = None
    resampling: Resampling | None = None
    estimators: list[Estimator] | None = Field(default=None, description="Those it is for.")

    @model_validator(mode="after")
    def _one_loss(self) -> Change:
        if self.huber and self.correlated:
            raise PydanticCustomError("loss", "give one of `huber` and `correlated`")
        return self


class ByEstimator(Section):
    """Draws of each estimator's checks; an estimator left out has no checks."""

    published: Replicates | None = None
    converged: Replicates | None = None


class ResamplingByEstimator(Section):
    """What each estimator resamples."""

    published: Resampling = "rows"
    converged: Resampling = "papers"


Pair = Annotated[list[Text], Field(min_length=2, max_length=2)]


class Sensitivity(Section):
    """The headline with one choice changed, check by check."""

    replicates: ByEstimator
    resampling: ResamplingByEstimator
    systems: Pair = Field(description="Between which the compute share is taken.")
    only: list[Name] | None = Field(default=None, description="Checks that are made; default all.")
    checks: dict[CheckName, dict[Name, Change]]

    @property
    def made(self) -> list[str]:
        """Names of the checks that are made."""
        return list(self.checks) if self.only is None else self.only


class Level(Section):
    """What a level of a choice of the multiverse changes."""

    variant: Name | None = None
    delta: Delta | None = None
    estimator: Estimator | None = None
    models_per_paper: Count | None = None
    response: Response | None = None
    tokens: Literal["once", "seen", "effective"] | None = None
    include: list[Name] | None = Field(default=None, description="Exclusions not applied.")
    exclude: list[Name] | None = Field(default=None, description="Exclusions applied as well.")
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

    sample: Name
    base: Level = Level()
    choices: Annotated[dict[Name, list[Any] | dict[Name, Level]], Field(min_length=1)]
    batches: dict[Name, dict[Name, list[Any]]] = Field(
        default={}, description="Levels fitted in one job; others get jobs of their own."
    )
    systems: Pair
    bootstrap: MultiverseBootstrap
    averaging: Averaging


class CoverageCell(Section):
    """An estimator and a resampling whose intervals are judged."""

    estimator: Estimator
    resampling: Literal["rows", "papers", "none"] = Field(
        description="none: the range of the profile."
    )
    replicates: Annotated[int, Field(ge=0)]
    data_sets: Count = Field(description="For each true doubling time.")


class Coverage(Section):
    """Simulated data of known doubling time, and how often intervals hold it."""

    sample: Name
    variant: Name
    delta: Delta
    degrees_of_freedom: Annotated[float, Field(gt=2)] = Field(description="Of Student's t errors.")
    doubling_months: Annotated[list[Scaled], Field(min_length=1), AfterValidator(distinct)]
    shards: Count
    cells: Annotated[dict[Name, CoverageCell], Field(min_length=1)]


class CriticalLosses(Section):
    """Relative losses of fit whose ranges are intervals of 90 and 95 %, for one model."""

    sample: Name
    variant: Name
    delta: Delta
    loss90: Positive
    loss95: Positive


class Profiles(Section):
    """The objective along the doubling time, of the headline's model and the members of a pool."""

    pool: Name
    doubling_months: Annotated[list[Scaled], Field(min_length=1), AfterValidator(distinct)]
    losses: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Relative losses of fit whose ranges are given."
    )
