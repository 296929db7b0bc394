"""Errors correlated within a paper: a normal likelihood with one correlation.

The m residuals of a paper have the covariance sigma^2 R, R = (1 - rho) I + rho 1 1' (compound
symmetry), with one sigma and one rho for all papers; papers are independent. Over theta, sigma and
rho together the fit minimises

    ln sigma^2 + (1/n) sum_g ln det R_g + B(theta, rho) / sigma^2,
    B(theta, rho) = (1/n) sum_g r_g' R_g^-1 r_g + delta sum_j |theta_j|,

which is -2/n times the log likelihood (less ln 2 pi) with the penalty in units of sigma^2: at
rho = 0 its theta is that of the other fits, whatever sigma. The minimum over sigma^2 is B, so what
is left is  P(theta, rho) = ln B(theta, rho) + (1/n) sum_g ln det R_g  (:func:`profile`).

    r' R^-1 r = (sum r^2 - c (sum r)^2) / (1 - rho),   c = rho / (1 + (m - 1) rho),
    ln det R  = (m - 1) ln(1 - rho) + ln(1 + (m - 1) rho).

R^-1 is at most a I, a its largest eigenvalue, so at fixed rho least squares with weights a and the
response yhat + R^-1 r / a touch B from above at the current theta: each such fit lowers B, and at
a fixed point the subgradients agree, so the solver's certificate holds for P. Given theta, P is a
function of rho alone, minimised on a grid and by the root of its slope.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.estimators.converged import (
    Fit,
    Problem,
    collect,
    predict,
    problem,
    solve,
    subgradient,
)
from algoprog.estimators.majorised import STATIONARY, Descent
from algoprog.estimators.objective import CERTIFICATE, predictor
from algoprog.estimators.slsqp import minimise
from algoprog.estimators.starts import hops
from algoprog.model.design import Design

Array = NDArray[np.float64]

MAX_STEPS = 5000
STEPS_PER_CORRELATION = 4
PERTURBED = 16
NEAREST = 1e-6  # of rho to the ends of its range, where R is singular
GRID = 65


@dataclass(frozen=True)
class Papers:
    """Rows by paper: ``of_row`` (n,) numbers papers from 0; ``size`` (G,) counts their rows.

    ``sizes`` (s,) are the sizes there are, ``which`` (G,) of them is each paper's. ``order`` (n,)
    are the rows paper by paper, in which ``first`` (G,) is each paper's first.
    """

    of_row: NDArray[np.int64]
    size: Array
    sizes: Array
    which: NDArray[np.int64]
    order: NDArray[np.int64]
    first: NDArray[np.int64]

    @classmethod
    def of(cls, papers: NDArray[np.int64]) -> Papers:
        """From any integer labels (n,); refused unless some paper has two rows."""
        _, of_row = np.unique(papers, return_inverse=True)
        size = np.bincount(of_row).astype(float)
        if size.max() < 2:
            fix = "keep more models of each paper: nothing else tells of a correlation"
            raise InputError("config.yaml", "correlated", "one row of each paper", fix)
        order = np.argsort(of_row, kind="stable")
        first = np.searchsorted(of_row[order], np.arange(len(size)))
        return cls(of_row, size, *np.unique(size, return_inverse=True), order, first)

    @property
    def limits(self) -> tuple[float, float]:
        """Ends of the range of rho in which R is positive definite, kept apart from."""
        return -(1 - NEAREST) / (float(self.size.max()) - 1), 1 - NEAREST


@dataclass(frozen=True)
class CorrelatedFit:
    """``fit`` is of P: its objective is P, its mean_square B - delta sum |theta|.

    ``correlation`` is rho, ``sigma`` the standard deviation of a residual (nats). ``interior``:
    whether rho lies inside its range (otherwise P has no minimum there).
    """

    fit: Fit
    correlation: float
    sigma: float
    interior: bool

    @property
    def certified(self) -> bool:
        """Whether theta meets the certificate and rho is stationary."""
        return self.fit.certified and self.interior


class _Sums:
    """What P needs of residuals at fixed theta: sums over papers of each size."""

    def __init__(self, papers: Papers, residual: Array, penalty: float) -> None:
        n, which = len(residual), papers.which
        self.others = (papers.sizes - 1)[:, None]  # m - 1
        self.share = np.bincount(which)[:, None] / n
        squares = np.bincount(papers.of_row, residual**2)
        totals = np.bincount(papers.of_row, residual) ** 2
        self.squares = np.bincount(which, squares)[:, None] / n
        self.totals = np.bincount(which, totals)[:, None] / n
        self.penalty = penalty

    def bracket(self, rho: Array) -> Array:
        c = rho / (1 + self.others * rho)
        quadratic = (self.squares - c * self.totals).sum(axis=0) / (1 - rho)
        return np.asarray(quadratic + self.penalty)

    def value(self, rho: Array) -> Array:
        det = self.others * np.log1p(-rho) + np.log1p(self.others * rho)
        return np.asarray(np.log(self.bracket(rho)) + (self.share * det).sum(axis=0))

    def slope(self, rho: float) -> float:
        whole = 1 + self.others * rho
        quadratic = self.squares - rho / whole * self.totals
        inverse, squares = 1 / (1 - rho), float(quadratic.sum())
        of_bracket = squares * inverse**2 - float((self.totals / whole**2).sum()) * inverse
        det = self.share * self.others * (1 / whole - inverse)
        return of_bracket / (squares * inverse + self.penalty) + float(det.sum())


def profile(
    design: Design, response: Array, papers: NDArray[np.int64], delta: float, theta: Array,
    correlation: float,
) -> float:  # fmt: skip
    """P(theta, rho): -2/n the maximised-over-sigma log likelihood with its penalty, less constants.

    At delta = 0, -2 ln L / n = P + ln(2 pi) + 1.
    """
    penalty = delta * float(design.size(theta))
    sums = _Sums(Papers.of(papers), response - predict(design, theta), penalty)
    return float(sums.value(np.array([correlation]))[0])


def _best_correlation(sums: _Sums, limits: tuple[float, float]) -> tuple[float, bool]:
    """The rho that minimises P at fixed theta, and whether it is inside its range."""
    from scipy.optimize import brentq

    grid = np.linspace(*limits, GRID)
    at = int(np.argmin(sums.value(grid)))
    low, high = grid[max(at - 1, 0)], grid[min(at + 1, GRID - 1)]
    if sums.slope(low) < 0 < sums.slope(high):
        return float(brentq(sums.slope, low, high, xtol=1e-15, rtol=1e-14)), True
    return float(grid[at]), False


def _largest(papers: Papers, rho: float) -> Array:
    """The largest eigenvalue (n,) of R^-1 of each row's paper."""
    whole = 1 + (papers.size - 1) * rho
    return np.where(papers.size > 1, np.maximum(1 / (1 - rho), 1 / whole), 1.0)[papers.of_row]


