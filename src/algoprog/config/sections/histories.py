"""Record histories: where tracks and their entries come from, and how they are analysed."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from algoprog.common.section import Count, Section, Text
from algoprog.config.sections.columns import Cells, check_column, refused
from algoprog.config.sections.sources import HtmlTable, MarkdownTable
from algoprog.config.types import Date, DateFormat, Location, Name, Scalar, distinct
from algoprog.histories.fields import RECORD_FIELDS, TRACK_FIELDS, Category
from algoprog.records.snapshots import Sha256

Kind = Literal["csv", "parquet", "json", "markdown_table", "html_table"]


class Label(Section):
    """What is new in an entry of a source that does not say so in our words."""

    label: Text
    category: Category
    categories: Annotated[list[Category], AfterValidator(distinct)] = Field(
        default=[], description="All kinds named; default: the category alone."
    )


class HistorySource(Section):
    """Entries of tracks in a table: a file, or a table of a page at an address.

    The first enabled source is the register. Of every other one the entries count that come after
    the last the register has of a track.
    """

    enabled: bool = True
    kind: Kind
    location: Location = Field(description="A path in the project or an http(s) URL.")
    sha256: Sha256 | None = Field(
        default=None, description="Pins the content: any other is refused."
    )
    on_failure: Literal["refuse", "keep"] | None = Field(
        default=None, description="Of an address; default: as under acquisition."
    )
    columns: Annotated[dict[Name, Cells], Field(min_length=1)] = Field(
        description="The source's column for each field of data/raw/records.csv."
    )
    only: dict[Text, Annotated[list[str], Field(min_length=1)]] = Field(
        default={}, description="Rows to read: a column and the texts it may have."
    )
    date_format: DateFormat = Field(default="%Y-%m-%d", description="Of dates without a parser.")
    missing: list[str] = Field(
        default=["-", "none"], description="Entries that mean unknown, besides an empty one."
    )
    records: str = Field(default="", description="Of json: path of the list of entries.")
    tables: list[MarkdownTable | HtmlTable] = Field(
        default=[], description="Of a page: the tables that are read."
    )
    labels: dict[Text, Label] = Field(
        default={}, description="By entry; an entry that is not here is listed as unlabelled."
    )

    @model_validator(mode="after")
    def _readable(self) -> HistorySource:
        for field, column in self.columns.items():
            if field not in RECORD_FIELDS:
                known = f"expected a field of an entry: {', '.join(RECORD_FIELDS)}"
                raise refused(("columns", field), field, known)
            check_column(("columns", field), field, column, RECORD_FIELDS)
        for field, about in RECORD_FIELDS.items():
            if about.required and field not in self.columns:
                raise refused(("columns", field), "missing", "this key is required")
        page = self.kind in ("markdown_table", "html_table")
        if page != bool(self.tables):
            raise refused(("tables",), len(self.tables), "name the tables of a page, and only then")
        return self


class TrackChange(Section):
    """A track of one's own (every required field), or what is different in one of the register."""

    name: Text | None = None
    kind: Literal["cost_at_target", "score_at_budget"] | None = None
    measure: Literal["cost", "score"] | None = None
    task: Text | None = None
    target: Text | None = None
    unit: Text | None = None
    hardware: Text | None = None
    hardware_fixed: bool | None = None
    competition_began: Date | None = None
    closed: Date | None = None
    observed_until: Date | None = Field(
        default=None, description="The day until which the track was watched."
    )
    url: Text | None = None
    licence: Text | None = None
    note: Text | None = None


class HistoryCorrection(Section):
    """A fact that a source has wrong, set on every entry that matches."""

    enabled: bool = True
    match: Annotated[dict[Name, Scalar], Field(min_length=1)]
    set: Annotated[dict[Name, Scalar], Field(min_length=1)]
    reason: Text

    @model_validator(mode="after")
    def _fields(self) -> HistoryCorrection:
        for key in ("match", "set"):
            for field in getattr(self, key):
                if field not in RECORD_FIELDS:
                    known = f"expected a field of an entry: {', '.join(RECORD_FIELDS)}"
                    raise refused((key, field), field, known)
        return self


class Horizons(Section):
    """Days ahead that the level of a track is forecast."""

    long: Annotated[list[Count], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Of tracks that were watched for a year at least."
    )
    short: Annotated[list[Count], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Of all other tracks."
    )


class Histories(Section):
    """Record histories: what reaching a fixed target costs, record by record."""

    enabled: bool = True
    track_register: Location = Field(description="Path of the register of tracks.")
    published: Location = Field(description="Path of the register of published numbers.")
    sources: Annotated[dict[Name, HistorySource], Field(min_length=1)]
    tracks: dict[Name, TrackChange] = Field(default={})
    corrections: dict[Name, HistoryCorrection] = Field(default={})
    shown: Name = Field(description="The track that the report shows record by record.")
    compute_histories: list[Name] = Field(
        default=[], description="Tracks whose training compute has a history beside the cost."
    )
    resamples: Count = Field(description="Of innovations, for shares of kinds.")
    draws: Count = Field(description="Of a forecast.")
    backtest_draws: Count = Field(description="Of each forecast of the back-test.")
    horizons: Horizons

    @property
    def enabled_sources(self) -> dict[str, HistorySource]:
        """Sources that are read, the register first; none where all of it is disabled."""
        if not self.enabled:
            return {}
        return {name: source for name, source in self.sources.items() if source.enabled}

    @property
    def enabled_corrections(self) -> dict[str, HistoryCorrection]:
        """Corrections that are applied."""
        return {name: one for name, one in self.corrections.items() if one.enabled}

    @property
    def track_changes(self) -> dict[str, dict[str, str | float | datetime.date]]:
        """Tracks of the configuration, of each what is given."""
        changes = {}
        for name, change in self.tracks.items():
            given = change.model_dump(mode="json", exclude_none=True)
            if "hardware_fixed" in given:
                given["hardware_fixed"] = float(given["hardware_fixed"])
            changes[name] = given
        return changes


assert set(TrackChange.model_fields) == set(TRACK_FIELDS) - {"track"}
