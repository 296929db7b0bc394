"""The record and sweeps together: priors, imposed exponents, conflict, elasticities by scale."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from algoprog.common.errors import InputError
from algoprog.common.intervals import doubling_months
from algoprog.estimators.converged import Problem, collect, descend, predict, subgradient
from algoprog.experiments.conflict import (
    Profile,
    common_exponents,
    cost,
    deviance_of_imposing,
    held_out_errors,
    wald,
)
from algoprog.experiments.joint import (
    Exponents,
    fit_free,
    fit_imposed,
    fit_prior,
    with_prior,
)
from algoprog.experiments.laws import draw_laws, fit_law
from algoprog.experiments.record import Record, System
from algoprog.experiments.register import SweepSource, read_runs
from algoprog.experiments.scale import by_scale

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
SWEEPS = {
    "chinchilla": "massivetext_train",
    "gadre_redpajama": "paloma_c4_en",
    "olmo_ladder": "wikitext_103",
}
SYSTEMS = [
    System("LSTM 2016", 1.1e7, 1.03e8, "2016-12-13"),
    System("GPT-2", 1.5e9, 4e9, "2019-02-14"),
    System("GPT-3", 1.75e11, 4.99e11, "2020-05-28"),
    System("Chinchilla", 7e10, 1.4e12, "2022-03-29"),
]


@pytest.fixture(scope="module")
def record(paper_sample, benchmarks, paper_config):
    spec = paper_config["variants"]["m07"]
    return Record.of(paper_sample, benchmarks, "m07", spec, 0.0025)


@pytest.fixture(scope="module")
def laws():
    content = (RAW / "sweep_runs.csv").read_bytes()
    found = {}
    for name, evaluation in SWEEPS.items():
        runs = read_runs(content, SweepSource(name, "sweep_runs.csv", {}))[evaluation]
        found[name] = (fit_law(runs), runs)
    return found


@pytest.fixture(scope="module")
def given(laws):
    return {
        name: Exponents(
            name,
            law.exponents,
            draw_laws(runs, law, 1000, (1, "sweep", name)).covariance,
        )
        for name, (law, runs) in laws.items()
    }


@pytest.fixture(scope="module")
def free(record):
    """The free fits, with draws of 100 resamples where there is no irreducible loss."""
    return {
        "none": fit_free(record.model("none"), record.weights(1, 100)),
        "common": fit_free(record.model("common")),
        "own": fit_free(record.model("own")),
    }


def test_the_free_fit_is_the_headline(free, record):
    fit = free["none"]
    assert fit.converged
    assert fit.objective == pytest.approx(0.05242783114, abs=1e-10)
    assert doubling_months(fit.closed_form) == pytest.approx(5.6939, abs=1e-3)
    assert doubling_months(fit.own_allocation) == pytest.approx(11.8, abs=0.05)
    low, high = np.percentile(doubling_months(fit.draws.own_allocation), [2.5, 97.5])
    assert (low, high) == pytest.approx((8.5, 17.2), abs=1.5)


def test_own_allocation_is_the_slope_of_the_predictions(record, free):
    model, theta = record.model("none"), free["none"].theta
    step = 1e-5
    sample, units = record.base.sample.rows, record.base.units
    from algoprog.model.compiling import compile_variant

    def loss(**shift):
        values = units.of_rows(sample)
        for name, by in shift.items():
            values[name] = values[name] + by
        return predict(compile_variant(model.variant, values, units.levels), theta)

    rate = (loss(t=-step) - loss(t=step)) / (2 * step)
    fall = (loss(n=-step / 2, d=-step / 2) - loss(n=step / 2, d=step / 2)) / (2 * step)
    assert free["none"].own_allocation == pytest.approx(rate.sum() / fall.sum(), rel=1e-6)


def test_a_prior_is_rows_of_the_design(record, free, given):
    """The objective with the rows is the record's plus the quadratic form, at any theta."""
    model, prior = record.model("none"), given["olmo_ladder"]
    n = model.design.n
    variance = free["none"].mean_square * n / (n - model.design.p)
    root = np.linalg.cholesky(np.linalg.inv(prior.covariance)).T * np.sqrt(variance / n)
    design = with_prior(model.design, record.exponents, root)
    theta = np.random.default_rng(3).normal(0, 0.3, model.design.p)
    whole = predict(design, theta)
    assert whole[:n] == pytest.approx(predict(model.design, theta))
    gap = model.exponents(theta[None])[0] - prior.estimate
    pulled = np.sum((root @ prior.estimate - whole[n:]) ** 2)
    expected = variance / n * gap @ np.linalg.solve(prior.covariance, gap)
    assert pulled == pytest.approx(expected)
    fit = fit_prior(model, free["none"], prior)
    response = np.concatenate([model.response, root @ prior.estimate])
    weights = np.concatenate([np.full(n, 1 / n), np.ones(2)])
    assert subgradient(Problem(design, response, weights, 0.0025), fit.theta) <= 1e-8


