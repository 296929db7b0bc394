"""Numbers that the published analysis printed, beside ours by the published procedure.

How many digits were printed decides how closely ours must agree. A number whose procedure cannot be
repeated from the registers is *not determined*.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.capability.acceleration import best_break
from algoprog.capability.bins import (
    distinct,
    fixed_capability_bins,
    fixed_compute_bins,
    mean_fall,
    searched_falls,
)
from algoprog.capability.compute import ComputeSample, compute_sample
from algoprog.capability.dates import day_of
from algoprog.capability.growth import Dated, back_test
from algoprog.capability.horizons import (
    Horizons,
    benchmark_horizons,
    capability_horizons,
    published_labels,
)
from algoprog.capability.index import INDEX_RULES, Index, index_scale
from algoprog.capability.lines import line, regress
from algoprog.capability.rates import (
    LN10,
    FamilyGain,
    Rate,
    family_gains,
    joint_rate,
    mean_gain,
    pooled_gain,
    published_rates,
    residual_records,
    trend_rate,
)
from algoprog.capability.registers import Registers
from algoprog.capability.response import ResponseFit, ResponseModel, fit_response
from algoprog.capability.sample import Sample, SampleRules, make_sample
from algoprog.common.errors import InputError
from algoprog.common.register import read_register

Array = NDArray[np.float64]
Parts = tuple[float, ...]  # a value, or a value and the ends of its interval

COLUMNS = ("id", "section", "quantity", "value", "low", "high", "level", "unit", "note")
EXACT_RELATIVE, CLOSE_RELATIVE = 1e-5, 1e-2
ANCHORED = {"claude-2.0": 1.177630, "claude-3-opus-20240229": 1.311554}
CUT = datetime.date(2024, 7, 1)
VALIDATION = datetime.date(2024, 9, 1)
PRINTED_BREAK = datetime.date(2024, 5, 13)


@dataclass(frozen=True)
class Published:
    """Everything the printed numbers were made from, computed when it is first asked for."""

    registers: Registers
    index_registers: Registers
    horizons: pl.DataFrame

    def sample(self, rules: SampleRules) -> Sample:
        """Return the sample of some rules."""
        r = self.registers
        return make_sample(r.scores, r.versions, r.benchmarks, rules)

    @cached_property
    def main(self) -> Sample:
        """Return the published sample."""
        return self.sample(SampleRules())

    @cached_property
    def fit(self) -> ResponseFit:
        """Return the published fit."""
        return fit_response(self.main.pairs)

    @cached_property
    def compute(self) -> ComputeSample:
        """Return the sample of stage 2."""
        return compute_sample(self.fit, self.registers.versions)

    @cached_property
    def dated(self) -> Dated:
        """Return the dated capabilities."""
        return Dated.of(self.fit, self.main.versions["released"].to_list())

    @cached_property
    def all_dates(self) -> Dated:
        """Return the dated capabilities of the fit without the limit of dates."""
        sample = self.sample(SampleRules(since=None))
        return Dated.of(fit_response(sample.pairs), sample.versions["released"].to_list())

    @cached_property
    def gains(self) -> dict[str, FamilyGain]:
        """Return k of each published family."""
        return {gain.family: gain for gain in family_gains(self.compute)}

    @cached_property
    def rates(self) -> dict[str, Rate]:
        """Return the published rates by way."""
        return {rate.way: rate for rate in published_rates(self.compute)}

    @cached_property
    def horizon(self) -> Horizons:
        """Return the time horizon against capability."""
        return capability_horizons(self.fit, self.horizons)

    @cached_property
    def gpqa(self) -> Horizons:
        """Return the time horizon against the logit of GPQA."""
        found = benchmark_horizons(
            self.fit,
            self.horizons,
            "GPQA diamond",
            published_labels(self.fit, self.registers.scores),
        )
        if found is None:
            raise KeyError("GPQA diamond")
        return found

    @cached_property
    def index(self) -> Index:
        """Return the scale of the index."""
        r = self.index_registers
        sample = make_sample(r.scores, r.versions, r.benchmarks, INDEX_RULES)
        return index_scale(fit_response(sample.pairs))

    def on(self, benchmark: str) -> Array:
        """Return the residuals of a benchmark's pairs."""
        at = self.fit.pairs.benchmark == self.fit.pairs.position(benchmark)
        return np.asarray(self.fit.residual[at])


