"""All result tables of capability across benchmarks from the registers and the settings."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from algoprog.capability import tables
from algoprog.capability.acceleration import acceleration_test
from algoprog.capability.bins import (
    distinct,
    fixed_capability_bins,
    fixed_compute_bins,
    mean_fall,
    searched_falls,
)
from algoprog.capability.bootstrap import CLUSTERS, QUANTITIES, SecondStage, bootstrap
from algoprog.capability.bootstrap import cluster_labels as labels_of
from algoprog.capability.catch_up import group_rates, least_computes, levels_of
from algoprog.capability.compute import compute_sample, organisation_of, version_facts
from algoprog.capability.coverage import HEADLINE, METHODS, Covered, World, coverage
from algoprog.capability.defects import TITLES, Found, sizes
from algoprog.capability.errors import (
    SamplingErrors,
    capability_bars,
    difficulty_bars,
    sampling_errors,
)
from algoprog.capability.growth import back_tests, day_of, forecast, years
from algoprog.capability.hierarchical import fit_hierarchical, strata
from algoprog.capability.identity import rate_with_k
from algoprog.capability.index import INDEX_RULES, index_scale
from algoprog.capability.influence import Rates, leave_out, ridge_path
from algoprog.capability.multiverse import Choices, attribution, multiverse
from algoprog.capability.published import Published, published_rows
from algoprog.capability.rates import (
    LN10,
    Rate,
    family_gains,
    joint_rate,
    pooled_rate_with_k,
    published_rates,
)
from algoprog.capability.records_of import Ties
from algoprog.capability.response import ResponseFit, ResponseModel, fit_response
from algoprog.capability.sample import SampleRules, make_sample
from algoprog.common.intervals import percentiles
from algoprog.tables.frames import frame_of

Row = dict[str, Any]
FORECAST_UNTIL = datetime.date(2028, 9, 1)
TIES: tuple[Ties, ...] = ("published", "best_first", "together")


@dataclass(frozen=True)
class Settings:
    """How much is simulated: bootstrap draws of each kind, data sets, draws of the break's test."""

    draws: int = 400
    data_sets: int = 200
    break_draws: int = 400
    starts: int = 8


def result_tables(
    source: Published, printed: list[dict[str, str]], settings: Settings, names: list[str]
) -> dict[str, pl.DataFrame]:
    """Return every table of the main job by name.

    Parameters
    ----------
    source : Published
        The registers, merged; what is computed of them is shared by the tables.
    printed : list of dict
        Of :func:`algoprog.capability.published.read_printed`.
    settings : Settings
        How much is simulated.
    names : list of str
        The source of each row of scores, in their order.
    """
    errors = sampling_errors(source.fit)
    left = tuple(leave_out(source.fit, source.compute, source.registers.versions))
    ridges = tuple(ridge_path(source.fit, source.registers.versions))
    joint = fit_hierarchical(strata(source.compute))
    world = World.of(source.fit, source.compute, joint, errors.effective_parameters)
    covered = coverage(world, range(settings.data_sets))
    found = Found(source, errors, left, ridges, covered)
    rows: dict[tables.Table, Iterator[Row]] = {
        tables.RATES: _rates(source),
        tables.IDENTITY: _identity(found),
        tables.MODELS: _models(source, errors),
        tables.BENCHMARKS: _benchmarks(source, errors),
        tables.FITS: _fits(found, settings),
        tables.INDEX: _index(source),
        tables.RESAMPLED: _resampled(source, settings),
        tables.COVERAGE: _coverage(covered),
        tables.GROWTH: _growth(source, settings),
        tables.FORECAST: _forecast(source),
        tables.BACK_TESTS: _back_tests(source),
        tables.LEAST_COMPUTE: _least_compute(source),
        tables.LEFT_OUT: _left_out(source, names),
        tables.CONFLICTS: _conflicts(source),
        tables.PUBLISHED: iter(published_rows(printed, source)),
        tables.DEFECTS: _defects(found),
    }
    return {table.name: frame_of(table, list(made)) for table, made in rows.items()}


def multiverse_tables(source: Published, choices: Choices | None = None) -> dict[str, pl.DataFrame]:
    """Return the multiverse and its attribution."""
    made = multiverse(source.registers, choices)
    shares = attribution(made)
    return {
        tables.MULTIVERSE.name: frame_of(tables.MULTIVERSE, made.to_dicts()),
        tables.ATTRIBUTION.name: frame_of(tables.ATTRIBUTION, shares.to_dicts()),
    }


