"""The headline with one choice changed, check by check."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from algoprog.common.section import Section
from algoprog.config.conditions import Condition
from algoprog.config.references import Ref
from algoprog.config.sections.changes import Pair, Replicates, SharedChange
from algoprog.config.types import Estimator, Formula, Name, Number, Parameter, Positive, Resampling

HEADLINE = "headline"  # the check that changes nothing


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


class Change(SharedChange):
    """What a check changes of the headline."""

    include: list[Annotated[Name, Ref("samples.{headline.sample}.exclusions")]] = Field(
        default=[], description="Exclusions of the sample that are lifted."
    )
    where: Condition | None = Field(
        default=None,
        description="A SQL condition on the sample's rows; `year` is the calendar year.",
    )
    linear: dict[Parameter, Formula] | None = Field(default=None, description="Terms added.")
    hold: dict[Parameter, Number] | None = None
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


class Sensitivity(Section):
    """The headline with one choice changed, check by check."""

    replicates: ByEstimator
    resampling: ResamplingByEstimator
    systems: Pair = Field(description="Between which the compute share is taken.")
    only: list[Annotated[Name, Ref("sensitivity.checks")]] | None = Field(
        default=None, description="Checks that are made; default all."
    )
    checks: dict[CheckName, dict[Name, Change]]

    @property
    def made(self) -> list[str]:
        """Names of the checks that are made."""
        return list(self.checks) if self.only is None else self.only
