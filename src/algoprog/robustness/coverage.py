"""Do the intervals hold: bias and coverage of each interval on simulated data of known growth.

Data set i of a truth depends on (root seed, variant, delta, truth, i) only, so shards change
nothing. It knows simulations and bootstraps; it knows no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.levels import LEVELS
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import Fit, problem, solve_replicates, thorough
from algoprog.estimators.published import solve_published
from algoprog.model.model import Model
from algoprog.quantities.analysed import Models
from algoprog.resampling.bootstrap import weights_of
from algoprog.robustness.bootstrap_intervals import (
    METHODS,
    Bootstrap,
    compute_growth,
    growth_error,
    interval,
)
from algoprog.robustness.constrained import Profiler
from algoprog.robustness.critical import critical_loss
from algoprog.robustness.names import COVERED, PROFILE
from algoprog.robustness.profiles import profile
from algoprog.robustness.simulation import Simulation, simulation

Array = NDArray[np.float64]

KEYS = ("sample", "variant", "delta", "doubling_months", "estimator", "resampling", "method")
# Perturbed minima tried for each replicate, after the minima of its data set: with four, and no
# other starts, one replicate of m07 in a hundred ends above the best minimum that more starts find.
HOPS_OF_A_DRAW = 4
HOPS_OF_A_JACKKNIFE = 2
SHARD_SCHEMA: dict[str, Any] = {
    **{name: pl.Float64 if name in ("delta", "doubling_months") else pl.String for name in KEYS},
    "data_set": pl.Int64,
    "growth": pl.Float64,
    "growth_point": pl.Float64,
    **{f"growth_ci{level}_{end}": pl.Float64 for level in LEVELS for end in ("low", "high")},
    "loss_at_truth": pl.Float64,
    "loss_at_none": pl.Float64,
    "n_draws": pl.Int64,
    "n_not_converged": pl.Int64,
}
# A method needs what only a stationary point has: standard errors, a smooth jackknife.
METHODS_OF = {"converged": METHODS, "published": ("percentile", "basic")}
# Starts, besides the known minima, of the fits at a given growth.
STARTS_OF_A_PROFILE = 2


def bootstrap(
    drawn: Simulation, response: Array, full: Fit, resampling: str, replicates: int, seed: int
) -> tuple[Bootstrap, int]:
    """Draws and jackknife of the fit of one data set, and how many fits did not converge."""
    design, delta = drawn.design, drawn.delta
    units = drawn.papers if resampling == "papers" else np.arange(design.n)
    counts = weights_of(seed, design.variant, delta, range(replicates), drawn.papers, resampling)
    draws = solve_replicates(
        design, response, delta, counts, full.minima, starts=0, perturbed=HOPS_OF_A_DRAW
    )
    without = (units[None, :] != np.unique(units)[:, None]).astype(float)
    left = solve_replicates(
        design, response, delta, without, full.minima, starts=0, perturbed=HOPS_OF_A_JACKKNIFE
    )

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
    misses = int((~draws.certified).sum() + (~left.certified).sum()) + (not full.certified)
    return boot, misses


def profile_losses(drawn: Simulation, response: Array, full: Fit) -> dict[str, float]:
    """Relative loss of fit, objective / least - 1, at the true growth and at no progress."""
    task = problem(drawn.design, response, drawn.delta)
    profiler = Profiler.of(task, drawn.parts, full.minima, STARTS_OF_A_PROFILE)

    def loss(growth: float) -> float:
        return profiler.at_growth(growth, full.theta).objective / full.objective - 1.0

    none = loss(0.0)
    return {"loss_at_truth": loss(drawn.growth) if drawn.growth else none, "loss_at_none": none}


def published_bootstrap(
    drawn: Simulation, response: Array, resampling: str, replicates: int, seed: int
) -> tuple[Bootstrap, None]:
    """The published procedure on one data set, resampled from our seeds; no error, no jackknife.

    Its fits are not stationary points, so none is counted as converged or not.
    """
    design, delta = drawn.design, drawn.delta
    counts = weights_of(seed, design.variant, delta, range(replicates), drawn.papers, resampling)
    thetas = []
    for count in [np.ones(design.n), *counts]:
        rows = np.repeat(np.arange(design.n), count.astype(int))
        thetas.append(solve_published(design.rows(rows), response[rows], delta)[0])
    growth = compute_growth(drawn.parts, np.array(thetas))
    nothing = np.full(replicates, np.nan)
    return Bootstrap(float(growth[0]), float("nan"), growth[1:], nothing, nothing), None


@dataclass(frozen=True)
class Cell:
    """A truth, and the intervals that are judged on it.

    Attributes
    ----------
    delta, response : of the model's fits.
    doubling_months : the true doubling time, infinite for no progress.
    degrees_of_freedom : of the errors' t distribution; infinite for normal errors.
    estimator, resampling, replicates : the bootstrap whose intervals are judged; every cell of a
        truth sees the same data sets. Resampling ``none``, of the converged estimator, judges the
        range of the profile instead.
    seed : the root seed.
    """

    delta: float
    response: str
    doubling_months: float
    degrees_of_freedom: float
    estimator: str
    resampling: str
    replicates: int
    seed: int


def coverage_shard(model: Model, cell: Cell, first: int, last: int) -> pl.DataFrame:
    """Data sets first ... last - 1 of one cell: a row for each data set and method (SHARD_SCHEMA).

    `growth` is the truth and `growth_point` the estimate, per year; the ends are of growth.
    """
    delta, estimator, resampling = cell.delta, cell.estimator, cell.resampling
    replicates = cell.replicates
    drawn = simulation(model, delta, cell.response, cell.doubling_months, cell.degrees_of_freedom)
    key = {
        "sample": model.sample.name,
        "variant": model.variant.name,
        "delta": delta,
        "doubling_months": cell.doubling_months,
        "estimator": estimator,
        "resampling": resampling,
    }
    rows: list[dict[str, Any]] = []
    for i in range(first, last):
        names = (cell.seed, float(delta), float(cell.doubling_months), i)
        root = seed_of("coverage", *names)
        data = drawn.response(*names)
        common = {**key, "data_set": i, "growth": drawn.growth}
        if estimator == "published":
            boot, misses = published_bootstrap(drawn, data, resampling, replicates, root)
        else:
            full = thorough(drawn.design, data, delta)
            if resampling == "none":
                point = float(compute_growth(drawn.parts, full.theta[None, :])[0])
                rows.append(
                    dict.fromkeys(SHARD_SCHEMA)
                    | {**common, "method": PROFILE, "growth_point": point}
                    | {"n_draws": 0, "n_not_converged": int(not full.certified)}
                    | profile_losses(drawn, data, full)
                )
                continue
            boot, misses = bootstrap(drawn, data, full, resampling, replicates, root)
        common |= {"growth_point": boot.point, "n_draws": replicates, "n_not_converged": misses}
        for method in METHODS_OF[estimator]:
            ends = interval(boot, method).columns("growth_")
            rows.append(dict.fromkeys(SHARD_SCHEMA) | common | {"method": method} | ends)
    table = pl.DataFrame(rows, schema={**SHARD_SCHEMA, "growth_median": pl.Float64})
    return table.drop("growth_median")


def coverage_table(shards: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The table `coverage`: a row for each truth, estimator, resampling and method.

    Over the data sets of a cell: median_error, mean_error and rmse of the estimated growth per
    year; and for the 90 % and the 95 % interval coverage, its Monte-Carlo standard error
    sqrt(c (1 - c) / n), how often the whole interval lies above (misses_fast: progress is slower
    than the interval says) or below the truth (misses_slow), the mean and the median length in
    growth, and the share without an upper end in months (growth <= 0 inside). Coverage of growth
    is that of the doubling time, since one maps to the other. An estimate or length that is
    infinite makes a mean infinite. Of a range of the profile,
    lengths are null, and `loss90` and `loss95` are the quantiles of the loss at the truth: the
    loss whose range holds this truth. All truths are judged at the largest of them, the critical
    loss (:func:`critical_loss`), so that no truth is covered less than the level says.

    Raises AssertionError where a cell has a data set twice or not all those of the others.
    """
    merged = pl.concat(shards)
    if merged.select(*KEYS, "data_set").is_duplicated().any():
        raise AssertionError("a data set is in a cell twice")
    for level in COVERED:
        hardest = pl.col("loss_at_truth").quantile(level / 100, "higher").over(KEYS)
        merged = merged.with_columns(hardest.alias(f"most{level}")).with_columns(
            pl.col(f"most{level}").max().over("sample", "variant", "delta")
        )
    truth, error = pl.col("growth"), pl.col("growth_point") - pl.col("growth")
    columns = [
        pl.len().alias("n_data_sets"),
        (pl.col("data_set").max() + 1).alias("last"),
        truth.first(),
        error.median().alias("median_error"),
        error.mean().alias("mean_error"),
        (error**2).mean().sqrt().alias("rmse"),
    ]
    for level in COVERED:
        low, high = pl.col(f"growth_ci{level}_low"), pl.col(f"growth_ci{level}_high")
        loss, none, most = pl.col("loss_at_truth"), pl.col("loss_at_none"), pl.col(f"most{level}")
        fast = pl.when(loss.is_null()).then(low > truth).otherwise((loss > most) & (error > 0))
        slow = pl.when(loss.is_null()).then(high < truth).otherwise((loss > most) & (error <= 0))
        endless = pl.when(none.is_null()).then(low <= 0).otherwise(none <= most)
        covers = (~fast & ~slow).mean()
        columns += [
            covers.alias(f"coverage{level}"),
            (covers * (1 - covers) / pl.len()).sqrt().alias(f"coverage{level}_error"),
            fast.mean().alias(f"misses_fast{level}"),
            slow.mean().alias(f"misses_slow{level}"),
            (high - low).mean().alias(f"mean_length{level}"),
            (high - low).median().alias(f"median_length{level}"),
            endless.mean().alias(f"infinite{level}"),
            loss.quantile(level / 100, "higher").alias(f"loss{level}"),
        ]
    missed = pl.col("n_not_converged")
    # a sum of nothing would be 0: the published fits are not certified at all
    columns += [pl.col("n_draws").sum(), pl.when(missed.count() > 0).then(missed.sum())]
    table = merged.group_by(KEYS, maintain_order=True).agg(columns)
    if (table["n_data_sets"] != table["last"]).any():
        raise AssertionError("a data set is missing from a cell")
    return table.drop("last").sort(KEYS)


def profile_of(
    models: Models,
    fit: pl.DataFrame,
    coverage: pl.DataFrame,
    response: str,
    months: Sequence[float],
    losses: Sequence[float],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the profile of an analysis' model, also at its critical losses.

    ``fit`` is the analysis' (:class:`algoprog.resampling.refit.Refit`); ``coverage`` the table of
    that name, whose critical losses (of 90 and 95 per cent) are added where it has them of this
    model.
    """
    row = fit.row(0, named=True)
    own = coverage.filter(
        pl.col("method") == PROFILE,
        *(pl.col(name) == row[name] for name in ("sample", "variant", "delta")),
    )
    critical = [critical_loss(own, level) for level in COVERED] if own.height else []
    model = models.of(row["sample"], row["variant"])
    return profile(model, row["delta"], response, months, [*losses, *critical])
