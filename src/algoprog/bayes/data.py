"""A hierarchical model, data it makes, and what the Stan program is given of it.

It knows the program's data block; it knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.bayes.priors import Prior
from algoprog.bayes.settings import Errors
from algoprog.common.seeds import seed_of
from algoprog.model.design import Design

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_HIGHEST = 30.0  # of a linear predictor: loss of e^30 nats is as wrong as any
_REACH = 2.0  # chains start within so many posterior standard deviations of the mode


@dataclass(frozen=True)
class HierarchicalModel:
    """A variant on rows, with its prior.

    Attributes
    ----------
    design, prior : the variant compiled, and the prior of its parameters.
    papers, benchmarks : (n,) numbers from 0 of each row's paper and benchmark.
    levels : names of the benchmarks, in the order of their numbers.
    errors : priors of paper effects and errors.
    """

    design: Design
    prior: Prior
    papers: Integers
    benchmarks: Integers
    levels: tuple[str, ...]
    errors: Errors

    @property
    def n_papers(self) -> int:
        """Number of papers."""
        return int(self.papers.max()) + 1


def means(design: Design, theta: Array) -> Array:
    """Return the predicted loss (r, n) in nats of draws theta (r, p), without paper effects."""
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


def stan_data(
    model: HierarchicalModel, y: Array, centre: Array, spread: Array, prior_only: bool = False
) -> dict[str, Any]:
    """Return the program's data block for losses y (n,) in nats, as plain built-ins.

    ``centre`` (p,) and ``spread`` (p, p) are coordinates to sample in
    (:func:`algoprog.bayes.coordinates.coordinates`); ``prior_only`` leaves the likelihood out.
    """
    sampled = {"centre": centre, "spread": spread, "prior_only": int(prior_only)}
    blocks = _design_block(model, y), _prior_block(model.prior), sampled, _error_block(model.errors)
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for block in blocks
        for name, value in block.items()
    }


def _design_block(model: HierarchicalModel, y: Array) -> dict[str, Any]:
    """Rows and columns of the design."""
    design = model.design
    return {
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
    }


def _prior_block(prior: Prior) -> dict[str, Any]:
    """The prior of u, and the maps from x to u and from u to theta."""
    return {
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
    }


def _error_block(errors: Errors) -> dict[str, Any]:
    """Priors of paper effects and errors."""
    return {
        "paper_sd": errors.paper_sd,
        "scale_mean": float(np.log(errors.scale.median)),
        "scale_sd": errors.scale.log_sd,
        "scale_benchmark_sd": errors.scale.benchmark_log_sd,
        "tail_shape": errors.tail.shape,
        "tail_rate": errors.tail.rate,
    }


def start(model: HierarchicalModel, seed: int) -> dict[str, Any]:
    """Return where a chain starts: scattered about the mode, the same in every engine."""
    rng = np.random.default_rng(seed_of(seed, "bayes-start"))
    errors = model.errors

    def near(size: int | None = None) -> Any:
        drawn = rng.uniform(-_REACH, _REACH, size)
        return drawn.tolist() if size else float(drawn)

    return {
        "z": near(model.design.p),
        "tau": errors.paper_sd * float(rng.uniform(0.1, 1.0)),
        "paper_z": near(model.n_papers),
        "scale_z": near() / 2,
        "scale_benchmark_z": near(len(model.levels)),
        "tail": errors.tail.shape / errors.tail.rate * float(rng.uniform(0.2, 1.0)),
    }


def simulate(
    model: HierarchicalModel, rng: np.random.Generator, truth: Mapping[str, Array]
) -> Array:
    """Return losses (r, n) in nats of r draws, with new paper effects and errors.

    ``truth`` holds theta (r, p), tau (r,), sigma (r, B) and nu (r,).
    """
    theta = truth["theta"]
    effects = truth["tau"][:, None] * rng.standard_normal((len(theta), model.n_papers))
    errors = rng.standard_t(truth["nu"][:, None], size=(len(theta), model.design.n))
    scaled = truth["sigma"][:, model.benchmarks] * errors
    return means(model.design, theta) + effects[:, model.papers] + scaled


def draw_prior(model: HierarchicalModel, rng: np.random.Generator, size: int) -> dict[str, Array]:
    """Return draws of the prior: theta (size, p), tau, sigma (size, B) and nu."""
    scale, tail = model.errors.scale, model.errors.tail
    common = scale.log_sd * rng.standard_normal((size, 1))
    apart = scale.benchmark_log_sd * rng.standard_normal((size, len(model.levels)))
    return {
        "theta": model.prior.theta(model.prior.draw(rng, size)),
        "tau": np.abs(model.errors.paper_sd * rng.standard_normal(size)),
        "sigma": np.exp(np.log(scale.median) + common + apart),
        "nu": 2.0 + rng.gamma(tail.shape, 1.0 / tail.rate, size),
    }
