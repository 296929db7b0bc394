"""What the headline's model rests on: penalty, unobserved quality, leverage of records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from algoprog.config.plan.facts import Facts, Plain, sample_paths


@dataclass(frozen=True)
class EvidencePlan:
    """What is asked of one model."""

    facts: Facts

    @property
    def rows(self) -> str:
        """The file of the sample."""
        return sample_paths([self.facts.config.evidence.sample])[0]

    @cached_property
    def model(self) -> Plain:
        """The model and its sample, as every job here is told."""
        said = self.facts.config.evidence
        return {
            "sample_name": said.sample,
            "benchmarks": self.facts.model_benchmarks,
            "variant": said.variant,
            "spec": self.facts.settings["variants"][said.variant],
            "delta": said.delta,
            "response": self.facts.response(said.sample),
        }

    @property
    def penalty(self) -> Plain:
        """What the fits under other penalties are told."""
        return {**self.model, "deltas": list(self.facts.config.evidence.penalty.deltas)}

    @property
    def endogeneity(self) -> Plain:
        """What bounds of unobserved quality, and simulations of it, are told."""
        said = self.facts.config.evidence.endogeneity
        return {
            **self.model,
            "linear": said.linear,
            "linear_spec": self.facts.settings["variants"][said.linear],
            "correlations": list(said.correlations),
            "data_sets": said.data_sets,
        }

    @property
    def identification(self) -> Plain:
        """What is told of the records that identify the answer, and of what would settle it."""
        settings = self.facts.settings["evidence"]
        return {
            **self.model,
            "tokens": settings["identification"]["tokens"],
            "data_sets": settings["settling"]["data_sets"],
            "scenarios": settings["settling"]["scenarios"],
        }
