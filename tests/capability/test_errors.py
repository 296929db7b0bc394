"""Errors carried: sandwich, identity, hierarchical model, bootstrap and simulated coverage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from capability_data import fitted, register, sample, with_compute
from scipy.stats import multivariate_normal

from algoprog.capability.bootstrap import (
    CLUSTERS,
    SecondStage,
    bootstrap,
    cluster_labels,
    draw_weights,
)
from algoprog.capability.coverage import HEADLINE, World, coverage
from algoprog.capability.errors import (
    capability_bars,
    difficulty_bars,
    jacobian,
    sampling_errors,
)
from algoprog.capability.hierarchical import (
    evaluate,
    family_labels,
    fieller,
    fit_hierarchical,
    strata,
)
from algoprog.capability.identity import identity, rate_with_k
from algoprog.capability.rates import LN10, family_gains, joint_rate
from algoprog.capability.response import ResponseModel, Start, fit_response


@pytest.fixture(scope="module")
def chosen():
    return with_compute()


@pytest.fixture(scope="module")
def joint(chosen):
    return fit_hierarchical(strata(chosen))


def test_hessian_is_the_derivative_of_the_gradient():
    """The Hessian against differences of the gradient of the specification's objective."""
    fit = fit_response(sample().pairs, ResponseModel(floor=True))
    _, H = jacobian(fit)
    pairs, M, n = fit.pairs, len(fit.capability), len(fit.difficulty)
    x = np.concatenate([fit.capability, fit.difficulty, fit.slope])
    shift = np.concatenate([np.full(M + n, fit.shift), np.zeros(n)])

    def gradient(x):
        moved = replace(
            fit, capability=x[:M], difficulty=x[M : M + n], slope=x[M + n :], shift=fit.shift
        )
        J, _ = jacobian(moved)
        return J.T @ moved.residual + fit.penalty * (x + shift)

    for j in (0, 50, M + 3, M + n - 1, M + n + 5):
        h = np.zeros(len(x))
        h[j] = 1e-6
        slope = (gradient(x + h) - gradient(x - h)) / 2e-6
        assert slope == pytest.approx(H[:, j], abs=1e-6)
    assert pairs.guessing.any()


def test_sampling_errors(chosen):
    fit = fitted()
    errors = sampling_errors(fit)
    assert errors.effective_parameters == pytest.approx(250, abs=5)
    anchor = fit.pairs.position("Winogrande")
    assert errors.difficulty[anchor] == pytest.approx(0, abs=1e-12)
    assert errors.slope[anchor] == 0
    assert (errors.capability > 0).all()
    clustered = sampling_errors(fit, fit.pairs.benchmark)
    assert not np.allclose(clustered.capability, errors.capability)


def test_sampling_errors_are_the_spread_over_repeated_data():
    fit = fitted()
    errors = sampling_errors(fit)
    rng = np.random.default_rng(5)
    p = fit.expected(fit.capability[fit.pairs.version], fit.pairs.benchmark)
    deviation = errors.residual_deviation
    found = [
        fit_response(
            replace(fit.pairs, score=p + rng.normal(0, deviation, len(p))), start=Start.of(fit)
        ).capability
        for _ in range(60)
    ]
    spread = np.std(found, axis=0)
    assert np.median(errors.capability / spread) == pytest.approx(1, abs=0.2)


def test_published_bars_end_where_squares_are_five_per_cent_more():
    fit = fitted()
    down, up = capability_bars(fit)
    for bars, sign in ((down, -1), (up, 1)):
        r = fit.expected((fit.capability + sign * bars)[fit.pairs.version], fit.pairs.benchmark)
        at = np.bincount(fit.pairs.version, (r - fit.pairs.score) ** 2)
        here = np.bincount(fit.pairs.version, fit.residual**2)
        inside = bars < 9.99
        assert at[inside] == pytest.approx(1.05 * here[inside], rel=1e-6)
    lower, upper = difficulty_bars(fit)
    assert (lower > 0).all() and (upper > 0).all()


def test_identity_and_the_error_of_k(chosen):
    gains = family_gains(chosen)
    parts = identity(chosen, gains)
    assert np.exp(parts.growth) == pytest.approx(5.84, abs=5e-3)
    assert parts.part_of_k > 2.5 * parts.part_of_trend  # the largest error is the one left out
    normal = rate_with_k(chosen, gains, small_sample=False)
    assert (normal.rate_low, normal.rate_high) == pytest.approx((1.8, 19), rel=0.03)
    small = rate_with_k(chosen, gains, small_sample=True)
    assert (small.rate_low, small.rate_high) == pytest.approx((0.5, 72), rel=0.06)


