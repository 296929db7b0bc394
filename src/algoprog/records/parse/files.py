"""Tables in files as tables of texts: CSV and Parquet."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from algoprog.common.decoding import decode
from algoprog.common.errors import InputError
from algoprog.records.parse.text import check_cells, check_names, text_table
from algoprog.records.specification import Form

_DELIMITERS = (";", "\t", "|")
_SEPARATOR = re.compile(r"sep=(?P<delimiter>[^\r\n])(?:\r\n|\n|\r|\Z)", re.I)
_PARQUET_MEMORY = "1GB"
_PARQUET_UNPACKED = 2_000_000_000  # bytes


def parse_csv(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of a CSV file (UTF-8, header in the first line), every cell a text.

    Cells are between commas, or the form's delimiter; a first line "sep=;", as spreadsheets write
    it, says it too. Rows without any content are left out, but counted. Columns without a name are
    left out.

    Raises
    ------
    InputError
        if it is not CSV (HTML, a spreadsheet or another binary file, rows of unequal length), or
        has no rows or two columns of one name.
    """
    text = decode(content, where, "CSV")
    said = _SEPARATOR.match(text)
    delimiter = form.delimiter or (said["delimiter"] if said else ",")
    stream = io.StringIO(text[said.end() :] if said else text, newline="")
    rows = csv.reader(stream, delimiter=delimiter, strict=True)
    cells: list[list[str]] = []
    numbers: list[int] = []
    places: list[str] = []
    header: list[str] = []
    skipped = 1 if said else 0
    line = 1 + skipped
    count = 0
    try:
        for row in rows:
            first, line = line, rows.line_num + 1 + skipped
            if not header:
                header = [name.strip() for name in row]
                continue
            if not row:  # an empty line is no row
                continue
            count += 1
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                found = f"{len(row)} cells under {len(header)} column names"
                fix = "give CSV: put a text that holds a comma or a quote in quotes"
                fix += seeming_delimiter(header)
                raise InputError(where, f"line {first}", found, fix)
            cells.append(row)
            numbers.append(count)
            places.append(f"line {first}")
    except csv.Error as error:
        begins = text.partition("\n")[0]  # cells in quotes behind another delimiter are no CSV
        other = "" if delimiter in begins else seeming_delimiter(header or [begins])
        fix = f"give a file in CSV format{other}"
        raise InputError(where, f"line {line}", str(error), fix) from None
    named = [i for i, name in enumerate(header) if name]
    check_names(where, "header", [header[i] for i in named])
    if not cells:
        fix = "give a CSV file with a header and a row for each system or evaluation"
        raise InputError(where, "", "no records", fix)
    columns = {header[i]: [row[i] for row in cells] for i in named}
    return text_table(where, columns, places, numbers=numbers)


def seeming_delimiter(header: Sequence[str]) -> str:
    """Return what to add to an error of CSV whose single column name has another delimiter."""
    if len(header) != 1:
        return ""
    often = max(_DELIMITERS, key=header[0].count)
    if not header[0].count(often):
        return ""
    shown = "tab" if often == "\t" else f'"{often}"'
    return f"; the file seems to use {shown} between cells: add `delimiter: {shown}` to the source"


# --- Parquet -------------------------------------------------------------------------------------


def parse_parquet(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of a Parquet file, values as DuckDB writes them (2019-02-14, 1.5e+18).

    Raises
    ------
    InputError
        if it is not Parquet, is damaged, holds more than fits into 1 GB, or has no rows.
    """
    import duckdb  # here, for it takes longer to import than most sources to read

    fix = "give a Parquet file that is whole"
    if not (content.startswith(b"PAR1") and content.endswith(b"PAR1")):
        raise InputError(where, "", "no Parquet file", fix)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder, "source.parquet")
        path.write_bytes(content)
        try:
            connection.execute(f"SET memory_limit = '{_PARQUET_MEMORY}'")
            connection.execute("SET temp_directory = ''")
            connection.execute("SET threads = 1")
            about = connection.execute(
                "SELECT coalesce(sum(total_uncompressed_size), 0) FROM parquet_metadata(?)",
                [str(path)],
            ).fetchone()
            unpacked = about[0] if about else 0
            if unpacked > _PARQUET_UNPACKED:
                small = f"give one that unpacks to at most {_PARQUET_UNPACKED / 1e9:.0f} GB"
                raise InputError(where, "size", f"{unpacked / 1e9:.3g} GB unpacked", small)
            source = connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(path)])
            names = [str(column[0]) for column in source.description]
            counted = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)])
            height = (counted.fetchone() or (0,))[0]
            check_cells(where, height, len(names))
            rows = connection.execute(
                "SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?)", [str(path)]
            ).fetchall()
        except (duckdb.Error, UnicodeDecodeError, MemoryError, RuntimeError) as error:
            found = str(error).splitlines()[0].replace(str(path), "the file")[:200]
            raise InputError(where, "", found or type(error).__name__, fix) from None
    check_names(where, "columns", names)
    if not rows or not names:
        raise InputError(where, "", "no records", "give a Parquet file with rows")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return text_table(where, columns, [f"row {number}" for number in range(1, len(rows) + 1)])
