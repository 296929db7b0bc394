"""What an entry of `sources` in config.yaml may say: one class for each kind of source.

A kind is one class here and one function of :data:`algoprog.records.parse.kinds.KINDS`; all that
follows, from the mapping of columns to the matching of sources, is the same for every kind.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError, ValidationError

from algoprog.common.section import Count, Section, Text
from algoprog.config.types import Name, Number, distinct
from algoprog.records.fields import FIELDS
from algoprog.records.metrics import UNITS
from algoprog.records.snapshots import Sha256

Parser = Literal["number", "count", "duration", "date", "arxiv_date", "link", "text"]
Metric = Literal[
    "perplexity",
    "nats",
    "log2",
    "word_perplexity",
    "byte_perplexity",
    "bits_per_byte",
    "bits_per_character",
]
JoinField = Literal[
    "paper",
    "url",
    "published",
    "architecture",
    "parameters",
    "dataset_tokens",
    "epochs",
    "vocabulary",
    "training_compute",
]
Value = str | int | Number | datetime.date

_PARSERS_OF = {  # by kind of field
    "text": ("text", "link"),
    "number": ("number", "count", "duration"),
    "date": ("date", "arxiv_date"),
    "integer": (),
}


class Column(Section):
    """Where the values of a field come from, and how they are read."""

    column: Text | None = Field(default=None, description="Name of the source's column.")
    parser: Parser | None = Field(
        default=None,
        description=(
            "number (bold, footnotes, ± left out), count (24M, 7 billion), duration (45 minutes), "
            "date (needs formats), "
            "arxiv_date (month of an arXiv link), link (its address), text (without marks); by "
            "default plain numbers, dates in the source's date_format, texts as they are."
        ),
    )
    formats: Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None, description="Of the parser date (strptime)."
    )
    replace: dict[str, str] | None = Field(
        default=None, description="Texts of cells to be read as other texts."
    )
    constant: Value | None = Field(default=None, description="Of every record.")
    default: Value | dict[Name, Value] | None = Field(
        default=None, description="Fills blanks: a value, or one for each benchmark."
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        if self.constant is not None and (self.column is not None or self.default is not None):
            raise PydanticCustomError("column", "leave out column and default beside a constant")
        if self.constant is None and self.column is None and self.default is None:
            raise PydanticCustomError("column", "name a column, a constant or a default")
        if self.column is None and (self.parser or self.replace):
            raise PydanticCustomError("column", "name the column that is to be read")
        if (self.formats is None) == (self.parser == "date"):
            raise PydanticCustomError("column", "give formats with the parser date, and only then")
        return self


_KEYS = set(Column.model_fields)  # none of them can be the name of a benchmark here


def _short(value: Any) -> Any:
    """The name of a column stands for the column of this name."""
    if isinstance(value, str):
        return {"column": value}
    if isinstance(value, dict | Column):
        return value
    raise PydanticCustomError("column", "expected text or a mapping (key: value)")


def _one_or_wide(value: Any) -> str:
    """Whether perplexity is one column, or one for each benchmark."""
    wide = isinstance(value, dict) and value and not _KEYS & set(value)
    return "[benchmarks]" if wide else "[column]"


Cells = Annotated[Column, BeforeValidator(_short, json_schema_input_type=Column | Text)]
# Brackets keep the tags out of the places of errors.
Scores = Annotated[
    Annotated[Cells, Tag("[column]")]
    | Annotated[
        dict[Name, Cells],
        Field(min_length=1, json_schema_extra={"propertyNames": {"not": {"enum": sorted(_KEYS)}}}),
        Tag("[benchmarks]"),
    ],
    Discriminator(_one_or_wide),
]


class Columns(Section):
    """The source's column for each field of a record; a field left out is blank.

    The name of a column alone is short for `{column: name}`.
    """

    system: Cells
    perplexity: Scores | None = Field(
        default=None,
        description="A column (long format, with `benchmark`), or one for each benchmark (wide).",
    )
    benchmark: Cells | None = Field(default=None, description="Long format only.")
    source_row: Cells | None = Field(
        default=None, description="Number of the system's entry; by default the row's own number."
    )
    paper: Cells | None = None
    url: Cells | None = None
    published: Cells | None = None
    architecture: Cells | None = None
    parameters: Cells | None = None
    dataset_tokens: Cells | None = None
    epochs: Cells | None = None
    vocabulary: Cells | None = None
    training_compute: Cells | None = None
    zero_shot: Cells | None = None
    uses_cache: Cells | None = None
    include: Cells | None = None
    outlier: Cells | None = None
    uncertain: Cells | None = None

    def each(self) -> Iterator[tuple[str, str, Column]]:
        """Place, field and mapping of all that is mapped."""
        for name in type(self).model_fields:
            mapped = getattr(self, name)
            if isinstance(mapped, Column):
                yield name, name, mapped
            elif mapped is not None:
                for benchmark, column in mapped.items():
                    yield f"{name}.{benchmark}", name, column


class TestSet(Section):
    """How much text a test set is, as the source counts it."""

    tokens: Count = Field(description="The tokens perplexity is over.")
    words: Count | None = None
    bytes: Count | None = None
    characters: Count | None = None


class Join(Section):
    """Blanks filled from another source, by the system's name."""

    fields: Annotated[list[JoinField], Field(min_length=1), AfterValidator(distinct)]
    normalise: Annotated[
        list[Literal["case", "blanks", "punctuation"]], AfterValidator(distinct)
    ] = Field(
        default=["case", "blanks", "punctuation"],
        description="Differences between names that do not matter; [] matches exact names only.",
    )
    aliases: dict[Text, Text] = Field(
        default={}, description="Name of a system here: its name in the other source."
    )
    prefer: Literal["own", "join"] = Field(
        default="own", description="own: only blanks are filled; join: other values go too."
    )


