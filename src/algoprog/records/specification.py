"""What the configuration says of a source: where it is, its form, and where fields come from.

The configuration checks it (:mod:`algoprog.config`); here it is typed. It imports no numerical
library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import msgspec

from algoprog.common.rows import Plain

# Texts that mean unknown, besides an empty cell.
MISSING = ("UNK", "?", "#VALUE!")
# Words for a scale of numbers.
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
# Differences between names that may not matter.
DIFFERENCES = ("case", "blanks", "punctuation")


@dataclass(frozen=True)
class Column:
    """Where the values of a field come from, and how they are read.

    Attributes
    ----------
    column : the source's column; None where there is a constant or a default alone.
    parser : name of a parser of cells (:data:`algoprog.records.parse.cells.PARSERS`), or date.
    formats : of the parser date (strptime).
    replace : texts of cells that are read as other texts.
    constant : the value of every record.
    default : what fills blanks: a value, or one for each benchmark.
    scale : what the numbers of the cells are counted in: a number, or a word of :data:`SCALES`.
    pattern : what stands around the value in a cell, or several, each with what its numbers are
        multiplied by (:mod:`algoprog.records.parse.patterns`).
    metric : of perplexity: what the column holds, if not what the source's `metric` says.
    formula : arithmetic of other fields, and of the columns `of`, in place of a column.
    of : by name in the formula: a column.
    otherwise : the columns that are read where this one is blank.
    """

    column: str | None = None
    parser: str | None = None
    formats: tuple[str, ...] | None = None
    replace: dict[str, str] | None = None
    constant: Any = None
    default: Any = None
    scale: float | str | None = None
    pattern: str | dict[str, float] | None = None
    metric: str | None = None
    formula: str | None = None
    of: dict[str, Column] = field(default_factory=dict)
    otherwise: tuple[Column, ...] = ()

    @property
    def factor(self) -> float:
        """What the numbers of the cells are multiplied by."""
        scale = 1.0 if self.scale is None else self.scale
        return SCALES[scale] if isinstance(scale, str) else float(scale)

    def parts(self) -> Iterator[Column]:
        """Yield the mapping, and those within it."""
        yield self
        for part in (*self.of.values(), *self.otherwise):
            yield from part.parts()


@dataclass(frozen=True)
class PageTable:
    """Which table of a page is meant; the conditions that are given apply together.

    Attributes
    ----------
    heading : the heading above the table, or several from the outermost on.
    index : which of the tables that meet the other conditions, from 1.
    benchmark : the benchmark of all rows.
    """

    heading: str | list[str] | None = None
    index: int | None = None
    caption: str | None = None
    id: str | None = None
    benchmark: str | None = None

    @property
    def path(self) -> list[str]:
        """The headings from the outermost on."""
        return [self.heading] if isinstance(self.heading, str) else list(self.heading or [])

    @property
    def conditions(self) -> dict[str, Any]:
        """The conditions that are given, by name."""
        given = {name: getattr(self, name) for name in ("heading", "caption", "id", "index")}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Form:
    """The form of a source's content.

    Attributes
    ----------
    kind : a kind of source (:data:`algoprog.records.parse.kinds.KINDS`).
    records : of JSON: path of the records, or several; empty for the file itself.
    tables : of a page: the tables that are read.
    delimiter : of CSV: what stands between cells; a comma, or what a line "sep=;" says, by default.
    encoding : of a text; UTF-8 by default.
    files : of a folder: the names of the files that are read ("*.json"); by default by kind.
    """

    kind: str
    records: str | tuple[str, ...] = ""
    tables: tuple[PageTable, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None
    files: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the records of JSON."""
        return (self.records,) if isinstance(self.records, str) else self.records

    @classmethod
    def of(cls, plain: Plain) -> Form:
        """Return the form that an entry of the configuration says."""
        keys = ("kind", "records", "tables", "delimiter", "encoding", "files")
        given = {key: plain[key] for key in keys if plain.get(key)}
        return msgspec.convert(given, cls)


