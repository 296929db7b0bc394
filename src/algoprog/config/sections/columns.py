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

from algoprog.common.grammar import FormulaError, names_in, parse_arithmetic
from algoprog.common.section import Count, Section, Text
from algoprog.config.references import Ref
from algoprog.config.types import DateFormat, Name, Number, Parameter, Positive, distinct
from algoprog.records import fields as records
from algoprog.records.fields import FIELDS
from algoprog.records.parse.patterns import PatternError, pattern, patterns

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
Metric = Literal[
    "perplexity",
    "nats",
    "log2",
    "word_perplexity",
    "byte_perplexity",
    "bits_per_byte",
    "bits_per_character",
]
Value = str | int | Number | datetime.date
Benchmark = Annotated[Name, Ref("benchmarks.definitions")]

_PARSERS_OF = {  # by kind of field
    "text": ("text", "link"),
    "number": ("number", "count", "duration"),
    "date": ("date", "arxiv_date"),
    "integer": (),
}


def _short(value: Any) -> Any:
    """The name of a column stands for the column of this name, a list for several in order."""
    if isinstance(value, str):
        return {"column": value}
    if isinstance(value, list) and value and not isinstance(value[0], list):
        first, *others = map(_short, value)
        return {**first, "otherwise": others} if isinstance(first, dict) else first
    if isinstance(value, dict | Cell):
        return value
    raise PydanticCustomError("column", "expected text or a mapping (key: value)")


def _single(value: Any) -> Any:
    """The name of a column stands for the column of this name."""
    return _short(value) if not isinstance(value, list) else value


def _arithmetic(value: str) -> str:
    try:
        tree = parse_arithmetic(value)
    except FormulaError as error:
        words = {"wrong": error.wrong, "fix": error.fix}
        raise PydanticCustomError("formula", "{wrong}; {fix}", words) from None
    if not names_in(tree):
        raise PydanticCustomError("formula", "name a variable, or give the value as a constant")
    return value


def variables(formula: str) -> set[str]:
    """Return the names of the variables of a formula that was checked."""
    return names_in(parse_arithmetic(formula))


def _pattern(value: str) -> str:
    try:
        pattern(value)
    except PatternError as error:
        raise PydanticCustomError("pattern", "{words}", {"words": str(error)}) from None
    return value


Arithmetic = Annotated[Text, AfterValidator(_arithmetic)]
CellPattern = Annotated[Text, AfterValidator(_pattern)]


class Cell(Section):
    """A column of the source, and how its cells are read."""

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
    formats: Annotated[list[DateFormat], Field(min_length=1)] | None = Field(
        default=None, description="Of the parser date, or a pattern with {date} (strptime)."
    )
    pattern: CellPattern | dict[CellPattern, Number] | None = Field(
        default=None,
        description=(
            "What stands around the value, in place of a parser: '{number} billion', "
            "'{any} ({count})'; or several, each with what its numbers are multiplied by. In "
            "braces number, count, duration, date or text; {any} is any text."
        ),
    )
    replace: dict[str, str] | None = Field(
        default=None, description="Texts of cells to be read as other texts."
    )
    scale: Positive | Literal["thousand", "million", "billion", "trillion"] | None = Field(
        default=None,
        description="What the column counts in (1.0e+9 or billion); its numbers are multiplied.",
    )
    metric: Metric | None = Field(
        default=None, description="Of a column of perplexity; default: the source's `metric`."
    )

    @property
    def parts(self) -> list[tuple[tuple[str, ...], Cell]]:
        """The mappings within it, each with its place."""
        return []

    @property
    def reads(self) -> bool:
        """Whether it says how a column is read."""
        return any((self.parser, self.pattern, self.replace, self.scale))

    @model_validator(mode="after")
    def _one_reading(self) -> Cell:
        dates = self.parser == "date" or "date" in self.placeholders
        if (self.formats is None) == dates:
            raise PydanticCustomError("column", "give formats with the parser date, and only then")
        if self.pattern is not None and self.parser is not None:
            raise PydanticCustomError("column", "leave out the parser beside a pattern")
        if self.column is None and self.reads:
            raise PydanticCustomError("column", "name the column that is to be read")
        return self

    @property
    def placeholders(self) -> set[str]:
        """The values that its patterns have in braces."""
        return {one.parser for one in patterns(self.pattern)} if self.pattern else set()


CellShort = Annotated[Cell, BeforeValidator(_single, json_schema_input_type=Cell | Text)]


