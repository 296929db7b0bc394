"""Bootstrap draws: the fit of each replicate that :mod:`algoprog.resampling.scheme` draws."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
import polars as pl

from algoprog.estimators.converged import Fit
from algoprog.estimators.estimator import Estimator, Task
from algoprog.estimators.replicates import Replicates
from algoprog.resampling.scheme import Scheme

WEIGHTS_AT_ONCE = 10_000_000  # of replicates x rows: 80 MB


def draws_frame(fits: Replicates, replicates: Sequence[int]) -> pl.DataFrame:
    """Return fits to replicates as a frame, a row each.

    Columns: replicate, one for each parameter, objective, subgradient, n_starts, n_at_best.
    """
    return pl.DataFrame(
        {
            "replicate": pl.Series(replicates, dtype=pl.Int64),
            **{name: fits.theta[:, j] for j, name in enumerate(fits.design.parameters)},
            "objective": fits.objective,
            "subgradient": fits.subgradient,
            "n_starts": pl.Series(fits.n_starts, dtype=pl.Int64),
            "n_at_best": pl.Series(fits.n_at_best, dtype=pl.Int64),
        }
    )


def draw(
    task: Task, whole: Fit, estimator: Estimator, scheme: Scheme, first: int, last: int
) -> pl.DataFrame:
    """Return replicates first ... last - 1 of a bootstrap (columns of :func:`draws_frame`).

    ``whole`` is the fit to all rows, in whose minima converged replicates start; the design of
    ``task`` keeps the origins of the full sample.
    """
    parts = []
    every = scheme.resamples(task.papers, first, last)
    while block := list(islice(every, max(1, WEIGHTS_AT_ONCE // task.design.n))):
        fits = estimator.draw(task, whole, block)
        parts.append(draws_frame(fits, [one.replicate for one in block]))
    if not parts:
        none, count = np.empty(0), np.empty(0, dtype=np.int64)
        theta = np.empty((0, task.design.p))
        parts.append(
            draws_frame(Replicates(task.design, theta, none, none, none, count, count), [])
        )
    return pl.concat(parts)