def _times(rate: Rate) -> Parts:
    return rate.rate, rate.rate_low, rate.rate_high


def _frontier_of_b(p: Published, level: float) -> Parts:
    k = mean_gain(tuple(p.gains.values()))
    index = residual_records(p.compute, k, "published")
    return _times(trend_rate(p.compute, k, index, "C", "records of b", level))


def _slope(rate: Rate) -> Parts:
    return rate.slope, rate.low * rate.k, rate.high * rate.k


def _oom(rate: Rate) -> Parts:
    return rate.growth / LN10, rate.low / LN10, rate.high / LN10


def _joint(p: Published, what: str) -> Parts:
    fit = regress(p.compute.capability, p.compute.ln_compute / LN10, p.compute.t - 2023)
    n, square = fit.n, float(fit.residual @ fit.residual)
    likelihood = -0.5 * n * (np.log(2 * np.pi * square / n) + 1)
    found = {
        "a": fit.coefficients[1],
        "a_se": fit.errors[1],
        "b_se": fit.errors[2],
        "r2": fit.r2,
        "F": fit.r2 / 2 / ((1 - fit.r2) / (n - 3)),
        "aic": 6 - 2 * likelihood,
        "resid_sd": np.sqrt(square / (n - 1)),
        "resid_max": fit.residual.max(),
    }
    return (float(found[what]),)


def _residuals(p: Published, what: str) -> Parts:
    from scipy import stats

    y = p.dated.capability - p.dated.trend.at(p.dated.t)
    if what == "skew":
        return (float(stats.skew(y)),)
    if what == "sd":
        return (float(y.std(ddof=1)),)
    if what == "sw_p":
        return (float(stats.shapiro(y).pvalue),)
    if what == "ad":
        order, n = np.sort((y - y.mean()) / y.std(ddof=1)), len(y)
        i = np.arange(1, n + 1)
        parts = stats.norm.logcdf(order) + stats.norm.logsf(order[::-1])
        return (float(-n - ((2 * i - 1) * parts).sum() / n),)
    found = stats.kstest((y - y.mean()) / y.std(ddof=0), stats.norm.cdf)
    return (float(found.statistic if what == "ks" else found.pvalue),)


def _counts(p: Published) -> dict[str, Parts]:
    rows = {
        "rows_4_all": SampleRules(since=None),
        "rows_4_dated": SampleRules(),
        "rows_2_all": SampleRules(least_benchmarks=2, since=None),
        "rows_2_dated": SampleRules(least_benchmarks=2),
    }
    everything = p.sample(SampleRules(since=None)).pairs
    cut = p.sample(SampleRules(since=None, before=CUT, benchmarks_before=CUT)).pairs
    pairs = p.main.pairs
    claude = pairs.versions.index("claude-3-7-sonnet-20250219")
    counts = {name: p.sample(rules).rows for name, rules in rows.items()} | {
        "rows_all_dates": len(everything),
        "models": len(pairs.versions),
        "gpqa_models": int((pairs.benchmark == pairs.position("GPQA diamond")).sum()),
        "claude37_benchmarks": int((pairs.version == claude).sum()),
        "models_all_dates": len(everything.versions),
        "benchmarks_all_dates": len(everything.benchmarks),
        "cut_models": len(cut.versions),
        "cut_benchmarks": len(cut.benchmarks),
    }
    return {name: (float(count),) for name, count in counts.items()}


