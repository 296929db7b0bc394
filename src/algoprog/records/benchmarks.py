"""The test sets of a configuration, as records, samples and models see them.

It imports nothing heavy: settings are rebuilt without reading a record.
"""

from __future__ import annotations

from dataclasses import dataclass

from algoprog.common.rows import Plain


@dataclass(frozen=True)
class Benchmark:
    """A test set; ``vocabulary`` (tokens) stands in for a system's blank vocabulary."""

    vocabulary: int | None = None
    label: str | None = None


@dataclass(frozen=True)
class Benchmarks:
    """The test sets in the order records are put in, and the baseline without a dummy."""

    baseline: str
    definitions: dict[str, Benchmark]

    @classmethod
    def of(cls, plain: Plain) -> Benchmarks:
        """Return the benchmarks of the configuration's section of that name."""
        definitions = {
            name: Benchmark(spec.get("vocabulary"), spec.get("label"))
            for name, spec in plain["definitions"].items()
        }
        return cls(plain["baseline"], definitions)

    @property
    def names(self) -> list[str]:
        """Names in their order."""
        return list(self.definitions)

    def vocabulary(self, name: str) -> int:
        """Return the vocabulary of a benchmark in tokens; 1 where it is unknown."""
        return self.definitions[name].vocabulary or 1
