"""Read the cells of a source's table into our fields, whichever kind of record they make up.

A table of texts (:mod:`algoprog.records.parse.kinds`), a mapping of its columns and the fields of
a record give typed values, and an error that lists every cell that cannot be read.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.records.fields import Field
from algoprog.records.parse.cells import PARSERS, UnreadableError, date
from algoprog.records.parse.kinds import parse
from algoprog.records.parse.text import BENCHMARK, LINKS, PLACE, ROW
from algoprog.records.specification import Column, Source

TYPES = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "date": pl.Date}

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_SHOWN = 20  # errors of one source that are listed


def read_fields(
    name: str, spec: Plain, fields: Mapping[str, Field], content: bytes
) -> pl.DataFrame:
    """Return the rows of a source as `fields`, and `place`, where each stands in the source.

    Parameters
    ----------
    name, spec
        The source and its entry in the configuration: `kind`, `location`, `columns` (our field:
        its column), and what the kind needs besides.
    fields : mapping
        The fields of a record by name; those the source does not have are null.
    content : bytes
        The source.

    Raises
    ------
    InputError
        naming source, line, column and value of every cell that cannot be read.
    """
    source = Source.of(name, spec)
    table = wanted_table(source, content)
    read = Reader(source, table, fields)
    known = {field: read.field(field, column) for field, column in source.fields.items()}
    read.finish()
    rows = pl.DataFrame(
        [
            known[field].alias(field)
            if field in known
            else pl.repeat(None, table.height, dtype=TYPES[about.kind], eager=True).alias(field)
            for field, about in fields.items()
        ]
    )
    return filled(rows, source.fields, fields).with_columns(table[PLACE].alias("place"))


def wanted_table(source: Source, content: bytes) -> pl.DataFrame:
    """Return the rows an entry wants of a source's table, every mapped column being there.

    Raises
    ------
    InputError
        if the content is not of the source's kind, lacks a column, or has no such rows.
    """
    table = parse(content, source.form, source.where)
    absent = [column for column in source.mapped if column not in table.columns]
    if absent:
        present = ", ".join(source_columns(table))
        fix = f"correct sources.{source.name}.columns; the columns there are: {present}"
        raise InputError(source.where, "header", f"no column {', '.join(absent)}", fix)
    for column, texts in source.only.items():
        left = table.filter(pl.col(column).str.strip_chars().is_in(list(texts)))
        if left.is_empty():
            there = ", ".join(map(repr, table[column].unique(maintain_order=True).head(10)))
            fix = f"correct the source's only; the column has {there}"
            raise InputError(source.where, f"only.{column}", ", ".join(texts), fix)
        table = left
    return table


def source_columns(table: pl.DataFrame) -> list[str]:
    """Return the columns of a parsed table that the source itself has."""
    added = (ROW, PLACE, BENCHMARK)
    return [name for name in table.columns if name not in added and not name.endswith(LINKS)]


def filled(
    records: pl.DataFrame, mapped: Mapping[str, Column], fields: Mapping[str, Field]
) -> pl.DataFrame:
    """Return records with the defaults of the fields in place of blanks."""
    for field, column in mapped.items():
        default = column.default
        if default is None:
            continue
        kind = fields[field].kind
        if isinstance(default, Mapping):
            value = pl.lit(None, TYPES[kind])
            for benchmark, given in default.items():
                here = pl.col("benchmark") == benchmark
                value = pl.when(here).then(literal(kind, given)).otherwise(value)
        else:
            value = literal(kind, default)
        records = records.with_columns(pl.coalesce(field, value).alias(field))
    return records


def literal(kind: str, value: Any) -> pl.Expr:
    """Return a value of the configuration as its field's type."""
    if kind == "date" and isinstance(value, str):
        value = datetime.date.fromisoformat(value)
    return pl.lit(value, TYPES[kind])


