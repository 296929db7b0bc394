"""What the Stan program is given: a compiled design, priors, and coordinates to sample in.

It knows the program's data block; it knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.bayes.priors import Prior
from algoprog.common.seeds import seed_of
from algoprog.model.design import Design

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_SCALE = 0.3  # nats, of residuals before there are any
_ALONG, _POINTS = 2.5, 16  # prior standard deviations along the split, and points in them
_STARTS = 8  # draws of the prior that the search for the mode starts from, besides its mean
_HIGHEST = 30.0  # of a linear predictor: loss of e^30 nats is as wrong as any
_REACH = 2.0  # chains start within so many posterior standard deviations of the mode


@dataclass(frozen=True)
class Model:
    """A variant on rows, with its prior.

    Attributes
    ----------
    design, prior : the variant compiled, and the prior of its parameters.
    papers, benchmarks : (n,) numbers from 0 of each row's paper and benchmark.
    levels : names of the benchmarks, in the order of their numbers.
    errors : of the section `bayes.priors`: paper_sd, scale and tail.
    """

    design: Design
    prior: Prior
    papers: Integers
    benchmarks: Integers
    levels: tuple[str, ...]
    errors: Mapping[str, Any]

    @property
    def n_papers(self) -> int:
        """Number of papers."""
        return int(self.papers.max()) + 1


def means(design: Design, theta: Array) -> Array:
    """Predicted loss (r, n) in nats of draws theta (r, p), without paper effects."""
    inner = np.zeros((len(theta), design.n))
    outer = np.zeros_like(inner)
    for k, term in enumerate(design.terms):
        owners = design.parameter_of_column[term.start : term.stop]
        eta = theta[:, owners] @ design.columns[term.start : term.stop] + design.offset[k]
        if term.exponential:
            inner += np.exp(np.minimum(eta, _HIGHEST))
        else:
            outer += eta
    if design.multiplier_parameter >= 0:
        gamma = theta[:, design.multiplier_parameter]
        inner *= np.exp(-np.logaddexp(0.0, -gamma)[:, None] * design.multiplier)
    return inner + outer


def coordinates(model: Model, y: Array, seed: int) -> tuple[Array, Array]:
    """Centre (p,) and spread (p, p) of x: mean and square root of the covariance, approximately.

    Under normal errors of one scale, which is what the residuals say. Data hardly say which of two
    exponentials does what, so along the split of the second against the first the posterior is long
    and bent: normal approximations at points along it are mixed by their weights. It is a change of
    coordinates and changes nothing but how far each step of the sampler gets.
    """
    from scipy.optimize import least_squares

    prior = model.prior
    rng = np.random.default_rng(seed_of(seed, "bayes-coordinates"))
    starts = [prior.mean, *prior.mean + prior.sd * rng.standard_normal((_STARTS, len(prior.mean)))]
    every = np.arange(len(prior.mean))

    def minimum(start: Array, scale: float, free: Integers) -> Any:
        def residuals(part: Array) -> Array:
            x = start.copy()
            x[free] = part
            u = prior.u(x)
            predicted = means(model.design, prior.theta(u)[None, :])[0]
            return np.concatenate([(y - predicted) / scale, (u - prior.mean) / prior.sd])

        found = least_squares(residuals, start[free], x_scale=prior.sd[free])
        x = start.copy()
        x[free] = found.x
        return float(found.cost), x, np.linalg.inv(found.jac.T @ found.jac)

    _, first, _ = min((minimum(x, _SCALE, every) for x in starts), key=lambda found: found[0])
    left = y - means(model.design, prior.theta(prior.u(first))[None, :])[0]
    scale = max(1.4826 * float(np.median(np.abs(left))), 1e-3)
    cost, centre, covariance = minimum(first, scale, every)
    if prior.levels.size > 1:
        ridge = int(prior.levels[1])
        rest = every[every != ridge]
        points = prior.mean[ridge] + prior.sd[ridge] * np.linspace(-_ALONG, _ALONG, _POINTS)
        parts = []
        for side in (points[points >= centre[ridge]], points[points < centre[ridge]][::-1]):
            x = centre
            for point in side:
                x = np.where(every == ridge, point, x)
                height, x, around = minimum(x, scale, rest)
                parts.append((cost - height + 0.5 * np.linalg.slogdet(around)[1], x, around))
        weights = np.exp(np.array([part[0] for part in parts]) - max(part[0] for part in parts))
        weights /= weights.sum()
        along = np.array([part[1] for part in parts])
        centre = weights @ along
        covariance = (weights[:, None] * (along - centre)).T @ (along - centre)
        # between two points the ridge goes on
        covariance[ridge, ridge] += (points[1] - points[0]) ** 2 / 12
        for weight, (_, _, around) in zip(weights, parts, strict=True):
            covariance[np.ix_(rest, rest)] += weight * around
    return centre, np.linalg.cholesky(covariance)


def stan_data(
    model: Model, y: Array, centre: Array, spread: Array, prior_only: bool = False
) -> dict[str, Any]:
    """The program's data block for losses y (n,) in nats, as plain built-ins."""
    design, prior, errors = model.design, model.prior, model.errors
    data = {
        "n": design.n,
        "n_papers": model.n_papers,
        "n_benchmarks": len(model.levels),
        "m": len(design.columns),
        "p": design.p,
        "K": len(design.terms),
        "y": y,
        "paper": model.papers + 1,
        "benchmark": model.benchmarks + 1,
        "X": design.columns.T,
        "owner": design.parameter_of_column + 1,
        "first": np.array([term.start + 1 for term in design.terms]),
        "last": np.array([term.stop for term in design.terms]),
        "exponential": design.exponential.astype(int),
        "fixed": design.offset.T,
        "multiplied": design.multiplier,
        "sigmoid": design.multiplier_parameter + 1,
        "E": prior.n_exponentials,
        "split": int(prior.levels.size > 0),
        "level": prior.levels + 1 if prior.levels.size else np.ones(prior.n_exponentials, int),
        "L": len(prior.level_differences),
        "level_difference": prior.level_differences + 1,
        "weight": prior.weights,
        "exponent": prior.exponents + 1,
        "R": len(prior.rates),
        "rate": prior.rates + 1,
        "prior_mean": prior.mean,
        "prior_sd": prior.sd,
        "held": prior.held,
        "to_theta": prior.to_theta,
        "centre": centre,
        "spread": spread,
        "paper_sd": errors["paper_sd"],
        "scale_mean": float(np.log(errors["scale"]["median"])),
        "scale_sd": errors["scale"]["log_sd"],
        "scale_benchmark_sd": errors["scale"]["benchmark_log_sd"],
        "tail_shape": errors["tail"]["shape"],
        "tail_rate": errors["tail"]["rate"],
        "prior_only": int(prior_only),
    }
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in data.items()
    }


