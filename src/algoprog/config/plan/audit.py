"""The published analysis, number by number, and how much of it is chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from algoprog.config.plan.draws import DrawsPlan
from algoprog.config.plan.facts import Facts, Plain, unique
from algoprog.config.plan.fits import FitsPlan


@dataclass(frozen=True)
class AuditPlan:
    """Analyses that the audit looks numbers up in, and those whose draws it repeats."""

    facts: Facts
    fits: FitsPlan
    draws: DrawsPlan

    @property
    def published(self) -> list[str]:
        """The file of published numbers, where there is an audit."""
        audit = self.facts.config.audit
        return [audit.published] if audit.enabled else []

    @cached_property
    def repeated(self) -> dict[str, list[str]]:
        """Analyses whose draws are repeated with moved starts, by what they are to the audit."""
        if not self.facts.config.audit.enabled:
            return {}
        theirs = self.facts.config.headline.published
        with_multiplier = f"{theirs}.transformer-multiplier"
        return {
            "published": [theirs],
            "transformer": [name for name in self.draws.transformers if name == with_multiplier],
            "pool": self.facts.pools.get(self.facts.config.audit.pools.published, []),
        }

    @property
    def _all_repeated(self) -> list[str]:
        return [name for names in self.repeated.values() for name in names]

    @cached_property
    def analyses(self) -> list[str]:
        """The analyses that numbers are looked up in."""
        return unique([*self.facts.headlines, *self._all_repeated])

    @property
    def noise_paths(self) -> list[str]:
        """The files of repeated draws."""
        jobs = self.draws.jobs_of(self._all_repeated)
        return [f"results/audit/noise/{job}.parquet" for job in jobs]

    def noise(self, job: str) -> Plain:
        """Return what the repeated draws of a job's analyses are told."""
        noise = self.facts.config.audit.noise
        return {
            name: {
                **self.draws.resampled(name),
                "replicates": self.draws.analyses[name]["replicates"],
                "repetitions": noise.pool_repetitions
                if name in self.repeated["pool"]
                else noise.repetitions,
                "size": noise.size,
            }
            for name in self.draws.jobs[job]
            if name in self._all_repeated
        }

    @property
    def scores(self) -> Plain:
        """What the scores of the published procedure are told."""
        noise = self.facts.config.audit.noise
        return {
            "variants": self.facts.fitted_variants,
            "response": self.facts.response(self.fits.held_out_sample, "published"),
            "benchmarks": self.facts.model_benchmarks,
            "repetitions": noise.repetitions,
            "size": noise.size,
        }

    @property
    def held_out(self) -> Plain:
        """What the held-out errors of the published procedure are told."""
        sample = self.fits.held_out_sample
        return {
            "variants": self.facts.fitted_variants,
            "deltas": self.facts.config.deltas,
            "response": self.facts.settings["samples"][sample]["response"],
            "sample_name": sample,
            "benchmarks": self.facts.model_benchmarks,
        }

    @property
    def reproduction(self) -> Plain:
        """What the comparison with the published numbers is told."""
        settings = self.facts.settings
        return {
            "samples": self.facts.samples,
            "headline": self.facts.config.headline.converged,
            "published": self.facts.config.headline.published,
            "analyses": self.analyses,
            "repeated": self.repeated,
            "settings": {
                "variants": settings["variants"],
                "benchmarks": self.facts.model_benchmarks,
                "optimal_scaling": settings["optimal_scaling"],
                "transformer": settings["transformer"],
                "corrections": self.facts.corrections,
                "pools": settings["audit"]["pools"],
            },
        }
