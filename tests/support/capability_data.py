"""The registers of benchmark scores, samples, fits and tables of them, made once for all tests."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from algoprog.capability.analysis import Settings, result_tables
from algoprog.capability.compute import ComputeSample, Distilled, compute_sample
from algoprog.capability.published import read_printed
from algoprog.capability.reading import FIELDS as FILES
from algoprog.capability.reading import Read, read_registers
from algoprog.capability.registers import (
    BENCHMARKS,
    HORIZONS,
    INDEX_BENCHMARKS,
    INDEX_SCORES,
    INDEX_VERSIONS,
    SCORES,
    VERSIONS,
    checked_frame,
)
from algoprog.capability.response import ResponseFit, ResponseModel, fit_response
from algoprog.capability.sample import Sample, SampleRules, make_sample
from algoprog.records.snapshots import Policy

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "data/raw"
FIELDS = {
    "scores": (SCORES, None),
    "versions": (VERSIONS, "model_version"),
    "benchmarks": (BENCHMARKS, "benchmark"),
    "horizons": (HORIZONS, "model_version"),
    "index_scores": (INDEX_SCORES, None),
    "index_versions": (INDEX_VERSIONS, "model_version"),
    "index_benchmarks": (INDEX_BENCHMARKS, "benchmark"),
}


@cache
def register(name: str) -> pl.DataFrame:
    fields, key = FIELDS[name]
    file = f"capability_{name}.csv"
    return checked_frame((RAW / file).read_bytes(), fields, file, key=key)


@cache
def as_configured() -> Read:
    """The registers as the main job reads them."""
    files = {name: f"data/raw/capability_{name}.csv" for name in FILES}
    scores = {"location": "data/raw/capability_scores.csv", "kind": "csv", "columns": {}}
    scores |= {"constants": {}, "divisor": 1}
    return read_registers(ROOT, files, {"scores": scores}, {}, ({}, {}), Policy())


@cache
def tables() -> Mapping[str, pl.DataFrame]:
    """All tables, of few draws."""
    printed = read_printed((RAW / "capability_published.csv").read_bytes())
    settings = Settings(draws=8, data_sets=4, break_draws=8, starts=1)
    read = as_configured()
    return MappingProxyType(result_tables(read.published, printed, settings, read.names))


@cache
def sample(rules: SampleRules | None = None) -> Sample:
    return make_sample(
        register("scores"), register("versions"), register("benchmarks"), rules or SampleRules()
    )


@cache
def fitted(rules: SampleRules | None = None, model: ResponseModel | None = None) -> ResponseFit:
    return fit_response(sample(rules).pairs, model)


def with_compute(
    distilled: Distilled = "published", fit: ResponseFit | None = None, **_: Any
) -> ComputeSample:
    return compute_sample(fit or fitted(), register("versions"), distilled)
