"""Simulated data sets and how often intervals hold the truth; profiles of the objective."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from algoprog.config.plan.analyses import shard_bounds
from algoprog.config.plan.draws import DrawsPlan
from algoprog.config.plan.facts import Facts, Plain, sample_paths


@dataclass(frozen=True)
class CoveragePlan:
    """Shards of simulated data sets, and the analyses that are profiled."""

    facts: Facts
    draws: DrawsPlan

    @property
    def sample_paths(self) -> list[str]:
        """The file of the sample whose rows are simulated again."""
        return sample_paths([self.facts.config.coverage.sample])

    @property
    def paths(self) -> list[str]:
        """The files of all shards."""
        settings = self.facts.config.coverage
        return [
            f"results/coverage/{name}/{months:g}/{first}-{last}.parquet"
            for name, cell in settings.cells.items()
            for months in settings.doubling_months
            for first, last in shard_bounds(cell.data_sets, settings.shards)
        ]

    def shard(self, cell: str, months: str, first: str, last: str) -> Plain:
        """Return what the data sets first to last (not included) of a cell are told."""
        settings = self.facts.config.coverage
        judged = settings.cells[cell]
        return {
            "variant": settings.variant,
            "spec": self.facts.settings["variants"][settings.variant],
            "delta": settings.delta,
            "response": self.facts.response(settings.sample),
            "sample_name": settings.sample,
            "benchmarks": self.facts.model_benchmarks,
            "seed": self.facts.config.seed,
            "doubling_months": float(months),
            "degrees_of_freedom": settings.degrees_of_freedom,
            "estimator": judged.estimator,
            "resampling": judged.resampling,
            "replicates": judged.replicates,
            "first": int(first),
            "last": int(last),
        }

    @cached_property
    def profiled(self) -> list[str]:
        """The analyses whose objective is profiled."""
        pool = self.facts.pools.get(self.facts.config.profiles.pool, [])
        return [self.facts.config.headline.converged, *pool]

    def profile_paths(self, kind: str = "") -> list[str]:
        """Return the files of profiles, or of their ``kind`` .ranges."""
        return [f"results/profiles/{name}{kind}.parquet" for name in self.profiled]

    def profile(self, analysis: str) -> Plain:
        """Return what the profile of an analysis' model is told."""
        return {
            "variants": self.draws.variants([analysis]),
            "response": self.draws.analyses[analysis]["response"],
            "benchmarks": self.facts.model_benchmarks,
            "months": self.facts.config.profiles.doubling_months,
            "losses": self.facts.config.profiles.losses,
        }
