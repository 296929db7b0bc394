"""The registers of benchmark scores, and samples and fits of them, read once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from algoprog.capability.compute import ComputeSample, Distilled, compute_sample
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

RAW = Path(__file__).resolve().parents[2] / "data/raw"
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
