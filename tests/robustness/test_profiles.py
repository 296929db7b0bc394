"""Profile along growth: against merged columns, brute force, and the ordinary minimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from independent import prediction
from plain import Compiler, profile
from scipy.optimize import minimize

from algoprog.estimators.converged import STARTS_A_ROUND, Problem, descend, problem, solve, thorough
from algoprog.model.model import observations
from algoprog.robustness.bootstrap_intervals import compute_growth
from algoprog.robustness.constrained import Profiler

DELTA = 0.0025


@pytest.fixture(scope="module")
def profiler_of(compiler, compiled, paper_config, paper_sample):
    """The profiler of a variant on one benchmark, with its ordinary fit."""
    response = observations(paper_sample, "own").response

    def made(variant, benchmark="all", delta=DELTA):
        design = compiled(variant)
        parts = compiler.model(variant, paper_config["variants"][variant]).closed_form.parts[
            benchmark
        ]
        fit = thorough(design, response, delta)
        task = problem(design, response, delta)
        return Profiler.of(task, parts, fit.minima, STARTS_A_ROUND), fit

    return made


@pytest.fixture(scope="module")
def arguments(paper_sample, benchmarks):
    return {
        "sample": paper_sample, "delta": DELTA, "response": "own", "sample_name": "paper",
        "benchmarks": benchmarks, "losses": [0.05],
    }  # fmt: skip


@pytest.mark.parametrize(("variant", "benchmark"), [("m07", "all"), ("m10", "ptb"), ("m18", "all")])
def test_at_the_fits_own_growth_the_profile_is_the_minimum(profiler_of, variant, benchmark):
    profiler, fit = profiler_of(variant, benchmark)
    growth = float(compute_growth(profiler.parts, fit.theta[None])[0])
    point = profiler.at_growth(growth, fit.theta)
    assert point.objective == pytest.approx(fit.objective, rel=1e-9)
    assert profiler.subgradient(point.theta, growth) < 1e-6


@pytest.mark.parametrize("split", [(0.5, 0.5), (-1.0, 2.0), (0.0, 1.0), (0.3, 0.0)])
def test_a_split_of_m07_is_a_fit_with_merged_columns(profiler_of, split):
    """alpha_year = g alpha_param: n and t are one column n + g t, |alpha_param| weighs 1 + |g|."""
    profiler, _ = profiler_of("m07")
    task, design = profiler.task, profiler.task.design
    columns, penalty = design.columns.copy(), task.penalty
    column = {design.parameters[j]: i for i, j in enumerate(design.parameter_of_column)}
    for g, scale, year in zip(split, ("alpha_param", "beta_data"), ("alpha_year", "beta_year"),
                              strict=True):  # fmt: skip
        columns[column[scale]] += g * columns[column[year]]
        columns[column[year]] = 0.0
        penalty[design.parameters.index(scale)] *= 1 + abs(g)

    class Weighted(Problem):
        @property
        def penalty(self):
            return penalty

    merged = Weighted(replace(design, columns=columns), task.response, task.weights, DELTA)
    found = profiler.at_split(np.array(split), profiler.starts)
    _, objectives, *_ = descend(merged, profiler.starts)
    assert found.objective == pytest.approx(objectives.min(), rel=1e-9)


def test_certificate_tells_a_constrained_minimum_from_a_point_beside_it(profiler_of):
    profiler, _ = profiler_of("m07")
    point = profiler.at_growth(1.0, profiler.starts[0])
    assert profiler.subgradient(point.theta, 1.0) < 1e-6
    assert compute_growth(profiler.parts, point.theta[None])[0] == pytest.approx(1.0, rel=1e-7)
    assert profiler.subgradient(point.theta, 1.001) > 1e-5
    assert profiler.subgradient(profiler.starts[0], 1.0) > 1e-2
    # along the constraint, but off the minimum: an intercept moves no growth
    beside = point.theta.copy()
    beside[profiler.task.design.parameters.index("beta_const")] += 1e-3
    assert profiler.subgradient(beside, 1.0) > 1e-4


@pytest.fixture(scope="module")
def small(paper_sample, benchmarks):
    """m01 on simulated data of 39 rows whose growth is 0.02 / 0.1 + 0.03 / 0.06 = 0.7 a year."""
    sample = paper_sample[::6]
    spec = {
        "exponentials": [
            {"alpha_const": 1, "alpha_year": "-t", "alpha_param": "-n"},
            {"beta_const": 1, "beta_year": "-t", "beta_data": "-d"},
        ]
    }
    compiler = Compiler.of(sample, benchmarks)
    design = compiler.rows("small", spec, sample)
    truth = np.array([1.0, 0.02, 0.1, 1.0, 0.03, 0.06])
    noise = 0.1 * np.random.default_rng(1).standard_normal(design.n)
    response = prediction(design, truth) + noise
    return design, response, compiler.model("small", spec).closed_form.parts["all"]


@pytest.mark.parametrize("growth", [-0.5, 0.0, 0.4, 2.0])
def test_profile_of_a_small_problem_by_brute_force(small, growth):
    """beta_year eliminated, SciPy from many starts: an upper bound that the profile meets."""
    design, response, parts = small
    fit = solve(design, response, DELTA)
    profiler = Profiler.of(problem(design, response, DELTA), parts, fit.minima, STARTS_A_ROUND)
    point = profiler.at_growth(growth, fit.theta)
    names = list(design.parameters)

    def full(free):
        theta = np.insert(free, names.index("beta_year"), 0.0)
        rate = theta[names.index("alpha_year")] / theta[names.index("alpha_param")]
        theta[names.index("beta_year")] = (growth - rate) * theta[names.index("beta_data")]
        return theta

    def value(free):
        theta = full(free)
        residual = response - prediction(design, theta)
        return float(np.mean(residual**2) + DELTA * np.abs(theta).sum())

    rng = np.random.default_rng(2)
    best = np.inf
    for _ in range(6):
        with np.errstate(all="ignore"):
            found = minimize(
                value,
                np.array([0.5, 0.05, 0.1, 0.5, 0.1]) * np.exp(rng.standard_normal(5)),
                method="Nelder-Mead",
                options={"maxfev": 1500, "xatol": 1e-7, "fatol": 1e-10},
            )
        best = min(best, found.fun)
    near = np.delete(point.theta, names.index("beta_year"))
    with np.errstate(all="ignore"):
        reached = value(near)
    assert point.objective <= best + 1e-9
    assert point.objective == pytest.approx(best, rel=2e-3)
    assert point.objective == pytest.approx(reached, rel=1e-6)
    assert point.objective >= fit.objective - 1e-12


def test_table_of_a_variant_with_one_exponential(arguments, paper_config):
    """m18: growth fixes alpha_year = g alpha_compute, a fit with one column less."""
    spec = paper_config["variants"]["m18"]
    points, ranges = profile(variant="m18", spec=spec, months=[4, 8, 16, np.inf], **arguments)
    assert points["certified"].all()
    assert points["relative_loss"].min() == pytest.approx(0.0, abs=1e-9)
    assert (points["relative_loss"] >= -1e-12).all()
    growth, loss = points["growth"].to_numpy(), points["relative_loss"].to_numpy()
    assert growth[0] == 0.0 and points["doubling_time_months"][0] == np.inf
    # no progress is m18 without its year term
    without = {"exponentials": [{"alpha_const": "1 + b", "alpha_compute": "-c"}]}
    seen = observations(arguments["sample"], "own")
    design = Compiler.of(arguments["sample"], arguments["benchmarks"]).rows(
        "without", without, arguments["sample"]
    )
    none = solve(design, seen.response, DELTA).objective
    assert points["objective"][0] == pytest.approx(none, rel=1e-9)
    row = ranges.row(0, named=True)
    own = growth[np.argmin(loss)]
    assert growth[0] < row["growth_low"] < own < row["growth_high"] < growth[-1]
    assert row["doubling_time_low"] == pytest.approx(12 * np.log(2) / row["growth_high"])
    # the ends are where the profile has lost five percent: growth imposed through the formula
    for g in (row["growth_low"], row["growth_high"]):
        column = f"-{{c + {g!r} * t}}"
        imposed = {"exponentials": [{"alpha_const": "1 + b", "alpha_compute": column}]}
        sample = arguments["sample"]
        design = Compiler.of(sample, arguments["benchmarks"]).rows("imposed", imposed, sample)
        fit = solve(design, seen.response, DELTA)
        # the penalty on alpha_year = g alpha_compute comes on top; it is small against five percent
        extra = DELTA * g * abs(fit.estimates()["alpha_compute"])
        lost = (fit.objective + extra) / points["objective"].min() - 1.0
        assert lost == pytest.approx(0.05, abs=1e-3)


def test_range_that_holds_no_progress_ends_at_infinity(arguments, paper_config):
    spec = paper_config["variants"]["m18"]
    changed = arguments | {"losses": [10.0]}
    _, ranges = profile(variant="m18", spec=spec, months=[4, np.inf], **changed)
    row = ranges.row(0, named=True)
    assert row["doubling_time_high"] == np.inf and row["growth_low"] is None
    assert row["doubling_time_low"] is None and row["reason"] == "slow and fast end beyond the grid"


def test_range_that_holds_no_progress_goes_on_below_it(arguments, paper_config):
    spec = paper_config["variants"]["m18"]
    changed = arguments | {"losses": [0.2, 0.5]}
    points, ranges = profile(variant="m18", spec=spec, months=[2, 16, np.inf], **changed)
    narrow, wide = ranges.iter_rows(named=True)
    assert narrow["growth_low"] > 0 and np.isfinite(narrow["doubling_time_high"])
    # 16 months mirrored is outside already
    assert points["growth"][0] == -points["growth"][2] == pytest.approx(-12 * np.log(2) / 16)
    assert points["relative_loss"][0] > 0.5 > points["relative_loss"][1]
    assert points["growth"][0] < wide["growth_low"] < 0
    assert wide["doubling_time_high"] == np.inf and wide["reason"] is None


@pytest.mark.parametrize(("variant", "reason"), [("m14", "closed form"), ("m16", "no progress")])
def test_variants_without_a_profile_say_why(arguments, paper_config, variant, reason):
    points, ranges = profile(
        variant=variant, spec=paper_config["variants"][variant], months=[8], **arguments
    )
    assert points.is_empty()
    assert ranges.height == 1 and reason in ranges["reason"][0]
    assert ranges["growth_low"][0] is None
