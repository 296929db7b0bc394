"""Priors on what a variant's parameters stand for, whatever its formulas.

A parameter of a formula has no size by itself: an intercept at the sample's origin, or alpha_param
beside alpha_rate ln Y, means nothing. Priors are on quantities u at the middle of each
benchmark's rows (means of ln N, ln D and date; a transformer), or of the whole sample where a
variant has no levels for benchmarks. Each is normal:

level               logarithm of the loss the exponentials add up to, in nats
split               log-odds of an exponential's part of it against the first's
level difference    of a benchmark's level from the baseline's (or of another column)
split difference    of a benchmark's split from the baseline's
exponent            logarithm of the elasticity -d eta_k / d ln(scale): more scale never adds loss
exponent difference elasticity of a column that only one benchmark or architecture has besides
rate                -d eta_k / dt of one column, per year, centred at zero: progress is not assumed
rate difference     the same of a column that one benchmark has besides
linear              what a linear term adds to loss, in nats
multiplier          gamma itself, of a loss times sigma(gamma)

Scaling laws report exponents of 0.05 to 0.1 without and 0.28 to 0.37 with an irreducible loss
(Kaplan et al. 2020; Hoffmann et al. 2022; Besiroglu et al. 2024); a variant without it has
exponents between, and a log-normal with median 0.15 and log-sd 0.7 has 0.04 to 0.59 as its central
95 %. Which role a parameter has is read off how its first column moves with scale and time.

From u follow q = M theta + held: an exponential's eta_k = level + ln w_k with the shares w =
softmax(0, splits), elasticities exp(u), rates as they are; and theta = M^-1 (q - held).

Data determine sums over exponentials well (the loss, its slopes in ln N, ln D and t) and hardly
which exponential does what, so u itself is awkward to sample. x is what data determine: ln(w eps)
in place of ln eps, and of rates rho_k their mean sum_k w_k rho_k with their differences from the
first's, w the mean of shares over all rows. Both maps have determinant one, so the density of x is
that of u.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.middle import Middle
from algoprog.bayes.roles import Groups, Quantity, quantities_of
from algoprog.bayes.settings import Priors
from algoprog.common.errors import InputError
from algoprog.model.design import Design
from algoprog.model.model import Model

Array = NDArray[np.float64]

_WORST_CONDITION = 1e12


@dataclass(frozen=True)
class Prior:
    """Independent normal priors of u, and how theta follows from u, and u from x.

    Indices are of parameters; rows of groups have an index for each of E exponentials.

    Attributes
    ----------
    parameters : names of the p parameters.
    roles : the role of each (module's list).
    mean, sd : (p,) of u.
    to_theta : (p, p), the inverse of M.
    held : (p,) what held parameters add to q.
    levels : (E,) level and splits; empty where an exponential has no intercept of its own.
    level_differences : (L, E) of each benchmark with a difference in every exponential.
    weights : (L + 1,) part of the rows on the baseline, or like it, and on each such benchmark.
    exponents : (p,) exponential of each elasticity, from 0; -1 of other parameters.
    rates : (R, E) rates that are taken together; -1 where an exponential has none.
    """

    parameters: tuple[str, ...]
    roles: tuple[str, ...]
    mean: Array
    sd: Array
    to_theta: Array
    held: Array
    n_exponentials: int
    levels: NDArray[np.int64]
    level_differences: NDArray[np.int64]
    weights: Array
    exponents: NDArray[np.int64]
    rates: NDArray[np.int64]

    def log_shares(self, u: Array, difference: NDArray[np.int64] | None = None) -> Array:
        """Return logarithms of w (..., E) of u (..., p), with a level difference or without."""
        shares = np.zeros((*u.shape[:-1], self.n_exponentials))
        if self.levels.size:
            shares[..., 1:] = u[..., self.levels[1:]]
        if difference is not None:
            shares[..., 1:] += u[..., difference[1:]]
        top = shares.max(axis=-1, keepdims=True)
        return np.asarray(shares - top - np.log(np.exp(shares - top).sum(axis=-1, keepdims=True)))

    def mean_log_shares(self, u: Array) -> Array:
        """Return the logarithm (..., E) of the mean of w over all rows."""
        shares = self.weights[0] * np.exp(self.log_shares(u))
        for weight, group in zip(self.weights[1:], self.level_differences, strict=True):
            shares = shares + weight * np.exp(self.log_shares(u, group))
        return np.asarray(np.log(shares))

    def theta(self, u: Array) -> Array:
        """Return the parameters (..., p) of u (..., p)."""
        q = u.copy()
        scaled = self.exponents >= 0
        q[..., scaled] = np.exp(u[..., scaled])
        if self.levels.size:
            shares = self.log_shares(u)
            q[..., self.levels] = u[..., self.levels[:1]] + shares
            for group in self.level_differences:
                q[..., group] = u[..., group[:1]] + self.log_shares(u, group) - shares
        return np.asarray((q - self.held) @ self.to_theta.T)

    def u(self, x: Array) -> Array:
        """Return the quantities u (..., p) of the coordinates that are sampled, x (..., p)."""
        u = x.copy()
        shares = self.mean_log_shares(x)
        scaled = self.exponents >= 0
        u[..., scaled] -= shares[..., self.exponents[scaled]]
        for group in self.rates:
            there = group >= 0
            members = group[there]
            weights = np.exp(shares[..., there])
            weights /= weights.sum(axis=-1, keepdims=True)
            apart = x[..., members].copy()
            apart[..., 0] = 0.0
            mean = x[..., members[:1]] - (weights * apart).sum(axis=-1, keepdims=True)
            u[..., members] = mean + apart
        return u

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Return quantities u (size, p) drawn from the prior."""
        return np.asarray(self.mean + self.sd * rng.standard_normal((size, len(self.mean))))


def prior_of(model: Model, priors: Priors, width: float = 1.0) -> Prior:
    """Return the prior of a variant on a sample.

    ``width`` is a factor on every standard deviation.

    Raises
    ------
    InputError
        for a variant whose quantities do not determine its parameters (a column that is zero at
        the middle of the sample, for instance).
    """
    design = model.design
    quantities = quantities_of(design, Middle.of(model))
    groups = Groups.of(design, quantities)
    ordered = sorted(groups.with_splits(quantities), key=lambda quantity: quantity.parameter)
    roles = tuple(quantity.role for quantity in ordered)
    mean, sd = np.array([_normal(role, priors) for role in roles]).T
    shape = (-1, len(groups.exponentials))
    return Prior(
        parameters=design.parameters,
        roles=roles,
        mean=mean,
        sd=sd * width,
        to_theta=_inverse(design, ordered),
        held=np.array([quantity.held for quantity in ordered]),
        n_exponentials=len(groups.exponentials),
        levels=np.array(groups.levels[0] if groups.levels else [], dtype=np.int64),
        level_differences=np.array(groups.level_differences, dtype=np.int64).reshape(shape),
        weights=_weights(model.sample.rows, groups.benchmarks),
        exponents=np.array([_exponential(quantity, groups) for quantity in ordered]),
        rates=np.array(groups.rates, dtype=np.int64).reshape(shape),
    )


def _inverse(design: Design, quantities: Sequence[Quantity]) -> Array:
    """M^-1, where row j of M is the quantity that parameter j stands for."""
    matrix = np.array([quantity.row for quantity in quantities])
    if not np.linalg.cond(matrix) < _WORST_CONDITION:
        lost = [name for name, row in zip(design.parameters, matrix, strict=True) if not row.any()]
        raise InputError(
            "config.yaml",
            f"variants.{design.variant}",
            "no prior for " + ", ".join(lost or design.parameters),
            "use columns that differ from each other and are not zero at the middle of the sample",
        )
    return np.asarray(np.linalg.inv(matrix), dtype=float)


def _weights(sample: pl.DataFrame, benchmarks: Sequence[str]) -> Array:
    """Share of the rows on each benchmark, before them the share of all other rows."""
    parts = [float((sample["benchmark"] == name).to_numpy().mean()) for name in benchmarks]
    return np.array([1.0 - sum(parts), *parts])


def _exponential(quantity: Quantity, groups: Groups) -> int:
    """The exponential of an elasticity, from 0; -1 of another quantity."""
    return groups.exponentials.index(quantity.term) if quantity.role == "exponent" else -1


def _normal(role: str, priors: Priors) -> tuple[float, float]:
    """Mean and standard deviation of u in a role."""
    if role == "level":
        return float(np.log(priors.level.median)), priors.level.log_sd
    if role == "exponent":
        return float(np.log(priors.exponent.median)), priors.exponent.log_sd
    if role == "multiplier":
        return priors.multiplier.mean, priors.multiplier.sd
    sd: float = getattr(priors, role.replace(" ", "_") + "_sd")
    return 0.0, sd