def _surrogate(task: Problem, papers: Papers, theta: Array, rho: float) -> Problem:
    """Least squares that touch B(., rho) at theta (p,) from above."""
    predicted = predict(task.design, theta)
    residual = task.response - predicted
    total = np.bincount(papers.of_row, residual)
    whole = 1 + (papers.size - 1) * rho
    solved = (residual - (rho / whole * total)[papers.of_row]) / (1 - rho)
    largest = _largest(papers, rho)
    weights = task.weights * largest
    return Problem(
        task.design,
        predicted + solved / largest,
        weights / weights.sum(),
        task.delta / float(weights.sum()),
    )


def _sums(task: Problem, papers: Papers, theta: Array) -> _Sums:
    penalty = task.delta * float(task.design.size(theta))
    return _Sums(papers, task.response - predict(task.design, theta), penalty)


@dataclass(frozen=True)
class Bracket:
    """B(., rho) of a task at a correlation."""

    task: Problem
    papers: Papers
    rho: float

    def touching(self, theta: Array) -> Problem:
        """Return the least squares of the largest eigenvalues of R^-1."""
        return _surrogate(self.task, self.papers, theta, self.rho)

    def excess(self, local: Problem, residual: Array, jacobian: Array) -> Array:
        """R^-1 is below its largest eigenvalue where residuals of a paper agree, or differ."""
        papers, rho = self.papers, self.rho
        by_paper = np.add.reduceat(jacobian[papers.order], papers.first)
        shared = rho / (1 + (papers.size - 1) * rho)
        inverse = jacobian.T @ jacobian - (by_paper.T * shared) @ by_paper
        weights = self.task.weights * _largest(papers, rho)
        scale = 1 / (len(weights) * float(weights.sum()) * (1 - rho))
        return 2 * ((jacobian.T * local.weights) @ jacobian - scale * inverse)

    def value(self, theta: Array) -> float:
        """Return B."""
        return float(_sums(self.task, self.papers, theta).bracket(np.array([self.rho]))[0])


