"""A closed form held by substitution: against the method of multipliers and brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from algoprog.estimators.converged import STARTS_A_ROUND, descend, problem, thorough
from algoprog.model.model import observations
from algoprog.robustness.constrained import Profiler

DELTA = 0.0025


@pytest.fixture(scope="module")
def profiler_of(compiler, compiled, paper_config, paper_sample):
    response = observations(paper_sample, "own").response

    def made(variant, benchmark=None):
        design = compiled(variant)
        model = compiler.model(variant, paper_config["variants"][variant])
        fit = thorough(design, response, DELTA)
        task = problem(design, response, DELTA)
        form = model.closed_form
        parts = form.on(benchmark) if benchmark else form.first
        return Profiler.of(task, parts, fit.minima, STARTS_A_ROUND), fit

    return made


@pytest.mark.parametrize("variant", ["m07", "m13"])
@pytest.mark.parametrize("growth", [-0.3, 0.0, 1.0])
def test_profile_is_that_of_the_multipliers(profiler_of, variant, growth):
    """Terms by architecture (m13) share a column of time: both routes find the same minimum."""
    profiler, fit = profiler_of(variant)
    found = profiler.at_growth(growth, fit.theta)
    other = replace(profiler, substitution=None).at_growth(growth, found.theta)
    assert found.objective == pytest.approx(other.objective, rel=1e-9)
    assert found.objective == pytest.approx(profiler.objective(found.theta), rel=1e-12)
    assert profiler.subgradient(found.theta, growth) < 1e-8


def test_a_law_with_one_rate_has_no_split(profiler_of):
    profiler, fit = profiler_of("m03")
    found = profiler.at_growth(0.7, fit.theta)
    other = profiler.by_multipliers(np.array([0.7]), profiler.starts)
    assert found.objective == pytest.approx(other.objective, rel=1e-9)


@pytest.mark.parametrize(("variant", "benchmark"), [("m10", "ptb"), ("m12", "all")])
def test_other_forms_keep_the_multipliers(profiler_of, variant, benchmark):
    """Rates by benchmark, and one rate in both exponentials, are no single parameters."""
    assert profiler_of(variant, benchmark)[0].substitution is None


def test_descent_along_the_split_ends_at_a_minimum_of_a_fine_grid(profiler_of):
    profiler, fit = profiler_of("m07")
    sub = profiler.substitution
    _, values, splits = sub.search(1.0, np.array([-1.0]), fit.theta[None])
    assert -1.0 < splits[0] < 0.0
    for step in (-1e-3, 1e-3):
        split = np.array([splits[0] + step, 1.0 - splits[0] - step])
        assert profiler.at_split(split, profiler.starts).objective > values[0]


def test_draws_are_those_of_ordinary_fits(profiler_of):
    """Restricted and free minima of two responses, and a restricted one is never below its free."""
    profiler, fit = profiler_of("m07")
    at = profiler.at_growth(0.5, fit.theta)
    split = profiler.growth(at.theta)[:1]
    rng = np.random.default_rng(0)
    noise = 0.2 * rng.standard_normal((2, profiler.task.design.n))
    responses = profiler.task.response + noise
    held, free = profiler.substitution.drawn(0.5, responses, (at.theta[None], split), fit.minima)
    for y, restricted, least in zip(responses, held, free, strict=True):
        task = replace(profiler.task, response=y)
        assert least == pytest.approx(descend(task, profiler.starts)[1].min(), rel=1e-8)
        again = Profiler.of(task, profiler.parts, fit.minima, STARTS_A_ROUND)
        assert restricted == pytest.approx(again.at_growth(0.5, at.theta).objective, rel=2e-6)
    assert (held >= free).all()
