"""Which scores enter the item response fit, and why the others do not."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Choice = Literal["largest", "mean", "median"]

SINCE = datetime.date(2022, 11, 1)
CLIP = (1e-3, 1 - 1e-3)  # of rescaled scores, as in the published index


@dataclass(frozen=True)
class SampleRules:
    """What decides which scores are used, and which of several scores of a pair.

    least_benchmarks  benchmarks a version needs, counted before the rule of dates
    since, before     first day, and the day after the last, of a version's release; None: no limit
    benchmarks_before  benchmarks released on or after this day are left out
    score             the score of a pair that has several
    pooled            versions of a model are one unit
    dated_by          of pooled versions: the rule of dates looks at each version, or at the first
    rescaled          scores become (y - g) / (1 - g), g the guessing level; scores below g go, and
                      the rest is clipped to [0.001, 0.999]
    without           benchmarks left out besides those that their register leaves out
    unsourced         benchmarks whose scores need no source
    """

    least_benchmarks: int = 4
    since: datetime.date | None = SINCE
    before: datetime.date | None = None
    benchmarks_before: datetime.date | None = None
    score: Choice = "largest"
    pooled: bool = False
    dated_by: Literal["each", "first"] = "each"
    rescaled: bool = False
    without: frozenset[str] = frozenset()
    unsourced: frozenset[str] = frozenset({"Balrog"})


@dataclass(frozen=True)
class Pairs:
    """Scores of versions on benchmarks, at most one for each pair, sorted by version.

    versions, benchmarks  names, sorted
    version, benchmark    of each pair, as indices into these
    score                 in [0, 1]
    standard_error        of the score, NaN where unknown
    count, spread         how many scores the pair has, and the largest less the smallest
    guessing              level of each benchmark (0 where the scores have been rescaled)
    """

    versions: tuple[str, ...]
    benchmarks: tuple[str, ...]
    version: Integers
    benchmark: Integers
    score: Array
    standard_error: Array
    count: Integers
    spread: Array
    guessing: Array

    def __len__(self) -> int:
        return len(self.score)

    @property
    def starts(self) -> Integers:
        """Where each version's pairs start, and where the last one's end."""
        return np.searchsorted(self.version, np.arange(len(self.versions) + 1))

    def position(self, benchmark: str) -> int:
        """Return the index of a benchmark.

        Raises
        ------
        InputError
            for a benchmark that has no pair.
        """
        if benchmark not in self.benchmarks:
            fix = f"choose one of {', '.join(self.benchmarks)}"
            raise InputError("capability", "benchmark", benchmark, fix)
        return self.benchmarks.index(benchmark)

    def subset(self, keep: NDArray[np.bool_]) -> Pairs:
        """Return the pairs marked in `keep`; versions and benchmarks without pairs go."""
        version, benchmark = self.version[keep], self.benchmark[keep]
        kept_v, new_v = np.unique(version, return_inverse=True)
        kept_b, new_b = np.unique(benchmark, return_inverse=True)
        return replace(
            self,
            versions=tuple(self.versions[i] for i in kept_v),
            benchmarks=tuple(self.benchmarks[i] for i in kept_b),
            version=new_v.astype(np.int64),
            benchmark=new_b.astype(np.int64),
            score=self.score[keep],
            standard_error=self.standard_error[keep],
            count=self.count[keep],
            spread=self.spread[keep],
            guessing=self.guessing[kept_b],
        )


@dataclass(frozen=True)
class Sample:
    """Pairs, what is known of their versions (one row each, in order), and what was left out.

    `left_out` has a row for each score that is in no pair, with its `reason` and its number among
    the scores given (`row`); a score that another
    of the same pair was preferred to is no exclusion (`Pairs.count` tells of it).
    """

    pairs: Pairs
    versions: pl.DataFrame
    left_out: pl.DataFrame
    rows: int


def make_sample(
    scores: pl.DataFrame, versions: pl.DataFrame, benchmarks: pl.DataFrame, rules: SampleRules
) -> Sample:
    """Return the pairs that `rules` select from registers, and the scores they leave out.

    Parameters
    ----------
    scores, versions, benchmarks : DataFrame
        As :func:`algoprog.capability.registers.checked_frame` returns them.
    rules : SampleRules
        The rules, applied in this order: what a row lacks, exact repetitions, benchmarks left out,
        the least number of benchmarks, dates (of versions, then of benchmarks), connection.

    Raises
    ------
    InputError
        if no score is left.
    """
    rows = _described(scores, versions, benchmarks, rules)
    rows = _with_reasons(rows, rules)
    rows = _connected(rows)
    used = rows.filter(pl.col("reason").is_null())
    if not len(used):
        raise InputError("capability", "sample", "no score left", "loosen the rules of the sample")
    left_out = rows.filter(pl.col("reason").is_not_null()).select(
        "row", "line", "model_version", "benchmark", "score", "reason"
    )
    pairs, described = _pairs(used, rules)
    return Sample(pairs, described, left_out, len(used))


def _described(
    scores: pl.DataFrame, versions: pl.DataFrame, benchmarks: pl.DataFrame, rules: SampleRules
) -> pl.DataFrame:
    known = benchmarks.select("benchmark", "guessing", benchmark_released="released").with_columns(
        pl.col("guessing").fill_null(0.0),
        dropped=(
            benchmarks["left_out"].is_not_null()
            if "left_out" in benchmarks.columns
            else pl.lit(False)
        ),
    )
    facts = versions.select("model_version", "released", "model", known=pl.lit(True))
    facts = facts.with_columns(unit=pl.col("model" if rules.pooled else "model_version"))
    if rules.pooled and rules.dated_by == "first":
        facts = facts.with_columns(released=pl.col("released").min().over("unit"))
    numbered = scores.with_row_index("row")
    rows = numbered.join(known, on="benchmark", how="left", maintain_order="left")
    rows = rows.join(facts, on="model_version", how="left", maintain_order="left")
    if rules.rescaled:
        y, g = pl.col("score"), pl.col("guessing")
        rows = rows.with_columns(
            below=(y < g).fill_null(False), score=((y - g) / (1 - g)).clip(*CLIP)
        )
        return rows.with_columns(guessing=pl.lit(0.0))
    return rows.with_columns(below=pl.lit(False))


def _with_reasons(rows: pl.DataFrame, rules: SampleRules) -> pl.DataFrame:
    """Give each row the first reason that leaves it out, null for none."""
    same = ["model_version", "benchmark", "score", "record"]
    sourced = pl.col("source").is_not_null() | pl.col("benchmark").is_in(sorted(rules.unsourced))
    first = (
        pl.when(pl.col("dropped") | pl.col("benchmark").is_in(sorted(rules.without)))
        .then(pl.lit("benchmark left out"))
        .when(pl.col("model_version").is_null())
        .then(pl.lit("no model version"))
        .when(pl.col("known").is_null())
        .then(pl.lit("model version not in the register"))
        .when(pl.col("unit").is_null())
        .then(pl.lit("no model name"))
        .when(pl.col("score").is_null())
        .then(pl.lit("no score"))
        .when(~sourced)
        .then(pl.lit("no source given"))
        .when(~pl.struct(same).is_first_distinct())
        .then(pl.lit("repeats another row"))
        .when(pl.col("below"))
        .then(pl.lit("below guessing"))
    )
    rows = rows.with_columns(reason=first.otherwise(None))
    left = pl.col("benchmark").filter(pl.col("reason").is_null())
    rows = rows.with_columns(distinct=left.n_unique().over("unit"))
    never = pl.lit(False)
    few = pl.lit(f"version on fewer than {rules.least_benchmarks} benchmarks")
    day, benchmark_day = pl.col("released"), pl.col("benchmark_released")
    reason = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.col("reason"))
        .when(pl.col("distinct") < rules.least_benchmarks)
        .then(few)
        .when(never if rules.since is None else day.is_null())
        .then(pl.lit("no release date"))
        .when(never if rules.since is None else day < rules.since)
        .then(pl.lit("released too early"))
        .when(_late(day, rules.before))
        .then(pl.lit("released too late"))
        .when(_late(benchmark_day, rules.benchmarks_before))
        .then(pl.lit("benchmark released too late"))
    )
    rows = rows.with_columns(reason=reason.otherwise(None))
    if not rules.pooled:
        return rows
    # Some of a model's versions can be too early: what is left of it is counted again.
    rows = rows.with_columns(distinct=left.n_unique().over("unit"))
    again = pl.col("reason").is_null() & (pl.col("distinct") < rules.least_benchmarks)
    return rows.with_columns(reason=pl.when(again).then(few).otherwise(pl.col("reason")))


def _late(day: pl.Expr, limit: datetime.date | None) -> pl.Expr:
    return pl.lit(False) if limit is None else (day >= limit).fill_null(True)


def _connected(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out versions that no chain of common benchmarks ties to the largest group."""
    used = rows.filter(pl.col("reason").is_null()).select("unit", "benchmark").unique()
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for unit, benchmark in used.sort("unit", "benchmark").iter_rows():
        parent[root(("version", unit))] = root(("benchmark", benchmark))
    groups: dict[tuple[str, str], list[str]] = {}
    for unit in used["unit"].unique().sort():
        groups.setdefault(root(("version", unit)), []).append(unit)
    if len(groups) < 2:
        return rows
    largest = max(groups.values(), key=len)
    alone = sorted({unit for group in groups.values() for unit in group} - set(largest))
    apart = pl.col("reason").is_null() & pl.col("unit").is_in(alone)
    reason = pl.lit("no benchmark in common with the other versions")
    return rows.with_columns(reason=pl.when(apart).then(reason).otherwise(pl.col("reason")))


