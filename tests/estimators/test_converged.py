"""The converged estimator against minima and certificates found by other means."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from independent import (
    USER_VARIANTS,
    jacobian,
    mean_square,
    penalised,
    plausible_theta,
    polish,
    prediction,
    simulated_sample,
    smallest_subgradient,
)
from plain import Compiler

from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import (
    AGREEMENT,
    CERTIFICATE,
    descend,
    predict,
    problem,
    solve,
    subgradient,
    thorough,
)
from algoprog.estimators.published import solve_published
from algoprog.estimators.replicates import solve_replicates
from algoprog.model.model import observations
from algoprog.resampling.scheme import weights_of

BENCHMARKS = {"baseline": "wt103", "definitions": {"wt103": {}, "wt2": {}, "ptb": {}}}
# A converged objective carries the rounding of a mean of squares and of Newton's last step,
# 1e-13; two descents to one minimum agree to this.
SAME = 1e-10
# Examples are the same in every run, so a failure is never chance.
EXAMPLES = settings(max_examples=15, deadline=None, derandomize=True, database=None)


@pytest.fixture(scope="module")
def own(paper_sample):
    return observations(paper_sample, "own").response


@pytest.fixture(scope="module")
def first_available(paper_sample):
    return observations(paper_sample, "first_available").response


def resampled(n, seed):
    rng = np.random.default_rng(seed)
    return np.bincount(rng.integers(n, size=n), minlength=n).astype(float)


def test_the_minimum_of_the_published_objective(compiled, first_available):
    """The specification's numbers: 0.0507223 and 6.1 months (published: 0.0518129 and 8.7)."""
    best = solve(compiled("m07"), first_available, 0.0025)
    assert best.objective <= 0.05072227
    # where the specification found it; far below would be another objective
    assert best.objective == pytest.approx(0.0507223, abs=5e-8)
    assert best.certified
    assert best.n_at_best >= 3
    at = best.estimates()
    growth = at["alpha_year"] / at["alpha_param"] + at["beta_year"] / at["beta_data"]
    assert 12 * np.log(2) / growth == pytest.approx(6.1, abs=0.05)


@pytest.mark.parametrize("variant", ["m02", "m07", "m12", "m14", "m18", *USER_VARIANTS])
@pytest.mark.parametrize("delta", [0.0, 0.0025, 0.02])
def test_a_general_optimiser_cannot_improve_it(compiled, own, variant, delta):
    """L-BFGS-B on the split problem, started at the solution, gains nothing."""
    best = solve(compiled(variant), own, delta)
    if variant == "irreducible" and delta == 0:
        # the infimum is at infinity (exp(a - x) - exp(a) tends to a line): the fit says so, by its
        # certificate or by how few starts got as far
        assert not best.certified or best.n_at_best < AGREEMENT
        return
    task = problem(compiled(variant), own, delta)
    assert best.objective == pytest.approx(penalised(task, best.theta), rel=1e-12)
    assert best.mean_square == pytest.approx(mean_square(task, best.theta), rel=1e-12)
    _, polished = polish(task, best.theta)
    assert polished >= best.objective - SAME


def test_a_general_optimiser_improves_what_is_not_a_minimum(compiled, own):
    """The check above can fail: the published stop is not a minimum."""
    task = problem(compiled("m07"), own, 0.0025)
    theta, value = solve_published(compiled("m07"), own, 0.0025)
    assert polish(task, theta)[1] < value - 1e-5
    assert subgradient(task, theta) > 1e-4


@pytest.mark.parametrize("variant", ["m01", "m07", "m12", "everything"])
@pytest.mark.parametrize("delta", [0.0025, 0.02])
def test_the_certificate_is_the_optimality_condition(compiled, own, variant, delta):
    """g_j = -delta sign(theta_j), |g_j| <= delta at zero, with g from the complex step."""
    best = solve(compiled(variant), own, delta)
    task = problem(compiled(variant), own, delta)
    worst = np.abs(smallest_subgradient(task, best.theta)).max()
    assert worst <= 1e-8 * delta * 100  # relative to delta + |g|, and |g| is below 100 delta
    assert best.certified
    assert best.subgradient <= CERTIFICATE
    if delta == 0.02:
        assert (best.theta == 0).any()  # exactly, not nearly
        # moving any parameter, also off zero, raises the objective
        for j in range(task.design.p):
            for step in (-1e-4, 1e-4):
                moved = best.theta.copy()
                moved[j] += step
                assert penalised(task, moved) > best.objective


