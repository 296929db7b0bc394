"""Stage 2 as published: every printed number of the ways A to H."""

from __future__ import annotations

import numpy as np
import pytest
from capability_data import with_compute

from algoprog.capability.bins import (
    distinct,
    fixed_capability_bins,
    fixed_compute_bins,
    mean_fall,
    searched_falls,
)
from algoprog.capability.lines import line, regress
from algoprog.capability.rates import (
    LN10,
    family_gains,
    joint_rate,
    mean_gain,
    pooled_gain,
    pooled_rate_with_k,
    published_rates,
)
from algoprog.capability.records_of import generic_quicksort, records


@pytest.fixture(scope="module")
def chosen():
    return with_compute()


def test_the_sample(chosen):
    assert len(chosen) == 68
    assert np.exp(chosen.ln_compute.min()) == pytest.approx(1.56e22)
    assert np.exp(chosen.ln_compute.max()) == pytest.approx(5e26)
    assert chosen.capability.max() == pytest.approx(2.645, abs=5e-4)
    assert len(with_compute("kept")) == 88


def test_k_of_families(chosen):
    found = {gain.family: (gain.k, gain.error, gain.r2) for gain in family_gains(chosen)}
    printed = {
        "LLaMA": (0.1760, 0.0055, 0.998),
        "LLaMA 2": (0.2049, 0.0585, 0.860),
        "LLaMA 3.1": (0.1240, 0.0221, 0.940),
    }
    assert found.keys() == printed.keys()
    for family, numbers in printed.items():
        assert found[family] == pytest.approx(numbers, abs=5.01e-4)
    assert mean_gain(family_gains(chosen)) == pytest.approx(0.1683, abs=5e-5)
    assert pooled_gain(chosen).slope == pytest.approx(0.2148, abs=5e-5)
    assert pooled_gain(chosen).slope_error == pytest.approx(0.0138, abs=5e-5)


PUBLISHED = {
    "A": (68, 5.84, 3.95, 8.64),
    "B LLaMA": (11, 5.37, 1.94, 14.86),
    "B LLaMA 2": (11, 3.54, 1.25, 10.02),
    "B LLaMA 3.1": (11, 18.60, 6.58, 52.58),
    "C": (11, 9.49, 6.76, 13.33),
    "D": (11, 3.15, 1.10, 9.00),
    "E": (11, 3.15, 1.23, 8.04),
    "H": (68, 16.07, 6.87, 37.57),
}


def test_rates_to_the_last_printed_digit(chosen):
    found = {r.way: (r.n, r.rate, r.rate_low, r.rate_high) for r in published_rates(chosen)}
    assert found.keys() == PUBLISHED.keys()
    for way, numbers in PUBLISHED.items():
        assert found[way] == pytest.approx(numbers, abs=0.0061), way


def test_the_most_capable_of_a_day_first(chosen):
    found = {r.way: (r.n, r.rate, r.rate_low, r.rate_high)
             for r in published_rates(chosen, "best_first")}  # fmt: skip
    assert found["C"] == pytest.approx((9, 8.93, 6.27, 12.71), abs=0.006)
    assert found["D"] == pytest.approx((10, 3.09, 0.92, 10.34), abs=0.006)


def test_joint_regression(chosen):
    rate = joint_rate(chosen)
    printed = (1.206, 0.837, 1.575)
    assert (rate.growth / LN10, rate.low / LN10, rate.high / LN10) == pytest.approx(
        printed, abs=5e-4
    )
    assert rate.r2 == pytest.approx(0.8974, abs=5e-5)
    wider = joint_rate(chosen, covariance=True)
    assert wider.growth == rate.growth
    assert wider.high - wider.low > 1.25 * (rate.high - rate.low)


def test_an_added_error_widens_the_interval(chosen):
    gain = {r.way: r for r in published_rates(chosen)}
    right = pooled_rate_with_k(chosen, "published", corrected=True)
    assert right.growth == gain["D"].growth
    assert right.high - right.low > gain["D"].high - gain["D"].low
    assert gain["E"].high - gain["E"].low < gain["D"].high - gain["D"].low  # defect 1


def test_bins(chosen):
    falls = fixed_capability_bins(chosen)
    assert len(distinct(falls)) == 10
    assert mean_fall(falls) == pytest.approx(1.20, abs=0.005)
    at = {round(found.low, 1): found.slope for found in falls}
    assert at[1.7] == pytest.approx(1.574, abs=5e-4)
    rises = fixed_compute_bins(chosen)
    slopes = [found.slope for found in rises]
    assert len(rises) == 19 and len(distinct(rises)) == 17
    assert np.median(slopes) == pytest.approx(0.422, abs=5e-4)
    assert (min(slopes), max(slopes)) == pytest.approx((0.061, 1.573), abs=5e-4)
    at = {round(found.low, 1): found.slope for found in rises}
    assert at[24.4] == pytest.approx(0.472, abs=5e-4)
    means = searched_falls(chosen)
    assert len(means) == 29
    assert np.mean(means) == pytest.approx(1.932, abs=5e-4)


def test_the_unstable_sort_sorts_and_leaves_short_runs_stable():
    rng = np.random.default_rng(1)
    for n in (0, 1, 2, 16, 17, 18, 60, 400):
        values = rng.integers(0, max(n // 3, 1), n).astype(float)
        order = generic_quicksort(values)
        assert sorted(order.tolist()) == list(range(n))
        assert np.all(np.diff(values[order]) >= 0)
    ties = np.zeros(12)
    assert generic_quicksort(ties).tolist() == list(range(12))


def test_records_of_a_day():
    better, day = np.array([1.0, 3.0, 2.0, 3.0, 4.0]), np.array([1, 1, 2, 3, 3])
    order = np.array([0, 1, 2, 3, 4])
    assert records(better, order).tolist() == [0, 1, 3, 4]
    assert records(better, np.array([1, 0, 2, 4, 3]), day).tolist() == [1, 4]


def test_lines_are_the_textbook_s():
    rng = np.random.default_rng(2)
    x = rng.normal(size=30)
    y = 2 + 3 * x + rng.normal(size=30)
    X = np.column_stack([np.ones(30), x])
    beta, square = np.linalg.lstsq(X, y, rcond=None)[:2]
    covariance = square[0] / 28 * np.linalg.inv(X.T @ X)
    one, many = line(x, y), regress(y, x)
    assert (one.intercept, one.slope) == pytest.approx(beta)
    assert one.slope_error == pytest.approx(np.sqrt(covariance[1, 1]))
    assert many.covariance == pytest.approx(covariance)
    low, high = one.band(np.array([5.0]), new=False)
    at = np.array([1.0, 5.0])
    half = 2.0484071 * np.sqrt(at @ covariance @ at)
    assert (high - low)[0] / 2 == pytest.approx(half, rel=1e-6)
