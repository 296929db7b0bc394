"""Result tables as CSV: the same numbers give the same bytes.

Numbers are written in the shortest form that reads back as the same double (Python's ``repr``),
nulls and NaN as blanks, infinities as ``inf`` and ``-inf``, truth as ``true`` and ``false``, dates
in ISO form; lines end in a bare newline. A table has the columns and the order that it is declared
with, so nothing depends on the order in which jobs ended.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import math
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from algoprog.common.errors import InputError
from algoprog.tables.declaration import Table
from algoprog.tables.frames import checked, in_order, type_of


def write_table(path: Path, table: Table, frame: pl.DataFrame) -> None:
    """Write the rows of a declared table as CSV, in their order.

    Raises
    ------
    ValueError
        if the columns are not the declared ones, or if two rows have the same key, for then their
        order would be left to chance.
    """
    path.write_bytes(csv_bytes(in_order(table, checked(table, frame))))


def read_table(path: Path, table: Table) -> pl.DataFrame:
    """Return a table written by :func:`write_table`, with the types that are declared.

    Raises
    ------
    InputError
        if its columns or values are not of this table.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines), [])
    fix = "delete the file and run again"
    wrong = table.disagreement(header)
    if wrong:
        raise InputError(str(path), "line 1", wrong, fix)
    try:
        return pl.read_csv(path, schema={name: type_of(table, name) for name in header})
    except pl.exceptions.PolarsError as error:
        words = str(error).splitlines()[0]
        raise InputError(str(path), f"table {table.name}", words, fix) from None


def read_tables(paths: Iterable[Path], tables: Mapping[str, Table]) -> dict[str, pl.DataFrame]:
    """Return tables by the name of their file, which is their name in `tables`."""
    return {path.stem: read_table(path, tables[path.stem]) for path in sorted(paths)}


def stack_samples(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Frames of several samples one below the other, with the sample's name in front."""
    return pl.concat(
        [frame.select(pl.lit(name).alias("sample"), pl.all()) for name, frame in frames.items()]
    )


def csv_bytes(table: pl.DataFrame) -> bytes:
    """`table` as UTF-8 CSV, header first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_field(value) for value in row] for row in table.iter_rows())
    return text.getvalue().encode()


def packed(content: bytes) -> bytes:
    """Return a file's bytes packed by gzip, the same for the same bytes."""
    return gzip.compress(content, 9, mtime=0)


def unpacked(path: Path) -> bytes:
    """Return the bytes of a packed file.

    Raises
    ------
    InputError
        for a file that is not packed, or only in part.
    """
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        fix = "check the project out again"
        raise InputError(str(path), "", str(error), fix) from None


def _field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)