def start(model: Model, seed: int) -> dict[str, Any]:
    """Where a chain starts: scattered about the mode, the same in every engine."""
    rng = np.random.default_rng(seed_of(seed, "bayes-start"))
    errors = model.errors

    def near(size: int | None = None) -> Any:
        drawn = rng.uniform(-_REACH, _REACH, size)
        return drawn.tolist() if size else float(drawn)

    return {
        "z": near(model.design.p),
        "tau": errors["paper_sd"] * float(rng.uniform(0.1, 1.0)),
        "paper_z": near(model.n_papers),
        "scale_z": near() / 2,
        "scale_benchmark_z": near(len(model.levels)),
        "tail": errors["tail"]["shape"] / errors["tail"]["rate"] * float(rng.uniform(0.2, 1.0)),
    }


def simulate(model: Model, rng: np.random.Generator, truth: Mapping[str, Array]) -> Array:
    """Losses (r, n) in nats of r draws: theta (r, p), tau (r,), sigma (r, B), nu (r,).

    With new paper effects and errors.
    """
    theta = truth["theta"]
    effects = truth["tau"][:, None] * rng.standard_normal((len(theta), model.n_papers))
    errors = rng.standard_t(truth["nu"][:, None], size=(len(theta), model.design.n))
    scaled = truth["sigma"][:, model.benchmarks] * errors
    return means(model.design, theta) + effects[:, model.papers] + scaled


def draw_prior(model: Model, rng: np.random.Generator, size: int) -> dict[str, Array]:
    """Draws of the prior: theta (size, p), tau, sigma (size, B) and nu."""
    scale, tail = model.errors["scale"], model.errors["tail"]
    common = scale["log_sd"] * rng.standard_normal((size, 1))
    own = scale["benchmark_log_sd"] * rng.standard_normal((size, len(model.levels)))
    return {
        "theta": model.prior.theta(model.prior.draw(rng, size)),
        "tau": np.abs(model.errors["paper_sd"] * rng.standard_normal(size)),
        "sigma": np.exp(np.log(scale["median"]) + common + own),
        "nu": 2.0 + rng.gamma(tail["shape"], 1.0 / tail["rate"], size),
    }
