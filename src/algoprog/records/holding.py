"""For which rows a condition holds: DuckDB evaluates the closed tree of it.

The condition's text never reaches DuckDB, only what the grammar
(:mod:`algoprog.records.conditions`) made of it, on a table of the rows and in a database in memory
that can reach no network, and no file but that of the rows.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from algoprog.records.conditions import Tree, columns_of, parse, sql
from algoprog.records.tokens import ConditionError

if TYPE_CHECKING:
    import duckdb

SECONDS = 20.0  # that one condition may take
MEMORY = "512MB"


def holds(rows: pl.DataFrame, condition: str) -> pl.Series:
    """Return whether a condition holds for each row; where it is unknown it does not.

    Raises
    ------
    ConditionError
        for a text that is no condition, a column that is not there, values of kinds that do not
        go together, a whole number too large for its kind, and a condition that takes too long.
    """
    import duckdb  # here, for most who read a sample draw none

    tree = parse(condition)
    used = list(dict.fromkeys(columns_of(tree)))
    unknown = [name for name in used if name not in rows.columns]
    if unknown:
        fix = f"the fields are {', '.join(rows.columns)}; a text is in single quotes"
        raise ConditionError(f"no column {', '.join(unknown)}", fix)
    names = {name: f"c{i}" for i, name in enumerate(used)}
    numbers = pl.Series("c", range(rows.height), dtype=pl.Int64)
    numbered = pl.DataFrame([numbers, *(rows[name].alias(names[name]) for name in used)])
    try:
        values = _evaluated(numbered, tree, names)
    except duckdb.InterruptException:
        fix = "write a simpler condition"
        raise ConditionError(f"not evaluated within {SECONDS:g} s", fix) from None
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        for name, short in names.items():
            said = name.join(re.split(rf'"?\b{short}\b"?', said))
        fix = "write a SQL condition on the fields of a record; a date is DATE '2015-01-31'"
        raise ConditionError(said, fix) from None
    return pl.Series("holds", values, dtype=pl.Boolean)


@cache
def _database() -> tuple[duckdb.DuckDBPyConnection, Path, tempfile.TemporaryDirectory[str]]:
    """An empty database, the file it may read, and the folder that is removed with the process."""
    import duckdb

    folder = tempfile.TemporaryDirectory()
    connection = duckdb.connect(config={"threads": 1, "memory_limit": MEMORY})
    connection.execute("SET allowed_directories = [?]", [folder.name])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection, Path(folder.name, "rows.parquet"), folder


def _evaluated(numbered: pl.DataFrame, tree: Tree, names: Mapping[str, str]) -> list[bool]:
    connection, file, _ = _database()
    numbered.write_parquet(file, compression="uncompressed")
    connection.execute("CREATE OR REPLACE TABLE rows AS SELECT * FROM read_parquet(?)", [str(file)])
    expression = sql(tree, names)
    described = connection.execute(f"DESCRIBE SELECT {expression} AS holds FROM rows").fetchall()
    if described[0][1] != "BOOLEAN":
        fix = "write a condition that is true or false, such as parameters > 1e9"
        raise ConditionError(f"its values are of kind {described[0][1]}", fix)
    timer = threading.Timer(SECONDS, connection.interrupt)
    timer.start()
    try:
        found = connection.execute(f"SELECT {expression} FROM rows ORDER BY c").fetchall()
    finally:
        timer.cancel()
    return [value is True for (value,) in found]
