"""Coordinates to sample in: where the posterior lies, and how it is spread, approximately.

Under normal errors of one scale, which is what the residuals say. Data hardly say which of two
exponentials does what, so along the split of the second against the first the posterior is long
and bent: normal approximations at points along it are mixed by their weights. It is a change of
coordinates and changes nothing but how far each step of the sampler gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from algoprog.bayes.data import HierarchicalModel, means
from algoprog.common.seeds import seed_of

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_SCALE = 0.3  # nats, of residuals before there are any
_ALONG, _POINTS = 2.5, 16  # prior standard deviations along the split, and points in them
_STARTS = 8  # draws of the prior that the search for the mode starts from, besides its mean
_NORMAL_MAD = 1.4826  # standard deviation of a normal over its median absolute deviation
_LEAST_SCALE = 1e-3  # nats


@dataclass(frozen=True)
class _Mode:
    """A minimum of the objective: minus log density, x (p,), and the covariance of what is free."""

    cost: float
    x: Array
    covariance: Array


@dataclass(frozen=True)
class _Search:
    """The posterior of x under normal errors of losses y (n,)."""

    model: HierarchicalModel
    y: Array

    @cached_property
    def every(self) -> Integers:
        """Indices of all p coordinates."""
        return np.arange(len(self.model.prior.mean))

    def predicted(self, x: Array) -> Array:
        """Return the predicted losses (n,) at x (p,)."""
        prior = self.model.prior
        return np.asarray(means(self.model.design, prior.theta(prior.u(x))[None, :])[0])

    def mode(self, start: Array, scale: float, free: Integers) -> _Mode:
        """Return the mode over the coordinates ``free`` from ``start`` (p,), errors of a scale."""
        from scipy.optimize import least_squares

        prior = self.model.prior

        def residuals(part: Array) -> Array:
            x = start.copy()
            x[free] = part
            u = prior.u(x)
            predicted = means(self.model.design, prior.theta(u)[None, :])[0]
            return np.concatenate([(self.y - predicted) / scale, (u - prior.mean) / prior.sd])

        found = least_squares(residuals, start[free], x_scale=prior.sd[free])
        x = start.copy()
        x[free] = found.x
        return _Mode(float(found.cost), x, np.linalg.inv(found.jac.T @ found.jac))

    def first(self, seed: int) -> Array:
        """Return the best mode (p,) from several starts, with errors of a scale set in advance."""
        prior = self.model.prior
        rng = np.random.default_rng(seed_of(seed, "bayes-coordinates"))
        scattered = rng.standard_normal((_STARTS, len(prior.mean)))
        starts = [prior.mean, *prior.mean + prior.sd * scattered]
        return min((self.mode(x, _SCALE, self.every) for x in starts), key=lambda at: at.cost).x

    def along(self, mode: _Mode, scale: float, ridge: int, points: Array) -> list[_Mode]:
        """Return the modes with coordinate ``ridge`` held at each of the points.

        Each search starts where the neighbour's ended, outwards from the mode.
        """
        rest = self.every[self.every != ridge]
        found = []
        centre = mode.x[ridge]
        for side in (points[points >= centre], points[points < centre][::-1]):
            x = mode.x
            for point in side:
                x = np.where(self.every == ridge, point, x)
                at = self.mode(x, scale, rest)
                found.append(at)
                x = at.x
        return found


def coordinates(model: HierarchicalModel, y: Array, seed: int) -> tuple[Array, Array]:
    """Return the centre (p,) and spread (p, p) of x for losses y (n,) in nats.

    They are the posterior's mean and a square root of its covariance, approximately.
    """
    search = _Search(model, y)
    first = search.first(seed)
    left = np.abs(y - search.predicted(first))
    scale = max(_NORMAL_MAD * float(np.median(left)), _LEAST_SCALE)
    mode = search.mode(first, scale, search.every)
    prior = model.prior
    if prior.levels.size <= 1:
        return mode.x, np.asarray(np.linalg.cholesky(mode.covariance), dtype=float)
    ridge = int(prior.levels[1])
    points = prior.mean[ridge] + prior.sd[ridge] * np.linspace(-_ALONG, _ALONG, _POINTS)
    parts = search.along(mode, scale, ridge, points)
    centre, covariance = _mixed(parts, mode, ridge, float(points[1] - points[0]))
    return centre, np.asarray(np.linalg.cholesky(covariance), dtype=float)


def _mixed(parts: Sequence[_Mode], mode: _Mode, ridge: int, step: float) -> tuple[Array, Array]:
    """Mean and covariance of normals about modes along a ridge, weighted by their masses."""
    heights = [mode.cost - at.cost + 0.5 * np.linalg.slogdet(at.covariance)[1] for at in parts]
    weights = np.exp(np.array(heights) - max(heights))
    weights /= weights.sum()
    along = np.array([at.x for at in parts])
    centre = weights @ along
    covariance = (weights[:, None] * (along - centre)).T @ (along - centre)
    covariance[ridge, ridge] += step**2 / 12  # between two points the ridge goes on
    rest = np.delete(np.arange(len(centre)), ridge)
    for weight, at in zip(weights, parts, strict=True):
        covariance[np.ix_(rest, rest)] += weight * at.covariance
    return centre, covariance
