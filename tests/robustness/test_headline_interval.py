"""The interval of the closed form: the set that is made for the model, or percentiles."""

from __future__ import annotations

import math

import polars as pl
import pytest

from algoprog.robustness.headline_interval import headline_interval
from algoprog.robustness.tables import CONFIDENCE_SETS
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
        pl.DataFrame([point, other]), frame_of(CONFIDENCE_SETS, rows), ANALYSIS, "headline", "wt2"
    )


def test_the_outermost_ends_of_a_set_in_pieces():
    table = interval((2.5, 8.0), (20.0, math.inf))
    assert table["level"].to_list() == [90, 95]
    assert table["method"].to_list() == ["inverted"] * 2
    assert table["pieces"].to_list() == [2, 2]
    assert table["low"].to_list() == [2.5, 2.5]
    assert table["high"].to_list() == [math.inf] * 2
    assert table["point"].to_list() == [8.0, 8.0] and table["reason"].null_count() == 2


@pytest.mark.parametrize(
    "asked",
    [{"analysis": "other"}, {"quantity": "data"}, {"growth_low": None}, {"benchmark": "ptb"}],
)
def test_without_a_set_percentiles_stand_and_say_why(asked):
    table = interval((2.5, 8.0), **asked)
    assert table["method"].to_list() == ["percentile"] * 2
    assert table["low"].to_list() == [3.0, 2.0]
    assert table["pieces"].null_count() == 2
    assert all("confidence_sets" in reason for reason in table["reason"])
