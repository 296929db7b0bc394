"""All result tables of capability across benchmarks from the registers and the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from algoprog.capability import description as rows_of
from algoprog.capability import tables
from algoprog.capability.bins import (
    distinct,
    fixed_capability_bins,
    mean_fall,
    searched_falls,
)
from algoprog.capability.bootstrap import CLUSTERS, QUANTITIES, SecondStage, bootstrap
from algoprog.capability.bootstrap import cluster_labels as labels_of
from algoprog.capability.catch_up import group_rates
from algoprog.capability.compute import compute_sample
from algoprog.capability.coverage import HEADLINE, METHODS, Covered, World, coverage
from algoprog.capability.defects import TITLES, Found, sizes
from algoprog.capability.description import Row, known
from algoprog.capability.errors import (
    sampling_errors,
)
from algoprog.capability.hierarchical import fit_hierarchical, strata
from algoprog.capability.identity import rate_with_k
from algoprog.capability.influence import Rates, leave_out, ridge_path
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
from algoprog.capability.response import ResponseModel, fit_response
from algoprog.capability.sample import SampleRules
from algoprog.common.intervals import percentiles
from algoprog.tables.declaration import Table
from algoprog.tables.frames import frame_of

_TEXTS, _ENDS = ("section", "quantity", "unit", "note", "verdict"), ("", "_low", "_high")
# Columns of what the audit's tables are given, by the name of the table.
AUDITED: dict[str, dict[str, type[pl.DataType]]] = {
    "reproduction": {
        **dict.fromkeys(("id", *_TEXTS), pl.String),
        **dict.fromkeys(("level", *(f"published{end}" for end in _ENDS)), pl.Float64),
        **dict.fromkeys((f"ours{end}" for end in _ENDS), pl.Float64),
    },
    "defects": {
        "defect": pl.Int64,
        **dict.fromkeys(("title", "quantity", "unit"), pl.String),
        **dict.fromkeys(("with_defect", "without_defect"), pl.Float64),
    },
}
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
    """Return every table of the main job, and what the audit's tables are given, by name.

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
    rows: dict[Table, Iterator[Row]] = {
        tables.RATES: _rates(source),
        tables.IDENTITY: _identity(found),
        tables.MODELS: rows_of.models_rows(source, errors),
        tables.BENCHMARKS: rows_of.benchmarks_rows(source, errors),
        tables.FITS: rows_of.fits_rows(found, settings.starts),
        tables.INDEX: rows_of.index_rows(source),
        tables.RESAMPLED: _resampled(source, settings),
        tables.COVERAGE: _coverage(covered),
        tables.GROWTH: rows_of.growth_rows(source, settings.break_draws),
        tables.FORECAST: rows_of.forecast_rows(source),
        tables.BACK_TESTS: rows_of.back_tests_rows(source),
        tables.LEAST_COMPUTE: rows_of.least_compute_rows(source),
        tables.LEFT_OUT: rows_of.left_out_rows(source, names),
        tables.CONFLICTS: rows_of.conflicts_rows(source),
    }
    made = {table.name: frame_of(table, list(some)) for table, some in rows.items()}
    audited = {"reproduction": published_rows(printed, source), "defects": list(_defects(found))}
    return made | {name: pl.DataFrame(some, AUDITED[name]) for name, some in audited.items()}


def _rate_row(rate: Rate, distilled: str, ties: str, headline: bool = False) -> Row:
    return {
        "way": rate.way, "selection": rate.selection, "distilled": distilled, "ties": ties,
        "carried": rate.carried, "headline": headline, "n": rate.n, "k": known(rate.k),
        "slope": known(rate.slope), "r2": known(rate.r2), "rate": rate.rate,
        "rate_low": rate.rate_low, "rate_high": rate.rate_high, "level": rate.level,
        "halving_years": rate.halving_years, "growth": rate.growth, "growth_low": rate.low,
        "growth_high": rate.high,
    }  # fmt: skip


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
    values = [known(float(np.exp(value))) for value in logs]
    return {
        "kind": kind, "unit": unit, "n": rates.n, "s_c": rates.s_c, "s_f": rates.s_f,
        "k": known(rates.k), "rate_published": values[0], "rate_joint": values[1],
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
