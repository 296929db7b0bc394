"""Simulated data: the growth imposed, the spread fitted, and what a data set depends on."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from independent import prediction
from plain import simulation

from algoprog.common.errors import InputError
from algoprog.estimators.converged import solve
from algoprog.model.model import observations
from algoprog.robustness.simulation import variance_components

DELTA = 0.0025


@pytest.fixture(scope="module")
def simulated(paper_sample, paper_config, benchmarks):
    """simulation() on the paper's sample with m07 at 0.0025 but for what is given."""

    def made(months, variant="m07", **changed):
        arguments = {
            "sample": paper_sample, "variant": variant, "delta": DELTA, "response": "own",
            "spec": paper_config["variants"][variant], "sample_name": "paper",
            "benchmarks": benchmarks, "degrees_of_freedom": 5.0,
        } | changed  # fmt: skip
        return simulation(doubling_months=months, **arguments)

    return made


@pytest.mark.parametrize("months", [4.0, 8.0, 32.0])
def test_growth_imposed_is_that_of_the_doubling_time(simulated, months):
    drawn = simulated(months)
    theta = dict(zip(drawn.design.parameters, drawn.theta, strict=True))
    growth = theta["alpha_year"] / theta["alpha_param"] + theta["beta_year"] / theta["beta_data"]
    assert growth == pytest.approx(12 * np.log(2) / months, rel=1e-8)
    assert drawn.growth == pytest.approx(growth, rel=1e-8)


def test_one_factor_scales_the_growth_of_both_exponentials(simulated, paper_sample):
    drawn = simulated(8.0)
    fit = solve(drawn.design, observations(paper_sample, "own").response, DELTA).estimates()
    theta = dict(zip(drawn.design.parameters, drawn.theta, strict=True))

    def shares(values):
        rates = np.array(
            [
                values["alpha_year"] / values["alpha_param"],
                values["beta_year"] / values["beta_data"],
            ]
        )
        return rates / rates.sum()

    assert shares(theta) == pytest.approx(shares(fit), rel=1e-5)


def test_without_progress_the_surface_is_the_fit_without_year_terms(simulated, paper_sample,
                                                                     compiled):  # fmt: skip
    """m16 is m07 without its year terms."""
    drawn = simulated(np.inf)
    theta = dict(zip(drawn.design.parameters, drawn.theta, strict=True))
    assert drawn.growth == 0.0
    assert theta["alpha_year"] == theta["beta_year"] == 0.0
    response = observations(paper_sample, "own").response
    without = solve(compiled("m16"), response, DELTA)
    assert {k: theta[k] for k in without.estimates()} == pytest.approx(
        without.estimates(), abs=1e-6
    )


def test_data_have_the_mean_the_spread_and_the_papers_imposed(simulated):
    drawn = simulated(8.0, degrees_of_freedom=9.0)
    noise = np.array([drawn.response(i) for i in range(1500)]) - prediction(
        drawn.design, drawn.theta
    )
    paper, error = drawn.paper_deviation**2, drawn.error_deviation**2
    assert paper > 0 and error > 0
    standard = np.sqrt((paper + error) / len(noise))
    assert np.abs(noise.mean(axis=0)).max() < 4.5 * standard
    assert noise.var() == pytest.approx(paper + error, rel=0.02)
    same = drawn.papers[:, None] == drawn.papers[None, :]
    np.fill_diagonal(same, False)
    covariance = noise.T @ noise / len(noise)
    assert covariance[same].mean() == pytest.approx(paper, rel=0.05)
    apart = drawn.papers[:, None] != drawn.papers[None, :]
    assert abs(covariance[apart].mean()) < 0.02 * paper
    # within a paper of several rows, effects cancel: half the squared difference is the error
    first, second = np.argwhere(np.triu(same)).T
    differences = (noise[:, first] - noise[:, second]) / np.sqrt(2)
    assert differences.var() == pytest.approx(error, rel=0.03)
    # a difference of two t variates of 9 degrees has the excess kurtosis 6 / (9 - 4) / 2
    excess = (differences**4).mean() / (differences**2).mean() ** 2 - 3
    assert excess == pytest.approx(0.6, abs=0.2)
    normal = simulated(8.0, degrees_of_freedom=np.inf)
    normal_noise = np.array([normal.response(i) for i in range(300)])
    normal_noise -= prediction(normal.design, normal.theta)
    flat = (normal_noise[:, first] - normal_noise[:, second]).ravel()
    assert (flat**4).mean() / (flat**2).mean() ** 2 == pytest.approx(3.0, abs=0.15)


