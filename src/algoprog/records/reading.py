"""Read the cells of a source's table into our fields, whichever kind of record they make up.

A table of texts (:mod:`algoprog.records.parse.kinds`), a mapping of its columns and the fields of
a record give typed values, and an error that lists every cell that cannot be read.
"""

from __future__ import annotations

import datetime
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.grammar import names_in, parse_arithmetic
from algoprog.common.rows import Plain
from algoprog.records.derived import derived
from algoprog.records.fields import Field
from algoprog.records.parse.cells import PARSERS, UnreadableError, Value, date, link
from algoprog.records.parse.files import seeming_delimiter
from algoprog.records.parse.kinds import parse
from algoprog.records.parse.patterns import matched
from algoprog.records.parse.text import BENCHMARK, LINKS, PLACE, ROW
from algoprog.records.specification import Column, Source
from algoprog.records.tables import WARNINGS
from algoprog.tables.frames import frame_of

TYPES = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "date": pl.Date}

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
# 1.234.567 and 1.234,5; of 1.234 alone it cannot be known whether it is grouped.
_GROUPED = r"^[+-]?[0-9]{1,3}((\.[0-9]{3}){2,}(,[0-9]*)?|\.[0-9]{3},[0-9]*)$"
# Fields without which a record is nothing, or another one, besides those that may not be blank.
NEEDED = ("source_row", "benchmark", "perplexity")
# Parsers of numbers, and the signs they read swapped where a source writes a decimal comma.
_OF_NUMBERS = ("number", "count", "duration")
_SWAPPED = str.maketrans(",.", ".,")
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
        present = source_columns(table)
        fix = f"correct sources.{source.name}.columns; the columns there are: {', '.join(present)}"
        if source.form.kind == "csv":
            fix += seeming_delimiter(present)
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


@dataclass(frozen=True, order=True)
class Unreadable:
    """A cell that cannot be read.

    Attributes
    ----------
    row, column : of the source's table.
    text : what stands there.
    fix : what to do about it.
    field : the field it was read for.
    """

    row: int
    column: str
    text: str
    fix: str
    field: str


