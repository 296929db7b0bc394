"""Every estimate on one axis: what its one job reads and is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from algoprog.config.plan.facts import Facts, Plain, sample_paths, table_paths
from algoprog.config.plan.results import ResultsPlan
from algoprog.config.sections.estimates import cells


@dataclass(frozen=True)
class EstimatesPlan:
    """The registers of others, and the result tables that ours are looked up in."""

    facts: Facts
    results: ResultsPlan

    @property
    def files(self) -> list[str]:
        """The files of estimates of others, the register first."""
        return list(dict.fromkeys(self.facts.config.estimates.paths.values()))

    @property
    def _asked(self) -> list[str]:
        """Tables that estimates, their periods and their coverage are looked up in."""
        found = []
        for own in self.facts.config.estimates.enabled_ours.values():
            found += [own.table, *([own.coverage.table] if own.coverage else [])]
            found += ["capability_models"] if own.period == "capability" else []
        return list(dict.fromkeys(found))

    @property
    def tables(self) -> list[str]:
        """The files of those that the main job makes."""
        made = set(self.results.all_tables)
        return table_paths(name for name in self._asked if name in made)

    def extras(self) -> dict[str, str]:
        """Return those of targets of their own that are there, with their checksums."""
        there = self.results.finished()
        return {name: there[name] for name in self._asked if name in there}

    def shipped(self, usable: Iterable[str]) -> list[str]:
        """Return those of the tables that came with the project which are looked into."""
        return [f"results/shipped/{name}.csv" for name in usable if name in self._asked]

    @property
    def rows(self) -> list[str]:
        """The sample whose dates the headline's estimates have."""
        return sample_paths([self.facts.headline.sample])

    @property
    def settings(self) -> Plain:
        """What is asked of the table."""
        said, estimates = self.facts.settings["estimates"], self.facts.config.estimates
        return {
            "words": said["words"],
            "files": {
                name: said["files"][name] for name, f in estimates.files.items() if f.enabled
            },
            "more": {name: cells(one) for name, one in estimates.more.items() if one.enabled},
            "ours": {name: said["ours"][name] for name in estimates.enabled_ours},
        }
