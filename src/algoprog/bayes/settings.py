"""Settings of the Bayesian fits, typed: what scripts rebuild from the configuration.

The configuration checks them (:mod:`algoprog.config.sections.bayes`); this module only names them.
It imports no numerical library, so that anything may import it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from algoprog.model.changes import Change
from algoprog.model.variant import Variants
from algoprog.records.benchmarks import Benchmarks

Plain = dict[str, Any]


@dataclass(frozen=True)
class LogNormal:
    """A prior of a quantity above zero: its median and the standard deviation of its logarithm."""

    median: float
    log_sd: float


@dataclass(frozen=True)
class Normal:
    """A prior of a quantity of either sign."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Scales:
    """The prior of the scale of errors in nats, benchmark by benchmark.

    Attributes
    ----------
    median : of every benchmark's scale.
    log_sd : standard deviation of what benchmarks have in common, on the logarithm.
    benchmark_log_sd : standard deviation of a benchmark's part, on the logarithm.
    """

    median: float
    log_sd: float
    benchmark_log_sd: float


@dataclass(frozen=True)
class Gamma:
    """The prior of nu - 2, where nu is the degrees of freedom of the errors."""

    shape: float
    rate: float


@dataclass(frozen=True)
class Errors:
    """Priors of everything but a variant's parameters: paper effects, scales and tails of errors.

    ``paper_sd`` is the half-normal scale, in nats, of the paper effects' standard deviation.
    """

    paper_sd: float
    scale: Scales
    tail: Gamma


@dataclass(frozen=True)
class Priors:
    """Priors of the quantities that parameters stand for (:mod:`algoprog.bayes.priors`).

    The standard deviations of quantities centred at zero are named ``<role>_sd``.
    """

    exponent: LogNormal
    exponent_difference_sd: float
    rate_sd: float
    rate_difference_sd: float
    level: LogNormal
    level_difference_sd: float
    split_sd: float
    split_difference_sd: float
    linear_sd: float
    multiplier: Normal
    paper_sd: float
    scale: Scales
    tail: Gamma

    def errors(self, width: float) -> Errors:
        """Return the priors of errors and paper effects, their scales ``width`` times as wide."""
        scale = replace(
            self.scale,
            log_sd=self.scale.log_sd * width,
            benchmark_log_sd=self.scale.benchmark_log_sd * width,
        )
        return Errors(self.paper_sd * width, scale, self.tail)


@dataclass(frozen=True)
class CapabilityPriors:
    """Priors of scores and capability in one model (`capability.stan`).

    Attributes
    ----------
    gain : k, capability gained by e times the compute, in logits of the most-scored benchmark.
    trend_sd : of g, the trend of capability at given compute, in these a year; mean zero.
    level_sd : of levels of capability and difficulty; mean zero.
    spread_sd : half-normal scale of every standard deviation.
    precision : phi of a score's error, without its sampling error.
    """

    gain: LogNormal
    trend_sd: float
    level_sd: float
    spread_sd: float
    precision: LogNormal


@dataclass(frozen=True)
class Sampler:
    """Hamiltonian Monte Carlo: warmup steps, kept draws of each chain, and how steps are sized."""

    warmup: int
    draws: int
    target_acceptance: float
    max_depth: int
    chains: int = 1


@dataclass(frozen=True)
class Diagnostics:
    """Limits a fit must keep to be pooled.

    Attributes
    ----------
    rhat : every parameter's R-hat is below.
    effective_draws : least effective number of draws, bulk and tail, of every parameter.
    divergences : largest number of divergent transitions.
    energy : least E-BFMI of every chain.
    """

    rhat: float
    effective_draws: float
    divergences: int
    energy: float


@dataclass(frozen=True)
class PlannedFit:
    """A fit that is planned.

    Attributes
    ----------
    place : place of its variant in the ranking, from 1; 0 for the headline's variant.
    change : what its variant is changed by; None for nothing.
    width : factor on the standard deviation of every prior.
    """

    place: int = 0
    change: Change | None = None
    width: float = 1.0


@dataclass(frozen=True)
class ModelSettings:
    """What models of all fits share: response, benchmarks (as configured) and priors."""

    response: str
    benchmarks: Benchmarks
    priors: Priors


@dataclass(frozen=True)
class Choice(ModelSettings):
    """How the variant of a planned fit is found, and what its model is made of.

    Attributes
    ----------
    headline : the headline's variant.
    variants : configuration of the variants the fit may be of, by name.
    scheme : cross-validation scheme that ranks them.
    """

    fit: PlannedFit
    headline: str
    variants: Variants
    scheme: str


@dataclass(frozen=True)
class Plan(ModelSettings):
    """All planned fits by name, and the configuration of every variant they may be of."""

    plan: dict[str, PlannedFit]
    variants: Variants


@dataclass(frozen=True)
class FitSettings:
    """How the chains of a fit are judged.

    Attributes
    ----------
    sample : the sample's name.
    fit : what was planned.
    limits : what the fit must keep to be pooled.
    max_depth : tree depth at which a step was cut short.
    """

    sample: str
    fit: PlannedFit
    limits: Diagnostics
    max_depth: int


@dataclass(frozen=True)
class QuantitySettings:
    """What quantities of posterior draws are asked for.

    Attributes
    ----------
    optimal_scaling : settings of :class:`algoprog.quantities.optimal_scaling.OptimalScaling`.
    systems : all configured systems by name.
    pair : the two systems between which compute's Shapley share is compared.
    computes, year : training compute in FLOP, and the date, of the transformer's gains.
    seed : root seed.
    replicates : replicated samples of each predictive check.
    """

    optimal_scaling: Plain
    systems: dict[str, Plain]
    pair: tuple[str, str]
    computes: tuple[float, ...]
    year: float
    seed: int
    replicates: int


@dataclass(frozen=True)
class SimulatedSets:
    """Data sets ``first`` ... ``last`` - 1 of a kind, and how each is fitted.

    Attributes
    ----------
    kind : ``prior`` (truths are draws of the prior) or ``known`` (a known doubling time).
    sampler : of the one chain of a data set.
    thin : every ``thin``-th draw is ranked.
    seed : root seed.
    """

    kind: Literal["prior", "known"]
    sampler: Sampler
    thin: int
    seed: int
    first: int
    last: int
