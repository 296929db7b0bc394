"""The converged estimator: the global minimum of the penalised objective, with its certificate.

It knows compiled designs, responses and weights; it knows no samples, resampling or tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from algoprog.common.arithmetic import turned
from algoprog.estimators.kernels import descent
from algoprog.estimators.kernels.arrays import Law, Target
from algoprog.estimators.kernels.rows import predict_terms
from algoprog.estimators.objective import CERTIFICATE
from algoprog.estimators.starts import default_starts, hops, perturbations
from algoprog.model.design import Design

# The solver aims lower, since Newton's last step is nearly free; two objectives are the same
# minimum within SAME_MINIMUM, far above the rounding of a sum of squares (1e-16 n).
TARGET = 1e-11
SAME_MINIMUM = descent.SAME
MAX_ITERATIONS = 400
DISTINCT = 1e-4  # in a parameter: far more than certified ends of one minimum differ by
# Random starts come in rounds until this many starts agree on the best minimum. Without a penalty
# there are more local minima, with smaller basins, and perturbed minima are tried as well. The
# numbers come from benchmarks/multistart.py, which measures how often they miss the best minimum.
STARTS_A_ROUND = 9
HOPS_WITHOUT_PENALTY = 256
HOPS_OF_A_SAMPLE = 64
AGREEMENT = 3
# A fit of a sample tries no more starts once so many agree, with a penalty and, where more minima
# are near, without.
ALL = 2**31
ENOUGH_OF_A_SAMPLE = (16, 96)
ROUNDS = 10

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """A design with its response, row weights (sum 1) and penalty weight delta."""

    design: Design
    response: Array
    weights: Array
    delta: float

    @property
    def penalty(self) -> Array:
        """Weight of |theta_j| (p,): delta for every parameter, 0 for those that are free."""
        return np.where(self.design.penalised, self.delta, 0.0)


@dataclass(frozen=True)
class Fit:
    """The best minimum found, with what certifies it.

    Attributes
    ----------
    theta : (p,) estimates in the order of ``design.parameters``.
    objective, mean_square : value of the objective and of its first part (nats squared).
    subgradient : largest relative component of the smallest subgradient
        (:func:`algoprog.estimators.kernels.steps.subgradient_size`).
    n_starts, n_at_best : starts tried, and those that ended within 1e-9 (relative) of the best.
    minima : the distinct certified local minima, (m, p), best first; ``minima_objectives`` (m,).
    threshold, correlation : Huber's k in nats, and rho within a paper, of fits that have them.
    """

    design: Design
    theta: Array
    objective: float
    mean_square: float
    subgradient: float
    n_starts: int
    n_at_best: int
    minima: Array = field(repr=False)
    minima_objectives: Array = field(repr=False)
    threshold: float | None = None
    correlation: float | None = None

    @property
    def certified(self) -> bool:
        """Whether the certificate is met."""
        return bool(self.subgradient <= CERTIFICATE)

    @property
    def gap(self) -> float:
        """Objective of the second-best local minimum minus the best's; inf when there is one."""
        if len(self.minima_objectives) < 2:
            return float("inf")
        return float(self.minima_objectives[1] - self.minima_objectives[0])

    def estimates(self) -> dict[str, float]:
        """Estimates by the name of the parameter."""
        return dict(zip(self.design.parameters, self.theta.tolist(), strict=True))


def problem(design: Design, response: Array, delta: float, weights: Array | None = None) -> Problem:
    """Check shapes and normalise the weights (default: equal) to sum 1."""
    response = np.ascontiguousarray(response, dtype=float)
    if response.shape != (design.n,) or not np.isfinite(response).all():
        raise ValueError(f"response must be {design.n} finite numbers")
    if not delta >= 0:
        raise ValueError(f"delta must be >= 0, not {delta}")
    w = np.ones(design.n) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != (design.n,) or not (w >= 0).all() or not 0 < w.sum() < np.inf:
        raise ValueError(f"weights must be {design.n} numbers >= 0 with a positive sum")
    return Problem(design, response, np.ascontiguousarray(w / w.sum()), float(delta))


def predict(design: Design, theta: Array) -> Array:
    """Yhat (n,) of a design at parameters theta (p,)."""
    law = law_of(design, padded=True)
    terms = np.empty(law.offset.shape)
    predict_terms(theta, law, terms)
    return np.asarray(terms.sum(axis=0)[: design.n])


def law_of(design: Design, padded: bool = False) -> Law:
    """Return a design as compiled functions take it; ``padded`` to a multiple of lanes."""
    columns, offsets, multiplier = (
        design.padded if padded else (design.columns, design.offset, design.multiplier)
    )
    return Law(
        columns,
        design.pointer,
        design.parameter_of_column,
        design.exponential,
        offsets,
        multiplier,
        design.multiplier_parameter,
    )


def target_of(task: Problem, iterations: int = MAX_ITERATIONS) -> Target:
    """Return what a problem's descents minimise, on its padded rows."""
    design = task.design
    response, weights = padded(design, task.response), padded(design, task.weights)
    return Target(response, weights, task.penalty, TARGET, iterations)


def padded(design: Design, values: Array) -> Array:
    """Return values of the rows (..., n) with zeros for those of ``design.padded``."""
    spare = design.padded[2].shape[0] - design.n
    if not spare:
        return np.ascontiguousarray(values)
    return np.concatenate([values, np.zeros((*values.shape[:-1], spare))], axis=-1)


def subgradient(task: Problem, theta: Array) -> float:
    """The certificate's number at any point theta (p,), whoever found it."""
    return float(descend(task, theta[None, :], iterations=0)[3][0])


