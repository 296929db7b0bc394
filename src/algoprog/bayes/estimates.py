"""Tables of what posterior draws estimate: the bootstrap's columns, points being medians.

`estimator` is ``bayes``, `resampling` is ``posterior``, and delta is blank: there is no penalty.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.fitted import Fitted, weights
from algoprog.bayes.names import HEADLINE
from algoprog.bayes.tables import (
    BAYES_DOUBLING_TIMES,
    BAYES_MODEL_AVERAGE,
    BAYES_SHAPLEY,
    BAYES_TRANSFORMER,
)
from algoprog.common.intervals import doubling_interval
from algoprog.common.rows import Plain
from algoprog.model.growth import ClosedForm, growth_rates
from algoprog.quantities.doubling_tables import Definitions
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.quantities.shapley import Systems, shapley_rows
from algoprog.quantities.transformer import transformer_rows
from algoprog.robustness.averaging import mixture
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]


Form = ClosedForm | OptimalScaling | OwnAllocation


def _definitions(fit: Fitted, optimal_scaling: Plain) -> list[Form]:
    """Ways to find growth that the variant has."""
    found = Definitions.of(fit.prepared.base, optimal_scaling)
    forms = found.closed_form, found.optimal_scaling, found.own_allocation
    return [form for form in forms if form is not None]


KINDS: dict[str, type[Form]] = {
    "closed_form": ClosedForm,
    "optimal_scaling": OptimalScaling,
    "own_allocation": OwnAllocation,
}


def doubling_table(fits: Sequence[Fitted], optimal_scaling: Plain) -> pl.DataFrame:
    """Return the table `bayes_doubling_times`, with the columns of `doubling_times`."""
    rows = []
    for fit in fits:
        definitions = Definitions.of(fit.prepared.base, optimal_scaling)
        for row in definitions.rows(fit.key, fit.medians, fit.draws):
            point = {"point": row.get("median"), "growth_point": row.get("growth_median")}
            rows.append({**fit.first_columns, **row, **point})
    return frame_of(BAYES_DOUBLING_TIMES, rows)


def _compute_growth(form: Form, fit: Fitted) -> list[Array]:
    """Growth of effective compute, of each benchmark where it differs, NaN left out."""
    if isinstance(form, OptimalScaling):
        found = list(form.growth_of(fit.draws).values())
    elif isinstance(form, OwnAllocation):
        found = [form.growth(fit.draws.select(list(fit.medians)).to_numpy())]
    else:
        theta = fit.draws.select(list(fit.medians)).to_numpy()
        by_benchmark = [growth_rates(parts, theta) for parts in form.parts.values()]
        found = [growth["compute"] for growth in by_benchmark if "compute" in growth]
    return [growth[~np.isnan(growth)] for growth in found]


def average_table(fits: Sequence[Fitted], optimal_scaling: Plain) -> pl.DataFrame:
    """Return the table `bayes_model_average`: doubling times averaged over the models that pass.

    Weightings are ``stacking`` and ``equal``. A variant specific to benchmarks shares its weight
    among them. ``weight_left_out`` is the weight of models without a doubling time of the
    definition.
    """
    stacked = weights(fits)
    equal = {name: 1 / len(stacked) for name in stacked}
    members = [fit for fit in fits if fit.name in stacked]
    rows = []
    for definition, kind in KINDS.items():
        growth = dict(_growth_sets(members, kind, optimal_scaling))
        for weighting, weight in (("stacking", stacked), ("equal", equal)):
            used = {name: weight[name] for name in growth if weight[name] > 0}
            if used:
                named = {"definition": definition, "weighting": weighting}
                rows.append(named | _average(used, growth))
    return frame_of(BAYES_MODEL_AVERAGE, rows)


def _growth_sets(
    fits: Sequence[Fitted],
    kind: type[Form],
    optimal_scaling: Plain,
) -> Iterator[tuple[str, list[Array]]]:
    """Draws of growth by the fit's name, of each benchmark where it differs; none left out."""
    for fit in fits:
        for form in _definitions(fit, optimal_scaling):
            if isinstance(form, kind):
                drawn = [growth for growth in _compute_growth(form, fit) if growth.size]
                if drawn:
                    yield fit.name, drawn


def _average(weight: Mapping[str, float], growth: Mapping[str, list[Array]]) -> dict[str, Any]:
    """The columns of a weighted average of models; weights need not add up to 1."""
    drawn = [draws for name in weight for draws in growth[name]]
    shares = np.array([w / len(growth[name]) for name, w in weight.items() for _ in growth[name]])
    rates = mixture(drawn, shares / shares.sum())
    left_out = max(0.0, 1.0 - math.fsum(weight.values()))
    row: dict[str, Any] = {"n_models": len(weight), "weight_left_out": left_out}
    return row | doubling_interval(rates).columns() | rates.columns("growth_")


def shapley_table(fits: Sequence[Fitted], systems: Mapping[str, Plain]) -> pl.DataFrame:
    """Return the table `bayes_shapley` of the headline; a share is the posterior's median."""
    rows = []
    for fit in fits:
        if fit.name != HEADLINE:
            continue
        surface = fit.prepared.surface
        for row in shapley_rows(surface, Systems(systems), fit.key, fit.medians, fit.draws):
            del row["reduction"], row["share_perplexity"]
            rows.append(row | fit.first_columns | {"share": row.get("median")})
    return frame_of(BAYES_SHAPLEY, rows)


def transformer_table(
    fits: Sequence[Fitted], computes: Sequence[float], year: float
) -> pl.DataFrame:
    """Return the table `bayes_transformer` of fits with the transformer's effect."""
    rows = []
    for fit in fits:
        if fit.row["change"] is None:
            continue
        surface = fit.prepared.surface
        for row in transformer_rows(surface, fit.key, fit.medians, fit.draws, computes, year):
            row |= {**fit.first_columns, "form": fit.row["change"]}
            rows.append(row | {name: row.get(f"{name}_median") for name in ("reduction", "gain")})
    return frame_of(BAYES_TRANSFORMER, rows)
