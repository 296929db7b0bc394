"""Doubling times in closed form, from the parameters of a variant.

An exponential exp(... - rho t - eps x), x the logarithm of a scale (parameters, data or compute),
is unchanged when the scale falls by the factor exp(-rho / eps) a year, so its effective scale grows
at g = rho / eps and doubles every ln2 / g years. Effective compute grows at the sum over parameters
and data: 1/T_C = 1/T_N + 1/T_D (Ho et al. 2024, section 2.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import (
    INTERVAL_ENDS,
    INTERVAL_SCHEMA,
    MONTHS,
    Interval,
    doubling_interval,
    doubling_months,
    percentiles,
)
from algoprog.model.design import Compiler

Array = NDArray[np.float64]

# Which variables belong to which scale.
SCALES = {
    "parameters": ("n",),
    "data": ("d", "d_seen", "d_effective"),
    "compute": ("c",),
}
_TEXT = (
    "sample",
    "variant",
    "delta",
    "estimator",
    "resampling",
    "definition",
    "quantity",
    "benchmark",
)
SCHEMA = (
    {name: pl.Float64 if name == "delta" else pl.String for name in _TEXT}
    | {"point": pl.Float64}
    | INTERVAL_SCHEMA
    | {"growth_point": pl.Float64}
    | {f"growth_{name}": pl.Float64 for name in INTERVAL_ENDS}
)


@dataclass(frozen=True)
class Elasticity:
    """One exponential's rate rho and elasticity eps as affine maps of the parameters.

    rho = rate @ theta + held_rate and eps = elasticity @ theta + held_elasticity, with (p,)
    vectors over the free parameters; what held parameters contribute is in the constants.
    """

    quantity: str
    rate: Array
    elasticity: Array
    held_rate: float
    held_elasticity: float


def elasticities(
    compiler: Compiler, variant: str, spec: Mapping[str, Any], benchmark: str
) -> list[Elasticity] | None:
    """How each exponential falls with time and with its scale, on one benchmark.

    Evaluated for a transformer where the variant tells architectures apart. None when a doubling
    time has no closed form: an exponent that is not linear in time and scale (a rate that depends
    on scale or date), time or scale outside the exponentials, an exponential that falls with time
    and has no scale or several, a scale in two exponentials.
    """
    scales = {name: quantity for quantity, names in SCALES.items() for name in names}
    names = ("t", *scales)
    # the origin, a unit step in each variable, and two points at which anything not linear shows
    m = len(names)
    points = np.vstack([np.zeros(m), np.eye(m), np.linspace(3.7, 1.3, m), np.full(m, 5.3)])
    try:
        design = compiler.points(
            variant, spec, **dict(zip(names, points.T, strict=True)), b=benchmark, T=1.0
        )
    except InputError:  # finite on the rows of the sample but not here, so not linear either
        return None
    if np.ptp(design.multiplier):
        return None
    found: list[Elasticity] = []
    for k, term in enumerate(design.terms):
        # the linear predictor at each point: coefficients of the parameters, then the constant
        value = np.zeros((design.p + 1, len(points)))
        owners = design.parameter_of_column[term.start : term.stop]
        np.add.at(value, owners, design.columns[term.start : term.stop])
        value[-1] = design.offset[k]
        falls = value[:, :1] - value[:, 1 : 1 + m]
        if not np.allclose(value, value[:, :1] - falls @ points.T, rtol=1e-9, atol=1e-9):
            return None
        rate, *slopes = falls.T
        used = [(scales[name], x) for name, x in zip(scales, slopes, strict=True) if x.any()]
        if not used and not rate.any():
            continue
        if not term.exponential or len(used) != 1:
            return None
        quantity, slope = used[0]
        found.append(Elasticity(quantity, rate[:-1], slope[:-1], float(rate[-1]), float(slope[-1])))
    quantities = [part.quantity for part in found]
    if len(set(quantities)) < len(quantities) or ("compute" in quantities and len(quantities) > 1):
        return None
    return found


def growth_rates(parts: list[Elasticity], theta: Array) -> dict[str, Array]:
    """Growth per year of each effective scale that progresses, and of compute: draws (r,) each.

    ``theta`` is (r, p). A draw with rate 0 does not progress, whatever its elasticity: growth 0,
    also where the penalty has set both to zero. A draw with elasticity 0 and another rate grows
    infinitely fast.
    """
    growth: dict[str, Array] = {}
    for part in parts:
        if not part.rate.any() and not part.held_rate:
            continue
        rate = theta @ part.rate + part.held_rate
        elasticity = theta @ part.elasticity + part.held_elasticity
        with np.errstate(divide="ignore", invalid="ignore"):
            g = np.where(rate == 0, 0.0, rate / elasticity)
        growth[part.quantity] = g
    if growth and "compute" not in growth:
        with np.errstate(invalid="ignore"):
            total = np.sum(list(growth.values()), axis=0)
        # an infinite gain in one scale against an infinite loss in the other is no progress known
        growth["compute"] = np.where(np.isnan(total), 0.0, total)
    return growth


def benchmark_specific(parts_by_benchmark: Mapping[str, list[Elasticity]]) -> bool:
    """Whether rates or elasticities differ between benchmarks."""
    first, *others = parts_by_benchmark.values()
    return any(
        (a.rate != b.rate).any()
        or (a.elasticity != b.elasticity).any()
        or a.held_rate != b.held_rate
        or a.held_elasticity != b.held_elasticity
        for other in others
        for a, b in zip(first, other, strict=True)
    )


def interval_columns(growth: Array, estimator: str) -> dict[str, Any]:
    """Doubling-time interval (months) and growth interval (per year) of draws.

    ``converged`` maps the quantiles of growth; ``published`` takes the percentiles of the
    doubling times, negative ones included, as the paper did.
    """
    rates = percentiles(growth)
    months: Interval
    if estimator == "published":
        with np.errstate(divide="ignore"):
            months = percentiles(MONTHS * np.log(2) / growth)
        months = replace(months, share_nonpositive=rates.share_nonpositive)
    else:
        months = doubling_interval(rates)
    return months.columns() | rates.columns("growth_")


@dataclass(frozen=True)
class ClosedForm:
    """What a variant's parameters say of doubling times: its elasticities on each benchmark."""

    parts: dict[str, list[Elasticity]]

    @classmethod
    def of(cls, compiler: Compiler, variant: str, spec: Mapping[str, Any]) -> ClosedForm | None:
        """Of a variant in the units of a sample; None where there is no closed form.

        A variant whose progress is the same on all benchmarks has one, called ``all``.
        """
        parts = {}
        for benchmark in compiler.levels:
            found = elasticities(compiler, variant, spec, benchmark)
            if found is None:
                return None
            parts[benchmark] = found
        if not benchmark_specific(parts):
            parts = {"all": parts[compiler.levels[0]]}
        return cls(parts)

    def rows(
        self, key: Mapping[str, Any], estimates: Mapping[str, float], draws: pl.DataFrame | None
    ) -> list[dict[str, Any]]:
        """Rows of `doubling_times` for one fit: one for each quantity and benchmark.

        Parameters
        ----------
        key : sample, variant, delta, estimator, resampling of the rows.
        estimates : parameters of the fit by name, in the variant's order.
        draws : bootstrap draws with a column for each parameter, or None: then only the point.

        A variant without progress has no rows.
        """
        rows = []
        names = list(estimates)
        theta = np.array([[estimates[name] for name in names]])
        replicates = None if draws is None else draws.select(names).to_numpy()
        for benchmark, parts in self.parts.items():
            point = growth_rates(parts, theta)
            drawn = None if replicates is None else growth_rates(parts, replicates)
            for quantity in ("parameters", "data", "compute"):
                if quantity not in point:
                    continue
                g = float(point[quantity][0])
                published = key["estimator"] == "published" and g
                months = MONTHS * np.log(2) / g if published else float(doubling_months(g))
                row = {**key, "definition": "closed_form"}
                row |= {"quantity": quantity, "benchmark": benchmark}
                row |= {"point": months, "growth_point": g}
                if drawn is not None:
                    row |= interval_columns(drawn[quantity], key["estimator"])
                rows.append(row)
        return rows


def compute_rows(doubling_times: pl.DataFrame, analysis: Mapping[str, Any]) -> pl.DataFrame:
    """Rows of `doubling_times` for a bootstrap analysis' closed form in compute, by benchmark."""
    keys = ("sample", "variant", "delta", "estimator", "resampling")
    return doubling_times.filter(
        pl.col("definition") == "closed_form",
        pl.col("quantity") == "compute",
        *(pl.col(key) == analysis[key] for key in keys),
    )
