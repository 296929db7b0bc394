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

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import INTERVAL_ENDS, INTERVAL_SCHEMA, doubling_months
from algoprog.estimators.converged import (
    CERTIFICATE,
    SAME_MINIMUM,
    Fit,
    Problem,
    collect,
    descend,
    problem,
    solve_replicates,
    subgradient,
    thorough,
)
from algoprog.estimators.fit import Observations, check_size, observations
from algoprog.estimators.inference import not_identified
from algoprog.estimators.published import solve_published
from algoprog.model.design import Compiler, Design
from algoprog.model.surface import Surface
from algoprog.quantities import optimal_scaling
from algoprog.quantities.closed_form import ClosedForm, growth_rates, interval_columns
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.quantities.shapley import COMPUTE, System, coalition_values, shapley_shares
from algoprog.records.sample import select
from algoprog.resampling.bootstrap import weights_of
from algoprog.robustness.specifications import Specification
from algoprog.robustness.tokens import counted

Array = NDArray[np.float64]

# Columns of `multiverse` after `id` and one of each choice.
RESULTS: dict[str, Any] = {
    "n": pl.Int64,
    "papers": pl.Int64,
    "p": pl.Int64,
    "objective": pl.Float64,
    "mse": pl.Float64,
    "r2": pl.Float64,
    "subgradient": pl.Float64,
    "converged": pl.Boolean,
    "n_starts": pl.Int64,
    "n_at_best": pl.Int64,
    "growth_closed_form": pl.Float64,
    "growth_optimal_scaling": pl.Float64,
    "growth": pl.Float64,
    "doubling_time": pl.Float64,
    "compute_share": pl.Float64,
    "not_identified": pl.String,
    "status": pl.String,
    "reason": pl.String,
    "problem": pl.String,
}
INTERVALS: dict[str, Any] = (
    {"id": pl.String, "growth": pl.Float64, "doubling_time": pl.Float64}
    | INTERVAL_SCHEMA
    | {f"growth_{name}": pl.Float64 for name in INTERVAL_ENDS}
    | {"n_converged": pl.Int64, "status": pl.String, "reason": pl.String}
)
NEIGHBOURS = 3  # minima at each other penalty from which a fit starts as well
SAME = 6  # decimals of a compiled problem (in ln units) that make it another problem


# ---- fits


@dataclass(frozen=True)
class Growth:
    """Growth of effective compute per year as a function of a variant's parameters.

    On one benchmark, the sample's baseline, where benchmarks differ.
    """

    baseline: str
    closed: ClosedForm | None
    scaling: OptimalScaling | None

    @classmethod
    def of(cls, compiler: Compiler, variant: str, spec: Mapping[str, Any]) -> Growth:
        """Of a variant in the units of a sample."""
        return cls(
            compiler.levels[0],
            ClosedForm.of(compiler, variant, spec),
            OptimalScaling.of(compiler, variant, spec),
        )

    def closed_form(self, theta: Array) -> Array | None:
        """Growth (r,) of draws theta (r, p) in closed form; None where there is none."""
        if self.closed is None:
            return None
        parts = self.closed.parts
        return growth_rates(parts.get("all") or parts[self.baseline], theta).get("compute")

    def optimal_scaling(self, theta: Array) -> Array | None:
        """Growth (r,) by optimal scaling; None for a variant without progress."""
        if self.scaling is None:
            return None
        parts, s = self.scaling.exponents, self.scaling
        chosen = parts.get("all") or parts[self.baseline]
        return optimal_scaling.solve(chosen, theta, s.compute, s.year)[0]

    def __call__(self, theta: Array) -> Array | None:
        """In closed form where there is one, else by optimal scaling; None without progress."""
        closed = self.closed_form(theta)
        return self.optimal_scaling(theta) if closed is None else closed


