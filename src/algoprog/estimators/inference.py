"""What a fit leaves open: directions the data do not fix, and clustered standard errors.

It knows a design, an estimate and the papers of the rows; it knows no samples or tables.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import Problem, law_of, target_of
from algoprog.estimators.kernels.arrays import Point, space_of
from algoprog.estimators.kernels.rows import predict_terms, residuals, second_derivatives
from algoprog.estimators.kernels.steps import VANISHED

Array = NDArray[np.float64]

# A direction is not identified when its curvature, relative to that of a term as large as the
# response, is below this: the rounding of the Hessian is about 1e-15, and the flattest direction
# of the twenty variants on the full sample has about 1e-7.
FLAT = 1e-11
# Columns of one term are collinear when a singular value of the standardised columns is below
# this times the largest (the closest of the variants, n and n:log(Y), have 1e-4).
COLLINEAR = 1e-9


def derivatives(task: Problem, theta: Array) -> tuple[Array, Array, Array]:
    """Residuals (n,), Jacobian of the prediction (n, p) and Hessian of the mean square (p, p)."""
    design = task.design
    n, p = design.n, design.p
    law, target = law_of(design, padded=True), target_of(task)
    terms, residual = np.empty(law.offset.shape), np.empty(len(target.response))
    predict_terms(theta, law, terms)
    residuals(target.response, terms, target.weights, residual)
    jacobian = np.zeros((n, p))
    for k, term in enumerate(design.terms):
        scale = terms[k, :n] if term.exponential else 1.0
        for j in range(term.start, term.stop):
            jacobian[:, design.parameter_of_column[j]] += scale * design.columns[j]
    g = design.multiplier_parameter
    if g >= 0:
        inner = sum(terms[k, :n] for k, term in enumerate(design.terms) if term.exponential)
        jacobian[:, g] += inner * design.multiplier / (1.0 + np.exp(theta[g]))
    hessian = np.empty((p, p))
    here, space = Point(terms, residual), space_of(law, p)
    second_derivatives(theta, law, target.weights, here, True, hessian, space)
    return residual[:n], jacobian, hessian


def not_identified(task: Problem, theta: Array) -> list[str]:
    """Names of the parameters the rows do not determine at this estimate.

    They are those of collinear columns within a term, those that run away to infinity, and those
    that load on a direction in which the objective has no curvature. A parameter that the
    penalty holds at zero is determined.
    """
    design = task.design
    active = theta != 0 if task.delta > 0 else np.ones(design.p, dtype=bool)
    found: set[int] = set()
    used = task.weights > 0
    root = np.sqrt(task.weights[used])
    size = np.sqrt(np.average(task.response**2, weights=task.weights))
    largest = np.zeros(design.p)
    for term in design.terms:
        columns = np.arange(term.start, term.stop)
        owners = design.parameter_of_column[columns]
        x = design.columns[columns][:, used] * root
        norms = np.linalg.norm(x, axis=1)
        np.maximum.at(largest, owners, norms * (size if term.exponential else 1.0))
        keep = active[owners] & (norms > 0)
        found.update(int(j) for j in owners[active[owners] & (norms == 0)])
        if keep.sum() > 1:
            _, s, vt = np.linalg.svd((x[keep] / norms[keep, None]).T, full_matrices=False)
            for direction in vt[s < COLLINEAR * s[0]]:
                found.update(int(j) for j in owners[keep][np.abs(direction) > 1e-3])
    if design.multiplier_parameter >= 0:
        largest[design.multiplier_parameter] = size * np.sqrt(task.weights @ design.multiplier**2)
    _, jacobian, hessian = derivatives(task, theta)
    norms = np.sqrt(task.weights @ jacobian**2)
    found.update(np.flatnonzero(active & (norms <= VANISHED * largest)).tolist())
    rest = np.array([j for j in np.flatnonzero(active) if j not in found], dtype=int)
    if rest.size:
        values, vectors = np.linalg.eigh(
            hessian[np.ix_(rest, rest)] / np.outer(norms[rest], norms[rest])
        )
        for direction in vectors.T[values < FLAT]:
            found.update(rest[np.abs(direction) > 0.1].tolist())
    return [design.parameters[j] for j in sorted(found)]


def collinear(task: Problem) -> list[str]:
    """Return the parameters that the columns of a term do not tell apart, whatever the penalty.

    They are those of columns that are zero on every row, and of columns of one term that are
    multiples of one another, such as a date that is the same on every row beside a constant. A
    penalty gives each a value all the same, which is no property of the rows.
    """
    design = task.design
    used = task.weights > 0
    root = np.sqrt(task.weights[used])
    found: set[int] = set()
    for term in design.terms:
        columns = np.arange(term.start, term.stop)
        owners = design.parameter_of_column[columns]
        x = design.columns[columns][:, used] * root
        norms = np.linalg.norm(x, axis=1)
        found.update(int(j) for j in owners[norms == 0])
        keep = norms > 0
        if keep.sum() > 1:
            _, s, vt = np.linalg.svd((x[keep] / norms[keep, None]).T, full_matrices=False)
            open_ends = list(vt[s < COLLINEAR * s[0]])
            if len(vt) < keep.sum():  # fewer rows than columns
                return [design.parameters[j] for j in sorted({*found, *owners.tolist()})]
            for direction in open_ends:
                found.update(int(j) for j in owners[keep][np.abs(direction) > 1e-3])
    return [design.parameters[j] for j in sorted(found)]


def solve_definite(matrix: Array, right: Array) -> Array | None:
    """Return matrix^-1 right (p,) of a symmetric matrix; None where it is not positive definite.

    By Cholesky, after scaling to a unit diagonal, so that no unit of a parameter matters.
    """
    scale = np.sqrt(np.abs(np.diag(matrix)))
    if not (scale > 0).all():
        return None
    try:
        low = np.linalg.cholesky(matrix / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return None
    return np.asarray(np.linalg.solve(low.T, np.linalg.solve(low, right / scale)) / scale)


def standard_errors(task: Problem, theta: Array, papers: NDArray[np.int64]) -> Array:
    """Sandwich standard errors (p,) that treat papers as clusters.

    V = H^-1 (G / (G - 1) sum_p s_p s_p') H^-1 over the non-zero parameters, with H the Hessian of
    the mean square, s_p = sum over the rows of paper p of 2 w r J, G papers (Liang and Zeger
    1986). NaN where the parameter is zero, is not identified, or H is not positive definite.
    """
    residual, jacobian, hessian = derivatives(task, theta)
    errors = np.full(theta.shape, np.nan)
    open_ends = set(not_identified(task, theta))
    free = np.array(
        [
            j
            for j, name in enumerate(task.design.parameters)
            if theta[j] != 0 and name not in open_ends
        ],
        dtype=int,
    )
    groups = len(np.unique(papers[task.weights > 0]))
    if not free.size or groups < 2:
        return errors
    scores = np.zeros((int(papers.max()) + 1, free.size))
    np.add.at(scores, papers, (2 * task.weights * residual)[:, None] * jacobian[:, free])
    h = hessian[np.ix_(free, free)]
    scale = np.sqrt(np.abs(np.diag(h)))
    try:
        np.linalg.cholesky(h / np.outer(scale, scale))
        inverse = np.linalg.inv(h / np.outer(scale, scale)) / np.outer(scale, scale)
    except np.linalg.LinAlgError:
        return errors
    spread = inverse @ (groups / (groups - 1) * scores.T @ scores) @ inverse
    errors[free] = np.sqrt(np.diag(spread))
    return errors