def _descend(
    task: Problem, papers: Papers, theta: Array, fixed: float | None
) -> tuple[Array, float, bool, float, float]:
    """theta, rho, whether rho is inside its range, subgradient and P where a descent ends.

    Between two searches for rho it is kept for a few fits, which cost less, or for a step of
    Newton's, which moves rho hardly.
    """
    rho, inside, since = (0.0, False, STEPS_PER_CORRELATION) if fixed is None else (fixed, True, 0)
    descent = Descent(Bracket(task, papers, rho), theta)
    for step in range(MAX_STEPS):
        if fixed is None and (since >= STEPS_PER_CORRELATION or step == MAX_STEPS - 1):
            rho, inside = _best_correlation(_sums(task, papers, descent.theta), papers.limits)
            descent.move(Bracket(task, papers, rho), descent.theta)
            since = 0
        if step == MAX_STEPS - 1 or (descent.size <= STATIONARY and since == 0):
            break
        settled = descent.size <= STATIONARY or descent.step()
        if fixed is None:
            since = STEPS_PER_CORRELATION if settled else since + 1
    theta = descent.theta
    value = float(_sums(task, papers, theta).value(np.array([rho]))[0])
    return theta, rho, inside, descent.size, value


def solve_correlated(
    design: Design,
    response: Array,
    papers: NDArray[np.int64],
    delta: float,
    warm: Array | None = None,
    correlation: float | None = None,
    perturbed: int = PERTURBED,
) -> CorrelatedFit:
    """Minimise P over theta and rho; over theta alone where ``correlation`` gives rho.

    Parameters
    ----------
    papers : (n,) label of each row's paper; the same paper drawn twice has two labels.
    warm : (s, p) further starts. Others are the local minima of the least-squares objective, then
        ``perturbed`` perturbations of the best minimum reached from them.

    Raises
    ------
    InputError
        where no paper has two rows.
    """
    rows = Papers.of(papers)
    task = problem(design, response, delta)
    squares = solve(design, response, delta, warm=warm)
    starts = [squares.theta, *squares.minima, *(() if warm is None else np.atleast_2d(warm))]
    ends = [_descend(task, rows, start, correlation) for start in starts]
    lowest = min(ends, key=lambda end: end[4])
    for hop in hops(design, perturbed):
        # far from a fit all residuals of a paper agree, and rho would go to 1 and be slow to return
        start = _descend(task, rows, lowest[0] + hop, lowest[1])[0]
        ends.append(_descend(task, rows, start, correlation))
    thetas = np.array([end[0] for end in ends])
    values = np.array([end[4] for end in ends])
    brackets = np.array(
        [float(_sums(task, rows, end[0]).bracket(np.array([end[1]]))[0]) for end in ends]
    )
    penalties = delta * design.size(thetas)
    fit = collect(task, thetas, values, brackets - penalties, np.array([end[3] for end in ends]))
    best = int(np.flatnonzero((thetas == fit.theta).all(axis=1))[0])
    return CorrelatedFit(fit, ends[best][1], float(np.sqrt(brackets[best])), ends[best][2])


def correlated_subgradient(
    design: Design, response: Array, papers: NDArray[np.int64], delta: float, theta: Array,
    correlation: float,
) -> float:  # fmt: skip
    """The certificate's number at any theta (p,) and rho; infinite unless rho is stationary too."""
    rows, task = Papers.of(papers), problem(design, response, delta)
    if abs(_sums(task, rows, theta).slope(correlation)) * (1 - correlation) > CERTIFICATE:
        return float("inf")
    return subgradient(_surrogate(task, rows, theta, correlation), theta)


def solve_correlated_published(
    design: Design, response: Array, papers: NDArray[np.int64], delta: float
) -> tuple[Array, float, float]:
    """Where SLSQP from zeros (theta and rho) stops on P: theta (p,), rho and P.

    The published optimiser with its defaults; rho alone is bounded, to where R is positive
    definite.
    """
    rows, predicted = Papers.of(papers), predictor(design)

    def value(at: Array) -> float:
        penalty = delta * float(design.size(at[:-1]))
        sums = _Sums(rows, response - predicted(at[:-1]), penalty)
        return float(sums.value(at[-1:])[0])

    bounds = [(None, None)] * design.p + [rows.limits]
    result = minimise(value, np.zeros(design.p + 1), bounds=bounds)
    return np.asarray(result.x[:-1], dtype=float), float(result.x[-1]), float(result.fun)
