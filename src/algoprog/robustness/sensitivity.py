"""Sensitivity: the headline fitted again with one choice changed, check by check.

A check is data (:mod:`algoprog.robustness.checks`): a name, its settings, and in each setting what
differs from the headline (sample, response, data measure, variant, delta, loss, estimator or
resampling). Each is fitted and bootstrapped by itself, in the units of its own rows, by the
estimators and the bootstrap of every other analysis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.estimators.converged import Fit
from algoprog.estimators.estimator import Task
from algoprog.estimators.inference import not_identified
from algoprog.estimators.objective import CERTIFICATE
from algoprog.model.model import Model
from algoprog.model.units import calendar_year
from algoprog.quantities.closed_form import closed_form_rows
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.quantities.own_allocation_tables import own_allocation_row
from algoprog.quantities.shapley import System, Systems, shapley_rows
from algoprog.records import tokens
from algoprog.records.holding import holds
from algoprog.records.sample import Sample, draw_sample
from algoprog.resampling.bootstrap import draw
from algoprog.resampling.scheme import Scheme
from algoprog.robustness.checks import Check, Plan
from algoprog.robustness.tables import SENSITIVITY
from algoprog.robustness.tokens import counted
from algoprog.tables.frames import schema_of

Row = dict[str, Any]


class ConditionError(InputError):
    """A condition that cannot be read: a mistake, where too few rows are an outcome."""


@dataclass(frozen=True)
class Job:
    """The checks that one job makes: some names of a plan, by one estimator.

    Attributes
    ----------
    systems : the two systems between which compute's Shapley share is taken.
    seed : the root seed.
    """

    names: tuple[str, ...]
    estimator: str
    systems: Systems
    seed: int

    def of(self, evaluations: pl.DataFrame, plan: Plan) -> pl.DataFrame:
        """Return rows of `sensitivity`, for :func:`~algoprog.robustness.checks.sensitivity_table`.

        A cell without a value is blank.
        """
        rows = [
            row
            for check in plan.checks()
            if check.check in self.names and check.procedure == self.estimator
            for row in check_rows(evaluations, check, self.systems, self.seed)
        ]
        full = [dict.fromkeys(SENSITIVITY.names) | row for row in rows]
        return pl.DataFrame(full, schema=schema_of(SENSITIVITY), strict=False)


def check_sample(evaluations: pl.DataFrame, check: Check) -> Sample:
    """Return the rows of a check: its sample, then those for which ``where`` holds.

    A row for which it is unknown is not kept. D is counted as the check says.

    Raises
    ------
    InputError
        as :func:`algoprog.records.sample.select`, for a ``where`` that is no condition on the
        fields, and for rows that nothing can be estimated from.
    """
    try:
        sample = draw_sample(evaluations, check.sample)
    except InputError as error:
        if not check.lifted:
            raise
        fix = f"take the exclusion of such records out of {check.place}.include"
        raise InputError(error.where, error.place, error.value, fix) from None
    if check.where is None:
        return sample.with_rows(counted(sample.rows, check.tokens, check.variant))
    dated = sample.rows.with_columns(year=calendar_year(sample.rows["published"]))
    place = f"{check.place}.where"
    try:
        rows = dated.filter(holds(dated, check.where)).drop("year")
    except tokens.ConditionError as error:
        raise ConditionError("config.yaml", place, check.where, str(error)) from None
    counts = rows["benchmark"].value_counts()
    if rows.is_empty() or counts["count"].min() == 1:
        alone = ", ".join(sorted(counts.filter(pl.col("count") == 1)["benchmark"]))
        found = f"one row on {alone}" if alone else "no rows"
        raise InputError("config.yaml", place, found, "keep more rows")
    return sample.with_rows(counted(rows, check.tokens, check.variant))


def check_rows(
    evaluations: pl.DataFrame, check: Check, systems: Sequence[System], seed: int
) -> list[Row]:
    """Return rows of `sensitivity` for one check, less the change against the headline.

    One row, or one for each benchmark where progress differs between them. A check that cannot be
    fitted, or whose growth has no closed form, is a row with its ``reason``; so is one whose fit
    leaves parameters not identified, beside its numbers.

    Parameters
    ----------
    systems : the two systems between which compute's Shapley share is taken.
    seed : root seed; replicates depend on it, the variant, delta and their number only, so that
        the headline's are those of the analysis of the same settings.
    """
    row: Row = {**check.key, "variant": check.variant.name, "delta": check.delta}
    row["response"] = check.response
    try:
        sample = check_sample(evaluations, check)
        row |= {"n": sample.height, "papers": sample.papers}
    except ConditionError:
        raise
    except InputError as error:
        return [{**row, "reason": f"{error.value}; {error.fix}"}]
    model = _compiled(check, sample)
    row["p"] = model.design.p
    try:
        model.check_size(place=check.place)
        task = Task.of(model, check.response, check.delta)
        fit = check.estimator.fit(task)
        draws, of_draws, lost = _drawn(check, task, fit, seed)
    except InputError as error:
        return [{**row, "reason": f"{error.value}; {error.fix}"}]
    fitted, reasons = _fitted(check, task, fit)
    row |= fitted | of_draws | _compute_share(model, systems, fit.estimates(), draws)
    row |= _own(model, row, fit.estimates(), draws, _scheme(check, seed))
    return _doubling(model, row, fit.estimates(), draws, reasons + lost)


def _compiled(check: Check, sample: Sample) -> Model:
    """The check's model; a formula that cannot be compiled is a mistake at the check's place."""
    model = Model.of(check.variant, sample)
    try:
        _ = model.design, model.closed_form
    except InputError as error:
        place = f"{check.place} ({error.place})"
        raise InputError("config.yaml", place, error.value, error.fix) from None
    return model


def _fitted(check: Check, task: Task, fit: Fit) -> tuple[Row, list[str]]:
    """What a check's fit adds to its row, and what is to be said of it."""
    row: Row = {"objective": fit.objective, "subgradient": fit.subgradient}
    row |= {"converged": fit.subgradient <= CERTIFICATE}
    row |= {"huber_k": fit.threshold, "correlation": fit.correlation}
    squares = check.huber is None and not check.correlated
    if squares and check.procedure == "converged":
        unfixed = ", ".join(not_identified(task.problem, fit.theta))
        return row, [f"not identified: {unfixed}"] if unfixed else []
    return row, []


