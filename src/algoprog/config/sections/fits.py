"""The headline, its bootstraps, cross-validation and the pools of best models."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from algoprog.common.section import MOST, Count, JobCount, Section
from algoprog.config.references import INHERITED, Inherits, Ref
from algoprog.config.types import Delta, Estimator, Name, Resampling, Scheme, distinct

EnabledSample = Annotated[Name, Ref("samples", enabled=True)]
EnabledVariant = Annotated[Name, Ref("variants", enabled=True)]


class Headline(Section):
    """The model of the headline, said once, and the bootstrap analyses the report opens with.

    Whatever is of this model takes sample, variant and delta from here.
    """

    sample: EnabledSample
    variant: EnabledVariant
    delta: Annotated[Delta, Ref("deltas")] = Field(description="Weight of the penalty.")
    converged: Annotated[Name, Ref("bootstrap.analyses", enabled=True, estimator="converged")] = (
        Field(description="The analysis whose interval is the headline's.")
    )
    published: Annotated[Name, Ref("bootstrap.analyses", enabled=True, estimator="published")] = (
        Field(description="The published procedure's, shown beside it.")
    )


class Analysis(Section):
    """One bootstrap: of which fit, how resampled, how many draws."""

    enabled: bool = True
    sample: Annotated[EnabledSample, Inherits("headline.sample")] = INHERITED
    variant: Annotated[EnabledVariant, Inherits("headline.variant")] = INHERITED
    delta: Annotated[Delta, Ref("deltas"), Inherits("headline.delta")] = INHERITED
    estimator: Annotated[Estimator, Ref("samples.{self.sample}.estimators")]
    resampling: Resampling
    replicates: Annotated[int, Field(ge=2, le=MOST)]


class Bootstrap(Section):
    """The draws."""

    shards: JobCount = Field(description="Jobs an analysis is cut into; changes no result.")
    analyses: dict[Name, Analysis]


class Jobs(Section):
    """What one job does, one after another, for starting one costs a second; changes no result."""

    analyses: Count = Field(
        description="Numbers in a family of bootstrap analyses that one job draws: 1 to 5, 6 to 10."
    )
    deltas: dict[Name, list[Delta]] = Field(
        description="Penalties that one job fits or cross-validates; one in none has its own job."
    )
    checks: dict[Name, list[Name]] = Field(
        description="Batches of single checks; one in none has its own job."
    )


class CrossValidation(Section):
    """Held-out errors of every variant at every delta."""

    enabled: bool = True
    sample: Annotated[EnabledSample, Inherits("headline.sample")] = INHERITED
    schemes: Annotated[list[Scheme], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="published_split (published estimator); leave out rows or papers (converged)."
    )


class TemporalHoldOut(Section):
    """Fits to the records before a year, and their errors on the records from then on."""

    enabled: bool = True
    sample: Annotated[EnabledSample, Inherits("headline.sample")] = INHERITED
    cutoffs: Annotated[
        list[Annotated[int, Field(ge=1950, le=2100)]], Field(min_length=1), AfterValidator(distinct)
    ] = Field(description="Calendar years: 1 January of each.")
    reference: Annotated[Name, Ref("variants")] = Field(
        description="The variant that errors are compared with, enabled or not."
    )


class Pool(Section):
    """The best models of a scheme of cross-validation, each drawn anew; their draws, pooled."""

    enabled: bool = True
    scheme: Annotated[Scheme, Ref("cross_validation.schemes")] = Field(
        description="By whose held-out error models are ranked."
    )
    variants: (
        Annotated[
            list[EnabledVariant],
            Field(min_length=1),
            AfterValidator(distinct),
        ]
        | None
    ) = Field(default=None, description="Candidates; default: every enabled variant.")
    size: Count = Field(description="How many of the best.")
    estimator: Annotated[Estimator, Ref("samples.{cross_validation.sample}.estimators")]
    resampling: Resampling
    replicates: Annotated[int, Field(ge=2, le=MOST)]
