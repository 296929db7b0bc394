"""Fits of variants on a sample, as rows of the tables `fits` and `parameters`.

It joins models and estimators; it knows no files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from algoprog.estimators.converged import Fit
from algoprog.estimators.estimator import ESTIMATORS, Task
from algoprog.estimators.fit_tables import estimates_frame
from algoprog.estimators.inference import not_identified, standard_errors
from algoprog.estimators.tables import FITS
from algoprog.model.model import Model
from algoprog.model.variant import Variant, Variants
from algoprog.records.sample import Sample
from algoprog.tables.frames import frame_of


@dataclass(frozen=True)
class Batch:
    """The fits that one job makes: each variant at each delta.

    ``response`` is ``own`` or ``first_available``.
    """

    variants: Variants
    deltas: tuple[float, ...]
    estimator: str
    response: str

    def of(self, sample: Sample) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return rows of `fits` and of `parameters` for a sample (:func:`fit_batch`)."""
        return fit_batch(sample, self.variants.values(), self.deltas, self.estimator, self.response)


def fit_row(task: Task, fit: Fit, estimator: str) -> dict[str, Any]:
    """Return the columns of `fits` that say how good a fit is.

    What is not identified is null for the published estimator, whose estimates are not stationary
    points.
    """
    # a response that is the same on every row has no variance but for rounding, and no r2
    variance = float(np.var(task.response)) if np.ptp(task.response) > 0 else 0.0
    published = estimator == "published"
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
        "not_identified": None if published else ", ".join(not_identified(task.problem, fit.theta)),
    }


def fit_batch(
    sample: Sample,
    variants: Iterable[Variant],
    deltas: Sequence[float],
    estimator: str,
    response: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fit each variant at each delta; return rows of `fits` and of `parameters`.

    Parameters
    ----------
    estimator : ``published`` or ``converged``.
    response : ``own`` or ``first_available``.

    A fit that does not converge is a row that says so. Standard errors are clustered by paper;
    they, and what is not identified, are null for the published estimator, whose estimates are not
    stationary points.
    """
    fits, parameters = [], []
    for variant in variants:
        model = Model.of(variant, sample)
        model.check_size()
        for delta in deltas:
            task = Task.of(model, response, delta)
            fit = ESTIMATORS[estimator].fit(task)
            key: dict[str, Any] = {"sample": sample.name, "variant": variant.name}
            key |= {"delta": delta, "estimator": estimator}
            fits.append({**key, **fit_row(task, fit, estimator), "response": response})
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
    )
