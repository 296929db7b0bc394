"""The headline: the doubling time of algorithmic progress, a statement for each estimator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from algoprog.common.numbers import months
from algoprog.common.rows import Plain, Row
from algoprog.quantities.closed_form import compute_rows

_LEAD = {
    "converged": "The compute needed for the same language-modelling performance halves",
    "published": "By the published procedure it halves",
}
# What is resampled, in words.
RESAMPLED = {"rows": "rows", "papers": "whole papers"}


@dataclass(frozen=True)
class Statement:
    """What an analysis says: its answer, and what the answer rests on, a sentence each."""

    answer: str
    basis: str = ""


@dataclass(frozen=True)
class Headline:
    """What a run ends with: a statement for each estimator."""

    statements: tuple[Statement, ...]

    @property
    def text(self) -> str:
        """The sentences, a line each."""
        sentences = (part for one in self.statements for part in (one.answer, one.basis) if part)
        return "".join(f"{sentence}\n" for sentence in sentences)


def headline(
    doubling_times: pl.DataFrame,
    intervals: pl.DataFrame,
    headline: Mapping[str, str],
    analyses: Mapping[str, Row],
    baseline: str,
) -> Headline:
    """Return what the bootstrap analyses that `headline` names say.

    Parameters
    ----------
    doubling_times : the table ``doubling_times``.
    intervals : the table ``headline_interval``, whose interval the first sentence quotes.
    headline : name of the analysis of each estimator.
    analyses : the configuration's bootstrap analyses.
    baseline : the benchmark that is quoted where progress differs between benchmarks.
    """
    statements = []
    for estimator in ("converged", "published"):
        analysis = analyses[headline[estimator]]
        by_benchmark = {
            row["benchmark"]: row for row in compute_rows(doubling_times, analysis).to_dicts()
        }
        row = by_benchmark.get("all") or by_benchmark.get(baseline)
        row = row or next(iter(by_benchmark.values()), None)
        model = f"{analysis['variant']}, {estimator} estimator"
        if row is None:
            answer = f"{_LEAD[estimator]} at a rate with no closed form ({model})."
            statements.append(Statement(answer))
        else:
            statements.append(
                _statement(row, intervals, model, RESAMPLED[str(analysis["resampling"])])
            )
    return Headline(tuple(statements))


def _statement(row: Plain, intervals: pl.DataFrame, model: str, resampled: str) -> Statement:
    percentiles = f"{_months(row['ci95_low'])} to {_months(row['ci95_high'])}"
    quoted, kind, draws = percentiles, "", f"median {_months(row['median'])} months, "
    other = quoted_interval(intervals, row)
    if other:
        quoted = f"{_months(other['low'])} to {_months(other['high'])}"
        kind = (
            f"; the interval is of doubling times whose fit is at most "
            f"{100 * other['critical_loss']:.1f} % worse"
        )
        draws += f"95 % of them {percentiles}, "
    on = "" if row["benchmark"] == "all" else f" on {row['benchmark']}"
    return Statement(
        f"{_LEAD[row['estimator']]}{on} every {_months(row['point'])} months "
        f"(95 % interval {quoted}).",
        f"{model}{kind}; {row['n_draws']} draws of {resampled}: "
        f"{draws}{100 * row['share_nonpositive']:.1f} % without progress.",
    )


def quoted_interval(intervals: pl.DataFrame, row: Plain, level: int = 95) -> dict[str, Any] | None:
    """Return the row of `headline_interval` that is quoted instead of the percentiles of a row.

    None where the percentiles are quoted: another model or estimator has no other interval.
    """
    profiled = intervals.filter(
        *(pl.col(key) == row[key] for key in ("sample", "variant", "delta", "benchmark")),
        pl.col("level") == level,
        pl.col("method") == "profile",
    )
    converged = row["estimator"] == "converged" and profiled.height
    return profiled.row(0, named=True) if converged else None


def _months(value: float | None) -> str:
    return "beyond the profile" if value is None else months(value)
