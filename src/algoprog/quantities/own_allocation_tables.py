"""The tables `own_allocation`, `growth_by_size` and `local_growth`: growth where the records are.

It joins fits and draws with :mod:`algoprog.quantities.own_allocation`; it knows no derivative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import doubling_months
from algoprog.common.rows import Row
from algoprog.estimators.fit_tables import FIT_KEYS
from algoprog.model.model import Model
from algoprog.quantities.analysed import Models
from algoprog.quantities.closed_form import interval_columns, point_months
from algoprog.quantities.own_allocation import DIRECTIONS, EVERY, Falls, Group, OwnAllocation
from algoprog.quantities.tables import GROWTH_BY_SIZE, LOCAL_GROWTH, OWN_ALLOCATION
from algoprog.resampling.refit import Refit
from algoprog.resampling.weights import weights_of_draws
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

SIZES = (0.0, 1e7, 1e8, 1e9, np.inf)  # parameters at which classes of systems part


@dataclass(frozen=True)
class Drawn:
    """Draws of an analysis: how loss falls in each, and the weights (r, n) of the rows in each."""

    falls: Falls
    weights: Array

    @classmethod
    def of(cls, refit: Refit, model: Model, form: OwnAllocation, seed: int) -> Drawn:
        """Return the draws of an analysis; their weights follow from its replicates' numbers."""
        theta = refit.draws.select(model.parameters).to_numpy()
        return cls(form.at(theta), weights_of_draws(refit, model, seed))


def own_growth(refit: Refit, model: Model, seed: int) -> Array:
    """Return growth per year (r,) of an analysis' draws, over all records scaled alike."""
    drawn = Drawn.of(refit, model, OwnAllocation.of(model), seed)
    return drawn.falls.growth("alike", drawn.weights)


def own_allocation_table(
    fits: pl.DataFrame,
    parameters: pl.DataFrame,
    models: Models,
    analyses: Sequence[Refit],
    since: Sequence[int],
    seed: int,
) -> pl.DataFrame:
    """Return the table `own_allocation`: every fit over all rows, and analyses over groups of rows.

    Parameters
    ----------
    fits, parameters : the tables of those names.
    analyses : bootstrap analyses, whose draws give intervals; of several of one fit and
        resampling the first counts.
    since : calendar years; growth is also told over the rows published since each.
    seed : the root seed, from which replicates' weights follow.

    Variants without progress have no rows.
    """
    forms: dict[tuple[str, str], OwnAllocation] = {}
    estimates: dict[tuple[Any, ...], dict[str, float]] = {}
    for row in parameters.select(*FIT_KEYS, "term", "estimate").iter_rows():
        estimates.setdefault(row[:-2], {})[row[-2]] = row[-1]
    rows: list[dict[str, Any]] = []
    done: set[tuple[Any, ...]] = set()
    for refit in analyses:
        named = refit.key["sample"], refit.key["variant"]
        model = models.of(*named)
        if tuple(refit.key.values()) in done or not model.variant.uses("t", "Y"):
            continue
        done.add(tuple(refit.key.values()))
        form = forms.get(named) or OwnAllocation.of(model)
        forms[named] = form
        at = form.at(np.array([list(refit.estimates.values())]))
        drawn = Drawn.of(refit, model, form, seed) if len(refit.draws) else None
        for group in form.groups(tuple(since)):
            rows += _rows(refit.key, at, group, drawn)
    with_draws = {key[:-1] for key in done}
    for fit in fits.select(FIT_KEYS).iter_rows():
        model = models.of(fit[0], fit[1])
        if fit in with_draws or not model.variant.uses("t", "Y"):
            continue
        form = forms.get((fit[0], fit[1])) or OwnAllocation.of(model)
        forms[fit[0], fit[1]] = form
        key = dict(zip(FIT_KEYS, fit, strict=True)) | {"resampling": "none"}
        everything = next(form.groups(()))
        rows += _rows(key, form.at(np.array([list(estimates[fit].values())])), everything, None)
    return frame_of(OWN_ALLOCATION, rows)


def _rows(
    key: dict[str, Any], at: Falls, group: Group, drawn: Drawn | None
) -> Iterator[dict[str, Any]]:
    """Rows of a fit over a group of rows, one for each direction."""
    estimator = str(key["estimator"])
    for direction in DIRECTIONS:
        growth = float(at.growth(direction, rows=group.rows)[0])
        known = not np.isnan(growth)
        row = {
            **key,
            "direction": direction,
            "benchmark": group.benchmark,
            "period": group.period,
            "n": int(group.rows.sum()),
            "point": point_months(growth, estimator) if known else None,
            "growth_point": growth if known else None,
        }
        if drawn is not None:
            draws = drawn.falls.growth(direction, drawn.weights, group.rows)
            kept = draws[~np.isnan(draws)]
            row["share_refused"] = 1.0 - len(kept) / len(draws)
            if len(kept):
                row |= interval_columns(kept, estimator)
        yield row


