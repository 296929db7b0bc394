"""The project as a notebook finds it: its checked configuration, and records of its form."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

import algoprog
from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.config.document import parse_config
from algoprog.config.loading import FILE, FOLDER, read_mapping
from algoprog.config.sections.variables import resolved
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.normalise import normalize
from algoprog.records.sample import Sample, SampleSpec, select
from algoprog.records.sources import read_source
from algoprog.records.specification import Source

REGISTER = "register"  # the source whose columns a user's file has
PAPER = "paper"
# Columns without which a record is of no use.
NEEDED = (
    "system", "paper", "published", "benchmark", "perplexity", "parameters", "dataset_tokens",
)  # fmt: skip


def project() -> Path:
    """Return the project's folder: the working directory, one above it, or the library's checkout.

    Raises
    ------
    InputError
        where none of them holds a configuration.
    """
    here = Path.cwd()
    library = Path(algoprog.__file__).resolve().parents[2]
    for folder in (here, *here.parents, library):
        if (folder / FILE).is_file() and (folder / FOLDER).is_dir():
            return folder
    fix = f"start in the project's folder, which holds {FILE} and {FOLDER}/"
    raise InputError(str(here), "", "no configuration", fix)


@cache
def _settings(folder: Path) -> dict[str, Any]:
    return resolved(parse_config(read_mapping(folder)).settings)


def settings() -> dict[str, Any]:
    """Return the project's checked configuration as plain built-ins."""
    return _settings(project())


def sample_spec(name: str) -> SampleSpec:
    """Return a sample of the configuration by name, to be drawn from records.

    Raises
    ------
    InputError
        for a name that the configuration does not have.
    """
    known = settings()
    benchmarks = Benchmarks.of(known["benchmarks"])
    spec = named(known["samples"], name, "samples")
    return SampleSpec.of(name, spec, known["exclusions"], benchmarks)


def paper_sample() -> SampleSpec:
    """Return the paper's sample."""
    return sample_spec(PAPER)


def named(section: Plain, name: str, where: str) -> Any:
    """Return an entry of a section of the configuration, refused where it has none so called."""
    if name not in section:
        raise InputError("the configuration", where, name, f"use one of {', '.join(section)}")
    return section[name]


# ---- records


@dataclass(frozen=True)
class Records:
    """Evaluations of systems, a row for each system and benchmark."""

    evaluations: pl.DataFrame

    def sample(self, spec: SampleSpec) -> Sample:
        """Return the records that a sample keeps, in its order (docs/method.md, section 1)."""
        return Sample(spec.name, select(self.evaluations, spec).rows, spec.benchmarks)

    def excluded(self, spec: SampleSpec) -> pl.DataFrame:
        """Return the records that a sample leaves out, each with the reason."""
        return select(self.evaluations, spec).excluded

    def __repr__(self) -> str:
        systems = self.evaluations.select("source", "source_row").n_unique()
        return f"Records({self.evaluations.height} evaluations of {systems} systems)"


def read_records(*files: str | Path) -> Records:
    """Return the records of CSV files with the columns of the project's register.

    A file may leave out columns but those in :data:`NEEDED`. Of an evaluation that several files
    have, the first counts. The project's corrections apply to the records that they match.

    Raises
    ------
    InputError
        naming file, line, column and value of what cannot be read, and the fix.
    """
    known = settings()
    benchmarks = list(known["benchmarks"]["definitions"])
    sources = [_source(Path(file), known["sources"][REGISTER]) for file in files]
    names = [source.name for source in sources]
    if len(set(names)) < len(names) or not names:
        raise InputError("read_records", "files", ", ".join(names), "give files of different names")
    frames = [
        read_source(source, benchmarks, Path(file).read_bytes())
        for source, file in zip(sources, files, strict=True)
    ]
    corrections = {
        name: {key: one[key] for key in ("match", "set", "reason")}
        for name, one in known["corrections"].items()
        if one["enabled"] and _matches(pl.concat(frames), one["match"])
    }
    return Records(normalize(frames, corrections, benchmarks, names).evaluations)


def _source(file: Path, register: Plain) -> Source:
    """A file as a source: the columns of the register that it has."""
    if not file.is_file():
        raise InputError(str(file), "", "no such file", "name a CSV file of records")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        header = next(csv.reader(lines), [])
    mapped = {name: one for name, one in register["columns"].items() if name != "extra"}
    columns = {name: one["column"] for name, one in mapped.items()}
    unknown = [name for name in header if name not in columns.values()]
    if unknown:
        fix = f"the columns of a record are {', '.join(columns.values())}"
        raise InputError(str(file), "line 1", ", ".join(unknown), fix)
    missing = [name for name in NEEDED if columns[name] not in header]
    if missing:
        raise InputError(str(file), "line 1", None, f"add the columns {', '.join(missing)}")
    present = {name: one for name, one in mapped.items() if one["column"] in header}
    plain = {**register, "location": str(file), "columns": present}
    return Source.of(file.stem, plain)


def _matches(records: pl.DataFrame, match: Plain) -> bool:
    return not records.filter(*(pl.col(name) == value for name, value in match.items())).is_empty()
