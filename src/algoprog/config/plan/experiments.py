"""Controlled sweeps and studies: what their jobs read and are told."""

from __future__ import annotations

from dataclasses import dataclass

from algoprog.catalogue import tables_of
from algoprog.common.errors import InputError
from algoprog.config.plan.facts import Facts, Plain
from algoprog.config.sections.experiments import Study

STUDY_FOLDER = "results/studies"

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

    def study_tables(self, table: str) -> list[str]:
        """Return the files of a table of each study."""
        return [f"{STUDY_FOLDER}/{name}/{table}.csv" for name in self.facts.config.enabled_studies]

    def study_file(self, study: str) -> str:
        """Return the file of a study."""
        return self._study(study).file

    def study_title(self, study: str) -> str:
        """Return what a study is called."""
        return self._study(study).title

    def study(self, study: str) -> Plain:
        """Return a study by its name, as far as it is computed from."""
        return {study: self._study(study).model_dump(mode="json", exclude=_SHOWN)}

    def _study(self, study: str) -> Study:
        known = self.facts.config.enabled_studies
        if study not in known:
            fix = f"name one that is enabled: {', '.join(known) or 'there is none'}"
            raise InputError("config.yaml", "studies", study, fix)
        return known[study]
