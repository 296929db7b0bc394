"""Bootstrap draws: which jobs draw them, in which shards, and where they are found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from algoprog.config.plan.analyses import (
    analyses,
    jobs,
    shard_bounds,
    with_eras,
    with_transformer,
)
from algoprog.config.plan.facts import Facts, Plain, sample_paths


@dataclass(frozen=True)
class DrawsPlan:
    """The bootstrap analyses, by name and by job."""

    facts: Facts

    @cached_property
    def analyses(self) -> dict[str, Plain]:
        """Every analysis by name."""
        return analyses(self.facts.config)

    @cached_property
    def jobs(self) -> dict[str, list[str]]:
        """Analyses by the job that draws them."""
        return jobs(self.facts.config)

    @cached_property
    def transformers(self) -> list[str]:
        """The analyses with the transformer's effect."""
        return list(with_transformer(self.facts.config))

    @cached_property
    def eras(self) -> list[str]:
        """The analyses with their eras split."""
        return list(with_eras(self.facts.config))

    @cached_property
    def pooled(self) -> list[str]:
        """The members of all pools."""
        return [name for members in self.facts.pools.values() for name in members]

    @property
    def as_they_are(self) -> list[str]:
        """Draws of variants without a change: tables of parameters and doubling times have them."""
        return [*self.facts.listed, *self.pooled]

    def jobs_of(self, names: Iterable[str]) -> list[str]:
        """Return the jobs that draw some analyses, each once."""
        job_of = {name: job for job, members in self.jobs.items() for name in members}
        return list(dict.fromkeys(job_of[name] for name in names))

    def fit_paths(self, names: Iterable[str]) -> list[str]:
        """Return the files of the fits of some analyses."""
        return [f"results/draws/{job}.fit.parquet" for job in self.jobs_of(names)]

    def paths(self, names: Iterable[str]) -> list[str]:
        """Return the files of the draws of some analyses."""
        return [f"results/draws/{job}.parquet" for job in self.jobs_of(names)]

    def samples(self, names: Iterable[str]) -> list[str]:
        """Return the samples that some analyses are made on, in the order of the configuration."""
        used = {self.analyses[name]["sample"] for name in names}
        return [name for name in self.facts.config.samples if name in used]

    def sample_paths(self, names: Iterable[str]) -> list[str]:
        """Return the files of these samples."""
        return sample_paths(self.samples(names))

    def candidates(self, model: Plain) -> Plain:
        """Return the variants that an analysis may be of."""
        names = model["variants"] if "place" in model else [model["variant"]]
        return self.facts.variants(names)

    def variants(self, names: Iterable[str]) -> Plain:
        """Return every variant that some analyses may be of."""
        return {
            variant: spec
            for name in names
            for variant, spec in self.candidates(self.analyses[name]["model"]).items()
        }

    def changes(self, names: Iterable[str]) -> list[Plain | None]:
        """Return what is added to the variants of some analyses."""
        return [self.analyses[name]["change"] for name in names]

    def inputs(self, job: str) -> dict[str, str]:
        """Return what a job reads: a sample, and the ranking where a model is a place in one."""
        drawn = [self.analyses[name] for name in self.jobs[job]]
        (sample,) = {analysis["sample"] for analysis in drawn}
        found = {"rows": sample_paths([sample])[0]}
        if any("place" in analysis["model"] for analysis in drawn):
            found["cross_validation"] = "results/tables/cross_validation.csv"
        return found

    def replicates(self, job: str) -> int:
        """Return how many draws each analysis of a job has."""
        number: int = self.analyses[self.jobs[job][0]]["replicates"]
        return number

    def shard_paths(self, job: str, kind: str) -> list[str]:
        """Return the files of a job's shards: of a ``kind``, fit.parquet or parquet."""
        bounds = shard_bounds(self.replicates(job), self.facts.config.bootstrap.shards)
        return [f"results/draws/{job}/{first}-{last}.{kind}" for first, last in bounds]

    def resampled(self, name: str) -> Plain:
        """Return what is resampled for an analysis, and how."""
        analysis = self.analyses[name]
        return {
            "variants": self.candidates(analysis["model"]),
            "model": analysis["model"],
            "change": analysis["change"],
            "resampling": analysis["resampling"],
            "response": analysis["response"],
            "benchmarks": self.facts.model_benchmarks,
        }

    def calls(self, job: str, first: int | str = 0, last: int | str | None = None) -> Plain:
        """Return what the draws first to last (not included) of a job's analyses are told."""
        return {
            name: {
                **self.resampled(name),
                "estimator": self.analyses[name]["estimator"],
                "sample_name": self.analyses[name]["sample"],
                "seed": self.facts.config.seed,
                "first": int(first),
                "last": self.replicates(job) if last is None else int(last),
            }
            for name in self.jobs[job]
        }

    def merge(self, job: str) -> Plain:
        """Return what the merging of a job's shards is told."""
        return {"replicates": self.replicates(job)}
