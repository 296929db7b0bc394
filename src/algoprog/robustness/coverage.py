"""Do the intervals hold: bias and coverage of each interval on simulated data of known growth.

Data set i of a truth depends on (root seed, variant, delta, truth, i) only, so shards change
nothing. It knows simulations and bootstraps; it knows no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import percentiles
from algoprog.common.levels import LEVELS
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import Fit, problem, thorough
from algoprog.estimators.published import solve_published
from algoprog.estimators.replicates import Effort, solve_replicates
from algoprog.model.model import Model
from algoprog.quantities.analysed import Models
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.resampling.scheme import weights_of
from algoprog.resampling.signs import signs_of
from algoprog.robustness.bootstrap_intervals import (
    METHODS,
    Bootstrap,
    compute_growth,
    growth_error,
    interval,
)
from algoprog.robustness.inversion import Inversion
from algoprog.robustness.names import COVERED, INVERTED, UNPENALISED
from algoprog.robustness.profiles import profile
from algoprog.robustness.restrictions import restriction
from algoprog.robustness.simulation import Simulation, World, simulation
from algoprog.robustness.unpenalised import unpenalised

Array = NDArray[np.float64]

KEYS = (
    *("sample", "variant", "delta", "world", "doubling_months", "estimator", "resampling"),
    *("definition", "method"),
)
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
    "chance_at_truth": pl.Float64,
    "chance_at_none": pl.Float64,
    "n_draws": pl.Int64,
    "n_not_converged": pl.Int64,
}
# A method needs what only a stationary point has: standard errors, a smooth jackknife.
METHODS_OF = {"converged": METHODS, "published": ("percentile", "basic")}


def bootstrap(
    drawn: Simulation, response: Array, full: Fit, resampling: str, replicates: int, seed: int
) -> tuple[Bootstrap, tuple[Array, Array], int]:
    """Draws and jackknife of the fit of one data set, and how many fits did not converge.

    Also the draws' parameters (b, p) and the counts (b, n) of the rows in them.
    """
    design, delta = drawn.design, drawn.delta
    units = drawn.papers if resampling == "papers" else np.arange(design.n)
    counts = weights_of(seed, design.variant, delta, range(replicates), drawn.papers, resampling)
    draws = solve_replicates(
        design, response, delta, counts, full.minima, Effort(0, 0, HOPS_OF_A_DRAW)
    )
    without = (units[None, :] != np.unique(units)[:, None]).astype(float)
    left = solve_replicates(
        design, response, delta, without, full.minima, Effort(0, 0, HOPS_OF_A_JACKKNIFE)
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
    return boot, (draws.theta, counts), misses


def own_allocation(
    own: OwnAllocation, data: Array, drawn: Simulation, full: Fit, draws: tuple[Array, Array]
) -> Iterator[dict[str, Any]]:
    """Yield the intervals of growth at the records' own allocation, per year.

    One has the percentiles of ``draws`` (parameters, counts of the rows); a draw whose loss does
    not fall with compute is left out, as in the table `own_allocation`. The other, which leaves out
    papers and so stands beside their draws alone, is without the penalty
    (:mod:`algoprog.robustness.unpenalised`), and says nothing where there is none.
    """
    common = {
        "definition": "own_allocation",
        "growth": float(own.growth(drawn.theta[None, :])[0]),
    }
    growth = own.growth(draws[0], "alike", draws[1])
    yield {
        **common,
        "method": "percentile",
        "growth_point": float(own.growth(full.theta[None, :])[0]),
        "n_draws": len(growth),
        **percentiles(growth[np.isfinite(growth)]).columns("growth_"),
    }
    found = unpenalised(own, drawn.design, data, drawn.papers, full.theta)
    nothing = {
        f"growth_ci{level}_{end}": -np.inf if end == "low" else np.inf
        for level in LEVELS
        for end in ("low", "high")
    }
    yield {
        **common,
        "method": UNPENALISED,
        "growth_point": found.growth if found else None,
        "n_draws": 0,
        **(found.columns() if found else nothing),
    }


def chances(
    model: Model, drawn: Simulation, response: Array, full: Fit, cell: Cell, seed: int
) -> dict[str, float]:
    """P-values of the restricted wild cluster bootstrap at the true growth and at no progress."""
    task = problem(drawn.design, response, drawn.delta)
    held = restriction(model, task, full, "closed_form")
    rng = np.random.default_rng(seed)
    signs = signs_of(rng, cell.replicates, drawn.papers, None)
    inversion = Inversion(held, drawn.design, response, (full.theta, full.objective), signs)
    none = inversion.chance(0.0)
    truth = inversion.chance(drawn.growth) if drawn.growth else none
    return {"chance_at_truth": truth, "chance_at_none": none}


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
    world : what errors are like, and how the growth is split.
    estimator, resampling, replicates : the bootstrap whose intervals are judged; every cell of a
        truth and world sees the same data sets. Resampling ``signs``, of the converged estimator,
        judges the set of growths that a restricted wild cluster bootstrap accepts.
    seed : the root seed.
    """

    delta: float
    response: str
    doubling_months: float
    world: World
    estimator: str
    resampling: str
    replicates: int
    seed: int