@pytest.mark.parametrize("variant", ["m07", "m12", "everything"])
@pytest.mark.parametrize("delta", [0.0, 0.01])
def test_the_certificate_at_any_point(compiled, own, variant, delta):
    """Its definition: component over 2 rms(r) rms(dyhat/dtheta_j) + delta, the largest."""
    design = compiled(variant)
    rng = np.random.default_rng(8)
    task = problem(design, own, delta, resampled(design.n, 8))
    some_zero = plausible_theta(design, rng)
    some_zero[[1, 3]] = 0.0
    # at zeros every component is that of a parameter at zero
    for theta in (some_zero, np.zeros(design.p)):
        slopes = np.sqrt(task.weights @ jacobian(design, theta) ** 2)
        scale = 2 * np.sqrt(mean_square(task, theta)) * slopes + delta
        expected = (np.abs(smallest_subgradient(task, theta)) / scale).max()
        assert subgradient(task, theta) == pytest.approx(expected, rel=1e-9)
        assert expected > 1e-3


@given(seed=st.integers(0, 2**32), delta=st.sampled_from([0.0, 0.01, 0.3]))
@EXAMPLES
def test_brute_force_in_two_dimensions(seed, delta):
    """No point of a grid over two parameters is better, and from its best one gets no further."""
    rng = np.random.default_rng(seed)
    sample = simulated_sample(rng, 40)
    spec = (
        {"exponentials": [{"rate": "-t", "level": 1}, {"rate": "-t"}]}
        if seed % 2
        else {"exponentials": [{"level": 1, "e": "-n"}]}
    )
    design = Compiler.of(sample, BENCHMARKS).rows("two", spec, sample)
    assert design.p == 2
    response = np.exp(rng.normal()) * np.exp(-0.1 * rng.random() * np.arange(40)) + rng.normal(
        0, 0.2, 40
    )
    weights = resampled(40, seed)
    best = solve(design, response, delta, weights)
    task = problem(design, response, delta, weights)
    axis = np.linspace(-4, 4, 161)  # zero is on it
    grid = np.array(np.meshgrid(axis, axis)).reshape(2, -1)
    fitted = np.zeros((40, grid.shape[1]))
    for term in design.terms:
        used = slice(term.start, term.stop)
        with np.errstate(over="ignore"):
            fitted += np.exp(design.columns[used].T @ grid[design.parameter_of_column[used]])
    with np.errstate(over="ignore"):
        values = task.weights @ (response[:, None] - fitted) ** 2
    values += delta * np.abs(grid).sum(axis=0)
    assert best.objective <= values.min() + 1e-12
    _, polished = polish(task, grid[:, values.argmin()])
    assert best.objective <= polished + SAME
    if np.abs(best.theta).max() < 3.9:
        assert polished == pytest.approx(best.objective, abs=1e-9)
        assert best.certified


@pytest.mark.parametrize("variant", ["m07", "m10", "m13", "m15"])
def test_random_starts_find_nothing_better(compiled, own, paper_sample, variant):
    """On the full sample and on replicates of whole papers, at the headline's delta."""
    design = compiled(variant)
    papers = observations(paper_sample, "own").papers
    full = solve(design, own, 0.0025)
    rng = np.random.default_rng(17)
    starts = np.array([plausible_theta(design, rng, size) for size in np.repeat([0.3, 1, 2], 25)])
    for replicate in range(-1, 4):
        draws = rng.integers(papers.max() + 1, size=papers.max() + 1)
        weights = np.bincount(draws, minlength=papers.max() + 1)[papers] if replicate >= 0 else None
        best = solve(design, own, 0.0025, weights, warm=full.minima)
        task = problem(design, own, 0.0025, weights)
        _, objectives, _, sizes = descend(task, starts)
        assert best.certified
        assert best.objective <= objectives[sizes <= CERTIFICATE].min() * (1 + 1e-9)


