"""METR's time horizon against capability: ln minutes = slope C + intercept (section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.capability.lines import Line, line
from algoprog.capability.response import ResponseFit
from algoprog.capability.sample import CLIP

Array = NDArray[np.float64]

LEAST_VERSIONS = 5
SPLIT_SEED, TEST_SHARE = 42, 0.4  # of the published split into training and test


@dataclass(frozen=True)
class Score:
    """How a line predicts: R^2, root mean square and mean absolute error, correlation."""

    n: int
    r2: float
    rmse: float
    mae: float
    r: float


@dataclass(frozen=True)
class Horizons:
    """ln of the horizon on a predictor: the published split, and the line through all."""

    versions: tuple[str, ...]
    x: Array
    y: Array
    split: Line
    train: Score
    test: Score
    every: Line


def score(trend: Line, x: Array, y: Array) -> Score:
    """Return how a line predicts y at x."""
    error = y - trend.at(x)
    return Score(
        len(x),
        1 - float(error @ error / ((y - y.mean()) ** 2).sum()),
        float(np.sqrt((error**2).mean())),
        float(np.abs(error).mean()),
        float(np.corrcoef(trend.at(x), y)[0, 1]),
    )


def horizons(versions: tuple[str, ...], x: Array, minutes: Array) -> Horizons:
    """Return the line of ln minutes on x, by the published split and over all.

    The split is the permutation of NumPy's legacy generator of seed 42, the first 40 % to test.
    """
    y = np.log(minutes)
    order = np.random.RandomState(SPLIT_SEED).permutation(len(y))
    n_test = int(np.ceil(TEST_SHARE * len(y)))
    test, train = order[:n_test], order[n_test:]
    split = line(x[train], y[train])
    return Horizons(
        versions, x, y, split,
        score(split, x[train], y[train]), score(split, x[test], y[test]), line(x, y),
    )  # fmt: skip


def published_labels(fit: ResponseFit, scores: pl.DataFrame) -> dict[str, str]:
    """Return the published label of each version: m1, m2, ... by its first row among the scores."""
    inside = scores.filter(
        pl.col("model_version").is_in(list(fit.pairs.versions))
        & pl.col("benchmark").is_in(list(fit.pairs.benchmarks))
    )
    names = inside.sort("line")["model_version"].unique(maintain_order=True)
    return {name: f"m{i}" for i, name in enumerate(names, start=1)}


def capability_horizons(fit: ResponseFit, register: pl.DataFrame) -> Horizons:
    """Return the horizon against capability; the split follows the register's order."""
    place = {name: i for i, name in enumerate(fit.pairs.versions)}
    both = register.filter(pl.col("model_version").is_in(list(place)))
    names = tuple(both["model_version"].to_list())
    x = fit.capability[[place[name] for name in names]]
    return horizons(names, x, both["horizon_minutes"].to_numpy())


def benchmark_horizons(
    fit: ResponseFit, register: pl.DataFrame, benchmark: str, labels: Mapping[str, str]
) -> Horizons | None:
    """Return the horizon against the logit of a benchmark's score; None below 5 versions.

    The split follows the order of the labels as text (m1, m10, m100, m11, ...), as published.
    """
    pairs = fit.pairs
    on = pairs.benchmark == pairs.position(benchmark)
    scores = {
        pairs.versions[m]: min(max(float(y), CLIP[0]), CLIP[1])
        for m, y in zip(pairs.version[on], pairs.score[on], strict=True)
    }
    minutes = dict(register.select("model_version", "horizon_minutes").iter_rows())
    names = tuple(sorted((n for n in scores if n in minutes), key=lambda name: labels[name]))
    if len(names) < LEAST_VERSIONS:
        return None
    y = np.array([scores[name] for name in names])
    return horizons(names, np.log(y / (1 - y)), np.array([minutes[name] for name in names]))