def _pairs(used: pl.DataFrame, rules: SampleRules) -> tuple[Pairs, pl.DataFrame]:
    y = pl.col("score")
    value = {"largest": y.max(), "mean": y.mean(), "median": y.median()}[rules.score]
    table = (
        used.group_by("unit", "benchmark")
        .agg(
            value.alias("value"),
            pl.col("standard_error").sort_by("score").last(),
            count=pl.len(),
            spread=y.max() - y.min(),
        )
        .sort("unit", "benchmark")
    )
    names = tuple(table["unit"].unique().sort().to_list())
    tests = tuple(table["benchmark"].unique().sort().to_list())
    levels = dict(used.select("benchmark", "guessing").unique().iter_rows())
    place = {name: i for i, name in enumerate(names)}
    test = {name: i for i, name in enumerate(tests)}
    error = table["standard_error"].cast(pl.Float64).fill_null(float("nan"))
    pairs = Pairs(
        versions=names,
        benchmarks=tests,
        version=np.array([place[name] for name in table["unit"]], dtype=np.int64),
        benchmark=np.array([test[name] for name in table["benchmark"]], dtype=np.int64),
        score=table["value"].to_numpy().astype(np.float64),
        standard_error=error.to_numpy().astype(np.float64),
        count=table["count"].to_numpy().astype(np.int64),
        spread=table["spread"].to_numpy().astype(np.float64),
        guessing=np.array([levels[name] for name in tests], dtype=np.float64),
    )
    described = used.group_by("unit").agg(pl.col("released").min()).sort("unit")
    return pairs, described