class Derived(Cell):
    """A column of the source, or arithmetic of columns and of other fields."""

    formula: Arithmetic | None = Field(
        default=None,
        description=(
            "In place of a column: arithmetic (+ - * / ^, log, exp, sqrt) of other fields that are "
            "numbers, and of the columns under `of`: training_compute / (6 * parameters)."
        ),
    )
    of: dict[Parameter, CellShort] = Field(
        default={}, description="By name in the formula: a column and how it is read."
    )

    @property
    def parts(self) -> list[tuple[tuple[str, ...], Cell]]:
        """The columns of its formula, each with its place."""
        return [(("of", name), one) for name, one in self.of.items()]

    @model_validator(mode="after")
    def _variables(self) -> Derived:
        if self.of and self.formula is None:
            raise PydanticCustomError("column", "give the formula of the columns under `of`")
        if self.formula is not None:
            if self.column is not None:
                raise PydanticCustomError("column", "leave out the column beside a formula")
            unused = sorted(set(self.of) - variables(self.formula))
            if unused:
                names = ", ".join(unused)
                raise PydanticCustomError("column", "not in the formula: {names}", {"names": names})
        return self


DerivedShort = Annotated[Derived, BeforeValidator(_single, json_schema_input_type=Derived | Text)]


class Column(Derived):
    """Where the values of a field come from, and how they are read."""

    otherwise: list[DerivedShort] = Field(
        default=[], description="Columns that are read, in their order, where this one is blank."
    )
    constant: Value | None = Field(default=None, description="Of every record.")
    default: Value | dict[Benchmark, Value] | None = Field(
        default=None, description="Fills blanks: a value, or one for each benchmark."
    )

    @property
    def parts(self) -> list[tuple[tuple[str, ...], Cell]]:
        """The mappings within it, each with its place."""
        found = super().parts
        for number, other in enumerate(self.otherwise):
            place = ("otherwise", str(number))
            found.append((place, other))
            found += [((*place, *inner), part) for inner, part in other.parts]
        return found

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        read = self.column is not None or self.formula is not None
        if self.constant is not None and (read or self.default is not None):
            raise PydanticCustomError("column", "leave out column and default beside a constant")
        if self.constant is None and not read and self.default is None:
            raise PydanticCustomError("column", "name a column, a constant or a default")
        if self.otherwise and not read:
            raise PydanticCustomError("column", "name the column that is read first")
        return self


_KEYS = set(Column.model_fields)  # none of them can be the name of a benchmark here


def _one_or_wide(value: Any) -> str:
    """Whether perplexity is one column, or one for each benchmark."""
    wide = isinstance(value, dict) and value and not _KEYS & set(value)
    return "[benchmarks]" if wide else "[column]"


Cells = Annotated[
    Column,
    BeforeValidator(_short, json_schema_input_type=Column | Text | list[Derived | Text]),
]
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
    extra: dict[Parameter, Cells] = Field(
        default={},
        description="Further numbers by a name of yours, for `variables` and for conditions.",
    )

    def each(self) -> Iterator[tuple[str, str, Column]]:
        """Place, field and mapping of all that is mapped."""
        for name in type(self).model_fields:
            mapped = getattr(self, name)
            if name == "extra":
                for own, column in self.extra.items():
                    yield f"{name}.{own}", own, column
            elif isinstance(mapped, Column):
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
    read_as = fields.get(field, records.EXTRA)
    kind = read_as.kind
    _check_cells(place, field, column, kind)
    for inner, part in column.parts:
        _check_cells((*place, *inner), field, part, "number" if "of" in inner else kind)
    for derived, at in [(column, place)] + [
        (part, (*place, *inner)) for inner, part in column.parts if isinstance(part, Derived)
    ]:
        for name in sorted(variables(derived.formula or "0") - set(derived.of)):
            if name not in fields or fields[name].kind != "number" or name == field:
                fix = "name another field that is a number, or give its column under `of`"
                raise refused((*at, "formula"), name, fix)
    if field == "source_row" and column.column is None:
        raise refused((*place, "column"), "missing", "name a column")
    for key in ("constant", "default"):
        given = getattr(column, key)
        for value in given.values() if isinstance(given, dict) else [given]:
            if value is not None and not _suits(kind, value):
                raise refused((*place, key), value, f"expected {read_as.expected}")


def _check_cells(place: tuple[str, ...], field: str, column: Cell, kind: str) -> None:
    """Refuse a way of reading cells that does not give values of a kind."""
    allowed = _PARSERS_OF[kind]
    asked: dict[str, list[str]] = {"parser": [column.parser] if column.parser else []}
    asked["pattern"] = sorted(column.placeholders)
    for key, parsers in asked.items():
        for parser in parsers:
            if parser not in allowed:
                wanted = f"expected {' or '.join(allowed)}" if allowed else "leave it out"
                raise refused((*place, key), parser, f"{wanted}: {field} is a {kind}")
    for key in ("scale", "formula"):
        given = getattr(column, key, None)
        if given is not None and kind != "number":
            raise refused((*place, key), given, f"leave it out: {field} is a {kind}")
    if column.metric is not None and field != "perplexity":
        raise refused((*place, "metric"), column.metric, "leave it out: only of perplexity")


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