class Reader:
    """Reads the cells of a table's columns; says at the end which could not be read.

    Attributes
    ----------
    unreadable : row, column, text and what to do about it, of every cell that could not be read.
    """

    def __init__(self, source: Source, table: pl.DataFrame, fields: Mapping[str, Field]) -> None:
        self.where = source.where
        self.table = table
        self.missing = ["", *source.missing]
        self.date_format = source.date_format
        self.fields = fields
        self.unreadable: list[tuple[int, str, str, str]] = []

    def field(self, field: str, mapped: Column) -> pl.Series:
        """Return the values of a field."""
        kind = self.fields[field].kind
        if mapped.constant is not None:
            value = pl.select(literal(kind, mapped.constant)).to_series()[0]
            return pl.repeat(value, self.table.height, dtype=TYPES[kind], eager=True)
        column = mapped.column
        if column is None:  # there is a default alone
            return pl.repeat(None, self.table.height, dtype=TYPES[kind], eager=True)
        if mapped.parser in ("link", "arxiv_date") and f"{column}{LINKS}" in self.table.columns:
            column = f"{column}{LINKS}"
        texts = self.table[column].str.strip_chars()
        if mapped.replace:
            replaced = {key.strip(): value.strip() for key, value in mapped.replace.items()}
            texts = texts.replace(replaced)
        texts = texts.set(texts.is_in(self.missing), None)
        if mapped.parser is None:
            values = self._plain(kind, field, column, texts)
        else:
            values = self._parsed(kind, column, texts, mapped.parser, mapped.formats or ())
        return values if mapped.scale is None else values * mapped.factor

    def finish(self) -> None:
        """Raise an InputError if a cell could not be read."""
        if not self.unreadable:
            return
        found = sorted(self.unreadable)
        errors = [
            InputError(
                self.where,
                f"{self.table[PLACE][row]}, column {column.removesuffix(LINKS)}",
                value,
                fix,
            )
            for row, column, value, fix in found[:_SHOWN]
        ]
        if len(found) > _SHOWN:
            rest = f"{len(found) - _SHOWN} more cells"
            errors.append(InputError(self.where, "", rest, "mend them likewise"))
        raise InputError.combine(errors)

    def _parsed(
        self, kind: str, column: str, texts: pl.Series, parser: str, formats: Sequence[str]
    ) -> pl.Series:
        """Cells read by a declared parser."""
        values: list[Any] = []
        for row, cell in enumerate(texts):
            values.append(None)
            if cell is None:
                continue
            try:
                values[-1] = date(cell, formats) if parser == "date" else PARSERS[parser](cell)
            except UnreadableError as error:
                fix = f"{error}; or list it under the source's missing, or the column's replace"
                self.unreadable.append((row, column, cell, fix))
        return pl.Series(values, dtype=TYPES[kind])

    def _plain(self, kind: str, field: str, column: str, texts: pl.Series) -> pl.Series:
        """Cells of a column without a declared parser."""
        if kind == "text":
            return texts
        if kind == "number":
            return self._number(field, column, texts)
        return (
            self._date(field, column, texts)
            if kind == "date"
            else self._integer(field, column, texts)
        )

    def _number(self, field: str, column: str, texts: pl.Series) -> pl.Series:
        markers = ", ".join(repr(text) for text in self.missing if text)
        fix = f"give {field} as a plain number (2.34e8), or a blank where it is unknown"
        if markers:
            fix += f" (also read as unknown: {markers})"
        numbers = texts.cast(pl.Float64, strict=False)
        numbers = numbers.set(~(texts.str.contains(_NUMBER) & numbers.is_finite()), None)
        self._expect(numbers, column, texts, fix)
        return numbers

    def _integer(self, field: str, column: str, texts: pl.Series) -> pl.Series:
        whole = texts.str.contains(r"^[0-9]{1,18}$")
        numbers = texts.cast(pl.Int64, strict=False).set(~whole, None)
        self._expect(numbers, column, texts, f"give {field} as a whole number")
        return numbers

    def _date(self, field: str, column: str, texts: pl.Series) -> pl.Series:
        try:
            dates = texts.str.to_date(self.date_format, strict=False)
        except pl.exceptions.PolarsError:
            dates = pl.Series([None] * texts.len(), dtype=pl.Date)
        fix = f"give {field} in the format {self.date_format}, or set the source's date_format"
        self._expect(dates, column, texts, fix)
        return dates

    def _expect(self, values: pl.Series, column: str, texts: pl.Series, fix: str) -> None:
        """Note the cells that hold something, but nothing that could be read."""
        bad = (values.is_null() & texts.is_not_null()).arg_true()
        self.unreadable += [(row, column, texts[row], fix) for row in bad.to_list()]
