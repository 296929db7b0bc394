"""Progress before and after a calendar year: year terms with an extra coefficient from then on.

With the year Y0, each term rho t of a variant becomes

    rho t + rho' t 1[Y >= Y0]              (``jump``, the published form)
    rho t + rho' (Y - Y0) 1[Y >= Y0]       (``kink``)

so that an exponential falls at rho a year before Y0 and at rho + rho' from then on. The published
form counts rho' from the sample's first year: at Y0 the exponent jumps by rho' (Y0 - first year),
so a change of level is fitted together with a change of pace. The kink is continuous.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import percentiles
from algoprog.model.changes import extra_year_terms
from algoprog.model.growth import ALL, ClosedForm, Elasticity, growth_rates
from algoprog.model.model import Model
from algoprog.quantities.closed_form import (
    Key,
    closed_form_rows,
    interval_columns,
    point_months,
)
from algoprog.quantities.own_allocation import OwnAllocation

Array = NDArray[np.float64]


def era_forms(model: Model, year: int) -> dict[str, ClosedForm | None]:
    """Return closed forms of growth before ``year`` and from it on, by era.

    ``model`` is of the variant without its split. Both are functions of the parameters of
    :func:`algoprog.model.changes.with_era_split`: within an era its indicator is 0 or 1.
    """
    return {
        era: model.with_variant(extra_year_terms(model.variant, year, time)).closed_form
        for era, time in (("before", "{t*0}"), ("after", "t"))
    }


def era_rows(
    model: Model, year: int, key: Key, estimates: Mapping[str, float], draws: pl.DataFrame | None
) -> list[dict[str, Any]]:
    """Return rows of `era_split`: doubling times before and after ``year``, and the change.

    Parameters
    ----------
    model : of the variant without its split.
    key : columns that all rows share (sample, variant, delta, estimator, resampling, form).
    estimates, draws : of the variant with its split, a value or column for each parameter.

    Rows are those of `doubling_times` (months) with ``year`` and ``era`` (before, after, change).
    A change is of growth (per year, after - before), which unlike a ratio of doubling times has no
    pole; it fills the growth columns alone, and its ``share_nonpositive`` is the share of draws
    without acceleration. No rows where the doubling time has no closed form.
    """
    forms = era_forms(model, year)
    before, after = forms["before"], forms["after"]
    if before is None or after is None:
        return []
    rows = [
        {**row, "year": year, "era": era}
        for era, form in (("before", before), ("after", after))
        for row in closed_form_rows(form, key, estimates, draws)
    ]
    names = list(estimates)
    theta = np.array([[estimates[name] for name in names]])
    replicates = None if draws is None else draws.select(names).to_numpy()
    for benchmark in after.parts if len(after.parts) > len(before.parts) else before.parts:
        parts = _on(before, benchmark), _on(after, benchmark)
        drawn = None if replicates is None else _change(*parts, replicates)
        for quantity, difference in _change(*parts, theta).items():
            row: dict[str, Any] = {**key, "definition": "closed_form", "quantity": quantity}
            row |= {"benchmark": benchmark, "year": year, "era": "change"}
            row |= {"growth_point": float(difference[0])}
            if drawn is not None:
                row |= _change_columns(drawn[quantity])
            rows.append(row)
    return rows


def own_era_rows(
    model: Model,
    year: int,
    key: Key,
    estimates: Mapping[str, float],
    draws: pl.DataFrame | None,
    weights: Array | None,
) -> list[dict[str, Any]]:
    """Return rows of `era_split` at the records' own allocation: rows before ``year``, rows since.

    Parameters
    ----------
    model : of the variant with its split, whose terms of the later era count in the derivative in
        time of the rows from ``year`` on.
    weights : (r, n) weights of the rows in each draw; equal ones where there are none.

    No rows where one of the eras has no record.
    """
    form = OwnAllocation.of(model)
    eras = {"before": form.year < year, "after": form.year >= year}
    if not all(rows.any() for rows in eras.values()):
        return []
    names, estimator = list(estimates), str(key["estimator"])
    at = form.at(np.array([[estimates[name] for name in names]]))
    drawn = None if draws is None else form.at(draws.select(names).to_numpy())
    points, every, found = {}, {}, []
    own = {**key, "definition": "own_allocation", "quantity": "compute", "benchmark": ALL}
    for era, rows in eras.items():
        points[era] = float(at.growth("alike", rows=rows)[0])
        row = {**own, "year": year, "era": era}
        if not np.isnan(points[era]):
            row |= {"point": point_months(points[era], estimator), "growth_point": points[era]}
        if drawn is not None:
            every[era] = drawn.growth("alike", weights, rows)
            kept = every[era][~np.isnan(every[era])]
            row |= interval_columns(kept, estimator) if len(kept) else {}
        found.append(row)
    change = points["after"] - points["before"]
    row = {**own, "year": year, "era": "change"}
    row |= {} if np.isnan(change) else {"growth_point": change}
    if every:
        differences = every["after"] - every["before"]
        kept = differences[~np.isnan(differences)]
        row |= _change_columns(kept) if len(kept) else {}
    return [*found, row]


def _change_columns(differences: Array) -> dict[str, Any]:
    """The columns of a change of growth (r,)."""
    interval = percentiles(differences)
    return interval.columns("growth_") | {
        "n_draws": interval.n_draws,
        "share_nonpositive": interval.share_nonpositive,
    }


def _change(before: list[Elasticity], after: list[Elasticity], theta: Array) -> dict[str, Array]:
    """Growth (r,) after the year less that before it, of each quantity that has both."""
    first, second = growth_rates(before, theta), growth_rates(after, theta)
    with np.errstate(invalid="ignore"):
        return {
            quantity: np.nan_to_num(second[quantity] - g, nan=0.0, posinf=np.inf, neginf=-np.inf)
            for quantity, g in first.items()
            if quantity in second
        }


def _on(form: ClosedForm, benchmark: str) -> list[Elasticity]:
    """Of a benchmark, or of all where a variant does not tell them apart."""
    return form.parts.get(benchmark) or form.parts[ALL]
