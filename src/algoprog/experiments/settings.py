"""What is set of sweeps and studies, as plain dataclasses that a rule's parameters turn into."""

from __future__ import annotations

from dataclasses import dataclass, field

from algoprog.experiments.metrics import Metric
from algoprog.experiments.register import SweepSource
from algoprog.experiments.study import Study, StudySample
from algoprog.experiments.vocabulary import Level, MetricName, Transform, Unit


@dataclass(frozen=True)
class RunsOf:
    """A sweep's runs: file, what it calls its columns, and which evaluation sets have a law.

    ``compared`` is the evaluation set whose exponents are set beside the record's; None for none.
    """

    file: str
    evaluations: list[str]
    tokenizer: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    unit: str | None = None
    compared: str | None = None

    def source(self, name: str) -> SweepSource:
        """Return the source of the sweep called ``name``."""
        return SweepSource(name, self.file, self.columns, self.unit)


@dataclass(frozen=True)
class Curves:
    """Checkpoints of recipes, and the gains that are taken from their frontiers.

    ``recipes`` names recipes of the file together, the worst first; ``totals`` are the worse
    and the better recipe of the gain that the published total extrapolates.
    """

    file: str
    protocols: list[str]
    recipes: dict[str, list[str]]
    irreducible: float
    computes: list[float]
    totals: dict[str, str]


@dataclass(frozen=True)
class Large:
    """The large systems of the record: at least so many parameters and tokens."""

    parameters: float
    tokens: float


@dataclass(frozen=True)
class OfRecord:
    """The record that sweeps are compared with."""

    sample: str
    variant: str
    delta: float
    exponents: tuple[str, str]
    levels: list[Level]
    large: Large


@dataclass(frozen=True)
class Draws:
    """How many draws: of laws, of frontiers, of the record."""

    laws: int
    frontiers: int
    record: int


@dataclass(frozen=True)
class Sweeps:
    """The section `sweeps`."""

    runs: dict[str, RunsOf]
    curves: Curves
    published: str
    record: OfRecord
    draws: Draws

    @property
    def compared(self) -> dict[str, str]:
        """The evaluation set of each sweep that is set beside the record."""
        return {name: one.compared for name, one in self.runs.items() if one.compared}


@dataclass(frozen=True)
class SampleSettings:
    """A sample of a study; what is None is the study's."""

    where: dict[str, str] = field(default_factory=dict)
    scale: str | None = None
    score: str | None = None
    cluster: str | None = None
    transform: Transform | None = None
    floor: float | None = None
    once: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class StudySettings:
    """One study of the section `studies`."""

    file: str
    score: str
    date: str
    scale: str
    cluster: str
    metric: MetricName
    unit: Unit
    transform: Transform
    samples: dict[str, SampleSettings]
    floor: float = 0.0
    draws: int = 2000

    def study(self, name: str) -> Study:
        """Return the study called ``name``.

        Raises
        ------
        InputError
            for a unit, transform or floor that its metric does not have.
        """
        metric = Metric(self.metric, self.unit, self.transform, self.floor)
        return Study(
            name=name,
            file=self.file,
            score=self.score,
            date=self.date,
            scale=self.scale,
            cluster=self.cluster,
            metric=metric,
            samples={key: self._sample(one) for key, one in self.samples.items()},
            draws=self.draws,
        )

    def _sample(self, one: SampleSettings) -> StudySample:
        metric = None
        if one.transform is not None or one.floor is not None:
            floor = self.floor if one.floor is None else one.floor
            metric = Metric(self.metric, self.unit, one.transform or self.transform, floor)
        return StudySample(one.where, one.scale, one.score, one.cluster, metric, tuple(one.once))
