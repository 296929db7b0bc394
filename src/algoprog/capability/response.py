"""Stage 1: capability, difficulty and slope by logistic item response.

    y_mb ~ g_b + (1 - g_b) sigma(alpha_b (C_m - D_b))

    minimise  1/2 sum w (y_hat - y)^2 + ridge / (2 P) (sum C^2 + sum D^2 + sum alpha^2),

P the number of free parameters. The unit of C is one logit of the anchor, whose slope is 1 and
whose difficulty is 0 after a shift. (A Rosetta Stone for AI benchmarks, section 3.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from algoprog.capability.kernels import descend
from algoprog.capability.sample import Pairs
from algoprog.common.seeds import seed_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

ANCHOR = "Winogrande"
LOW = (-10.0, -10.0, 0.1)  # of C, D and alpha
HIGH = (10.0, 10.0, 10.0)
TOLERANCE = 1e-10  # of the largest component of the gradient
MOST_ITERATIONS = 200
AGREE = 1e-9  # relative difference in cost up to which two starts reached the same minimum
MISFIT = 0.07  # standard deviation of a score about the model, of what is no sampling error
UNKNOWN_ITEMS = 200  # of a benchmark whose number of items is unknown, for weights alone


@dataclass(frozen=True)
class ResponseModel:
    """How scores depend on capability.

    ridge     lambda; the penalty is lambda / P a squared unit
    anchor    benchmark whose slope is 1 and, after the shift, whose difficulty is 0
    floor     whether the curve starts at the guessing level (ours) or at 0 (published)
    weighting  `equal` (published), or by what is known of the sampling error of each score
    """

    ridge: float = 0.1
    anchor: str = ANCHOR
    floor: bool = False
    weighting: Literal["equal", "sampling_error"] = "equal"


@dataclass(frozen=True)
class Certificate:
    """What shows that a fit is a minimum.

    gradient    largest component of the gradient among the parameters that can move
    iterations  of the best start
    starts, agreeing  how many starts were made, and how many reached the least cost
    at_bounds   how many parameters lie at a bound
    """

    gradient: float
    iterations: int
    starts: int
    agreeing: int
    at_bounds: int

    @property
    def converged(self) -> bool:
        """Whether the gradient is as small as was asked."""
        return self.gradient <= 10 * TOLERANCE


@dataclass(frozen=True)
class ResponseFit:
    """Capabilities, difficulties and slopes at the minimum, the anchor's difficulty shifted to 0.

    `shift` is what was subtracted from C and D; `penalty` is ridge / P.
    """

    pairs: Pairs
    model: ResponseModel
    capability: Array
    difficulty: Array
    slope: Array
    shift: float
    cost: float
    penalty: float
    weight: Array
    certificate: Certificate

    @property
    def floor(self) -> Array:
        """Return the level each benchmark's curve starts at."""
        return floor_of(self.pairs, self.model)

    def expected(self, capability: Array, benchmark: NDArray[np.int64]) -> Array:
        """Return the expected score of given capabilities on given benchmarks."""
        z = self.slope[benchmark] * (capability - self.difficulty[benchmark])
        g = self.floor[benchmark]
        return np.asarray(g + (1 - g) / (1 + np.exp(-z)))

    @property
    def residual(self) -> Array:
        """Return expected less observed score of each pair."""
        at = self.capability[self.pairs.version]
        return self.expected(at, self.pairs.benchmark) - self.pairs.score


def floor_of(pairs: Pairs, model: ResponseModel) -> Array:
    """Return the guessing levels if the model has a floor, else zeros."""
    return pairs.guessing if model.floor else np.zeros(len(pairs.benchmarks))


def drawn_inwards(score: Array) -> Array:
    """Return scores drawn towards a half by one success and one failure in 200 items."""
    return (score * UNKNOWN_ITEMS + 1) / (UNKNOWN_ITEMS + 2)


def pair_weights(pairs: Pairs, model: ResponseModel) -> Array:
    """Return the weight of each pair, of mean 1.

    With `sampling_error` it is 1 / (misfit^2 + se^2). An unknown standard error is the binomial
    one of 200 items, sqrt(p (1 - p) / 200), p the score drawn towards a half by one success and
    one failure.
    """
    if model.weighting == "equal":
        return np.ones(len(pairs))
    p = drawn_inwards(pairs.score)
    error = np.where(
        np.isnan(pairs.standard_error), np.sqrt(p * (1 - p) / UNKNOWN_ITEMS), pairs.standard_error
    )
    weight = 1 / (MISFIT**2 + error**2)
    return np.asarray(weight / weight.mean())


