"""What compiled functions are given, by name: a variant's arrays, a task, and work space.

Named tuples, since compiled code takes them as they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from algoprog.estimators.kernels.compiling import allocating
from algoprog.estimators.kernels.lanes import WIDEST, WIDTH


class Law(NamedTuple):
    """A compiled variant on n rows, with m columns in K terms.

    columns (m, n), sign included; pointer (K + 1,) first column of each term; owner (m,) parameter
    of each column; exponential (K,); offset (K, n) what held parameters add to each linear
    predictor; multiplier (n,) rows multiplied by sigma(theta_g); gamma the index g, or -1.
    """

    columns: Any
    pointer: Any
    owner: Any
    exponential: Any
    offset: Any
    multiplier: Any
    gamma: int


class Target(NamedTuple):
    """What is minimised and how far: response (n,), weights (n,) of sum 1, penalty (p,)."""

    response: Any
    weights: Any
    penalty: Any
    tolerance: float
    iterations: int


class Norms(NamedTuple):
    """Sizes that a descent measures against.

    unit (K, p, p) is 2 X_k' W X_k; largest (p,) the norm each column of the Jacobian has when its
    term is as large as the response; noise the residual (rms) that is rounding alone.
    """

    unit: Any
    largest: Any
    noise: float


class Point(NamedTuple):
    """Where a descent is: the terms E_ki (K, n) and the residuals (n,) there."""

    terms: Any
    residual: Any


class Found(NamedTuple):
    """What earlier descents of a search found: their ends, and which are minima.

    ends (m, p); values (3, m) objectives, mean squares and subgradient sizes; heads (h,) the number
    of a descent that first ended at each distinct certified minimum, -1 from there on.
    """

    ends: Any
    values: Any
    heads: Any


class Space(NamedTuple):
    """Work space of descents, of the rows (n,) and of the parameters (p,) or (p, p).

    sums (2 WIDEST,) takes what one pass over the rows adds up (:mod:`.lanes`).
    """

    row: Any
    other: Any
    sums: Any
    gradient: Any
    subgradient: Any
    squares: Any
    drift: Any
    column: Any
    newton: Any
    gauss: Any
    metric: Any
    kappa: Any


class Step(NamedTuple):
    """A step of the damped model: its matrix, its end ``at``, the model's gradient ``slope`` there.

    sign, active, free, rhs and upper are work space of the active-set method.
    """

    matrix: Any
    at: Any
    slope: Any
    sign: Any
    active: Any
    free: Any
    rhs: Any
    upper: Any


@allocating
def point_of(law):
    """Return a point without contents."""
    return Point(np.empty(law.offset.shape), np.empty(law.offset.shape[1]))


@allocating
def space_of(law, p):
    """Return work space for descents of a law with p parameters."""
    k, n = law.offset.shape
    return Space(
        np.empty(n),
        np.empty(n),
        np.empty(2 * WIDEST),
        np.empty(p),
        np.empty(p),
        np.empty(p),
        np.empty(p),
        np.empty(p),
        np.empty((p, p)),
        np.empty((p, p)),
        np.empty((p, p)),
        np.empty(k),
    )


@allocating
def step_of(p):
    """Return work space for steps in p parameters."""
    return Step(
        np.empty((p, p)),
        np.empty(p),
        np.empty(p),
        np.empty(p),
        np.empty(p, np.bool_),
        np.empty(p, np.int64),
        np.empty(p),
        np.zeros((p, WIDTH * (p // WIDTH + 1))),
    )
