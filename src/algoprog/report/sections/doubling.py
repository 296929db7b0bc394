"""Doubling times: by variant, by optimal scaling and pooled, by bootstrap analysis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from algoprog.report.basis import basis
from algoprog.report.figures import pooled, variants
from algoprog.report.figures.distributions import DOUBLING_TIMES, RESAMPLING
from algoprog.report.growth import closed_form_rows
from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import agreeing, finite
from algoprog.report.section import Section
from algoprog.report.settings import Analysis


def doubling(inputs: Inputs) -> Row:
    """Return the rows of every bootstrap analysis, and those by optimal scaling."""
    return {"analyses": list(by_analysis(inputs)), "scaling": scaling(inputs)}


def by_analysis(inputs: Inputs) -> Iterator[Row]:
    """Return the rows of `doubling_times` in closed form, by bootstrap analysis."""
    order = pl.col("quantity").replace_strict({"compute": 0, "parameters": 1, "data": 2})
    for name in inputs.drawn:
        rows = closed_form_rows(inputs, inputs.analysis(name)).sort(order, maintain_order=True)
        yield {**basis(inputs, name), "times": rows.to_dicts()}


def scaling(inputs: Inputs) -> Row | None:
    """Return doubling times by optimal scaling: single analyses, pools, and every variant."""
    times = inputs.rows("doubling_times")
    single = [
        row
        for analysis in inputs.headlines.values()
        for row in agreeing(times, analysis.key | {"definition": "optimal_scaling"})
        if row["quantity"] == "compute"
    ]
    pools = pool_rows(inputs)
    errors = held_out(inputs.rows("cross_validation"), inputs.converged)
    lines = variant_rows(times, inputs.headlines, errors)
    if not (single or pools or lines):
        return None
    return {
        "single": single,
        "pools": pools,
        "schemes": {row["name"]: row["scheme"] for row in pools},
        "variants": lines,
        "judged": bool(errors),
    }


def pool_rows(inputs: Inputs) -> list[Row]:
    """Return rows of the pools by optimal scaling, best models first, with what they hold."""
    rows = sorted(
        agreeing(inputs.rows("pooled_doubling_times"), {"definition": "optimal_scaling"}),
        key=lambda row: (row["name"], not row["pool"].startswith("top")),
    )
    return [{**row, "held": _held(row["pool"])} for row in rows]


def _held(pool: str) -> str:
    size = pool.removeprefix("top")
    return f"the {size} best models" if size != pool else "the best model of each distinct variant"


def held_out(scores: Sequence[Row], analysis: Analysis) -> dict[str, float]:
    """Return the error of each variant at the analysis' delta, leaving out papers."""
    key = {"scheme": "papers", "sample": analysis.sample, "estimator": analysis.estimator}
    rows = agreeing(scores, key | {"delta": analysis.delta})
    return {row["variant"]: row["mse"] for row in rows if finite(row["mse"])}


def variant_rows(
    times: Sequence[Row], analyses: Mapping[str, Analysis], errors: Mapping[str, float]
) -> list[Row]:
    """Return, of each variant and benchmark, both definitions by both estimators.

    They are at the headlines' deltas. Of several resamplings of a fit the headline's is taken, else
    the first. Variants are in the order of their `errors`.
    """
    lines: dict[tuple[str, str], Row] = {}
    for estimator, analysis in analyses.items():
        key: dict[str, Any] = {"sample": analysis.sample, "delta": analysis.delta}
        key |= {"estimator": analysis.estimator, "quantity": "compute"}
        rows = agreeing(times, key)
        rows.sort(key=lambda row: row["resampling"] != analysis.resampling)
        for row in rows:
            line = lines.setdefault((row["variant"], row["benchmark"]), {})
            line.setdefault(f"{estimator}_{row['definition']}", row)
    return [
        {"variant": variant, "benchmark": benchmark, "error": errors.get(variant), **line}
        for (variant, benchmark), line in sorted(
            lines.items(), key=lambda item: (errors.get(item[0][0], math.inf), item[0])
        )
        if any(name.endswith("optimal_scaling") for name in line)
    ]


SECTION = Section(
    "doubling",
    doubling,
    (variants.FIGURE, pooled.FIGURE, DOUBLING_TIMES, RESAMPLING),
)
