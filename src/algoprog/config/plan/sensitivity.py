"""The headline with one choice changed, and without each paper and record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from algoprog.config.plan.batches import batched
from algoprog.config.plan.facts import Facts, Plain
from algoprog.config.sections.sensitivity import HEADLINE


@dataclass(frozen=True)
class SensitivityPlan:
    """Single checks, by the job that makes them, and what each depends on."""

    facts: Facts

    @cached_property
    def settings(self) -> Plain:
        """The section, of each change only what is given."""
        return self.facts.config.sensitivity_settings

    @cached_property
    def checks(self) -> list[str]:
        """Names of the checks, that which changes nothing first; none where none is made."""
        made = self.settings["checks"]
        return [HEADLINE, *made] if made else []

    @cached_property
    def jobs(self) -> dict[str, list[str]]:
        """Checks by the job that makes them."""
        return batched(self.checks, self.facts.config.jobs.checks)

    @property
    def paths(self) -> list[str]:
        """The files of all checks."""
        return [
            f"results/sensitivity/{estimator}/{job}.parquet"
            for estimator in self.settings["replicates"]
            for job in self.jobs
        ]

    @property
    def _draws(self) -> Plain:
        """Replicates of the headline's analyses of its own model, by estimator and resampling."""
        headline, analyses = self.facts.headline, self.facts.settings["bootstrap"]["analyses"]
        draws: Plain = {}
        for name in self.facts.headlines:
            one = analyses[name]
            if all(one[key] == getattr(headline, key) for key in ("sample", "variant", "delta")):
                draws.setdefault(one["estimator"], {})[one["resampling"]] = one["replicates"]
        return draws

    def planned(self, names: Iterable[str] | None = None) -> Plain:
        """Return what checks are planned from: for some of them, only what they depend on."""
        chosen = self.checks if names is None else names
        checks = {name: self.settings["checks"][name] for name in chosen if name != HEADLINE}
        headline = self.facts.headline
        variants = {headline.variant} | {
            change["variant"]
            for settings in checks.values()
            for change in settings.values()
            if change.get("variant")
        }
        base = self.facts.settings["samples"][headline.sample]
        excluded = dict.fromkeys(base["exclusions"]) | dict.fromkeys(
            name
            for settings in checks.values()
            for change in settings.values()
            for name in change.get("exclude") or ()
        )
        return {
            "sensitivity": {
                "replicates": self.settings["replicates"],
                "resampling": self.settings["resampling"],
                "checks": checks,
            },
            "headline": {
                "sample": headline.sample,
                "variant": headline.variant,
                "delta": headline.delta,
                "draws": self._draws if HEADLINE in chosen else {},
            },
            "samples": {headline.sample: base},
            "variants": self.facts.variants(sorted(variants)),
            "exclusions": {name: self.facts.conditions[name] for name in excluded},
            "benchmarks": self.facts.model_benchmarks,
        }

    def call(self, estimator: str, checks: str) -> Plain:
        """Return what a job of checks by one estimator is told."""
        return {
            "names": self.jobs[checks],
            "estimator": estimator,
            "seed": self.facts.config.seed,
            "systems": self.facts.systems(self.settings["systems"]),
            **self.planned(self.jobs[checks]),
        }

    @property
    def influence(self) -> Plain:
        """What the fits without each paper and record are told."""
        headline = self.facts.headline
        return {
            "variant": headline.variant,
            "spec": self.facts.settings["variants"][headline.variant],
            "delta": headline.delta,
            "response": self.facts.response(headline.sample),
            "sample_name": headline.sample,
            "benchmarks": self.facts.model_benchmarks,
        }
