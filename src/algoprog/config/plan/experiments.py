"""Controlled sweeps and studies: what their jobs read and are told."""

from __future__ import annotations

from dataclasses import dataclass

from algoprog.catalogue import tables_of
from algoprog.config.plan.facts import Facts, Plain

# What a reader is shown of a study and no job is told.
_SHOWN = {"enabled", "title", "published", "notes"}


@dataclass(frozen=True)
class ExperimentsPlan:
    """Sweeps with their laws, the record beside them, and studies of other benchmarks."""

    facts: Facts

    @property
    def tables(self) -> list[str]:
        """The tables of sweeps and studies; none of what is disabled."""
        config = self.facts.config
        made = {"sweeps": config.sweeps.enabled, "studies": config.enabled_studies}
        return [name for part, there in made.items() if there for name in tables_of(part)]

    @property
    def sweep_files(self) -> list[str]:
        """The registers of sweeps."""
        return sorted(set(self.facts.config.sweeps.files.values()))

    @property
    def study_files(self) -> list[str]:
        """The files of studies."""
        return sorted({study.file for study in self.facts.config.enabled_studies.values()})

    @property
    def sweeps(self) -> Plain:
        """The section `sweeps` without the sweeps that are disabled."""
        said = self.facts.settings["sweeps"]
        runs = {name: one for name, one in said["runs"].items() if one["enabled"]}
        return {**said, "runs": runs}

    @property
    def record_sample(self) -> str:
        """The sample of the record that sweeps are compared with."""
        return self.facts.config.sweeps.record.sample

    @property
    def record(self) -> Plain:
        """What the record is compiled from."""
        variant = self.facts.config.sweeps.record.variant
        return {
            "spec": self.facts.settings["variants"][variant],
            "benchmarks": self.facts.model_benchmarks,
        }

    @property
    def studies(self) -> Plain:
        """The studies by name, as far as they are computed from."""
        studies = self.facts.config.enabled_studies
        return {name: one.model_dump(mode="json", exclude=_SHOWN) for name, one in studies.items()}
