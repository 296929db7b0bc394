"""Growth, forecast, acceleration, index and time horizons: printed numbers, and what they hide."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from capability_data import fitted, register, sample

from algoprog.capability.acceleration import acceleration_test, best_break
from algoprog.capability.dates import day_of, years
from algoprog.capability.growth import Dated, back_test, back_tests, forecast
from algoprog.capability.horizons import benchmark_horizons, capability_horizons, published_labels
from algoprog.capability.index import INDEX_RULES, agreement, index_scale
from algoprog.capability.response import fit_response
from algoprog.capability.sample import SampleRules, make_sample
from algoprog.common.errors import InputError

ALL_DATES = SampleRules(since=None)


def dated(rules=None):
    return Dated.of(fitted(rules), sample(rules).versions["released"].to_list())


def test_trends_as_printed():
    found = dated()
    assert found.trend.slope == pytest.approx(0.7159, abs=5e-5)
    assert found.trend.r2 == pytest.approx(0.774, abs=5e-4)
    assert len(found.frontier()) == 12
    assert found.frontier_trend().slope == pytest.approx(0.559, abs=5e-4)
    assert found.frontier_trend().r2 == pytest.approx(0.907, abs=5e-4)
    assert dated(ALL_DATES).frontier_trend().slope == pytest.approx(0.4147, abs=5e-5)


def test_back_test_as_printed_and_the_true_interval_is_wider():
    found = back_test(dated(), datetime.date(2024, 9, 1))
    assert (found.before, found.after) == (6, 6)
    assert found.r2 == pytest.approx(-3.2, abs=0.05)
    assert found.rmse == pytest.approx(0.384, abs=5e-4)
    trend = dated().frontier_trend()
    made = forecast(trend, np.array([2027.0]))
    assert made.high - made.expected > 1.3 * (made.mean_high - made.expected)
    months = [datetime.date(2024, m, 1) for m in range(1, 13)]
    assert all(test.within >= test.within_mean for test in back_tests(dated(), months))
    assert back_test(dated(), datetime.date(2022, 1, 1)) is None


def test_break_as_printed():
    found = dated(ALL_DATES)
    index = found.frontier()
    made = best_break(found.t[index], found.capability[index])
    assert day_of(made.at) == datetime.date(2024, 5, 13)
    assert made.before == pytest.approx(0.364, abs=1e-3)
    assert made.ratio == pytest.approx(1.69, abs=5e-3)
    assert made.r2 == pytest.approx(0.9653, abs=5e-5)


def test_a_break_is_found_where_it_is():
    t = np.linspace(2020, 2026, 30)
    y = 0.3 * (t - 2020) + 0.9 * np.maximum(t - 2023, 0)
    made = best_break(t, y)
    assert made.at == pytest.approx(2023, abs=1e-3)
    assert made.ratio == pytest.approx(4, rel=1e-3)


def test_the_published_rule_of_acceleration_often_fires_by_chance():
    made = acceleration_test(dated(ALL_DATES), draws=60)
    assert made.published_says and made.false_positives > 0.1
    assert made.p_value > 0.01
    again = acceleration_test(dated(ALL_DATES), draws=60)
    assert again == made


def test_dates_in_years():
    assert years(datetime.date(2000, 1, 1)) == 2000
    assert day_of(years(datetime.date(2024, 2, 29))) == datetime.date(2024, 2, 29)


def index_fit(rules=INDEX_RULES):
    tables = (register(f"index_{name}") for name in ("scores", "versions", "benchmarks"))
    return fit_response(make_sample(*tables, rules).pairs)


def test_the_index():
    fit = index_fit()
    scale = index_scale(fit)
    assert len(fit.pairs.versions) == 142
    assert (scale.a, scale.b) == pytest.approx((109.81, 21.98), abs=5e-3)
    known = register("index_versions").drop_nulls(["model", "index"])
    published = dict(known.select("model", "index").unique().iter_rows())
    found = agreement(fit, scale, published)
    assert (found.n, found.largest_model) == (142, "Gemma 2 9B")
    assert (found.rmse, found.median, found.largest) == pytest.approx((0.13, 0.06, 0.83), abs=5e-3)
    sonnet = fit.capability[fit.pairs.versions.index("Claude 3.5 Sonnet")]
    assert scale.of(sonnet) == pytest.approx(130)
    with pytest.raises(InputError, match="name a model of the fit"):
        index_scale(fit, ("GPT-9", 1.0))


def test_models_dated_by_their_first_version_come_closer_to_the_published_index():
    fit = index_fit(SampleRules(pooled=True, rescaled=True, dated_by="first"))
    scale = index_scale(fit)
    assert len(fit.pairs.versions) == 142
    assert (scale.a, scale.b) == pytest.approx((109.748, 22.050), abs=0.025)


def test_time_horizons_as_printed():
    found = capability_horizons(fitted(), register("horizons"))
    assert (found.train.n, found.test.n) == (13, 10)
    assert (found.split.slope, found.split.intercept) == pytest.approx((3.6888, -4.5760), abs=2e-4)
    assert (found.train.r2, found.test.r2) == pytest.approx((0.8519, 0.7535), abs=5.1e-5)
    assert (found.train.r, found.test.r) == pytest.approx((0.923, 0.9369), abs=5e-5)
    labels = published_labels(fitted(), register("scores"))
    gpqa = benchmark_horizons(fitted(), register("horizons"), "GPQA diamond", labels)
    assert (gpqa.train.n, gpqa.test.n) == (12, 9)
    assert (gpqa.train.r2, gpqa.test.r2) == pytest.approx((0.8418, 0.648), abs=5e-4)
    made = (
        benchmark_horizons(fitted(), register("horizons"), name, labels)
        for name in fitted().pairs.benchmarks
    )
    assert sum(found is not None for found in made) == 18