def _rate_row(rate: Rate, distilled: str, ties: str, headline: bool = False) -> Row:
    return {
        "way": rate.way, "selection": rate.selection, "distilled": distilled, "ties": ties,
        "carried": rate.carried, "headline": headline, "n": rate.n, "k": _known(rate.k),
        "slope": _known(rate.slope), "r2": _known(rate.r2), "rate": rate.rate,
        "rate_low": rate.rate_low, "rate_high": rate.rate_high, "level": rate.level,
        "halving_years": rate.halving_years, "growth": rate.growth, "growth_low": rate.low,
        "growth_high": rate.high,
    }  # fmt: skip


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _rates(p: Published) -> Iterator[Row]:
    kept = compute_sample(p.fit, p.registers.versions, "kept")
    for ties in TIES:
        for rate in published_rates(p.compute, ties):
            if ties == "published" or rate.selection != "all":
                yield _rate_row(rate, "published", ties)
    for rate in published_rates(kept):
        yield _rate_row(rate, "kept", "published")
    yield from _fixed_capability(p)
    gains = family_gains(p.compute)
    ours = [
        rate_with_k(p.compute, gains, small_sample=False),
        rate_with_k(p.compute, gains, small_sample=True),
        joint_rate(p.compute, covariance=True),
        fit_hierarchical(strata(p.compute)).rate(),
    ]
    for rate in ours:
        yield _rate_row(rate, "published", "none")
    corrected = pooled_rate_with_k(p.compute, "together", corrected=True)
    row = _rate_row(corrected, "published", "together")
    yield row | {"carried": "trend and k, derivative and degrees corrected"}
    rows = strata(p.compute)
    yield _rate_row(fit_hierarchical(rows, restricted=True).rate(), "published", "none", True)
    for sample, distilled in ((p.compute, "published"), (kept, "kept")):
        for rate in group_rates(sample):
            row = _rate_row(rate, distilled, "together")
            yield row | {"way": "A by group"}


def _fixed_capability(p: Published) -> Iterator[Row]:
    """Yield ways F and F': means over bins and over choices of bins, which have no interval."""
    for ties in TIES:
        falls = distinct(fixed_capability_bins(p.compute, ties=ties))
        searched = searched_falls(p.compute, ties)
        for way, n, mean, what in (
            ("F", len(falls), mean_fall(falls), "bins of capability"),
            ("F′", len(searched), float(np.mean(searched)), "choices of bins"),
        ):
            growth = mean * LN10
            yield {
                "way": way, "selection": what, "distilled": "published", "ties": ties,
                "carried": "none", "headline": False, "n": n, "rate": float(np.exp(growth)),
                "halving_years": float(np.log(2) / growth), "growth": growth,
            }  # fmt: skip


def _identity_row(kind: str, unit: str, rates: Rates) -> Row:
    logs = (rates.published, rates.joint, rates.hierarchical)
    values = [_known(float(np.exp(value))) for value in logs]
    return {
        "kind": kind, "unit": unit, "n": rates.n, "s_c": rates.s_c, "s_f": rates.s_f,
        "k": _known(rates.k), "rate_published": values[0], "rate_joint": values[1],
        "rate_hierarchical": values[2],
    }  # fmt: skip


def _identity(found: Found) -> Iterator[Row]:
    p = found.published
    versions, pairs = p.registers.versions, p.fit.pairs
    yield _identity_row("none", "as published", Rates.of(p.compute))
    for ridge, _, rates in found.ridges:
        yield _identity_row("ridge", f"{ridge:g}", rates)
    changes = {
        ("guessing", "floor"): fit_response(pairs, ResponseModel(floor=True)),
        ("guessing", "rescaled"): fit_response(p.sample(SampleRules(rescaled=True)).pairs),
        ("score", "mean"): fit_response(p.sample(SampleRules(score="mean")).pairs),
        ("weights", "sampling errors"): fit_response(
            pairs, ResponseModel(weighting="sampling_error")
        ),
    }
    for (kind, unit), fit in changes.items():
        yield _identity_row(kind, unit, Rates.of(compute_sample(fit, versions)))
    kept = compute_sample(p.fit, versions, "kept")
    yield _identity_row("distilled", "kept", Rates.of(kept))
    for left in found.left_out:
        yield _identity_row(left.kind, left.unit, left.rates)


