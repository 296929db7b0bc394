"""The Bayesian fits, their priors and their calibration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from algoprog.common.section import MOST, Count, JobCount, Section
from algoprog.config.types import Number, Positive, Scheme, distinct

Share = Annotated[float, Field(gt=0, lt=1)]


class LogNormal(Section):
    """A quantity above zero."""

    median: Positive
    log_sd: Positive = Field(description="Standard deviation of its logarithm.")


class Normal(Section):
    """A quantity of either sign."""

    mean: Number
    sd: Positive


class Scales(Section):
    """The scale of errors, benchmark by benchmark."""

    median: Positive = Field(description="Nats.")
    log_sd: Positive = Field(description="Of what benchmarks have in common.")
    benchmark_log_sd: Positive = Field(description="Of a benchmark's own part.")


class Gamma(Section):
    """nu - 2, nu the degrees of freedom of the errors."""

    shape: Positive
    rate: Positive


class Priors(Section):
    """Priors of the quantities a variant's parameters stand for (algoprog.bayes.priors)."""

    exponent: LogNormal = Field(description="Elasticity of an exponential to its scale.")
    exponent_difference_sd: Positive = Field(description="Between benchmarks or architectures.")
    rate_sd: Positive = Field(description="Fall of an exponent with time, per year; mean zero.")
    rate_difference_sd: Positive = Field(description="Between benchmarks, per year.")
    level: LogNormal = Field(description="Loss at the middle of the sample, nats.")
    level_difference_sd: Positive = Field(description="Of its logarithm between benchmarks.")
    split_sd: Positive = Field(description="Log-odds of an exponential's part of loss; mean zero.")
    split_difference_sd: Positive = Field(description="Of these log-odds between benchmarks.")
    linear_sd: Positive = Field(description="Nats a linear term adds at the sample's middle.")
    multiplier: Normal = Field(description="gamma, of a loss times sigma(gamma).")
    paper_sd: Positive = Field(description="Half-normal scale of the paper effects' sd, nats.")
    scale: Scales
    tail: Gamma


class Joint(Section):
    """Priors of scores and capability in one model, and its chains."""

    gain: LogNormal = Field(
        description="k, for e times the compute: logits of the most-scored benchmark."
    )
    trend_sd: Positive = Field(description="g, these logits a year at given compute; mean zero.")
    level_sd: Positive = Field(description="Levels of capability and difficulty; mean zero.")
    spread_sd: Positive = Field(description="Half-normal scale of every standard deviation.")
    precision: LogNormal = Field(description="phi of a score's error besides sampling error.")


class Sampler(Section):
    """Hamiltonian Monte Carlo (NUTS, diagonal metric)."""

    chains: Annotated[int, Field(ge=2, le=MOST)]
    warmup: Count
    draws: Count = Field(description="Kept, of each chain.")
    target_acceptance: Share
    max_depth: Count


class Diagnostics(Section):
    """What a fit must pass to be pooled."""

    rhat: Annotated[float, Field(gt=1)] = Field(description="Every parameter's is below.")
    effective_draws: Positive = Field(description="Bulk and tail, of every parameter, at least.")
    divergences: Annotated[int, Field(ge=0, le=MOST)] = Field(description="At most.")
    energy: Positive = Field(description="E-BFMI of every chain, at least.")


class Ranking(Section):
    """Which variants are fitted besides the headline's."""

    scheme: Scheme = Field(description="By the held-out error of their best delta.")
    size: Annotated[int, Field(ge=0, le=MOST)]


class Calibration(Section):
    """Simulation-based calibration of the headline's variant; recovery of a doubling time."""

    simulations: Annotated[int, Field(ge=2, le=MOST)] = Field(description="Of each kind.")
    shards: JobCount = Field(description="Jobs each kind is cut into; changes no result.")
    warmup: Count
    draws: Count = Field(description="Of the one chain of a data set.")
    target_acceptance: Share
    thin: Count = Field(description="Every so many draws are ranked; bins divide 1 + draws/thin.")
    bins: Annotated[int, Field(ge=2, le=MOST)]
    level: Share = Field(description="Family-wise level of the uniformity tests.")
    doubling_months: Positive = Field(description="The known doubling time.")

    @model_validator(mode="after")
    def _divides(self) -> Calibration:
        if (self.draws // self.thin + 1) % self.bins:
            raise PydanticCustomError(
                "bins",
                "choose draws, thin and bins so that bins divide the {ranks} ranks",
                {"ranks": self.draws // self.thin + 1},
            )
        return self


class Bayes(Section):
    """The Bayesian fit; not part of the main job."""

    engine: Literal["auto", "cmdstan", "pystan"] = Field(
        default="auto", description="auto: CmdStan where it is found, else pystan."
    )
    variants: Ranking
    transformer: Annotated[list[Literal["multiplier", "factor"]], AfterValidator(distinct)] = Field(
        description="Forms in which the headline's variant gets the transformer's effect."
    )
    prior_widths: Annotated[list[Positive], AfterValidator(distinct)] = Field(
        description="The headline again with every prior so many times as wide."
    )
    priors: Priors
    capability: Joint = Field(description="Where `capability` is enabled.")
    sampler: Sampler
    diagnostics: Diagnostics
    predictive_draws: Count = Field(description="Replicated samples of the predictive checks.")
    calibration: Calibration
