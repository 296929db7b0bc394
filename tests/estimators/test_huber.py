"""Huber's loss: its minimum, its certificate, and what it does to a record that is far off."""

from __future__ import annotations

import numpy as np
import pytest
from independent import plausible_theta, prediction, simulated_sample
from plain import Compiler
from scipy.optimize import minimize

from algoprog.common.errors import InputError
from algoprog.estimators.converged import problem, solve
from algoprog.estimators.huber import (
    Threshold,
    huber_loss,
    huber_objective,
    huber_subgradient,
    robust_scale,
    solve_huber,
    solve_huber_published,
    threshold,
)

DELTA = 0.0025


@pytest.fixture(scope="module")
def data(paper_sample, compiled):
    return compiled("m07"), np.log(paper_sample["perplexity"].to_numpy())


def textbook(residual, k):
    """Twice Huber's loss, case by case."""
    return np.array([r * r if abs(r) <= k else 2 * k * abs(r) - k * k for r in residual])


def test_loss_is_square_near_and_linear_far():
    residual = np.array([-3.0, -0.5, 0.0, 0.2, 0.5, 4.0])
    assert huber_loss(residual, 0.5) == pytest.approx(textbook(residual, 0.5), rel=1e-15)


def test_without_threshold_it_is_the_plain_fit(data):
    plain = solve(*data, DELTA)
    found = solve_huber(*data, DELTA, 100.0)
    assert found.objective == pytest.approx(plain.objective, rel=1e-12)
    assert found.theta == pytest.approx(plain.theta, abs=1e-6)


@pytest.mark.parametrize("k", [0.05, 0.3])
def test_no_other_optimiser_gets_lower(data, k):
    """On theta = u - v, u and v >= 0, the penalty is linear and L-BFGS-B needs no subgradients."""
    design, response = data
    found = solve_huber(design, response, DELTA, k)
    assert found.certified
    p = design.p

    def value(uv):
        residual = response - prediction(design, uv[:p] - uv[p:])
        return np.mean(textbook(residual, k)) + DELTA * uv.sum()

    rng = np.random.default_rng(3)
    starts = (
        [found.theta]
        + [solve(design, response, DELTA).theta]
        + [found.theta * rng.uniform(0.5, 1.5, p) for _ in range(2)]
    )
    with np.errstate(over="ignore", invalid="ignore"):
        others = [
            minimize(
                value, np.concatenate([np.maximum(s, 0), np.maximum(-s, 0)]), method="L-BFGS-B",
                bounds=[(0, None)] * (2 * p), options={"maxiter": 40},
            ).fun
            for s in starts
        ]  # fmt: skip
    best = value(np.concatenate([np.maximum(found.theta, 0), np.maximum(-found.theta, 0)]))
    assert found.objective == pytest.approx(best, rel=1e-12)
    assert min(others) >= found.objective * (1 - 1e-9)


def test_certificate_is_of_hubers_own_objective(data):
    """Away from zero parameters the gradient of the objective, by differences, vanishes."""
    design, response = data
    task = problem(design, response, DELTA)
    found = solve_huber(design, response, DELTA, 0.2)
    slopes = []
    for j in np.flatnonzero(found.theta):
        step = np.zeros(design.p)
        step[j] = 1e-5
        slopes.append(
            huber_objective(task, 0.2, found.theta + step)
            - huber_objective(task, 0.2, found.theta - step)
        )
    assert np.abs(slopes).max() / 2e-5 < 1e-6  # differences have an error of about 1e-7
    assert huber_subgradient(task, 0.2, found.theta * 1.01) > 1e-4


def test_a_gross_error_hardly_moves_it(benchmarks, paper_config):
    rng = np.random.default_rng(5)
    sample = simulated_sample(rng, 200)
    spec = paper_config["variants"]["m01"]
    design = Compiler.of(sample, benchmarks).rows("m01", spec, sample)
    theta = plausible_theta(design, rng)
    clean = prediction(design, theta) + 0.02 * rng.standard_normal(200)
    spoiled = clean.copy()
    spoiled[:3] += 30.0
    moved = {
        name: np.abs(fit(spoiled) - fit(clean)).mean()
        for name, fit in {
            "huber": lambda y: prediction(design, solve_huber(design, y, 0.0, 0.03).theta),
            "squares": lambda y: prediction(design, solve(design, y, 0.0).theta),
        }.items()
    }
    assert moved["huber"] < 0.01 < moved["squares"] / 10


def test_threshold_in_nats_or_in_robust_scales(data):
    design, response = data
    assert threshold(Threshold(k=0.4), design, response, DELTA) == 0.4
    residual = response - prediction(design, solve(design, response, DELTA).theta)
    mad = np.median(np.abs(residual - np.median(residual)))
    assert threshold(Threshold(scales=2.0), design, response, DELTA) == pytest.approx(
        2 * 1.4826 * mad
    )


def test_robust_scale_is_the_standard_deviation_of_normal_errors():
    errors = np.random.default_rng(1).normal(2.0, 0.3, 200_000)
    assert robust_scale(errors) == pytest.approx(0.3, rel=0.01)


def test_published_optimiser_does_not_get_lower(data):
    theta, value = solve_huber_published(*data, DELTA, 0.3)
    assert value == pytest.approx(huber_objective(problem(*data, DELTA), 0.3, theta), rel=1e-12)
    lowest = solve_huber(*data, DELTA, 0.3).objective
    assert lowest < value < 1.05 * lowest


def test_threshold_must_be_positive(data):
    with pytest.raises(InputError, match="threshold above 0"):
        solve_huber(*data, DELTA, 0.0)