def _first_stage(p: Published) -> dict[str, Parts]:
    two = fit_response(p.sample(SampleRules(least_benchmarks=2)).pairs)
    free = fit_response(p.main.pairs, ResponseModel(ridge=0.0), more_starts=2)
    n, square = len(free.pairs), 2 * free.cost
    parameters = len(free.capability) + 2 * len(free.difficulty) - 2
    return {
        "cost": (p.fit.cost,),
        "cost_2": (two.cost,),
        "mae_swe-bench": (float(np.abs(p.on("SWE-Bench verified")).mean()),),
        "rmse_geobench": (float(np.sqrt((p.on("GeoBench") ** 2).mean())),),
        "anchor_models_cost": (fit_response(p.main.pairs, fixed=ANCHORED).cost,),
        "cv_sigmoid_aic": (n * np.log(square / n) + 2 * parameters,),
    }


def _growths(p: Published) -> dict[str, Parts]:
    frontier, everything = p.dated.frontier_trend(), p.all_dates.frontier_trend()
    test = back_test(p.dated, VALIDATION)
    index = p.all_dates.frontier()
    found = best_break(p.all_dates.t[index], p.all_dates.capability[index])
    half = 1.96 * everything.slope_error
    made: dict[str, Parts] = {
        "trend_all": (p.dated.trend.slope,),
        "frontier_trend": (frontier.slope,),
        "frontier_r2": (frontier.r2,),
        "frontier_all_dates": (everything.slope, everything.slope - half, everything.slope + half),
        "frontier_all_dates_r2": (everything.r2,),
        "break_date": (float((day_of(found.at) - PRINTED_BREAK).days),),
        "break_before": (found.before,),
        "break_ratio": (found.ratio,),
        "break_r2": (found.r2,),
    }
    if test is not None:
        made |= {"valid_rmse": (test.rmse,), "valid_r2": (test.r2,)}
    for what in ("sd", "skew", "ks", "ks_p", "sw_p", "ad"):
        made[f"resid_{what}"] = _residuals(p, what)
    for name, found_horizon in (("metr", p.horizon), ("metr_gpqa", p.gpqa)):
        made[f"{name}_slope"] = (found_horizon.split.slope,)
        made[f"{name}_intercept"] = (found_horizon.split.intercept,)
        for half_name in ("train", "test"):
            score = getattr(found_horizon, half_name)
            for what in ("r2", "rmse", "mae", "r"):
                made[f"{name}_{what}_{half_name}"] = (getattr(score, what),)
    return made


def _progress(p: Published) -> dict[str, Parts]:
    z, A, everyone = p.compute, p.rates["A"], pooled_gain(p.compute)
    trend = line(z.t, z.capability - A.k * z.ln_compute)
    falls, rises = fixed_capability_bins(z), fixed_compute_bins(z)
    slopes = [found.slope for found in rises]
    fall = {round(found.low, 1): found.slope for found in falls}
    rise = {round(found.low, 1): found.slope for found in rises}
    made: dict[str, Parts] = {
        "compute_min": (float(np.exp(z.ln_compute.min())),),
        "compute_max": (float(np.exp(z.ln_compute.max())),),
        "cap_max": (float(z.capability.max()),),
        "k_mean": (A.k,),
        "all_slope": (trend.slope, *trend.interval()),
        "all_se": (trend.slope_error,),
        "all_p": (trend.p_value * 1e13,),
        "all_rate": _times(A),
        "all_halving": (A.halving_years,),
        "bfront_n": (float(p.rates["C"].n),),
        "bfront_rate": _times(p.rates["C"]),
        "bfront_rate_90": _frontier_of_b(p, 0.90),
        "k_all_se": (everyone.slope_error,),
        "k_all_r2": (everyone.r2,),
        "anyk_rate": _times(p.rates["D"]),
        "anyk_full": _times(p.rates["E"]),
        "bucket_c_mean": (mean_fall(falls),),
        "search_mean": (float(np.mean(searched_falls(z))),),
        "fig12a": (fall.get(1.7, np.nan),),
        "bucket_f_median": (float(np.median(slopes)), min(slopes), max(slopes)),
        "fig12b": (rise.get(24.4, np.nan),),
        "ols_rate_90": _oom(joint_rate(z, 0.90)),
        "ols_factor": (p.rates["H"].rate,),
        "eci_a": (p.index.a,),
        "eci_b": (p.index.b,),
        "bucket_c_count": (float(len(distinct(falls))),),
    }
    for name, family in (("llama", "LLaMA"), ("llama2", "LLaMA 2"), ("llama31", "LLaMA 3.1")):
        gain, rate = p.gains[family], p.rates[f"B {family}"]
        made |= {
            f"k_{name}": (gain.k,),
            f"k_{name}_r2": (gain.r2,),
            f"cap_{name}_slope": _slope(rate),
            f"cap_{name}_r2": (rate.r2,),
        }
    for what in ("a", "a_se", "b_se", "r2", "F", "aic", "resid_sd", "resid_max"):
        made[f"ols_{what}"] = _joint(p, what)
    return made


