"""Tables as a DuckDB file whose tables and columns say what they are."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from algoprog.tables.documentation import Table, comments


def write_documented(
    path: Path, tables: Mapping[str, pl.DataFrame], words: Mapping[str, Table], threads: int
) -> None:
    """Write a new DuckDB file with one table for each of `tables`, and a comment on each column.

    Raises KeyError for a table or column without `words`.
    """
    with (
        tempfile.TemporaryDirectory() as directory,
        duckdb.connect(str(path), config={"threads": threads}) as connection,
    ):
        for name, table in tables.items():
            parquet = Path(directory) / f"{name}.parquet"
            table.write_parquet(parquet)
            connection.execute(
                f'CREATE TABLE "{name}" AS SELECT * FROM read_parquet(?)', [str(parquet)]
            )
            for statement in comments(name, words[name], table.columns):
                connection.execute(statement)
