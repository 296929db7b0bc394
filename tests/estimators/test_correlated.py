"""Errors correlated within a paper: the likelihood, its maximum, and a correlation known."""

from __future__ import annotations

import numpy as np
import pytest
from independent import plausible_theta, prediction, simulated_sample
from plain import Compiler
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from algoprog.common.errors import InputError
from algoprog.estimators.converged import solve
from algoprog.estimators.correlated import (
    correlated_subgradient,
    profile,
    solve_correlated,
    solve_correlated_published,
)

DELTA = 0.0025


@pytest.fixture(scope="module")
def data(paper_sample, compiled):
    """m07 on the paper's sample, whose papers have one to three rows."""
    titles = paper_sample["paper"].to_list()
    papers = np.array([titles.index(title) for title in titles])
    return compiled("m07"), np.log(paper_sample["perplexity"].to_numpy()), papers


@pytest.fixture(scope="module")
def fit(data):
    return solve_correlated(*data, DELTA)


def simulated(benchmarks, paper_config, rho, rows=400, papers=100, seed=2):
    rng = np.random.default_rng(seed)
    sample = simulated_sample(rng, rows, papers)
    design = Compiler.of(sample, benchmarks).rows("m01", paper_config["variants"]["m01"], sample)
    labels = np.unique(sample["paper"].to_list(), return_inverse=True)[1]
    common, own = rng.standard_normal(labels.max() + 1)[labels], rng.standard_normal(rows)
    truth = prediction(design, plausible_theta(design, rng))
    return design, truth + 0.1 * (np.sqrt(rho) * common + np.sqrt(1 - rho) * own), labels


def log_likelihood(design, response, papers, theta, sigma, rho):
    residual = response - prediction(design, theta)
    total = 0.0
    for paper in np.unique(papers):
        r = residual[papers == paper]
        covariance = sigma**2 * ((1 - rho) * np.eye(len(r)) + rho)
        total += multivariate_normal.logpdf(r, cov=covariance)
    return total


@pytest.mark.parametrize("rho", [-0.2, 0.0, 0.7])
def test_profile_is_the_likelihood_maximised_over_sigma(data, rho):
    design, response, papers = data
    theta = solve(design, response, DELTA).theta
    best = -minimize(
        lambda s: -log_likelihood(design, response, papers, theta, np.exp(s[0]), rho),
        [-1.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-10},
    ).fun
    value = profile(design, response, papers, 0.0, theta, rho)
    assert -2 * best / design.n == pytest.approx(value + np.log(2 * np.pi) + 1, rel=1e-9)


def test_the_fit_reports_its_own_objective(data, fit):
    design, response, papers = data
    at = (design, response, papers, DELTA, fit.fit.theta)
    assert fit.fit.objective == pytest.approx(profile(*at, fit.correlation), rel=1e-12)
    assert fit.sigma**2 == pytest.approx(
        fit.fit.mean_square + DELTA * np.abs(fit.fit.theta).sum(), rel=1e-12
    )


def test_the_fit_is_stationary_in_every_direction(data, fit):
    """Differences of the objective: zero slope in rho and in each parameter that is not zero."""
    design, response, papers = data
    theta, rho = fit.fit.theta, fit.correlation
    assert fit.certified

    def value(t, r):
        return profile(design, response, papers, DELTA, t, r)

    h = 1e-5
    assert abs(value(theta, rho + h) - value(theta, rho - h)) / (2 * h) < 1e-6
    for j in range(design.p):
        step = np.zeros(design.p)
        step[j] = h
        up, down = value(theta + step, rho), value(theta - step, rho)
        if theta[j]:
            assert abs(up - down) / (2 * h) < 2e-5  # a difference has an error of about 5e-6
        else:
            assert min(up, down) >= value(theta, rho)


def test_no_other_optimiser_gets_lower(data, fit):
    design, response, papers = data
    published = solve_correlated_published(design, response, papers, DELTA)
    assert published[2] == pytest.approx(
        profile(design, response, papers, DELTA, published[0], published[1]), rel=1e-12
    )
    assert fit.fit.objective < published[2] < fit.fit.objective + 0.05
    rng = np.random.default_rng(0)
    for _ in range(3):
        start = np.append(fit.fit.theta, fit.correlation) * rng.uniform(0.8, 1.2, design.p + 1)
        end = minimize(
            lambda x: profile(design, response, papers, DELTA, x[:-1], x[-1]),
            start,
            method="Powell",
            bounds=[(-9, 9)] * design.p + [(-0.4, 0.99)],
            options={"maxfev": 1500},
        )
        assert end.fun >= fit.fit.objective - 1e-9


def test_without_correlation_it_is_the_plain_fit(data):
    design, response, papers = data
    plain = solve(design, response, DELTA)
    found = solve_correlated(design, response, papers, DELTA, correlation=0.0)
    assert found.fit.theta == pytest.approx(plain.theta, abs=1e-6)
    assert found.fit.objective == pytest.approx(np.log(plain.objective), rel=1e-10)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_a_known_correlation_is_found(benchmarks, paper_config, rho):
    """Its standard error at 100 papers of four rows is about 0.05 (Fisher's intraclass formula)."""
    design, response, papers = simulated(benchmarks, paper_config, rho)
    found = solve_correlated(design, response, papers, 0.0, perturbed=2)
    assert found.certified
    assert found.correlation == pytest.approx(rho, abs=0.12)
    assert found.sigma == pytest.approx(0.1, rel=0.15)


def test_correlation_is_gained_likelihood(benchmarks, paper_config):
    design, response, papers = simulated(benchmarks, paper_config, 0.6)
    free = solve_correlated(design, response, papers, 0.0, perturbed=0)
    none = solve_correlated(design, response, papers, 0.0, perturbed=0, correlation=0.0)
    assert design.n * (none.fit.objective - free.fit.objective) > 20  # twice the log likelihood


def test_labels_of_papers_are_names_only(data, fit):
    design, response, papers = data
    order = np.random.default_rng(1).permutation(1000)
    again = solve_correlated(design, response, order[papers], DELTA)
    assert again.fit.objective == pytest.approx(fit.fit.objective, rel=1e-10)


def test_certificate_sees_a_wrong_correlation_or_parameter(data, fit):
    design, response, papers = data
    at = (design, response, papers, DELTA)
    assert correlated_subgradient(*at, fit.fit.theta, fit.correlation) <= 1e-8
    assert correlated_subgradient(*at, fit.fit.theta, fit.correlation + 0.01) == np.inf
    theta = solve(design, response, DELTA).theta
    assert correlated_subgradient(*at, theta, fit.correlation) > 1e-8


def test_one_row_of_each_paper_tells_of_no_correlation(data):
    design, response, _ = data
    with pytest.raises(InputError, match="keep more models"):
        solve_correlated(design, response, np.arange(design.n), DELTA)
