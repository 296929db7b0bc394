"""Multiverse: the rate of progress under every combination of defensible choices, and attribution.

A specification is a choice of each dimension. Choices of stage 1 are refitted; k is that of all
versions with compute of its fit, and the trend is that of the selected versions of the period.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import product
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.capability import tables
from algoprog.capability.compute import ComputeSample, Distilled, compute_sample
from algoprog.capability.lines import line, regress
from algoprog.capability.rates import (
    capability_records,
    family_gains,
    mean_gain,
    pooled_gain,
    residual_records,
)
from algoprog.capability.registers import Registers
from algoprog.capability.response import ResponseFit, ResponseModel, fit_response
from algoprog.capability.sample import Choice, SampleRules, make_sample
from algoprog.common.rows import Plain
from algoprog.quantities.shapley import shapley_shares
from algoprog.robustness.attribution import explained_variances
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_POINTS = 4  # of a trend
PERIODS: Mapping[str, tuple[datetime.date | None, datetime.date | None]] = {
    "all": (None, None),
    "since July 2023": (datetime.date(2023, 7, 1), None),
    "before 2025": (None, datetime.date(2025, 1, 1)),
}


@dataclass(frozen=True)
class Choices:
    """Levels of each dimension; their product is the multiverse (34,020 by default)."""

    guessing: tuple[str, ...] = ("none", "floor", "rescaled")
    least_benchmarks: tuple[int, ...] = (2, 4, 6)
    benchmarks: tuple[str, ...] = (
        "all", "without MMLU", "without coding", "without maths", "not optimised for",
    )  # fmt: skip
    score: tuple[str, ...] = ("largest", "mean")
    unit: tuple[str, ...] = ("version", "model")
    k: tuple[str, ...] = (
        "families", "recipes", "LLaMA", "LLaMA 2", "LLaMA 3.1", "all models", "joint",
    )  # fmt: skip
    selection: tuple[str, ...] = ("all", "records of C", "records of b")
    distilled: tuple[str, ...] = ("published", "sure_only", "kept")
    period: tuple[str, ...] = tuple(PERIODS)

    @property
    def size(self) -> int:
        """Return the number of specifications."""
        return int(np.prod([len(getattr(self, field.name)) for field in fields(self)]))


DIMENSIONS = tuple(field.name for field in fields(Choices))
FIRST_STAGE = DIMENSIONS[:5]
SCHEMA: dict[str, Any] = {
    **dict.fromkeys(DIMENSIONS, pl.String),
    "n": pl.Int64,
    "k_value": pl.Float64,
    "growth": pl.Float64,
    "problem": pl.String,
}


def left_out(benchmarks: pl.DataFrame, subset: str) -> frozenset[str]:
    """Return the benchmarks that a named subset leaves out."""
    if subset == "all":
        return frozenset()
    if subset == "not optimised for":
        rows = benchmarks.filter(pl.col("optimised_for") != 1)
        # The anchor stays, for it defines the unit.
        return frozenset(rows["benchmark"])
    what = subset.removeprefix("without ")
    flag = {"coding": "coding", "maths": "mathematics"}.get(what)
    if flag is None:
        return frozenset({what})
    return frozenset(benchmarks.filter(pl.col(flag) == 1)["benchmark"])


def first_stage(registers: Registers, choice: Plain) -> ResponseFit:
    """Return the fit of stage 1 of a choice of FIRST_STAGE."""
    rules = SampleRules(
        least_benchmarks=int(choice["least_benchmarks"]),
        score=cast(Choice, choice["score"]),
        pooled=choice["unit"] == "model",
        rescaled=choice["guessing"] == "rescaled",
        without=left_out(registers.benchmarks, choice["benchmarks"]),
    )
    sample = make_sample(registers.scores, registers.versions, registers.benchmarks, rules)
    return fit_response(sample.pairs, ResponseModel(floor=choice["guessing"] == "floor"))


def gains_of(sample: ComputeSample) -> dict[str, float]:
    """Return k by each way of finding it; NaN where it cannot be found."""
    families = family_gains(sample)
    known = {gain.family: gain.k for gain in families}
    joint = regress(sample.capability, sample.ln_compute, sample.t - 2023)
    return {
        "families": mean_gain(families),
        "recipes": mean_gain(family_gains(sample, sample.recipe)),
        "all models": pooled_gain(sample).slope,
        "joint": float(joint.coefficients[1]),
        **{name: known.get(name, np.nan) for name in ("LLaMA", "LLaMA 2", "LLaMA 3.1")},
    }


def in_period(sample: ComputeSample, period: str) -> ComputeSample:
    """Return the versions of a named period."""
    since, before = PERIODS[period]
    keep = np.ones(len(sample), dtype=bool)
    if since is not None:
        keep &= sample.day >= since.toordinal()
    if before is not None:
        keep &= sample.day < before.toordinal()
    return sample.subset(keep)


def selected(sample: ComputeSample, k: float, selection: str) -> Integers:
    """Return the versions of a named selection; of a day only its best can be a record."""
    if selection == "records of C":
        return capability_records(sample, "together")
    if selection == "records of b":
        return residual_records(sample, k, "together")
    return np.arange(len(sample))


def multiverse(registers: Registers, choices: Choices | None = None) -> pl.DataFrame:
    """Return a row for each specification: its levels, n, k, growth (ln of the rate) or problem."""
    choices = choices or Choices()
    pooled = registers.models
    rows: list[tuple[Any, ...]] = []
    for levels in product(*(getattr(choices, name) for name in FIRST_STAGE)):
        choice = dict(zip(FIRST_STAGE, levels, strict=True))
        fit = first_stage(registers, choice)
        facts = pooled if choice["unit"] == "model" else registers.versions
        texts = tuple(str(level) for level in levels)
        rows += [(*texts, *row) for row in _second_stage(fit, facts, choices)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _second_stage(
    fit: ResponseFit, versions: pl.DataFrame, choices: Choices
) -> Iterator[tuple[Any, ...]]:
    samples = {d: compute_sample(fit, versions, cast(Distilled, d)) for d in choices.distilled}
    gains = {name: gains_of(sample) for name, sample in samples.items()}
    parts = {
        (d, period): in_period(sample, period)
        for d, sample in samples.items()
        for period in choices.period
    }
    for how, selection, d, period in product(
        choices.k, choices.selection, choices.distilled, choices.period
    ):
        k = gains[d][how]
        yield how, selection, d, period, *_growth(parts[d, period], k, selection)


def _growth(
    sample: ComputeSample, k: float, selection: str
) -> tuple[int, float | None, float | None, str | None]:
    """Return n, k, the growth and the problem of one trend."""
    if not np.isfinite(k):
        return 0, None, None, "no family to find k in"
    if k <= 0:
        return 0, k, None, "k is not positive"
    index = selected(sample, k, selection)
    if len(index) < LEAST_POINTS:
        return len(index), k, None, f"fewer than {LEAST_POINTS} versions"
    t = sample.t[index]
    b = sample.capability[index] - k * sample.ln_compute[index]
    return len(index), k, float(line(t, b).slope) / k, None


def attribution(table: pl.DataFrame) -> pl.DataFrame:
    """Return the share of the variance of growth that each dimension explains.

    first_order is the variance of the means over a dimension's levels; shapley shares the
    interactions equally; total counts every interaction of it. Specifications have equal weights.
    """
    known = table.filter(pl.col("growth").is_not_null())
    varied = [name for name in DIMENSIONS if known[name].n_unique() > 1]
    codes = np.column_stack(
        [known[name].rank("dense").cast(pl.Int64).to_numpy() - 1 for name in varied]
    )
    explained = explained_variances(known["growth"].to_numpy(), codes)
    whole = explained[-1]
    shares = shapley_shares(explained[None, :])[0]
    everything = len(explained) - 1
    return pl.DataFrame(
        {
            "choice": varied,
            "levels": [known[name].n_unique() for name in varied],
            "first_order": [explained[1 << i] / whole for i in range(len(varied))],
            "shapley": shares,
            "total": [1 - explained[everything ^ 1 << i] / whole for i in range(len(varied))],
            "n": [len(known)] * len(varied),
            "variance": [float(whole)] * len(varied),
        }
    ).sort("shapley", descending=True)


def multiverse_tables(
    registers: Registers, choices: Choices | None = None
) -> dict[str, pl.DataFrame]:
    """Return the tables of the multiverse and of its attribution."""
    made = multiverse(registers, choices)
    return {
        tables.MULTIVERSE.name: frame_of(tables.MULTIVERSE, made.to_dicts()),
        tables.ATTRIBUTION.name: frame_of(tables.ATTRIBUTION, attribution(made).to_dicts()),
    }
