"""What an estimator is: it fits a task, draws a bootstrap, and tells how good any fit is.

:data:`ESTIMATORS` are those of the table `fits`, :data:`BEST_ONLY` the same where nobody asks for
minima besides the best; :func:`estimator_of` makes one of its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from algoprog.estimators.converged import (
    Fit,
    Problem,
    problem,
    settled,
    subgradient,
    thorough,
)
from algoprog.estimators.correlated import (
    correlated_subgradient,
    solve_correlated,
    solve_correlated_published,
)
from algoprog.estimators.huber import (
    Threshold,
    huber_subgradient,
    solve_huber,
    solve_huber_published,
    threshold,
)
from algoprog.estimators.published import solve_published
from algoprog.estimators.replicates import Replicates, solve_replicates
from algoprog.estimators.resample import Resample
from algoprog.model.design import Design
from algoprog.model.model import Model

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Procedure = Literal["published", "converged"]

# Perturbed starts of a replicate by Huber's loss or with a correlation, which has the minima of the
# full sample as well.
REPLICATE_PERTURBED = 2


@dataclass(frozen=True)
class Task:
    """What is fitted: a design with the response and the paper of each row, and a penalty.

    Attributes
    ----------
    design : a model's, on the n rows.
    response : (n,) ln(perplexity) in nats.
    papers : (n,) number of each row's paper.
    delta : weight of the penalty sum |theta|.
    """

    design: Design
    response: Array = field(repr=False)
    papers: Rows = field(repr=False)
    delta: float

    @classmethod
    def of(cls, model: Model, response: str, delta: float) -> Task:
        """Return the fit of a model to a response of its sample."""
        seen = model.observed(response)
        return cls(model.design, seen.response, seen.papers, delta)

    @cached_property
    def problem(self) -> Problem:
        """Least squares with equal weights."""
        return problem(self.design, self.response, self.delta)

    def rows(self, index: Rows, papers: Rows | None = None) -> Task:
        """Return the task on some rows, repeats allowed, whose papers may be told anew."""
        own = self.papers[index] if papers is None else papers
        return replace(
            self, design=self.design.rows(index), response=self.response[index], papers=own
        )


class Estimator(Protocol):
    """A way to fit a task."""

    @property
    def procedure(self) -> Procedure:
        """Whether fits stop where the published optimiser does, or at a certified minimum."""

    def fit(self, task: Task) -> Fit:
        """Return the fit to all rows of a task."""

    def draw(self, task: Task, whole: Fit, resamples: Sequence[Resample]) -> Replicates:
        """Return the fits to resamples of a task whose fit to all rows is ``whole``."""

    def certificate(self, task: Task, fit: Fit) -> float:
        """Return the largest relative component of the smallest subgradient at a fit.

        It is that of this estimator's objective, whoever found the fit.
        """


def _each(task: Task, resamples: Sequence[Resample], fit: Callable[[Task], Fit]) -> Replicates:
    """Fit each resample by itself, on its repeated rows."""
    fits = [fit(task.rows(one.rows, one.labels)) for one in resamples]
    return Replicates(
        task.design,
        np.array([fit.theta for fit in fits]).reshape(-1, task.design.p),
        *(
            np.array([getattr(fit, name) for fit in fits])
            for name in ("objective", "mean_square", "subgradient", "n_starts", "n_at_best")
        ),
    )


def _stopped(task: Task, theta: Array, value: float, size: float) -> Fit:
    """A fit of the published optimiser, which is no minimum."""
    square = value - task.delta * float(task.design.size(theta))
    return Fit(task.design, theta, value, square, size, 1, 1, theta[None], np.array([value]))


@dataclass(frozen=True)
class Published:
    """The paper's optimiser, stopped where it stops (:mod:`algoprog.estimators.published`)."""

    procedure: Procedure = "published"

    def fit(self, task: Task) -> Fit:
        """Return where the optimiser stops from zeros, with the certificate it has there."""
        theta, value = solve_published(task.design, task.response, task.delta)
        return _stopped(task, theta, value, subgradient(task.problem, theta))

    def draw(self, task: Task, whole: Fit, resamples: Sequence[Resample]) -> Replicates:
        """Return where the optimiser stops on each resample's rows, from zeros."""
        return _each(task, resamples, self.fit)

    def certificate(self, task: Task, fit: Fit) -> float:
        """Return the certificate of the penalised least squares."""
        return subgradient(task.problem, fit.theta)


