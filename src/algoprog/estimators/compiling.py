"""Compiles the solver once, so that no two jobs that start together do so."""

from __future__ import annotations

import numpy as np

from algoprog.estimators.converged import problem, solve, solve_replicates
from algoprog.estimators.inference import derivatives
from algoprog.estimators.published import solve_published
from algoprog.model.design import Design, Term

ROWS = 8
DELTA = 0.01


def compile_solver() -> None:
    """Call each compiled function that fits and draws call, with their kinds of arguments.

    numba keeps what it compiles beside the sources. Where it is there, this takes no time.
    """
    columns = np.stack([np.ones(ROWS), np.linspace(-1, 1, ROWS)])
    terms, owners = (Term(True, 0, 2),), np.arange(2)
    none = np.zeros((1, ROWS)), np.zeros(ROWS)
    design = Design("line", ("a", "b"), columns, owners, terms, *none, -1)
    response, weights = np.exp(columns[1]), np.ones((2, ROWS))
    fit = solve(design, response, DELTA)
    solve_replicates(design, response, DELTA, weights, fit.minima)
    derivatives(problem(design, response, DELTA), fit.theta)
    solve_published(design, response, DELTA)