def _models(p: Published, errors: SamplingErrors) -> Iterator[Row]:
    facts = version_facts(p.registers.versions)
    clustered = sampling_errors(p.fit, p.fit.pairs.benchmark).capability
    down, up = capability_bars(p.fit)
    count = np.bincount(p.fit.pairs.version)
    inside = set(p.compute.version)
    frontier = {p.dated.version[i] for i in p.dated.frontier()}
    for i, name in enumerate(p.fit.pairs.versions):
        row = facts[name]
        yield {
            "model_version": name,
            "model": row["model"],
            "organisation": organisation_of(row["organisation"]) or None,
            "released": row["released"],
            "training_compute": row["training_compute"],
            "distilled": row["distilled_as_joined"] == 1,
            "in_rates": name in inside,
            "benchmarks": int(count[i]),
            "capability": float(p.fit.capability[i]),
            "standard_error": float(errors.capability[i]),
            "clustered_error": float(clustered[i]),
            "bar_down": float(down[i]),
            "bar_up": float(up[i]),
            "frontier": name in frontier,
        }


def _benchmarks(p: Published, errors: SamplingErrors) -> Iterator[Row]:
    known = {row["benchmark"]: row for row in p.registers.benchmarks.iter_rows(named=True)}
    pairs = p.fit.pairs
    down, up = difficulty_bars(p.fit)
    count = np.bincount(pairs.benchmark)
    square = np.bincount(pairs.benchmark, p.fit.residual**2)
    for b, name in enumerate(pairs.benchmarks):
        yield {
            "benchmark": name,
            "category": known[name]["category"],
            "released": known[name]["released"],
            "guessing": known[name]["guessing"],
            "versions": int(count[b]),
            "difficulty": float(p.fit.difficulty[b]),
            "standard_error": float(errors.difficulty[b]),
            "slope": float(p.fit.slope[b]),
            "slope_error": float(errors.slope[b]),
            "bar_down": float(down[b]),
            "bar_up": float(up[b]),
            "rmse": float(np.sqrt(square[b] / count[b])),
        }


def _fits(found: Found, settings: Settings) -> Iterator[Row]:
    p, more = found.published, settings.starts
    pairs = p.main.pairs
    index = make_sample(
        p.index_registers.scores,
        p.index_registers.versions,
        p.index_registers.benchmarks,
        INDEX_RULES,
    ).pairs
    fits: dict[str, ResponseFit] = {
        "published": fit_response(pairs, more_starts=more),
        "floor": fit_response(pairs, ResponseModel(floor=True), more_starts=more),
        "weighted": fit_response(
            pairs, ResponseModel(weighting="sampling_error"), more_starts=more
        ),
        "all_dates": fit_response(p.sample(SampleRules(since=None)).pairs, more_starts=more),
        "pooled (index)": fit_response(index, more_starts=more),
    }
    fits |= {f"ridge {ridge:g}": fit for ridge, fit, _ in found.ridges}
    for name, fit in fits.items():
        c = fit.certificate
        yield {
            "fit": name, "pairs": len(fit.pairs), "versions": len(fit.pairs.versions),
            "benchmarks": len(fit.pairs.benchmarks), "cost": fit.cost, "gradient": c.gradient,
            "iterations": c.iterations, "starts": c.starts, "agreeing": c.agreeing,
            "at_bounds": c.at_bounds, "converged": c.converged,
        }  # fmt: skip


def _index(p: Published) -> Iterator[Row]:
    r = p.index_registers
    sample = make_sample(r.scores, r.versions, r.benchmarks, INDEX_RULES)
    fit = fit_response(sample.pairs)
    scale, errors = index_scale(fit), sampling_errors(fit)
    models = version_facts(r.models)
    values = scale.of(fit.capability)
    for i, name in enumerate(fit.pairs.versions):
        yield {
            "model": name,
            "organisation": organisation_of(models[name]["organisation"]) or None,
            "released": models[name]["released"],
            "index": float(values[i]),
            "standard_error": float(scale.b * errors.capability[i]),
            "published": models[name]["index"],
        }


def _resampled(p: Published, settings: Settings) -> Iterator[Row]:
    labels = labels_of(p.fit, p.registers.versions)
    stage = SecondStage.of(p.compute, fit_hierarchical(strata(p.compute)).ratios)
    for clusters in CLUSTERS:
        draws = bootstrap(p.fit, stage, labels, clusters, range(settings.draws))
        for quantity in QUANTITIES:
            interval = percentiles(draws.of(quantity)).columns()
            row = {"clusters": clusters, "quantity": quantity, "unconverged": draws.unconverged}
            yield row | interval


def _coverage(covered: Covered) -> Iterator[Row]:
    for i, method in enumerate(METHODS):
        yield {
            "method": method,
            "headline": method == HEADLINE,
            "level": covered.level,
            "coverage": covered.share(method),
            "monte_carlo": covered.monte_carlo(method),
            "below": float(covered.below[:, i].mean()),
            "width": float(np.median(covered.width[:, i])),
            "data_sets": len(covered.holds),
        }


