"""Fits and held-out errors of every variant at every penalty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from algoprog.common.numbers import format_delta
from algoprog.config.plan.batches import batched
from algoprog.config.plan.facts import Facts, Plain, sample_paths


@dataclass(frozen=True)
class FitsPlan:
    """Fits and held-out errors of batches of variants, at some penalties a job."""

    facts: Facts

    @cached_property
    def deltas(self) -> dict[str, float]:
        """The penalties by the text that files have for them."""
        return {format_delta(delta): delta for delta in self.facts.config.deltas}

    @cached_property
    def delta_jobs(self) -> dict[str, list[str]]:
        """Penalties by the job that fits, or cross-validates, at them."""
        said = self.facts.config.jobs.deltas
        batches = {name: [format_delta(delta) for delta in one] for name, one in said.items()}
        return batched(self.deltas, batches)

    def paths(self, kind: str) -> list[str]:
        """Return the files of all fits: of a ``kind``, fits, parameters or minima."""
        return [
            f"results/fits/{sample}/{estimator}/{batch}/{deltas}.{kind}.parquet"
            for sample, estimator in self._fitted()
            for batch in self.facts.config.batches
            for deltas in self.delta_jobs
        ]

    @property
    def minima_paths(self) -> list[str]:
        """The files of local minima: of all converged fits."""
        return [path for path in self.paths("minima") if path.split("/")[3] == "converged"]

    @property
    def minima(self) -> Plain:
        """What the doubling times of local minima are told."""
        return {
            "variants": self.facts.fitted_variants,
            "benchmarks": self.facts.model_benchmarks,
            "samples": self.facts.samples,
        }

    def _fitted(self) -> Iterator[tuple[str, str]]:
        for name, sample in self.facts.config.enabled_samples.items():
            for estimator in sample.estimators:
                yield name, estimator

    def call(self, sample: str, estimator: str, batch: str, deltas: str) -> Plain:
        """Return what the fitting of a batch of variants is told."""
        return {
            "variants": self.facts.variants(self.facts.config.batches[batch]),
            "deltas": [self.deltas[delta] for delta in self.delta_jobs[deltas]],
            "estimator": estimator,
            "response": self.facts.response(sample, estimator),
            "sample_name": sample,
            "benchmarks": self.facts.model_benchmarks,
        }

    @property
    def expected(self) -> list[Plain]:
        """Every fit there must be."""
        return [
            {"sample": sample, "estimator": estimator, "variant": variant, "delta": delta}
            for sample, estimator in self._fitted()
            for variant in self.facts.config.enabled_variants
            for delta in self.facts.config.deltas
        ]

    @property
    def held_out_sample(self) -> str:
        """The sample that is cross-validated."""
        return self.facts.config.cross_validation.sample

    @property
    def held_out_rows(self) -> str:
        """The file of that sample."""
        return sample_paths([self.held_out_sample])[0]

    @property
    def held_out_paths(self) -> list[str]:
        """The files of all held-out errors."""
        return [
            f"results/cross_validation/{scheme}/{batch}/{deltas}.parquet"
            for scheme in self.facts.schemes
            for batch in self.facts.config.batches
            for deltas in self.delta_jobs
        ]

    def cross_validate(self, scheme: str, batch: str, deltas: str) -> Plain:
        """Return what the cross-validation of a batch at some penalties is told."""
        estimator = "published" if scheme == "published_split" else "converged"
        return {
            "variants": self.facts.variants(self.facts.config.batches[batch]),
            "deltas": [self.deltas[delta] for delta in self.delta_jobs[deltas]],
            "scheme": scheme,
            "response": self.facts.response(self.held_out_sample, estimator),
            "sample_name": self.held_out_sample,
            "benchmarks": self.facts.model_benchmarks,
        }

    @property
    def out_of_time_rows(self) -> str:
        """The file of the sample that is cut at dates."""
        return sample_paths([self.facts.config.temporal_hold_out.sample])[0]

    @property
    def out_of_time_batches(self) -> dict[str, list[str]]:
        """Batches that are tried out of time: the reference too, whether it is enabled or not."""
        batches, reference = (
            self.facts.config.batches,
            self.facts.config.temporal_hold_out.reference,
        )
        enabled = reference in self.facts.config.enabled_variants
        return batches if enabled else batches | {reference: [reference]}

    @property
    def out_of_time_paths(self) -> list[str]:
        """The files of the out-of-time hold-out: of each estimator of its sample and each batch."""
        sample = self.facts.config.samples[self.facts.config.temporal_hold_out.sample]
        return [
            f"results/out_of_time/{estimator}/{batch}/{deltas}.parquet"
            for estimator in sample.estimators
            for batch in self.out_of_time_batches
            for deltas in self.delta_jobs
        ]

    def out_of_time(self, estimator: str, batch: str, deltas: str) -> Plain:
        """Return what the out-of-time hold-out of a batch by an estimator is told."""
        said = self.facts.config.temporal_hold_out
        return {
            "sample_name": said.sample,
            "benchmarks": self.facts.model_benchmarks,
            "years": said.cutoffs,
            "response": self.facts.response(said.sample, estimator),
            "candidates": {
                "variants": self.facts.variants(self.out_of_time_batches[batch]),
                "deltas": [self.deltas[delta] for delta in self.delta_jobs[deltas]],
            },
        }

    @property
    def compared_out_of_time(self) -> Plain:
        """What the comparison of errors out of time is told."""
        said = self.facts.config.temporal_hold_out
        sample = self.facts.config.samples[said.sample]
        return {
            "sample_name": said.sample,
            "benchmarks": self.facts.model_benchmarks,
            "comparison": {
                "reference": said.reference,
                "reference_delta": self.facts.config.headline.delta,
                "told": list(self.facts.config.enabled_variants),
                "responses": {
                    estimator: self.facts.response(said.sample, estimator)
                    for estimator in sample.estimators
                },
            },
        }

    @property
    def ranking(self) -> Plain:
        """What the ranking of models and simple laws is told."""
        return {
            "sample_name": self.held_out_sample,
            "benchmarks": self.facts.model_benchmarks,
            "response": self.facts.response(self.held_out_sample),
        }

    @property
    def held_out_expected(self) -> list[Plain]:
        """Every held-out error there must be."""
        return [
            {"variant": variant, "delta": delta, "scheme": scheme}
            for variant in self.facts.config.enabled_variants
            for delta in self.facts.config.deltas
            for scheme in self.facts.schemes
        ]
