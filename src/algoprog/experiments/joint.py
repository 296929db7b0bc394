"""The record of published systems and a sweep together: priors, imposed exponents, conflict.

A sweep's exponents x = (alpha, beta) come with an estimate and a covariance V. They enter the
record's fit

- as a prior:  objective + (sigma^2 / n) (x - estimate)' V^-1 (x - estimate), where sigma^2 is the
  residual variance MSE n / (n - p) of the free fit with the same irreducible loss; or
- imposed:     the exponents are held at the estimate.

Levels, and the irreducible loss, stay the record's own. The module knows a record's model and a
sweep's exponents; it knows no tables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import ALL, Fit, Problem, collect, descend
from algoprog.estimators.objective import CERTIFICATE
from algoprog.estimators.replicates import Effort, solve_replicates
from algoprog.estimators.starts import default_starts, hops
from algoprog.experiments.record import Record, RecordModel
from algoprog.experiments.vocabulary import Level
from algoprog.model.design import Design, Term

Array = NDArray[np.float64]

STARTS = 18  # of a prior's fit to all rows, besides the minima of the free fit
STARTS_OF_A_DRAW = 8
HOPS_OF_A_DRAW = 8
HOPS = 32
MINIMA = 3  # of the free fit and of the prior's, at which a draw starts
VANISHED = -800.0  # linear predictor of a term that a row does not have: its exponential is 0


@dataclass(frozen=True)
class Exponents:
    """A sweep's exponents of parameters and data: estimate (2,) and covariance (2, 2)."""

    sweep: str
    estimate: Array
    covariance: Array


@dataclass(frozen=True)
class Draws:
    """A model's fits to resampled papers: growth per year (r,), and which are certified (r,)."""

    closed_form: Array
    own_allocation: Array
    exponents: Array
    converged: NDArray[np.bool_]


@dataclass(frozen=True)
class JointFit:
    """A record's model fitted freely, with a prior or with imposed exponents, and its draws.

    ``own_allocation`` is growth at the records' own allocation, per year; NaN where there is none.
    """

    kind: str
    sweep: str
    level: Level
    theta: Array
    objective: float
    mean_square: float
    subgradient: float
    n_at_best: int
    exponents: Array
    irreducible: float
    closed_form: float
    own_allocation: float
    minima: Array
    draws: Draws | None = None

    @property
    def converged(self) -> bool:
        """Whether the certificate is met."""
        return self.subgradient <= CERTIFICATE


def fit_free(model: RecordModel, weights: Array | None = None) -> JointFit:
    """Return the record's free fit, with draws under weights (r, n) if given."""
    fit = model.fit()
    drawn = None
    if weights is not None:
        again = model.refit(weights, fit.minima)
        drawn = _draws(model, again.theta, weights, again.certified)
    return _joint(model, "free", "", fit, drawn)


def fit_imposed(
    record: Record, level: Level, given: Exponents, weights: Array | None = None
) -> JointFit:
    """Return the fit with a sweep's exponents imposed, with draws under weights if given."""
    model = record.model(level, given.estimate)
    fit = model.fit()
    drawn = None
    if weights is not None:
        again = model.refit(weights, fit.minima)
        drawn = _draws(model, again.theta, weights, again.certified)
    return _joint(model, "imposed", given.sweep, fit, drawn)


def fit_prior(
    model: RecordModel, free: JointFit, given: Exponents, weights: Array | None = None
) -> JointFit:
    """Return the fit with a sweep's exponents as a prior, with draws under weights if given.

    ``free`` is the free fit of the same model: it sets the residual variance, and its minima are
    among the starts. The prior does not change between draws.
    """
    n, p = model.design.n, model.design.p
    variance = free.mean_square * n / (n - p)
    root = np.linalg.cholesky(np.linalg.inv(given.covariance)).T * np.sqrt(variance / n)
    design = with_prior(model.design, model.record.exponents, root)
    response = np.concatenate([model.response, root @ given.estimate])
    even = np.full(n, 1.0 / n)
    task = Problem(design, response, np.concatenate([even, np.ones(len(root))]), model.record.delta)
    plain = default_starts(model.design, model.response, even, STARTS)
    starts = np.concatenate([free.minima, plain])
    fit = _minimum(task, starts, hops(model.design, HOPS))
    drawn = None
    if weights is not None:
        q = len(root)
        shares = weights / weights.sum(axis=1, keepdims=True)
        warm = [fit.minima[:MINIMA], free.minima[:MINIMA], plain[:STARTS_OF_A_DRAW]]
        ends = solve_replicates(
            design,
            response,
            model.record.delta / (1 + q),  # as weights are divided by their sum
            np.concatenate([shares, np.ones((len(weights), q))], axis=1),
            np.concatenate(warm),
            Effort(0, 0, HOPS_OF_A_DRAW, enough=ALL),
        )
        drawn = _draws(model, ends.theta, weights, ends.certified)
    return _joint(model, "prior", given.sweep, fit, drawn)


def with_prior(design: Design, names: tuple[str, ...], root: Array) -> Design:
    """Return a design with a row for each row of ``root`` (q, q), whose prediction is root @ x.

    x are the parameters called ``names``. The squared residuals of those rows at the response
    root @ estimate, with weight 1, are a normal prior with precision root' root.
    """
    m, n = design.columns.shape
    q = len(root)
    columns = np.zeros((m + q, n + q))
    columns[:m, :n] = design.columns
    columns[m:, n:] = root.T
    offset = np.zeros((len(design.terms) + 1, n + q))
    offset[:-1, :n] = design.offset
    offset[:-1, n:] = np.where(design.exponential[:, None], VANISHED, 0.0)
    owners = [design.parameters.index(name) for name in names]
    return replace(
        design,
        columns=columns,
        parameter_of_column=np.concatenate([design.parameter_of_column, owners]),
        terms=(*design.terms, Term(False, m, m + q)),
        offset=offset,
        multiplier=np.concatenate([design.multiplier, np.zeros(q)]),
    )


def _minimum(task: Problem, starts: Array, noise: Array) -> Fit:
    return collect(task, *descend(task, np.ascontiguousarray(starts), noise))


def _draws(model: RecordModel, theta: Array, weights: Array, converged: NDArray[np.bool_]) -> Draws:
    held = model.variant.hold
    free = not set(model.record.exponents) <= set(held)
    exponents = (
        model.exponents(theta)
        if free
        else np.tile([held[name] for name in model.record.exponents], (len(theta), 1))
    )
    return Draws(
        closed_form=model.closed_form(theta),
        own_allocation=model.own_allocation(theta, weights),
        exponents=exponents,
        converged=np.asarray(converged),
    )


def _joint(model: RecordModel, kind: str, sweep: str, fit: Fit, drawn: Draws | None) -> JointFit:
    theta = fit.theta[None]
    point = _draws(model, theta, np.ones((1, model.design.n)), np.array([fit.certified]))
    names = model.design.parameters
    level = float(fit.theta[names.index("irreducible")]) if "irreducible" in names else 0.0
    return JointFit(
        kind=kind,
        sweep=sweep,
        level=model.level,
        theta=fit.theta,
        objective=fit.objective,
        mean_square=fit.mean_square,
        subgradient=fit.subgradient,
        n_at_best=fit.n_at_best,
        exponents=point.exponents[0],
        irreducible=level,
        closed_form=float(point.closed_form[0]),
        own_allocation=float(point.own_allocation[0]),
        minima=fit.minima,
        draws=drawn,
    )