def test_a_prior_of_no_weight_changes_nothing_and_a_sharp_one_imposes(record, free):
    vague = Exponents("vague", np.array([0.3, 0.3]), 1e8 * np.eye(2))
    sharp = Exponents("sharp", np.array([0.1, 0.05]), 1e-12 * np.eye(2))
    model = record.model("none")
    same = fit_prior(model, free["none"], vague)
    assert same.closed_form == pytest.approx(free["none"].closed_form, rel=1e-4)
    assert fit_prior(model, free["none"], sharp).exponents == pytest.approx([0.1, 0.05], abs=1e-6)


def test_the_prior_from_olmo_lengthens_the_doubling_time(record, free, given):
    weights = record.weights(1, 300)
    fit = fit_prior(record.model("none"), free["none"], given["olmo_ladder"], weights)
    assert fit.converged and fit.draws.converged.all()
    assert doubling_months(fit.closed_form) == pytest.approx(13.6, abs=0.5)
    assert doubling_months(fit.own_allocation) == pytest.approx(12.9, abs=0.3)
    low, high = np.percentile(fit.draws.closed_form, [2.5, 97.5])
    assert low == pytest.approx(0.46, abs=0.1)
    # the upper end counts the draws in the other minimum, so it moves with the sweep's covariance
    assert 1.2 < high < 1.9


def test_priors_from_the_chinchilla_points(record, free, given):
    prior = given["chinchilla"]
    without = fit_prior(record.model("none"), free["none"], prior)
    # the resampled covariance of the sweep leaves a month either way
    assert doubling_months(without.closed_form) == pytest.approx(10.5, abs=1.2)
    assert without.exponents[1] < 0.05  # beta stays far from its prior
    own = fit_prior(record.model("own"), free["own"], prior)
    assert doubling_months(own.closed_form) == pytest.approx(43, abs=5)


@pytest.mark.parametrize(
    ("sweep", "own", "own_papers", "none", "none_papers"),
    [
        ("chinchilla", 75, 47, 665, 415),
        ("gadre_redpajama", 51, 32, 552, 344),
        ("olmo_ladder", 43, 27, 547, 341),
    ],
)
def test_the_record_rejects_every_sweep(
    record, free, given, sweep, own, own_papers, none, none_papers
):
    found = {}
    for level in ("none", "own"):
        imposed = fit_imposed(record, level, given[sweep])
        assert imposed.exponents == pytest.approx(given[sweep].estimate)
        found[level] = deviance_of_imposing(record, free[level], imposed)
    assert found["own"].by_rows == pytest.approx(own, rel=0.03)
    assert found["own"].by_papers == pytest.approx(own_papers, rel=0.03)
    assert found["none"].by_rows == pytest.approx(none, rel=0.03)
    assert found["none"].by_papers == pytest.approx(none_papers, rel=0.03)
    assert found["own"].p_by_papers < 1e-4
    assert wald(free["none"], given[sweep]) > 15  # p < 1e-3 on two degrees of freedom