STEPS: tuple[Callable[[Published], dict[str, Parts]], ...] = (
    _counts,
    _first_stage,
    _growths,
    _progress,
)


def read_printed(content: bytes, where: str = "capability_published.csv") -> list[dict[str, str]]:
    """Return the printed numbers, each cell as it is printed.

    Raises
    ------
    InputError
        for another header, an id that repeats, and a row without a number.
    """
    register = read_register(content, where)
    register.check_header(COLUMNS)
    rows: list[dict[str, str]] = []
    seen = set()
    for one in register.lines:
        row, place = dict(one.cells), f"line {one.number}"
        if not row["id"] or row["id"] in seen:
            raise InputError(where, f"{place}, id", row["id"], "give each row an id of its own")
        seen.add(row["id"])
        for name in ("value", "low", "high"):
            try:
                number = float(row[name] or "0")
            except ValueError:
                number = np.nan
            if not np.isfinite(number) or (name == "value" and not row[name]):
                raise InputError(where, f"{place}, {name}", row[name], "give a number")
        rows.append(row)
    return rows


def agreement(printed: str, ours: float) -> str:
    """Return exact (to the printed digits, or to five), close (within one per cent), or differs."""
    value = float(printed)
    half = 0.5 * 10.0 ** int(Decimal(printed).as_tuple().exponent)
    off = abs(ours - value)
    if off <= half * (1 + 1e-6) or off <= EXACT_RELATIVE * abs(value):
        return "exact"
    return "close" if off <= CLOSE_RELATIVE * abs(value) else "differs"


def published_rows(printed: list[dict[str, str]], source: Published) -> list[dict[str, Any]]:
    """Return a row for each printed number with ours and a verdict, the worst of its parts."""
    ours: Mapping[str, Parts] = {k: v for step in STEPS for k, v in step(source).items()}
    rows = []
    for line_ in printed:
        row: dict[str, Any] = {name: line_[name] or None for name in ("id", "section", "quantity")}
        row |= {"unit": line_["unit"] or None, "note": line_["note"] or None}
        row["level"] = float(line_["level"]) if line_["level"] else None
        verdicts = []
        found = ours.get(line_["id"], ())
        for i, (name, part) in enumerate((("", "value"), ("_low", "low"), ("_high", "high"))):
            row[f"published{name}"] = float(line_[part]) if line_[part] else None
            mine = found[i] if i < len(found) else None
            row[f"ours{name}"] = mine if line_[part] else None
            if line_[part] and mine is not None:
                verdicts.append(agreement(line_[part], mine))
        order = ("exact", "close", "differs")
        row["verdict"] = max(verdicts, key=order.index) if verdicts else "not determined"
        rows.append(row)
    return rows
