"""Sensitivity: the headline fitted again with one choice changed, check by check.

A check is data: a name, its settings, and in each setting what differs from the headline (sample,
response, data measure, variant, delta, loss, estimator or resampling). Each is fitted and
bootstrapped by itself, in the units of its own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import INTERVAL_ENDS, INTERVAL_SCHEMA
from algoprog.estimators.converged import CERTIFICATE, problem
from algoprog.estimators.correlated import (
    correlated_subgradient,
    solve_correlated,
    solve_correlated_published,
)
from algoprog.estimators.fit import Observations, check_size, fit_one, observations
from algoprog.estimators.huber import (
    huber_subgradient,
    solve_huber,
    solve_huber_published,
    threshold,
)
from algoprog.model.design import Compiler, Design, calendar_year
from algoprog.model.surface import Surface
from algoprog.quantities.closed_form import ClosedForm
from algoprog.quantities.shapley import shapley_rows
from algoprog.records.sample import select
from algoprog.resampling.bootstrap import PUBLISHED_SEED, draw, replicate_weights
from algoprog.robustness.tokens import counted

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

HEADLINE = "headline"
KEYS = ("check", "setting", "estimator", "resampling")
SCHEMA = (
    dict.fromkeys((*KEYS, "benchmark", "variant"), pl.String)
    | {"delta": pl.Float64, "response": pl.String}
    | dict.fromkeys(("n", "papers", "p"), pl.Int64)
    | {"objective": pl.Float64, "subgradient": pl.Float64, "converged": pl.Boolean}
    | {"point": pl.Float64}
    | INTERVAL_SCHEMA
    | {"growth_point": pl.Float64}
    | {f"growth_{name}": pl.Float64 for name in INTERVAL_ENDS}
    | dict.fromkeys(("change_months", "change_growth", "relative_change"), pl.Float64)
    | dict.fromkeys(
        ("compute_share", "compute_share_ci95_low", "compute_share_ci95_high"), pl.Float64
    )
    | {"draws_certified": pl.Float64, "huber_k": pl.Float64, "correlation": pl.Float64}
    | {"reason": pl.String}
)
# Perturbed starts of a replicate, which has the minima of the full sample as well.
REPLICATE_PERTURBED = 2


class ConditionError(InputError):
    """A condition that cannot be read: a mistake, where too few rows are an outcome."""


@dataclass(frozen=True)
class Check:
    """One fit with its bootstrap: everything that decides its numbers, save the records.

    ``sample`` is the sample's exclusions and models_per_paper; ``where`` keeps rows of the sample
    drawn so; ``tokens`` is what D counts. ``spec`` holds the variant's formulas with the check's
    changes. ``huber`` is {k: nats} or {scales: s}; at most one of ``huber`` and ``correlated`` is
    set.
    """

    check: str
    setting: str
    estimator: str
    resampling: str
    replicates: int
    sample: Mapping[str, Any]
    where: str | None
    tokens: str
    response: str
    variant: str
    spec: Mapping[str, Any]
    delta: float
    huber: Mapping[str, float] | None
    correlated: bool

    @property
    def place(self) -> str:
        """Where the configuration states it."""
        return f"sensitivity.checks.{self.check}.{self.setting}"


def planned(
    sensitivity: Mapping[str, Any],
    headline: Mapping[str, Any],
    samples: Mapping[str, Mapping[str, Any]],
    variants: Mapping[str, Mapping[str, Any]],
) -> list[Check]:
    """Every check of the configuration, the headline first, for each estimator.

    Parameters
    ----------
    sensitivity : ``replicates`` and ``resampling`` of each estimator; ``checks`` by name, each a
        mapping from its settings to their changes: ``models_per_paper``, ``include`` (exclusions
        lifted), ``exclude`` (further ones), ``where`` (SQL on the rows of the sample; ``year`` is
        the calendar year as a real number), ``response``, ``variant``, ``tokens`` (what D counts:
        :func:`algoprog.robustness.tokens.counted`), ``linear`` (terms added), ``hold``, ``delta``,
        ``huber``, ``correlated``, ``resampling``, ``estimators`` (those it is for).
    headline : sample, variant and delta that the changes start from.
    samples, variants : the configuration's sections.
    """
    base = samples[headline["sample"]]
    settings = [(HEADLINE, HEADLINE, {})] + [
        (check, str(setting), change or {})
        for check, changes in sensitivity["checks"].items()
        for setting, change in changes.items()
    ]
    plan = []
    for check, setting, change in settings:
        place = f"sensitivity.checks.{check}.{setting}"
        if change.get("huber") and change.get("correlated"):
            fix = "give one of huber and correlated"
            raise InputError("config.yaml", place, "huber and correlated", fix)
        variant = change.get("variant") or headline["variant"]
        exclusions = base["exclusions"]
        lifted = change.get("include") or []
        unknown = sorted(set(lifted) - set(exclusions))
        if unknown:
            fix = f"include what the sample leaves out: {', '.join(exclusions)}"
            raise InputError("config.yaml", f"{place}.include", ", ".join(unknown), fix)
        applied = [name for name in exclusions if name not in lifted]
        applied += [name for name in change.get("exclude") or [] if name not in applied]
        sample = {
            "exclusions": applied,
            "models_per_paper": change.get("models_per_paper", base["models_per_paper"]),
        }
        for estimator, resampling in sensitivity["resampling"].items():
            if estimator not in (change.get("estimators") or [estimator]):
                continue
            plan.append(
                Check(
                    check=check,
                    setting=setting,
                    estimator=estimator,
                    resampling=change.get("resampling") or resampling,
                    replicates=sensitivity["replicates"][estimator],
                    sample=sample,
                    where=change.get("where"),
                    tokens=change.get("tokens") or "once",
                    response=change.get("response") or base["response"][estimator],
                    variant=variant,
                    spec=changed_variant(variants[variant], change),
                    delta=float(change.get("delta", headline["delta"])),
                    huber=change.get("huber"),
                    correlated=bool(change.get("correlated")),
                )
            )
    return plan


def changed_variant(spec: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A variant's formulas with a check's ``linear`` and ``hold``."""
    return {
        "exponentials": [dict(formulas) for formulas in spec["exponentials"]],
        "linear": (spec.get("linear") or {}) | (change.get("linear") or {}),
        "multiplier": dict(spec.get("multiplier") or {}),
        "hold": {**(spec.get("hold") or {}), **(change.get("hold") or {})},
    }


