"""A study: another benchmark's systems from a CSV, and the growth of compute they show.

A study declares its file, what the columns are called, its metric, and samples: conditions on the
columns. It gives each sample a law, the interval of resampled clusters, and the growths that a
restricted wild cluster bootstrap accepts. The module knows a study's declaration and its file; it
knows no configuration files.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import (
    doubling_interval,
    doubling_months,
    percentiles,
)
from algoprog.common.levels import LEVELS
from algoprog.experiments.linear import (
    ORIGIN,
    LinearDraws,
    LinearLaw,
    Rows,
    accepted_growths,
    check_direction,
    draw_linear,
    fit_linear,
)
from algoprog.experiments.metrics import Metric
from algoprog.experiments.register import Row, read_rows
from algoprog.resampling.signs import Piece

Array = NDArray[np.float64]

FEW_CLUSTERS = 30  # below, the interval of resampled clusters is too narrow
REPLICATES = 399  # of the wild cluster bootstrap


@dataclass(frozen=True)
class StudySample:
    """A sample of a study: which rows, and where it departs from the study.

    Attributes
    ----------
    where : values that columns must have; a row without one of them is left out.
    scale, score, cluster : columns in place of the study's.
    metric : in place of the study's.
    once : columns that tell systems apart; of rows alike in them the first is kept.
    """

    where: Mapping[str, str] = field(default_factory=dict)
    scale: str | None = None
    score: str | None = None
    cluster: str | None = None
    metric: Metric | None = None
    once: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """A study's declaration.

    Attributes
    ----------
    name, file : the study, and what errors call its file.
    score, date, scale, cluster : columns of the file.
    metric : of the score.
    samples : by name; the first is the estimate, the others are checks.
    """

    name: str
    file: str
    score: str
    date: str
    scale: str
    cluster: str
    metric: Metric
    samples: Mapping[str, StudySample]
    draws: int = 2000


@dataclass(frozen=True)
class Result:
    """What one sample of a study says."""

    study: str
    sample: str
    role: Literal["estimate", "check"]
    rows: Rows
    systems: tuple[Row, ...]
    metric: Metric
    score: str
    scale: str
    clustered: str
    law: LinearLaw
    draws: LinearDraws
    sets: Mapping[int, list[Piece]]

    @property
    def few_clusters(self) -> bool:
        """Whether the sample has so few clusters that its interval is too narrow."""
        return self.rows.clusters < FEW_CLUSTERS

    def row(self) -> dict[str, str | int | float | bool]:
        """Return the columns of the table `study_growth`."""
        growth = percentiles(self.draws.growth)
        months = doubling_interval(growth)
        return {
            "study": self.study,
            "sample": self.sample,
            "role": self.role,
            "score": self.score,
            "metric": self.metric.name,
            "unit": self.metric.unit,
            "transform": self.metric.transform,
            "floor": self.metric.floor,
            "scale": self.scale,
            "clustered": self.clustered,
            "n": self.rows.n,
            "clusters": self.rows.clusters,
            "few_clusters": self.few_clusters,
            "elasticity": self.law.elasticity,
            "rate": self.law.rate,
            "level": self.law.level,
            "r2": self.law.r2,
            "point": float(doubling_months(self.law.growth)),
            **months.columns(),
            "share_not_falling_with_scale": self.draws.share_not_falling_with_scale,
            "growth_point": self.law.growth,
            **growth.columns("growth_"),
        }

    def system_rows(self) -> list[dict[str, str | int | float]]:
        """Return rows of the table `study_systems`: one for each row that was fitted."""
        scores = self.metric.scores(self.rows.response)
        fitted = (
            self.law.level
            - self.law.elasticity * self.rows.log_scale
            - self.law.rate * (self.rows.years - ORIGIN)
        )
        expected = self.metric.scores(fitted)
        return [
            {
                "study": self.study,
                "sample": self.sample,
                "line": system.number,
                "cluster": system.text(self.clustered),
                "year": float(self.rows.years[i]),
                "scale": float(np.exp(self.rows.log_scale[i])),
                "score": float(scores[i]),
                "expected": float(expected[i]),
            }
            for i, system in enumerate(self.systems)
        ]

    def set_rows(self) -> list[dict[str, str | int | float]]:
        """Return rows of the table `study_sets`: one for each level and piece."""
        found: list[dict[str, str | int | float]] = []
        for level, pieces in self.sets.items():
            for number, piece in enumerate(pieces, 1):
                slow, fast = (float(doubling_months(g)) for g in (piece.low, piece.high))
                found.append({
                    "study": self.study,
                    "sample": self.sample,
                    "level": level,
                    "piece": number,
                    "low": 0.0 if piece.high == np.inf else fast,
                    "high": slow,
                    "growth_low": piece.low,
                    "growth_high": piece.high,
                    "draws": REPLICATES,
                })  # fmt: skip
        return found


def run_study(content: bytes, study: Study, seed: int) -> list[Result]:
    """Return the results of a study's samples, in their order.

    Raises
    ------
    InputError
        for a file, a column, a cell or a declaration that cannot be right.
    """
    needed = dict.fromkeys([study.score, study.date, study.scale, study.cluster])
    for sample in study.samples.values():
        more = (sample.scale, sample.score, sample.cluster, *sample.where, *sample.once)
        needed |= dict.fromkeys(name for name in more if name)
    rows = read_rows(content, study.file, needed)
    results = []
    for number, (name, sample) in enumerate(study.samples.items()):
        metric = sample.metric or study.metric
        systems = kept_rows(rows, study, name)
        selected = sample_rows(systems, study, name)
        check_direction(selected, study.file, metric.name)
        names = (seed, "study", study.name, name)
        results.append(
            Result(
                study=study.name,
                sample=name,
                role="check" if number else "estimate",
                rows=selected,
                systems=tuple(systems),
                metric=metric,
                score=sample.score or study.score,
                scale=sample.scale or study.scale,
                clustered=sample.cluster or study.cluster,
                law=fit_linear(selected),
                draws=draw_linear(selected, study.draws, names),
                sets={
                    level: accepted_growths(selected, level / 100, REPLICATES, (*names, "wild"))
                    for level in LEVELS
                    if level >= 90
                },
            )
        )
    return results


def kept_rows(rows: Iterable[Row], study: Study, name: str) -> list[Row]:
    """Return the rows of a study's sample; those without score, date or scale are left out."""
    sample = study.samples[name]
    score, scale = sample.score or study.score, sample.scale or study.scale
    cluster = sample.cluster or study.cluster
    kept: list[Row] = []
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        if any(row.text(column) != value for column, value in sample.where.items()):
            continue
        if not all(row.text(column) for column in (score, scale, study.date, cluster)):
            continue
        alike = tuple(row.text(column) for column in sample.once)
        if sample.once and alike in seen:
            continue
        seen.add(alike)
        kept.append(row)
    if not kept:
        fix = "its conditions leave no row with score, date and scale: relax `where`"
        raise InputError(study.file, f"samples.{name}", 0, fix)
    return kept


def sample_rows(kept: list[Row], study: Study, name: str) -> Rows:
    """Return the numbers of a sample's rows, which are of :func:`kept_rows`."""
    sample = study.samples[name]
    score, scale = sample.score or study.score, sample.scale or study.scale
    cluster = sample.cluster or study.cluster
    numbers = {text: i for i, text in enumerate(dict.fromkeys(row.text(cluster) for row in kept))}
    scores = np.array([row.positive(score, study.file) for row in kept])
    metric = sample.metric or study.metric
    return Rows(
        response=metric.response(scores, study.file, [row.number for row in kept]),
        log_scale=np.log([row.positive(scale, study.file) for row in kept]),
        years=np.array([_year(row, study) for row in kept]),
        cluster=np.array([numbers[row.text(cluster)] for row in kept]),
    )


def _year(row: Row, study: Study) -> float:
    """A date as a calendar year: year + (day of the year - 1) / 365."""
    found = row.text(study.date)
    try:
        day = datetime.date.fromisoformat(found)
    except ValueError:
        place = f"line {row.number}, column {study.date}"
        raise InputError(study.file, place, found, "write a date as YYYY-MM-DD") from None
    return day.year + (day.timetuple().tm_yday - 1) / 365.0
