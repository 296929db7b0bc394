"""What is computed from fits and draws: a table, or a few, for each job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from algoprog.config.plan.draws import DrawsPlan
from algoprog.config.plan.facts import Facts, Plain


@dataclass(frozen=True)
class QuantitiesPlan:
    """The calls of the quantities, and the analyses each rests on."""

    facts: Facts
    draws: DrawsPlan

    @property
    def shapley_analyses(self) -> list[str]:
        """The analyses that shares are taken of."""
        named = self.facts.config.shapley.analyses
        return [name for name in named if name in self.draws.analyses]

    @property
    def headline(self) -> list[str]:
        """The headline's analysis, alone."""
        return [self.facts.config.headline.converged]

    def _of(self, names: Iterable[str]) -> Plain:
        """What all quantities of some analyses are told."""
        return {
            "variants": self.draws.variants(names),
            "benchmarks": self.facts.model_benchmarks,
        }

    @property
    def doubling_times(self) -> Plain:
        """What the doubling times of every variant are told."""
        return {
            "variants": self.facts.settings["variants"],
            "benchmarks": self.facts.model_benchmarks,
            "optimal_scaling": self.facts.settings["optimal_scaling"],
            "seed": self.facts.config.seed,
        }

    @property
    def own_allocation(self) -> Plain:
        """What growth at the records' own allocation is told."""
        return {
            "variants": self.facts.settings["variants"],
            "benchmarks": self.facts.model_benchmarks,
            "since": self.facts.settings["own_allocation"]["since"],
            "seed": self.facts.config.seed,
            "headline": self.facts.config.headline.converged,
        }

    @property
    def pooled_doubling_times(self) -> Plain:
        """What the doubling times of pools are told."""
        pools = self.facts.settings["pools"]
        return {**self.doubling_times, "pools": {name: pools[name] for name in self.facts.pools}}

    @property
    def shapley(self) -> Plain:
        """What the Shapley shares are told."""
        systems = self.facts.settings["shapley"]["systems"]
        return {**self._of(self.shapley_analyses), "systems": systems}

    @property
    def transformer(self) -> Plain:
        """What the transformer's effect is told."""
        settings = self.facts.config.transformer
        called = {"computes": settings.computes, "year": settings.year}
        return {**self._of(self.draws.transformers), **called}

    @property
    def era_split(self) -> Plain:
        """What the doubling times of eras are told."""
        return {**self._of(self.draws.eras), "seed": self.facts.config.seed}

    @property
    def frontiers(self) -> Plain:
        """What the frontiers are told."""
        return {**self._of(self.headline), **self.facts.settings["frontiers"]}

    @property
    def effective_compute(self) -> Plain:
        """What effective compute is told."""
        return {
            **self._of(self.facts.headlines),
            "seed": self.facts.config.seed,
            "settings": self.facts.settings["effective_compute"],
        }

    @property
    def allocation(self) -> Plain:
        """What the allocation of compute is told."""
        return {"spec": self.facts.settings["allocation"]}

    @property
    def direct_observation(self) -> Plain:
        """What direct observation is told."""
        return {
            "spec": self.facts.settings["direct_observation"],
            "benchmark": self.facts.config.benchmarks.baseline,
        }
