"""What an entry of `sources` may say: one class for each kind of source.

A kind is one class here and one function of :data:`algoprog.records.parse.kinds.KINDS`; its columns
are described as those of every other (:mod:`algoprog.config.sections.columns`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError, ValidationError

from algoprog.common.section import Count, Section, Text
from algoprog.config.conditions import Condition
from algoprog.config.references import Ref
from algoprog.config.sections.columns import (
    Benchmark,
    Column,
    Columns,
    Join,
    Metric,
    TestSet,
    check_column,
    refused,
)
from algoprog.config.types import DateFormat, Location, Name
from algoprog.records.metrics import UNITS
from algoprog.records.parse.folders import PATTERNS, is_read
from algoprog.records.parse.paths import is_path
from algoprog.records.snapshots import Sha256

Encoding = Literal["utf-8", "utf-16", "latin-1", "windows-1252"]
DECIMAL: Any = Field(
    default=".", description="Between whole and decimal digits: . or , (then . groups thousands)."
)
ENCODING: Any = Field(default=None, description="Of the text; default: UTF-8.")


def _delimiter(value: str) -> str:
    """What stands between cells: one character, which no text in quotes has at its ends."""
    value = {"tab": "\t", "\\t": "\t"}.get(value, value)
    if len(value) != 1 or value in '"\r\n' or (not value.isprintable() and value != "\t"):
        raise PydanticCustomError("delimiter", "give one character, or tab")
    return value


def _path(value: str) -> str:
    if not is_path(value):
        raise PydanticCustomError(
            "path", "write keys joined by dots, [] after a list and {{}} after a mapping"
        )
    return value


Delimiter = Annotated[str, AfterValidator(_delimiter)]
RecordsPath = Annotated[str, AfterValidator(_path)]


class SourceBase(Section):
    """What every kind of source has."""

    enabled: bool = True
    location: Location = Field(description="A path in the project or an http(s) URL.")
    sha256: Sha256 | None = Field(
        default=None, description="Pins the content: any other is refused."
    )
    on_failure: Literal["refuse", "keep"] | None = Field(
        default=None, description="Of an address; default: as under acquisition."
    )
    role: Literal["records", "lookup"] = Field(
        default="records", description="lookup: only other sources' join reads it."
    )
    columns: Columns
    only: dict[Text, Annotated[list[str], Field(min_length=1)]] = Field(
        default={}, description="Rows to read: a column and the texts it may have."
    )
    where: Condition | None = Field(
        default=None,
        description=(
            "Records to read: a SQL condition on the fields of a record, and on the source's other "
            "columns as texts (\"Subset\" = 'test')."
        ),
    )
    unscored: Literal["no_evaluation", "leave_out", "refuse"] | None = Field(
        default=None,
        description=(
            "Of a record with a benchmark and without a perplexity: it is a system without an "
            "evaluation, is left out, or is refused (the default where the source is strict)."
        ),
    )
    strict: bool = Field(
        default=False,
        description=(
            "Whether a cell of an optional field that cannot be read stops the source; by default "
            "it is blank, with a warning."
        ),
    )
    base: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = Field(
        default=None,
        description="The address that relative links start from; default: the location.",
    )
    date_format: DateFormat = Field(default="%Y-%m-%d", description="Of dates without a parser.")
    missing: list[str] = Field(
        default=["UNK", "?", "#VALUE!"],
        description="Entries that mean unknown, besides an empty one.",
    )
    metric: Metric = Field(
        default="perplexity",
        description="What the perplexity column holds; it is converted to token-level perplexity.",
    )
    test_sets: dict[Benchmark, TestSet] = Field(
        default={}, description="By benchmark; for a metric per word, byte or character."
    )
    join: dict[Annotated[Name, Ref("sources", enabled=True, role="lookup")], Join] = Field(
        default={}, description="By name of the source with role lookup, in this order."
    )

    strip: list[Text] = Field(
        default=[],
        description=(
            "Parts that are taken off names before they are compared with other sources'; {text} "
            "stands for text without brackets, {year} for a year: '({text}, {year})'."
        ),
    )
    same_as: dict[Text, Text | Annotated[list[Text], Field(min_length=1)]] = Field(
        default={}, description="Name of a system here: its name, or names, in another source."
    )
    distinct: list[Text] = Field(
        default=[], description="Systems here that are never taken for another record."
    )

    @property
    def named_benchmarks(self) -> dict[str, str]:
        """Benchmarks the entry names for whole tables, by place."""
        return {}

    @model_validator(mode="after")
    def _readable(self) -> SourceBase:
        for place, field, column in self.columns.each():
            check_column(("columns", *place.split(".", 1)), field, column)
            self._check_decimal(("columns", *place.split(".", 1)), column)
        if self.role == "records":
            self._check_format()
        for at, metric in self._metrics():
            self._check_counts(at, metric)
        return self

    def _check_decimal(self, place: tuple[str, ...], column: Column) -> None:
        """Refuse a pattern beside a decimal comma: its own signs would be read otherwise."""
        if getattr(self, "decimal", ".") == ",":
            for inner, part in [((), column), *column.parts]:
                if part.pattern is not None:
                    fix = "with decimal: ',' give a parser (number, count, duration) instead"
                    raise refused((*place, *inner, "pattern"), part.pattern, fix)

    def _metrics(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """What the columns of perplexity hold, each with its place."""
        yield ("metric",), self.metric
        for place, field, column in self.columns.each():
            if field == "perplexity":
                for inner, part in [((), column), *column.parts]:
                    if part.metric is not None:
                        yield ("columns", *place.split(".", 1), *inner, "metric"), part.metric

    def _check_counts(self, place: tuple[str, ...], metric: str) -> None:
        """Refuse a measure whose test sets lack the counts it is converted with."""
        unit = UNITS[metric]
        if unit and not self.test_sets:
            example = f"{{wt2: {{tokens: 245569, {unit}: ...}}}}"
            fix = f"give the counts it is converted with: test_sets: {example}"
            raise refused(place, metric, fix)
        for benchmark, counts in self.test_sets.items():
            if unit and getattr(counts, unit) is None:
                fix = f"{metric} is converted with it"
                raise refused(("test_sets", benchmark, unit), "missing", fix)

    def _check_format(self) -> None:
        columns = self.columns
        place = ("columns", "benchmark")
        if columns.perplexity is None:
            raise refused(
                ("columns", "perplexity"), "missing", "this key is required, but with role: lookup"
            )
        wide = isinstance(columns.perplexity, dict)
        if wide and self.named_benchmarks:
            first = next(iter(self.named_benchmarks))
            fix = "leave it out where perplexity has a column for each benchmark"
            raise refused(tuple(first.split(".")), self.named_benchmarks[first], fix)
        if wide and columns.benchmark is not None:
            fix = "leave out `benchmark` where perplexity has a column for each benchmark"
            raise refused(place, "set", fix)
        if columns.benchmark is not None and self.named_benchmarks:
            raise refused(place, "set", "leave out `benchmark` where tables name theirs")
        if not wide and columns.benchmark is None and not self.named_benchmarks:
            fix = "name the `benchmark` column, or one perplexity column for each benchmark"
            raise refused(place, "missing", fix)


class CsvSource(SourceBase):
    """Records in a CSV file; it may be packed by gzip, as any other file."""

    kind: Literal["csv"]
    delimiter: Delimiter | None = Field(
        default=None,
        description='Between cells (";", tab); default: a comma, or what a line "sep=;" says.',
    )
    encoding: Encoding | None = ENCODING
    decimal: Literal[".", ","] = DECIMAL


class ParquetSource(SourceBase):
    """Records in a Parquet file."""

    kind: Literal["parquet"]


class JsonSource(SourceBase):
    """Records in a JSON file, or in a folder of them: objects in a list or a mapping."""

    kind: Literal["json"]
    records: RecordsPath | Annotated[list[RecordsPath], Field(min_length=1)] = Field(
        default="",
        description=(
            "Path of the records, or several: results.entries; [] enters a list and {} a mapping, "
            "whose keys are the column `key` ([].datasets[].sota.rows[], models{}); values of "
            "objects around a record are columns too. By default the file itself."
        ),
    )
    files: Text | None = Field(
        default=None, description="Of a folder: names of the files that are read (*.json)."
    )
    encoding: Encoding | None = ENCODING


class JsonLinesSource(JsonSource):
    """Records in a file of JSON Lines, or in a folder of them: an object on each line."""

    kind: Literal["json_lines"]  # type: ignore[assignment]


class _PageTable(Section):
    """One table of a page: what it stands under; the conditions given apply together."""

    heading: Text | Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None, description="The heading above it, or several from the outermost on."
    )
    index: Count | None = Field(
        default=None, description="Which of those that meet the other conditions, from 1."
    )
    benchmark: Benchmark | None = Field(default=None, description="The benchmark of all its rows.")


class MarkdownTable(_PageTable):
    """One table of a Markdown page."""

    @model_validator(mode="after")
    def _chosen(self) -> MarkdownTable:
        if not (self.heading or self.index):
            raise PydanticCustomError("table", "name the table by heading or index")
        return self


class HtmlTable(_PageTable):
    """One table of an HTML page."""

    caption: Text | None = None
    id: Text | None = None

    @model_validator(mode="after")
    def _chosen(self) -> HtmlTable:
        if not (self.heading or self.index or self.caption or self.id):
            raise PydanticCustomError("table", "name the table by heading, caption, id or index")
        return self


class _PageSource(SourceBase):
    """Records in tables of a page."""

    tables: Annotated[list[Any], Field(min_length=1)]
    decimal: Literal[".", ","] = DECIMAL

    @property
    def named_benchmarks(self) -> dict[str, str]:
        return {
            f"tables.{number}.benchmark": table.benchmark
            for number, table in enumerate(self.tables)
            if table.benchmark is not None
        }

    @model_validator(mode="after")
    def _all_or_none(self) -> _PageSource:
        if 0 < len(self.named_benchmarks) < len(self.tables):
            raise PydanticCustomError("table", "name the benchmark of every table, or of none")
        return self


class MarkdownTableSource(_PageSource):
    """Records in tables of a Markdown page."""

    kind: Literal["markdown_table"]
    tables: Annotated[list[MarkdownTable], Field(min_length=1)]


class HtmlTableSource(_PageSource):
    """Records in tables of an HTML page."""

    kind: Literal["html_table"]
    tables: Annotated[list[HtmlTable], Field(min_length=1)]


class LmEvalHarnessSource(SourceBase):
    """Results of EleutherAI's lm-evaluation-harness: a results file, or a folder of them."""

    kind: Literal["lm_eval_harness"]
    files: Text | None = Field(
        default=None, description="Of a folder: names of the files that are read (*.json)."
    )


