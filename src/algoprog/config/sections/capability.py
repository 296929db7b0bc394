"""Capability across benchmarks: its registers, further scores, and how much is simulated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from algoprog.common.section import Count, Section, Text
from algoprog.config.types import Date, Location, Name, Positive
from algoprog.records.snapshots import Sha256, is_url

ScoreField = Literal[
    "model_version",
    "benchmark",
    "score",
    "standard_error",
    "shots",
    "source",
    "link",
    "record",
    "run_date",
]
Share = Annotated[float, Field(ge=0, lt=1)]


class ScoreSource(Section):
    """Scores of model versions on benchmarks: a CSV, or the hub's export in a folder."""

    enabled: bool = True
    kind: Literal["csv", "export"] = Field(
        default="csv", description="export: a folder of the hub's CSV files, as they stand."
    )
    location: Location = Field(description="A path in the project; of csv also an http(s) URL.")
    sha256: Sha256 | None = Field(
        default=None, description="Pins the content: any other is refused."
    )
    on_failure: Literal["refuse", "keep"] | None = Field(
        default=None, description="Of an address; default: as under acquisition."
    )
    columns: dict[ScoreField, Text] = Field(
        default={}, description="The source's column for each field; default: our own names."
    )
    constants: dict[ScoreField, Text] = Field(
        default={}, description="Values that are the same in every row."
    )
    divisor: Positive = Field(default=1, description="Makes a score a fraction: 100 for per cent.")

    @property
    def files(self) -> list[str]:
        """Files in the project that the scores are read from."""
        if self.kind == "export":
            return sorted(str(path) for path in Path(self.location).glob("*.csv"))
        return [self.location]

    @model_validator(mode="after")
    def _one_file(self) -> ScoreSource:
        if is_url(self.location) and self.kind == "export":
            fix = "an export is a folder: save it in the project and give its path"
            raise PydanticCustomError("location", "{fix}", {"fix": fix})
        return self


class AddedVersion(Section):
    """Facts of a model version that the register has not, or that it has otherwise."""

    model: Text | None = None
    organisation: Text | None = None
    country: Text | None = None
    released: Date | None = None
    training_compute: Positive | None = Field(default=None, description="FLOP.")
    access: Text | None = None
    family: Text | None = None
    recipe: Text | None = None
    reasoning: Literal[0, 1] | None = None
    distilled: Literal[0, 1] | None = None
    distilled_as_joined: Literal[0, 1] | None = None


class AddedBenchmark(Section):
    """Facts of a benchmark that the register has not, or that it has otherwise."""

    category: Text | None = None
    guessing: Share = Field(default=0, description="Share that guessing solves.")
    released: Date | None = None
    coding: Literal[0, 1] | None = None
    mathematics: Literal[0, 1] | None = None
    reference: Text | None = None


class IndexRegisters(Section):
    """The registers behind the index, each a path in the project."""

    scores: Location
    versions: Location
    benchmarks: Location


class Capability(Section):
    """Item response over benchmarks, and the rate of progress from it."""

    enabled: bool = True
    versions: Location = Field(description="Register of model versions.")
    benchmarks: Location = Field(description="Register of benchmarks.")
    horizons: Location = Field(description="Register of METR's time horizons.")
    published: Location = Field(description="What the published analysis printed.")
    index: IndexRegisters
    sources: Annotated[dict[Name, ScoreSource], Field(min_length=1)]
    aliases: dict[Text, Text] = Field(
        default={}, description="Names of versions and benchmarks, and what the registers say."
    )
    added_versions: dict[Text, AddedVersion] = Field(default={})
    added_benchmarks: dict[Text, AddedBenchmark] = Field(default={})
    draws: Count = Field(description="Bootstrap draws of each kind of cluster.")
    data_sets: Count = Field(description="Simulated for the coverage of intervals.")
    break_draws: Count = Field(description="Simulated for the test of acceleration.")
    starts: Count = Field(description="Random starts of each fit of stage 1, besides the neutral.")

    @property
    def enabled_sources(self) -> dict[str, ScoreSource]:
        """Sources that are read."""
        return {name: source for name, source in self.sources.items() if source.enabled}

    @property
    def registers(self) -> dict[str, str]:
        """Files of the registers by their place in this section, scores apart."""
        own = {name: getattr(self, name) for name in ("versions", "benchmarks", "horizons")}
        index = {f"index.{name}": path for name, path in self.index.model_dump().items()}
        return {**own, "published": self.published, **index}
