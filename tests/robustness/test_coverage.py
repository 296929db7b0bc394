"""Intervals of a bootstrap and how coverage is counted."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from independent import prediction
from plain import model_of
from scipy import stats

from algoprog.common.intervals import doubling_interval
from algoprog.estimators.converged import problem, solve
from algoprog.model.model import observations
from algoprog.robustness import coverage as simulated_coverage
from algoprog.robustness.bootstrap_intervals import (
    METHODS,
    Bootstrap,
    compute_growth,
    growth_error,
    growth_gradient,
    interval,
    limits,
)
from algoprog.robustness.coverage import SHARD_SCHEMA, Cell, coverage_shard, coverage_table
from algoprog.robustness.simulation import World

DELTA = 0.0025
TAILS = np.array([0.025, 0.05, 0.5, 0.95, 0.975])


def of(point=0.0, draws=(0.0,), error=1.0, errors=None, jackknife=(0.0, 0.0)):
    draws = np.asarray(draws, dtype=float)
    errors = np.ones(len(draws)) if errors is None else np.asarray(errors, dtype=float)
    return Bootstrap(point, error, draws, errors, np.asarray(jackknife, dtype=float))


@pytest.mark.parametrize("method", METHODS)
def test_all_methods_agree_on_a_normal_pivot(method):
    """Draws symmetric about the point, constant errors, no skewness: g + s z."""
    draws = 2.0 + 0.3 * stats.norm.ppf((np.arange(20001) + 0.5) / 20001)
    boot = of(2.0, draws, 0.3, np.full(20001, 0.3), [1.0, 2.0, 3.0])
    expected = 2.0 + 0.3 * stats.norm.ppf(TAILS)
    assert limits(boot, TAILS, method) == pytest.approx(expected, abs=2e-3)


def test_skewed_draws_tell_percentile_from_basic():
    boot = of(1.0, np.linspace(0.0, 5.0, 101))
    assert limits(boot, np.array([0.1, 0.9]), "percentile") == pytest.approx([0.5, 4.5])
    assert limits(boot, np.array([0.1, 0.9]), "basic") == pytest.approx([-2.5, 1.5])


def test_bca_of_a_mean_is_scipys():
    """An independent implementation, on the same draws."""
    data = np.random.default_rng(5).exponential(size=40)
    result = stats.bootstrap(
        (data,), np.mean, method="BCa", n_resamples=4000, confidence_level=0.9,
        random_state=np.random.default_rng(6),
    )  # fmt: skip
    jackknife = np.array([np.delete(data, i).mean() for i in range(40)])
    boot = of(data.mean(), result.bootstrap_distribution, jackknife=jackknife)
    ends = limits(boot, np.array([0.05, 0.95]), "bca")
    assert ends == pytest.approx(tuple(result.confidence_interval), rel=1e-9)


def test_studentised_interval_of_a_normal_mean_is_students():
    """t* of parametric draws of a mean of five has Student's distribution on 4 degrees."""
    rng = np.random.default_rng(7)
    samples = rng.standard_normal((40000, 5))
    errors = samples.std(axis=1, ddof=1) / np.sqrt(5)
    boot = of(0.0, samples.mean(axis=1), 2.0, errors)
    expected = 2.0 * stats.t.ppf(TAILS, 4)
    assert limits(boot, TAILS, "studentised") == pytest.approx(expected, abs=0.15)


def test_draws_without_an_error_count_against_both_ends():
    errors = np.ones(100)
    errors[:6] = np.nan
    boot = of(0.0, np.linspace(-1, 1, 100), 1.0, errors)
    low, high = limits(boot, np.array([0.05, 0.95]), "studentised")
    assert (low, high) == (-np.inf, np.inf)
    assert np.isfinite(limits(boot, np.array([0.25, 0.75]), "studentised")).all()
    unknown = of(0.0, np.linspace(-1, 1, 100), np.nan)
    assert limits(unknown, np.array([0.05, 0.95]), "studentised").tolist() == [-np.inf, np.inf]


def test_infinite_draws_reach_the_ends_they_belong_to():
    boot = of(1.0, np.append(np.linspace(0, 2, 80), np.full(20, np.inf)))
    growth = interval(boot, "percentile")
    assert growth.high[1] == np.inf and growth.low[1] == pytest.approx(0.1, abs=0.03)
    months = doubling_interval(growth)
    assert months.low[1] == 0.0 and months.share_nonpositive == 0.01
    with pytest.raises(ValueError, match="none of"):
        limits(boot, TAILS, "best")


@pytest.fixture(scope="module")
def m07(compiled, compiler, paper_sample, paper_config):
    seen = observations(paper_sample, "own")
    parts = compiler.model("m07", paper_config["variants"]["m07"]).closed_form.parts["all"]
    return compiled("m07"), seen, parts


