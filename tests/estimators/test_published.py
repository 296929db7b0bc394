"""The published estimator: the paper's numbers come out again, where its optimiser stops."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from independent import penalised
from scipy.optimize import minimize

from algoprog.estimators.converged import problem, solve
from algoprog.estimators.objective import forward_differences, objective
from algoprog.estimators.published import Compiled, solve_published
from algoprog.model.model import observations

PUBLISHED_M07 = {
    "alpha_const": 0.912701,
    "alpha_const_ptb": 0.000379,
    "alpha_const_wt2": 0.055412,
    "alpha_year": 0.003938,
    "alpha_param": 0.067982,
    "beta_const": 0.771409,
    "beta_const_ptb": 0.176415,
    "beta_const_wt2": 0.095418,
    "beta_year": 0.03562,
    "beta_data": 0.039587,
}


@pytest.fixture(scope="module")
def response(paper_sample):
    return observations(paper_sample, "first_available").response


@pytest.fixture(scope="module")
def m07(compiled, response):
    return solve_published(compiled("m07"), response, 0.0025)


def test_published_objective(m07):
    # printed to ten digits; where the optimiser stops depends on rounding
    assert m07[1] == pytest.approx(0.0518129265, abs=1e-8)


def test_published_parameters(compiled, m07):
    estimates = dict(zip(compiled("m07").parameters, m07[0].tolist(), strict=True))
    assert list(estimates) == list(PUBLISHED_M07)
    # 1e-5: six decimals, of which the last is rounded and the stop's own noise touches the fifth
    assert estimates == pytest.approx(PUBLISHED_M07, abs=1e-5)


def test_published_doubling_time(compiled, m07):
    at = dict(zip(compiled("m07").parameters, m07[0].tolist(), strict=True))
    growth = at["alpha_year"] / at["alpha_param"] + at["beta_year"] / at["beta_data"]
    assert 12 * np.log(2) / growth == pytest.approx(8.7, abs=0.05)


def test_the_objective_is_the_one_at_the_estimates(compiled, response, m07):
    task = problem(compiled("m07"), response, 0.0025)
    assert m07[1] == pytest.approx(penalised(task, m07[0]), rel=1e-12)


def test_it_is_scipys_optimiser_as_the_notebooks_call_it(compiled, response):
    """Written out for m02, without the library's objective: the same stop."""
    design = compiled("m02")
    _, n, _, t, d = design.columns  # n, t, d enter with a minus

    def loss(x):
        fitted = np.exp(x[0] + x[1] * n) + np.exp(x[2] + x[3] * t + x[4] * d)
        return np.mean((response - fitted) ** 2) + 0.0025 * np.sum(np.abs(x))

    found = minimize(loss, np.zeros(5), method="SLSQP")
    theta, value = solve_published(design, response, 0.0025)
    assert value == pytest.approx(found.fun, abs=1e-8)
    np.testing.assert_allclose(theta, found.x, atol=1e-4)


def test_it_starts_where_it_is_told(compiled, response, m07):
    """From the minimum it has nowhere to go; from its own stop it goes on."""
    best = solve(compiled("m07"), response, 0.0025)
    at_minimum = solve_published(compiled("m07"), response, 0.0025, best.theta)[1]
    assert best.objective <= at_minimum < best.objective + 1e-6
    start = m07[0].copy()
    solve_published(compiled("m07"), response, 0.0025, start)
    np.testing.assert_array_equal(start, m07[0])


@pytest.mark.parametrize("variant", ["m11", "m14", "m15", "everything"])
def test_no_warning_reaches_the_user(compiled, response, variant):
    """SLSQP overflows on its way for some variants; that is its own affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        theta, value = solve_published(compiled(variant), response, 0.0)
    assert theta.shape == (compiled(variant).p,)
    assert np.isfinite(value)


@pytest.mark.parametrize("rows", [None, 130, 17, 5])
@pytest.mark.parametrize("variant", ["m07", "m11", "m14", "transformer", "everything"])
def test_compiled_loops_have_numpys_bits(compiled, response, variant, rows):
    """Rounding decides where the optimiser stops, so that not one bit may differ."""
    rng = np.random.default_rng(3)
    drawn = rng.integers(0, len(response), rows or len(response))
    design, seen = compiled(variant).rows(drawn), response[drawn]
    value = objective(design, seen, 0.0025)
    gradient = forward_differences(value)
    loops = Compiled(design, seen, 0.0025)
    for size in (0.0, 0.1, 1.0, 1e9):
        theta = size * rng.standard_normal(design.p)
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(loops.value(theta), value(theta))
            np.testing.assert_array_equal(loops.gradient(theta), gradient(theta))


def test_parameters_without_a_penalty_are_left_out_of_its_size(compiled, response):
    design = replace(compiled("m07"), free=frozenset({"alpha_const", "beta_year"}))
    theta = np.linspace(-1, 1, design.p)
    value, loops = objective(design, response, 0.5), Compiled(design, response, 0.5)
    assert loops.value(theta) == value(theta)
    np.testing.assert_array_equal(loops.gradient(theta), forward_differences(value)(theta))
