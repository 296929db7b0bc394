"""The multiverse: every combination of defensible choices, fitted, each with what came of it.

A *choice* has *levels*, a level is a *change* of settings, a *specification* is one level of each
choice. Settings of a specification:

- ``variant``, ``delta``, ``estimator`` (``published``, ``converged``): what is fitted and how;
- ``models_per_paper``, ``response``: as of a sample;
- ``include``, ``exclude``: exclusions of the sample that are lifted, and further ones that apply
  (before the first models of each paper are chosen);
- ``tokens``: what D counts: tokens seen ``once`` (D), ``seen`` (D e), or ``effective``
  (D E(e) / E(1)), e epochs, one where unknown.

``tokens`` changes D itself, so ``d`` and ``c`` follow (6ND e in m18), and a system read once has D
tokens by every measure. The constant 1/E(1) cancels from d and c, which count from a minimum. A
variant whose formulas name ``d_seen`` or ``d_effective`` (m20) has made this choice itself: its
data are as recorded whatever the level, so its specifications coincide with one another and with
m07's of effective data. Specifications that are the same problem are found by comparing compiled
problems (``problem``), and :func:`merge_specifications` says which (``same_as``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import doubling_months
from algoprog.estimators.estimator import BEST_ONLY, Task
from algoprog.model.model import Model
from algoprog.model.variant import Variants
from algoprog.quantities.closed_form import interval_columns
from algoprog.quantities.shapley import System, Systems
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.measured import Measured
from algoprog.records.sample import Exclusion, Sample, SampleSpec, draw_sample
from algoprog.robustness.growth_draws import Bootstrap, replicate_fits
from algoprog.robustness.multiverse_tables import RESULTS
from algoprog.robustness.specifications import Settings, Specification
from algoprog.robustness.specified import Specified
from algoprog.robustness.tables import MULTIVERSE_INTERVALS, OWN_ENDS
from algoprog.robustness.tokens import counted
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True)
class Fitting:
    """What the fits of specifications depend on besides their settings.

    Attributes
    ----------
    exclusion_order : exclusions of the sample that the multiverse starts from.
    exclusions, variants : those that any of the specifications uses, by name.
    systems : the two systems of the compute share, the earlier first.
    ranked_within, variables : as of the sample that the multiverse starts from.
    """

    exclusion_order: tuple[str, ...]
    exclusions: dict[str, Exclusion]
    variants: Variants
    benchmarks: Benchmarks
    systems: Systems
    ranked_within: str = "benchmark"
    variables: dict[str, Measured] = field(default_factory=dict)

    def sample_spec(self, settings: Settings) -> SampleSpec:
        """Return the sample of a specification."""
        kept = [name for name in self.exclusion_order if name not in settings.include]
        kept += [name for name in settings.exclude if name not in kept]
        chosen = {name: self.exclusions[name] for name in kept}
        most, within = settings.models_per_paper, self.ranked_within
        return SampleSpec("multiverse", chosen, most, self.benchmarks, within, self.variables)

    def specified(self, sample: Sample, settings: Settings) -> Specified:
        """Return the model of a specification on its sample, data counted as it says."""
        variant = self.variants[settings.variant]
        data = sample.with_rows(counted(sample.rows, settings.tokens, variant))
        return Specified.of(Model.of(variant, data))


def fit_specifications(
    evaluations: pl.DataFrame, chosen: Sequence[Specification], fitting: Fitting
) -> pl.DataFrame:
    """Fit specifications; return rows of `multiverse`, in their order.

    Parameters
    ----------
    evaluations : all records.
    chosen : what to fit (:func:`specifications` of a block).

    Columns: id, one of each choice with its level, then :data:`RESULTS`. ``status`` is

    - ``fitted``; of a published fit this says only that its parameters are finite;
    - ``not_fitted``: there is no such sample, or fewer rows than parameters;
    - ``not_converged``: without a certificate; what it found is shown;
    - ``no_progress``: the variant has no growth;
    - ``not_identified``: growth depends on parameters that the rows do not determine (named in
      ``reason``), so it is blank, but for growth at the records' own allocation.
      ``not_identified`` names all such parameters, also those that
      growth does not depend on; as in `fits`, it is not told of published fits.

    ``growth`` (per year) is in closed form where there is one, else by optimal scaling;
    ``doubling_time`` in months. ``compute_share`` is blank where a variant has none or the later
    system's loss is not lower. A fit depends on its own specification only, not on its company.
    """
    results: dict[str, Row] = {}
    for of_sample in _grouped(chosen, "include", "exclude", "models_per_paper"):
        try:
            sample = draw_sample(evaluations, fitting.sample_spec(of_sample[0].settings))
        except InputError as error:
            results |= {one.id: _no_fit(error) for one in of_sample}
            continue
        for of_model in _grouped(of_sample, "tokens", "variant"):
            try:
                specified = fitting.specified(sample, of_model[0].settings)
            except InputError as error:
                results |= {one.id: _no_fit(error) for one in of_model}
                continue
            results |= _results(specified, of_model, fitting.systems)
    frame = pl.DataFrame([results[one.id] for one in chosen], schema=RESULTS)
    keys = pl.DataFrame([{"id": one.id} | one.levels for one in chosen])
    clash = set(keys.columns[1:]) & {"id", *RESULTS, "same_as"}
    if clash:
        fix = "give the choice another name; this one is a column of the results"
        raise InputError("config.yaml", "multiverse.choices", min(clash), fix)
    return pl.concat([keys, frame], how="horizontal")


def _grouped(chosen: Iterable[Specification], *settings: str) -> list[list[Specification]]:
    groups: dict[str, list[Specification]] = {}
    for one in chosen:
        key = repr([getattr(one.settings, name) for name in settings])
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _no_fit(error: InputError) -> Row:
    return {"status": "not_fitted", "reason": f"{error.place}: {error.value}"}


def _results(
    specified: Specified, chosen: Sequence[Specification], systems: Sequence[System]
) -> dict[str, Row]:
    """Results of specifications of one variant on one sample, by id."""
    rows, thetas, tasks = [], [], []
    chosen = [one for same in _grouped(chosen, "response", "estimator") for one in same]
    for one in chosen:
        settings = one.settings
        task = Task.of(specified.model, settings.response, float(settings.delta))
        row, theta = _fitted(specified, task, settings.estimator)
        rows.append(row)
        thetas.append(theta)
        tasks.append(task)
    theta = np.array(thetas)
    measures = {
        "growth_closed_form": specified.growth.closed_form(theta),
        "growth_optimal_scaling": specified.growth.optimal_scaling(theta),
        "growth_own_allocation": _each(specified, theta),
        "growth": specified.growth(theta),
        "compute_share": specified.compute_shares(theta, systems),
    }
    for i, (one, row, task) in enumerate(zip(chosen, rows, tasks, strict=True)):
        row |= {name: _number(values, i) for name, values in measures.items()}
        published = one.settings.estimator == "published"
        row |= _status(specified, task, theta[i], row, published)
        growth = row["growth"]
        row["doubling_time"] = None if growth is None else float(doubling_months(growth))
    return {one.id: row for one, row in zip(chosen, rows, strict=True)}


def _fitted(specified: Specified, task: Task, estimator: str) -> tuple[Row, Array]:
    """A specification's fit: its certificate as columns, and theta."""
    variance = float(np.var(task.response)) if np.ptp(task.response) > 0 else None
    fit = BEST_ONLY[estimator].fit(task)
    row: Row = {"objective": fit.objective, "mse": fit.mean_square}
    row |= {"subgradient": fit.subgradient, "converged": fit.certified}
    row |= {"n_starts": fit.n_starts, "n_at_best": fit.n_at_best}
    row |= {"n": task.design.n, "p": task.design.p, "papers": int(task.papers.max()) + 1}
    row["r2"] = None if variance is None else 1.0 - fit.mean_square / variance
    row["problem"] = specified.problem(task, estimator)
    return row, fit.theta


