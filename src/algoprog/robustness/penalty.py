"""What the penalty decides: the same law under other units, origins and penalised parameters.

The penalty delta sum |theta_j| is of parameters, and these are of units: a rate per decade is ten
times the rate per year, and a level is that at t = n = d = 0, wherever these origins lie. Without a
penalty all settings are one model. It knows models and estimators; it knows no files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import doubling_months
from algoprog.estimators.estimator import BEST_ONLY, Task
from algoprog.model.compiling import tangent
from algoprog.model.design import Design
from algoprog.model.model import Model
from algoprog.model.units import Normaliser
from algoprog.quantities.analysed import Models
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.robustness.evidence_tables import MINIMA, PENALTY
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

DECADE = 10.0  # years


@dataclass(frozen=True)
class Doubling:
    """Both growths of a model: in closed form on the baseline, and where the records are."""

    model: Model
    own: OwnAllocation

    @classmethod
    def of(cls, model: Model) -> Doubling:
        """Return the growths of a model."""
        return cls(model, OwnAllocation.of(model))

    def growth(self, theta: Array, rows: NDArray[np.bool_] | None = None) -> dict[str, Array]:
        """Return growth per year (r,) of draws theta (r, p) by definition, closed form if any.

        ``rows`` (n,) says at which records the own allocation is taken; at all without it.
        """
        found = {"own_allocation": self.own.growth(theta, rows=rows)}
        form = self.model.closed_form
        closed = None if form is None else form.compute_growth(theta)
        return found if closed is None else {"closed_form": closed, **found}

    def columns(self, theta: Array, rows: NDArray[np.bool_] | None = None) -> dict[str, float]:
        """Return doubling times (months) and growths of one theta (p,) as columns of tables."""
        row: dict[str, float] = {}
        for name, growth in self.growth(theta[None, :], rows).items():
            if not np.isnan(growth[0]):
                row |= {name: float(doubling_months(growth[0])), f"growth_{name}": float(growth[0])}
        return row


@dataclass(frozen=True)
class Parametrised:
    """A model whose parameters are penalised in other units: theta_j times ``scale`` (p,)."""

    model: Model
    scale: Array

    @property
    def design(self) -> Design:
        """The model's design in the parameters scale * theta."""
        design = self.model.design
        columns = design.columns / self.scale[design.parameter_of_column][:, None]
        return replace(design, columns=np.ascontiguousarray(columns))


def _as_it_is(model: Model) -> Parametrised:
    return Parametrised(model, np.ones(model.design.p))


def _decades(model: Model) -> Parametrised:
    """Time in decades: what multiplies t is ten times as large."""
    design, values = model.design, model.units.of_rows(model.sample.rows)
    moves = tangent(model.variant, values, model.units.levels, "t").columns.any(axis=1)
    scale = np.ones(design.p)
    scale[design.parameter_of_column[moves]] = DECADE
    return Parametrised(model, scale)


def _from(model: Model, origin: Normaliser) -> Parametrised:
    return _as_it_is(replace(model, units=replace(model.units, origin=origin)))


def _means(model: Model) -> Parametrised:
    """Every variable measured from its mean over the records, and not from its minimum."""
    values, old = model.units.of_rows(model.sample.rows), model.units.origin
    origin = Normaliser(
        first_year=old.first_year + float(np.mean(values["t"])),
        log_parameters=old.log_parameters + float(np.mean(values["n"])),
        log_tokens=old.log_tokens + float(np.mean(values["d"])),
        log_tokens_seen=old.log_tokens_seen + float(np.mean(values["d_seen"])),
        log_tokens_effective=old.log_tokens_effective + float(np.mean(values["d_effective"])),
        log_compute=old.log_compute + float(np.mean(values["c"])),
    )
    return _from(model, origin)


def _counts(model: Model) -> Parametrised:
    """Logarithms of counts themselves, of one parameter and of one token."""
    year = model.units.origin.first_year
    return _from(model, Normaliser(year, 0.0, 0.0, 0.0, 0.0, float(np.log(6.0))))


def _slopes(model: Model) -> Parametrised:
    """Levels are free."""
    return _as_it_is(model.with_variant(replace(model.variant, penalise="slopes")))


def _standardised(model: Model) -> Parametrised:
    """Levels are free, and slopes are of variables in their standard deviations."""
    free = _slopes(model)
    spread = free.model.design.scale
    return Parametrised(free.model, np.where(spread > 0, spread, 1.0))


SETTINGS: dict[str, Callable[[Model], Parametrised]] = {
    "as_fitted": _as_it_is,
    "decades": _decades,
    "means": _means,
    "counts": _counts,
    "slopes": _slopes,
    "standardised": _standardised,
}


def penalty_table(model: Model, response: str, deltas: Sequence[float]) -> pl.DataFrame:
    """Return the table `penalty`: every setting at every penalty, and the paper's procedure.

    The published estimator is tried on the same rows and response, in the units as fitted alone.
    """
    made = {setting: make(model) for setting, make in SETTINGS.items()}
    tried = [(setting, "converged") for setting in SETTINGS] + [("as_fitted", "published")]
    rows = [
        _penalised(made[setting], setting, delta, estimator, response)
        for setting, estimator in tried
        for delta in deltas
    ]
    return frame_of(PENALTY, rows)


def _penalised(
    one: Parametrised, setting: str, delta: float, estimator: str, response: str
) -> dict[str, Any]:
    task = replace(Task.of(one.model, response, delta), design=one.design)
    fit = BEST_ONLY[estimator].fit(task)
    return {
        "sample": one.model.sample.name,
        "variant": one.model.variant.name,
        "delta": delta,
        "setting": setting,
        "estimator": estimator,
        "response": response,
        "objective": fit.objective,
        "mse": fit.mean_square,
        "converged": fit.certified,
        **Doubling.of(one.model).columns(fit.theta / one.scale),
    }


def minima_table(minima: pl.DataFrame, models: Models) -> pl.DataFrame:
    """Return the table `minima` of local minima of fits (:data:`algoprog.estimators.fit.MINIMA`).

    Variants without progress have no doubling times.
    """
    forms: dict[tuple[str, str], Doubling] = {}

    def rows() -> Iterator[dict[str, Any]]:
        for row in minima.iter_rows(named=True):
            named = row["sample"], row["variant"]
            key = {name: row[name] for name in ("sample", "variant", "delta", "minimum", "excess")}
            model = models.of(*named)
            if not model.variant.uses("t", "Y"):
                yield key
                continue
            form = forms.get(named) or forms.setdefault(named, Doubling.of(model))
            yield {**key, **form.columns(np.array(row["estimates"]))}

    return frame_of(MINIMA, rows())
