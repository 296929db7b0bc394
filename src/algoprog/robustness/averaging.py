"""A doubling time averaged over models, weighted by how well each predicts papers it has not seen.

Of models m = 1 ... M (a variant at a penalty) fitted to the same rows, with S_mg the squared
errors, summed, of the n_g rows of paper g when that paper is left out, the weights are those of
pseudo-BMA with the Bayesian bootstrap (Yao, Vehtari, Simpson and Gelman 2018, section 3.4), with
papers as units and the held-out variance profiled out of a normal score:

    w_m = E_a [ exp(-(n/2) ln s_m(a)) / sum_l exp(-(n/2) ln s_l(a)) ],
    s_m(a) = sum_g a_g S_mg / sum_g a_g n_g,    a ~ Dirichlet(1, ..., 1).

Without the bootstrap the best model would take nearly all the weight on a difference in error that
other papers might reverse; resampling whole papers lets that uncertainty, errors of a paper being
alike, share the weight. Stacking, which the authors prefer for predictions, is not used: it weighs
models by how they complement one another, so a weight of 0 says nothing against a model's growth,
while here a weight is the probability of predicting best. Models that are nearly the same share
what one of them would get, but together they count as several.

The averaged interval is of the mixture of the models' bootstrap draws of growth with these weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import (
    Interval,
    doubling_interval,
    doubling_months,
)
from algoprog.common.levels import LEVELS
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import thorough
from algoprog.estimators.estimator import Task
from algoprog.model.model import Model
from algoprog.quantities.growth import Growth
from algoprog.resampling.cross_validation import leave_group_out
from algoprog.robustness.growth_draws import Bootstrap, growth_draws
from algoprog.robustness.tables import MODEL_AVERAGE, MODEL_WEIGHTS
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

BOOTSTRAPS = 10_000
_MODEL: dict[str, Any] = {
    "sample": pl.String,
    "response": pl.String,
    "variant": pl.String,
    "delta": pl.Float64,
}
HELD_OUT: dict[str, Any] = _MODEL | {
    "paper": pl.Int64,
    "n": pl.Int64,
    "squared_error": pl.Float64,
    "certified": pl.Boolean,
}
DRAWS: dict[str, Any] = _MODEL | {
    "replicate": pl.Int64,
    "growth": pl.Float64,
    "certified": pl.Boolean,
}


def averaged(
    model: Model, deltas: Sequence[float], response: str, seed: int, replicates: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return held-out errors by paper and draws of growth of a model at each penalty.

    Returns
    -------
    held_out : sample, response, variant, delta, paper (its number in the sample), n, squared_error
        (summed over the paper's rows, nats squared), certified (all fits without a paper are).
    draws : sample, response, variant, delta, replicate, growth (per year, blank where it is not a
        number), certified; replicate -1 is the fit to all papers. A variant without progress has
        growth 0.
    """
    model.check_size()
    growth = Growth.of(model)
    bootstrap = Bootstrap("converged", "papers", seed, replicates)
    held_out: list[dict[str, Any]] = []
    drawn: list[dict[str, Any]] = []
    for delta in deltas:
        task = Task.of(model, response, delta)
        key: dict[str, Any] = {"sample": model.sample.name, "response": response}
        key |= {"variant": model.variant.name, "delta": delta}
        held_out += [{**key, **row} for row in _held_out(task)]
        drawn += [{**key, **row} for row in _drawn(task, growth, bootstrap)]
    return (
        pl.DataFrame(held_out, schema=HELD_OUT),
        pl.DataFrame(drawn, schema=DRAWS).with_columns(pl.col("growth").fill_nan(None)),
    )


def _held_out(task: Task) -> list[dict[str, Any]]:
    """Squared errors of each paper when it is left out."""
    held = leave_group_out(task.design, task.response, task.delta, task.papers)
    squares = np.bincount(task.papers, (held.response - held.prediction) ** 2)
    number = np.bincount(task.papers)
    return [
        {"paper": paper, "n": int(number[paper]), "squared_error": square}
        | {"certified": held.n_converged == held.n_fits}
        for paper, square in enumerate(squares.tolist())
    ]


def _drawn(task: Task, growth: Growth, bootstrap: Bootstrap) -> list[dict[str, Any]]:
    """Growth of the fit to all papers (replicate -1), and of each replicate."""
    whole = thorough(task.design, task.response, task.delta)
    point = growth(whole.theta[None, :])
    first = 0.0 if point is None else float(point[0])
    rates, certified = growth_draws(task, growth, bootstrap)
    replicates = zip(range(bootstrap.replicates), rates.tolist(), certified, strict=True)
    return [
        {"replicate": i, "growth": g, "certified": bool(c)}
        for i, g, c in [(-1, first, whole.certified), *replicates]
    ]


def pseudo_bma(squares: Array, rows: Array, seed: int, bootstraps: int = BOOTSTRAPS) -> Array:
    """Weights (M,) of models; they sum to 1.

    ``squares`` (M, G) are held-out squared errors summed over each paper, ``rows`` (G,) its rows.
    """
    rng = np.random.default_rng(seed_of(seed, "pseudo-bma"))
    drawn = rng.dirichlet(np.ones(len(rows)), size=bootstraps)
    score = -0.5 * rows.sum() * np.log(drawn @ squares.T / (drawn @ rows)[:, None])
    score -= score.max(axis=1, keepdims=True)
    weights = np.exp(score)
    return np.asarray((weights / weights.sum(axis=1, keepdims=True)).mean(axis=0))


