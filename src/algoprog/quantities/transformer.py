"""What the transformer is worth: a factor on the loss, and the compute it saves.

With a multiplier sigma(gamma) on transformers' loss, sigma(x) = 1 / (1 + exp(-x)), the transformer
lowers loss by 1 - sigma(gamma), and its compute-equivalent gain at compute C and a given year is
a^2 where

    L(N, D, transformer) = L(a N, a D, not),     N = D = sqrt(C / 6),

that is, how many times the compute another architecture needs (Ho et al. 2024, section 3.3).

No effect is gamma = infinity, so a penalty delta |gamma| rules it out: the penalty alone pulls
gamma to 0, where loss halves. The same model with the factor exp(-kappa) has no effect at
kappa = 0 and is penalised towards that; what differs between the two is the penalty's doing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import percentiles
from algoprog.model.changes import FACTOR
from algoprog.model.points import coordinates
from algoprog.model.surface import Surface
from algoprog.quantities.closed_form import Key

Array = NDArray[np.float64]

MAX_ITERATIONS = 200


def loss_reduction(surface: Surface, theta: Array) -> Array:
    """1 - sigma(gamma), or 1 - exp(-kappa), (r,): the share of loss a transformer takes off.

    Without cancelling where it is small. Also for a parameter held in the configuration.
    """
    hold = surface.model.variant.hold
    name = next(iter(surface.model.variant.multiplier or [FACTOR]))
    value = np.full(len(theta), hold[name]) if name in hold else theta[:, surface.names.index(name)]
    if name == FACTOR:
        return np.asarray(-np.expm1(-value))
    return np.asarray(np.exp(-np.logaddexp(0.0, value)))


def solve_scale(levels: Array, slopes: Array, target: Array) -> Array:
    """The x (r,) at which sum_k exp(levels_k + slopes_k x) falls to ``target`` (r,).

    ``levels`` and ``slopes`` are (r, K); x is the root reached from 0 along the branch on which the
    sum falls. The sum F is convex. Each falling term alone is at most F, so F >= target where the
    slowest of them reaches what the constant terms leave of the target; from there Newton's
    steps rise to the root and cannot pass it, and end at machine precision.

    inf where F falls short of the target for no x (the target is below what remains of the sum, or
    F does not fall at 0); NaN where F rises at 0 and the target is above F(0): then neither more
    nor less is the same.
    """
    with np.errstate(all="ignore"):
        constant = np.where(slopes == 0, np.exp(levels), 0.0).sum(axis=1)
        now = np.exp(levels).sum(axis=1)
        slope = (slopes * np.exp(levels)).sum(axis=1)
        remaining = target - constant
        alone = np.where(slopes < 0, (np.log(remaining)[:, None] - levels) / slopes, -np.inf)
        x = alone.max(axis=1)
        open_ = (slope < 0) & (remaining > 0)
        x = np.where(open_, x, np.where((slope < 0) | (target < now), np.inf, np.nan))
        x[(target == now)] = 0.0
        open_ &= np.isfinite(x) & (target != now)
        for _ in range(MAX_ITERATIONS):
            if not open_.any():
                return x
            at = np.flatnonzero(open_)
            terms = np.exp(levels[at] + slopes[at] * x[at, None])
            value, derivative = terms.sum(axis=1), (slopes[at] * terms).sum(axis=1)
            # past the lowest point, and still above the target: there is no root
            lost = (derivative >= 0) & (value > target[at])
            step = (target[at] - value) / derivative
            done = lost | ~(step > 2e-16 * np.maximum(1.0, np.abs(x[at])))
            x[at] = np.where(lost, np.inf, np.where(done, x[at], x[at] + step))
            open_[at[done]] = False
    raise AssertionError(f"{int(open_.sum())} roots not found in {MAX_ITERATIONS} steps")


def compute_equivalent_gain(
    surface: Surface, theta: Array, compute: float, year: float, benchmark: str | None = None
) -> Array:
    """Gain a^2 (r,) of the transformer at ``compute`` FLOP in ``year``, for draws theta (r, p).

    Infinite where no compute gives another architecture the transformer's loss; NaN as in
    :func:`solve_scale`. ``benchmark`` is the baseline unless it is given.

    Raises
    ------
    InputError
        for a variant with a scale in its linear part, or one not affine in ln N and ln D.
    """
    size = 0.5 * np.log(compute / 6.0)
    name = benchmark or surface.units.baseline
    vocabulary = surface.units.vocabulary(name)
    # the transformer; another architecture at ln a = 0, 1 and 2
    steps = np.array([0.0, 0.0, 1.0, 2.0])
    point = coordinates(surface.units.origin, size + steps, size + steps, year)
    design = surface.design(
        **point, T=np.array([1.0, 0.0, 0.0, 0.0]), b=np.full(4, name), V=vocabulary
    )
    first, second = np.diff(design.columns[:, 1:], axis=1).T
    held = np.diff(design.offset[:, 1:], axis=1)
    if not (
        np.allclose(first, second, rtol=1e-9, atol=1e-9)
        and np.allclose(held[:, 0], held[:, 1], rtol=1e-9, atol=1e-9)
    ):
        raise InputError(
            "config.yaml",
            f"variants.{surface.model.variant.name}",
            "an exponent that is not linear in n and d",
            "compute-equivalent gains need one",
        )
    levels, slopes, linear = [], [], np.zeros((len(theta), 2))
    for k, (term, eta) in enumerate(
        zip(design.terms, surface.linear_predictors(theta, design), strict=True)
    ):
        owners = design.parameter_of_column[term.start : term.stop]
        # of each column, not of eta: a coefficient of exactly 0 has a slope of exactly 0
        rise = theta[:, owners] @ first[term.start : term.stop] + held[k, 0]
        if term.exponential:
            levels.append(eta[:, 1])
            slopes.append(rise)
        elif first[term.start : term.stop].any() or held[k, 0]:
            raise InputError(
                "config.yaml",
                f"variants.{surface.model.variant.name}.linear",
                "a scale in the linear part",
                "compute-equivalent gains need scales in exponentials only",
            )
        else:
            linear += eta[:, :2]
    target = surface.loss(theta, design)[:, 0] - linear[:, 1]
    return np.exp(2.0 * solve_scale(np.stack(levels, axis=1), np.stack(slopes, axis=1), target))


def transformer_rows(
    surface: Surface,
    key: Key,
    estimates: Mapping[str, float],
    draws: pl.DataFrame | None,
    computes: Sequence[float],
    year: float,
    benchmark: str | None = None,
) -> list[dict[str, Any]]:
    """Rows of `transformer`, one for each compute: reduction (a fraction of loss) and gain.

    Parameters
    ----------
    surface : of a variant with a multiplier or a factor (:mod:`algoprog.model.changes`).
    key : columns that all rows share (sample, variant, delta, estimator, resampling).
    estimates, draws : parameters of the fit by name, and bootstrap draws of them or None.

    Draws with an infinite gain count in its quantiles as the largest, and their share is
    ``share_unbounded``; draws whose gain is undefined count in ``share_undefined`` and not in
    ``n_draws``, the number behind the gain's quantiles.
    """
    point = np.array([[estimates[name] for name in surface.names]])
    replicates = None if draws is None else draws.select(surface.names).to_numpy()
    rows = []
    for compute in computes:
        gain = float(compute_equivalent_gain(surface, point, compute, year, benchmark)[0])
        row: dict[str, Any] = {**key, "compute": float(compute)}
        row |= {"reduction": float(loss_reduction(surface, point)[0]), "gain": gain}
        if replicates is not None:
            row |= percentiles(loss_reduction(surface, replicates)).columns("reduction_")
            gains = compute_equivalent_gain(surface, replicates, compute, year, benchmark)
            defined = gains[~np.isnan(gains)]
            if len(defined):
                row |= percentiles(defined).columns("gain_")
            row |= {
                "n_draws": len(defined),
                "share_unbounded": float(np.mean(np.isinf(gains))),
                "share_undefined": float(np.mean(np.isnan(gains))),
            }
        rows.append(row)
    return rows