@dataclass(frozen=True)
class Start:
    """A point the descent starts from: C, D and alpha."""

    capability: Array
    difficulty: Array
    slope: Array

    @classmethod
    def neutral(cls, pairs: Pairs) -> Start:
        """Return zeros for capabilities and difficulties, ones for slopes."""
        M, n = len(pairs.versions), len(pairs.benchmarks)
        return cls(np.zeros(M), np.zeros(n), np.ones(n))

    @classmethod
    def drawn(cls, pairs: Pairs, seed: int) -> Start:
        """Return a random point, wide of the neutral one."""
        random = np.random.default_rng(seed)
        M, n = len(pairs.versions), len(pairs.benchmarks)
        return cls(
            random.normal(0, 0.7, M), random.normal(0, 0.7, n), np.exp(random.normal(0, 0.7, n))
        )

    @classmethod
    def of(cls, fit: ResponseFit) -> Start:
        """Return the minimum of another fit of the same pairs, before its shift."""
        return cls(fit.capability + fit.shift, fit.difficulty + fit.shift, fit.slope)


def fit_response(
    pairs: Pairs,
    model: ResponseModel | None = None,
    *,
    weight: Array | None = None,
    start: Start | None = None,
    more_starts: int = 0,
    fixed: dict[str, float] | None = None,
) -> ResponseFit:
    """Fit the item response model by Newton's method and return the minimum with its certificate.

    Parameters
    ----------
    pairs : Pairs
        The scores.
    model : ResponseModel, optional
        The published model by default.
    weight : array, shape (pairs,), optional
        Multiplies the model's own weights (bootstrap).
    start : Start, optional
        Neutral by default.
    more_starts : int
        Random starts besides; the certificate tells how many agree with the best.
    fixed : dict, optional
        Capabilities held at values; they take the place of the anchor, and nothing is shifted.

    Raises
    ------
    InputError
        if the anchor has no pair.
    """
    model = model or ResponseModel()
    weights = pair_weights(pairs, model) * (1.0 if weight is None else weight)
    begins = [start or Start.neutral(pairs)]
    begins += [Start.drawn(pairs, seed_of("response", i)) for i in range(more_starts)]
    ends = [_descend(pairs, model, weights, begin, fixed) for begin in begins]
    best = min(ends, key=lambda end: end[0])
    cost, gradient, iterations, end, penalty = best
    shift = 0.0 if fixed else float(end.difficulty[pairs.position(model.anchor)])
    free = np.arange(len(pairs.benchmarks)) != (-1 if fixed else pairs.position(model.anchor))
    bounded = np.concatenate([end.capability, end.difficulty]), end.slope[free]
    at_bounds = int(
        (np.abs(bounded[0]) >= HIGH[0]).sum()
        + ((bounded[1] <= LOW[2]) | (bounded[1] >= HIGH[2])).sum()
    )
    agreeing = sum(other[0] <= cost + AGREE * abs(cost) for other in ends)
    return ResponseFit(
        pairs=pairs,
        model=model,
        capability=end.capability - shift,
        difficulty=end.difficulty - shift,
        slope=end.slope,
        shift=shift,
        cost=cost,
        penalty=penalty,
        weight=weights,
        certificate=Certificate(gradient, iterations, len(ends), agreeing, at_bounds),
    )


def free_parameters(
    pairs: Pairs, model: ResponseModel, fixed: dict[str, float] | None
) -> tuple[Flags, Flags]:
    """Return which capabilities, and which difficulties and slopes, are free.

    Without a ridge nothing else would fix the location, so the anchor's difficulty is held too.
    """
    M, n = len(pairs.versions), len(pairs.benchmarks)
    free_c, free_t = np.ones(M, dtype=bool), np.ones(2 * n, dtype=bool)
    if fixed:
        free_c[[pairs.versions.index(name) for name in fixed]] = False
    else:
        anchor = pairs.position(model.anchor)
        free_t[n + anchor] = False
        free_t[anchor] = model.ridge > 0
    return free_c, free_t


def _descend(
    pairs: Pairs,
    model: ResponseModel,
    weight: Array,
    begin: Start,
    fixed: dict[str, float] | None,
) -> tuple[float, float, int, Start, float]:
    C, D, A = begin.capability.copy(), begin.difficulty.copy(), begin.slope.copy()
    free_c, free_t = free_parameters(pairs, model, fixed)
    if fixed:
        for name, value in fixed.items():
            C[pairs.versions.index(name)] = value
    else:
        anchor = pairs.position(model.anchor)
        A[anchor] = 1.0
        if model.ridge == 0:
            C -= D[anchor]
            D -= D[anchor]
    M, n = len(C), len(D)
    penalty = model.ridge / (M + 2 * n - (2 if fixed else 1))
    data = (
        pairs.starts,
        pairs.benchmark,
        pairs.score,
        weight,
        floor_of(pairs, model),
        penalty,
    )
    T = np.concatenate([D, A])
    bounds = (
        np.full(M, LOW[0]),
        np.full(M, HIGH[0]),
        np.repeat(LOW[1:], n),
        np.repeat(HIGH[1:], n),
    )
    free = (free_c, free_t)
    cost, gradient, iterations = descend(data, (C, T), free, bounds, TOLERANCE, MOST_ITERATIONS)
    return float(cost), float(gradient), int(iterations), Start(C, T[:n], T[n:]), penalty