@given(
    alpha=st.tuples(st.floats(0.3, 1.5), st.floats(0.01, 0.08), st.floats(0.03, 0.12)),
    beta=st.tuples(st.floats(0.3, 1.5), st.floats(0.01, 0.08), st.floats(0.03, 0.12)),
    dummies=st.tuples(*[st.floats(-0.3, 0.3)] * 4),
)
@EXAMPLES
def test_parameters_without_noise_come_back(compiled, alpha, beta, dummies):
    theta = np.array([alpha[0], *dummies[:2], *alpha[1:], beta[0], *dummies[2:], *beta[1:]])
    design = compiled("m07")
    best = solve(design, prediction(design, theta), 0.0)
    # zero but for rounding of responses near 3, squared
    assert best.objective < 1e-20
    # the flattest direction has 1e-7 of the curvature: rounding 1e-16 / 1e-7, with a margin
    np.testing.assert_allclose(best.theta, theta, atol=1e-6)


@pytest.mark.parametrize("variant", ["m12", "m14", "m18", "m19", "transformer", "imposed"])
def test_other_variants_without_noise_come_back(compiled, variant):
    design = compiled(variant)
    theta = np.abs(plausible_theta(design, np.random.default_rng(2), 0.5))
    best = solve(design, prediction(design, theta), 0.0)
    assert best.objective < 1e-18
    task = problem(design, prediction(design, theta), 0.0)
    flattest = np.linalg.eigvalsh(_scaled_curvature(task, theta)).min()
    scale = np.sqrt((jacobian(design, theta) ** 2).mean(axis=0))
    assert np.abs((best.theta - theta) * scale).max() < 1e-9 / np.sqrt(flattest)


def _scaled_curvature(task, theta):
    slopes = jacobian(task.design, theta)
    slopes = slopes / np.sqrt((slopes**2).mean(axis=0))
    return slopes.T @ slopes / len(slopes)


@given(seed=st.integers(0, 2**32), delta=st.sampled_from([0.0, 0.0025, 0.01]))
@EXAMPLES
def test_weights_are_repeated_rows(compiled, own, seed, delta):
    design = compiled("m07")
    weights = resampled(design.n, seed)
    rows = np.repeat(np.arange(design.n), weights.astype(int))
    weighted = solve(design, own, delta, weights)
    repeated = solve(design.rows(rows), own[rows], delta, warm=weighted.minima)
    again = solve(design, own, delta, 7.5 * weights, warm=repeated.minima)
    assert repeated.objective == pytest.approx(again.objective, rel=SAME)
    # of predictions, for without a penalty an intercept near -20 hardly matters to anything; where
    # objectives agree to 1e-9 predictions do to its square root
    found = [predict(design, fit.theta) for fit in (again, repeated)]
    np.testing.assert_allclose(*found, atol=1e-4)


@pytest.mark.parametrize("variant", ["m01", "m07", "m12", "everything"])
@pytest.mark.parametrize("delta", [0.0, 0.0025])
def test_the_order_of_rows_is_no_matter(compiled, own, variant, delta):
    design = compiled(variant)
    order = np.random.default_rng(6).permutation(design.n)
    straight = solve(design, own, delta)
    shuffled = solve(design.rows(order), own[order], delta)
    assert shuffled.objective == pytest.approx(straight.objective, rel=SAME)
    np.testing.assert_allclose(shuffled.theta, straight.theta, atol=1e-5)


