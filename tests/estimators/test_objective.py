"""The objective and its derivatives, against the equations written out."""

from __future__ import annotations

import numpy as np
import pytest
from independent import (
    PAPER_VARIANTS,
    USER_VARIANTS,
    gradient,
    hessian,
    jacobian,
    plausible_theta,
    prediction,
)
from scipy.optimize._numdiff import approx_derivative

from algoprog.estimators.converged import predict, problem
from algoprog.estimators.inference import derivatives
from algoprog.estimators.objective import STEP, forward_differences, objective, predictor

ALL = [*PAPER_VARIANTS, *USER_VARIANTS]


def test_the_equation_of_m07(compiled, paper_sample):
    """yhat = exp(a + a_b - a_t t - a_n n) + exp(b + b_b - b_t t - b_d d)."""
    rows = paper_sample.to_dicts()
    design = compiled("m07")
    theta = np.array([0.9, 0.05, 0.1, 0.01, 0.07, 0.8, 0.2, 0.1, 0.03, 0.04])
    smallest_n = min(row["parameters"] for row in rows)
    smallest_d = min(row["dataset_tokens"] for row in rows)
    for i in (0, 1, 117, 230):
        row = rows[i]
        t = -design.columns[3, i]
        on = [1.0, row["benchmark"] == "ptb", row["benchmark"] == "wt2"]
        expected = np.exp(theta[:3] @ on - 0.01 * t) * (row["parameters"] / smallest_n) ** -0.07
        expected += (
            np.exp(theta[5:8] @ on - 0.03 * t) * (row["dataset_tokens"] / smallest_d) ** -0.04
        )
        assert predictor(design)(theta)[i] == pytest.approx(expected, rel=1e-13)


def test_the_multiplier_halves_transformers_at_zero(compiled, paper_sample):
    """sigma(0) = 1/2 on transformer rows and 1 elsewhere; sigma(3) = 0.9526."""
    theta = plausible_theta(compiled("m07"), np.random.default_rng(0))
    plain = predictor(compiled("m07"))(theta)
    transformer = (paper_sample["architecture"] == "transformer").to_numpy()
    for gamma, factor in [(0.0, 0.5), (3.0, 0.9525741268224334), (-800.0, 0.0)]:
        with np.errstate(over="ignore"):
            scaled = predictor(compiled("transformer"))(np.append(theta, gamma))
        np.testing.assert_allclose(scaled, plain * np.where(transformer, factor, 1), rtol=1e-13)


def test_linear_terms_add_to_the_exponentials(compiled, paper_sample):
    theta = plausible_theta(compiled("m07"), np.random.default_rng(0))
    gamma = np.array([1.0, 0.3, -0.2])
    on = (
        (paper_sample["benchmark"] == "ptb").to_numpy(),
        (paper_sample["benchmark"] == "wt2").to_numpy(),
    )
    np.testing.assert_allclose(
        predictor(compiled("irreducible"))(np.append(theta, gamma)),
        predictor(compiled("m07"))(theta) + 1.0 + 0.3 * on[0] - 0.2 * on[1],
        rtol=1e-13,
    )


def test_the_penalty_is_on_every_parameter(compiled):
    """Intercepts and benchmark dummies included."""
    design = compiled("m07")
    response = np.linspace(2, 5, design.n)
    theta = plausible_theta(design, np.random.default_rng(3))
    free = objective(design, response, 0.0)(theta)
    assert free == pytest.approx(np.mean((response - prediction(design, theta)) ** 2), rel=1e-13)
    for j in range(design.p):
        alone = np.zeros(design.p)
        alone[j] = theta[j]
        difference = objective(design, response, 0.02)(alone) - objective(design, response, 0)(
            alone
        )
        # a difference of numbers near 1
        assert difference == pytest.approx(0.02 * abs(theta[j]), abs=1e-14)


@pytest.mark.parametrize("variant", ALL)
def test_forward_differences_are_bit_by_bit_what_scipy_takes(compiled, variant):
    """Where the published optimiser stops depends on rounding."""
    design = compiled(variant)
    rng = np.random.default_rng(5)
    rows = rng.integers(design.n, size=design.n)
    value = objective(design.rows(rows), rng.normal(3, 1, design.n), 0.0025)
    thetas = [np.zeros(design.p), plausible_theta(design, rng), plausible_theta(design, rng, 3.0)]
    thetas.append(np.append(1e12, thetas[1][1:]))  # here the step is lost and SciPy takes another
    for theta in thetas:
        with np.errstate(all="ignore"):
            expected = approx_derivative(value, theta, method="2-point", abs_step=STEP)
            found = forward_differences(value)(theta)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("variant", ALL)
def test_compiled_prediction_is_the_reference(compiled, variant):
    design = compiled(variant)
    for seed, size in [(0, 0.4), (1, 3.0)]:
        theta = plausible_theta(design, np.random.default_rng(seed), size)
        expected = prediction(design, theta)
        # sums of up to 18 rounded terms in another order
        np.testing.assert_allclose(predictor(design)(theta), expected, rtol=1e-12)
        np.testing.assert_allclose(predict(design, theta), expected, rtol=1e-12)


@pytest.mark.parametrize("variant", ALL)
@pytest.mark.parametrize("weighted", [False, True])
def test_closed_form_derivatives(compiled, variant, weighted):
    """Jacobian and gradient against the complex step, Hessian against its central differences."""
    design = compiled(variant)
    rng = np.random.default_rng(11)
    response = rng.normal(3.5, 0.7, design.n)
    weights = rng.integers(0, 4, design.n) if weighted else None
    task = problem(design, response, 0.0025, weights)
    theta = plausible_theta(design, rng)
    residual, slopes, curvature = derivatives(task, theta)
    np.testing.assert_allclose(residual, response - prediction(design, theta), atol=1e-12)
    expected = jacobian(design, theta)
    np.testing.assert_allclose(slopes, expected, rtol=1e-10, atol=1e-12 * np.abs(expected).max())
    np.testing.assert_allclose(
        -2 * slopes.T @ (task.weights * residual), gradient(task, theta), rtol=1e-9, atol=1e-11
    )
    # relative to the diagonal; the error of a central difference is step^2 = 1e-10 of the third
    # derivative, and the widest column (n log Y) is about 100
    step = 1e-5 / np.sqrt((slopes**2).mean(axis=0)).max()
    numeric = hessian(task, theta, step)
    scale = np.sqrt(np.outer(np.abs(numeric).max(axis=0), np.abs(numeric).max(axis=1)))
    assert np.abs((curvature - numeric) / scale).max() < 1e-7
    np.testing.assert_allclose(curvature, curvature.T, rtol=1e-12)