def check_sample(
    evaluations: pl.DataFrame,
    check: Check,
    exclusions: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Any],
) -> pl.DataFrame:
    """The rows of a check: its sample, then those for which ``where`` holds (not where unknown).

    D is counted as the check says.

    Raises
    ------
    InputError
        as :func:`algoprog.records.sample.select`, for a ``where`` that is no condition on the
        fields, and for rows that nothing can be estimated from.
    """
    rows = select(evaluations, check.check, check.sample, exclusions, benchmarks).rows
    if check.where is None:
        return counted(rows, check.tokens, check.spec)
    dated = rows.with_columns(year=calendar_year(rows["published"]))
    try:
        rows = dated.filter(pl.sql_expr(check.where)).drop("year")
    except pl.exceptions.PolarsError as error:
        fix = f"write a SQL condition on {', '.join(dated.columns)} ({str(error).splitlines()[0]})"
        raise ConditionError("config.yaml", f"{check.place}.where", check.where, fix) from None
    counts = rows["benchmark"].value_counts()
    if rows.is_empty() or counts["count"].min() == 1:
        alone = ", ".join(sorted(counts.filter(pl.col("count") == 1)["benchmark"]))
        found = f"one row on {alone}" if alone else "no rows"
        raise InputError("config.yaml", f"{check.place}.where", found, "keep more rows")
    return counted(rows, check.tokens, check.spec)


def check_rows(
    evaluations: pl.DataFrame,
    check: Check,
    exclusions: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Any],
    systems: Mapping[str, Mapping[str, Any]],
    seed: int,
) -> list[dict[str, Any]]:
    """Rows of `sensitivity` for one check, less the change against the headline.

    One row, or one for each benchmark where progress differs between them. A check that cannot be
    fitted, or whose growth has no closed form, is a row with its ``reason``; so is one whose fit
    leaves parameters not identified, beside its numbers.

    Parameters
    ----------
    systems : the two systems between which compute's Shapley share is taken.
    seed : root seed; replicates depend on it, the variant, delta and their number only, so that
        the headline's are those of the analysis of the same settings.
    """
    row: dict[str, Any] = {name: getattr(check, name) for name in KEYS}
    row |= {"variant": check.variant, "delta": check.delta, "response": check.response}
    try:
        sample = check_sample(evaluations, check, exclusions, benchmarks)
        row |= {"n": len(sample), "papers": sample["paper"].n_unique()}
    except ConditionError:
        raise
    except InputError as error:
        return [{**row, "reason": f"{error.value}; {error.fix}"}]
    compiler = Compiler.of(sample, benchmarks)
    try:
        design = compiler.rows(check.variant, check.spec, sample)
        form = ClosedForm.of(compiler, check.variant, check.spec)
    except InputError as error:
        place = f"{check.place} ({error.place})"
        raise InputError("config.yaml", place, error.value, error.fix) from None
    row["p"] = design.p
    try:
        check_size(design, check.place)
        fitted, estimates, draws = _fitted(check, sample, design, seed)
    except InputError as error:
        return [{**row, "reason": f"{error.value}; {error.fix}"}]
    row |= fitted
    reasons = [row["reason"]] if row.get("reason") else []
    if draws is not None:
        row["draws_certified"] = float((draws["subgradient"] <= CERTIFICATE).mean())  # type: ignore[arg-type]
        numbers = draws.filter(pl.all_horizontal(pl.col(list(estimates)).is_finite()))
        if len(numbers) < len(draws):
            reasons.append(f"{len(draws) - len(numbers)} of {len(draws)} draws are no numbers")
        draws = numbers if len(numbers) else None
    row |= _compute_share(compiler, check, systems, estimates, draws)
    key = {name: row[name] for name in KEYS}
    doubling = [] if form is None else form.rows(key, estimates, draws)
    doubling = [found for found in doubling if found["quantity"] == "compute"]
    if not doubling:
        reasons.append("no progress" if form else "growth has no closed form")
    row["reason"] = "; ".join(reasons) or None
    return [{**row, **{k: v for k, v in found.items() if k in SCHEMA}} for found in doubling] or [
        row
    ]