def _each(specified: Specified, theta: Array) -> Array | None:
    """Growth at the records' own allocation, theta by theta: sums of many differ in last digits."""
    found = [specified.own_growth(one[None, :]) for one in theta]
    known = [growth for growth in found if growth is not None]
    return np.concatenate(known) if known else None


def _number(values: Array | None, i: int) -> float | None:
    return None if values is None or np.isnan(values[i]) else float(values[i])


def _status(specified: Specified, task: Task, theta: Array, row: Row, published: bool) -> Row:
    if not (np.isfinite(theta).all() and np.isfinite(row["objective"])):
        return {"status": "not_converged", "reason": "the optimiser diverged"}
    if not published and not row["converged"]:
        reason = f"smallest subgradient {row['subgradient']:.1e}"
        return {"status": "not_converged", "reason": reason}
    names, moving = ([], []) if published else specified.open(task, theta)
    result: Row = {"not_identified": None if published else ", ".join(names)}
    if specified.growth.closed is None and specified.growth.scaling is None:
        reason = "growth of this variant can neither be written nor solved for"
        return result | {"status": "no_progress", "reason": reason}
    if specified.growth(theta[None, :]) is None:
        return result | {"status": "no_progress", "reason": "the variant has no progress"}
    if moving or row["growth"] is None:
        reason = f"not determined: {', '.join(moving) or 'growth'}"
        blank = dict.fromkeys(("growth_closed_form", "growth_optimal_scaling", "growth"))
        return result | blank | {"status": "not_identified", "reason": reason}
    return result | {"status": "fitted"}