def growth_by_size_table(
    fits: pl.DataFrame,
    parameters: pl.DataFrame,
    models: Models,
    analyses: Sequence[Refit],
    headline: Refit,
    seed: int,
) -> pl.DataFrame:
    """Return the table `growth_by_size`: growth over the systems of each class of sizes.

    Of every fit with progress at the sample, delta and estimator of the ``headline``; analyses
    among ``analyses`` give theirs with intervals. A class holds systems from one of SIZES
    parameters up to the next.
    """
    like = {name: headline.key[name] for name in ("sample", "delta", "estimator")}
    alike = [pl.col(name) == value for name, value in like.items()]
    rows: list[dict[str, Any]] = []
    done = set()
    for refit in analyses:
        named = str(refit.key["variant"]), str(refit.key["resampling"])
        if any(refit.key[name] != value for name, value in like.items()) or named in done:
            continue
        model = models.of_analysis(refit)
        if not model.variant.uses("t", "Y"):
            continue
        done.add(named)
        form = OwnAllocation.of(model)
        at = form.at(np.array([list(refit.estimates.values())]))
        drawn = Drawn.of(refit, model, form, seed) if len(refit.draws) else None
        rows += _sized(refit.key, at, model, drawn)
    with_draws = {variant for variant, _ in done}
    terms = parameters.filter(*alike).select("variant", "estimate")
    for (variant,) in fits.filter(*alike).select("variant").unique(maintain_order=True).rows():
        model = models.of(str(like["sample"]), variant)
        if variant in with_draws or not model.variant.uses("t", "Y"):
            continue
        theta = terms.filter(pl.col("variant") == variant)["estimate"].to_numpy()
        key = {**like, "variant": variant, "resampling": "none"}
        rows += _sized(key, OwnAllocation.of(model).at(theta[None, :]), model, None)
    return frame_of(GROWTH_BY_SIZE, rows)


def _sized(
    key: dict[str, Any], at: Falls, model: Model, drawn: Drawn | None
) -> Iterator[dict[str, Any]]:
    """Rows of a fit, one for each class of sizes that has systems."""
    counts = model.sample.rows["parameters"].cast(float).to_numpy()
    for low, high in pairwise(SIZES):
        inside = (counts >= low) & (counts < high)
        if not inside.any():
            continue
        for row in _rows(key, at, Group(EVERY, EVERY, inside), drawn):
            if row.pop("direction") == "alike":
                del row["benchmark"], row["period"]
                yield row | {"parameters_from": low, "parameters_to": high}


def own_allocation_row(
    form: OwnAllocation,
    key: Row,
    estimates: Mapping[str, float],
    draws: pl.DataFrame | None,
    weights: Array | None,
) -> dict[str, Any]:
    """Return the row of `doubling_times` for one fit: over all records, N and D scaled alike.

    Parameters
    ----------
    key : sample, variant, delta, estimator, resampling of the row.
    estimates, draws : parameters of the fit by name, and draws of them or None.
    weights : (r, n) weights of the rows in each draw; equal ones where there are none.
    """
    names, estimator = list(estimates), str(key["estimator"])
    growth = float(form.growth(np.array([list(estimates.values())]))[0])
    row: dict[str, Any] = {**key, "definition": "own_allocation", "quantity": "compute"}
    row |= {"benchmark": EVERY, "allocation_within_records": True}
    if not np.isnan(growth):
        row |= {"point": point_months(growth, estimator), "growth_point": growth}
    if draws is not None and len(draws):
        drawn = form.growth(draws.select(names).to_numpy(), weights=weights)
        kept = drawn[~np.isnan(drawn)]
        row |= interval_columns(kept, estimator) if len(kept) else {"n_draws": 0}
    return row


def local_growth_table(model: Model, refit: Refit) -> pl.DataFrame:
    """Return the table `local_growth`: the growth of an analysis at each record of its sample."""
    form = OwnAllocation.of(model)
    growth = form.local(np.array(list(refit.estimates.values())))
    rows = model.sample.rows
    fields = ("source", "source_row", "system", "benchmark", "published")
    found = []
    for record, g in zip(rows.iter_rows(named=True), growth.tolist(), strict=True):
        known = not np.isnan(g)
        found.append(
            {name: record[name] for name in fields}
            | {
                "compute": 6.0 * record["parameters"] * record["dataset_tokens"],
                "tokens_per_parameter": record["dataset_tokens"] / record["parameters"],
                "growth": g if known else None,
                "doubling_time": float(doubling_months(g)) if known else None,
            }
        )
    return frame_of(LOCAL_GROWTH, found)


def every_record(own_allocation: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `own_allocation` over all records, scaled alike."""
    return own_allocation.filter(
        pl.col("direction") == "alike", pl.col("benchmark") == EVERY, pl.col("period") == EVERY
    )
