"""The database of records: data/processed/evaluations.duckdb, written by one rule alone.

Tables: `evaluations` (every evaluation of every source, once), `superseded` (records of
evaluations that a source before theirs has, with that source and row), `conflicts` and `duplicates`
(where the two disagree, and how often), `joined` (what a join filled), `sources`, `corrections`,
`samples`, `exclusions` (every record a sample leaves out, with the reason) and `sample_steps`. The
comment on each table and column says what it holds and in which unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from algoprog.common.rows import Plain
from algoprog.records.tables import DATABASE
from algoprog.tables.csv import stack_samples
from algoprog.tables.database import write_documented


def write_database(
    path: Path,
    records: Mapping[str, pl.DataFrame],
    sources: Mapping[str, Plain],
    rows: Mapping[str, pl.DataFrame],
    excluded: Mapping[str, pl.DataFrame],
    steps: Mapping[str, pl.DataFrame],
    threads: int = 1,
) -> None:
    """Write a new database of all records and of the samples drawn from them.

    `records` are tables by name: evaluations, and the others that hold records; `sources` are
    entries of the configuration; `rows`, `excluded` and `steps` are by sample.
    """
    numbered = {name: frame.with_row_index("number") for name, frame in steps.items()}
    tables = {
        "sources": _sources(sources, records["evaluations"]),
        **records,
        "samples": stack_samples(rows),
        "exclusions": stack_samples(excluded),
        "sample_steps": stack_samples(numbered),
    }
    write_documented(path, tables, DATABASE, threads)


def _sources(sources: Mapping[str, Plain], evaluations: pl.DataFrame) -> pl.DataFrame:
    """Name, kind and location of each source, and how many entries and evaluations it gave."""
    described = pl.DataFrame(
        [
            {"source": name, **{key: spec[key] for key in ("kind", "role", "location")}}
            for name, spec in sources.items()
        ]
    )
    counts = evaluations.group_by("source").agg(
        pl.col("source_row").n_unique().alias("entries"),
        pl.col("perplexity").count().alias("evaluations"),
    )
    return described.join(counts, on="source", how="left").sort("source")