@dataclass(frozen=True)
class Drawn:
    """The bootstraps of specifications: seed, number of replicates, and what is resampled."""

    seed: int
    replicates: int
    resampling: str

    def by(self, estimator: str) -> Bootstrap:
        """Return the bootstrap of an estimator."""
        return Bootstrap(estimator, self.resampling, self.seed, self.replicates)


def bootstrap_specifications(
    evaluations: pl.DataFrame,
    chosen: Sequence[Specification],
    fitting: Fitting,
    drawn: Drawn,
) -> pl.DataFrame:
    """Return intervals of some specifications, a row each of `multiverse_intervals`.

    Replicate i depends on (seed, variant, delta, i), so specifications that differ in the sample
    draw the same papers by position. A specification that is not ``fitted`` has its reason and no
    interval. Intervals are of the draws whose growth is a number (``n_draws``); ``n_converged`` of
    the replicates met the certificate. Further parameters as of :func:`fit_specifications`.
    """
    points = fit_specifications(evaluations, chosen, fitting)
    rows = []
    for one, point in zip(chosen, points.iter_rows(named=True), strict=True):
        row = {name: point[name] for name in MULTIVERSE_INTERVALS.names if name in point}
        rows.append(row)
        if point["status"] != "fitted":
            continue
        s = one.settings
        sample = draw_sample(evaluations, fitting.sample_spec(s))
        specified = fitting.specified(sample, s)
        task = Task.of(specified.model, s.response, float(s.delta))
        fits = replicate_fits(task, drawn.by(s.estimator))
        growth = specified.growth(fits.theta)
        known = growth[~np.isnan(growth)] if growth is not None else np.zeros(len(fits.theta))
        row |= {"n_converged": int(fits.certified.sum()), "n_draws": 0}
        if known.size:
            row |= interval_columns(known, "converged")
        own = specified.own_growth(fits.theta, fits.weights)
        if own is not None and (there := own[~np.isnan(own)]).size:
            found = interval_columns(there, "converged")
            row |= {f"own_{name}": found[name] for name in OWN_ENDS}
    return frame_of(MULTIVERSE_INTERVALS, rows)