def _growth(p: Published, settings: Settings) -> Iterator[Row]:
    lines = {
        "trend of all versions": (p.dated.trend, "C a year"),
        "trend of the frontier": (p.dated.frontier_trend(), "C a year"),
        "trend of the frontier, all dates": (p.all_dates.frontier_trend(), "C a year"),
        "ln of METR’s horizon on capability": (p.horizon.every, "per C"),
        "ln of METR’s horizon on the logit of GPQA": (p.gpqa.every, "per logit"),
    }
    for name, (trend, unit) in lines.items():
        low, high = trend.interval()
        values = {"value": trend.slope, "low": low, "high": high}
        yield {"quantity": name, **values, "unit": unit, "n": trend.n}
    rises = [found.slope for found in fixed_compute_bins(p.compute)]
    yield {
        "quantity": "way G: median rise of capability in bins of compute",
        "value": float(np.median(rises)),
        "unit": "C a year",
        "n": len(rises),
    }
    test = acceleration_test(p.all_dates, settings.break_draws)
    made = {
        "break of the frontier: date": (test.found.at, "years"),
        "break of the frontier: slope before": (test.found.before, "C a year"),
        "break of the frontier: slope after": (test.found.after, "C a year"),
        "break of the frontier: ratio of slopes": (test.found.ratio, ""),
        "break of the frontier: R²": (test.found.r2, ""),
        "published rule of acceleration: false positives": (test.false_positives, ""),
        "test of acceleration: p": (test.p_value, ""),
    }
    for name, (value, unit) in made.items():
        yield {"quantity": name, "value": value, "unit": unit, "n": test.found.n}


def _months(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [
        datetime.date(first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1, 1)
        for i in range(count)
    ]


def _forecast(p: Published) -> Iterator[Row]:
    start = day_of(float(p.dated.t.max())).replace(day=1)
    months = _months(start, FORECAST_UNTIL)
    made = forecast(p.dated.frontier_trend(), np.array([years(day) for day in months]))
    for i, day in enumerate(months):
        names = ("expected", "mean_low", "mean_high", "low", "high")
        yield {"date": day} | {name: float(getattr(made, name)[i]) for name in names}


def _back_tests(p: Published) -> Iterator[Row]:
    first = day_of(float(p.all_dates.t.min())).replace(day=1)
    last = day_of(float(p.all_dates.t.max())).replace(day=1)
    quarters = _months(first, last)[::3]
    for test in back_tests(p.all_dates, quarters):
        names = ("before", "after", "slope", "bias", "rmse", "within_mean", "within")
        yield {"cutoff": day_of(test.cutoff)} | {name: getattr(test, name) for name in names}


def _least_compute(p: Published) -> Iterator[Row]:
    kept = compute_sample(p.fit, p.registers.versions, "kept")
    for sample, distilled in ((p.compute, "published"), (kept, "kept")):
        for found in least_computes(sample, tuple(levels_of(sample).tolist())):
            for i, name in enumerate(found.versions):
                yield {
                    "capability": found.capability,
                    "distilled": distilled,
                    "model_version": name,
                    "date": float(found.t[i]),
                    "log10_compute": float(found.log10_compute[i]),
                    "fall": _known(found.fall),
                    "fall_error": _known(found.error),
                }


def _left_out(p: Published, names: list[str]) -> Iterator[Row]:
    lines = p.registers.scores["line"].to_list()
    places: Mapping[int, tuple[str, int]] = dict(enumerate(zip(names, lines, strict=True)))
    for row in p.main.left_out.iter_rows(named=True):
        source, line = places[row["row"]]
        rest = ("model_version", "benchmark", "score", "reason")
        yield {"source": source, "line": line} | {name: row[name] for name in rest}


def _conflicts(p: Published) -> Iterator[Row]:
    pairs = p.fit.pairs
    for i in np.flatnonzero(pairs.count > 1):
        yield {
            "model_version": pairs.versions[pairs.version[i]],
            "benchmark": pairs.benchmarks[pairs.benchmark[i]],
            "count": int(pairs.count[i]),
            "used": float(pairs.score[i]),
            "spread": float(pairs.spread[i]),
        }


def _defects(found: Found) -> Iterator[Row]:
    for size in sizes(found):
        yield {
            "defect": size.defect,
            "title": TITLES[size.defect],
            "quantity": size.quantity,
            "unit": size.unit or None,
            "with_defect": size.with_defect,
            "without_defect": size.without_defect,
        }
