"""What the unit tests compare the library with: other ways to the same numbers.

Nothing here uses the compiled kernels. Derivatives come from the complex step (exact to rounding:
f'(x) = Im f(x + ih) / h has no cancellation), minima from SciPy's L-BFGS-B.
"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import minimize

from algoprog.estimators.converged import Problem
from algoprog.model.design import Design

PAPER_VARIANTS = [f"m{i:02d}" for i in range(1, 21)]

_M07 = [
    {"alpha_const": "1 + b", "alpha_year": "-t", "alpha_param": "-n"},
    {"beta_const": "1 + b", "beta_year": "-t", "beta_data": "-d"},
]
# Variants a user might add: every extension of the model, alone and together.
USER_VARIANTS: dict[str, dict[str, Any]] = {
    "irreducible": {"exponentials": _M07, "linear": {"gamma": "1 + b"}},
    "transformer": {"exponentials": _M07, "multiplier": {"gamma_transformer": "T"}},
    "imposed": {
        "exponentials": _M07,
        "linear": {"gamma": 1},
        "hold": {"alpha_param": 0.3478, "beta_const_ptb": 0.2, "gamma": 1.0},
    },
    "everything": {
        "exponentials": [
            {"alpha_const": "1 + b", "rate": "-t:(1+b)", "alpha_param": "-n"},
            {"beta_const": 1, "rate": "-t:(1+b)", "beta_data": "-d_seen"},
            {"third": "-{c / 10}"},
        ],
        "linear": {"gamma_vocabulary": "log(V)"},
        "multiplier": {"gamma_transformer": "T"},
        "hold": {"rate_wt2": 0.01},
    },
}


def prediction(design: Design, theta: Any) -> Any:
    """yhat (n,) for real or complex theta, written from the model's equation."""
    inner, outer = 0.0, 0.0
    for k, term in enumerate(design.terms):
        eta = design.offset[k] + sum(
            theta[design.parameter_of_column[j]] * design.columns[j]
            for j in range(term.start, term.stop)
        )
        if term.exponential:
            inner = inner + np.exp(eta)
        else:
            outer = outer + eta
    if design.multiplier_parameter >= 0:
        inner = inner * (1 / (1 + np.exp(-theta[design.multiplier_parameter]))) ** design.multiplier
    return inner + outer


def mean_square(task: Problem, theta: Any) -> Any:
    counted = task.weights > 0  # the others may be at infinity
    found = task.response - prediction(task.design, theta)
    return task.weights[counted] @ found[counted] ** 2


def penalised(task: Problem, theta: Any) -> float:
    return float(mean_square(task, theta) + task.delta * np.abs(theta).sum())


def jacobian(design: Design, theta: Any) -> Any:
    """dyhat/dtheta (n, p) by the complex step."""
    step = 1e-30
    columns = []
    for j in range(design.p):
        moved = theta.astype(complex)
        moved[j] += 1j * step
        columns.append(np.imag(prediction(design, moved)) / step)
    return np.array(columns).T


def gradient(task: Problem, theta: Any) -> Any:
    """Gradient (p,) of the weighted mean square by the complex step."""
    step = 1e-30
    slopes = []
    for j in range(task.design.p):
        moved = theta.astype(complex)
        moved[j] += 1j * step
        slopes.append(np.imag(mean_square(task, moved)) / step)
    return np.array(slopes)


def hessian(task: Problem, theta: Any, step: float = 1e-5) -> Any:
    """Hessian (p, p) of the mean square: central differences of the complex-step gradient."""
    rows = []
    for j in range(task.design.p):
        move = np.zeros(task.design.p)
        move[j] = step
        rows.append((gradient(task, theta + move) - gradient(task, theta - move)) / (2 * step))
    return np.array(rows)


def smallest_subgradient(task: Problem, theta: Any) -> Any:
    """The subgradient (p,) of the objective that is smallest in every component."""
    g = gradient(task, theta)
    at_zero = np.sign(g) * np.maximum(np.abs(g) - task.delta, 0)
    return np.where(theta == 0, at_zero, g + task.delta * np.sign(theta))


def polish(task: Problem, theta: Any) -> tuple[Any, float]:
    """Where L-BFGS-B gets from theta, on theta = u - v with u, v >= 0: end and objective.

    On the split the L1 term is linear, so a smooth optimiser meets no kink.
    """
    p = task.design.p

    def value_and_gradient(uv: Any) -> tuple[float, Any]:
        at = uv[:p] - uv[p:]
        residual = task.response - prediction(task.design, at)
        slope = -2 * jacobian(task.design, at).T @ (task.weights * residual)
        value = task.weights @ residual**2 + task.delta * uv.sum()
        return value, np.concatenate([slope + task.delta, -slope + task.delta])

    with np.errstate(over="ignore", invalid="ignore"):
        found = minimize(
            value_and_gradient,
            np.concatenate([np.maximum(theta, 0), np.maximum(-theta, 0)]),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, None)] * (2 * p),
            options={"ftol": 0, "gtol": 0, "maxiter": 2000, "maxfun": 4000, "maxls": 40},
        )
    end = found.x[:p] - found.x[p:]
    return end, penalised(task, end)


def plausible_theta(design: Design, rng: np.random.Generator, size: float = 0.4) -> Any:
    """Parameters that move each linear predictor by about `size`: predictions stay in range."""
    theta = np.zeros(design.p)
    for j in range(design.p):
        own = design.columns[design.parameter_of_column == j]
        scale = np.sqrt((own**2).mean(axis=1)).max() if len(own) else 1.0
        theta[j] = size * rng.standard_normal() / scale
    return theta


def simulated_sample(rng: np.random.Generator, n: int, papers: int | None = None) -> pl.DataFrame:
    """n made-up evaluations with the columns of a sample file, scattered over all variables."""
    first = datetime.date(2012, 1, 1)
    days = rng.integers(0, 4000, n)
    epochs = [
        None if u < 0.3 else float(e)
        for u, e in zip(rng.random(n), rng.integers(1, 50, n), strict=True)
    ]
    perplexity = np.exp(rng.normal(3.5, 0.5, n))
    return pl.DataFrame(
        {
            "row": np.arange(n),
            "system": [f"system {i}" for i in range(n)],
            "paper": [f"paper {g}" for g in rng.integers(0, papers or n, n)],
            "published": [first + datetime.timedelta(days=int(day)) for day in days],
            "architecture": rng.choice(["transformer", "recurrent"], n).tolist(),
            "benchmark": rng.choice(["wt103", "wt2", "ptb"], n).tolist(),
            "perplexity": perplexity,
            "perplexity_first_available": perplexity,
            "parameters": np.exp(rng.uniform(np.log(1e6), np.log(1e11), n)).round(),
            "dataset_tokens": np.exp(rng.uniform(np.log(1e6), np.log(1e12), n)).round(),
            "epochs": pl.Series(epochs, dtype=pl.Float64),
            "vocabulary": rng.choice([1e4, 3e4, 2.6e5], n),
        }
    )


def with_response(sample: pl.DataFrame, log_perplexity: Any) -> pl.DataFrame:
    """The sample with both responses set to exp(log_perplexity)."""
    values = pl.Series(np.exp(np.asarray(log_perplexity)))
    return sample.with_columns(perplexity=values, perplexity_first_available=values)
