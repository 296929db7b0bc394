"""Simulation-based calibration: whether the sampler draws from the posterior it claims.

A data set is simulated from the prior, fitted, and the truth ranked among thinned posterior draws.
Over data sets the ranks of each quantity are uniform if model, program and sampler agree (Talts et
al. 2018). The test, stated in advance: Pearson's chi-square of the ranks in equal bins, p-values
over all quantities by Holm's method at the configured family-wise level.

Data set i depends on (root seed, variant, i) only, so shards change nothing. A second kind of data
set is like the real one and has a known doubling time: its truth is a draw of the real data's
posterior, with rates moved until growth is the one imposed. It shows how often central intervals
hold that. It knows models and engines; it knows no files but the compiled program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.data import coordinates, draw_prior, simulate, stan_data, start
from algoprog.bayes.draws import arrays, posterior
from algoprog.bayes.engine import Engine, sample
from algoprog.bayes.models import Prepared, stan_seed
from algoprog.common.intervals import MONTHS, percentiles
from algoprog.common.seeds import seed_of
from algoprog.quantities.closed_form import ClosedForm, Elasticity, growth_rates

Array = NDArray[np.float64]
KINDS = ("prior", "known")
SHARD_SCHEMA: dict[str, Any] = {
    "kind": pl.String,
    "data_set": pl.Int64,
    "quantity": pl.String,
    "truth": pl.Float64,
    "median": pl.Float64,
    "ci50_low": pl.Float64,
    "ci50_high": pl.Float64,
    "ci90_low": pl.Float64,
    "ci90_high": pl.Float64,
    "rank": pl.Int64,
    "n_ranked": pl.Int64,
    "divergences": pl.Int64,
}


def _quantities(one: Prepared, truth: Mapping[str, Array]) -> dict[str, Array]:
    """Draws of what is ranked: parameters, error terms and growth (closed form, per year)."""
    found = {name: truth["theta"][:, j] for j, name in enumerate(one.model.prior.parameters)}
    found |= {f"sigma_{level}": truth["sigma"][:, b] for b, level in enumerate(one.model.levels)}
    found |= {"tau": truth["tau"], "nu": truth["nu"]}
    form = ClosedForm.of(one.compiler, one.variant, one.spec)
    if form is not None:
        first = next(iter(form.parts.values()))
        for scale, growth in growth_rates(first, truth["theta"]).items():
            found[f"growth_{scale}"] = growth
    return found


def with_growth(parts: Sequence[Elasticity], theta: Array, growth: float) -> Array:
    """Parameters (r, p) whose rates are moved so that effective compute grows at ``growth`` a year.

    They move along d = sum_k rate_k eps_k, which changes each exponential's growth alike where each
    has a rate of its own; elasticities, and all else, stay: growth(theta + a d) is linear in a.

    Raises ValueError where a rate is part of an elasticity.
    """
    moving = [part for part in parts if part.rate.any()]
    if any((part.rate * other.elasticity).any() for part in moving for other in parts):
        raise ValueError("a rate is part of an elasticity")
    eps = [theta @ part.elasticity + part.held_elasticity for part in moving]
    along = sum(np.outer(e, part.rate) for e, part in zip(eps, moving, strict=True))
    slope = sum((along @ part.rate) / e for e, part in zip(eps, moving, strict=True))
    short = growth - growth_rates(list(parts), theta)["compute"]
    return np.asarray(theta + (short / slope)[:, None] * along)


def data_set(
    one: Prepared, kind: str, known: Mapping[str, Any] | None, seed: int, i: int
) -> tuple[dict[str, Array], Array]:
    """Truths, one value of each quantity, and losses (n,) of data set i of a kind.

    ``known``: ``draws`` of a posterior (:func:`algoprog.bayes.draws.posterior`) and
    ``doubling_months``.
    """
    rng = np.random.default_rng(seed_of(seed, "bayes-calibration", one.variant, i))
    if kind == "prior":
        truth = draw_prior(one.model, rng, 1)
        return _quantities(one, truth), simulate(one.model, rng, truth)[0]
    form = ClosedForm.of(one.compiler, one.variant, one.spec)
    if known is None or form is None:
        raise AssertionError("a known doubling time needs a posterior of a closed form")
    drawn = known["draws"][[int(rng.integers(known["draws"].height))]]
    truth = arrays(drawn, one.model.prior.parameters, one.model.levels)
    growth = MONTHS * np.log(2) / known["doubling_months"]
    theta = with_growth(next(iter(form.parts.values())), truth["theta"], growth)
    truth = {**truth, "theta": theta}
    return {"growth_compute": np.array([growth])}, simulate(one.model, rng, truth)[0]


def calibration_shard(
    one: Prepared,
    kind: str,
    known: Mapping[str, Any] | None,
    engine: Engine,
    compiled: Path,
    sampler: Mapping[str, Any],
    thin: int,
    seed: int,
    first: int,
    last: int,
) -> pl.DataFrame:
    """A row for each quantity of data sets first ... last - 1.

    ``rank`` is the number of draws below the truth, of every ``thin``-th of a chain's draws.
    ``sampler`` holds warmup, draws, target_acceptance and max_depth.
    """
    rows = []
    for i in range(first, last):
        truth, y = data_set(one, kind, known, seed, i)
        names = ("bayes-calibration", kind, one.variant, i)
        chain = sample(
            engine, compiled, stan_data(one.model, y, *coordinates(one.model, y, seed)),
            start(one.model, seed_of(seed, *names)), stan_seed(seed, *names), sampler,
        )  # fmt: skip
        levels, parameters = one.model.levels, one.model.prior.parameters
        draws = posterior([chain], parameters, levels)
        found = _quantities(one, arrays(draws, parameters, levels))
        for quantity, value in truth.items():
            ranked = found[quantity][thin - 1 :: thin]
            of_all = percentiles(found[quantity])
            rows.append(
                {"kind": kind, "data_set": i, "quantity": quantity, "truth": float(value[0])}
                | {"median": of_all.median}
                | {"ci50_low": of_all.low[0], "ci50_high": of_all.high[0]}
                | {"ci90_low": of_all.low[1], "ci90_high": of_all.high[1]}
                | {"rank": int((ranked < value[0]).sum()), "n_ranked": len(ranked)}
                | {"divergences": int(chain["divergent__"].sum())}
            )
    return pl.DataFrame(rows, schema=SHARD_SCHEMA)


def chi_square(ranks: NDArray[np.int64], n_ranked: int, bins: int) -> tuple[float, float]:
    """Pearson's statistic and p-value of ranks 0 ... n_ranked in equal bins.

    Raises ValueError where the ranks do not divide into so many bins.
    """
    from scipy.stats import chi2

    if (n_ranked + 1) % bins:
        raise ValueError(f"{n_ranked + 1} ranks do not divide into {bins} bins")
    counts = np.bincount(ranks * bins // (n_ranked + 1), minlength=bins)
    expected = len(ranks) / bins
    statistic = float(((counts - expected) ** 2).sum() / expected)
    return statistic, float(chi2.sf(statistic, bins - 1))


def holm(p_values: Array) -> Array:
    """p-values adjusted for their number by Holm's method."""
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values), dtype=np.float64)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted


