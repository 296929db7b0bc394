"""Percentile intervals, and the doubling time's pole at zero growth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoprog.common.intervals import (
    Interval,
    doubling_interval,
    doubling_months,
    percentiles,
    quantiles,
)
from algoprog.common.levels import LEVELS

EXAMPLES = settings(max_examples=100, deadline=None, derandomize=True, database=None)
PROBABILITIES = np.array([0, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 1])
finite = st.floats(-1e6, 1e6)
# repeated values and infinities are what a bootstrap of a ratio brings
draws_with_infinities = st.lists(
    finite | st.sampled_from([0.0, math.inf, -math.inf]), min_size=1, max_size=40
)


@given(st.lists(finite, min_size=1, max_size=60))
@EXAMPLES
def test_quantiles_of_finite_draws_are_numpys(draws):
    # one rounding of an interpolation between numbers up to 1e6
    np.testing.assert_allclose(
        quantiles(np.array(draws), PROBABILITIES), np.quantile(draws, PROBABILITIES), atol=1e-9
    )


@given(draws_with_infinities)
@EXAMPLES
def test_quantiles_of_infinite_draws_are_ordered_numbers(draws):
    values = quantiles(np.array(draws), PROBABILITIES)
    assert not np.isnan(values).any()
    assert (values[1:] >= values[:-1]).all()
    assert values[0] == min(draws)
    assert values[-1] == max(draws)


def test_quantiles_beside_an_infinite_draw_take_the_nearer():
    draws = np.array([3.0, math.inf, 1.0, 2.0])
    values = quantiles(draws, np.array([0.5, 0.8, 0.85, 1.0]))
    assert values.tolist() == [2.5, 3.0, math.inf, math.inf]


def test_the_order_of_draws_is_no_matter_and_they_stay():
    draws = np.array([3.0, 1.0, 2.0])
    assert percentiles(draws) == percentiles(np.sort(draws))
    assert draws.tolist() == [3.0, 1.0, 2.0]


def test_percentiles():
    """0, 1, ..., 200 has its percentiles at twice the percentage."""
    interval = percentiles(np.arange(201.0))
    assert LEVELS == (50, 90, 95)
    assert interval.median == 100
    assert interval.low == pytest.approx((50, 10, 5), abs=1e-12)
    assert interval.high == pytest.approx((150, 190, 195), abs=1e-12)
    assert interval.n_draws == 201
    assert interval.share_nonpositive == 1 / 201  # zero counts


def test_share_of_draws_without_progress():
    assert percentiles(np.array([-1.0, -math.inf, 0.0, 1e-9, 5.0])).share_nonpositive == 3 / 5


@pytest.mark.parametrize("draws", [[], [1.0, math.nan]])
def test_no_interval_of_nothing(draws):
    with pytest.raises(ValueError, match="at least one draw and no NaN"):
        percentiles(np.array(draws))


def test_columns_of_the_tables():
    interval = Interval(5.0, (4.0, 3.0, 2.0), (6.0, 7.0, math.inf), 10, 0.1)
    assert interval.columns() == {
        "median": 5.0,
        "ci50_low": 4.0, "ci50_high": 6.0,
        "ci90_low": 3.0, "ci90_high": 7.0,
        "ci95_low": 2.0, "ci95_high": math.inf,
        "n_draws": 10, "share_nonpositive": 0.1,
    }  # fmt: skip
    growth = interval.columns("growth_")
    assert growth["growth_ci95_low"] == 2.0
    assert len(growth) == 7


def test_doubling_time_in_months():
    # growth ln 2 a year doubles in twelve months
    assert doubling_months(math.log(2)) == pytest.approx(12.0, rel=1e-15)
    values = doubling_months(np.array([2 * math.log(2), 0.0, -0.0, -1.0, math.inf, 1e-320]))
    assert values[0] == pytest.approx(6.0, rel=1e-15)
    assert values[1:4].tolist() == [math.inf] * 3
    assert values[4] == 0
    assert values[5] > 1e300


def test_the_pole_is_infinite_never_negative():
    """Draws on both sides of zero growth: slower ones are slower, to infinity."""
    growth = np.linspace(-0.2, 1.8, 101)
    interval = doubling_interval(percentiles(growth))
    assert interval.median == pytest.approx(12 * math.log(2) / 0.8)
    assert interval.high == pytest.approx((12 * math.log(2) / 0.3, math.inf, math.inf))
    assert interval.low == pytest.approx(
        (12 * math.log(2) / 1.3, 12 * math.log(2) / 1.7, 12 * math.log(2) / 1.75)
    )
    assert interval.share_nonpositive == 11 / 101
    assert interval.n_draws == 101


@given(st.lists(st.floats(-2, 5) | st.just(math.inf), min_size=1, max_size=50))
@EXAMPLES
def test_the_interval_holds_the_median_and_nests(growth):
    interval = doubling_interval(percentiles(np.array(growth)))
    low, high = interval.low, interval.high
    assert 0 <= low[2] <= low[1] <= low[0] <= interval.median <= high[0] <= high[1] <= high[2]


def test_quantiles_that_are_draws_map_one_to_one():
    """41 draws: the 2.5th percentile is the second; the ends change places."""
    growth = np.random.default_rng(0).uniform(0.1, 2, 41)
    mapped = doubling_interval(percentiles(growth))
    direct = percentiles(12 * math.log(2) / growth)
    # both are the same order statistics, up to the rounding of a division
    assert mapped.low == pytest.approx(direct.low, rel=1e-12)
    assert mapped.high == pytest.approx(direct.high, rel=1e-12)