class SourceBase(Section):
    """What every kind of source has."""

    enabled: bool = True
    location: Text = Field(description="A path in the project or an http(s) URL.")
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
    date_format: Text = Field(default="%Y-%m-%d", description="Of dates without a parser.")
    missing: list[str] = Field(
        default=["UNK", "?", "#VALUE!"],
        description="Entries that mean unknown, besides an empty one.",
    )
    metric: Metric = Field(
        default="perplexity",
        description="What the perplexity column holds; it is converted to token-level perplexity.",
    )
    test_sets: dict[Name, TestSet] = Field(
        default={}, description="By benchmark; for a metric per word, byte or character."
    )
    join: dict[Name, Join] = Field(
        default={}, description="By name of the source with role lookup, in this order."
    )

    @property
    def named_benchmarks(self) -> dict[str, str]:
        """Benchmarks the entry names for whole tables, by place."""
        return {}

    @model_validator(mode="after")
    def _readable(self) -> SourceBase:
        for place, field, column in self.columns.each():
            _check_column(("columns", *place.split(".", 1)), field, column)
        if self.role == "records":
            self._check_format()
        unit = UNITS[self.metric]
        if unit and not self.test_sets:
            example = f"{{wt2: {{tokens: 245569, {unit}: ...}}}}"
            raise _refused(
                ("metric",),
                self.metric,
                f"give the counts it is converted with: test_sets: {example}",
            )
        for benchmark, counts in self.test_sets.items():
            if unit and getattr(counts, unit) is None:
                fix = f"{self.metric} is converted with it"
                raise _refused(("test_sets", benchmark, unit), "missing", fix)
        return self

    def _check_format(self) -> None:
        columns = self.columns
        place = ("columns", "benchmark")
        if columns.perplexity is None:
            raise _refused(
                ("columns", "perplexity"), "missing", "this key is required, but with role: lookup"
            )
        wide = isinstance(columns.perplexity, dict)
        if wide and self.named_benchmarks:
            first = next(iter(self.named_benchmarks))
            fix = "leave it out where perplexity has a column for each benchmark"
            raise _refused(tuple(first.split(".")), self.named_benchmarks[first], fix)
        if wide and columns.benchmark is not None:
            fix = "leave out `benchmark` where perplexity has a column for each benchmark"
            raise _refused(place, "set", fix)
        if columns.benchmark is not None and self.named_benchmarks:
            raise _refused(place, "set", "leave out `benchmark` where tables name theirs")
        if not wide and columns.benchmark is None and not self.named_benchmarks:
            fix = "name the `benchmark` column, or one perplexity column for each benchmark"
            raise _refused(place, "missing", fix)


