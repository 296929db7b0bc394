"""Hierarchical model of stage 2, by maximum likelihood, with every error of its parts.

    C_i = b_f + k_f (x_i - x_f) + e_i,   b_f = b + k x_f + g t_i + u_f,
    u_f ~ N(0, tau_b^2),  k_f ~ N(k, tau_k^2),  e_i ~ N(0, sigma^2),

x = ln F, x_f its mean in family f. A family is the versions of one recipe, or else of one model.
The growth of compute efficiency is g / k a year.

Within a family the vectors (1, ..., 1) and x - x_f are orthogonal. So a rotation of each family's
rows turns the model into independent rows of three strata, whose variances are sigma^2 + n tau_b^2,
sigma^2 + |x - x_f|^2 tau_k^2 and sigma^2, and each evaluation is a weighted least squares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from algoprog.capability.compute import ComputeSample
from algoprog.capability.lines import t_quantile
from algoprog.capability.rates import Rate

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

STARTS = ((0.5, -4.0), (2.0, -1.0), (-3.0, -6.0))  # ln of the variance ratios
LOWEST, HIGHEST = -18.0, 12.0  # ln of a variance ratio that is as good as 0, or as infinite
FIXED_EFFECTS = 3  # b, k, g


@dataclass(frozen=True)
class Strata:
    """Rows rotated within families; the design's columns are 1, x and t.

    size_b, size_k  what multiplies the variance ratio of b_f, and of k_f, in a row's variance
    """

    X: Array
    y: Array
    size_b: Array
    size_k: Array
    rotation: Array
    families: int

    def with_response(self, capability: Array) -> Strata:
        """Return the same strata for other capabilities, in the order of the sample."""
        return replace(self, y=self.rotation @ capability)

    def variances(self, ratios: Array) -> Array:
        """Return each row's variance over sigma^2, for ln of the two ratios."""
        return np.asarray(1 + self.size_b * np.exp(ratios[0]) + self.size_k * np.exp(ratios[1]))


@dataclass(frozen=True)
class HierarchicalFit:
    """Fixed effects (b, k, g) with their covariance, deviations, and the log likelihood."""

    effects: Array
    covariance: Array
    sigma: float
    tau_b: float
    tau_k: float
    log_likelihood: float
    n: int
    families: int
    ratios: Array
    restricted: bool = False

    @property
    def growth(self) -> float:
        """Return g / k, the growth of compute efficiency a year."""
        return float(self.effects[2] / self.effects[1])

    @property
    def degrees(self) -> int:
        """Return families less fixed effects."""
        return self.families - FIXED_EFFECTS

    @property
    def growth_error(self) -> float:
        """Return the standard error of g / k by the delta method, covariance included."""
        k, g = self.effects[1:]
        gradient = np.array([-g / k**2, 1 / k])
        return float(np.sqrt(gradient @ self.covariance[1:, 1:] @ gradient))

    def rate(self, level: float = 0.95, *, set_of: str = "delta") -> Rate:
        """Return the rate with its t interval, by the delta method or as Fieller's set."""
        quantile = t_quantile(self.degrees, level)
        if set_of == "fieller":
            low, high = fieller(self.effects[1:], self.covariance[1:, 1:], quantile)
        else:
            half = quantile * self.growth_error
            low, high = self.growth - half, self.growth + half
        way = "hierarchical, restricted" if self.restricted else "hierarchical"
        return Rate(
            way, "all", self.n, self.growth, low, high, level,
            carried="trend, k, its spread over families, versions of a family",
            k=float(self.effects[1]), slope=float(self.effects[2]),
        )  # fmt: skip


def fieller(estimates: Array, covariance: Array, quantile: float) -> tuple[float, float]:
    """Return Fieller's set of g / k from estimates (k, g) with their covariance.

    The set {r : (g - r k)^2 <= q^2 Var(g - r k)}; unbounded where k is not apart from 0.
    """
    k, g = estimates
    (v_kk, v_kg), (_, v_gg) = covariance
    square = quantile**2
    a, b, c = k**2 - square * v_kk, -2 * (g * k - square * v_kg), g**2 - square * v_gg
    root = b**2 - 4 * a * c
    if a <= 0 or root < 0:
        return -np.inf, np.inf
    return float((-b - np.sqrt(root)) / (2 * a)), float((-b + np.sqrt(root)) / (2 * a))


