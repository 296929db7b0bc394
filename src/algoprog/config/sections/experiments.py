"""Controlled sweeps beside the record, and studies of other benchmarks."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from algoprog.common.section import MOST, Section, Text
from algoprog.config.references import INHERITED, Inherits, Ref
from algoprog.config.types import Date, Delta, Location, Name, Number, Parameter, Positive, distinct
from algoprog.experiments.vocabulary import (
    Level,
    LossUnit,
    MetricName,
    Transform,
    Unit,
    mistake,
)

Draws = Annotated[int, Field(ge=10, le=MOST)]
Floor = Annotated[float, Field(ge=0, lt=1)]


class SweepRuns(Section):
    """A sweep: final losses of runs that vary scale alone."""

    enabled: bool = True
    file: Location = Field(description="CSV with a row for each run and evaluation set.")
    recipe: Text = Field(description="What the runs have in common.")
    recipe_date: Date | None = Field(default=None, description="The date the recipe stands for.")
    tokenizer: Text = Field(description="The tokenizer of whose tokens losses are.")
    columns: dict[Text, Text] = Field(
        default={},
        description=(
            "What the file calls parameters, tokens, loss, evaluation, unit, where otherwise."
        ),
    )
    unit: LossUnit | None = Field(
        default=None, description="Unit of the loss, of a file without a column `unit`."
    )
    evaluations: Annotated[list[Text], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Evaluation sets that have a law."
    )
    compared: Text | None = Field(
        default=None, description="The one whose exponents are set beside the record's."
    )

    @model_validator(mode="after")
    def _compared(self) -> SweepRuns:
        if self.compared is not None and self.compared not in self.evaluations:
            raise PydanticCustomError("compared", "name one of `evaluations`")
        return self


class CurveTotals(Section):
    """The two recipes whose gain the published total extrapolates."""

    worse: Text
    better: Text


class SweepCurves(Section):
    """Checkpoints of small runs by recipe, their frontiers and gains."""

    file: Location = Field(description="CSV with a row for each checkpoint.")
    protocols: Annotated[list[Text], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Protocols of learning rates."
    )
    recipes: dict[Name, Annotated[list[Text], Field(min_length=1)]] = Field(
        description="Recipes of the file that share a frontier, the worst first."
    )
    irreducible: Number = Field(description="Irreducible loss of every frontier, nats.")
    computes: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Compute of the better recipe at which gains are taken, FLOP."
    )
    totals: CurveTotals

    @model_validator(mode="after")
    def _known(self) -> SweepCurves:
        for name in (self.totals.worse, self.totals.better):
            if name not in self.recipes:
                raise PydanticCustomError(
                    "totals", "`totals` names {name}: name two of `recipes`", {"name": name}
                )
        return self


class LargeSystems(Section):
    """The large systems of the record: at least so many."""

    parameters: Positive
    tokens: Positive


class SweepRecord(Section):
    """The record that sweeps are compared with."""

    sample: Annotated[Name, Ref("samples", enabled=True), Inherits("headline.sample")] = INHERITED
    variant: Annotated[Name, Ref("variants", enabled=True), Inherits("headline.variant")] = (
        INHERITED
    )
    delta: Annotated[Delta, Inherits("headline.delta")] = INHERITED
    exponents: Annotated[list[Parameter], Field(min_length=2, max_length=2)] = Field(
        description="The variant's exponents of parameters and of data."
    )
    levels: Annotated[list[Level], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="Irreducible losses of the record; `own` must be among them."
    )
    large: LargeSystems

    @model_validator(mode="after")
    def _own(self) -> SweepRecord:
        if "own" not in self.levels:
            raise PydanticCustomError("levels", "list `own`: conflict is tested there")
        return self


class SweepDraws(Section):
    """How often runs and papers are resampled."""

    laws: Draws
    frontiers: Draws
    record: Draws


class Sweeps(Section):
    """Controlled sweeps, their laws and frontiers, and the record beside them."""

    enabled: bool = True
    runs: Annotated[dict[Name, SweepRuns], Field(min_length=1)]
    curves: SweepCurves
    published: Location = Field(description="CSV of constants that papers on sweeps printed.")
    record: SweepRecord
    draws: SweepDraws

    @property
    def files(self) -> dict[str, str]:
        """The files that are read, by their place in the configuration."""
        runs = {f"sweeps.runs.{n}.file": one.file for n, one in self.runs.items() if one.enabled}
        return {
            **runs,
            "sweeps.curves.file": self.curves.file,
            "sweeps.published": self.published,
        }


class StudySample(Section):
    """A sample of a study; what it does not say is the study's."""

    where: dict[Text, Text] = Field(
        default={}, description="Values that columns must have, as they stand in the file."
    )
    scale: Text | None = None
    score: Text | None = None
    cluster: Text | None = None
    transform: Transform | None = None
    floor: Floor | None = None
    once: list[Text] = Field(
        default=[], description="Columns; of rows that are alike in them the first is kept."
    )


class Study(Section):
    """Another benchmark's systems from a CSV, and the growth of compute they show."""

    enabled: bool = True
    file: Location = Field(description="CSV with a row for each system.")
    title: Text
    score: Text = Field(description="Column of the benchmark's score.")
    date: Text = Field(description="Column of dates, YYYY-MM-DD.")
    scale: Text = Field(description="Column of the scale: training compute, parameters, ...")
    cluster: Text = Field(description="Column whose values are resampled whole: paper, recipe.")
    metric: MetricName
    unit: Unit = Field(description="Of the score: none, nats, bits, fraction or percent.")
    transform: Transform = Field(description="What makes the response of the metric.")
    floor: Floor = Field(default=0.0, description="Error rate that no system goes below.")
    samples: Annotated[dict[Name, StudySample], Field(min_length=1)] = Field(
        default={"all": StudySample()}, description="The first is the estimate, others are checks."
    )
    draws: Draws = 2000
    published: dict[Text, Text] = Field(
        default={}, description="What others found, by their names: shown beside ours."
    )
    notes: list[Text] = Field(default=[], description="What a reader must know; on the page.")

    @model_validator(mode="after")
    def _metric(self) -> Study:
        for name, sample in [("", None), *self.samples.items()]:
            floor = self.floor if sample is None or sample.floor is None else sample.floor
            transform = (sample.transform if sample else None) or self.transform
            wrong = mistake(self.metric, self.unit, transform, floor)
            if wrong:
                place = f"samples.{name}: " if name else ""
                raise PydanticCustomError(
                    "metric",
                    "{place}{key}: {value}: {fix}",
                    {"place": place, "key": wrong[0], "value": str(wrong[1]), "fix": wrong[2]},
                )
        return self
