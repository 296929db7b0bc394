"""Curves of equal loss, and effective compute.

A frontier is the number of parameters N, as a function of the tokens of data D, at which a variant
predicts a given loss in a given year. With one exponential exp(a - alpha ln N) that depends on N
and R = loss - all else,

    N = exp((a - ln R) / alpha).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import MONTHS, Interval, percentiles
from algoprog.model.exponents import Exponents
from algoprog.model.model import Model
from algoprog.quantities.optimal_scaling import bisect
from algoprog.quantities.tables import FRONTIERS
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]


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


@dataclass(frozen=True)
class Tokens:
    """Numbers of training tokens from ``low`` to ``high``, in equal ratios."""

    low: float
    high: float
    number: int

    @property
    def values(self) -> Array:
        """The ``number`` of them."""
        return np.geomspace(self.low, self.high, self.number)


@dataclass(frozen=True)
class Grid:
    """The points of frontiers: each loss, in each year, at each number of tokens."""

    perplexities: tuple[float, ...]
    years: tuple[float, ...]
    dataset_tokens: Tokens


def frontiers(model: Model, estimates: Mapping[str, float], grid: Grid) -> pl.DataFrame:
    """Return the table `frontiers` on the baseline; ``parameters`` is blank where no N does.

    No rows for a variant whose formulas :class:`~algoprog.model.exponents.Exponents` cannot read.
    """
    exponents = model.exponents(model.units.baseline)
    if exponents is None:
        return frame_of(FRONTIERS, [])
    theta = np.array([estimates[name] for name in exponents.names])
    tokens = grid.dataset_tokens.values
    rows = [
        (float(perplexity), float(year), float(d), None if np.isnan(n) else float(n))
        for perplexity in grid.perplexities
        for year in grid.years
        for d, n in zip(
            tokens,
            parameters_for_loss(exponents, theta, float(np.log(perplexity)), year, tokens),
            strict=True,
        )
    ]
    return frame_of(FRONTIERS, rows)


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


@dataclass(frozen=True)
class Physical:
    """The years of `effective_compute`, and how physical compute grows over them.

    Attributes
    ----------
    years : calendar years, none before ``start``.
    start : the year at which the algorithmic gain is 1.
    doubling_months : of the compute of the largest models.
    anchor_year, anchor : a year and its physical compute, in any unit.
    """

    years: tuple[float, ...]
    start: float = 2014.0
    doubling_months: float = 6.0
    anchor_year: float = 2018.0
    anchor: float = 1.5

    def compute(self, year: float) -> float:
        """Return the compute of the largest models in a year."""
        return physical_compute(year, self.doubling_months, self.anchor_year, self.anchor)


def effective_compute(
    key: Mapping[str, str], growth_point: float, growth: Array | None, of: Physical
) -> list[dict[str, Any]]:
    """Return rows of `effective_compute`: physical compute, algorithmic gain, their product.

    physical(y) = anchor 2^(12 (y - anchor_year) / doubling_months), algorithmic(y) =
    exp(g (y - start)), effective = physical x algorithmic; so the algorithmic gain is 1 at
    ``start`` and physical compute is in the units of ``anchor``. Ratios between years do not
    depend on the anchor.

    Parameters
    ----------
    key : estimator and resampling of the rows.
    growth_point : growth g of effective compute per year at fixed physical compute.
    growth : its draws (r,), or None; their interval columns are of the algorithmic gain.
    """
    if min(of.years) < of.start:
        raise ValueError(f"year {min(of.years)} is before the start {of.start} of the gain")
    interval = None if growth is None else percentiles(growth[~np.isnan(growth)])
    rows = []
    for year in of.years:
        since = float(year - of.start)
        physical = of.compute(year)
        gain = float(np.exp(growth_point * since)) if since else 1.0
        row: dict[str, Any] = {**key, "year": float(year), "physical": physical}
        row |= {"algorithmic": gain, "effective": physical * gain}
        rows.append(row | (_gain(interval, since).columns() if interval else {}))
    return rows
