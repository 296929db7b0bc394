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
            f"results/coverage/{name}/{world}/{months:g}/{first}-{last}.parquet"
            for name, cell in settings.cells.items()
            for world in (settings.worlds if cell.worlds is None else cell.worlds)
            for months in settings.doubling_months
            for first, last in shard_bounds(cell.data_sets, settings.shards)
        ]

    def shard(self, cell: str, world: str, months: str, first: str, last: str) -> Plain:
        """Return what the data sets first to last (not included) of a cell and world are told."""
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
            "world": {"name": world, **settings.worlds[world].model_dump(mode="json")},
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

    @cached_property
    def sets(self) -> list[str]:
        """The sets of growths that are made."""
        asked = self.facts.config.confidence_sets.sets
        return [name for name, one in asked.items() if one.enabled]

    @property
    def set_paths(self) -> list[str]:
        """The files of the sets of growths."""
        return [f"results/sets/{name}.parquet" for name in self.sets]

    def set_sample(self, name: str) -> list[str]:
        """Return the file of the sample that a set's analysis is made on."""
        return self.draws.sample_paths([self.facts.config.confidence_sets.sets[name].analysis])

    def confidence_set(self, name: str) -> Plain:
        """Return what a set of growths is told."""
        settings = self.facts.config.confidence_sets
        analysis = settings.sets[name].analysis
        model = self.facts.settings["bootstrap"]["analyses"][analysis]
        return {
            "variant": model["variant"],
            "spec": self.facts.settings["variants"][model["variant"]],
            "sample_name": model["sample"],
            "benchmarks": self.facts.model_benchmarks,
            "asked": {
                "analysis": analysis,
                "quantity": settings.sets[name].quantity,
                "delta": model["delta"],
                "response": self.draws.analyses[analysis]["response"],
                "grid": settings.growth.model_dump(mode="json"),
                "replicates": settings.replicates,
                "seed": self.facts.config.seed,
            },
        }

    def profile(self, analysis: str) -> Plain:
        """Return what the profile of an analysis' model is told."""
        return {
            "variants": self.draws.variants([analysis]),
            "response": self.draws.analyses[analysis]["response"],
            "benchmarks": self.facts.model_benchmarks,
            "months": self.facts.config.profiles.doubling_months,
            "losses": self.facts.config.profiles.losses,
        }
