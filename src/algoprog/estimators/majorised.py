"""Descents of objectives that least squares touch from above, and Newton's steps near their ends.

A loss that is no sum of squares has at each theta a least-squares problem that lies nowhere below
it and touches it there. Each fit of that problem lowers the objective, and where nothing changes
any more the two have the same subgradients. Such descents are slow at their end, where Newton's
steps, with the objective's own second derivatives in the parameters that are not held at zero,
take over: each is kept only if it makes the certificate's number at most half and does not raise
the objective. A descent knows its objective as a :class:`Majorised`; it knows no loss.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import Problem, descend, subgradient
from algoprog.estimators.inference import derivatives, solve_definite

Array = NDArray[np.float64]

STATIONARY = 1e-9  # descents end at this relative subgradient, below the certificate
ROUNDING = 1e-14  # relative, of an objective
KEPT = 0.5  # of the certificate's number, at most, after a step of Newton's
LONGEST_WAIT = 64  # fits between one refused step of Newton's and the next try


class Majorised(Protocol):
    """An objective that least squares touch from above."""

    def touching(self, theta: Array) -> Problem:
        """Return the least squares that touch the objective at theta (p,)."""

    def excess(self, local: Problem, residual: Array, jacobian: Array) -> Array:
        """Return what second derivatives of ``local`` have more than the objective's: (p, p).

        ``residual`` (n,) of ``local`` and ``jacobian`` (n, p) of the prediction where it touches.
        """

    def value(self, theta: Array) -> float:
        """Return the objective at theta (p,), of any scale."""


class Descent:
    """A descent at ``theta`` (p,), where ``local`` touches and the certificate is ``size``."""

    def __init__(self, objective: Majorised, theta: Array) -> None:
        self._wait, self._waited = 1, 0
        self.move(objective, theta)

    def move(self, objective: Majorised, theta: Array) -> None:
        """Go to theta, or have another objective at the same one."""
        local = objective.touching(theta)
        self._at(objective, theta, local, subgradient(local, theta))

    def _at(self, objective: Majorised, theta: Array, local: Problem, size: float) -> None:
        self.objective, self.theta, self.local, self.size = objective, theta, local, size

    def step(self) -> bool:
        """Take Newton's step where it is kept, or else a fit; return whether it was Newton's."""
        if self._waited >= self._wait:
            if self._newton():
                return True
            self._wait, self._waited = min(2 * self._wait, LONGEST_WAIT), 0
        before = np.sign(self.theta)
        self.move(self.objective, descend(self.local, self.theta[None, :])[0][0])
        self._waited = self._waited + 1 if (np.sign(self.theta) == before).all() else 0
        return False

    def _newton(self) -> bool:
        local, objective = self.local, self.objective
        at = newton(objective, local, self.theta)
        if at is None:
            return False
        near = objective.touching(at)
        size = subgradient(near, at)
        if not size <= KEPT * self.size:
            return False
        value = objective.value(self.theta)
        if not objective.value(at) <= value + ROUNDING * abs(value):
            return False
        self._at(objective, at, near, size)
        return True


def newton(objective: Majorised, local: Problem, theta: Array) -> Array | None:
    """Return where Newton's step leads from theta (p,) in the parameters that are not held at zero.

    None where it is no descent to a minimum, or a parameter that is penalised changes its sign.
    """
    penalty = local.penalty
    free = np.flatnonzero((theta != 0) | (penalty == 0))
    residual, jacobian, hessian = derivatives(local, theta)
    gradient = -2 * (local.weights * residual) @ jacobian + penalty * np.sign(theta)
    second = hessian - objective.excess(local, residual, jacobian)
    step = solve_definite(second[np.ix_(free, free)], gradient[free])
    if step is None:
        return None
    at = theta.copy()
    at[free] -= step
    kept = (np.sign(at) == np.sign(theta)) | (penalty == 0)
    return at if kept.all() else None
