"""Growth of a model's bootstrap replicates, by either estimator on the same replicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import subgradient, thorough
from algoprog.estimators.estimator import Task
from algoprog.estimators.objective import CERTIFICATE
from algoprog.estimators.published import solve_published
from algoprog.estimators.replicates import solve_replicates
from algoprog.quantities.growth import Growth
from algoprog.resampling.scheme import weights_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Bootstrap:
    """How replicates are drawn and fitted; replicate i depends on its number and the seed only."""

    estimator: str
    resampling: str
    seed: int
    replicates: int


@dataclass(frozen=True)
class Replicates:
    """Fits to r replicates: theta (r, p), weights (r, n) of the rows, and which are certified."""

    theta: Array
    weights: Array
    certified: NDArray[np.bool_]


def growth_draws(
    task: Task, growth: Growth, bootstrap: Bootstrap
) -> tuple[Array, NDArray[np.bool_]]:
    """Return growth (r,) of bootstrap replicates, and which of their fits meet the certificate.

    A variant without progress has growth 0.
    """
    drawn = replicate_fits(task, bootstrap)
    found = growth(drawn.theta)
    return np.zeros(bootstrap.replicates) if found is None else found, drawn.certified


def replicate_fits(task: Task, bootstrap: Bootstrap) -> Replicates:
    """Return the fits to bootstrap replicates.

    Both estimators are fitted to the same replicates
    (:func:`algoprog.resampling.scheme.replicate_weights`), which the published one sees as
    repeated rows.
    """
    design, delta, replicates = task.design, task.delta, bootstrap.replicates
    weights = weights_of(
        bootstrap.seed, design.variant, delta, range(replicates), task.papers, bootstrap.resampling
    )
    if bootstrap.estimator == "converged":
        full = thorough(design, task.response, delta)
        drawn = solve_replicates(design, task.response, delta, weights, full.minima)
        theta, certified = drawn.theta, drawn.certified
    else:
        theta, certified = np.empty((replicates, design.p)), np.zeros(replicates, dtype=bool)
        for i, weight in enumerate(weights):
            part = task.rows(np.repeat(np.arange(design.n), weight.astype(int)))
            theta[i], _ = solve_published(part.design, part.response, delta)
            certified[i] = subgradient(part.problem, theta[i]) <= CERTIFICATE
    return Replicates(theta, weights, certified)
