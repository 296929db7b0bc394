"""Newton's steps of objectives that least squares touch: their derivatives, and where they end."""

from __future__ import annotations

import numpy as np
import pytest

from algoprog.estimators.converged import descend, problem, solve, subgradient
from algoprog.estimators.correlated import Bracket, Papers
from algoprog.estimators.huber import HuberObjective
from algoprog.estimators.inference import derivatives
from algoprog.estimators.majorised import STATIONARY, Descent, newton

DELTA = 0.0025


@pytest.fixture(scope="module")
def objectives(paper_sample, compiled):
    """Huber's objective, and the likelihood's bracket, with where least squares end."""
    design, response = compiled("m07"), np.log(paper_sample["perplexity"].to_numpy())
    titles = paper_sample["paper"].to_list()
    papers = Papers.of(np.array([titles.index(title) for title in titles]))
    task, theta = problem(design, response, DELTA), solve(design, response, DELTA).theta
    return {
        "huber": (HuberObjective(task, 0.2), theta),
        "correlated": (Bracket(task, papers, 0.4), theta),
        "opposed": (Bracket(task, papers, -0.3), theta),
    }


@pytest.fixture(params=["huber", "correlated", "opposed"])
def objective(request, objectives):
    return objectives[request.param]


def gradient(local, theta):
    residual, jacobian, _ = derivatives(local, theta)
    return -2 * (local.weights * residual) @ jacobian


def test_second_derivatives_are_those_of_the_objective(objective):
    """Differences of the touching problems' gradients, which are the objective's everywhere."""
    touched, theta = objective
    local = touched.touching(theta)
    residual, jacobian, hessian = derivatives(local, theta)
    own = hessian - touched.excess(local, residual, jacobian)
    scale = local.delta  # one problem's weights sum to 1 as another's do, at another scale

    def slope(at):
        near = touched.touching(at)
        return gradient(near, at) * (scale / near.delta)

    for j in range(len(theta)):
        step = np.zeros(len(theta))
        step[j] = 1e-6
        expected = (slope(theta + step) - slope(theta - step)) / 2e-6
        assert own[j] == pytest.approx(expected, rel=1e-4, abs=1e-5 * np.abs(own).max())


def test_a_descent_ends_where_fits_alone_end_in_fewer_steps(objective):
    touched, theta = objective
    alone, fits = theta, 0
    while subgradient(touched.touching(alone), alone) > STATIONARY:
        alone, fits = descend(touched.touching(alone), alone[None, :])[0][0], fits + 1
    descent, steps, of_newton = Descent(touched, theta), 0, 0
    while descent.size > STATIONARY:
        before = touched.value(descent.theta)
        of_newton += descent.step()
        steps += 1
        assert touched.value(descent.theta) <= before * (1 + 1e-13)
    assert touched.value(descent.theta) == pytest.approx(touched.value(alone), rel=1e-12)
    assert descent.theta == pytest.approx(alone, abs=1e-6)
    assert of_newton and steps < fits


def test_no_step_is_taken_where_a_penalised_parameter_would_change_its_sign(objective):
    touched, theta = objective
    far = theta.copy()
    smallest = np.flatnonzero(theta)[np.argmin(np.abs(theta[theta != 0]))]
    far[smallest] = -np.sign(theta[smallest]) * 1e-7
    assert newton(touched, touched.touching(far), far) is None
