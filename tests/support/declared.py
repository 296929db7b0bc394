"""Compares what a run has written with the declarations of its tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
from project import DATABASE, Project

from algoprog.catalogue import TABLES
from algoprog.tables.csv import csv_bytes, read_table

_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "truth": "BOOLEAN",
    "date": "DATE",
}


def files_as_declared(project: Project) -> set[str]:
    """The names of all tables of a run, each read with its types and the same bytes again."""
    files = sorted((project.directory / "results/tables").glob("*.csv"))
    for path in files:
        frame = read_table(path, TABLES[path.stem])
        assert csv_bytes(frame) == path.read_bytes(), path.stem
        key = list(TABLES[path.stem].key)
        assert not frame.select(key).is_duplicated().any(), path.stem
    return {path.stem for path in files}


def database_as_declared(path: Path) -> set[str]:
    """The names of all tables of a database, each with its types and words."""
    columns: dict[str, dict[str, tuple[str, str]]] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        said = "SELECT table_name, comment FROM duckdb_tables()"
        about = dict(connection.execute(said).fetchall())
        for table, name, kind, comment in connection.execute(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
            "WHERE NOT internal"
        ).fetchall():
            columns.setdefault(table, {})[name] = (kind, comment)
    for name, found in columns.items():
        table = TABLES[name]
        assert about[name] == table.about
        assert found == {
            column: (_TYPES[table.column(column).kind], table.column(column).text)
            for column in found
        }, name
        assert not table.disagreement(found), name
    return set(columns)


def as_declared(project: Project) -> set[str]:
    """The names of a run's tables, after both checks; each stands as a file and in the database."""
    names = files_as_declared(project)
    assert database_as_declared(project.directory / DATABASE) <= names
    return names
