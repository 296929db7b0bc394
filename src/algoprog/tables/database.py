"""Declared tables as a DuckDB file whose tables and columns say what they are."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from algoprog.tables.declaration import Table
from algoprog.tables.document import comments
from algoprog.tables.frames import checked


def write_documented(
    path: Path, frames: Mapping[str, pl.DataFrame], tables: Mapping[str, Table], threads: int
) -> None:
    """Write a new DuckDB file with a table for each of `frames`, typed and commented as declared.

    Parameters
    ----------
    path : the file.
    frames, tables : rows and declarations by name.
    threads : of DuckDB.

    Raises
    ------
    KeyError
        for a frame whose table is not declared.
    ValueError
        for a frame whose columns are not the declared ones.
    """
    with (
        tempfile.TemporaryDirectory() as directory,
        duckdb.connect(str(path), config={"threads": threads}) as connection,
    ):
        for name, frame in frames.items():
            parquet = Path(directory) / f"{name}.parquet"
            checked(tables[name], frame).write_parquet(parquet)
            connection.execute(
                f'CREATE TABLE "{name}" AS SELECT * FROM read_parquet(?)', [str(parquet)]
            )
            for statement in comments(name, tables[name], frame.columns):
                connection.execute(statement)