def test_errors_by_benchmark_are_as_large_as_its_residuals(simulated, paper_sample):
    drawn = simulated(8.0, by_benchmark=True, degrees_of_freedom=9.0)
    benchmark = paper_sample["benchmark"].to_numpy()
    mean = prediction(drawn.design, drawn.theta)
    noise = np.array([drawn.response(i) for i in range(600)]) - mean
    paper, error = drawn.paper_deviation**2, drawn.error_deviation**2
    for name in set(benchmark.tolist()):
        rows = benchmark == name
        (size,) = set(drawn.size[rows].tolist())
        assert noise[:, rows].var() == pytest.approx(size**2 * (paper + error), rel=0.06)
    assert len(set(drawn.size.tolist())) == 3


def test_real_residuals_keep_their_size_and_share_a_sign_within_a_paper(simulated, paper_sample):
    drawn = simulated(8.0, errors="residuals")
    noise = drawn.response(3) - prediction(drawn.design, drawn.theta)
    residual = observations(paper_sample, "own").response - prediction(drawn.design, drawn.theta)
    assert np.abs(noise) == pytest.approx(np.abs(residual))
    sign = np.sign(noise * residual)
    assert all(len(set(sign[drawn.papers == g])) == 1 for g in range(drawn.papers.max() + 1))
    assert 0.2 < (sign > 0).mean() < 0.8


def test_progress_is_split_between_parameters_and_data_as_the_world_says(simulated):
    for share in (0.0, 0.5):
        drawn = simulated(8.0, split=share)
        theta = dict(zip(drawn.design.parameters, drawn.theta, strict=True))
        of_data = theta["beta_year"] / theta["beta_data"]
        assert of_data == pytest.approx((1 - share) * drawn.growth, rel=1e-6)


def test_a_data_set_depends_on_its_names_only(simulated):
    drawn = simulated(8.0)
    assert (drawn.response(1, 7) == simulated(8.0).response(1, 7)).all()
    assert (drawn.response(1, 7) != drawn.response(1, 8)).all()


def test_variance_components_of_balanced_papers():
    """Two rows in each of three papers; the mean squares worked out by hand."""
    residuals = np.array([1.0, 3.0, -1.0, -3.0, 1.0, -1.0])
    papers = np.array([0, 0, 1, 1, 2, 2])
    # means 2, -2, 0: SSB = 2 (4 + 4) = 16 on 2, SSW = 3 * 2 = 6 on 3
    paper, error = variance_components(residuals, papers, 0)
    assert error == pytest.approx(2.0)
    assert paper == pytest.approx((8.0 - 2.0) / 2)
    # with p parameters both grow by n / (n - p)
    assert variance_components(residuals, papers, 3) == pytest.approx((6.0, 4.0))


def test_papers_of_one_row_have_errors_only():
    residuals = np.array([1.0, -1.0, 2.0, -2.0])
    assert variance_components(residuals, np.arange(4), 0) == pytest.approx((0.0, 10.0 / 3))


def test_variance_components_of_unequal_papers_are_unbiased():
    rng = np.random.default_rng(3)
    papers = np.repeat(np.arange(40), rng.integers(1, 4, 40))
    found = np.array(
        [
            variance_components(
                0.7 * rng.standard_normal(40)[papers] + 0.5 * rng.standard_normal(papers.size),
                papers,
                0,
            )
            for _ in range(800)
        ]
    )
    assert found.mean(axis=0) == pytest.approx([0.49, 0.25], rel=0.04)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"variant": "m14"}, "closed form"),
        ({"variant": "m16"}, "progress"),
        ({"degrees_of_freedom": 2.0}, "more than 2"),
        ({"months": 0.0}, "positive"),
        ({"one_paper": True}, "two papers"),
    ],
)
def test_what_cannot_be_simulated_is_refused(simulated, paper_sample, changed, match):
    if "one_paper" in changed:
        changed = {"sample": paper_sample.head(50).with_columns(paper=pl.lit("one"))}
    with pytest.raises(InputError, match=match):
        simulated(**({"months": 8.0} | changed))