def _drawn(
    check: Check, task: Task, fit: Fit, seed: int
) -> tuple[pl.DataFrame | None, Row, list[str]]:
    """The draws that are numbers, what they add to the row, and what is to be said of others."""
    if not check.replicates:
        return None, {}, []
    draws = draw(task, fit, check.estimator, _scheme(check, seed), 0, check.replicates)
    certified = float((draws["subgradient"] <= CERTIFICATE).mean())  # type: ignore[arg-type]
    names = list(task.design.parameters)
    numbers = draws.filter(pl.all_horizontal(pl.col(names).is_finite()))
    lost = len(draws) - len(numbers)
    said = [f"{lost} of {len(draws)} draws are no numbers"] if lost else []
    return numbers if len(numbers) else None, {"draws_certified": certified}, said


def _scheme(check: Check, seed: int) -> Scheme:
    procedure = check.estimator.procedure
    return Scheme(check.resampling, procedure, seed, check.variant.name, check.delta)


def _own(
    model: Model,
    row: Row,
    estimates: Mapping[str, float],
    draws: pl.DataFrame | None,
    scheme: Scheme,
) -> Row:
    """Growth at the records' own allocation; nothing of a variant without progress."""
    if not model.variant.uses("t", "Y"):
        return {}
    weights = None
    if draws is not None:
        weights = scheme.weights(model.observed("own").papers, draws["replicate"].to_list())
    key = {"estimator": row["estimator"]}
    found = own_allocation_row(OwnAllocation.of(model), key, estimates, draws, weights)
    names = [name for name in SENSITIVITY.names if name.startswith("own_")]
    return {name: found[name[4:]] for name in names if name[4:] in found}


def _doubling(
    model: Model,
    row: Row,
    estimates: Mapping[str, float],
    draws: pl.DataFrame | None,
    reasons: list[str],
) -> list[Row]:
    """The row with its doubling time in closed form, on each benchmark where they differ."""
    key = {name: row[name] for name in ("check", "setting", "estimator", "resampling")}
    form = model.closed_form
    doubling = [] if form is None else closed_form_rows(form, key, estimates, draws)
    doubling = [found for found in doubling if found["quantity"] == "compute"]
    if not doubling:
        reasons = [*reasons, "no progress" if form else "growth has no closed form"]
    row = {**row, "reason": "; ".join(reasons) or None}
    return [
        {**row, **{k: v for k, v in found.items() if k in SENSITIVITY.names}} for found in doubling
    ] or [row]


def _compute_share(
    model: Model,
    systems: Sequence[System],
    estimates: Mapping[str, float],
    draws: pl.DataFrame | None,
) -> Row:
    """Shapley share of compute with its 95 % interval; nothing where efficiencies do not part."""
    try:
        shares = shapley_rows(model.surface, systems, {}, estimates, draws)
    except InputError:
        return {}
    found = next(row for row in shares if row["factor"] == "compute")
    return {"compute_share": found["share"]} | {
        f"compute_share_{end}": found.get(end) for end in ("ci95_low", "ci95_high")
    }
