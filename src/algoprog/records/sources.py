"""Read one source: its bytes, then its records in our fields, one row per evaluation.

A kind of source is one class in :mod:`algoprog.config.sources`, which says what its entry in
`config.yaml` may hold, and one pure function from bytes to a table of texts
(:data:`algoprog.records.parse.kinds.KINDS`). All that follows, from mapping the columns to reading
the numbers, is the same for every kind.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.records import snapshots
from algoprog.records.acquisition import Origin, Table, check_pin, read_file, resolve
from algoprog.records.fields import FIELDS
from algoprog.records.metrics import to_perplexity
from algoprog.records.parse.cells import PARSERS, UnreadableError, date
from algoprog.records.parse.files import harness_bundle
from algoprog.records.parse.kinds import parse
from algoprog.records.parse.text import BENCHMARK, LINKS, PLACE, ROW
from algoprog.records.snapshots import Policy

# Texts that mean unknown, besides an empty cell.
MISSING = ("UNK", "?", "#VALUE!")

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_SHOWN = 20  # errors of one source that are listed


# --- bytes ---------------------------------------------------------------------------------------


def origin(
    name: str, spec: Mapping[str, Any], benchmarks: Mapping[str, Any] | None = None
) -> Origin:
    """What is expected at a source's address: a table of its kind, with its mapped columns.

    With `benchmarks` it is also expected that :func:`read_source` can read every record, so that
    a content that cannot be used does not take the place of one that can.
    """
    expected = mapped_columns(spec)
    where = _where(name, spec)

    def parsed(content: bytes) -> Table:
        table = parse(content, spec, where)
        columns = own_columns(table)
        if benchmarks is not None and set(expected) <= set(columns):
            read_source(name, spec, benchmarks, content)
        return Table(table.height, tuple(columns))

    return Origin(
        source=name,
        address=spec["location"],
        kind=spec["kind"],
        mapped=tuple(expected),
        parse=parsed,
        sha256=spec.get("sha256"),
    )


def read_content(name: str, spec: Mapping[str, Any], root: Path, policy: Policy) -> bytes:
    """Bytes of a source: of an address's snapshot in use, of a file, or of a folder of results.

    Parameters
    ----------
    name, spec
        The source and its entry in the configuration.
    root : Path
        The project.
    policy : Policy
        What may be read.

    Raises
    ------
    InputError
        if they cannot be had, may not be read, or are not the pinned ones.
    """
    location = spec["location"]
    if snapshots.is_url(location):
        directory = snapshots.source_directory(root, name)
        snapshot = snapshots.in_use(directory, location)
        if snapshot is None:
            fix = f"delete {directory / snapshots.POINTER} and run `make`"
            raise InputError(_where(name, spec), "", "no snapshot of this address", fix)
        content = snapshots.read(snapshot)
    elif spec["kind"] == "lm_eval_harness" and resolve(location, root, policy).is_dir():
        content = harness_bundle(resolve(location, root, policy))
    else:
        content = read_file(location, root, policy)
    check_pin(_where(name, spec), content, spec.get("sha256"))
    return content


def _where(name: str, spec: Mapping[str, Any]) -> str:
    return f"source {name} ({spec['location']})"


# --- records -------------------------------------------------------------------------------------

_TYPES = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "date": pl.Date}


def read_source(
    name: str, spec: Mapping[str, Any], benchmarks: Mapping[str, Any], content: bytes
) -> pl.DataFrame:
    """Return the records of a source, one row per evaluation.

    Columns are our fields (:data:`~algoprog.records.fields.FIELDS`).

    Parameters
    ----------
    name : str
        The source's name, which becomes the field `source`.
    spec : mapping
        Its entry in the configuration (:mod:`algoprog.config.sources`). In the wide format
        `columns.perplexity` maps a benchmark to a column, and a row of the source becomes one
        record for each benchmark it has, or one without a benchmark.
    benchmarks : mapping
        The configuration's `benchmarks`, for their order.
    content : bytes
        The source.

    Returns
    -------
    DataFrame
        The fields, and `place`: where the record stands in the source ("line 17"). Numbers are
        floats (exact for counts up to 9e15); a field the source does not have is null. Texts lose
        outer blanks, `architecture` is in lower case; nothing else is changed, but by a declared
        parser. Perplexity is per token, converted from the source's `metric`. Which values are
        possible is :mod:`algoprog.records.normalise`' to check.

    Raises
    ------
    InputError
        naming source, line, column and value of every cell that cannot be read.
    """
    where = _where(name, spec)
    mapped = {
        field: _mapping(column) for field, column in spec["columns"].items() if column is not None
    }
    wide, scores = _scores(mapped.pop("perplexity", None), benchmarks)
    table = parse(content, spec, where)
    _check_columns(name, where, table, mapped_columns(spec))
    table = _rows(table, where, spec.get("only") or {})

    marks = spec["missing"] if spec.get("missing") is not None else MISSING
    read = _Reader(where, table, marks, spec.get("date_format") or "%Y-%m-%d")
    known = {field: read.field(field, column) for field, column in mapped.items()}
    measured = {key: read.field("perplexity", column) for key, column in scores.items()}
    if BENCHMARK in table.columns:
        known["benchmark"] = table[BENCHMARK]
    perplexities = {
        key: read.perplexity(
            series,
            scores[key]["column"] or "",
            known.get("benchmark") if not wide else pl.repeat(key, len(series), eager=True),
            spec.get("metric") or "perplexity",
            spec.get("test_sets") or {},
        )
        for key, series in measured.items()
    }
    read.finish()

    number = known.get("source_row", table[ROW])
    base = pl.DataFrame(
        [
            pl.repeat(name, table.height, dtype=pl.String, eager=True).alias("source"),
            number.alias("source_row"),
            *(series.alias(field) for field, series in known.items() if field != "source_row"),
            table[PLACE].alias("place"),
        ]
    )
    if wide:
        records = _long(base, perplexities)
    else:
        records = base.with_columns(series.alias("perplexity") for series in perplexities.values())
    records = records.select(
        *(
            pl.col(field)
            if field in records.columns
            else pl.lit(None, _TYPES[about.kind]).alias(field)
            for field, about in FIELDS.items()
        ),
        "place",
    )
    lower = pl.col("architecture").str.to_lowercase()
    return _filled(records, mapped).with_columns(lower)


def mapped_columns(spec: Mapping[str, Any]) -> list[str]:
    """Names of the columns that a source's entry in the configuration reads, each once."""
    found = []
    for column in filter(None, spec["columns"].values()):
        mapped = _mapping(column)
        parts = [mapped] if "column" in mapped else mapped.values()
        found += [part["column"] for part in parts if part["column"] is not None]
    return list(dict.fromkeys([*found, *(spec.get("only") or {})]))


