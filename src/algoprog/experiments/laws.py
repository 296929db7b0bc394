"""Scaling laws of a sweep in parameters and tokens, by Huber's loss on the log of the loss.

    L(N, D) = E + A N^-alpha + B D^-beta,
    minimise sum_i w_i rho(ln L_i - ln L(N_i, D_i)),   rho(r) = r^2/2 where |r| <= k, k(|r| - k/2),

with k = 0.001 (Hoffmann et al. 2022, approach 3; Besiroglu et al. 2024). The module knows runs as
three arrays; it knows no registers, no record of published systems and no tables.

The five coordinates are ln E, ln a, ln b, alpha, beta, where a and b are the two terms at the
geometric mean of N and of D: the terms of a law are then nearly uncorrelated with its exponents.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.seeds import seed_of

Array = NDArray[np.float64]

THRESHOLD = 0.001  # k, in units of ln L
STARTING_EXPONENTS = (0.15, 0.3, 0.45, 0.7)
CERTIFICATE = 1e-8  # the largest relative gradient of a certified law
FLAT = 1e-4  # residuals below this share of k count as k's: an exact fit leaves rounding alone
SAME_MINIMUM = 1e-9  # relative difference of two objectives of the same minimum
MAX_ITERATIONS = 150
LARGEST_DAMPING = 1e12
LONGEST_STEP = 2.0  # in any coordinate
WIDER = (4.0, 2.8, 2.0, 1.4, 1.0)  # multiples of k, for fits that a crease holds up
NAMES = ("E", "A", "B", "alpha", "beta")
SMALLEST = 1e-9  # nats: a starting value of a term that least squares puts at zero
LOWEST_LOG = float(np.log(SMALLEST))  # where ln E stops: an irreducible loss of zero


@dataclass(frozen=True)
class Runs:
    """The finished runs of one sweep on one evaluation set.

    Attributes
    ----------
    parameters, tokens : (n,) counts; tokens are those seen in training.
    loss : (n,) nats per token of the sweep's tokenizer.
    """

    parameters: Array
    tokens: Array
    loss: Array

    @property
    def n(self) -> int:
        """Number of runs."""
        return len(self.loss)


@dataclass(frozen=True)
class Law:
    """A fitted law E + A N^-alpha + B D^-beta and its certificate.

    Attributes
    ----------
    theta : (5,) coordinates ln E, ln a, ln b, alpha, beta.
    centre : means of ln N and ln D, at which a and b are the terms.
    objective : sum of Huber's loss.
    gradient : largest component of the gradient relative to the sum of its absolute parts.
    n_starts, n_at_best : starts tried, and those that reached the best value.
    """

    theta: Array
    centre: tuple[float, float]
    objective: float
    gradient: float
    n_starts: int
    n_at_best: int
    n: int
    rms: float

    @property
    def converged(self) -> bool:
        """Whether the certificate is met."""
        return bool(self.gradient <= CERTIFICATE)

    @property
    def constants(self) -> dict[str, float]:
        """E, A, B, alpha, beta of the law in counts and nats."""
        return dict(zip(NAMES, constants(self.theta[None], self.centre)[0].tolist(), strict=True))

    @property
    def exponents(self) -> Array:
        """(2,) alpha and beta."""
        return self.theta[3:]

    def loss(self, parameters: Array, tokens: Array) -> Array:
        """Return the predicted loss in nats at counts of any one shape."""
        x = np.log(np.asarray(parameters, dtype=float)) - self.centre[0]
        y = np.log(np.asarray(tokens, dtype=float)) - self.centre[1]
        e, a, b, alpha, beta = self.theta
        return np.asarray(np.exp(e) + np.exp(a - alpha * x) + np.exp(b - beta * y))

    def elasticity(self, parameters: Array, tokens: Array) -> Array:
        """Return -dL/d ln C in nats where N and D both grow as the square root of compute C.

        It is (alpha A N^-alpha + beta B D^-beta) / 2, the scale term of specification 5b.
        """
        x = np.log(np.asarray(parameters, dtype=float)) - self.centre[0]
        y = np.log(np.asarray(tokens, dtype=float)) - self.centre[1]
        _, a, b, alpha, beta = self.theta
        return np.asarray((alpha * np.exp(a - alpha * x) + beta * np.exp(b - beta * y)) / 2)


@dataclass(frozen=True)
class LawDraws:
    """Refits of a law to resampled runs: theta (r, 5), and which of them are certified (r,)."""

    theta: Array
    centre: tuple[float, float]
    converged: NDArray[np.bool_] = field(repr=False)

    @property
    def constants(self) -> Array:
        """(r, 5) E, A, B, alpha, beta of each draw."""
        return constants(self.theta, self.centre)

    @property
    def covariance(self) -> Array:
        """(2, 2) covariance of alpha and beta over the draws."""
        return np.cov(self.theta[:, 3:], rowvar=False)


def constants(theta: Array, centre: tuple[float, float]) -> Array:
    """Return E, A, B, alpha, beta (r, 5) of coordinates theta (r, 5)."""
    e, a, b, alpha, beta = theta.T
    level = np.where(e <= LOWEST_LOG, 0.0, np.exp(e))
    with np.errstate(over="ignore"):
        counts = np.exp(a + alpha * centre[0]), np.exp(b + beta * centre[1])
    return np.column_stack([level, *counts, alpha, beta])


def compute_exponent(alpha: Array, beta: Array) -> Array:
    """Return gamma = alpha beta / (alpha + beta): compute-optimal loss falls as C^-gamma."""
    return np.asarray(alpha * beta / (alpha + beta))


@dataclass(frozen=True)
class _Task:
    """What the minimiser sees of runs: centred ln N and ln D, ln L (n,), and Huber's k."""

    x: Array
    y: Array
    response: Array
    k: float

    def parts(self, theta: Array) -> tuple[Array, Array, Array]:
        """Residuals ln L - ln Lhat (r, n), Jacobian (r, 5, n) of ln Lhat, and the terms' shares."""
        e, a, b, alpha, beta = (theta[:, j, None] for j in range(5))
        irreducible = np.broadcast_to(np.exp(e), (len(theta), len(self.x)))
        with np.errstate(over="ignore"):
            terms = np.stack(
                [irreducible, np.exp(a - alpha * self.x), np.exp(b - beta * self.y)], axis=1
            )
            total = terms.sum(axis=1)
            share = terms / total[:, None]
        slopes = np.stack([-share[:, 1] * self.x, -share[:, 2] * self.y], axis=1)
        return self.response - np.log(total), np.concatenate([share, slopes], axis=1), share

    def value(self, residual: Array, weights: Array) -> Array:
        """Huber's objective (r,) of residuals (r, n)."""
        size = np.abs(residual)
        loss = np.where(size <= self.k, size**2 / 2, self.k * (size - self.k / 2))
        return np.asarray((weights * loss).sum(axis=1))

    def derivatives(self, theta: Array, weights: Array) -> tuple[Array, Array, Array, Array]:
        """Objective (r,), gradient (r, 5), Hessian and the Hessian of a majorant (r, 5, 5)."""
        residual, jacobian, share = self.parts(theta)
        pull = weights * np.clip(residual, -self.k, self.k)
        gradient = -np.einsum("rn,rjn->rj", pull, jacobian)
        inside = weights * (np.abs(residual) <= self.k)
        hessian = np.einsum("rin,rn,rjn->rij", jacobian, inside + pull, jacobian)
        second = np.einsum("rn,rkn->rk", pull, share)
        for k, scale in ((1, self.x), (2, self.y)):
            slope = k + 2
            first = (pull * share[:, k] * scale).sum(axis=1)
            hessian[:, k, slope] += first
            hessian[:, slope, k] += first
            hessian[:, slope, slope] -= (pull * share[:, k] * scale**2).sum(axis=1)
        hessian[:, [0, 1, 2], [0, 1, 2]] -= second
        soft = weights * self.k / np.maximum(np.abs(residual), self.k)
        majorant = np.einsum("rin,rn,rjn->rij", jacobian, soft, jacobian)
        return self.value(residual, weights), gradient, hessian, majorant

    def certificate(self, theta: Array, weights: Array) -> Array:
        """Largest relative component (r,) of the gradient; ln E at its floor may pull outwards."""
        residual, jacobian, _ = self.parts(theta)
        pull = weights * np.clip(residual, -self.k, self.k)
        gradient = np.einsum("rn,rjn->rj", pull, jacobian)
        size = np.maximum(np.abs(pull), FLAT * self.k * weights)
        scale = np.einsum("rn,rjn->rj", size, np.abs(jacobian))
        relative = np.abs(gradient) / np.where(scale > 0, scale, 1.0)
        relative[(theta[:, 0] <= LOWEST_LOG), 0] = 0.0
        return np.asarray(relative.max(axis=1))


