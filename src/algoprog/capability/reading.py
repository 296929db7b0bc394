"""The registers of capability across benchmarks from the project's files, merged and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from algoprog.capability.acquire import score_content, score_source
from algoprog.capability.published import Published
from algoprog.capability.registers import (
    BENCHMARKS,
    HORIZONS,
    INDEX_BENCHMARKS,
    INDEX_SCORES,
    INDEX_VERSIONS,
    VERSIONS,
    Field,
    Registers,
    checked_frame,
)
from algoprog.capability.sources import (
    added_benchmarks,
    added_versions,
    merge_scores,
    read_export,
    read_source,
)
from algoprog.common.rows import Plain
from algoprog.records.snapshots import Policy

FIELDS: Mapping[str, tuple[tuple[Field, ...], str | None]] = {
    "versions": (VERSIONS, "model_version"),
    "benchmarks": (BENCHMARKS, "benchmark"),
    "horizons": (HORIZONS, "model_version"),
    "index_scores": (INDEX_SCORES, None),
    "index_versions": (INDEX_VERSIONS, "model_version"),
    "index_benchmarks": (INDEX_BENCHMARKS, "benchmark"),
}
ENTRIES = "config.yaml, capability"


@dataclass(frozen=True)
class Read:
    """What the analysis works on, and the source of each row of scores."""

    published: Published
    names: list[str]


def read_registers(
    root: Path,
    files: Mapping[str, str],
    sources: Mapping[str, Plain],
    aliases: Mapping[str, str],
    added: tuple[Mapping[str, Plain], Mapping[str, Plain]],
    policy: Policy,
) -> Read:
    """Return the registers, with the entries that the configuration adds.

    Parameters
    ----------
    root : Path
        The project.
    files : mapping
        Files of the registers by the names of FIELDS.
    sources : mapping
        Enabled sources of scores: location, kind, columns, constants, divisor.
    aliases : mapping
        Other names, and what the registers say.
    added : pair of mappings
        Versions and benchmarks that the configuration adds or corrects.
    policy : Policy
        What may be read.

    Raises
    ------
    InputError
        for what is wrong in a register, a source or an entry.
    """
    found = {
        name: checked_frame((root / files[name]).read_bytes(), fields, files[name], key=key)
        for name, (fields, key) in FIELDS.items()
    }
    given = [{name: _said(entry) for name, entry in part.items()} for part in added]
    versions = added_versions(found["versions"], given[0], f"{ENTRIES}.added_versions")
    benchmarks = added_benchmarks(found["benchmarks"], given[1], f"{ENTRIES}.added_benchmarks")
    frames = {
        name: _scores((root, policy), name, spec, benchmarks) for name, spec in sources.items()
    }
    scores = merge_scores(frames, aliases, benchmarks)
    names = [name for name, frame in frames.items() for _ in range(len(frame))]
    return Read(
        Published(
            Registers(scores, versions, benchmarks),
            Registers(*(found[f"index_{name}"] for name in ("scores", "versions", "benchmarks"))),
            found["horizons"],
        ),
        names,
    )


def read_planned(root: Path, call: Plain) -> Read:
    """Return what :func:`read_registers` reads, told by a plan of the configuration."""
    added_facts = (call["added_versions"], call["added_benchmarks"])
    policy = Policy(**call["policy"])
    return read_registers(
        root, call["files"], call["sources"], call["aliases"], added_facts, policy
    )


def _said(entry: Plain) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value is not None}


def _scores(
    read_as: tuple[Path, Policy], name: str, spec: Plain, benchmarks: pl.DataFrame
) -> pl.DataFrame:
    if spec["kind"] == "export":
        folder = read_as[0] / spec["location"]
        files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
        return read_export(files, benchmarks, spec["location"])
    content = score_content(name, spec, *read_as)
    return read_source(content, score_source(name, spec), spec["location"])
