"""The headline's intervals: sets or percentiles of a closed form, two kinds of own allocation."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from plain import model_of

from algoprog.common.intervals import doubling_months
from algoprog.estimators.converged import thorough
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.robustness.headline_interval import headline_interval
from algoprog.robustness.interval_tables import CONFIDENCE_SETS
from algoprog.tables.frames import frame_of

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


def interval(*pieces, benchmark="all", **changed):
    point = ANALYSIS | PERCENTILES | {
        "definition": "closed_form", "quantity": "compute", "benchmark": benchmark,
        "point": 8.0, "growth_point": 1.04,
    }  # fmt: skip
    rows = [
        {"analysis": "headline", "quantity": "closed_form", "level": level, "piece": i,
         "low": low, "high": high, "growth_low": 0.0, "growth_high": 3.0} | changed
        for level in (90, 95)
        for i, (low, high) in enumerate(pieces, start=1)
    ]  # fmt: skip
    other = point | {"estimator": "published", "point": 99.0}
    return headline_interval(
        pl.DataFrame([point, other]), frame_of(CONFIDENCE_SETS, rows), (None, None), ANALYSIS,
        "headline", "wt2",
    )  # fmt: skip


def test_the_outermost_ends_of_a_set_in_pieces_with_the_percentiles_beside():
    table = interval((2.5, 8.0), (20.0, math.inf))
    assert set(table["definition"]) == {"closed_form"}
    assert table.select("level", "method", "quoted").rows() == [
        (90, "inverted", True), (90, "percentile", False),
        (95, "inverted", True), (95, "percentile", False),
    ]  # fmt: skip
    sets, percentiles = table.filter("quoted"), table.filter(~pl.col("quoted"))
    assert sets["pieces"].to_list() == [2, 2]
    assert sets["low"].to_list() == [2.5, 2.5]
    assert sets["high"].to_list() == [math.inf] * 2
    assert percentiles["high"].to_list() == [20.0, 30.0]
    assert percentiles["pieces"].null_count() == 2
    assert set(table["point"]) == {8.0} and table["reason"].null_count() == 4


@pytest.mark.parametrize(
    "asked",
    [{"analysis": "other"}, {"quantity": "data"}, {"growth_low": None}, {"benchmark": "ptb"}],
)
def test_without_a_set_percentiles_are_quoted_and_say_why(asked):
    table = interval((2.5, 8.0), **asked)
    assert table["method"].to_list() == ["percentile"] * 2
    assert table["quoted"].to_list() == [True] * 2
    assert table["low"].to_list() == [3.0, 2.0]
    assert table["pieces"].null_count() == 2
    assert all("confidence_sets" in reason for reason in table["reason"])


def own(model, theta):
    """The table of an analysis whose estimate is theta."""
    key = ANALYSIS | {"variant": model.variant.name, "delta": 0.0025}
    point = key | PERCENTILES | {
        "definition": "own_allocation", "quantity": "compute", "benchmark": "all",
        "point": 11.8, "growth_point": 0.703,
    }  # fmt: skip
    fit = pl.DataFrame([{"response": "own", "estimates": theta.tolist()}])
    sets = frame_of(CONFIDENCE_SETS, [])
    return headline_interval(pl.DataFrame([point]), sets, (model, fit), key, "headline", "wt2")


def test_own_allocation_has_percentiles_and_the_interval_without_the_penalty(
    paper_sample, benchmarks, paper_config
):
    """Of the paper's sample: 10.0 months without the penalty, as at delta = 0 (specification)."""
    model = model_of("m07", paper_config["variants"]["m07"], paper_sample, "paper", benchmarks)
    response = model.observed("own").response
    theta = thorough(model.design, response, 0.0025).theta
    assert doubling_months(OwnAllocation.of(model).growth(theta[None])[0]) == pytest.approx(
        11.8, abs=0.05
    )
    table = own(model, theta)
    assert table.select("level", "method", "quoted").rows() == [
        (90, "percentile", True), (95, "percentile", True),
        (90, "unpenalised", False), (95, "unpenalised", False),
    ]  # fmt: skip
    last = table.row(-1, named=True)
    assert last["point"] == pytest.approx(10.0, abs=0.05)
    assert (last["low"], last["high"]) == pytest.approx((7.15, 16.6), abs=0.05)
    assert 15 < last["degrees"] < 30  # of 144 papers


def test_a_law_without_a_minimum_says_so(paper_sample, benchmarks, paper_config):
    """A level of its own for one paper, which nothing determines with that paper left out."""
    one = pl.col("paper") == paper_sample["paper"][0]
    rows = paper_sample.with_columns(
        benchmark=pl.when(one).then(pl.lit("ptb")).otherwise(pl.lit("wt103"))
    )
    model = model_of("m07", paper_config["variants"]["m07"], rows, "paper", benchmarks)
    table = own(model, np.full(len(model.parameters), 0.05))
    last = table.row(-1, named=True)
    assert last["method"] == "unpenalised" and last["low"] is None
    assert "not determined" in last["reason"]
