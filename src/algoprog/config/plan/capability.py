"""Capability across benchmarks: what its jobs read and are told."""

from __future__ import annotations

from dataclasses import dataclass

from algoprog.catalogue import tables_of
from algoprog.config.plan.facts import Facts, Plain
from algoprog.config.plan.records import RecordsPlan

AUDITED = "results/capability"
_SIMULATED = ("draws", "data_sets", "break_draws", "starts")
_READ = ("aliases", "added_versions", "added_benchmarks")


@dataclass(frozen=True)
class CapabilityPlan:
    """Registers of scores, and what follows from them."""

    facts: Facts
    records: RecordsPlan

    @property
    def tables(self) -> list[str]:
        """The tables of the main job; none where capability is disabled."""
        return tables_of("capability") if self.facts.config.capability.enabled else []

    def audited(self, table: str) -> list[str]:
        """Return the file of its published analysis' rows of a table of the audit, if enabled."""
        enabled = self.facts.config.capability.enabled
        return [f"{AUDITED}/{table}.parquet"] if enabled else []

    @property
    def registers(self) -> dict[str, str]:
        """The registers' files by name."""
        files = self.facts.config.capability.registers
        return {name.replace(".", "_"): path for name, path in files.items()}

    @property
    def scores(self) -> list[str]:
        """The files that scores are read from; of an address, its pointer to a snapshot."""
        capability = self.facts.config.capability
        used = capability.enabled_sources if capability.enabled else {}
        return [path for name in used for path in self.records.paths(name)]

    @property
    def reading(self) -> Plain:
        """What the reading of registers and scores is told."""
        said, capability = self.facts.settings["capability"], self.facts.config.capability
        return {
            "files": self.registers,
            "sources": {name: said["sources"][name] for name in capability.enabled_sources},
            **{name: said[name] for name in _READ},
            "policy": self.records.reading_policy,
        }

    @property
    def simulated(self) -> Plain:
        """How much is simulated."""
        said = self.facts.settings["capability"]
        return {name: said[name] for name in _SIMULATED}
