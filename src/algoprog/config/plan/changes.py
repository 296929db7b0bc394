"""What moved since the last run: what its one job reads and is told."""

from __future__ import annotations

from dataclasses import dataclass

from algoprog.config.plan.facts import Facts, Plain, sample_paths, table_paths
from algoprog.config.plan.histories import HistoriesPlan
from algoprog.config.plan.results import COMMON, ResultsPlan

# The log of a folder of results. It is no output of a job, for these are removed before the job.
LOG = "results/changes/log.json"
# Sections that watched numbers rest on besides the common ones.
_BESIDES = (
    *("shapley", "optimal_scaling", "direct_observation", "evidence", "confidence_sets"),
    *("histories", "capability", "sweeps", "studies", "bayes"),
)


@dataclass(frozen=True)
class ChangesPlan:
    """The numbers that are watched, and what may move them."""

    facts: Facts
    results: ResultsPlan
    histories: HistoriesPlan

    @property
    def rows(self) -> list[str]:
        """The headline's sample."""
        return sample_paths([self.facts.headline.sample])

    @property
    def estimates(self) -> list[str]:
        """The table of every estimate, where it is made."""
        return table_paths(["estimates"]) if self.facts.config.estimates.enabled else []

    @property
    def files(self) -> list[str]:
        """The files besides records of evaluations that numbers rest on."""
        config, found = self.facts.config, dict[str, None]()
        if config.histories.enabled:
            found |= dict.fromkeys([config.histories.track_register, *self.histories.paths])
        if config.capability.enabled:
            capability = self.results.capability
            found |= dict.fromkeys([*capability.registers.values(), *capability.scores])
        return [*(found | dict.fromkeys(config.experiment_files.values()))]

    @property
    def settings(self) -> Plain:
        """The sections that numbers rest on."""
        settings = self.facts.modelled
        return {name: settings[name] for name in (*COMMON, *_BESIDES)}

    @property
    def call(self) -> Plain:
        """What the fits with one change undone are told."""
        headline = self.facts.headline
        return {
            "variant": headline.variant,
            "spec": self.facts.settings["variants"][headline.variant],
            "delta": headline.delta,
            "estimator": headline.estimator,
            "response": self.facts.response(headline.sample, headline.estimator),
            "sample_name": headline.sample,
            "benchmarks": self.facts.model_benchmarks,
        }