@pytest.mark.parametrize("variant", ["m07", "m10", "m11"])
def test_the_baseline_is_a_choice_of_words_without_a_penalty(
    paper_sample, benchmarks, paper_config, own, variant
):
    fits = {
        (baseline, delta): solve(
            Compiler.of(paper_sample, {**benchmarks, "baseline": baseline}).rows(
                variant, paper_config["variants"][variant], paper_sample
            ),
            own,
            delta,
        )
        for baseline in ("wt103", "ptb", "wt2")
        for delta in (0.0, 0.0025)
    }
    reference = fits["wt103", 0.0]
    for other in ("ptb", "wt2"):
        fit = fits[other, 0.0]
        assert fit.objective == pytest.approx(reference.objective, rel=1e-9)
        np.testing.assert_allclose(
            prediction(fit.design, fit.theta),
            prediction(reference.design, reference.theta),
            atol=1e-5,
        )
    if variant == "m07":
        months = [_compute_doubling(fits[name, 0.0].estimates()) for name in ("wt103", "ptb")]
        assert months[0] == pytest.approx(months[1], rel=1e-5)
        # it does enter where there is a penalty, so the compilations above differ
        with_penalty = [fits[name, 0.0025].objective for name in ("wt103", "ptb")]
        assert abs(with_penalty[0] - with_penalty[1]) > 1e-6


def _compute_doubling(at):
    return (
        12 * np.log(2) / (at["alpha_year"] / at["alpha_param"] + at["beta_year"] / at["beta_data"])
    )


def test_units_are_no_matter(paper_sample, compiler, benchmarks, paper_config, own):
    """Counts in thousands change nothing; another origin changes the intercepts alone."""
    spec = paper_config["variants"]["m07"]
    reference = solve(compiler.rows("m07", spec, paper_sample), own, 0.0)
    thousands = paper_sample.with_columns(
        paper_sample["parameters"] / 1e3, paper_sample["dataset_tokens"] * 7
    )
    rescaled = solve(Compiler.of(thousands, benchmarks).rows("m07", spec, thousands), own, 0.0)
    assert rescaled.objective == pytest.approx(reference.objective, rel=SAME)
    np.testing.assert_allclose(rescaled.theta, reference.theta, atol=1e-6)
    moved = dataclasses.replace(
        compiler.origin,
        log_parameters=compiler.origin.log_parameters - 10,
        log_tokens=compiler.origin.log_tokens + 2,
        first_year=compiler.origin.first_year - 30,
    )
    design = dataclasses.replace(
        compiler, units=dataclasses.replace(compiler.units, origin=moved)
    ).rows("m07", spec, paper_sample)
    elsewhere = solve(design, own, 0.0)
    assert elsewhere.objective == pytest.approx(reference.objective, rel=1e-9)
    old, new = reference.estimates(), elsewhere.estimates()
    for name in set(old) - {"alpha_const", "beta_const"}:
        assert new[name] == pytest.approx(old[name], abs=1e-5)
    assert new["alpha_const"] - old["alpha_const"] == pytest.approx(
        30 * old["alpha_year"] + 10 * old["alpha_param"], abs=1e-3
    )
    assert _compute_doubling(new) == pytest.approx(_compute_doubling(old), rel=1e-4)


