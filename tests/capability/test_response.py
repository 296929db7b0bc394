"""Stage 1: the minimum is that of SciPy, certified, and every option does what it says."""

from __future__ import annotations

import numpy as np
import pytest
from capability_data import fitted, sample
from scipy.optimize import minimize

from algoprog.capability.response import (
    ResponseModel,
    Start,
    fit_response,
    floor_of,
    pair_weights,
)
from algoprog.capability.sample import SampleRules


def by_hand(pairs, model, C, D, A):
    """The objective as the specification writes it."""
    g = floor_of(pairs, model)[pairs.benchmark]
    z = A[pairs.benchmark] * (C[pairs.version] - D[pairs.benchmark])
    p = g + (1 - g) / (1 + np.exp(-z))
    w = pair_weights(pairs, model)
    a = pairs.position(model.anchor)
    size = (C**2).sum() + (D**2).sum() + (np.delete(A, a) ** 2).sum()
    P = len(C) + 2 * len(D) - 1
    return 0.5 * (w * (p - pairs.score) ** 2).sum() + 0.5 * model.ridge / P * size


MODELS = [
    ResponseModel(),
    ResponseModel(ridge=1.0),
    ResponseModel(floor=True),
    ResponseModel(anchor="GPQA diamond", ridge=0.01),
    ResponseModel(weighting="sampling_error"),
]


def test_the_published_cost_and_capabilities():
    fit = fit_response(sample().pairs, more_starts=6)
    assert fit.cost == pytest.approx(3.44737995, abs=5e-9)
    assert fit.certificate.converged and fit.certificate.at_bounds == 0
    assert fit.certificate.agreeing == fit.certificate.starts == 7
    assert fit.difficulty[fit.pairs.position("Winogrande")] == 0
    assert fit.slope[fit.pairs.position("Winogrande")] == 1
    # The location before the shift is fixed by the ridge alone: sum C + sum D = 0.
    total = fit.capability.sum() + fit.difficulty.sum()
    total += fit.shift * (len(fit.capability) + len(fit.difficulty))
    assert total == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("rules", "fixed", "cost"),
    [
        (SampleRules(least_benchmarks=2), None, 3.7017),
        (None, {"claude-2.0": 1.177630, "claude-3-opus-20240229": 1.311554}, 3.5123),
    ],
)
def test_other_published_costs(rules, fixed, cost):
    fit = fit_response(sample(rules).pairs, fixed=fixed)
    assert fit.cost == pytest.approx(cost, abs=5e-5)
    for name, value in (fixed or {}).items():
        assert fit.capability[fit.pairs.versions.index(name)] == value


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_no_direction_descends_from_the_minimum(model):
    """The objective, written anew, is stationary and not lower anywhere near."""
    pairs = sample().pairs
    fit = fit_response(pairs, model)
    at = Start.of(fit)
    here = by_hand(pairs, model, at.capability, at.difficulty, at.slope)
    assert here == pytest.approx(fit.cost, rel=1e-12)
    rng = np.random.default_rng(3)
    for _ in range(20):
        c, d, a = (rng.normal(size=len(x)) for x in (at.capability, at.difficulty, at.slope))
        a[pairs.position(model.anchor)] = 0
        for h in (1e-3, -1e-3):
            moved = by_hand(
                pairs, model, at.capability + h * c, at.difficulty + h * d, at.slope + h * a
            )
            assert moved > here


def test_a_small_problem_agrees_with_scipy():
    pairs = sample().pairs
    tests = [pairs.position(name) for name in ("Winogrande", "MMLU", "GSM8K")]
    few = pairs.subset(np.isin(pairs.benchmark, tests) & (pairs.version < 60))
    model = ResponseModel(floor=True)
    fit = fit_response(few, model)
    M, n, a = len(few.versions), len(few.benchmarks), few.position("Winogrande")

    def value(x):
        slope = np.insert(x[M + n :], a, 1.0)
        return by_hand(few, model, x[:M], x[M : M + n], slope)

    start = np.concatenate([np.zeros(M + n), np.ones(n - 1)])
    other = minimize(value, start, method="L-BFGS-B",
                     options={"maxiter": 4000, "maxfun": 10**7, "ftol": 1e-13})  # fmt: skip
    assert fit.cost <= other.fun * (1 + 1e-12)
    assert fit.cost == pytest.approx(other.fun, rel=1e-5)


def test_a_weight_of_two_is_a_pair_twice():
    pairs = sample().pairs
    plain = fitted()
    ones = fit_response(pairs, weight=np.ones(len(pairs)), start=Start.of(plain))
    assert ones.capability == pytest.approx(plain.capability, abs=1e-9)
    weight = np.ones(len(pairs))
    weight[pairs.version == 3] = 0.0
    without = fit_response(pairs, weight=weight)
    rest = fit_response(pairs.subset(pairs.version != 3))
    assert np.corrcoef(np.delete(without.capability, 3), rest.capability)[0, 1] > 0.99999


def test_without_a_ridge_bounds_bind_and_the_certificate_says_so():
    fit = fit_response(sample().pairs, ResponseModel(ridge=0.0), more_starts=4)
    assert fit.certificate.converged
    assert fit.certificate.at_bounds > 0
    assert fit.cost < fitted().cost


def test_weights_of_sampling_errors_have_mean_one():
    weight = pair_weights(sample().pairs, ResponseModel(weighting="sampling_error"))
    assert weight.mean() == pytest.approx(1)
    assert weight.min() > 0