def test_growth_gradient_is_the_complex_steps(m07):
    design, _, parts = m07
    theta = np.random.default_rng(8).uniform(0.1, 0.4, design.p)
    names = list(design.parameters)

    def growth(x):
        value = dict(zip(names, x, strict=True))
        return value["alpha_year"] / value["alpha_param"] + value["beta_year"] / value["beta_data"]

    steps = theta + 1e-30j * np.eye(design.p)
    expected = [growth(step).imag / 1e-30 for step in steps]
    assert growth_gradient(parts, theta) == pytest.approx(expected, rel=1e-12)
    assert compute_growth(parts, theta[None])[0] == pytest.approx(growth(theta))


def test_growth_error_of_the_fit_is_the_sandwich(m07):
    """Scores and Hessian by finite differences of the mean square, papers as clusters."""
    design, seen, parts = m07
    fit = solve(design, seen.response, DELTA)
    free = np.flatnonzero(fit.theta)
    theta, step = fit.theta, 1e-5

    def squares(x):
        return (seen.response - prediction(design, x)) ** 2

    unit = np.eye(design.p)[free] * step
    scores = np.array([(squares(theta + u) - squares(theta - u)) / (2 * step) for u in unit])
    hessian = np.array(
        [
            [
                (
                    squares(theta + u + v)
                    - squares(theta + u - v)
                    - squares(theta - u + v)
                    + squares(theta - u - v)
                ).mean()
                / (4 * step**2)
                for v in unit
            ]
            for u in unit
        ]
    )
    groups = seen.papers.max() + 1
    sums = np.array([scores[:, seen.papers == g].sum(axis=1) for g in range(groups)]) / design.n
    inverse = np.linalg.inv(hessian)
    spread = inverse @ (groups / (groups - 1) * sums.T @ sums) @ inverse
    gradient = growth_gradient(parts, theta)[free]
    found = growth_error(
        problem(design, seen.response, DELTA), theta, parts, seen.papers, np.ones(design.n)
    )
    assert found == pytest.approx(np.sqrt(gradient @ spread @ gradient), rel=1e-3)


def test_a_unit_drawn_twice_is_two_units(m07):
    """The error with counts is the error on rows written out, copies as papers of their own."""
    design, seen, parts = m07
    counts = np.random.default_rng(9).integers(0, 3, seen.papers.max() + 1)[seen.papers]
    rows, papers = [], []
    for copy in (1, 2):
        drawn = np.flatnonzero(counts >= copy)
        rows += drawn.tolist()
        papers += (seen.papers[drawn] + 1000 * copy).tolist()
    theta = solve(design, seen.response, DELTA, counts.astype(float)).theta
    weighted = growth_error(
        problem(design, seen.response, DELTA, counts), theta, parts, seen.papers,
        counts.astype(float),
    )  # fmt: skip
    written = growth_error(
        problem(design.rows(np.array(rows)), seen.response[rows], DELTA),
        theta, parts, np.unique(papers, return_inverse=True)[1], np.ones(len(rows)),
    )  # fmt: skip
    assert weighted == pytest.approx(written, rel=1e-9)


def test_errors_that_do_not_exist_are_nan(m07):
    design, seen, parts = m07
    theta = np.zeros(design.p)
    theta[design.parameters.index("beta_year")] = 0.1  # grows, with no scale to grow against
    task = problem(design, seen.response, DELTA)
    assert np.isnan(growth_error(task, theta, parts, seen.papers, np.ones(design.n)))


M01 = {
    "exponentials": [
        {"alpha_const": 1, "alpha_year": "-t", "alpha_param": "-n"},
        {"beta_const": 1, "beta_year": "-t", "beta_data": "-d"},
    ]
}


@pytest.fixture(scope="module")
def shard(paper_sample, benchmarks):
    def made(first, last, estimator="converged", resampling="papers", months=8.0, replicates=9):
        world = World("plain", 5.0)
        cell = Cell(DELTA, "own", months, world, estimator, resampling, replicates, seed=1)
        model = model_of("m01", M01, paper_sample.head(80), "paper", benchmarks)
        return coverage_shard(model, cell, first, last)

    return made


def test_shards_change_nothing(shard):
    whole = shard(0, 2)
    parts = [shard(1, 2), shard(0, 1)]
    assert whole.equals(pl.concat(parts).sort("data_set", maintain_order=True))
    assert coverage_table([whole]).equals(coverage_table(parts))
    assert whole["method"].to_list() == 2 * [*METHODS, "percentile", "unpenalised"]
    assert whole["definition"].to_list() == 2 * [*4 * ["closed_form"], *2 * ["own_allocation"]]
    assert (whole["n_not_converged"] == 0).all()
    with pytest.raises(AssertionError, match="missing"):
        coverage_table([parts[0]])
    with pytest.raises(AssertionError, match="twice"):
        coverage_table([whole, parts[0]])


