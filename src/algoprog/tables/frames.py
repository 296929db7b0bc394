"""Frames of declared tables: built with their types, checked against them, sorted by their keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from algoprog.common.rows import Plain
from algoprog.tables.declaration import Table

_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "truth": pl.Boolean(),
    "date": pl.Date(),
}


def schema_of(table: Table) -> dict[str, pl.DataType]:
    """Return the types of the declared columns by name, in order."""
    return {column.name: _TYPES[column.kind] for column in table.columns}


def type_of(table: Table, name: str) -> pl.DataType:
    """Return the type of the column `name`; KeyError where it is not of this table."""
    return _TYPES[table.column(name).kind]


def frame_of(table: Table, rows: Iterable[Plain | tuple[Any, ...]]) -> pl.DataFrame:
    """Return the frame of `table` with these rows.

    Parameters
    ----------
    table : the declaration.
    rows : values by column, where what a row lacks is null; or a tuple of all declared columns.

    Raises
    ------
    ValueError
        for a row with a column that is not declared, where the configuration names none, and for a
        tuple of another length.
    """
    known = schema_of(table)
    given = [
        dict(zip(known, row, strict=True)) if isinstance(row, tuple) else dict(row) for row in rows
    ]
    for name in dict.fromkeys(name for row in given for name in row):
        if name not in known:
            if table.others is None:
                raise ValueError(f"table {table.name}: not declared: {name}")
            known[name] = _TYPES[table.others.kind]
    return pl.DataFrame([dict.fromkeys(known) | row for row in given], schema=known)


def checked(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return `frame` with the declared types, once its columns are the declared ones.

    Integers of another width become 64-bit ones and a column without any value takes its type;
    nothing else is converted.

    Raises
    ------
    ValueError
        for a column that is missing, not declared, in another place or of another type.
    """
    wrong = table.disagreement(frame.columns)
    if wrong:
        raise ValueError(f"table {table.name}: {wrong}")
    types = {name: type_of(table, name) for name in frame.columns}
    for name, kind in frame.schema.items():
        same = kind == types[name] or kind == pl.Null
        if not same and not (kind.is_integer() and types[name].is_integer()):
            raise ValueError(
                f"table {table.name}: column {name} is {kind}, declared {table.column(name).kind}"
            )
    return frame.cast(types)  # type: ignore[arg-type]


def in_order(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `frame` in the order of `table`.

    Raises
    ------
    ValueError
        where two rows have the same key.
    """
    repeated = frame.filter(pl.struct(table.key).is_duplicated())
    if repeated.height:
        key = repeated.select(table.key).row(0)
        raise ValueError(f"table {table.name}: two rows with the key {key}")
    if not table.order:
        return frame
    return frame.sort(table.order, nulls_last=False, maintain_order=True)