def check_table(
    evaluations: pl.DataFrame,
    names: Sequence[str],
    estimator: str,
    sensitivity: Mapping[str, Any],
    headline: Mapping[str, Any],
    samples: Mapping[str, Mapping[str, Any]],
    variants: Mapping[str, Mapping[str, Any]],
    exclusions: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Any],
    systems: Mapping[str, Mapping[str, Any]],
    seed: int,
) -> pl.DataFrame:
    """Rows of `sensitivity` of checks by name and one estimator, for :func:`sensitivity_table`."""
    plan = planned(sensitivity, headline, samples, variants)
    rows = [
        row
        for check in plan
        if check.check in names and check.estimator == estimator
        for row in check_rows(evaluations, check, exclusions, benchmarks, systems, seed)
    ]
    full = [dict.fromkeys(SCHEMA) | row for row in rows]
    return pl.DataFrame(full, schema=SCHEMA, strict=False)


def sensitivity_table(rows: Sequence[Mapping[str, Any]], plan: Sequence[Check]) -> pl.DataFrame:
    """The table `sensitivity` of every check planned, with the change against the headline's point.

    ``change_months`` and ``change_growth`` are differences from the headline of the same
    estimator, ``relative_change`` that of growth over the headline's growth; months that are
    infinite on both sides differ by NaN.
    """
    have = {tuple(row[name] for name in KEYS) for row in rows}
    want = {tuple(getattr(check, name) for name in KEYS) for check in plan}
    if have != want:
        raise AssertionError(
            f"checks missing: {sorted(want - have)}; unasked {sorted(have - want)}"
        )
    table = pl.DataFrame(
        [dict.fromkeys(SCHEMA) | dict(row) for row in rows], schema=SCHEMA, strict=False
    )
    own = table.filter(pl.col("check") == HEADLINE).unique("estimator", keep="first")
    base = own.select("estimator", months="point", growth="growth_point")
    change = pl.col("growth_point") - pl.col("growth")
    order = {(c.check, c.setting): i for i, c in reversed(list(enumerate(plan)))}
    position = [order[c, s] for c, s in table.select("check", "setting").iter_rows()]
    return (
        table.with_columns(position=pl.Series(position))
        .sort("position", maintain_order=True)
        .join(base, on="estimator", how="left", maintain_order="left")
        .with_columns(
            change_months=pl.col("point") - pl.col("months"),
            change_growth=change,
            relative_change=change / pl.col("growth"),
        )
        .select(list(SCHEMA))
    )


def _compute_share(
    compiler: Compiler,
    check: Check,
    systems: Mapping[str, Mapping[str, Any]],
    estimates: Mapping[str, float],
    draws: pl.DataFrame | None,
) -> dict[str, Any]:
    """Shapley share of compute with its 95 % interval; nothing where efficiencies do not part."""
    surface = Surface.of(compiler, check.variant, check.spec)
    try:
        shares = shapley_rows(surface, systems, {}, estimates, draws)
    except InputError:
        return {}
    found = next(row for row in shares if row["factor"] == "compute")
    return {"compute_share": found["share"]} | {
        f"compute_share_{end}": found.get(end) for end in ("ci95_low", "ci95_high")
    }


