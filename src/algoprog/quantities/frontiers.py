"""Curves of equal loss, and effective compute.

A frontier is the number of parameters N, as a function of the tokens of data D, at which a variant
predicts a given loss in a given year. With one exponential exp(a - alpha ln N) that depends on N
and R = loss - all else,

    N = exp((a - ln R) / alpha).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import INTERVAL_SCHEMA, MONTHS, Interval, percentiles
from algoprog.model.design import Compiler
from algoprog.model.exponents import Exponents
from algoprog.quantities.optimal_scaling import bisect

Array = NDArray[np.float64]

FRONTIERS_SCHEMA = dict.fromkeys(("perplexity", "year", "dataset_tokens", "parameters"), pl.Float64)
EFFECTIVE_COMPUTE_SCHEMA: dict[str, Any] = (
    {"estimator": pl.String, "resampling": pl.String}
    | dict.fromkeys(("year", "physical", "algorithmic", "effective"), pl.Float64)
    | INTERVAL_SCHEMA
)


def parameters_for_loss(
    exponents: Exponents, theta: Array, loss: float, year: float, tokens: Array
) -> Array:
    """N (m,) that reaches ``loss`` (nats) with ``tokens`` (m,) of data; NaN where none does.

    ``theta`` (p,) is one set of parameters. NaN also where more parameters do not lower loss, and
    where N is beyond the numbers a double holds.
    """
    now = exponents.at_year(exponents.coefficients(theta[None]), year)[0]  # (K, 3)
    origin, e = exponents.origin, exponents.exponential
    slope = now[:, 1]
    level = now[:, 0] + now[:, 2] * (np.log(tokens)[:, None] - origin.log_tokens)  # (m, K)
    blank = np.full(len(tokens), np.nan)
    falls = e & (slope < 0)
    if not falls.any() or (slope > 0).any() or slope[~e].any():
        return blank
    fixed = e & (slope == 0)
    rest = loss - np.exp(level[:, fixed]).sum(axis=1) - level[:, ~e].sum(axis=1)
    reached = rest > 0
    log_rest, a, s = np.log(rest[reached])[:, None], level[reached][:, falls], slope[falls]
    # each exponential alone is above rest below the largest of these, and all are below rest / K
    # above the largest of those
    low = ((log_rest - a) / s).max(axis=1)
    n = low
    if len(s) > 1:
        high = ((log_rest - np.log(len(s)) - a) / s).max(axis=1)
        n = bisect(lambda x: np.exp(a + s * x[:, None] - log_rest).sum(axis=1) - 1.0, low, high)
    with np.errstate(over="ignore"):
        counts = np.exp(n + origin.log_parameters)
    blank[reached] = np.where(np.isfinite(counts), counts, np.nan)
    return blank


def frontiers(
    compiler: Compiler,
    variant: str,
    spec: Mapping[str, Any],
    estimates: Mapping[str, float],
    perplexities: Sequence[float],
    years: Sequence[float],
    tokens: Sequence[float],
) -> pl.DataFrame:
    """The table `frontiers` on the baseline benchmark; ``parameters`` is blank where no N does.

    No rows for a variant whose formulas :class:`~algoprog.model.exponents.Exponents` cannot read.
    """
    exponents = Exponents.of(compiler, variant, spec, compiler.levels[0])
    if exponents is None:
        return pl.DataFrame(schema=FRONTIERS_SCHEMA)
    theta = np.array([estimates[name] for name in exponents.names])
    grid = np.array(tokens, dtype=float)
    rows = [
        (float(perplexity), float(year), float(d), None if np.isnan(n) else float(n))
        for perplexity in perplexities
        for year in years
        for d, n in zip(
            grid,
            parameters_for_loss(exponents, theta, float(np.log(perplexity)), year, grid),
            strict=True,
        )
    ]
    return pl.DataFrame(rows, schema=FRONTIERS_SCHEMA, orient="row")


def physical_compute(
    year: float, doubling_months: float, anchor_year: float, anchor: float
) -> float:
    """Compute of the largest models: anchor 2^(12 (year - anchor_year) / doubling_months)."""
    return float(anchor * 2.0 ** (MONTHS * (year - anchor_year) / doubling_months))


def _gain(growth: Interval, years: float) -> Interval:
    """exp(g years) of an interval of g: increasing, so the quantiles map to quantiles."""

    def mapped(g: float) -> float:
        with np.errstate(over="ignore"):
            return float(np.exp(g * years)) if years else 1.0

    return Interval(
        median=mapped(growth.median),
        low=tuple(mapped(g) for g in growth.low),
        high=tuple(mapped(g) for g in growth.high),
        n_draws=growth.n_draws,
        share_nonpositive=growth.share_nonpositive,
    )


def effective_compute(
    key: Mapping[str, Any],
    growth_point: float,
    growth: Array | None,
    years: Sequence[float],
    start: float = 2014.0,
    doubling_months: float = 6.0,
    anchor_year: float = 2018.0,
    anchor: float = 1.5,
) -> list[dict[str, Any]]:
    """Rows of `effective_compute`: physical compute, algorithmic gain and their product.

    physical(y) = anchor 2^(12 (y - anchor_year) / doubling_months), algorithmic(y) =
    exp(g (y - start)), effective = physical x algorithmic; so the algorithmic gain is 1 at
    ``start`` and physical compute is in the units of ``anchor``. Ratios between years do not
    depend on the anchor.

    Parameters
    ----------
    key : estimator and resampling of the rows.
    growth_point : growth g of effective compute per year at fixed physical compute.
    growth : its draws (r,), or None; their interval columns are of the algorithmic gain.
    years : calendar years, none before ``start``.
    """
    if min(years) < start:
        raise ValueError(f"year {min(years)} is before the start {start} of the gain")
    interval = None if growth is None else percentiles(growth[~np.isnan(growth)])
    rows = []
    for year in years:
        since = float(year - start)
        physical = physical_compute(year, doubling_months, anchor_year, anchor)
        gain = float(np.exp(growth_point * since)) if since else 1.0
        row = {**key, "year": float(year), "physical": physical}
        row |= {"algorithmic": gain, "effective": physical * gain}
        rows.append(row | (_gain(interval, since).columns() if interval else {}))
    return rows