def test_searches_in_one_basin_alone_exaggerate_the_conflict(record, free, given):
    model, whole = record.model("none"), free["none"]
    ends = []
    for weights in record.weights(1, 100):
        task = Problem(model.design, model.response, weights / weights.sum(), record.delta)
        ends.append(collect(task, *descend(task, whole.theta[None], None)).theta)
    near = replace(whole.draws, exponents=model.exponents(np.array(ends)))
    for sweep, least in (("chinchilla", 1.4), ("gadre_redpajama", 1.2), ("olmo_ladder", 1.1)):
        alone = wald(replace(whole, draws=near), given[sweep])
        assert alone > least * wald(whole, given[sweep])


@pytest.mark.parametrize(
    ("sweep", "deviance"), [("chinchilla", 66), ("gadre_redpajama", 34), ("olmo_ladder", 28)]
)
def test_no_common_exponents_fit_both(record, free, laws, sweep, deviance):
    law, runs = laws[sweep]
    by_rows, by_papers = common_exponents(record, "own", free["own"], runs, law)
    assert by_papers.deviance == pytest.approx(deviance, rel=0.03)
    assert by_rows.deviance > by_papers.deviance


def test_the_profile_at_the_free_exponents_is_the_free_fit(record, free):
    fit = free["none"]
    value, theta = Profile.of(record.model("none"), fit).at(fit.exponents)
    assert value == pytest.approx(fit.objective, rel=1e-8)
    assert theta == pytest.approx(fit.theta, abs=1e-4)


def test_the_conflict_sits_in_small_systems(record, paper_sample, given):
    kept = (
        (paper_sample["parameters"] >= 1e8) & (paper_sample["dataset_tokens"] >= 1e9)
    ).to_numpy()
    large = record.rows(kept)
    assert (kept.sum(), large.papers) == (35, 19)
    free = fit_free(large.model("common"))
    expected = {
        "olmo_ladder": (4.5, 2.4, 1.74),
        "gadre_redpajama": (6.9, 3.8, 1.78),
        "chinchilla": (9.7, 5.3, 1.99),
    }
    for sweep, (rows, papers, level) in expected.items():
        imposed = fit_imposed(large, "common", given[sweep])
        deviance = deviance_of_imposing(large, free, imposed)
        assert deviance.by_rows == pytest.approx(rows, rel=0.03)
        assert deviance.by_papers == pytest.approx(papers, rel=0.03)
        assert imposed.irreducible == pytest.approx(level, abs=0.01)
    assert doubling_months(free.closed_form) == pytest.approx(5.3, abs=0.1)


def test_imposing_costs_held_out_error(record, free, given):
    papers = record.seen.papers
    against = held_out_errors(record.model("own"), free["own"].minima)
    model = record.model("own", given["olmo_ladder"].estimate)
    mean, error = cost(held_out_errors(model, model.fit().minima), against, papers)
    assert mean == pytest.approx(0.012, abs=0.001)
    assert error == pytest.approx(0.006, abs=0.001)


def test_elasticities_meet_at_large_scale_and_part_below(record, free, laws):
    found = {
        (at.system.name, at.law): at
        for at in by_scale(record.model("none"), free["none"], SYSTEMS, laws)
    }
    own = [found[system.name, "record"].elasticity for system in SYSTEMS]
    assert own == pytest.approx([0.10, 0.066, 0.044, 0.047], abs=0.002)
    small = [found["LSTM 2016", sweep] for sweep in SWEEPS]
    assert sorted(at.elasticity for at in small) == pytest.approx([0.51, 0.51, 0.75], abs=0.01)
    assert {found["GPT-3", sweep].extrapolated for sweep in SWEEPS} == {True}
    assert not found["GPT-2", "olmo_ladder"].extrapolated
    for system, low, high in (("LSTM 2016", 70, 104), ("GPT-2", 21.8, 23), ("GPT-3", 3.8, 8.3)):
        months = [found[system, sweep].months for sweep in SWEEPS]
        assert low <= min(months) and max(months) <= high


def test_a_variant_without_closed_form_is_one_clear_error(paper_sample, benchmarks, paper_config):
    spec = paper_config["variants"]["m18"]
    record = Record.of(paper_sample, benchmarks, "m18", spec, 0.0025)
    with pytest.raises(InputError, match=r"m18.*m07"):
        record.model()