def test_an_affine_change_of_capability_leaves_the_rate(chosen, joint):
    moved = replace(chosen, capability=110 + 22 * chosen.capability)
    a = identity(chosen, family_gains(chosen))
    b = identity(moved, family_gains(moved))
    assert b.growth == pytest.approx(a.growth)
    assert joint_rate(moved).low == pytest.approx(joint_rate(chosen).low)
    other = fit_hierarchical(strata(moved))
    assert other.growth == pytest.approx(joint.growth, rel=1e-5)
    assert other.growth_error == pytest.approx(joint.growth_error, rel=1e-4)


def test_the_hierarchical_fit(chosen, joint):
    rate = joint.rate()
    assert (rate.rate, rate.rate_low, rate.rate_high) == pytest.approx((17.9, 5.8, 55), rel=0.01)
    restricted = fit_hierarchical(strata(chosen), restricted=True).rate()
    assert restricted.high - restricted.low > rate.high - rate.low


def test_the_rotated_likelihood_is_the_model_s(chosen, joint):
    """Against the dense covariance of the model as written."""
    labels = np.array(family_labels(chosen))
    x = chosen.ln_compute - chosen.ln_compute.mean()
    n = len(x)
    V = joint.sigma**2 * np.eye(n)
    for name in np.unique(labels):
        i = np.flatnonzero(labels == name)
        z = x[i] - x[i].mean()
        V[np.ix_(i, i)] += joint.tau_b**2 + joint.tau_k**2 * np.outer(z, z)
    X = np.column_stack([np.ones(n), x, chosen.t - chosen.t.mean()])
    dense = multivariate_normal.logpdf(chosen.capability, X @ joint.effects, V)
    assert joint.log_likelihood == pytest.approx(dense, rel=1e-9)
    inverse = np.linalg.inv(X.T @ np.linalg.solve(V, X))
    assert joint.covariance == pytest.approx(inverse, rel=1e-6)


@pytest.mark.parametrize("restricted", [False, True])
def test_the_gradient_of_the_likelihood(chosen, restricted):
    rows, at, h = strata(chosen), np.array([0.7, -2.5]), 1e-6
    made = evaluate(rows, at, restricted).gradient
    for j in range(2):
        step = h * np.eye(2)[j]
        up, down = (evaluate(rows, at + s * step, restricted).minus for s in (1, -1))
        assert made[j] == pytest.approx((up - down) / (2 * h), rel=1e-5)


def test_fieller_s_set_solves_its_equation(joint):
    estimates, V = joint.effects[1:], joint.covariance[1:, 1:]
    for end in fieller(estimates, V, 2.0):
        c = np.array([-end, 1.0])
        assert (c @ estimates) ** 2 == pytest.approx(4 * c @ V @ c)
    assert fieller(np.array([0.01, 1.0]), V, 2.0) == (-np.inf, np.inf)


def test_draws_depend_on_their_number_alone(chosen, joint):
    fit = fitted()
    labels = cluster_labels(fit, register("versions"))
    stage = SecondStage.of(chosen, joint.ratios)
    whole = bootstrap(fit, stage, labels, "families", range(4))
    part = bootstrap(fit, stage, labels, "families", range(2, 4))
    assert np.array_equal(whole.values[2:], part.values)
    assert whole.unconverged == 0


def test_equal_weights_give_the_point_estimates(chosen, joint):
    found = SecondStage.of(chosen, joint.ratios).quantities(chosen.capability, np.ones(68))
    assert np.exp(found[3]) == pytest.approx(5.84, abs=5e-3)
    assert found[4] / LN10 == pytest.approx(1.206, abs=5e-4)
    assert found[5] == pytest.approx(joint.growth, rel=1e-9)


@pytest.mark.parametrize("clusters", CLUSTERS)
def test_weights_are_common_within_clusters(clusters):
    labels = cluster_labels(fitted(), register("versions"))
    version, benchmark = draw_weights(labels, clusters, 1)
    assert version.mean() == pytest.approx(1) and benchmark.mean() == pytest.approx(1)
    if clusters in ("families", "organisations"):
        groups = getattr(labels, clusters)
        for group in range(groups.max() + 1):
            assert np.ptp(version[groups == group]) == 0
        assert (benchmark == 1).all()


def test_the_published_interval_rarely_holds_the_truth_and_ours_does(chosen, joint):
    fit = fitted()
    errors = sampling_errors(fit)
    world = World.of(fit, chosen, joint, errors.effective_parameters)
    found = coverage(world, range(60))
    assert found.share("A published") < 0.45
    assert found.share(HEADLINE) > 0.85
    again = coverage(world, range(10, 12))
    assert np.array_equal(again.width, found.width[10:12])


def test_a_warm_start_ends_where_a_cold_one_does():
    pairs = sample().pairs
    weight = np.random.default_rng(0).exponential(size=len(pairs))
    warm = fit_response(pairs, weight=weight, start=Start.of(fitted()))
    cold = fit_response(pairs, weight=weight)
    assert warm.capability == pytest.approx(cold.capability, abs=1e-6)
    assert warm.certificate.iterations < cold.certificate.iterations