def number_of_hops(delta: float, with_penalty: int) -> int:
    """Return how many perturbed minima a search tries: so many with a penalty, 256 without."""
    return with_penalty if delta > 0 else HOPS_WITHOUT_PENALTY


def descend(
    problem: Problem,
    starts: Array,
    noise: Array | None = None,
    iterations: int = MAX_ITERATIONS,
    enough: int = ALL,
) -> tuple[Array, ...]:
    """Local minimisations from each start (s, p), then from ends perturbed by ``noise`` (h, p).

    Returns ends (s + h, p), objectives, mean squares and subgradient sizes (s + h,); fewer where
    ``enough`` of them agreed on the best before all were tried.
    """
    noise = np.empty((0, starts.shape[1])) if noise is None else noise
    inner = problem.design.conditioned if problem.delta == 0 and iterations else None
    if inner is None:
        return _descend(problem, starts, noise, iterations, enough)
    task = replace(problem, design=inner.design)
    begin, further = turned(starts, inner.forth), turned(noise, inner.forth)
    ends = turned(_descend(task, begin, further, iterations, enough)[0], inner.back)
    return _descend(problem, ends, np.empty((0, ends.shape[1])), 0, ALL)


def _descend(
    problem: Problem, starts: Array, noise: Array, iterations: int, enough: int
) -> tuple[Array, ...]:
    result: tuple[Array, ...] = descent.minimise_many(
        np.ascontiguousarray(starts),
        np.ascontiguousarray(noise),
        law_of(problem.design, padded=True),
        target_of(problem, iterations),
        enough,
    )
    return result


def solve(
    design: Design,
    response: Array,
    delta: float,
    weights: Array | None = None,
    warm: Array | None = None,
    perturbed: int | None = None,
    enough: int = ALL,
) -> Fit:
    """Minimise sum_i w_i (y_i - yhat_i)^2 + delta sum_j |theta_j| over theta.

    Parameters
    ----------
    design, response, delta, weights : the problem; weights default to 1/n, any scale will do.
    warm : (s, p) further starts, for instance the minima of a related fit.
    perturbed : how many perturbed minima to descend from as well; by default none with a penalty
        and 256 without. :func:`thorough` tries more, where a fit is worth milliseconds.
    enough : starts that must agree on the best for the rest not to be tried; by default all are.

    Returns
    -------
    Fit, whose ``certified`` says whether the certificate is met; it never raises for a fit that
    does not converge.
    """
    task = problem(design, response, delta, weights)
    starts = default_starts(design, task.response, task.weights, STARTS_A_ROUND)
    if warm is not None and len(warm):
        starts = np.concatenate([np.atleast_2d(warm), starts])
    if perturbed is None:
        perturbed = number_of_hops(delta, 0)
    noise = perturbations(design, delta, perturbed)
    if delta == 0:  # steps along either set of axes find minima that steps along the other do not
        noise = np.concatenate([noise, hops(design, perturbed)])
    ends = descend(task, starts, noise, enough=enough)
    fit = collect(task, *ends)
    for further in range(1, ROUNDS):
        if fit.certified and fit.n_at_best >= AGREEMENT:
            break
        number = (1 + further) * STARTS_A_ROUND
        new = default_starts(design, task.response, task.weights, number)[-STARTS_A_ROUND:]
        ends = tuple(
            np.concatenate([old, more]) for old, more in zip(ends, descend(task, new), strict=True)
        )
        fit = collect(task, *ends)
    return fit


def thorough(design: Design, response: Array, delta: float, enough: int = ALL) -> Fit:
    """:func:`solve` on a full sample, once: with perturbed minima also where there is a penalty."""
    perturbed = number_of_hops(delta, HOPS_OF_A_SAMPLE)
    return solve(design, response, delta, perturbed=perturbed, enough=enough)


def settled(design: Design, response: Array, delta: float) -> Fit:
    """:func:`thorough`, but no more starts are tried once many agree on the best.

    The fit is the same; of minima that are not the best it may list fewer.
    """
    return thorough(design, response, delta, ENOUGH_OF_A_SAMPLE[delta == 0])


def collect(task: Problem, thetas: Array, objectives: Array, squares: Array, sizes: Array) -> Fit:
    """Sort the ends of several descents into the best, its company and the other minima."""
    lowest = float(objectives.min())
    # a mean square that is rounding alone is as good as another
    rounding = descent.NOISE**2 * float(task.weights @ task.response**2)
    tolerance = max(SAME_MINIMUM * abs(lowest), rounding)
    same = np.flatnonzero(objectives <= lowest + tolerance)
    best = same[np.argmin(sizes[same])] if same.size else 0
    certified = same[sizes[same] <= CERTIFICATE]
    if certified.size and np.ptp(thetas[certified], axis=0).max() > DISTINCT:
        # a flat valley: its point of least norm, the limit of a vanishing penalty
        best = certified[np.argmin(np.abs(thetas[certified]).sum(axis=1))]
    order = np.argsort(objectives, kind="stable")
    order = np.concatenate([[best], order[order != best]])
    minima: list[int] = []
    for i in order:
        if sizes[i] <= CERTIFICATE and all(
            abs(objectives[i] - objectives[j]) > tolerance for j in minima
        ):
            minima.append(int(i))
    return Fit(
        design=task.design,
        theta=thetas[best],
        objective=float(objectives[best]),
        mean_square=float(squares[best]),
        subgradient=float(sizes[best]),
        n_starts=len(thetas),
        n_at_best=int((objectives <= objectives[best] + tolerance).sum()),
        minima=thetas[minima],
        minima_objectives=objectives[minima],
    )