@dataclass(frozen=True)
class _Model:
    """A variant on a sample: its design and what is read off its parameters."""

    data: pl.DataFrame
    compiler: Compiler
    spec: Mapping[str, Any]
    design: Design
    growth: Growth

    @classmethod
    def of(
        cls,
        data: pl.DataFrame,
        variant: str,
        spec: Mapping[str, Any],
        benchmarks: Mapping[str, Any],
    ) -> _Model:
        compiler = Compiler.of(data, benchmarks)
        design = compiler.rows(variant, spec, data)
        check_size(design, "multiverse")
        return cls(data, compiler, spec, design, Growth.of(compiler, variant, spec))

    def compute_shares(self, theta: Array, systems: Sequence[System]) -> Array:
        """Compute shares (r,) between two systems; NaN without shares or where loss does not fall.

        A variant whose efficiencies do not separate has no shares.
        """
        surface = Surface.of(self.compiler, self.design.variant, self.spec)
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                values = coalition_values(surface, theta, systems, [(0, 1)])[:, 0]
                shares = shapley_shares(values)[:, : len(COMPUTE)]
        except InputError:
            return np.full(len(theta), np.nan)
        return np.where(values[:, 0] > values[:, -1], shares.sum(axis=1), np.nan)

    def open(self, task: Problem, theta: Array) -> tuple[list[str], list[str]]:
        """Parameters the rows do not determine, and those of them that growth depends on.

        A parameter whose columns are zero on every row is one of them, also where the penalty sets
        it to zero.
        """
        present = np.zeros(self.design.p, dtype=bool)
        np.logical_or.at(present, self.design.parameter_of_column, self.design.columns.any(axis=1))
        if self.design.multiplier_parameter >= 0:
            present[self.design.multiplier_parameter] = self.design.multiplier.any()
        found = set(not_identified(task, theta))
        names = [
            name
            for name, there in zip(self.design.parameters, present, strict=True)
            if name in found or not there
        ]
        if not names:
            return [], []
        # each alone, then all: where two are zero in two denominators, one alone changes nothing
        moved = np.tile(theta, (len(names) + 2, 1))
        for i, name in enumerate(names):
            j = self.design.parameters.index(name)
            moved[[i, -2], j] += 0.01 * (i + 1) * (abs(theta[j]) or 1.0)
        growth = self.growth(moved)
        if growth is None:
            return names, []
        still = np.isclose(growth[:-1], growth[-1], rtol=1e-10, atol=0, equal_nan=True)
        alone = [name for name, same in zip(names, still[:-1], strict=True) if not same]
        return names, alone or ([] if still[-1] else names)

    def problem(self, response: Array, delta: float, estimator: str) -> str:
        """16 hexadecimal digits that are the same for the same problem, whatever it is called."""
        d = self.design
        digest = hashlib.sha256(f"{estimator} {delta!r} {d.multiplier_parameter}".encode())
        for values in (d.columns, d.offset, d.multiplier, response):
            digest.update((np.round(values, SAME) + 0.0).tobytes())  # + 0.0: no negative zeros
        for whole in (d.parameter_of_column, d.pointer, d.exponential):
            digest.update(whole.tobytes())
        return digest.hexdigest()[:16]


def fit_deltas(design: Design, response: Array, deltas: Sequence[float]) -> list[Fit]:
    """Converged fits on a grid of penalties: thorough ones, then each from the others' minima.

    A lower minimum that is reached from one found at another penalty replaces what was found
    there, so the levels that share a batch can only make a fit better. The certificate counts the
    starts of both.
    """
    fits = [thorough(design, response, delta) for delta in deltas]
    found = []
    for i, (delta, fit) in enumerate(zip(deltas, fits, strict=True)):
        others = [other.minima[:NEIGHBOURS] for j, other in enumerate(fits) if j != i]
        warm = np.concatenate([np.empty((0, design.p)), *others])
        if len(warm):
            task = problem(design, response, delta)
            again = collect(task, *descend(task, warm))
            lower = again.objective < fit.objective * (1 - SAME_MINIMUM)
            same = abs(again.objective - fit.objective) <= SAME_MINIMUM * fit.objective
            best = again if again.converged and (lower or not fit.converged) else fit
            at_best = fit.n_at_best + again.n_at_best if same else best.n_at_best
            fit = replace(best, n_starts=fit.n_starts + again.n_starts, n_at_best=at_best)
        found.append(fit)
    return found