def _task(runs: Runs, k: float) -> tuple[_Task, tuple[float, float]]:
    for name, values in (("parameters", runs.parameters), ("tokens", runs.tokens)):
        if len(np.unique(values)) < 2:
            fix = f"a law in N and D needs runs that differ in {name}"
            raise InputError("sweep", name, "one value in all runs", fix)
    if runs.n < len(NAMES):
        raise InputError("sweep", "runs", runs.n, f"give at least {len(NAMES)} runs")
    log_n, log_d = np.log(runs.parameters), np.log(runs.tokens)
    centre = float(log_n.mean()), float(log_d.mean())
    return _Task(log_n - centre[0], log_d - centre[1], np.log(runs.loss), k), centre


def _minimise(task: _Task, theta: Array, weights: Array) -> Array:
    """Minimise from theta (r, 5) under weights (r, n), each row by itself.

    Few runs leave a valley with creases (runs whose residual is about k), along which steps creep.
    What is not certified is descended again under thresholds that fall to k, and kept where lower.
    """
    ends = _descend(task, theta, weights)
    left = np.flatnonzero(task.certificate(ends, weights) > CERTIFICATE)
    if left.size:
        again, w = ends[left], weights[left]
        for factor in WIDER:
            again = _descend(replace(task, k=task.k * factor), again, w)
        lower = task.value(task.parts(again)[0], w) < task.value(task.parts(ends[left])[0], w)
        ends[left[lower]] = again[lower]
    return ends


