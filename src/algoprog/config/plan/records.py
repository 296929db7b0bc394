"""From sources to samples: what is read, and what each job of these stages is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from algoprog.config.plan.facts import Facts, Plain
from algoprog.config.sections.sources import source_files
from algoprog.records.snapshots import POINTER, source_directory, warnings

# What each job of a source makes and the database has, besides the samples.
STORED = (
    *("evaluations", "superseded", "conflicts", "duplicates", "joined", "corrections"),
    *("suspected_repeats", "warnings"),
)
# What an entry says of the matching of its records, which their reading does not depend on.
_MATCHING = ("strip", "same_as", "distinct")


def _read(said: Plain) -> Plain:
    """What an entry says of how it is read."""
    return {key: said[key] for key in said if key not in ("on_failure", *_MATCHING)}


@dataclass(frozen=True)
class RecordsPlan:
    """Sources, evaluations and samples."""

    facts: Facts

    @property
    def sources(self) -> list[str]:
        """The sources that are read."""
        return list(self.facts.config.enabled_sources)

    def paths(self, source: str) -> list[str]:
        """Return the files a source is read from; of an address, its pointer to a snapshot."""
        if source in self.facts.config.url_sources:
            return [str(self.directory(source) / POINTER)]
        config = self.facts.config
        if source in config.sources:
            return source_files(config.sources[source], Path())
        if source in config.capability.sources:
            return config.capability.sources[source].files
        return [config.histories.sources[source].location]

    @property
    def read(self) -> list[str]:
        """All files that sources are read from."""
        read = self.facts.config.read_sources
        return [path for source in read for path in self.paths(source)]

    def directory(self, source: str) -> Path:
        """Return the folder of a source's snapshots."""
        return source_directory(Path(), source)

    def part(self, source: str) -> str:
        """Return what reads a source: records (evaluations), histories or capability."""
        config = self.facts.config
        if source in config.histories.sources:
            return "histories"
        return "capability" if source in config.capability.sources else "records"

    def expected(self, source: str) -> Plain:
        """Return what is expected of a source, but for what to do where it is not there."""
        part, settings = self.part(source), self.facts.settings
        said = (settings if part == "records" else settings[part])["sources"][source]
        return {"part": part, "name": source, "spec": _read(said)}

    def refresh(self, source: str) -> Plain:
        """Return the same with all that is read: of evaluations, on the configured benchmarks."""
        wanted = self.facts.benchmarks if self.part(source) == "records" else None
        return {**self.expected(source), "benchmarks": wanted}

    def acquire(self, source: str) -> Plain:
        """Return what the reading of a source's evaluations is told."""
        expected = self.expected(source)
        return {
            **{name: expected[name] for name in ("name", "spec")},
            "benchmarks": self.facts.benchmarks,
        }

    def policy(self, source: str) -> Plain:
        """Return how a source is downloaded."""
        return self.facts.config.policy(source).model_dump(mode="json")

    @property
    def reading_policy(self) -> Plain:
        """How much is read."""
        said = self.facts.settings["acquisition"]
        return {"largest": said["largest"]}

    def warnings(self) -> list[str]:
        """Return what users of the snapshots in use must know, a line each."""
        config = self.facts.config
        return [
            line
            for name in config.url_sources
            for line in warnings(
                name, self.directory(name), config.read_sources[name].location, config.policy(name)
            )
        ]

    @property
    def roles(self) -> Plain:
        """What each source is for."""
        said = self.facts.settings["sources"]
        return {name: {key: said[name][key] for key in ("role", "join")} for name in self.sources}

    @property
    def normalize(self) -> Plain:
        """What the joining of the sources is told."""
        return {
            "corrections": self.facts.corrections,
            "benchmarks": self.facts.benchmarks,
            "precedence": self.facts.config.record_sources,
        }

    @property
    def rules(self) -> Plain:
        """What is known of values, of repeats and of the columns that hold scores."""
        settings, sources = self.facts.settings, self.facts.config.record_sources
        return {
            "values": settings["values"],
            "benchmarks": settings["benchmarks"]["definitions"],
            "repeats": {
                **settings["repeats"],
                "sources": {
                    name: {key: settings["sources"][name][key] for key in _MATCHING}
                    for name in sources
                },
            },
            "scores": {name: self._scores(name) for name in sources},
        }

    def _scores(self, source: str) -> list[str]:
        """The columns of a source that are read as perplexity, without conversion."""
        said = self.facts.config.sources[source]
        if said.metric != "perplexity":
            return []
        return [
            column.column
            for _, field, column in said.columns.each()
            if field == "perplexity" and column.column is not None and column.metric is None
        ]

    def sample(self, sample: str) -> Plain:
        """Return what the drawing of a sample is told."""
        settings = self.facts.settings
        return {
            "name": sample,
            "spec": settings["samples"][sample],
            "exclusions": {
                name: settings["exclusions"][name]
                for name in self.facts.config.samples[sample].exclusions
            },
            "benchmarks": settings["benchmarks"],
        }

    @property
    def database(self) -> Plain:
        """What the database of records holds."""
        said = self.facts.settings["sources"]
        return {
            "records": list(STORED),
            "samples": self.facts.samples,
            "sources": {name: said[name] for name in self.sources},
        }