def fit_specifications(
    evaluations: pl.DataFrame,
    chosen: Sequence[Specification],
    exclusion_order: Sequence[str],
    exclusions: Mapping[str, Mapping[str, Any]],
    variants: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Any],
    systems: Mapping[str, Mapping[str, Any]],
) -> pl.DataFrame:
    """Fit specifications; rows of `multiverse`, in their order.

    Parameters
    ----------
    evaluations : all records.
    chosen : what to fit (:func:`specifications` of a block).
    exclusion_order, exclusions, variants : :func:`needed`.
    systems : the two systems of the compute share, the earlier first; :meth:`System.of`.

    Columns: id, one of each choice with its level, then :data:`RESULTS`. ``status`` is

    - ``fitted``; of a published fit this says only that its parameters are finite;
    - ``not_fitted``: there is no such sample, or fewer rows than parameters;
    - ``not_converged``: without a certificate; what it found is shown;
    - ``no_progress``: the variant has no growth;
    - ``not_identified``: growth depends on parameters that the rows do not determine (named in
      ``reason``), so it is blank. ``not_identified`` names all such parameters, also those that
      growth does not depend on; as in `fits`, it is not told of published fits.

    ``growth`` (per year) is in closed form where there is one, else by optimal scaling;
    ``doubling_time`` in months. ``compute_share`` is blank where a variant has none or the later
    system's loss is not lower.
    """
    ends = [System.of(name, spec) for name, spec in systems.items()]
    results: dict[str, dict[str, Any]] = {}
    for of_sample in _grouped(chosen, "include", "exclude", "models_per_paper"):
        spec = sample_spec(of_sample[0].settings, exclusion_order)
        try:
            rows = select(evaluations, "multiverse", spec, exclusions, benchmarks).rows
        except InputError as error:
            results |= {one.id: _no_fit(error) for one in of_sample}
            continue
        for of_model in _grouped(of_sample, "tokens", "variant"):
            settings = of_model[0].settings
            variant = variants[settings["variant"]]
            data = counted(rows, settings["tokens"], variant)
            try:
                model = _Model.of(data, settings["variant"], variant, benchmarks)
            except InputError as error:
                results |= {one.id: _no_fit(error) for one in of_model}
                continue
            results |= _results(model, of_model, ends)
    frame = pl.DataFrame([results[one.id] for one in chosen], schema=RESULTS)
    keys = pl.DataFrame([{"id": one.id} | one.levels for one in chosen])
    clash = set(keys.columns[1:]) & {"id", *RESULTS, "same_as"}
    if clash:
        fix = "give the choice another name; this one is a column of the results"
        raise InputError("config.yaml", "multiverse.choices", min(clash), fix)
    return pl.concat([keys, frame], how="horizontal")


def sample_spec(settings: Mapping[str, Any], exclusion_order: Sequence[str]) -> dict[str, Any]:
    """The sample of a specification, as :func:`algoprog.records.sample.select` takes it."""
    kept = [name for name in exclusion_order if name not in settings["include"]]
    kept += [name for name in settings["exclude"] if name not in kept]
    return {"exclusions": kept, "models_per_paper": settings["models_per_paper"]}


def _grouped(chosen: Iterable[Specification], *settings: str) -> list[list[Specification]]:
    groups: dict[str, list[Specification]] = {}
    for one in chosen:
        key = repr([one.settings[name] for name in settings])
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _no_fit(error: InputError) -> dict[str, Any]:
    return {"status": "not_fitted", "reason": f"{error.place}: {error.value}"}