def _descend(task: _Task, theta: Array, weights: Array) -> Array:
    """Damped Newton steps from theta (r, 5) under weights (r, n).

    A step solves (H + lambda M) s = -g with the Hessian H of Huber's objective and M that of the
    reweighted least squares that touch it from above; lambda falls after a step that lowers the
    objective and rises after one that does not.
    """
    theta = theta.copy()
    active = np.arange(len(theta))
    damping = np.ones(len(theta))
    for _ in range(MAX_ITERATIONS):
        at, w = theta[active], weights[active]
        value, gradient, hessian, majorant = task.derivatives(at, w)
        step = _step(at, gradient, hessian, majorant, damping[active])
        new = at + step
        new[:, 0] = np.maximum(new[:, 0], LOWEST_LOG)
        better = (step * gradient).sum(axis=1) < 0
        better &= task.value(task.parts(new)[0], w) < value
        theta[active[better]] = new[better]
        factor = np.where(better, 0.2, 4.0)
        damping[active] = np.clip(damping[active] * factor, 1e-12, LARGEST_DAMPING)
        stalled = ~better & (damping[active] >= LARGEST_DAMPING)
        done = (task.certificate(theta[active], w) <= CERTIFICATE / 100) | stalled
        active = active[~done]
        if not active.size:
            break
    return theta


def _step(at: Array, gradient: Array, hessian: Array, majorant: Array, damping: Array) -> Array:
    """A damped Newton step (r, 5), at most LONGEST_STEP; ln E may rest on its floor."""
    every = range(len(NAMES))
    ridge = np.einsum("rjj->rj", majorant)
    matrix = hessian + damping[:, None, None] * majorant
    matrix[:, every, every] += (1e-13 + 0.01 * damping[:, None]) * ridge + 1e-300
    resting = (at[:, 0] <= LOWEST_LOG) & (gradient[:, 0] > 0)
    matrix[resting, 0, :] = matrix[resting, :, 0] = 0.0
    matrix[resting, 0, 0] = 1.0
    pull = gradient.copy()
    pull[resting, 0] = 0.0
    step = -np.linalg.solve(matrix, pull[..., None])[..., 0]
    length = np.abs(step).max(axis=1, keepdims=True)
    return np.asarray(step * np.minimum(1.0, LONGEST_STEP / np.maximum(length, LONGEST_STEP)))


def _starts(task: _Task, loss: Array) -> Array:
    """Sixteen starts (16, 5): every pair of exponents, with E, a and b by non-negative squares."""
    from scipy.optimize import nnls

    starts = []
    for alpha, beta in product(STARTING_EXPONENTS, repeat=2):
        columns = [np.ones_like(task.x), np.exp(-alpha * task.x), np.exp(-beta * task.y)]
        levels = nnls(np.column_stack(columns), loss)[0]
        starts.append([*np.log(np.maximum(levels, 1e-3)), alpha, beta])
    return np.array(starts)


def fit_law(runs: Runs, k: float = THRESHOLD, warm: Array | None = None) -> Law:
    """Fit a law to runs from sixteen starts, and from those in ``warm`` (s, 5).

    Raises
    ------
    InputError
        for fewer than five runs, or runs that do not differ in parameters or in tokens.
    """
    task, centre = _task(runs, k)
    starts = _starts(task, runs.loss)
    if warm is not None:
        starts = np.concatenate([starts, np.atleast_2d(warm)])
    weights = np.ones((len(starts), runs.n))
    ends = _minimise(task, starts, weights)
    values = task.value(task.parts(ends)[0], weights)
    certificates = task.certificate(ends, weights)
    same = values <= values.min() * (1 + SAME_MINIMUM)
    best = int(np.flatnonzero(same)[np.argmin(certificates[same])])
    residual = task.parts(ends[[best]])[0][0]
    return Law(
        theta=ends[best],
        centre=centre,
        objective=float(values[best]),
        gradient=float(certificates[best]),
        n_starts=len(starts),
        n_at_best=int(same.sum()),
        n=runs.n,
        rms=float(np.sqrt(np.mean(residual**2))),
    )


def draw_laws(runs: Runs, law: Law, draws: int, seed: Iterable[object]) -> LawDraws:
    """Refit a law to ``draws`` resamples of the runs, rows with replacement, from the fitted law.

    Draw i depends on the names in ``seed`` and on i alone.
    """
    task, centre = _task(runs, THRESHOLD)
    names = tuple(seed)
    weights = np.empty((draws, runs.n))
    for i in range(draws):
        rng = np.random.default_rng(seed_of(*names, i))
        weights[i] = np.bincount(rng.integers(runs.n, size=runs.n), minlength=runs.n)
    ends = _minimise(task, np.repeat(law.theta[None], draws, axis=0), weights)
    return LawDraws(ends, centre, task.certificate(ends, weights) <= CERTIFICATE)