@given(seed=st.integers(0, 2**32))
@EXAMPLES
def test_any_variant_on_any_data_ends_at_a_minimum(seed):
    """Random formulas, data, weights and penalty: certified, and nothing polishes it."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(30, 80))
    sample = simulated_sample(rng, n)
    variables = rng.permutation(["t", "n", "d", "c", "T", "t:T", "log(Y)", "d_effective"])
    spec = {
        "exponentials": [
            {"a": "1 + b" if seed % 2 else 1, "x0": f"-{variables[0]}", "x1": f"-{variables[1]}"},
            {"g": 1, "y0": f"-{variables[2]}", "x0": f"-{variables[3]}"},
        ]
    }
    if seed % 3 == 0:
        spec["linear"] = {"l": f"{variables[4]}"}
    if seed % 5 == 0:
        spec["multiplier"] = {"gamma": "T"}
    design = Compiler.of(sample, BENCHMARKS).rows("any", spec, sample)
    truth = prediction(design, plausible_theta(design, rng, 0.6))
    response = truth + rng.normal(0, 0.05 * truth.std() + 0.01, n)
    delta = float(rng.choice([0.001, 0.01, 0.1]))
    weights = resampled(n, seed)
    best = solve(design, response, delta, weights)
    task = problem(design, response, delta, weights)
    assert best.certified
    assert polish(task, best.theta)[1] >= best.objective - SAME
    assert best.objective <= polish(task, np.zeros(design.p))[1] + SAME


@pytest.mark.parametrize("variant", ["m07", "m12", "everything"])
def test_replicates_are_fits_of_their_weights(compiled, own, variant):
    """Whatever their company; the batch keeps nothing from one replicate to the next."""
    design = compiled(variant)
    weights = np.array([resampled(design.n, seed) for seed in range(6)])
    full = solve(design, own, 0.0025)
    together = solve_replicates(design, own, 0.0025, weights, full.minima)
    alone = solve_replicates(design, own, 0.0025, 3 * weights[4:5], full.minima)
    np.testing.assert_allclose(alone.theta[0], together.theta[4], atol=1e-6)
    assert together.certified.all()
    assert (together.n_at_best >= 3).all()
    for i, w in enumerate(weights):
        best = solve(design, own, 0.0025, w, warm=together.theta)
        assert together.objective[i] == pytest.approx(best.objective, rel=SAME)
        task = problem(design, own, 0.0025, w)
        assert together.objective[i] == pytest.approx(penalised(task, together.theta[i]), rel=1e-12)
        assert together.mean_square[i] == pytest.approx(
            mean_square(task, together.theta[i]), rel=1e-12
        )
    with pytest.raises(ValueError, match="weights"):
        solve_replicates(design, own, 0.0025, -weights, full.minima)


@pytest.mark.parametrize(("variant", "delta"), [("m07", 0.0025), ("m15", 0.0025)])
def test_replicates_reach_what_whole_descents_reach(compiled, own, paper_sample, variant, delta):
    """Their starts are some steps along the full sample's descents; these are from the start."""
    design = compiled(variant)
    papers = observations(paper_sample, "own").papers
    weights = weights_of(5, variant, delta, range(40), papers, "papers")
    full = thorough(design, own, delta)
    fits = solve_replicates(design, own, delta, weights, full.minima)
    assert fits.certified.all()
    found_by_starts = 0
    for weight, objective in zip(weights, fits.objective, strict=True):
        best = solve(design, own, delta, weight, warm=full.minima, perturbed=16)
        assert objective <= best.objective * (1 + 1e-7)
        from_minima = descend(problem(design, own, delta, weight), full.minima)[1].min()
        found_by_starts += objective < from_minima * (1 - 1e-7)
    assert found_by_starts > 0  # so the full sample's minima alone would not do


@pytest.mark.parametrize("variant", ["m07", "m11", "m13"])
def test_starts_go_on_until_several_agree(compiled, own, variant):
    """On some of these resamples fewer than three of the first round's starts do."""
    for seed in range(20):
        best = solve(compiled(variant), own, 0.0025, resampled(231, seed))
        assert best.certified
        assert best.n_at_best >= 3


def test_a_penalty_without_end_leaves_zeros(compiled, own):
    """Every exponential is then exp(0) = 1."""
    best = solve(compiled("m07"), own, 1e3)
    assert not best.theta.any()
    assert best.objective == pytest.approx(np.mean((own - 2) ** 2), rel=1e-13)
    assert best.certified


def test_the_objective_grows_with_the_penalty_and_parameters_lower_it(compiled, own):
    values = [solve(compiled("m07"), own, delta).objective for delta in (0, 0.001, 0.0025, 0.01)]
    assert values == sorted(values)
    # m07 is nested in m10, m10 in m11, m02 in m01
    for small, large in [("m07", "m10"), ("m10", "m11"), ("m02", "m01"), ("m07", "transformer")]:
        assert (
            solve(compiled(large), own, 0.0).objective < solve(compiled(small), own, 0.0).objective
        )