def _results(
    model: _Model, chosen: Sequence[Specification], systems: Sequence[System]
) -> dict[str, dict[str, Any]]:
    """Results of specifications of one variant on one sample, by id."""
    design = model.design
    rows, thetas, tasks, order = [], [], [], []
    for same in _grouped(chosen, "response", "estimator"):
        settings = same[0].settings
        seen = observations(model.data, settings["response"])
        deltas = [float(one.settings["delta"]) for one in same]
        variance = float(np.var(seen.response)) if np.ptp(seen.response) > 0 else None
        if settings["estimator"] == "published":
            fits = [_published(design, seen.response, delta) for delta in deltas]
        else:
            fits = fit_deltas(design, seen.response, deltas)
        for one, fit, delta in zip(same, fits, deltas, strict=True):
            row: dict[str, Any] = {"objective": fit.objective, "mse": fit.mean_square}
            row |= {"subgradient": fit.subgradient, "converged": fit.converged}
            row |= {"n_starts": fit.n_starts, "n_at_best": fit.n_at_best}
            row |= {"n": design.n, "p": design.p, "papers": int(seen.papers.max()) + 1}
            row["r2"] = None if variance is None else 1.0 - fit.mean_square / variance
            row["problem"] = model.problem(seen.response, delta, settings["estimator"])
            rows.append(row)
            thetas.append(fit.theta)
            tasks.append(problem(design, seen.response, delta))
            order.append(one)
    theta = np.array(thetas)
    measures = {
        "growth_closed_form": model.growth.closed_form(theta),
        "growth_optimal_scaling": model.growth.optimal_scaling(theta),
        "growth": model.growth(theta),
        "compute_share": model.compute_shares(theta, systems),
    }
    for i, (one, row, task) in enumerate(zip(order, rows, tasks, strict=True)):
        row |= {name: _number(values, i) for name, values in measures.items()}
        published = one.settings["estimator"] == "published"
        row |= _status(model, task, theta[i], row, published)
        growth = row["growth"]
        row["doubling_time"] = None if growth is None else float(doubling_months(growth))
    return {one.id: row for one, row in zip(order, rows, strict=True)}


def _published(design: Design, response: Array, delta: float) -> Fit:
    """Where the published procedure stops, with the certificate it has there."""
    theta, value = solve_published(design, response, delta)
    size = subgradient(problem(design, response, delta), theta)
    square = value - delta * float(np.abs(theta).sum())
    return Fit(design, theta, value, square, size, 1, 1, theta[None], np.array([value]))


def _number(values: Array | None, i: int) -> float | None:
    return None if values is None or np.isnan(values[i]) else float(values[i])


def _status(
    model: _Model, task: Problem, theta: Array, row: Mapping[str, Any], published: bool
) -> dict[str, Any]:
    if not (np.isfinite(theta).all() and np.isfinite(row["objective"])):
        return {"status": "not_converged", "reason": "the optimiser diverged"}
    if not published and not row["converged"]:
        reason = f"smallest subgradient {row['subgradient']:.1e}"
        return {"status": "not_converged", "reason": reason}
    names, moving = ([], []) if published else model.open(task, theta)
    result: dict[str, Any] = {"not_identified": None if published else ", ".join(names)}
    if model.growth.closed is None and model.growth.scaling is None:
        reason = "growth of this variant can neither be written nor solved for"
        return result | {"status": "no_progress", "reason": reason}
    if model.growth(theta[None, :]) is None:
        return result | {"status": "no_progress", "reason": "the variant has no progress"}
    if moving or row["growth"] is None:
        reason = f"not determined: {', '.join(moving) or 'growth'}"
        blank = dict.fromkeys(name for name in RESULTS if name.startswith("growth"))
        return result | blank | {"status": "not_identified", "reason": reason}
    return result | {"status": "fitted"}


def merge_specifications(
    parts: Sequence[pl.DataFrame], chosen: Sequence[Specification]
) -> pl.DataFrame:
    """The table `multiverse`: every specification once, in the order of the cross.

    ``same_as`` is the id of the first specification, in that order, that is the same problem (the
    same rows, response, formulas, penalty and estimator under other names); blank for the first.

    Raises
    ------
    AssertionError
        when the parts are not exactly the specifications ``chosen``.
    """
    order = {one.id: i for i, one in enumerate(chosen)}
    merged = pl.concat(parts)
    have = merged["id"].to_list()
    if len(order) != len(chosen) or len(have) != len(order) or set(have) != set(order):
        twice = len(have) - len(set(have))
        missing, unasked = len(set(order) - set(have)), len(set(have) - set(order))
        raise AssertionError(f"specifications missing {missing}, unasked {unasked}, twice {twice}")
    position = pl.col("id").replace_strict(order, return_dtype=pl.Int64)
    merged = merged.sort(position)
    first = pl.col("id").first().over("problem")
    same = pl.when(pl.col("problem").is_not_null() & (first != pl.col("id"))).then(first)
    return merged.with_columns(same_as=same)


