"""Held-out errors with and without two defects of the published cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from algoprog.model.formula import Formula
from algoprog.model.model import Model
from algoprog.model.variant import Variant, Variants
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.cross_validation import (
    cross_validate,
    leave_one_out_published,
    published_training_rows,
    self_normalised,
)

Row = tuple[str, str, float, float, float]

HELD_OUT_SCHEMA: dict[str, Any] = {
    "case": pl.String,
    "variant": pl.String,
    "delta": pl.Float64,
    "mse_with_defect": pl.Float64,
    "mse_without_defect": pl.Float64,
}


@dataclass(frozen=True)
class HeldOutSettings:
    """What the held-out errors are of.

    Attributes
    ----------
    variants, benchmarks : as configured.
    deltas : penalties.
    response : the response of each estimator: published, converged.
    sample_name : the sample.
    """

    variants: dict[str, Any]
    deltas: tuple[float, ...]
    response: dict[str, str]
    sample_name: str
    benchmarks: dict[str, Any]


def held_out_table(rows: pl.DataFrame, settings: HeldOutSettings) -> pl.DataFrame:
    """Return held-out errors with and without defects 3 (case ``m18``) and 10 (case ``m14``).

    Only the variants that are configured have rows. ``rows`` are the sample's.
    """
    benchmarks = Benchmarks.of(settings.benchmarks)
    sample, known = Sample(settings.sample_name, rows, benchmarks), Variants(settings.variants)
    found: list[Row] = []
    if "m18" in settings.variants:
        found += _self_normalised(
            sample, known["m18"], settings.deltas, settings.response["published"]
        )
    if "m14" in settings.variants:
        found += _uncentred(sample, known["m14"], settings.deltas, settings.response["converged"])
    return pl.DataFrame(found, schema=HELD_OUT_SCHEMA, orient="row")


def _self_normalised(
    sample: Sample, variant: Variant, deltas: Sequence[float], response: str
) -> list[Row]:
    """m18 on the published split, the held-out row's compute divided by itself.

    Itself is the least compute of the rows at hand; right is the least compute of the rows fitted.
    """
    model = Model.of(variant, sample.take(published_training_rows(sample.rows.height)))
    design, seen = model.design, model.observed(response).response
    rows = []
    for delta in deltas:
        right = leave_one_out_published(design, seen, delta)
        wrong = leave_one_out_published(
            design, seen, delta, evaluated=self_normalised(design, "alpha_compute")
        )
        rows.append(("m18", "m18", delta, wrong.mean_square, right.mean_square))
    return rows


def _uncentred(
    sample: Sample, variant: Variant, deltas: Sequence[float], response: str
) -> list[Row]:
    """m14 leaving out papers, with ln Y as it stands and less its value in the first year.

    The second is the same model but for what the penalty sees.
    """
    first = Model.of(variant, sample).units.origin.first_year
    centred = tuple(
        {
            name: Formula(formula.replace("log(Y)", f"log(Y/{first!r})"))
            for name, formula in part.items()
        }
        for part in variant.exponentials
    )
    both = [variant, replace(variant, name="centred", exponentials=centred)]
    rows = []
    for delta in deltas:
        found = cross_validate(sample, both, delta, "papers", response)
        with_defect, without = found["mse"].to_list()
        rows.append(("m14", "m14", delta, with_defect, without))
    return rows