class CsvSource(SourceBase):
    """Records in a CSV file."""

    kind: Literal["csv"]


class ParquetSource(SourceBase):
    """Records in a Parquet file."""

    kind: Literal["parquet"]


class JsonSource(SourceBase):
    """Records in a JSON file: a list of objects."""

    kind: Literal["json"]
    records: str = Field(
        default="", description="Path of the list (results.entries); by default the file itself."
    )


class _PageTable(Section):
    """One table of a page: what it stands under; the conditions given apply together."""

    heading: Text | Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None, description="The heading above it, or several from the outermost on."
    )
    index: Count | None = Field(
        default=None, description="Which of those that meet the other conditions, from 1."
    )
    benchmark: Name | None = Field(default=None, description="The benchmark of all its rows.")


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


_KINDS = ("csv", "parquet", "json", "markdown_table", "html_table", "lm_eval_harness")
# A new kind of source is one more class here.
Source = Annotated[
    Annotated[CsvSource, Tag("[csv]")]
    | Annotated[ParquetSource, Tag("[parquet]")]
    | Annotated[JsonSource, Tag("[json]")]
    | Annotated[MarkdownTableSource, Tag("[markdown_table]")]
    | Annotated[HtmlTableSource, Tag("[html_table]")]
    | Annotated[LmEvalHarnessSource, Tag("[lm_eval_harness]")],
    Discriminator(_kind),
    BeforeValidator(_check_kind),
]


def _refused(place: tuple[str, ...], value: object, message: str) -> ValidationError:
    """The error of a check that looks at several keys, at the place of the one to be mended."""
    error = PydanticCustomError("source", "{words}", {"words": message})
    return ValidationError.from_exception_data(
        "source", [{"type": error, "loc": place, "input": value}]
    )


def _check_column(place: tuple[str, ...], field: str, column: Column) -> None:
    kind = FIELDS[field].kind
    allowed = _PARSERS_OF[kind]
    if column.parser is not None and column.parser not in allowed:
        wanted = f"expected {' or '.join(allowed)}" if allowed else "leave it out"
        raise _refused((*place, "parser"), column.parser, f"{wanted}: {field} is a {kind}")
    if field == "source_row" and column.column is None:
        raise _refused((*place, "column"), "missing", "name a column")
    for key in ("constant", "default"):
        given = getattr(column, key)
        for value in given.values() if isinstance(given, dict) else [given]:
            if value is not None and not _suits(kind, value):
                raise _refused((*place, key), value, f"expected {FIELDS[field].expected}")


def _suits(kind: str, value: Any) -> bool:
    if kind == "text":
        return isinstance(value, str)
    if kind == "date" and isinstance(value, str):  # as a configuration that was written out has it
        try:
            return bool(datetime.date.fromisoformat(value))
        except ValueError:
            return False
    if kind == "date":
        return isinstance(value, datetime.date)
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_sources(
    sources: Mapping[str, SourceBase], benchmarks: Iterable[str]
) -> Iterator[tuple[str, object, str]]:
    """What refers to a benchmark or a source that is not there: place, value, expectation."""
    known = list(benchmarks)
    lookups = [name for name, source in sources.items() if source.role == "lookup"]
    for name, source in sources.items():
        named = dict(source.named_benchmarks)
        if isinstance(source.columns.perplexity, dict):
            named |= {f"columns.perplexity.{name}": name for name in source.columns.perplexity}
        named |= {f"test_sets.{benchmark}": benchmark for benchmark in source.test_sets}
        for place, _, column in source.columns.each():
            if isinstance(column.default, dict):
                named |= {f"columns.{place}.default.{name}": name for name in column.default}
        for place, benchmark in named.items():
            if benchmark not in known:
                expected = f"expected one of {', '.join(known) or '(none)'}"
                yield f"sources.{name}.{place}", benchmark, expected
        for other in source.join:
            if other not in lookups:
                expected = f"expected a source with role: lookup: {', '.join(lookups) or '(none)'}"
                yield f"sources.{name}.join.{other}", other, expected


assert set(UNITS) == set(get_args(Metric))