class Reader:
    """Reads the cells of a table's columns; says at the end which could not be read.

    Attributes
    ----------
    unreadable : the cells that could not be read.
    """

    def __init__(self, source: Source, table: pl.DataFrame, fields: Mapping[str, Field]) -> None:
        self.where = source.where
        self.table = table
        self.missing = ["", *source.missing]
        self.date_format = source.date_format
        self.base = source.base
        self.decimal = source.decimal
        self.fields = fields
        self.unreadable: dict[Unreadable, None] = {}
        self._mapped = source.fields
        self._variables: dict[str, pl.Series | None] = {}

    def field(self, field: str, mapped: Column) -> pl.Series:
        """Return the values of a field: of its column, or of the first of several that has one."""
        values = self.single(field, mapped)
        for other in mapped.otherwise:
            blank = values.is_null()
            if blank.any():
                values = values.zip_with(~blank, self.single(field, other, blank))
        return values

    def single(self, field: str, mapped: Column, wanted: pl.Series | None = None) -> pl.Series:
        """Return the values of one column of a field, in the rows that are wanted (all: None)."""
        kind = self.fields[field].kind
        if mapped.constant is not None:
            value = pl.select(literal(kind, mapped.constant)).to_series()[0]
            return pl.repeat(value, self.table.height, dtype=TYPES[kind], eager=True)
        if mapped.formula is not None:
            return self._derived(field, mapped, wanted)
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
        if wanted is not None:
            texts = texts.set(~wanted, None)
        if mapped.parser is None and mapped.pattern is None:
            values = self._plain(kind, field, column, texts)
        else:
            values = self._parsed(field, column, texts, mapped)
        return values if mapped.scale is None else values * mapped.factor

    def note(self, row: int, column: str, text: str, fix: str, field: str) -> None:
        """Note a cell that cannot be read, once."""
        self.unreadable[Unreadable(row, column, text, fix, field)] = None

    def finish(self, rows: Container[int] | None = None, *, strict: bool = True) -> pl.DataFrame:
        """Return the warnings of the cells that are left blank, for they could not be read.

        Parameters
        ----------
        rows : those that count (all: None).
        strict : whether a cell of an optional field is an error too.

        Raises
        ------
        InputError
            if a cell could not be read that may not be blank.
        """
        found = sorted(one for one in self.unreadable if rows is None or one.row in rows)
        bad = [one for one in found if strict or self._needed(one.field)]
        if bad:
            raise self._error(bad)
        return frame_of(
            WARNINGS,
            [
                {
                    "kind": "unreadable",
                    "field": one.field,
                    "value": one.text,
                    "said": f"{self._place(one)}: {one.text!r} cannot be read as {one.field}, "
                    f"which is left blank; {one.fix}",
                }
                for one in found
            ],
        )

    def _needed(self, field: str) -> bool:
        """Whether a record is nothing without a field, or another one."""
        return self.fields[field].required or field in NEEDED

    def _place(self, cell: Unreadable) -> str:
        return f"{self.table[PLACE][cell.row]}, column {cell.column.removesuffix(LINKS)}"

    def _error(self, bad: Sequence[Unreadable]) -> InputError:
        errors = [
            InputError(self.where, self._place(one), one.text, one.fix) for one in bad[:_SHOWN]
        ]
        if len(bad) > _SHOWN:
            rest = f"{len(bad) - _SHOWN} more cells"
            errors.append(InputError(self.where, "", rest, "mend them likewise"))
        return InputError.combine(errors)

    def _derived(self, field: str, mapped: Column, wanted: pl.Series | None) -> pl.Series:
        """The values of a formula of other fields and of columns of its own."""
        formula = mapped.formula or ""
        names = sorted(names_in(parse_arithmetic(formula)))
        values = derived(formula, {name: self._variable(name, field, mapped) for name in names})
        if wanted is not None:
            values = values.set(~wanted, None)
        for row in (~values.is_finite()).fill_null(False).arg_true():
            fix = "the formula gives no number of this row: leave it out, or correct the formula"
            self.note(row, formula, str(values[row]), fix, field)
        return values.set((~values.is_finite()).fill_null(False), None)

    def _variable(self, name: str, field: str, mapped: Column) -> pl.Series:
        """A variable of a formula: a column of its own, or another field."""
        if name in mapped.of:
            return self.field(field, mapped.of[name])
        if name not in self._variables:
            if name not in self._mapped or self.fields[name].kind != "number":
                fix = "name a field that is a number and mapped, or give its column under `of`"
                raise InputError(self.where, f"columns.{field}.formula", name, fix)
            self._variables[name] = None  # until it is read
            self._variables[name] = self.field(name, self._mapped[name])
        found = self._variables[name]
        if found is None:
            fix = "the formulas of fields name one another in a circle: name a column in one"
            raise InputError(self.where, f"columns.{field}.formula", name, fix)
        return found

    def _parsed(self, field: str, column: str, texts: pl.Series, mapped: Column) -> pl.Series:
        """Cells read by a declared parser or pattern."""
        values: list[Any] = []
        for row, cell in enumerate(texts):
            values.append(None)
            if cell is None:
                continue
            try:
                values[-1] = self._value(cell, column, mapped)
            except UnreadableError as error:
                fix = f"{error}; or list it under the source's missing, or the column's replace"
                self.note(row, column, cell, fix, field)
        return pl.Series(values, dtype=TYPES[self.fields[field].kind])

    def _value(self, cell: str, column: str, mapped: Column) -> Value:
        """A cell's value by the parser or the patterns of its column."""
        formats = mapped.formats or ()
        if mapped.scale is not None and _has_unit(cell, mapped):
            fix = "the cell has a unit of its own: take `scale` away, or give plain numbers"
            raise UnreadableError(fix)
        if mapped.pattern is not None:
            return matched(cell, mapped.pattern, formats)
        if mapped.parser == "date":
            return date(cell, formats)
        if self.decimal == "," and mapped.parser in _OF_NUMBERS:
            cell = cell.translate(_SWAPPED)
        if mapped.parser == "link":
            return link(cell, self.base, bare=column.endswith(LINKS))
        return PARSERS[mapped.parser or ""](cell)

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
        if self.decimal == ",":
            fix = fix.replace("2.34e8", "2,34e8")
            grouped = texts.str.contains(_GROUPED)
            ungrouped = texts.str.replace_all(".", "", literal=True)
            plain = ungrouped.zip_with(grouped, texts).str.replace_many([",", "."], [".", ","])
        else:
            plain = texts
        numbers = plain.cast(pl.Float64, strict=False)
        numbers = numbers.set(~(plain.str.contains(_NUMBER) & numbers.is_finite()), None)
        self._expect(numbers, field, column, texts, fix)
        return numbers

    def _integer(self, field: str, column: str, texts: pl.Series) -> pl.Series:
        whole = texts.str.contains(r"^[0-9]{1,18}$")
        numbers = texts.cast(pl.Int64, strict=False).set(~whole, None)
        self._expect(numbers, field, column, texts, f"give {field} as a whole number")
        return numbers

    def _date(self, field: str, column: str, texts: pl.Series) -> pl.Series:
        try:
            dates = texts.str.to_date(self.date_format, strict=False)
        except pl.exceptions.PolarsError:
            dates = pl.Series([None] * texts.len(), dtype=pl.Date)
        fix = f"give {field} in the format {self.date_format}, or set the source's date_format"
        self._expect(dates, field, column, texts, fix)
        return dates

    def _expect(
        self, values: pl.Series, field: str, column: str, texts: pl.Series, fix: str
    ) -> None:
        """Note the cells that hold something, but nothing that could be read."""
        bad = (values.is_null() & texts.is_not_null()).arg_true()
        for row in bad.to_list():
            self.note(row, column, texts[row], fix, field)


def _has_unit(cell: str, mapped: Column) -> bool:
    """Whether a count in a cell says its unit, as 24M does."""
    of_counts = mapped.pattern is None and mapped.parser == "count"
    try:
        return of_counts and PARSERS["number"](cell.strip("~≈ ")) != PARSERS["count"](cell)
    except UnreadableError:
        return True
