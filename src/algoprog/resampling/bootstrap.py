"""Bootstrap draws: which rows a replicate holds, and the fit of each replicate.

Replicate i of a variant depends on (root seed, variant, delta, i) only, so shards change nothing.
The published estimator's replicates follow NumPy's legacy generator instead, as published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import problem, solve_replicates, subgradient
from algoprog.estimators.fit import Observations
from algoprog.estimators.published import solve_published
from algoprog.model.design import Design

PUBLISHED_SEED = 0
WEIGHTS_AT_ONCE = 10_000_000  # of replicates x rows: 80 MB

Array = NDArray[np.float64]


def replicate_weights(
    seed: int, variant: str, delta: float, replicate: int, papers: NDArray[np.int64], unit: str
) -> Array:
    """Row weights (n,) of one replicate: how often each row, or each row's paper, was drawn.

    ``unit`` is ``rows`` (n rows of n with replacement) or ``papers`` (G whole papers of G).
    """
    rng = np.random.default_rng(seed_of(seed, variant, float(delta), replicate))
    if unit == "rows":
        n = len(papers)
        return np.bincount(rng.integers(n, size=n), minlength=n).astype(float)
    if unit == "papers":
        groups = int(papers.max()) + 1
        return np.bincount(rng.integers(groups, size=groups), minlength=groups)[papers].astype(
            float
        )
    raise ValueError(f"resampling unit {unit!r} is neither rows nor papers")


def weights_of(
    seed: int,
    variant: str,
    delta: float,
    replicates: Iterable[int],
    papers: NDArray[np.int64],
    unit: str,
) -> Array:
    """Row weights (b, n) of b replicates, of :func:`replicate_weights` each."""
    return np.array([replicate_weights(seed, variant, delta, i, papers, unit) for i in replicates])


def _members(papers: NDArray[np.int64], unit: str) -> list[NDArray[np.int64]]:
    """Row numbers of each thing that is drawn: a row or a paper."""
    if unit == "rows":
        return [np.array([row]) for row in range(len(papers))]
    if unit == "papers":
        return [np.flatnonzero(papers == paper) for paper in range(int(papers.max()) + 1)]
    raise ValueError(f"resampling unit {unit!r} is neither rows nor papers")


def published_resamples(
    papers: NDArray[np.int64], unit: str, last: int
) -> Iterator[NDArray[np.int64]]:
    """Row numbers of the published replicates 0 ... last - 1, as NumPy's legacy generator has them.

    Published replicates are of rows; of papers, the same generator draws whole papers.
    """
    generator = np.random.RandomState(PUBLISHED_SEED)
    members = _members(papers, unit)
    for _ in range(last):
        drawn = generator.choice(len(members), len(members), replace=True)
        yield np.concatenate([members[i] for i in drawn])


def _published_draws(
    design: Design, seen: Observations, delta: float, unit: str, first: int, last: int
) -> list[dict[str, Any]]:
    draws = []
    for replicate, rows in enumerate(published_resamples(seen.papers, unit, last)):
        if replicate < first:
            continue
        part, response = design.rows(rows), seen.response[rows]
        theta, value = solve_published(part, response, delta)
        size = subgradient(problem(part, response, delta), theta)
        draws.append(_draw(replicate, design, theta, value, size, 1, 1))
    return draws


def _converged_draws(
    design: Design,
    seen: Observations,
    delta: float,
    unit: str,
    seed: int,
    first: int,
    last: int,
    minima: Array,
) -> list[dict[str, Any]]:
    block = max(1, WEIGHTS_AT_ONCE // design.n)
    draws = []
    for start in range(first, last, block):
        replicates = range(start, min(start + block, last))
        weights = weights_of(seed, design.variant, delta, replicates, seen.papers, unit)
        best = solve_replicates(design, seen.response, delta, weights, minima)
        draws += [
            _draw(
                replicate,
                design,
                best.theta[i],
                float(best.objective[i]),
                float(best.subgradient[i]),
                int(best.n_starts[i]),
                int(best.n_at_best[i]),
            )
            for i, replicate in enumerate(replicates)
        ]
    return draws


def _draw(
    replicate: int,
    design: Design,
    theta: Array,
    objective: float,
    size: float,
    starts: int,
    best: int,
) -> dict[str, Any]:
    return {
        "replicate": replicate,
        **dict(zip(design.parameters, theta.tolist(), strict=True)),
        "objective": objective,
        "subgradient": size,
        "n_starts": starts,
        "n_at_best": best,
    }


def draw(
    design: Design,
    seen: Observations,
    delta: float,
    estimator: str,
    resampling: str,
    seed: int,
    first: int,
    last: int,
    minima: Array,
) -> pl.DataFrame:
    """Replicates first ... last - 1 of a bootstrap: one row each.

    ``minima`` (m, p) are those of the fit to all rows, where converged replicates start; ``design``
    keeps the normalisers of the full sample.

    Columns: replicate, one for each parameter, objective, subgradient, n_starts, n_at_best.
    """
    if estimator == "published":
        draws = _published_draws(design, seen, delta, resampling, first, last)
    else:
        draws = _converged_draws(design, seen, delta, resampling, seed, first, last, minima)
    schema: dict[str, Any] = {"replicate": pl.Int64}
    schema |= dict.fromkeys([*design.parameters, "objective", "subgradient"], pl.Float64)
    schema |= {"n_starts": pl.Int64, "n_at_best": pl.Int64}
    return pl.DataFrame(draws, schema=schema)