def coverage_shard(model: Model, cell: Cell, first: int, last: int) -> pl.DataFrame:
    """Data sets first ... last - 1 of one cell: a row for each data set and method (SHARD_SCHEMA).

    `growth` is the truth and `growth_point` the estimate, per year; the ends are of growth.
    """
    drawn = simulation(model, cell.delta, cell.response, cell.doubling_months, cell.world)
    own = OwnAllocation.of(model)
    key = {
        "sample": model.sample.name,
        "variant": model.variant.name,
        "delta": cell.delta,
        "world": cell.world.name,
        "doubling_months": cell.doubling_months,
        "estimator": cell.estimator,
        "resampling": cell.resampling,
    }
    rows: list[dict[str, Any]] = []
    for i in range(first, last):
        common = dict.fromkeys(SHARD_SCHEMA) | key | {"data_set": i}
        rows += [common | row for row in judged(model, drawn, own, cell, i)]
    table = pl.DataFrame(rows, schema={**SHARD_SCHEMA, "growth_median": pl.Float64})
    return table.drop("growth_median")


def judged(
    model: Model, drawn: Simulation, own: OwnAllocation, cell: Cell, i: int
) -> Iterator[dict[str, Any]]:
    """Yield a row for each interval of one data set, without the key of its cell."""
    names = (cell.seed, float(cell.delta), float(cell.doubling_months), i)
    root = seed_of("coverage", *names)
    data = drawn.response(*names)
    closed = {"definition": "closed_form", "growth": drawn.growth}
    if cell.estimator == "published":
        boot, misses = published_bootstrap(drawn, data, cell.resampling, cell.replicates, root)
        yield from _intervals(boot, "published", closed, misses)
        return
    full = thorough(drawn.design, data, cell.delta)
    if cell.resampling == "signs":
        yield {
            **closed,
            "method": INVERTED,
            "growth_point": float(compute_growth(drawn.parts, full.theta[None, :])[0]),
            "n_draws": cell.replicates,
            "n_not_converged": int(not full.certified),
            **chances(model, drawn, data, full, cell, root),
        }
        return
    made, draws, misses = bootstrap(drawn, data, full, cell.resampling, cell.replicates, root)
    yield from _intervals(made, "converged", closed, misses)
    for row in own_allocation(own, data, drawn, full, draws):
        if row["method"] == UNPENALISED and cell.resampling != "papers":
            continue
        yield {**row, "n_not_converged": misses if row["n_draws"] else 0}


def _intervals(
    boot: Bootstrap, estimator: str, common: dict[str, Any], misses: int | None
) -> Iterator[dict[str, Any]]:
    """The rows of a bootstrap's intervals of growth in closed form."""
    common = common | {
        "growth_point": boot.point,
        "n_draws": len(boot.draws),
        "n_not_converged": misses,
    }
    for method in METHODS_OF[estimator]:
        yield common | {"method": method} | interval(boot, method).columns("growth_")


def coverage_table(shards: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The table `coverage`: a row for each truth, estimator, resampling and method.

    Over the data sets of a cell: median_error, mean_error and rmse of the estimated growth per
    year; and for the 90 % and the 95 % interval coverage, its Monte-Carlo standard error
    sqrt(c (1 - c) / n), how often the whole interval lies above (misses_fast: progress is slower
    than the interval says) or below the truth (misses_slow), the mean and the median length in
    growth, and the share without an upper end in months (growth <= 0 inside). Coverage of growth
    is that of the doubling time, since one maps to the other. An estimate or length that is
    infinite makes a mean infinite. A set
    by inversion holds the truth where its p-value is above 1 - level; its lengths are null.

    Raises AssertionError where a cell has a data set twice or not all those of the others.
    """
    merged = pl.concat(shards)
    if merged.select(*KEYS, "data_set").is_duplicated().any():
        raise AssertionError("a data set is in a cell twice")
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
        chance, none, most = (
            pl.col("chance_at_truth"),
            pl.col("chance_at_none"),
            (100 - level) / 100,
        )
        out = chance <= most
        fast = pl.when(chance.is_null()).then(low > truth).otherwise(out & (error > 0))
        slow = pl.when(chance.is_null()).then(high < truth).otherwise(out & (error <= 0))
        endless = pl.when(none.is_null()).then(low <= 0).otherwise(none > most)
        covers = (~fast & ~slow).mean()
        columns += [
            covers.alias(f"coverage{level}"),
            (covers * (1 - covers) / pl.len()).sqrt().alias(f"coverage{level}_error"),
            fast.mean().alias(f"misses_fast{level}"),
            slow.mean().alias(f"misses_slow{level}"),
            (high - low).mean().alias(f"mean_length{level}"),
            (high - low).median().alias(f"median_length{level}"),
            endless.mean().alias(f"infinite{level}"),
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
    response: str,
    months: Sequence[float],
    losses: Sequence[float],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the profile of an analysis' model.

    ``fit`` is the analysis' (:class:`algoprog.resampling.refit.Refit`).
    """
    row = fit.row(0, named=True)
    model = models.of(row["sample"], row["variant"])
    return profile(model, row["delta"], response, months, losses)
