"""Record histories: what their one job reads and is told, and what is simulated."""

from __future__ import annotations

from dataclasses import dataclass

from algoprog.catalogue import tables_of
from algoprog.config.plan.facts import Facts, Plain
from algoprog.config.plan.records import RecordsPlan

_ANALYSED = ("compute_histories", "resamples", "draws", "backtest_draws", "horizons")


@dataclass(frozen=True)
class HistoriesPlan:
    """Registers of tracks and entries, and what follows from them."""

    facts: Facts
    records: RecordsPlan

    @property
    def tables(self) -> list[str]:
        """The tables of record histories; none where they are disabled."""
        return tables_of("histories") if self.facts.config.histories.enabled else []

    @property
    def paths(self) -> list[str]:
        """The files that entries are read from; of an address, its pointer to a snapshot."""
        sources = self.facts.config.histories.enabled_sources
        return [path for source in sources for path in self.records.paths(source)]

    @property
    def registers(self) -> Plain:
        """What the reading of tracks and entries is told."""
        said, histories = self.facts.settings["histories"], self.facts.config.histories
        return {
            "sources": {name: said["sources"][name] for name in histories.enabled_sources},
            "track_register": histories.track_register,
            "changes": histories.track_changes,
            "corrections": {
                name: said["corrections"][name] for name in histories.enabled_corrections
            },
        }

    @property
    def analysed(self) -> Plain:
        """How record histories are analysed."""
        said = self.facts.settings["histories"]
        return {name: said[name] for name in _ANALYSED}

    @property
    def coverage(self) -> Plain:
        """What the simulated histories are told."""
        settings = self.facts.config.coverage.record_histories
        return {
            "sizes": settings.records,
            "histories": settings.histories,
            "seed": self.facts.config.seed,
        }
