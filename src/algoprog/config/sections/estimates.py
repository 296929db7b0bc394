"""Every estimate on one axis: where those of others are, and which of ours stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from algoprog.catalogue import TABLES
from algoprog.common.section import Section, Text
from algoprog.config.references import Ref
from algoprog.config.types import Location, Name, Number, Positive, distinct
from algoprog.synthesis.layouts import COVERAGES, LAYOUTS
from algoprog.synthesis.published import OPTIONAL, REQUIRED

Value = str | bool | int | Number
Where = dict[Text, Value | Annotated[list[Value], Field(min_length=1)]]
Domain = Annotated[Name, Ref("estimates.words.domains")]
Quantity = Annotated[Name, Ref("estimates.words.quantities")]
Setting = Annotated[Name, Ref("estimates.words.settings")]
Definition = Annotated[Name, Ref("estimates.words.definitions")]
_COLUMNS = (*REQUIRED, *OPTIONAL)


def _known(table: str, known: Mapping[str, object]) -> None:
    if table not in known:
        words = {"table": table, "known": ", ".join(known)}
        raise PydanticCustomError("table", "no table {table} here; name one of {known}", words)


def _check_columns(table: str, columns: list[str]) -> None:
    for column in columns:
        if column not in TABLES[table].names:
            words = {"column": column, "table": table, "known": ", ".join(TABLES[table].names)}
            message = "the table {table} has no column {column}; it has {known}"
            raise PydanticCustomError("column", message, words)


class EstimateWords(Section):
    """Codes and what they mean in words; rows of the table follow their order."""

    domains: dict[Name, Text]
    quantities: dict[Name, Text]
    settings: dict[Name, Text]
    definitions: dict[Name, Text]


class EstimateFile(Section):
    """A CSV with estimates of others, in the columns of data/raw/published_estimates.csv."""

    enabled: bool = True
    file: Location
    columns: dict[Text, Text] = Field(
        default={}, description="What the file calls a column of ours, where otherwise."
    )
    constants: dict[Text, Text] = Field(
        default={}, description="What every row has in common, by our column."
    )

    @model_validator(mode="after")
    def _ours(self) -> EstimateFile:
        for column in (*self.columns, *self.constants):
            if column not in _COLUMNS:
                words = {"column": column, "known": ", ".join(_COLUMNS)}
                raise PydanticCustomError("column", "no column {column}; use {known}", words)
        return self


class StatedEstimate(Section):
    """An estimate of others: what a row of the register says."""

    enabled: bool = True
    label: Text
    source: Text
    year: int | None = None
    reference: str = Field(default="", description="arXiv number, DOI or address.")
    domain: Domain
    scope: str = ""
    period_from: str = Field(default="", description="YYYY, YYYY-MM or YYYY-MM-DD.")
    period_to: str = ""
    quantity: Quantity
    setting: Setting
    definition: Definition
    stated: str = Field(default="", description="The number as its source states it.")
    unit: Literal["months", "years", "days", "times_a_year", "orders_a_year", "growth", "times"]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    level: Number | None = Field(default=None, description="Of the interval, in per cent.")
    years: Positive | None = Field(default=None, description="Of `times`: over how many years.")
    status: Literal["read", "rate_second_hand", "second_hand"] = "second_hand"
    method: str = ""
    found: str = Field(default="", description="Where in the source.")
    note: str = ""


class SimulatedCoverage(Section):
    """Where the simulated coverage of an interval stands."""

    table: Text
    where: Where = Field(default={}, description="Values that columns must have.")

    @model_validator(mode="after")
    def _there(self) -> SimulatedCoverage:
        _known(self.table, COVERAGES)
        _check_columns(self.table, list(self.where))
        return self


class OwnEstimate(Section):
    """Estimates of ours: rows of a result table."""

    enabled: bool = True
    table: Text = Field(description="Result table that has the number.")
    where: Where = Field(default={}, description="Values that its columns must have.")
    each: Annotated[list[Text], AfterValidator(distinct)] = Field(
        default=[], description="Columns; there is an estimate for each of their values."
    )
    label: Text = Field(description="What it is called; {column} is the row's value.")
    domain: Domain
    scope: str = ""
    quantity: Quantity
    setting: Setting
    definition: Definition
    period: Literal["sample", "capability", "table"] | None = Field(
        default=None,
        description="Whose dates: the headline's sample, capability's versions, the table's own.",
    )
    years: Positive | None = Field(default=None, description="Of a total: over how many years.")
    coverage: SimulatedCoverage | None = None
    note: str = ""

    @model_validator(mode="after")
    def _there(self) -> OwnEstimate:
        _known(self.table, LAYOUTS)
        _check_columns(self.table, [*self.where, *self.each])
        if (LAYOUTS[self.table].unit == "times") != (self.years is not None):
            raise PydanticCustomError("years", "give `years` of a total factor, and only then")
        try:
            self.label.format_map(dict.fromkeys(TABLES[self.table].names, ""))
        except (KeyError, ValueError, IndexError, AttributeError):
            raise PydanticCustomError("label", "in braces name columns of the table") from None
        return self


class Estimates(Section):
    """Every estimate on one axis."""

    enabled: bool = True
    published: Location = Field(description="CSV of published estimates.")
    forecasts: Location = Field(description="CSV of forecasts made earlier, with outcomes.")
    words: EstimateWords
    files: dict[Name, EstimateFile] = Field(default={}, description="More CSVs of others' rows.")
    more: dict[Name, StatedEstimate] = Field(default={}, description="More rows of others.")
    ours: dict[Name, OwnEstimate] = Field(default={}, description="Rows of result tables.")

    @property
    def paths(self) -> dict[str, str]:
        """The files that are read, by their place in the configuration."""
        files = {f"estimates.files.{n}.file": f.file for n, f in self.files.items() if f.enabled}
        return {"estimates.published": self.published, **files}

    @property
    def enabled_ours(self) -> dict[str, OwnEstimate]:
        """The estimates of ours that are looked up."""
        return {name: own for name, own in self.ours.items() if own.enabled}


def cells(stated: StatedEstimate) -> dict[str, Any]:
    """Return what an estimate says as the cells of a row; of what is not given there is none."""
    said = stated.model_dump(mode="json", exclude={"enabled"})
    # a dump in JSON has no infinity
    said |= {name: getattr(stated, name) for name in ("value", "low", "high")}
    return {name: str(value) for name, value in said.items() if value not in (None, "")}
