"""Converged fits of one variant under many sets of row weights, as a bootstrap draws them.

It knows where a replicate's search begins and ends; how replicates are drawn it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.arithmetic import turned
from algoprog.estimators.converged import (
    AGREEMENT,
    ALL,
    Problem,
    descend,
    law_of,
    number_of_hops,
    padded,
    problem,
    solve,
    target_of,
)
from algoprog.estimators.kernels import descent
from algoprog.estimators.objective import CERTIFICATE
from algoprog.estimators.starts import default_starts, perturbations
from algoprog.model.design import Design

# A replicate with a penalty starts where descents of the whole sample are after a few steps: far
# enough to spare each replicate the way down to the valleys, not so far that all are in the same.
STEPS_FROM_A_START = 4
STEPS_FROM_A_JUMP = 10
STARTS = 14
JUMPS = 12
# With a penalty no more starts are tried once enough agree and the minima seen are likely all.
# Without one all are: of 1000 replicates ten missed their best minimum by the minima seen, where a
# tenth of one more was expected.
ENOUGH = (descent.BY_MINIMA, ALL)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Replicates:
    """Fits of one variant under b sets of row weights.

    theta (b, p); objective, mean_square, subgradient, n_starts and n_at_best (b,), as in Fit.
    """

    design: Design
    theta: Array
    objective: Array
    mean_square: Array
    subgradient: Array
    n_starts: NDArray[np.int64]
    n_at_best: NDArray[np.int64]

    @property
    def certified(self) -> NDArray[np.bool_]:
        """Which replicates (b,) meet the certificate."""
        return self.subgradient <= CERTIFICATE


@dataclass(frozen=True)
class Effort:
    """How many starts a replicate is given beside those that were found before.

    The first ``starts`` of :func:`default_starts` on the full sample, then ``jumps`` from the
    minima of the full sample (None: 12 with a penalty, none without), with a penalty both as far as
    a few steps on the full sample lead; then ``perturbed`` of the minima reached (None: none with
    a penalty, 256 without), until ``enough`` agree on the best (None: until 12 do and few more
    minima are to be expected; without a penalty all).
    """

    starts: int = STARTS
    jumps: int | None = None
    perturbed: int | None = None
    enough: int | None = None


EFFORT = Effort()


def _starts_of_replicates(whole: Problem, warm: Array, effort: Effort) -> tuple[Array, Array]:
    """Return the starts and the jumps (s, p) of an effort, as far as the full sample leads."""
    design, jumps = whole.design, effort.jumps
    starts = default_starts(design, whole.response, whole.weights, effort.starts)
    if jumps is None:
        jumps = JUMPS if whole.delta > 0 else 0
    jumped = warm[np.arange(jumps) % len(warm)] + perturbations(design, whole.delta, jumps)
    if whole.delta > 0:
        starts = descend(whole, starts, iterations=STEPS_FROM_A_START)[0]
        jumped = descend(whole, jumped, iterations=STEPS_FROM_A_JUMP)[0]
    return starts, jumped


def solve_replicates(
    design: Design,
    response: Array,
    delta: float,
    weights: Array,
    warm: Array,
    effort: Effort = EFFORT,
) -> Replicates:
    """Fit each row of ``weights`` (b, n), any scale.

    Every replicate starts from ``warm`` (s, p), as a rule the minima of the full sample, then from
    the starts of ``effort``. One whose best minimum is not certified, or not reached by three
    starts, is fitted again by :func:`solve`. Its result depends on its own weights only, not on its
    company.
    """
    whole, warm = problem(design, response, delta), np.atleast_2d(warm)
    totals = weights.sum(axis=1, keepdims=True)
    if weights.shape[1:] != (design.n,) or not (weights >= 0).all() or not (totals > 0).all():
        raise ValueError(f"weights must be rows of {design.n} numbers >= 0 with positive sums")
    first = np.concatenate([warm, *_starts_of_replicates(whole, warm, effort)])
    perturbed = effort.perturbed
    if perturbed is None:
        perturbed = number_of_hops(delta, 0)
    noise = perturbations(design, delta, perturbed)
    inner = design.conditioned if delta == 0 else None
    starting = first
    if inner:
        starting, noise = turned(first, inner.forth), turned(noise, inner.forth)
    theta, objective, square, size, agreeing, tried = descent.minimise_replicates(
        np.ascontiguousarray(starting),
        np.ascontiguousarray(noise),
        law_of(inner.design if inner else design, padded=True),
        target_of(whole),
        padded(design, weights / totals),
        ENOUGH[delta == 0] if effort.enough is None else effort.enough,
    )
    if inner:
        theta = turned(theta, inner.back)
        for b in range(len(weights)):
            task = problem(design, response, delta, weights[b])
            at = descend(task, theta[[b]], iterations=0)
            objective[b], square[b], size[b] = at[1][0], at[2][0], at[3][0]
    for i in np.flatnonzero((size > CERTIFICATE) | (agreeing < min(AGREEMENT, len(first)))):
        again = solve(design, response, delta, weights[i], warm=np.vstack([theta[i], first]))
        theta[i], objective[i], square[i] = again.theta, again.objective, again.mean_square
        size[i], agreeing[i], tried[i] = again.subgradient, again.n_at_best, again.n_starts
    return Replicates(design, theta, objective, square, size, tried, agreeing)
