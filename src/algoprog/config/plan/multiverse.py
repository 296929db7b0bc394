"""Every combination of choices: blocks that are fitted, strata that are drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

from algoprog.config.plan.facts import Facts, Plain
from algoprog.robustness.specifications import (
    Specification,
    blocks,
    needed,
    specifications,
    strata,
)


@dataclass(frozen=True)
class MultiversePlan:
    """The blocks and the strata by name, and what each depends on."""

    facts: Facts

    @cached_property
    def settings(self) -> Plain:
        """The section, of each level only what is given."""
        return self.facts.config.multiverse_settings

    @cached_property
    def blocks(self) -> Plain:
        """Choices of each block."""
        made: Plain = blocks(self.settings["choices"], self.settings["batches"])
        return made

    @cached_property
    def strata(self) -> dict[str, list[Specification]]:
        """Specifications that are drawn again, by stratum; worked out where they are asked for."""
        every = specifications(self.settings["choices"], self.settings["base"])
        per_level = self.facts.config.multiverse.bootstrap.per_level
        return strata(every, self.facts.config.seed, per_level)

    @property
    def fit_paths(self) -> list[str]:
        """The files of all blocks."""
        return [f"results/multiverse/fits/{block}.parquet" for block in self.blocks]

    def draw_paths(self) -> list[str]:
        """Return the files of all strata."""
        return [f"results/multiverse/draws/{stratum}.parquet" for stratum in self.strata]

    def choices(self, block: str) -> Plain:
        """Return the choices of a block."""
        made: Plain = self.blocks[block]
        return made

    def fits(self, block: str) -> Plain:
        """Return what the fits of a block are told."""
        return self._fitting(specifications(self.blocks[block], self.settings["base"]))

    def draws(self, stratum: str) -> Plain:
        """Return what the draws of a stratum are told."""
        bootstrap = self.facts.config.multiverse.bootstrap
        chosen = self.strata[stratum]
        return {
            "seed": self.facts.config.seed,
            "replicates": bootstrap.replicates,
            "resampling": bootstrap.resampling,
            "chosen": [asdict(specification) for specification in chosen],
            **self._fitting(chosen),
        }

    def _fitting(self, chosen: Sequence[Specification]) -> Plain:
        """What the fits of specifications depend on."""
        settings = self.facts.settings
        sample = settings["samples"][self.facts.config.multiverse.sample]
        return {
            "benchmarks": self.facts.model_benchmarks,
            "systems": self.facts.systems(self.settings["systems"]),
            **needed(chosen, sample, self.facts.conditions, settings["variants"]),
        }

    def averaged_paths(self, kind: str) -> list[str]:
        """Return the files of the models that are averaged: of a ``kind``, held_out or draws."""
        variants = self.facts.config.enabled_variants
        return [f"results/multiverse/models/{name}.{kind}.parquet" for name in variants]

    def averaged(self, variant: str) -> Plain:
        """Return what the held-out errors and draws of a variant are told."""
        sample = self.facts.headline.sample
        return {
            "variants": self.facts.variants([variant]),
            "deltas": self.facts.config.deltas,
            "response": self.facts.response(sample),
            "sample_name": sample,
            "benchmarks": self.facts.model_benchmarks,
            "seed": self.facts.config.seed,
            "replicates": self.facts.config.multiverse.averaging.replicates,
        }