@pytest.mark.parametrize(
    "response",
    [
        np.full(231, 3.0),
        np.zeros(231),
        np.full(231, -2.0),
        np.geomspace(1e-200, 1e100, 231),
        np.where(np.arange(231) == 5, 1e9, 3.0),
    ],
    ids=["constant", "zero", "negative", "huge", "outlier"],
)
@pytest.mark.parametrize("delta", [0.0, 0.0025])
def test_absurd_responses_end_in_numbers(compiled, response, delta):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        best = solve(compiled("m07"), response, delta)
    assert np.isfinite(best.theta).all()
    assert np.isfinite(best.objective)
    task = problem(compiled("m07"), response, delta)
    assert best.objective <= penalised(task, np.zeros(10))
    assert best.certified == (best.subgradient <= CERTIFICATE)
    # the last two are beyond what rounding lets anyone certify
    if delta > 0 and np.ptp(response) == 0:
        assert best.certified


@pytest.mark.parametrize("size", [1e3, -1e3, 1e300, np.inf, np.nan])
def test_absurd_warm_starts_cost_nothing(compiled, own, size):
    cold = solve(compiled("m07"), own, 0.0025)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warm = solve(compiled("m07"), own, 0.0025, warm=np.full((2, 10), size))
    assert warm.objective == pytest.approx(cold.objective, rel=SAME)
    assert warm.certified
    assert np.isfinite(warm.minima_objectives).all()
    assert warm.n_starts == cold.n_starts + 2


def test_warm_starts_are_used(compiled, own):
    """One at the minimum counts among those that agree, and needs no others to be found."""
    cold = solve(compiled("m07"), own, 0.0025)
    warm = solve(compiled("m07"), own, 0.0025, warm=np.repeat(cold.theta[None, :], 5, axis=0))
    assert warm.n_at_best >= cold.n_at_best + 5
    one = solve(compiled("m07"), own, 0.0025, warm=cold.theta)
    assert one.n_starts == cold.n_starts + 1


def test_minima_are_certified_distinct_and_in_order(compiled, own):
    several = 0
    for variant in ("m07", "m10", "m13"):
        for seed in range(4):
            weights = resampled(231, seed)
            best = solve(compiled(variant), own, 0.0, weights)
            task = problem(compiled(variant), own, 0.0, weights)
            values = best.minima_objectives
            assert values[0] == best.objective
            assert (np.diff(values) > 1e-9 * best.objective).all()
            for theta, value in zip(best.minima, values, strict=True):
                assert subgradient(task, theta) <= CERTIFICATE
                assert penalised(task, theta) == pytest.approx(value, rel=1e-12)
            several += len(values) > 1
            assert best.gap == (values[1] - values[0] if len(values) > 1 else np.inf)
            assert 1 <= best.n_at_best <= best.n_starts
    assert several


def test_the_same_problem_has_the_same_answer_to_the_bit(compiled, own):
    first, second = (solve(compiled("m10"), own, 0.0025) for _ in range(2))
    assert first.theta.tobytes() == second.theta.tobytes()
    assert first.objective == second.objective


@pytest.mark.parametrize(
    "wrong",
    [
        {"response": np.zeros(230)},
        {"response": np.full(231, np.nan)},
        {"response": np.full(231, np.inf)},
        {"delta": -0.1},
        {"delta": float("nan")},
        {"weights": np.ones(3)},
        {"weights": np.zeros(231)},
        {"weights": np.full(231, -1.0)},
        {"weights": np.full(231, np.nan)},
        {"weights": np.full(231, np.inf)},
    ],
    ids=lambda wrong: " ".join(f"{key} {np.ravel(value)[0]}" for key, value in wrong.items()),
)
def test_wrong_arguments_are_refused(compiled, own, wrong):
    arguments = {"response": own, "delta": 0.0025, "weights": None} | wrong
    with pytest.raises(ValueError, match=next(iter(wrong))):
        solve(compiled("m07"), **arguments)


def test_seeds_depend_on_every_name():
    seeds = {
        seed_of(*names) for names in [(1, "m01"), (1, "m02"), (2, "m01"), ("1m01",), (1, "m0", 1)]
    }
    assert len(seeds) == 5
    assert seed_of(1, "m01") == seed_of("1", "m01")
    assert all(0 <= seed < 2**128 for seed in seeds)
