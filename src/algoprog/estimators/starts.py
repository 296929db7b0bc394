"""Where searches for a minimum begin: points and perturbations drawn from a variant's name.

It knows a compiled design and the mean of a response; it knows no objective and no solver. Where a
search begins is rounded to single precision: another processor's logarithms and matrix products
differ in the last digits of a double, and descents would end some of those apart.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from algoprog.common.arithmetic import single, turned
from algoprog.common.seeds import seed_of
from algoprog.model.design import Design

Array = NDArray[np.float64]


def default_starts(design: Design, response: Array, weights: Array, number: int) -> Array:
    """The first ``number`` starts that do not depend on earlier fits: (number, p).

    In each, one exponential in turn takes nine tenths of the mean response, through its intercept:
    once with slopes of zero, then with slopes that move the linear predictors by about 0.2 or 0.5,
    drawn from a seed of the variant's name. More starts only add to fewer. (Zeros, where the
    published optimiser starts, are a saddle: both exponentials are the same there.)
    """
    mean = abs(float(weights @ response)) or 1.0
    intercepts, level = design.intercepts, design.moments[0]
    k_terms = len(intercepts)
    slopes = np.divide(1.0, design.scale, out=np.zeros(design.p), where=design.scale > 0)
    reach = np.where(np.arange(number) % 4 != 3, 0.2, 0.5)[:, None]
    starts = reach * slopes * _normals(design.variant, number, design.p)
    starts[:k_terms] = 0.0
    big = np.arange(number) % k_terms
    for i, (k, constant, others) in enumerate(intercepts):
        if constant >= 0:
            owners = design.parameter_of_column[others]
            shift = starts[:, owners] @ level[others] + design.offset[k].mean()
            share = np.where(big == i, 0.9 if k_terms > 1 else 1.0, 0.1 / max(k_terms - 1, 1))
            owner = design.parameter_of_column[constant]
            starts[:, owner] = (np.log(share * mean) - shift) / level[constant]
    return single(starts)


@cache
def _normals(variant: str, number: int, p: int) -> Array:
    """Return the normal numbers (number, p) of a variant's starts, drawn once: nobody writes."""
    drawn = np.random.default_rng(seed_of("starts", variant)).standard_normal((number, p))
    drawn.flags.writeable = False
    return drawn


def hops(design: Design, number: int) -> Array:
    """Perturbations (number, p) that move linear predictors by about 0.3 and 1 unit in turn.

    Each changes about half of the parameters; drawn from a seed of the variant's name.
    """
    if not number:
        return np.empty((0, design.p))
    rng = np.random.default_rng(seed_of("hops", design.variant))
    scale = 1.0 / np.where(design.scale > 0, design.scale, 1.0)
    size = np.where(np.arange(number) % 4 < 2, 1.0, 0.3)[:, None]
    chosen = rng.random((number, design.p)) < 0.5
    return single(size * scale * chosen * rng.standard_normal((number, design.p)))


def perturbations(design: Design, delta: float, number: int) -> Array:
    """:func:`hops` (number, p), without a penalty in the coordinates of ``design.conditioned``."""
    inner = design.conditioned if delta == 0 and number else None
    if inner is None:
        return hops(design, number)
    return single(turned(hops(inner.design, number), inner.back))