def account(multiverse: pl.DataFrame) -> pl.DataFrame:
    """How many specifications came to what: status, reason, n, n_coinciding; n adds up to all.

    ``n_coinciding`` of them are the same problem as another one (``same_as``).
    """
    counts = multiverse.group_by("status", "reason").agg(
        n=pl.len().cast(pl.Int64), n_coinciding=pl.col("same_as").count().cast(pl.Int64)
    )
    return counts.sort("status", "reason", nulls_last=False)


def growth_draws(
    design: Design,
    seen: Observations,
    growth: Growth,
    delta: float,
    estimator: str,
    resampling: str,
    seed: int,
    replicates: int,
) -> tuple[Array, NDArray[np.bool_]]:
    """Growth (r,) of bootstrap replicates, and which of their fits (r,) meet the certificate.

    Both estimators are fitted to the same replicates
    (:func:`algoprog.resampling.bootstrap.replicate_weights`), which the published one sees as
    repeated rows.
    """
    weights = weights_of(seed, design.variant, delta, range(replicates), seen.papers, resampling)
    if estimator == "converged":
        full = thorough(design, seen.response, delta)
        drawn = solve_replicates(design, seen.response, delta, weights, full.minima)
        theta, certified = drawn.theta, drawn.converged
    else:
        theta, certified = np.empty((replicates, design.p)), np.zeros(replicates, dtype=bool)
        for i, weight in enumerate(weights):
            rows = np.repeat(np.arange(design.n), weight.astype(int))
            part, response = design.rows(rows), seen.response[rows]
            theta[i], _ = solve_published(part, response, delta)
            certified[i] = subgradient(problem(part, response, delta), theta[i]) <= CERTIFICATE
    found = growth(theta)
    return np.zeros(replicates) if found is None else found, certified


def bootstrap_specifications(
    evaluations: pl.DataFrame,
    chosen: Sequence[Specification],
    exclusion_order: Sequence[str],
    exclusions: Mapping[str, Mapping[str, Any]],
    variants: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Any],
    systems: Mapping[str, Mapping[str, Any]],
    seed: int,
    replicates: int,
    resampling: str,
) -> pl.DataFrame:
    """Intervals of some specifications, a row each (:data:`INTERVALS`).

    Replicate i depends on (seed, variant, delta, i), so specifications that differ in the sample
    draw the same papers by position. A specification that is not ``fitted`` has its reason and no
    interval. Intervals are of the draws whose growth is a number (``n_draws``); ``n_converged`` of
    the replicates met the certificate. Further parameters as of :func:`fit_specifications`.
    """
    points = fit_specifications(
        evaluations, chosen, exclusion_order, exclusions, variants, benchmarks, systems
    )
    rows = []
    for one, point in zip(chosen, points.iter_rows(named=True), strict=True):
        row = {name: point[name] for name in INTERVALS if name in point}
        rows.append(row)
        if point["status"] != "fitted":
            continue
        s = one.settings
        spec = variants[s["variant"]]
        sample = sample_spec(s, exclusion_order)
        data = select(evaluations, "multiverse", sample, exclusions, benchmarks).rows
        data = counted(data, s["tokens"], spec)
        compiler = Compiler.of(data, benchmarks)
        growth, certified = growth_draws(
            compiler.rows(s["variant"], spec, data),
            observations(data, s["response"]),
            Growth.of(compiler, s["variant"], spec),
            float(s["delta"]),
            s["estimator"],
            resampling,
            seed,
            replicates,
        )
        known = growth[~np.isnan(growth)]
        row |= {"n_converged": int(certified.sum()), "n_draws": 0}
        if known.size:
            row |= interval_columns(known, "converged")
    return pl.DataFrame(rows, schema=INTERVALS)


def merge_intervals(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The table `multiverse_intervals`: each specification once, though strata share some."""
    merged = pl.concat(parts).unique().sort("id")
    if merged["id"].is_duplicated().any():
        raise AssertionError("a specification has two different intervals")
    return merged