@dataclass(frozen=True)
class Source:
    """A source, as its entry in the configuration says.

    Attributes
    ----------
    name : the source's name.
    location : a path in the project, or an address.
    form : the form of the content.
    columns : a mapping of each field that is mapped; of perplexity in the wide format, one for each
        benchmark.
    sha256 : digest that pins the content.
    only : the rows to read: a column and the texts it may have.
    date_format : of dates without a parser.
    missing : entries that mean unknown, besides an empty one.
    metric : what the perplexity column holds.
    test_sets : counts of each benchmark's test set, by unit.
    condition : a condition on the fields of a record and the source's columns: the records to read.
    base : the address that relative links start from.
    strict : whether a cell of an optional field that cannot be read stops the source.
    unscored : what becomes of a record with a benchmark and no perplexity.
    decimal : the sign between whole and decimal digits of numbers; the other one may group digits.
    extra : numbers that no field of a record holds, among `columns`, for variables of formulas.
    """

    name: str
    location: str
    form: Form
    columns: dict[str, Column | dict[str, Column]] = field(default_factory=dict)
    sha256: str | None = None
    only: dict[str, list[str]] = field(default_factory=dict)
    date_format: str = "%Y-%m-%d"
    missing: tuple[str, ...] = MISSING
    metric: str = "perplexity"
    test_sets: dict[str, dict[str, int | None]] = field(default_factory=dict)
    condition: str | None = None
    base: str | None = None
    strict: bool = False
    unscored: Literal["no_evaluation", "leave_out", "refuse"] | None = None
    extra: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."

    @classmethod
    def of(cls, name: str, plain: Plain) -> Source:
        """Return the source of an entry of the configuration; a column's name may stand alone."""
        said = dict(plain.get("columns", {}))
        extra = said.pop("extra", None) or {}
        columns = {
            key: _column(column) for key, column in {**said, **extra}.items() if column is not None
        }
        location = plain["location"]
        missing = MISSING if plain.get("missing") is None else tuple(plain["missing"])
        return cls(
            name=name,
            location=location,
            form=Form.of(plain),
            columns=columns,
            sha256=plain.get("sha256"),
            only=plain.get("only") or {},
            date_format=plain.get("date_format") or "%Y-%m-%d",
            missing=missing,
            metric=plain.get("metric") or "perplexity",
            test_sets=plain.get("test_sets") or {},
            condition=plain.get("where"),
            base=plain.get("base") or (location if "://" in location else None),
            strict=bool(plain.get("strict")),
            unscored=plain.get("unscored"),
            extra=tuple(extra),
            decimal=plain.get("decimal") or ".",
        )

    @property
    def where(self) -> str:
        """What errors call the source."""
        return f"source {self.name} ({self.location})"

    @property
    def fields(self) -> dict[str, Column]:
        """The mapping of each field that has one."""
        return {key: column for key, column in self.columns.items() if isinstance(column, Column)}

    @property
    def wide(self) -> dict[str, Column]:
        """The mapping of perplexity on each benchmark; empty of a source in the long format."""
        found = self.columns.get("perplexity")
        return found if isinstance(found, dict) else {}

    @property
    def mapped(self) -> list[str]:
        """The columns of the source that are read, each once."""
        return list(dict.fromkeys([*self._read(), *self.only]))

    def _read(self) -> Iterator[str]:
        for column in self.columns.values():
            for part in [column] if isinstance(column, Column) else column.values():
                yield from (one.column for one in part.parts() if one.column is not None)


def _column(plain: Any) -> Column | dict[str, Column]:
    """A mapping in its short or long form; of the wide format, each of its columns."""
    if isinstance(plain, dict) and not {"column", "constant", "default", "formula"} & set(plain):
        return {benchmark: _single(inner) for benchmark, inner in plain.items()}
    return _single(plain)


def _single(plain: Any) -> Column:
    """A mapping in any form: a column's name, a list of columns, or all that is said of one."""
    if isinstance(plain, str):
        return Column(plain)
    if isinstance(plain, list):
        first, *rest = map(_single, plain)
        return replace(first, otherwise=tuple(rest))
    of = {name: _single(one) for name, one in (plain.get("of") or {}).items()}
    otherwise = tuple(map(_single, plain.get("otherwise") or ()))
    alone = msgspec.convert({**plain, "of": {}, "otherwise": ()}, Column)
    return replace(alone, of=of, otherwise=otherwise)


@dataclass(frozen=True)
class Join:
    """Blanks of a source filled from another source, by the system's name.

    Attributes
    ----------
    fields : the fields that are taken.
    normalise : differences between names that do not matter.
    aliases : name of a system here: its name in the other source.
    prefer : own: only blanks are filled; join: other values are replaced too.
    """

    fields: list[str]
    normalise: tuple[str, ...] = DIFFERENCES
    aliases: dict[str, str] = field(default_factory=dict)
    prefer: Literal["own", "join"] = "own"


@dataclass(frozen=True)
class Naming:
    """How the names of a source's systems stand to those of other sources.

    Attributes
    ----------
    strip : patterns that are taken off a name before it is compared
        (:func:`algoprog.records.names.stripped`).
    same_as : name of a system here: its name, or names, in another source.
    distinct : systems here that are never taken for another record.
    """

    strip: tuple[str, ...] = ()
    same_as: dict[str, str | list[str]] = field(default_factory=dict)
    distinct: tuple[str, ...] = ()


@dataclass(frozen=True)
class Repeats:
    """What makes two records the same evaluation, besides the name of the system.

    Attributes
    ----------
    suspected : how often an evaluation counts that two sources give under different names, with the
        same paper, benchmark and score.
    days : dates that are no further apart are near.
    papers : whether titles that differ loosely, or share an arXiv identifier, are one paper.
    sources : by source.
    """

    suspected: Literal["once", "twice"] = "once"
    days: int = 45
    papers: Literal["loosely", "exactly"] = "loosely"
    sources: dict[str, Naming] = field(default_factory=dict)

    @classmethod
    def of(cls, plain: Plain) -> Repeats:
        """Return what the section `repeats` says, with the `sources`."""
        return msgspec.convert(plain, cls)

    def naming(self, source: str) -> Naming:
        """Return what a source says of its names."""
        return self.sources.get(source, Naming())


@dataclass(frozen=True)
class Joins:
    """The part a source plays, and what it is joined with, by the other source's name."""

    role: Literal["records", "lookup"] = "records"
    join: dict[str, Join] = field(default_factory=dict)