@dataclass(frozen=True)
class Converged:
    """The global minimum with its certificate (:mod:`algoprog.estimators.converged`).

    ``all_minima``: whether a fit lists every local minimum that can be found, or ends its search
    once many starts agree on the best.
    """

    procedure: Procedure = "converged"
    all_minima: bool = True

    def fit(self, task: Task) -> Fit:
        """Return the best minimum found from many starts."""
        search = thorough if self.all_minima else settled
        return search(task.design, task.response, task.delta)

    def draw(self, task: Task, whole: Fit, resamples: Sequence[Resample]) -> Replicates:
        """Return the minimum of each resample, from the minima of the whole and from others."""
        weights = np.array([one.weights for one in resamples])
        return solve_replicates(task.design, task.response, task.delta, weights, whole.minima)

    def certificate(self, task: Task, fit: Fit) -> float:
        """Return the certificate of the penalised least squares."""
        return subgradient(task.problem, fit.theta)


@dataclass(frozen=True)
class Huber:
    """Huber's loss by either procedure (:mod:`algoprog.estimators.huber`).

    ``turns`` says where squares turn into absolute values: in nats, or in robust scales of the
    least-squares residuals of the whole sample. Resamples keep the threshold of the whole.
    """

    turns: Threshold
    procedure: Procedure

    def fit(self, task: Task) -> Fit:
        """Return the fit at the threshold of the task's rows."""
        return self._at(task, threshold(self.turns, task.design, task.response, task.delta), None)

    def draw(self, task: Task, whole: Fit, resamples: Sequence[Resample]) -> Replicates:
        """Return the fit of each resample at the threshold of the whole."""
        k = whole.threshold
        if k is None:
            raise ValueError("the fit to all rows has no threshold: it is not of Huber's loss")
        return _each(task, resamples, lambda part: self._at(part, k, whole.minima))

    def certificate(self, task: Task, fit: Fit) -> float:
        """Return the certificate of Huber's objective at the fit's threshold."""
        k = float("inf") if fit.threshold is None else fit.threshold
        return huber_subgradient(task.problem, k, fit.theta)

    def _at(self, task: Task, k: float, warm: Array | None) -> Fit:
        arguments = (task.design, task.response, task.delta, k)
        if self.procedure == "published":
            theta, value = solve_huber_published(*arguments)
            found = _stopped(task, theta, value, huber_subgradient(task.problem, k, theta))
        elif warm is None:
            found = solve_huber(*arguments)
        else:
            found = solve_huber(*arguments, warm=warm, perturbed=REPLICATE_PERTURBED)
        return replace(found, threshold=k)


@dataclass(frozen=True)
class Correlated:
    """One correlation within papers, by either procedure (:mod:`algoprog.estimators.correlated`).

    A fit whose rho is at an end of its range has an infinite certificate.
    """

    procedure: Procedure

    def fit(self, task: Task) -> Fit:
        """Return the fit of theta and rho."""
        return self._from(task, None)

    def draw(self, task: Task, whole: Fit, resamples: Sequence[Resample]) -> Replicates:
        """Return the fit of each resample, in which a paper drawn twice is two papers."""
        return _each(task, resamples, lambda part: self._from(part, whole.minima))

    def certificate(self, task: Task, fit: Fit) -> float:
        """Return the certificate at theta and rho; infinite unless rho is stationary too."""
        return self._size(task, fit.theta, fit.correlation or 0.0)

    def _size(self, task: Task, theta: Array, rho: float) -> float:
        arguments = (task.design, task.response, task.papers, task.delta)
        return correlated_subgradient(*arguments, theta, rho)

    def _from(self, task: Task, warm: Array | None) -> Fit:
        arguments = (task.design, task.response, task.papers, task.delta)
        if self.procedure == "published":
            theta, rho, value = solve_correlated_published(*arguments)
            fit = _stopped(task, theta, value, self._size(task, theta, rho))
            return replace(fit, correlation=rho)
        if warm is None:
            found = solve_correlated(*arguments)
        else:
            found = solve_correlated(*arguments, warm=warm, perturbed=REPLICATE_PERTURBED)
        size = found.fit.subgradient if found.interior else float("inf")
        return replace(found.fit, subgradient=size, correlation=found.correlation)


ESTIMATORS: dict[str, Estimator] = {"published": Published(), "converged": Converged()}
BEST_ONLY = ESTIMATORS | {"converged": Converged(all_minima=False)}


def estimator_of(name: str, huber: Threshold | None = None, correlated: bool = False) -> Estimator:
    """Return an estimator by its name and, where it has another loss, what the loss is.

    Raises
    ------
    ValueError
        for a name that is neither ``published`` nor ``converged``, or for two losses.
    """
    if name not in ESTIMATORS:
        raise ValueError(f"estimator {name!r} is none of {', '.join(ESTIMATORS)}")
    if huber and correlated:
        raise ValueError("give one of huber and correlated")
    procedure: Procedure = "published" if name == "published" else "converged"
    if huber:
        return Huber(huber, procedure)
    return Correlated(procedure) if correlated else ESTIMATORS[name]
