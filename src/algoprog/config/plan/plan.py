"""The plan of a configuration: for each stage, what its rules ask.

A stage is a file of `rules/`, and a module here of the same subject. A new one is a class in a
module of its own and a line in :class:`Plan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from algoprog.config.document import Config
from algoprog.config.plan.audit import AuditPlan
from algoprog.config.plan.bayes import BayesPlan
from algoprog.config.plan.capability import CapabilityPlan
from algoprog.config.plan.changes import ChangesPlan
from algoprog.config.plan.coverage import CoveragePlan
from algoprog.config.plan.draws import DrawsPlan
from algoprog.config.plan.estimates import EstimatesPlan
from algoprog.config.plan.evidence import EvidencePlan
from algoprog.config.plan.experiments import ExperimentsPlan
from algoprog.config.plan.facts import Facts
from algoprog.config.plan.fits import FitsPlan
from algoprog.config.plan.histories import HistoriesPlan
from algoprog.config.plan.multiverse import MultiversePlan
from algoprog.config.plan.quantities import QuantitiesPlan
from algoprog.config.plan.records import RecordsPlan
from algoprog.config.plan.results import ResultsPlan
from algoprog.config.plan.sensitivity import SensitivityPlan
from algoprog.config.plan.shipped import ShippedPlan


@dataclass(frozen=True)
class Plan:
    """What runs for a configuration."""

    config: Config

    @cached_property
    def facts(self) -> Facts:
        """What all stages draw on."""
        return Facts(self.config)

    @cached_property
    def records(self) -> RecordsPlan:
        """Sources, evaluations, samples."""
        return RecordsPlan(self.facts)

    @cached_property
    def fits(self) -> FitsPlan:
        """Fits and cross-validation."""
        return FitsPlan(self.facts)

    @cached_property
    def draws(self) -> DrawsPlan:
        """Bootstraps."""
        return DrawsPlan(self.facts)

    @cached_property
    def quantities(self) -> QuantitiesPlan:
        """What is computed from fits and draws."""
        return QuantitiesPlan(self.facts, self.draws)

    @cached_property
    def histories(self) -> HistoriesPlan:
        """Record histories."""
        return HistoriesPlan(self.facts, self.records)

    @cached_property
    def capability(self) -> CapabilityPlan:
        """Capability across benchmarks."""
        return CapabilityPlan(self.facts, self.records)

    @cached_property
    def experiments(self) -> ExperimentsPlan:
        """Controlled sweeps and studies of other benchmarks."""
        return ExperimentsPlan(self.facts)

    @cached_property
    def audit(self) -> AuditPlan:
        """Published numbers beside ours."""
        return AuditPlan(self.facts, self.fits, self.draws)

    @cached_property
    def sensitivity(self) -> SensitivityPlan:
        """Single checks."""
        return SensitivityPlan(self.facts)

    @cached_property
    def evidence(self) -> EvidencePlan:
        """What the headline's model rests on."""
        return EvidencePlan(self.facts)

    @cached_property
    def multiverse(self) -> MultiversePlan:
        """Every combination of choices."""
        return MultiversePlan(self.facts)

    @cached_property
    def coverage(self) -> CoveragePlan:
        """Simulated coverage and profiles."""
        return CoveragePlan(self.facts, self.draws)

    @cached_property
    def bayes(self) -> BayesPlan:
        """The Bayesian fits."""
        return BayesPlan(self.facts, self.draws)

    @cached_property
    def results(self) -> ResultsPlan:
        """What a reader opens."""
        return ResultsPlan(
            self.facts,
            self.draws,
            self.quantities,
            self.sensitivity,
            self.histories,
            self.capability,
            self.experiments,
        )

    @cached_property
    def estimates(self) -> EstimatesPlan:
        """Every estimate on one axis."""
        return EstimatesPlan(self.facts, self.results)

    @cached_property
    def changes(self) -> ChangesPlan:
        """What moved since the last run."""
        return ChangesPlan(self.facts, self.results, self.histories)

    @cached_property
    def shipped(self) -> ShippedPlan:
        """Results that come with the project."""
        return ShippedPlan(
            self.facts, self.records, self.multiverse, self.coverage, self.bayes, self.results
        )
