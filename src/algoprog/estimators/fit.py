"""Fits of variants on a sample, as rows of `fits` and `parameters`, and their local minima.

It joins models and estimators; it knows no files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from algoprog.estimators.converged import Fit
from algoprog.estimators.estimator import ESTIMATORS, Task
from algoprog.estimators.fit_tables import FIT_KEYS, estimates_frame
from algoprog.estimators.inference import collinear, not_identified, standard_errors
from algoprog.estimators.tables import FITS
from algoprog.model.model import Model
from algoprog.model.variant import Variant, Variants
from algoprog.records.sample import Sample
from algoprog.tables.frames import frame_of, schema_of

WITHIN = 0.05  # of the best objective, relative: local minima that are told
# Local minima of fits, with estimates in the order of the design's parameters.
MINIMA: dict[str, Any] = {
    **{name: schema_of(FITS)[name] for name in FIT_KEYS},
    "minimum": pl.Int64,
    "excess": pl.Float64,
    "estimates": pl.List(pl.Float64),
}


@dataclass(frozen=True)
class Batch:
    """The fits that one job makes: each variant at each delta.

    ``response`` is ``own`` or ``first_available``.
    """

    variants: Variants
    deltas: tuple[float, ...]
    estimator: str
    response: str

    def of(self, sample: Sample) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Return rows of `fits` and of `parameters`, and minima (:func:`fit_batch`)."""
        return fit_batch(sample, self.variants.values(), self.deltas, self.estimator, self.response)


def fit_row(task: Task, fit: Fit, estimator: str) -> dict[str, Any]:
    """Return the columns of `fits` that say how good a fit is.

    For the published estimator, whose estimates are not stationary points, only what the columns
    do not tell apart is not identified.
    """
    # a response that is the same on every row has no variance but for rounding, and no r2
    variance = float(np.var(task.response)) if np.ptp(task.response) > 0 else 0.0
    published = estimator == "published"
    without = collinear(task.problem)
    found = {*without, *([] if published else not_identified(task.problem, fit.theta))}
    open_ends = [name for name in task.design.parameters if name in found]
    return {
        "n": task.design.n,
        "p": task.design.p,
        "objective": fit.objective,
        "mse": fit.mean_square,
        "r2": 1.0 - fit.mean_square / variance if variance > 0 else None,
        "subgradient": fit.subgradient,
        "converged": fit.certified,
        "n_starts": fit.n_starts,
        "n_at_best": fit.n_at_best,
        "gap": fit.gap if np.isfinite(fit.gap) else None,
        "not_identified": ", ".join(open_ends) or (None if published else ""),
    }


def minimum_rows(fit: Fit) -> Iterator[dict[str, Any]]:
    """Yield the distinct local minima of a fit within :data:`WITHIN` of the best objective.

    The best is number 1.
    """
    least = fit.objective
    found = zip(fit.minima, fit.minima_objectives.tolist(), strict=True)
    for number, (theta, value) in enumerate(found, 1):
        if value <= (1.0 + WITHIN) * least:
            excess = value / least - 1.0 if least > 0 else 0.0
            yield {"minimum": number, "excess": max(excess, 0.0), "estimates": theta.tolist()}


def fit_batch(
    sample: Sample,
    variants: Iterable[Variant],
    deltas: Sequence[float],
    estimator: str,
    response: str,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Fit each variant at each delta; return rows of `fits`, of `parameters`, and local minima.

    Parameters
    ----------
    estimator : ``published`` or ``converged``.
    response : ``own`` or ``first_available``.

    A fit that does not converge is a row that says so. Standard errors are clustered by paper;
    they, and what is not identified, are null for the published estimator, whose estimates are not
    stationary points. Of a published fit there are no minima (:data:`MINIMA`).
    """
    fits, parameters, minima = [], [], []
    for variant in variants:
        model = Model.of(variant, sample)
        model.check_size()
        for delta in deltas:
            task = Task.of(model, response, delta)
            fit = ESTIMATORS[estimator].fit(task)
            key: dict[str, Any] = {"sample": sample.name, "variant": variant.name}
            key |= {"delta": delta, "estimator": estimator}
            fits.append({**key, **fit_row(task, fit, estimator), "response": response})
            if estimator != "published":
                minima += [key | row for row in minimum_rows(fit)]
            errors = (
                np.full(task.design.p, np.nan)
                if estimator == "published"
                else standard_errors(task.problem, fit.theta, task.papers)
            )
            parameters += [
                {**key, "term": term, "estimate": value, "standard_error": error}
                for term, value, error in zip(
                    task.design.parameters, fit.theta.tolist(), errors.tolist(), strict=True
                )
            ]
    return (
        frame_of(FITS, fits),
        estimates_frame(parameters).with_columns(pl.col("standard_error").fill_nan(None)),
        pl.DataFrame(minima, schema=MINIMA),
    )
