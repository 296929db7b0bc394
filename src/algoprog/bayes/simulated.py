"""Simulation-based calibration: data sets whose truth is known, fitted as the real data are.

A data set is simulated from the prior, fitted, and the truth ranked among thinned posterior draws.
Over data sets the ranks of each quantity are uniform if model, program and sampler agree (Talts et
al. 2018); :mod:`algoprog.bayes.calibration` tests it.

Data set i depends on (root seed, variant, i) only, so shards change nothing. A second kind of data
set is like the real one and has a known doubling time: its truth is a draw of the real data's
posterior, with rates moved until growth is the imposed growth. It shows how often central intervals
hold that growth. It knows models and engines; it knows no files but the compiled program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.coordinates import coordinates
from algoprog.bayes.data import draw_prior, simulate, stan_data, start
from algoprog.bayes.draws import arrays, posterior
from algoprog.bayes.engine import Program
from algoprog.bayes.models import Prepared, stan_seed
from algoprog.bayes.settings import SimulatedSets
from algoprog.common.intervals import growth_of, percentiles
from algoprog.common.seeds import seed_of
from algoprog.model.growth import Elasticity, growth_rates

Array = NDArray[np.float64]
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


@dataclass(frozen=True)
class KnownGrowth:
    """A known doubling time, and the posterior whose draws data sets with it are like.

    ``draws`` is a posterior (:func:`algoprog.bayes.draws.posterior`) of the same variant.
    """

    draws: pl.DataFrame
    doubling_months: float

    @property
    def growth(self) -> float:
        """Growth of effective compute, per year."""
        return growth_of(self.doubling_months)


def _ranked(prepared: Prepared, truth: Mapping[str, Array]) -> dict[str, Array]:
    """Draws of what is ranked: parameters, error terms and growth (closed form, per year)."""
    drawn = {name: truth["theta"][:, j] for j, name in enumerate(prepared.parameters)}
    drawn |= {
        f"sigma_{level}": truth["sigma"][:, b] for b, level in enumerate(prepared.model.levels)
    }
    drawn |= {"tau": truth["tau"], "nu": truth["nu"]}
    form = prepared.closed_form
    if form is not None:
        first = next(iter(form.parts.values()))
        for scale, growth in growth_rates(first, truth["theta"]).items():
            drawn[f"growth_{scale}"] = growth
    return drawn


def with_growth(parts: Sequence[Elasticity], theta: Array, growth: float) -> Array:
    """Return theta (r, p), rates moved so that effective compute grows at ``growth`` a year.

    Rates move along d = sum_k rate_k eps_k, which changes each exponential's growth alike where no
    two share a rate; elasticities, and all else, stay: growth(theta + a d) is linear in a.

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
    prepared: Prepared, kind: str, known: KnownGrowth | None, seed: int, i: int
) -> tuple[dict[str, Array], Array]:
    """Return truths, one value of each quantity, and losses (n,) of data set i of a kind."""
    rng = np.random.default_rng(seed_of(seed, "bayes-calibration", prepared.variant, i))
    model = prepared.model
    if kind == "prior":
        truth = draw_prior(model, rng, 1)
        return _ranked(prepared, truth), simulate(model, rng, truth)[0]
    form = prepared.closed_form
    if known is None or form is None:
        raise AssertionError("a known doubling time needs a posterior of a closed form")
    drawn = known.draws[[int(rng.integers(known.draws.height))]]
    truth = arrays(drawn, prepared.parameters, model.levels)
    theta = with_growth(next(iter(form.parts.values())), truth["theta"], known.growth)
    losses = simulate(model, rng, {**truth, "theta": theta})[0]
    return {"growth_compute": np.array([known.growth])}, losses


def calibration_shard(
    prepared: Prepared, sets: SimulatedSets, program: Program, known: KnownGrowth | None
) -> pl.DataFrame:
    """Return a row for each quantity of each data set.

    ``rank`` is the number of draws below the truth, of every ``thin``-th of a chain's draws.
    """
    rows = []
    for i in range(sets.first, sets.last):
        truth, y = data_set(prepared, sets.kind, known, sets.seed, i)
        chain = _chain(prepared, sets, program, i, y)
        draws = posterior([chain], prepared.parameters, prepared.model.levels)
        drawn = _ranked(prepared, arrays(draws, prepared.parameters, prepared.model.levels))
        common = {"kind": sets.kind, "data_set": i}
        common |= {"divergences": int(chain["divergent__"].sum())}
        for quantity, (true_value, *_) in truth.items():
            row = {"quantity": quantity, "truth": float(true_value)}
            rows.append(common | row | _place(float(true_value), drawn[quantity], sets.thin))
    return pl.DataFrame(rows, schema=SHARD_SCHEMA)


def _chain(
    prepared: Prepared, sets: SimulatedSets, program: Program, i: int, y: Array
) -> pl.DataFrame:
    """The chain of data set i, of losses y (n,)."""
    model, seed = prepared.model, sets.seed
    names = ("bayes-calibration", sets.kind, prepared.variant, i)
    given = stan_data(model, y, *coordinates(model, y, seed))
    begin = start(model, seed_of(seed, *names))
    return program.sample(given, begin, stan_seed(seed, *names), sets.sampler)


def _place(truth: float, draws: Array, thin: int) -> dict[str, Any]:
    """Where a truth lies among draws: the draws' intervals, and its rank among thinned draws."""
    ranked, interval = draws[thin - 1 :: thin], percentiles(draws)
    return {
        "median": interval.median,
        "ci50_low": interval.low[0],
        "ci50_high": interval.high[0],
        "ci90_low": interval.low[1],
        "ci90_high": interval.high[1],
        "rank": int((ranked < truth).sum()),
        "n_ranked": len(ranked),
    }