TABLE_SCHEMA: dict[str, Any] = {
    "kind": pl.String,
    "quantity": pl.String,
    "n_data_sets": pl.Int64,
    "coverage50": pl.Float64,
    "coverage90": pl.Float64,
    "coverage90_error": pl.Float64,
    "mean_error": pl.Float64,
    "share_divergent": pl.Float64,
    "chi_square": pl.Float64,
    "p_value": pl.Float64,
    "p_adjusted": pl.Float64,
    "uniform": pl.Boolean,
}
RANKS_SCHEMA: dict[str, Any] = {
    "quantity": pl.String,
    "bin": pl.Int64,
    "n": pl.Int64,
    "expected": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


def calibration_tables(
    shards: Sequence[pl.DataFrame], bins: int, level: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables `bayes_calibration` (a row a quantity) and `bayes_ranks` (a row a bin).

    ``coverage`` is how often the central interval holds the truth; ``mean_error`` the mean of
    posterior median less truth; ``share_divergent`` of data sets with a divergence. ``low`` and
    ``high`` are a bin's central 99 % under uniformity.

    Raises AssertionError where a data set is there twice.
    """
    from scipy.stats import binom

    merged = pl.concat(shards).sort("kind", "quantity", "data_set")
    if merged.select("kind", "quantity", "data_set").is_duplicated().any():
        raise AssertionError("a data set is there twice")
    rows, ranks = [], []
    for (kind, quantity), part in merged.group_by("kind", "quantity", maintain_order=True):
        truth, n = part["truth"], part.height
        held = {
            f"coverage{of}": float(
                truth.is_between(part[f"ci{of}_low"], part[f"ci{of}_high"]).to_numpy().mean()
            )
            for of in (50, 90)
        }
        share = held["coverage90"]
        row: dict[str, Any] = {"kind": kind, "quantity": quantity, "n_data_sets": n, **held}
        row |= {"coverage90_error": float(np.sqrt(share * (1 - share) / n))}
        row |= {"mean_error": float((part["median"] - truth).to_numpy().mean())}
        row |= {"share_divergent": float((part["divergences"] > 0).to_numpy().mean())}
        if kind == "prior":
            n_ranked = int(part["n_ranked"][0])
            of = part["rank"].to_numpy()
            row["chi_square"], row["p_value"] = chi_square(of, n_ranked, bins)
            counts = np.bincount(of * bins // (n_ranked + 1), minlength=bins)
            low, high = binom.interval(0.99, n, 1 / bins)
            ranks += [
                {"quantity": quantity, "bin": b, "n": int(count), "expected": n / bins}
                | {"low": float(low), "high": float(high)}
                for b, count in enumerate(counts)
            ]
        rows.append(row)
    ranked = [row for row in rows if row["kind"] == "prior"]
    for row, p in zip(ranked, holm(np.array([row["p_value"] for row in ranked])), strict=True):
        row |= {"p_adjusted": float(p), "uniform": bool(p > level)}
    return pl.DataFrame(rows, schema=TABLE_SCHEMA), pl.DataFrame(ranks, schema=RANKS_SCHEMA)
