"""Rows of the tables that describe versions, benchmarks, fits, growth and what is left out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from algoprog.capability.acceleration import acceleration_test
from algoprog.capability.bins import (
    fixed_compute_bins,
)
from algoprog.capability.catch_up import least_computes, levels_of
from algoprog.capability.compute import compute_sample, organisation_of, version_facts
from algoprog.capability.dates import day_of, years
from algoprog.capability.defects import Found
from algoprog.capability.errors import (
    SamplingErrors,
    capability_bars,
    difficulty_bars,
    sampling_errors,
)
from algoprog.capability.growth import back_tests, forecast
from algoprog.capability.index import INDEX_RULES, index_scale
from algoprog.capability.published import Published
from algoprog.capability.response import ResponseFit, ResponseModel, fit_response
from algoprog.capability.sample import SampleRules, make_sample

Row = dict[str, Any]
FORECAST_UNTIL = datetime.date(2028, 9, 1)


def known(value: float) -> float | None:
    """Return a number, and None for what is none."""
    return float(value) if np.isfinite(value) else None


def models_rows(p: Published, errors: SamplingErrors) -> Iterator[Row]:
    """Yield the versions of the fit, with errors and published bars."""
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


def benchmarks_rows(p: Published, errors: SamplingErrors) -> Iterator[Row]:
    """Yield the benchmarks of the fit."""
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


def fits_rows(found: Found, more: int) -> Iterator[Row]:
    """Yield the fits of stage 1 with their certificates."""
    p = found.published
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


def index_rows(p: Published) -> Iterator[Row]:
    """Yield the models of the index."""
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


def growth_rows(p: Published, break_draws: int) -> Iterator[Row]:
    """Yield growth, its break and the time horizon."""
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
    test = acceleration_test(p.all_dates, break_draws)
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


def forecast_rows(p: Published) -> Iterator[Row]:
    """Yield the frontier month by month."""
    start = day_of(float(p.dated.t.max())).replace(day=1)
    months = _months(start, FORECAST_UNTIL)
    made = forecast(p.dated.frontier_trend(), np.array([years(day) for day in months]))
    for i, day in enumerate(months):
        names = ("expected", "mean_low", "mean_high", "low", "high")
        yield {"date": day} | {name: float(getattr(made, name)[i]) for name in names}


def back_tests_rows(p: Published) -> Iterator[Row]:
    """Yield back-tests of the frontier’s line by quarter."""
    first = day_of(float(p.all_dates.t.min())).replace(day=1)
    last = day_of(float(p.all_dates.t.max())).replace(day=1)
    quarters = _months(first, last)[::3]
    for test in back_tests(p.all_dates, quarters):
        names = ("before", "after", "slope", "bias", "rmse", "within_mean", "within")
        yield {"cutoff": day_of(test.cutoff)} | {name: getattr(test, name) for name in names}


def least_compute_rows(p: Published) -> Iterator[Row]:
    """Yield records of least compute at levels of capability."""
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
                    "fall": known(found.fall),
                    "fall_error": known(found.error),
                }


def left_out_rows(p: Published, names: list[str]) -> Iterator[Row]:
    """Yield the scores that are in no pair."""
    lines = p.registers.scores["line"].to_list()
    places: Mapping[int, tuple[str, int]] = dict(enumerate(zip(names, lines, strict=True)))
    for row in p.main.left_out.iter_rows(named=True):
        source, line = places[row["row"]]
        rest = ("model_version", "benchmark", "score", "reason")
        yield {"source": source, "line": line} | {name: row[name] for name in rest}


def conflicts_rows(p: Published) -> Iterator[Row]:
    """Yield the pairs that have several scores."""
    pairs = p.fit.pairs
    for i in np.flatnonzero(pairs.count > 1):
        yield {
            "model_version": pairs.versions[pairs.version[i]],
            "benchmark": pairs.benchmarks[pairs.benchmark[i]],
            "count": int(pairs.count[i]),
            "used": float(pairs.score[i]),
            "spread": float(pairs.spread[i]),
        }
