"""Doubling times in closed form: rows of `doubling_times` of growth that has one.

The equation of growth is :mod:`algoprog.model.growth`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import (
    Interval as Percentiles,
)
from algoprog.common.intervals import (
    doubling_interval,
    doubling_months,
    percentiles,
    quantiles,
    signed_months,
)
from algoprog.common.rows import Row
from algoprog.model.growth import QUANTITIES, ClosedForm, growth_rates

Array = NDArray[np.float64]
# What the rows of a fit share: sample, variant, delta, estimator, resampling, ...
Key = Row


def interval_columns(growth: Array, estimator: str) -> dict[str, Any]:
    """Doubling-time interval (months) and growth interval (per year) of draws.

    ``converged`` maps the quantiles of growth; ``published`` takes the percentiles of the
    doubling times, negative ones included, as the paper did.
    """
    rates = percentiles(growth)
    months: Percentiles
    if estimator == "published":
        with np.errstate(divide="ignore"):
            months = percentiles(signed_months(growth))
        months = replace(months, share_nonpositive=rates.share_nonpositive)
    else:
        months = doubling_interval(rates)
    return months.columns() | rates.columns("growth_")


def closed_form_rows(
    form: ClosedForm, key: Key, estimates: Mapping[str, float], draws: pl.DataFrame | None
) -> list[dict[str, Any]]:
    """Return rows of `doubling_times` for one fit: one for each quantity and benchmark.

    Parameters
    ----------
    key : sample, variant, delta, estimator, resampling of the rows.
    estimates : parameters of the fit by name, in the variant's order.
    draws : bootstrap draws with a column for each parameter, or None: then only the point.

    A variant without progress has no rows.
    """
    rows = []
    estimator = str(key["estimator"])
    names = list(estimates)
    theta = np.array([[estimates[name] for name in names]])
    replicates = None if draws is None else draws.select(names).to_numpy()
    for benchmark, parts in form.parts.items():
        point = growth_rates(parts, theta)
        drawn = None if replicates is None else growth_rates(parts, replicates)
        for quantity in QUANTITIES:
            if quantity not in point:
                continue
            g = float(point[quantity][0])
            row: dict[str, Any] = {**key, "definition": "closed_form"}
            row |= {"quantity": quantity, "benchmark": benchmark}
            row |= {"point": point_months(g, estimator), "growth_point": g}
            if drawn is not None:
                row |= interval_columns(drawn[quantity], estimator)
            rows.append(row)
    return rows


@dataclass(frozen=True)
class Interval:
    """A central interval of the doubling time in months.

    ``level`` is the share of the ``n_draws`` draws that lie in it.
    """

    low: float
    high: float
    level: float
    n_draws: int

    def __repr__(self) -> str:
        ends = f"{self.low:.1f} to {self.high:.1f} months"
        return f"Interval({ends}, {100 * self.level:g} % of {self.n_draws} draws)"


def interval_of(growth: Array, level: float, estimator: str) -> Interval:
    """Return the central interval of months of a level in (0, 1) from draws of growth (r,).

    As :func:`interval_columns` has it for the levels of tables.
    """
    if not 0 < level < 1:
        raise ValueError(f"a level is between 0 and 1, not {level}")
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if estimator == "published":
        with np.errstate(divide="ignore"):
            low, high = quantiles(signed_months(growth), tails)
    else:
        high, low = doubling_months(quantiles(growth, tails))
    return Interval(float(low), float(high), level, len(growth))


def point_months(growth: float, estimator: str) -> float:
    """Return 12 ln2 / g in months; of the published estimator also for negative g, as the paper's.

    NaN where growth is.
    """
    if estimator == "published" and growth:
        return float(signed_months(growth))
    return float("nan") if np.isnan(growth) else float(doubling_months(growth))


def compute_rows(
    doubling_times: pl.DataFrame, analysis: Row, definition: str = "closed_form"
) -> pl.DataFrame:
    """Return rows of `doubling_times` of a bootstrap analysis in compute, by benchmark."""
    keys = ("sample", "variant", "delta", "estimator", "resampling")
    return doubling_times.filter(
        pl.col("definition") == definition,
        pl.col("quantity") == "compute",
        *(pl.col(key) == analysis[key] for key in keys),
    )