def test_cells_of_one_truth_see_the_same_data(shard):
    papers, rows = shard(0, 1), shard(0, 1, resampling="rows")
    assert rows["method"].to_list() == [*METHODS, "percentile"]  # no paper is left out of rows
    papers = papers.filter(pl.col("method") != "unpenalised")
    assert (papers["growth_point"] == rows["growth_point"]).all()
    ends = papers["growth_ci90_low"], rows["growth_ci90_low"]
    assert (ends[0] != ends[1]).drop_nulls().any()


def test_without_progress_the_truth_is_no_progress(shard):
    row = shard(0, 1, months=np.inf, resampling="signs").row(0, named=True)
    assert row["growth"] == 0.0 and row["method"] == "inverted"
    assert row["chance_at_truth"] == row["chance_at_none"] >= 0.1


def test_growth_at_the_records_own_allocation_is_judged_by_its_own_truth(shard):
    """The truth of own allocation is the simulated law's, not the closed form's."""
    table = shard(0, 1)
    own, closed = (
        table.filter(definition=name, method="percentile").row(0, named=True)
        for name in ("own_allocation", "closed_form")
    )
    assert closed["growth"] == pytest.approx(12 * np.log(2) / 8)
    assert 0 < own["growth"] != pytest.approx(closed["growth"], rel=1e-3)
    assert own["growth_ci90_low"] <= own["growth_ci90_high"]
    (beside,) = table.filter(method="unpenalised").to_dicts()
    assert beside["growth"] == own["growth"] and beside["n_draws"] == 0
    assert beside["growth_ci95_low"] < beside["growth_ci90_low"] < beside["growth_point"]


def test_a_law_that_has_no_minimum_without_its_penalty_says_nothing(shard, monkeypatch):
    """Its interval is everything, and counts among those without an upper end."""
    monkeypatch.setattr(simulated_coverage, "unpenalised", lambda *_: None)
    row = coverage_table([shard(0, 2)]).filter(method="unpenalised").row(0, named=True)
    assert row["coverage95"] == 1.0 and row["infinite95"] == 1.0
    assert row["mean_length95"] == np.inf and row["rmse"] is None


def test_published_estimator_has_no_errors_to_studentise_by(shard):
    published = shard(0, 1, estimator="published", replicates=3)
    assert published["method"].to_list() == ["percentile", "basic"]
    assert published["n_not_converged"].null_count() == 2
    assert coverage_table([published])["n_not_converged"].null_count() == 2


def test_coverage_counts():
    """Four data sets of growth 1: covered, missed on each side, and unbounded."""
    ends = [(0.5, 1.5), (1.2, 2.0), (-0.5, 0.8), (-np.inf, np.inf)]
    points = [1.1, 1.5, 0.4, 1.0]
    rows = [
        dict.fromkeys(SHARD_SCHEMA)
        | {
            "method": "percentile", "doubling_months": 12 * np.log(2), "data_set": i,
            "growth": 1.0, "growth_point": point, "growth_ci90_low": low, "growth_ci90_high": high,
            "growth_ci95_low": low, "growth_ci95_high": high, "n_draws": 9, "n_not_converged": i,
        }
        for i, ((low, high), point) in enumerate(zip(ends, points, strict=True))
    ]  # fmt: skip
    row = coverage_table([pl.DataFrame(rows, schema=SHARD_SCHEMA)]).row(0, named=True)
    assert row["n_data_sets"] == 4 and row["n_draws"] == 36 and row["n_not_converged"] == 6
    assert row["coverage90"] == 0.5 and row["coverage90_error"] == 0.25
    assert row["misses_fast90"] == 0.25 and row["misses_slow90"] == 0.25
    assert row["infinite90"] == 0.5
    assert row["mean_length90"] == np.inf and row["median_length90"] == pytest.approx(1.15)
    assert row["median_error"] == pytest.approx(0.05) and row["mean_error"] == pytest.approx(0.0)
    assert row["rmse"] == pytest.approx(np.sqrt((0.01 + 0.25 + 0.36) / 4))


def test_a_set_holds_the_truth_where_its_chance_is_above_the_tail():
    """Twenty data sets of chances 0.01 ... 0.20 at the truth, half of them at no progress."""
    rows = [
        dict.fromkeys(SHARD_SCHEMA)
        | {
            "method": "inverted", "data_set": i, "doubling_months": 8.0, "growth": 1.0,
            "growth_point": 0.9 if i % 2 else 1.1, "chance_at_truth": 0.01 * (i + 1),
            "chance_at_none": 0.005 * (i + 1), "n_draws": 399, "n_not_converged": 0,
        }
        for i in range(20)
    ]  # fmt: skip
    row = coverage_table([pl.DataFrame(rows, schema=SHARD_SCHEMA)]).row(0, named=True)
    assert row["coverage95"] == pytest.approx(15 / 20)
    assert row["coverage90"] == pytest.approx(10 / 20)
    assert row["misses_fast90"] == row["misses_slow90"] == pytest.approx(5 / 20)
    assert row["infinite95"] == pytest.approx(10 / 20)
    assert row["mean_length90"] is None
