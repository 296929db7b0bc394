"""An interval of growth at the records' own allocation that allows for the penalty and few papers.

Percentiles of resampled papers promise too much where the penalty pulls the estimate (a penalised
replicate is pulled as the estimate is, so that its draws do not show it), and where a few papers
carry most of what is known. This interval takes the law's minimum without the penalty and a
Student's t of as many degrees of freedom as papers effectively count. It knows fits and growth; it
knows no bootstrap and no tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.levels import LEVELS
from algoprog.estimators.converged import descend, problem
from algoprog.estimators.inference import FLAT, derivatives
from algoprog.estimators.objective import CERTIFICATE
from algoprog.model.design import Design
from algoprog.quantities.own_allocation import OwnAllocation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Unpenalised:
    """Growth per year of a law without its penalty, and how well papers determine it.

    Attributes
    ----------
    growth, error : the estimate and its leave-one-paper-out standard error.
    degrees : degrees of freedom, the effective number of papers less one.
    """

    growth: float
    error: float
    degrees: float

    def ends(self, level: int) -> tuple[float, float]:
        """Return the ends of the interval of a level (per cent): growth -+ t error."""
        from scipy.special import stdtrit

        reach = float(stdtrit(self.degrees, 0.5 + level / 200.0)) * self.error
        return self.growth - reach, self.growth + reach

    def columns(self) -> dict[str, float]:
        """Return the ends at every level as table columns growth_ci50_low, ..."""
        return {
            f"growth_ci{level}_{end}": value
            for level in LEVELS
            for end, value in zip(("low", "high"), self.ends(level), strict=True)
        }


def unpenalised(
    own: OwnAllocation, design: Design, response: Array, papers: NDArray[np.int64], theta: Array
) -> Unpenalised | None:
    """Return growth at the records' own allocation without the penalty, from a penalised fit.

    The minimum is the one that a descent from ``theta`` (p,) reaches. In the law linearised there,
    with J the Jacobian, r the residuals, A = sum w J J' and A_g its part of paper g's rows, leaving
    paper g out moves growth by

        v_g = grad G' (A - A_g)^-1 sum_{i of g} w_i r_i J_i;
        error^2 = (P - 1) / P sum_g (v_g - mean v)^2,
        degrees = (sum_g (v_g - mean v)^2)^2 / sum_g (v_g - mean v)^4 - 1,

    the last P - 1 where all P papers count alike (the jackknife CR3 of Bell and McCaffrey 2002; an
    effective number of clusters as Carter, Schnepel and Steigerwald 2017 have it).

    None where there is no such minimum, its parameters are not determined with every paper left
    out once, or loss does not fall with compute.
    """
    task = problem(design, response, 0.0)
    ends, _, _, sizes = descend(task, theta[None, :])
    at = ends[0]
    growth = float(own.growth(at[None, :])[0])
    if not (sizes[0] <= CERTIFICATE and np.isfinite(growth)):
        return None
    residual, jacobian, _ = derivatives(task, at)
    moves = _moves(own.gradient(at), residual, jacobian, task.weights, papers)
    if moves is None:
        return None
    away = moves - moves.mean()
    square, count = float(away @ away), len(away)
    degrees = square**2 / float((away**4).sum()) - 1.0 if square > 0 else 0.0
    if not degrees > 0:
        return None
    return Unpenalised(growth, float(np.sqrt((count - 1) / count * square)), degrees)


def _moves(
    gradient: Array,
    residual: Array,
    jacobian: Array,
    weights: Array,
    papers: NDArray[np.int64],
) -> Array | None:
    """How far growth moves as each paper is left out (P,); None where a paper must not be."""
    # parameters in units that move the prediction alike
    scale = np.sqrt(weights @ jacobian**2)
    if not (scale > 0).all():
        return None
    slopes, pull = jacobian / scale, gradient / scale
    weighted = weights[:, None] * slopes
    curved, found = weighted.T @ slopes, []
    for paper in range(int(papers.max()) + 1):
        rows = papers == paper
        try:
            root = np.linalg.cholesky(curved - weighted[rows].T @ slopes[rows])
        except np.linalg.LinAlgError:
            return None
        if float(np.diag(root).min()) ** 2 <= FLAT:
            return None
        move = np.linalg.solve(root.T, np.linalg.solve(root, weighted[rows].T @ residual[rows]))
        found.append(float(pull @ move))
    return np.array(found)
