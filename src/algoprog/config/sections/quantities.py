"""What is computed from fits and draws."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from algoprog.common.section import MOST, Count, Section, Text
from algoprog.config.references import Ref
from algoprog.config.types import Date, Name, Number, Positive, distinct

Analyses = Annotated[list[Annotated[Name, Ref("bootstrap.analyses")]], AfterValidator(distinct)]


class OptimalScaling(Section):
    """Where doubling times by optimal scaling are taken."""

    compute: Positive = Field(description="FLOP.")
    year: Number = Field(description="Calendar year as a real number.")


class OwnAllocation(Section):
    """Growth of effective compute where the records are."""

    since: Annotated[list[Annotated[int, Field(ge=1950, le=2100)]], AfterValidator(distinct)] = (
        Field(description="Calendar years; growth is also told over the records since each.")
    )


class System(Section):
    """A system as it was published."""

    parameters: Positive = Field(description="Count.")
    dataset_tokens: Positive = Field(description="Tokens of the training set, seen once.")
    published: Date
    architecture: Text | None = Field(
        default=None, description="Asked for by variants that tell architectures apart."
    )


class Shapley(Section):
    """Shapley shares of the fall in loss between every two systems."""

    analyses: Analyses
    systems: Annotated[dict[Text, System], Field(min_length=2)]


class Transformer(Section):
    """The transformer's effect on loss, as a multiplier of it, and the compute it saves."""

    analyses: Analyses
    pools: Annotated[list[Annotated[Name, Ref("pools")]], AfterValidator(distinct)] = Field(
        default=[], description="Pools whose members are fitted with the multiplier too."
    )
    pool_replicates: Annotated[int, Field(ge=2, le=MOST)] = Field(
        description="Draws of each member, at most."
    )
    forms: Annotated[
        list[Literal["multiplier", "factor"]], Field(min_length=1), AfterValidator(distinct)
    ] = Field(description="sigma(gamma), as published; exp(-kappa), penalised to no effect.")
    computes: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="FLOP."
    )
    year: Number


class EraSplit(Section):
    """Doubling times before and after a calendar year."""

    analyses: Analyses
    years: Annotated[list[int], Field(min_length=1), AfterValidator(distinct)]
    forms: Annotated[
        list[Literal["jump", "kink"]], Field(min_length=1), AfterValidator(distinct)
    ] = Field(description="jump: extra t from the year on, as published; kink: continuous.")


class Grid(Section):
    """Numbers evenly spaced on a logarithmic scale."""

    low: Positive
    high: Positive
    number: Annotated[int, Field(ge=2, le=MOST)]


class Frontiers(Section):
    """Curves of equal loss of the headline's model."""

    perplexities: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)]
    years: Annotated[list[Number], Field(min_length=1), AfterValidator(distinct)]
    dataset_tokens: Grid


class EffectiveCompute(Section):
    """Physical compute times algorithmic gain."""

    start: Number = Field(description="Year in which the algorithmic gain is 1.")
    years: Annotated[list[Number], Field(min_length=1), AfterValidator(distinct)]
    doubling_months: Positive = Field(description="Of physical compute.")
    anchor_year: Number
    anchor: Positive = Field(description="Physical compute in the anchor year.")


class AdditiveLaw(Section):
    """L = E + A/N^alpha + B/D^beta."""

    irreducible: Number
    parameter_coefficient: Positive
    parameter_exponent: Positive
    data_coefficient: Positive
    data_exponent: Positive


class NestedLaw(Section):
    """L = ((N_c/N)^(alpha_N/alpha_D) + D_c/D)^alpha_D."""

    name: Text
    parameter_scale: Positive
    parameter_exponent: Positive
    data_scale: Positive
    data_exponent: Positive


class Run(Section):
    """A training run: its compute, split into parameters and tokens by 6ND."""

    compute: Positive = Field(description="FLOP.")
    dataset_tokens: Positive


class Allocation(Section):
    """What an optimal split of compute is worth."""

    laws: Annotated[dict[Text, AdditiveLaw], Field(min_length=1)]
    baseline: NestedLaw
    computes: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)]
    systems: dict[Text, Run]


class DirectObservation(Section):
    """Compute of later systems at the perplexity of a reference."""

    sample: Annotated[Name, Ref("samples")]
    references: Annotated[dict[Text, Positive], Field(min_length=1)] = Field(
        description="By system: factor within which a perplexity counts as the same."
    )
    compute: Annotated[
        list[Literal["recorded", "inferred"]], Field(min_length=1), AfterValidator(distinct)
    ] = Field(description="recorded, or else 6 N D epochs.")
    least_systems: Annotated[int, Field(ge=4, le=MOST)]
    reductions: Count = Field(description="Rows of the table of largest reductions.")