def mixture(draws: Sequence[Array], weights: Array) -> Interval:
    """Central intervals of a mixture: quantile q is the least draw with a share >= q at or below.

    ``draws`` are one array (infinite values allowed) for each weight; a model's draws share its
    weight equally. ``n_draws`` counts those of models with a positive weight.
    """
    values = np.concatenate(draws)
    each = np.concatenate(
        [np.full(len(d), w / len(d)) for d, w in zip(draws, weights, strict=True)]
    )
    if np.isnan(values).any() or not values.size:
        raise ValueError("a mixture needs at least one draw and no NaN")
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(each[order])
    cumulated /= cumulated[-1]
    tails = [(100 - level) / 200 for level in LEVELS]
    at = np.array([0.5, *tails, *(1 - tail for tail in tails)])
    # a hair below, so that rounding of the sums does not skip a draw
    found = values[order][np.searchsorted(cumulated, at * (1 - 1e-12))]
    m = len(LEVELS)
    return Interval(
        median=float(found[0]),
        low=tuple(found[1 : m + 1].tolist()),
        high=tuple(found[m + 1 :].tolist()),
        n_draws=int((each > 0).sum()),
        share_nonpositive=float(each[values <= 0].sum() / each.sum()),
    )


def average(
    held_out: pl.DataFrame, draws: pl.DataFrame, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables `model_weights` and `model_average` of models fitted to the same rows.

    Parameters
    ----------
    held_out, draws : parts of :func:`averaged`, concatenated; of one sample and response.

    Returns
    -------
    model_weights : sample, response, variant, delta, n, mse (held out), weight, growth_point (per
        year), certified (all its fits); heaviest first.
    model_average : a row for each weighting: ``pseudo_bma``, ``equal`` (every model alike) and
        ``best`` (the least held-out error alone): n_models, effective_models (1 / sum of squared
        weights), point (months) with the interval, growth_point with the interval (per year).
        growth_point is the weighted median of the models' growth, which infinite ones do not upset.

    A model without a single draw of growth that is a number has no weight.

    Raises
    ------
    ValueError
        for models of different samples or rows, which cannot be compared.
    """
    rows, squares, papers, growth = _models(held_out, draws)
    weights = pseudo_bma(np.array(squares), np.array([float(n) for _, n in papers]), seed)
    best = int(np.argmin([row["mse"] for row in rows]))
    weightings = {
        "pseudo_bma": weights,
        "equal": np.full(len(rows), 1.0 / len(rows)),
        "best": np.eye(len(rows))[best],
    }
    averages = [_average(name, rows, growth, w) for name, w in weightings.items()]
    table = frame_of(
        MODEL_WEIGHTS, [row | {"weight": w} for row, w in zip(rows, weights.tolist(), strict=True)]
    )
    table = table.sort(-pl.col("weight"), "variant", "delta")
    return table, frame_of(MODEL_AVERAGE, averages)


def _models(
    held_out: pl.DataFrame, draws: pl.DataFrame
) -> tuple[list[dict[str, Any]], list[Array], list[tuple[int, int]], list[Array]]:
    """Of each model its row less the weight, squared errors by paper, and draws of growth.

    And the papers with their numbers of rows, which all models share.
    """
    if held_out.select("sample", "response").n_unique() != 1:
        raise ValueError("models of different samples or responses cannot be compared")
    known = draws.filter(pl.col("growth").is_not_null())
    grouped = known.filter(pl.col("replicate") >= 0).group_by("variant", "delta")
    growth = {key: part["growth"].to_numpy() for key, part in grouped}
    whole = known.filter(pl.col("replicate") == -1)
    point = {(v, d): g for v, d, g in whole.select("variant", "delta", "growth").iter_rows()}
    fitted = {
        key: bool(part["certified"].all()) for key, part in draws.group_by("variant", "delta")
    }
    rows: list[dict[str, Any]] = []
    squares, papers = [], []
    for key, part in held_out.group_by("variant", "delta", maintain_order=True):
        if key not in growth or key not in point:
            continue
        part = part.sort("paper")
        papers.append(part.select("paper", "n").rows())
        squares.append(part["squared_error"].to_numpy())
        n = int(part["n"].sum())
        rows.append(
            {name: part[name][0] for name in _MODEL}
            | {"n": n, "mse": float(squares[-1].sum()) / n}
            | {"growth_point": point[key]}
            | {"certified": bool(part["certified"].all()) and fitted[key]}
        )
    if any(paper != papers[0] for paper in papers):
        raise ValueError("models of different rows cannot be compared")
    if not rows:
        raise ValueError("no model has both held-out errors and draws of growth")
    samples = [growth[row["variant"], row["delta"]] for row in rows]
    return rows, squares, papers[0], samples


def _average(
    weighting: str, rows: Sequence[dict[str, Any]], samples: Sequence[Array], weights: Array
) -> dict[str, Any]:
    """A row of `model_average`: the models' draws of growth mixed with these weights."""
    points = [np.array([row["growth_point"]]) for row in rows]
    rates = mixture(samples, weights)
    middle = mixture(points, weights).median
    row: dict[str, Any] = {"sample": rows[0]["sample"], "response": rows[0]["response"]}
    row |= {"weighting": weighting, "n_models": len(rows)}
    row |= {"effective_models": 1.0 / float(weights @ weights), "growth_point": middle}
    row |= {"point": float(doubling_months(middle))}
    return row | doubling_interval(rates).columns() | rates.columns("growth_")