def own_columns(table: pl.DataFrame) -> list[str]:
    """Columns of a parsed table that the source itself has."""
    added = (ROW, PLACE, BENCHMARK)
    return [name for name in table.columns if name not in added and not name.endswith(LINKS)]


def _mapping(column: Any) -> Any:
    """A mapping in its long form; of the wide format, each of its columns."""
    if isinstance(column, str):
        column = {"column": column}
    if not {"column", "constant", "default"} & set(column):
        return {benchmark: _mapping(inner) for benchmark, inner in column.items()}
    keys = ("column", "parser", "formats", "replace", "constant", "default")
    return {key: column.get(key) for key in keys}


def _scores(
    perplexity: Mapping[str, Any] | None, benchmarks: Mapping[str, Any]
) -> tuple[bool, dict[str, Any]]:
    """Whether there is a perplexity column for each benchmark, and the columns."""
    if perplexity is None:  # of a source that others are joined with
        return False, {}
    if "column" in perplexity:
        return False, {"": perplexity}
    ordered = [benchmark for benchmark in benchmarks["definitions"] if benchmark in perplexity]
    return True, {benchmark: perplexity[benchmark] for benchmark in ordered}


def _check_columns(name: str, where: str, table: pl.DataFrame, wanted: Iterable[str]) -> None:
    absent = [column for column in wanted if column not in table.columns]
    if absent:
        present = ", ".join(own_columns(table))
        fix = f"correct sources.{name}.columns; the columns there are: {present}"
        raise InputError(where, "header", f"no column {', '.join(absent)}", fix)