def _fitted(
    check: Check, sample: pl.DataFrame, design: Design, seed: int
) -> tuple[dict[str, Any], dict[str, float], pl.DataFrame | None]:
    """What a check's fit adds to its row, the estimates by name, and the draws."""
    seen = observations(sample, check.response)
    if check.huber or check.correlated:
        return _fitted_otherwise(check, seen, design, seed)
    fit = fit_one(design, seen, check.delta, check.estimator)
    row = {name: fit.row[name] for name in ("objective", "subgradient", "converged")}
    if fit.row["not_identified"]:
        row["reason"] = f"not identified: {fit.row['not_identified']}"
    draws = None
    if check.replicates:
        draws = draw(
            design, seen, check.delta, check.estimator, check.resampling, seed, 0,
            check.replicates, fit.minima,
        )  # fmt: skip
    return row, dict(zip(design.parameters, fit.theta.tolist(), strict=True)), draws


@dataclass(frozen=True)
class _Estimate:
    theta: Array
    objective: float
    subgradient: float
    minima: Array
    correlation: float | None = None


def _estimator(check: Check, design: Design, response: Array) -> tuple[Any, float | None]:
    """How a check's loss is fitted, and Huber's k in nats."""
    if check.huber:
        k = threshold(dict(check.huber), design, response, check.delta)
        return partial(_huber, check, k), k
    return partial(_correlated, check), None


def _huber(
    check: Check, k: float, design: Design, response: Array, papers: Rows, warm: Array | None
) -> _Estimate:
    if check.estimator == "published":
        theta, value = solve_huber_published(design, response, check.delta, k)
        size = huber_subgradient(problem(design, response, check.delta), k, theta)
        return _Estimate(theta, value, size, theta[None, :])
    extra = {} if warm is None else {"warm": warm, "perturbed": REPLICATE_PERTURBED}
    fit = solve_huber(design, response, check.delta, k, **extra)  # type: ignore[arg-type]
    return _Estimate(fit.theta, fit.objective, fit.subgradient, fit.minima)


def _correlated(
    check: Check, design: Design, response: Array, papers: Rows, warm: Array | None
) -> _Estimate:
    if check.estimator == "published":
        theta, rho, value = solve_correlated_published(design, response, papers, check.delta)
        size = correlated_subgradient(design, response, papers, check.delta, theta, rho)
        return _Estimate(theta, value, size, theta[None, :], rho)
    extra = {} if warm is None else {"warm": warm, "perturbed": REPLICATE_PERTURBED}
    found = solve_correlated(design, response, papers, check.delta, **extra)  # type: ignore[arg-type]
    size = found.fit.subgradient if found.interior else float("inf")
    return _Estimate(
        found.fit.theta, found.fit.objective, size, found.fit.minima, found.correlation
    )


def _fitted_otherwise(
    check: Check, seen: Observations, design: Design, seed: int
) -> tuple[dict[str, Any], dict[str, float], pl.DataFrame | None]:
    """:func:`_fitted` for Huber's loss and for correlated errors."""
    estimate: Callable[..., _Estimate]
    estimate, k = _estimator(check, design, seen.response)
    whole = estimate(design, seen.response, seen.papers, None)
    row = {
        "objective": whole.objective,
        "subgradient": whole.subgradient,
        "converged": whole.subgradient <= CERTIFICATE,
        "huber_k": k,
        "correlation": whole.correlation,
    }
    draws = []
    for index, papers in _resampled(check, seen.papers, seed):
        found = estimate(design.rows(index), seen.response[index], papers, whole.minima)
        named = dict(zip(design.parameters, found.theta.tolist(), strict=True))
        draws.append({**named, "subgradient": found.subgradient})
    estimates = dict(zip(design.parameters, whole.theta.tolist(), strict=True))
    return row, estimates, pl.DataFrame(draws) if draws else None


def _resampled(check: Check, papers: Rows, seed: int) -> list[tuple[Rows, Rows]]:
    """Rows of each replicate and the paper of each; a paper drawn twice is two papers."""
    generator = np.random.RandomState(PUBLISHED_SEED)
    groups, found = int(papers.max()) + 1, []
    of_papers = check.resampling == "papers"
    units = papers if of_papers else np.arange(len(papers))
    members = [np.flatnonzero(units == unit) for unit in range(int(units.max()) + 1)]
    for replicate in range(check.replicates):
        if check.estimator == "published":
            drawn = generator.choice(len(members), len(members), replace=True)
        else:
            weights = replicate_weights(
                seed, check.variant, check.delta, replicate, papers, check.resampling
            )
            times = weights[[rows[0] for rows in members]].astype(int)
            drawn = np.repeat(np.arange(len(members)), times)
        index = np.concatenate([members[unit] for unit in drawn])
        place = np.repeat(np.arange(len(drawn)), [len(members[unit]) for unit in drawn])
        found.append((index, groups + place if of_papers else papers[index]))
    return found
