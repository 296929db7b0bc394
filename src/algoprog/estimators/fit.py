"""Fits of variants on a sample, as rows of the tables `fits` and `parameters`.

It joins a sample, the compiled variants and an estimator; it knows no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.estimators.converged import CERTIFICATE, problem, subgradient, thorough
from algoprog.estimators.fit_tables import FITS_SCHEMA, PARAMETERS_SCHEMA
from algoprog.estimators.inference import not_identified, standard_errors
from algoprog.estimators.published import solve_published
from algoprog.model.design import Compiler, Design


@dataclass(frozen=True)
class Observations:
    """What an estimator sees of a sample: response ln(perplexity) and paper of each row."""

    response: NDArray[np.float64]
    papers: NDArray[np.int64]


def observations(sample: pl.DataFrame, response: str) -> Observations:
    """The chosen response (``own`` or ``first_available``) and papers, numbered as they come."""
    column = {"own": "perplexity", "first_available": "perplexity_first_available"}[response]
    order = {paper: i for i, paper in enumerate(dict.fromkeys(sample["paper"].to_list()))}
    return Observations(
        response=np.log(sample[column].to_numpy()),
        papers=np.array([order[paper] for paper in sample["paper"].to_list()], dtype=np.int64),
    )


def check_size(design: Design, sample_name: str, rows: int | None = None) -> None:
    """Refuse fewer rows (those of the design, or ``rows``) than the variant has parameters."""
    n = design.n if rows is None else rows
    if n < design.p:
        raise InputError(
            "config.yaml",
            f"samples.{sample_name} with variants.{design.variant}",
            f"{n} rows for {design.p} parameters",
            "use a larger sample or a smaller variant",
        )


@dataclass(frozen=True)
class Estimate:
    """One fit: parameters theta (p,), and the columns of `fits` that say how good it is.

    ``minima`` (m, p) are the local minima a converged fit has found, where its replicates start.
    """

    theta: NDArray[np.float64]
    row: dict[str, Any]
    minima: NDArray[np.float64]


def fit_one(design: Design, seen: Observations, delta: float, estimator: str) -> Estimate:
    """Fit a compiled variant by the ``published`` or the ``converged`` estimator."""
    task = problem(design, seen.response, delta)
    # a response that is the same on every row has no variance but for rounding, and no r2
    variance = float(np.var(seen.response)) if np.ptp(seen.response) > 0 else 0.0
    if estimator == "published":
        theta, value = solve_published(design, seen.response, delta)
        square = value - delta * float(np.abs(theta).sum())
        size, starts, at_best, gap, unfixed = subgradient(task, theta), 1, 1, None, None
        minima = theta[None]
    else:
        best = thorough(design, seen.response, delta)
        theta, value, square = best.theta, best.objective, best.mean_square
        size, starts, at_best = best.subgradient, best.n_starts, best.n_at_best
        gap = best.gap if np.isfinite(best.gap) else None
        unfixed, minima = ", ".join(not_identified(task, theta)), best.minima
    row = {
        "n": design.n,
        "p": design.p,
        "objective": value,
        "mse": square,
        "r2": 1.0 - square / variance if variance > 0 else None,
        "subgradient": size,
        "converged": size <= CERTIFICATE,
        "n_starts": starts,
        "n_at_best": at_best,
        "gap": gap,
        "not_identified": unfixed,
    }
    return Estimate(theta, row, minima)


def fit_batch(
    sample: pl.DataFrame,
    variants: Mapping[str, Mapping[str, Any]],
    deltas: Sequence[float],
    estimator: str,
    response: str,
    sample_name: str,
    benchmarks: Mapping[str, Any],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fit each variant at each delta; rows of `fits` and of `parameters`.

    Parameters
    ----------
    sample : rows of a sample file.
    variants : configuration of each variant by name.
    estimator : ``published`` or ``converged``.
    response : ``own`` or ``first_available``.

    A fit that does not converge is a row that says so. Standard errors are clustered by paper;
    they, and what is not identified, are null for the published estimator, whose estimates are not
    stationary points.
    """
    seen = observations(sample, response)
    compiler = Compiler.of(sample, benchmarks)
    fits, parameters = [], []
    for name, spec in variants.items():
        design = compiler.rows(name, spec, sample)
        check_size(design, sample_name)
        for delta in deltas:
            estimate = fit_one(design, seen, delta, estimator)
            key = {"sample": sample_name, "variant": name, "delta": delta, "estimator": estimator}
            fits.append({**key, **estimate.row, "response": response})
            task = problem(design, seen.response, delta)
            errors = (
                np.full(design.p, np.nan)
                if estimator == "published"
                else standard_errors(task, estimate.theta, seen.papers)
            )
            parameters += [
                {**key, "term": term, "estimate": value, "standard_error": error}
                for term, value, error in zip(
                    design.parameters, estimate.theta.tolist(), errors.tolist(), strict=True
                )
            ]
    return (
        pl.DataFrame(fits, schema=FITS_SCHEMA),
        pl.DataFrame(parameters, schema=PARAMETERS_SCHEMA).with_columns(
            pl.col("standard_error").fill_nan(None)
        ),
    )