def family_labels(sample: ComputeSample) -> tuple[str, ...]:
    """Return each version's family: its recipe, or else its model."""
    return tuple(
        f"recipe {recipe}" if recipe else f"model {model}"
        for recipe, model in zip(sample.recipe, sample.model, strict=True)
    )


def strata(sample: ComputeSample, families: tuple[str, ...] | None = None) -> Strata:
    """Return the sample's rows rotated within families."""
    labels = np.array(family_labels(sample) if families is None else families)
    n = len(sample)
    x = sample.ln_compute - sample.ln_compute.mean()
    rotation, size_b, size_k = np.zeros((n, n)), np.zeros(n), np.zeros(n)
    row = 0
    names = np.unique(labels)
    for name in names:
        index = np.flatnonzero(labels == name)
        z = x[index] - x[index].mean()
        basis = np.column_stack([np.ones(len(index)), z, np.eye(len(index))])
        slopes = float(z @ z) > 1e-12
        if not slopes:
            basis = np.delete(basis, 1, axis=1)
        directions = np.linalg.qr(basis)[0][:, : len(index)].T
        rotation[row : row + len(index), index] = directions
        size_b[row] = len(index)
        if slopes:
            size_k[row + 1] = float(z @ z)
        row += len(index)
    X = np.column_stack([np.ones(n), x, sample.t - sample.t.mean()])
    return Strata(rotation @ X, rotation @ sample.capability, size_b, size_k, rotation, len(names))


@dataclass(frozen=True)
class Evaluation:
    """Effects, information (sigma 1), sigma^2, minus the log likelihood and its gradient."""

    effects: Array
    information: Array
    square: float
    minus: float
    gradient: Array


def evaluate(rows: Strata, ratios: Array, restricted: bool = False) -> Evaluation:
    """Return the generalised least squares at given variance ratios (their logarithms).

    The restricted likelihood is that of what is left of y without the fixed effects.
    """
    variance = rows.variances(ratios)
    W = rows.X / variance[:, None]
    information = W.T @ rows.X
    inverse = np.linalg.inv(information)
    effects = inverse @ (W.T @ rows.y)
    residual = rows.y - rows.X @ effects
    degrees = len(rows.y) - (FIXED_EFFECTS if restricted else 0)
    total = float(residual @ (residual / variance))
    minus = degrees * (np.log(2 * np.pi * total / degrees) + 1) + float(np.log(variance).sum())
    slope = 1 / variance - degrees / total * (residual / variance) ** 2
    if restricted:
        minus += float(np.linalg.slogdet(information)[1])
        slope -= ((W @ inverse) * W).sum(axis=1)
    sizes = (rows.size_b * np.exp(ratios[0]), rows.size_k * np.exp(ratios[1]))
    gradient = 0.5 * np.array([size @ slope for size in sizes])
    return Evaluation(effects, information, total / degrees, 0.5 * minus, gradient)


def fit_hierarchical(
    rows: Strata,
    starts: tuple[tuple[float, float], ...] = STARTS,
    *,
    restricted: bool = False,
) -> HierarchicalFit:
    """Return the fit of the largest likelihood over the two variance ratios.

    `restricted` maximises the restricted likelihood, which does not underrate variances.
    """

    def minus(ratios: Array) -> tuple[float, Array]:
        at = evaluate(rows, ratios, restricted)
        return at.minus, at.gradient

    bounds = [(LOWEST, HIGHEST)] * 2
    options = {"ftol": 1e-15, "gtol": 1e-8}
    ends = [
        minimize(minus, s, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        for s in starts
    ]
    ratios = np.asarray(min(ends, key=lambda end: float(end.fun)).x)
    best = evaluate(rows, ratios, restricted)
    tau = np.sqrt(best.square * np.exp(ratios))
    return HierarchicalFit(
        effects=best.effects,
        covariance=np.asarray(best.square * np.linalg.inv(best.information)),
        sigma=float(np.sqrt(best.square)),
        tau_b=float(tau[0]),
        tau_k=float(tau[1]),
        log_likelihood=-best.minus,
        n=len(rows.y),
        families=rows.families,
        ratios=ratios,
        restricted=restricted,
    )
