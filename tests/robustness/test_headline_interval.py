"""The interval the headline quotes: the profile's within its critical losses, or percentiles."""

from __future__ import annotations

import math

import polars as pl
import pytest
from plain import fit_batch, model_of

from algoprog.robustness.headline_interval import headline_interval
from algoprog.robustness.tables import HEADLINE_INTERVAL
from algoprog.tables.frames import schema_of

MONTHS = [1, 2, 4, 8, 16, 32, math.inf]
ANALYSIS = {
    "sample": "paper", "variant": "m02", "delta": 0.0, "estimator": "converged",
    "resampling": "papers",
}  # fmt: skip
PERCENTILES = {
    f"{prefix}ci{level}_{end}": value
    for prefix in ("", "growth_")
    for level, ends in ((90, (3.0, 20.0)), (95, (2.0, 30.0)))
    for end, value in zip(("low", "high"), ends, strict=True)
}
MODEL = {"sample": "paper", "variant": "m02", "delta": 0.0}
LOSSES = MODEL | {"loss90": 0.01, "loss95": 0.03}


@pytest.fixture(scope="module")
def made(paper_sample, paper_config):
    spec = paper_config["variants"]["m02"]
    benchmarks = paper_config["benchmarks"]
    fits, parameters = fit_batch(
        paper_sample, {"m02": spec}, [0.0], "converged", "own", "paper", benchmarks
    )
    estimate = dict(parameters.select("term", "estimate").iter_rows())
    growth = estimate["beta_year"] / estimate["beta_data"]
    point = ANALYSIS | PERCENTILES | {
        "definition": "closed_form", "quantity": "compute", "benchmark": "all",
        "point": 12 * math.log(2) / growth, "growth_point": growth,
    }  # fmt: skip
    table = pl.DataFrame([point, point | {"estimator": "published", "point": 99.0}])

    def interval(critical):
        return headline_interval(
            model_of("m02", spec, paper_sample, "paper", benchmarks),
            table,
            ANALYSIS,
            "own",
            critical,
            MONTHS,
        )

    return interval, growth, fits["objective"][0], spec, benchmarks


def test_the_range_of_the_profile_within_the_critical_loss(made, paper_sample):
    """At each end the model held at that growth loses just the critical loss."""
    interval, growth, least, spec, benchmarks = made
    table = interval(LOSSES)
    assert table.schema == schema_of(HEADLINE_INTERVAL)
    assert table["method"].to_list() == ["profile", "profile"]
    assert table["level"].to_list() == [90, 95]
    for row, loss in zip(table.iter_rows(named=True), (0.01, 0.03), strict=True):
        assert row["critical_loss"] == loss
        assert row["growth_low"] < growth < row["growth_high"]
        assert row["low"] == pytest.approx(12 * math.log(2) / row["growth_high"])
        for end in ("growth_low", "growth_high"):
            # progress is in data only: growth g is the year's rate g times the exponent of data
            held = {
                "exponentials": [
                    spec["exponentials"][0],
                    {"beta_const": 1, "beta_data": f"{{-(d + {row[end]!r}*t)}}"},
                ]
            }
            fits, _ = fit_batch(
                paper_sample, {"held": held}, [0.0], "converged", "own", "paper", benchmarks
            )
            # ends are found to a thousandth of growth
            assert fits["objective"][0] / least - 1 == pytest.approx(loss, rel=0.01)


@pytest.mark.parametrize(
    "critical",
    [None, LOSSES | {"variant": "m07"}, LOSSES | {"delta": 0.005}, LOSSES | {"sample": "x"}],
)
def test_another_model_has_percentiles_and_says_why(made, critical):
    table = made[0](critical)
    assert table["method"].to_list() == ["percentile", "percentile"]
    assert table["low"].to_list() == [3.0, 2.0]
    assert table["growth_high"].to_list() == [20.0, 30.0]
    assert table["critical_loss"].null_count() == 2
    assert all("critical_losses" in reason for reason in table["reason"])
