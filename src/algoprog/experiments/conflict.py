"""Does the record of published systems agree with a sweep's exponents? Four tests of it.

- The deviance of imposing them, n ln(MSE imposed / MSE free), counted by rows or by papers
  (G papers in place of n rows, as if each paper were one observation), on 2 degrees of freedom.
- The Wald distance between two estimates, with the covariance of the record's under resampled
  papers plus that of the sweep's.
- The deviance of one pair of exponents for both: the record's profile plus the sweep's.
- The held-out error of whole papers, against the free fit's.

The module knows fits of a record and a sweep's exponents; it knows no tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import collect, descend, predict, problem
from algoprog.estimators.starts import default_starts
from algoprog.experiments.joint import Exponents, JointFit
from algoprog.experiments.laws import Law, Runs
from algoprog.experiments.record import Record, RecordModel
from algoprog.experiments.vocabulary import Level
from algoprog.model.design import Design, Term

Array = NDArray[np.float64]

DEGREES = 2  # exponents
SEARCH_STARTS = 5  # points between the sweep's exponents and the record's
PROFILE_STARTS = 4
IMPOSSIBLE = 1e6  # the deviance of an exponent that is not a law's
SLOWEST = 0.005  # the smallest exponent that a common law may have


@dataclass(frozen=True)
class Deviance:
    """A deviance counted by rows and by papers, with its p-values on 2 degrees of freedom."""

    by_rows: float
    by_papers: float

    @property
    def p_by_rows(self) -> float:
        """Chance of a deviance as large by rows, were the exponents the same."""
        return _tail(self.by_rows)

    @property
    def p_by_papers(self) -> float:
        """Chance of a deviance as large by papers."""
        return _tail(self.by_papers)


def _tail(deviance: float) -> float:
    # the chi-square distribution with two degrees of freedom is exponential
    return float(np.exp(-max(deviance, 0.0) / 2))


def deviance_of_imposing(record: Record, free: JointFit, imposed: JointFit) -> Deviance:
    """Return the deviance of imposed exponents against the free fit of the same level."""
    change = float(np.log(imposed.mean_square / free.mean_square))
    return Deviance(len(record.seen.response) * change, record.papers * change)


def wald(free: JointFit, given: Exponents) -> float:
    """Return (x - y)' (V + W)^-1 (x - y) of the record's exponents x and a sweep's y.

    V is the covariance of the record's over resampled papers (``free`` needs draws), W the sweep's.
    """
    if free.draws is None:
        raise ValueError("a Wald distance needs the draws of the free fit")
    covariance = np.cov(free.draws.exponents, rowvar=False) + given.covariance
    gap = free.exponents - given.estimate
    return float(gap @ np.linalg.solve(covariance, gap))


def sweep_deviance(runs: Runs, exponents: Array) -> float:
    """Return n ln of the least sum of squares of ln L over E, A and B at given exponents (2,)."""
    n, d = np.log(runs.parameters), np.log(runs.tokens)
    columns = np.column_stack([
        np.ones(runs.n),
        np.exp(-exponents[0] * (n - n.mean())),
        np.exp(-exponents[1] * (d - d.mean())),
    ])  # fmt: skip
    return runs.n * float(np.log(_log_squares(columns, runs.loss)))


def _log_squares(columns: Array, loss: Array) -> float:
    """The least sum of (ln L - ln X u)^2 over u >= 0, by reweighted non-negative squares."""
    from scipy.optimize import nnls

    best, level = np.inf, loss
    for _ in range(50):
        # (ln L - ln X u)^2 is close to ((L - X u) / (X u))^2: weights from the last fit
        shift = level * (1 + np.log(loss / level))
        found = columns @ nnls(columns / level[:, None], shift / level)[0]
        found = np.maximum(found, 1e-12)
        value = float(np.sum(np.log(loss / found) ** 2))
        if best - value < 1e-12 * best:
            return min(best, value)
        best, level = value, found
    return best


@dataclass(frozen=True)
class Common:
    """One pair of exponents for a record and a sweep (2,), and what it costs both together."""

    exponents: Array
    deviance: float
    closed_form: float
    own_allocation: float


def common_exponents(
    record: Record, level: Level, free: JointFit, runs: Runs, law: Law
) -> tuple[Common, Common]:
    """Return the exponents of least joint deviance, the record counted by rows, then by papers.

    The deviance at x = (alpha, beta) is n ln(Q(x) / Q) + m (ln S(x) - ln S): Q the record's
    penalised objective and S the sweep's sum of squares of ln L with m runs, both at their least
    over everything but x, which have an irreducible loss of their own. It is minimised over x by
    simplexes from points between the two estimates.
    """
    from scipy.optimize import minimize

    def least(function: Callable[[Array], float], start: Array) -> tuple[Array, float]:
        options = {"xatol": 1e-3, "fatol": 1e-2, "initial_simplex": _simplex(start)}
        end = minimize(function, start, method="Nelder-Mead", options=options)
        return np.asarray(end.x, dtype=float), float(end.fun)

    profile = Profile.of(record.model(level), free)
    lowest = least(lambda x: sweep_deviance(runs, x), law.exponents)[1]
    found = []
    for count in (len(record.seen.response), record.papers):

        def joint(x: Array, count: int = count) -> float:
            if (x < SLOWEST).any():
                return IMPOSSIBLE
            own = sweep_deviance(runs, x) - lowest
            return count * float(np.log(profile.at(x)[0] / free.objective)) + own

        ends = [least(joint, start) for start in _between(free.exponents, law.exponents)]
        x, deviance = min(ends, key=lambda end: end[1])
        theta = profile.at(x)[1][None]
        model = profile.model
        found.append(
            Common(
                x,
                deviance,
                float(model.closed_form(theta)[0]),
                float(model.own_allocation(theta)[0]),
            )
        )
    return found[0], found[1]


@dataclass(frozen=True)
class Profile:
    """A record's penalised objective as a function of its exponents, everything else at its best.

    Descents start from the minima of the free fit and from starts that do not depend on it.
    """

    model: RecordModel
    starts: Array

    @classmethod
    def of(cls, model: RecordModel, free: JointFit) -> Profile:
        """Return the profile of a model, given its free fit."""
        even = np.full(model.design.n, 1.0 / model.design.n)
        plain = default_starts(model.design, model.response, even, PROFILE_STARTS)
        return cls(model, np.concatenate([free.minima, plain]))

    def at(self, exponents: Array) -> tuple[float, Array]:
        """Return the objective at exponents (2,), their penalty included, and theta (p,)."""
        model, names = self.model, self.model.record.exponents
        held = hold(model.design, names, exponents)
        kept = [name not in names for name in model.design.parameters]
        task = problem(held, model.response, model.record.delta)
        best = collect(task, *descend(task, np.ascontiguousarray(self.starts[:, kept])))
        theta = np.empty(model.design.p)
        theta[kept] = best.theta
        theta[[model.design.parameters.index(name) for name in names]] = exponents
        return best.objective + model.record.delta * float(np.abs(exponents).sum()), theta


def hold(design: Design, names: tuple[str, ...], values: Array) -> Design:
    """Return a design in which the parameters called ``names`` have the values given."""
    held = {design.parameters.index(n): float(v) for n, v in zip(names, values, strict=True)}
    left = [j for j in range(design.p) if j not in held]
    offset = design.offset.copy()
    columns: list[Array] = []
    owners: list[int] = []
    terms: list[Term] = []
    for k, term in enumerate(design.terms):
        start = len(columns)
        for j in range(term.start, term.stop):
            owner = int(design.parameter_of_column[j])
            if owner in held:
                offset[k] += held[owner] * design.columns[j]
            else:
                columns.append(design.columns[j])
                owners.append(left.index(owner))
        terms.append(Term(term.exponential, start, len(columns)))
    return replace(
        design,
        parameters=tuple(design.parameters[j] for j in left),
        columns=np.ascontiguousarray(np.array(columns)),
        parameter_of_column=np.array(owners, dtype=np.int64),
        terms=tuple(terms),
        offset=offset,
    )


def _simplex(start: Array) -> Array:
    """A first simplex (3, 2) around a start: a quarter more of one exponent or of the other."""
    return np.vstack([start, start * [1.25, 1.0], start * [1.0, 1.25]])


def _between(one: Array, other: Array) -> list[Array]:
    """Points from one estimate to the other, even in logarithms."""
    parts = np.linspace(0.0, 1.0, SEARCH_STARTS)
    low, high = (np.log(np.maximum(x, 2 * SLOWEST)) for x in (one, other))
    return [np.exp(low + part * (high - low)) for part in parts]


def held_out_errors(model: RecordModel, minima: Array) -> Array:
    """Return the squared error (n,) of each row, predicted by the fit without its paper."""
    papers = model.record.seen.papers
    weights = (papers[None, :] != np.arange(model.record.papers)[:, None]).astype(float)
    fits = model.refit(weights, minima)
    return held_out_squares(model, fits.theta)


def held_out_squares(model: RecordModel, theta: Array) -> Array:
    """Return the squared error (n,) of each row under the theta (G, p) of its own paper."""
    papers = model.record.seen.papers
    predicted = np.array([predict(model.design, one) for one in theta])
    return np.asarray((model.response - predicted[papers, np.arange(len(papers))]) ** 2)


def cost(errors: Array, against: Array, papers: NDArray[np.int64]) -> tuple[float, float]:
    """Return the mean of errors minus ``against`` (n,), and its standard error over papers."""
    gap = errors - against
    n, groups = len(gap), int(papers.max()) + 1
    totals = np.bincount(papers, weights=gap - gap.mean(), minlength=groups)
    error = np.sqrt(groups / (groups - 1) * np.sum(totals**2)) / n
    return float(gap.mean()), float(error)