def _check_kind(value: Any) -> Any:
    """Refuse a kind that is not there at the place where it stands."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(value, dict) and not (isinstance(kind, str) and kind in _KINDS):
        error: Any = "missing"
        if "kind" in value:
            *names, last = (repr(name) for name in _KINDS)
            words = f"{', '.join(names)} or {last}"
            error = PydanticCustomError("literal_error", "{expected}", {"expected": words})
        found = value.get("kind", value)
        raise ValidationError.from_exception_data(
            "source", [{"type": error, "loc": ("kind",), "input": found}]
        )
    return value


def _kind(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"[{kind}]" if isinstance(kind, str) else "[csv]"


_KINDS = ("csv", "parquet", "json", "json_lines", "markdown_table", "html_table", "lm_eval_harness")
# A new kind of source is one more class here.
Source = Annotated[
    Annotated[CsvSource, Tag("[csv]")]
    | Annotated[ParquetSource, Tag("[parquet]")]
    | Annotated[JsonSource, Tag("[json]")]
    | Annotated[JsonLinesSource, Tag("[json_lines]")]
    | Annotated[MarkdownTableSource, Tag("[markdown_table]")]
    | Annotated[HtmlTableSource, Tag("[html_table]")]
    | Annotated[LmEvalHarnessSource, Tag("[lm_eval_harness]")],
    Discriminator(_kind),
    BeforeValidator(_check_kind),
]

assert set(UNITS) == set(get_args(Metric))


def source_files(source: SourceBase, root: Path) -> list[str]:
    """Return the paths of a source that is no address: its file, or those in its folder.

    Of a folder, in it and in those below, all files whose names are of the source's pattern.
    """
    path = root / source.location
    pattern = getattr(source, "files", None) or PATTERNS.get(getattr(source, "kind", ""))
    if pattern and path.is_dir():
        return sorted(
            f"{source.location.rstrip('/')}/{found.relative_to(path).as_posix()}"
            for found in path.rglob("*")
            if is_read(found.name, pattern) and found.is_file()
        )
    return [source.location] if path.is_file() else []
