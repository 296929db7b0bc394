"""Do the intervals hold: bias and coverage of each interval on simulated data of known growth.

Data set i of a truth depends on (root seed, variant, delta, truth, i) only, so shards change
nothing. It knows simulations and bootstraps; it knows no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bootstrap_intervals import (
    METHODS,
    Bootstrap,
    compute_growth,
    growth_error,
    interval,
)
from algoprog.intervals import LEVELS
from algoprog.published import solve_published
from algoprog.resampling import replicate_weights
from algoprog.simulation import Simulation, simulation
from algoprog.solver import problem, seed_of, solve_replicates, thorough

Array = NDArray[np.float64]

KEYS = ("sample", "variant", "delta", "doubling_months", "estimator", "resampling", "method")
COVERED = (90, 95)
# Perturbed minima tried for each replicate, after the minima of its data set: with four, and no
# other starts, one replicate of m07 in a hundred ends above the best minimum that more starts find.
HOPS_OF_A_DRAW = 4
SHARD_SCHEMA: dict[str, Any] = {
    **{name: pl.Float64 if name in ("delta", "doubling_months") else pl.String for name in KEYS},
    "data_set": pl.Int64,
    "growth": pl.Float64,
    "growth_point": pl.Float64,
    **{f"growth_ci{level}_{end}": pl.Float64 for level in LEVELS for end in ("low", "high")},
    "n_draws": pl.Int64,
    "n_not_converged": pl.Int64,
}
# A method needs what only a stationary point has: standard errors, a smooth jackknife.
_METHODS_OF = {"converged": METHODS, "published": ("percentile", "basic")}


def bootstrap(
    drawn: Simulation, response: Array, resampling: str, replicates: int, seed: int
) -> tuple[Bootstrap, int]:
    """Converged fit, draws and jackknife of one data set, and how many fits did not converge."""
    design, delta = drawn.design, drawn.delta
    rows = np.arange(design.n)
    units = drawn.papers if resampling == "papers" else rows
    full = thorough(design, response, delta)
    counts = np.array(
        [
            replicate_weights(seed, design.variant, delta, i, drawn.papers, resampling)
            for i in range(replicates)
        ]
    )
    draws = solve_replicates(
        design, response, delta, counts, full.minima, starts=0, perturbed=HOPS_OF_A_DRAW
    )
    without = (units[None, :] != np.unique(units)[:, None]).astype(float)
    left = solve_replicates(design, response, delta, without, full.minima, starts=0, perturbed=0)

    def error(theta: Array, count: Array) -> float:
        return growth_error(
            problem(design, response, delta, count), theta, drawn.parts, units, count
        )

    boot = Bootstrap(
        point=float(compute_growth(drawn.parts, full.theta[None, :])[0]),
        error=error(full.theta, np.ones(design.n)),
        draws=compute_growth(drawn.parts, draws.theta),
        errors=np.array([error(*pair) for pair in zip(draws.theta, counts, strict=True)]),
        jackknife=compute_growth(drawn.parts, left.theta),
    )
    misses = int((~draws.converged).sum() + (~left.converged).sum()) + (not full.converged)
    return boot, misses


def published_bootstrap(
    drawn: Simulation, response: Array, resampling: str, replicates: int, seed: int
) -> tuple[Bootstrap, None]:
    """The published procedure on one data set, resampled from our seeds; no error, no jackknife.

    Its fits are not stationary points, so none is counted as converged or not.
    """
    design, delta = drawn.design, drawn.delta
    counts = [
        replicate_weights(seed, design.variant, delta, i, drawn.papers, resampling)
        for i in range(replicates)
    ]
    thetas = []
    for count in [np.ones(design.n), *counts]:
        rows = np.repeat(np.arange(design.n), count.astype(int))
        thetas.append(solve_published(design.rows(rows), response[rows], delta)[0])
    growth = compute_growth(drawn.parts, np.array(thetas))
    nothing = np.full(replicates, np.nan)
    return Bootstrap(float(growth[0]), float("nan"), growth[1:], nothing, nothing), None


def coverage_shard(
    sample: pl.DataFrame,
    variant: str,
    spec: Mapping[str, Any],
    delta: float,
    response: str,
    sample_name: str,
    benchmarks: Mapping[str, Any],
    seed: int,
    doubling_months: float,
    degrees_of_freedom: float,
    estimator: str,
    resampling: str,
    replicates: int,
    first: int,
    last: int,
) -> pl.DataFrame:
    """Data sets first ... last - 1 of one cell: a row for each data set and method (SHARD_SCHEMA).

    Parameters
    ----------
    doubling_months : the true doubling time, infinite for no progress.
    degrees_of_freedom : of the errors' t distribution; infinite for normal errors.
    estimator, resampling, replicates : the bootstrap whose intervals are judged; every cell of a
        truth sees the same data sets.

    `growth` is the truth and `growth_point` the estimate, per year; the ends are of growth.
    """
    drawn = simulation(
        sample,
        variant,
        spec,
        delta,
        response,
        sample_name,
        benchmarks,
        doubling_months,
        degrees_of_freedom,
    )
    key = {
        "sample": sample_name,
        "variant": variant,
        "delta": delta,
        "doubling_months": doubling_months,
        "estimator": estimator,
        "resampling": resampling,
    }
    resample = published_bootstrap if estimator == "published" else bootstrap
    rows = []
    for i in range(first, last):
        names = (seed, float(delta), float(doubling_months), i)
        root = seed_of("coverage", *names)
        boot, misses = resample(drawn, drawn.response(*names), resampling, replicates, root)
        for method in _METHODS_OF[estimator]:
            rows.append(
                {
                    **key,
                    "method": method,
                    "data_set": i,
                    "growth": drawn.growth,
                    "growth_point": boot.point,
                    **interval(boot, method).columns("growth_"),
                    "n_draws": replicates,
                    "n_not_converged": misses,
                }
            )
    return pl.DataFrame([{k: row[k] for k in SHARD_SCHEMA} for row in rows], schema=SHARD_SCHEMA)


def coverage_table(shards: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The table `coverage`: a row for each truth, estimator, resampling and method.

    Over the data sets of a cell: median_error, mean_error and rmse of the estimated growth per
    year; and for the 90 % and the 95 % interval coverage, its Monte-Carlo standard error
    sqrt(c (1 - c) / n), how often the whole interval lies above (misses_fast: progress is slower
    than the interval says) or below the truth (misses_slow), the mean and the median length in
    growth, and the share without an upper end in months (growth <= 0 inside). Coverage of growth
    is that of the doubling time, since one maps to the other. An estimate or length that is
    infinite makes a mean infinite.

    Raises AssertionError where a cell has a data set twice or not all those of the others.
    """
    merged = pl.concat(shards)
    truth, error = pl.col("growth"), pl.col("growth_point") - pl.col("growth")
    columns = [
        pl.len().alias("n_data_sets"),
        pl.col("data_set").n_unique().alias("distinct"),
        (pl.col("data_set").max() + 1).alias("last"),
        truth.first(),
        error.median().alias("median_error"),
        error.mean().alias("mean_error"),
        (error**2).mean().sqrt().alias("rmse"),
    ]
    for level in COVERED:
        low, high = pl.col(f"growth_ci{level}_low"), pl.col(f"growth_ci{level}_high")
        covers = ((low <= truth) & (truth <= high)).mean()
        columns += [
            covers.alias(f"coverage{level}"),
            (covers * (1 - covers) / pl.len()).sqrt().alias(f"coverage{level}_error"),
            (low > truth).mean().alias(f"misses_fast{level}"),
            (high < truth).mean().alias(f"misses_slow{level}"),
            (high - low).mean().alias(f"mean_length{level}"),
            (high - low).median().alias(f"median_length{level}"),
            (low <= 0).mean().alias(f"infinite{level}"),
        ]
    columns += [pl.col("n_draws").sum(), pl.col("n_not_converged").sum()]
    table = merged.group_by(KEYS, maintain_order=True).agg(columns)
    if not table.filter(
        (pl.col("n_data_sets") != pl.col("distinct")) | (pl.col("n_data_sets") != pl.col("last"))
    ).is_empty():
        raise AssertionError("a data set is missing from a cell, or there twice")
    return table.drop("distinct", "last").sort(KEYS)