def _rows(table: pl.DataFrame, where: str, only: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """The rows an entry wants of a table."""
    for column, texts in only.items():
        left = table.filter(pl.col(column).str.strip_chars().is_in(list(texts)))
        if left.is_empty():
            there = ", ".join(map(repr, table[column].unique(maintain_order=True).head(10)))
            fix = f"correct the source's only; the column has {there}"
            raise InputError(where, f"only.{column}", ", ".join(texts), fix)
        table = left
    return table


def _long(base: pl.DataFrame, scores: Mapping[str, pl.Series]) -> pl.DataFrame:
    """One record for each perplexity; a row without any stays as one record."""
    base = base.with_row_index("position")
    parts = [
        base.with_columns(pl.lit(name).alias("benchmark"), score.alias("perplexity")).filter(
            pl.col("perplexity").is_not_null()
        )
        for name, score in scores.items()
    ]
    without = base.with_columns(
        pl.lit(None, pl.String).alias("benchmark"), pl.lit(None, pl.Float64).alias("perplexity")
    ).filter(pl.all_horizontal([score.is_null() for score in scores.values()]))
    # parts are in the order of the benchmarks, which a stable sort keeps within a row
    return pl.concat([*parts, without]).sort("position", maintain_order=True).drop("position")


def _filled(records: pl.DataFrame, mapped: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """Records with the defaults of the fields in place of blanks."""
    for field, column in mapped.items():
        default = column["default"]
        if default is None:
            continue
        kind = FIELDS[field].kind
        if isinstance(default, Mapping):
            value = pl.lit(None, _TYPES[kind])
            for benchmark, given in default.items():
                here = pl.col("benchmark") == benchmark
                value = pl.when(here).then(_literal(kind, given)).otherwise(value)
        else:
            value = _literal(kind, default)
        records = records.with_columns(pl.coalesce(field, value).alias(field))
    return records


def _literal(kind: str, value: Any) -> pl.Expr:
    if kind == "date" and isinstance(value, str):
        value = datetime.date.fromisoformat(value)
    return pl.lit(value, _TYPES[kind])


class _Reader:
    """Reads the cells of a table's columns; says at the end which could not be read."""

    def __init__(
        self, where: str, table: pl.DataFrame, missing: Sequence[str], date_format: str
    ) -> None:
        self.where = where
        self.table = table
        self.missing = ["", *missing]
        self.date_format = date_format
        self.unreadable: list[tuple[int, str, str, str]] = []  # row, column, value, fix

    def field(self, field: str, mapped: Mapping[str, Any]) -> pl.Series:
        """The values of one field."""
        kind = FIELDS[field].kind
        if mapped["constant"] is not None:
            value = pl.select(_literal(kind, mapped["constant"])).to_series()[0]
            return pl.repeat(value, self.table.height, dtype=_TYPES[kind], eager=True)
        column = mapped["column"]
        if column is None:  # there is a default alone
            return pl.repeat(None, self.table.height, dtype=_TYPES[kind], eager=True)
        parser = mapped["parser"]
        if parser in ("link", "arxiv_date") and f"{column}{LINKS}" in self.table.columns:
            column = f"{column}{LINKS}"
        texts = self.table[column].str.strip_chars()
        if mapped["replace"]:
            replaced = {key.strip(): value.strip() for key, value in mapped["replace"].items()}
            texts = texts.replace(replaced)
        texts = texts.set(texts.is_in(self.missing), None)
        if parser is None:
            values = self._plain(kind, field, column, texts)
        else:
            values = self._parsed(kind, column, texts, parser, mapped["formats"])
        return values

    def perplexity(
        self,
        measured: pl.Series,
        column: str,
        benchmarks: pl.Series | None,
        metric: str,
        test_sets: Mapping[str, Mapping[str, int | None]],
    ) -> pl.Series:
        """Token-level perplexity of what was measured."""
        if metric == "perplexity":
            return measured
        values: list[float | None] = []
        for row, value in enumerate(measured):
            benchmark = None if benchmarks is None else benchmarks[row]
            values.append(None)
            if value is not None:
                try:
                    values[-1] = to_perplexity(metric, value, test_sets.get(benchmark or ""))
                except ValueError as error:
                    fix = f"benchmark {benchmark}: {error}"
                    self.unreadable.append((row, column, str(value), fix))
        return pl.Series(values, dtype=pl.Float64)

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
        return pl.Series(values, dtype=_TYPES[kind])

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
