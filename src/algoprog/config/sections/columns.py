"""Where a source has each field of a record, and how its cells are read.

What follows from the mapping of columns to the joining of sources is the same for every kind of
source (:mod:`algoprog.config.sections.sources`).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError, ValidationError

from algoprog.common.section import Count, Section, Text
from algoprog.config.references import Ref
from algoprog.config.types import Name, Number, Positive, distinct
from algoprog.records import fields as records
from algoprog.records.fields import FIELDS

Parser = Literal["number", "count", "duration", "date", "arxiv_date", "link", "text"]
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
Benchmark = Annotated[Name, Ref("benchmarks.definitions")]

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
    default: Value | dict[Benchmark, Value] | None = Field(
        default=None, description="Fills blanks: a value, or one for each benchmark."
    )
    scale: Positive | Literal["thousand", "million", "billion", "trillion"] | None = Field(
        default=None,
        description="What the column counts in (1.0e+9 or billion); its numbers are multiplied.",
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        if self.constant is not None and (self.column is not None or self.default is not None):
            raise PydanticCustomError("column", "leave out column and default beside a constant")
        if self.constant is None and self.column is None and self.default is None:
            raise PydanticCustomError("column", "name a column, a constant or a default")
        if self.column is None and (self.parser or self.replace or self.scale):
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
        dict[Benchmark, Cells],
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


def refused(place: tuple[str, ...], value: object, message: str) -> ValidationError:
    """The error of a check that looks at several keys, at the place of the one to be mended."""
    error = PydanticCustomError("source", "{words}", {"words": message})
    return ValidationError.from_exception_data(
        "source", [{"type": error, "loc": place, "input": value}]
    )


def check_column(
    place: tuple[str, ...],
    field: str,
    column: Column,
    fields: Mapping[str, records.Field] = FIELDS,
) -> None:
    """Refuse a parser or a value that does not suit the field of a record."""
    kind = fields[field].kind
    allowed = _PARSERS_OF[kind]
    if column.parser is not None and column.parser not in allowed:
        wanted = f"expected {' or '.join(allowed)}" if allowed else "leave it out"
        raise refused((*place, "parser"), column.parser, f"{wanted}: {field} is a {kind}")
    if column.scale is not None and kind != "number":
        raise refused((*place, "scale"), column.scale, f"leave it out: {field} is a {kind}")
    if field == "source_row" and column.column is None:
        raise refused((*place, "column"), "missing", "name a column")
    for key in ("constant", "default"):
        given = getattr(column, key)
        for value in given.values() if isinstance(given, dict) else [given]:
            if value is not None and not _suits(kind, value):
                raise refused((*place, key), value, f"expected {fields[field].expected}")


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
