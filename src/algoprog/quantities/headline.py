"""The headline: the doubling time of algorithmic progress, in a sentence for each estimator."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from algoprog.common.rows import Row
from algoprog.quantities.closed_form import compute_rows

_LEAD = {
    "converged": "The compute needed for the same language-modelling performance halves",
    "published": "By the published procedure it halves",
}
_RESAMPLED = {"rows": "rows", "papers": "whole papers"}


def headline_text(
    doubling_times: pl.DataFrame,
    intervals: pl.DataFrame,
    headline: Mapping[str, str],
    analyses: Mapping[str, Row],
    baseline: str,
) -> str:
    """What the bootstrap analyses that `headline` names say: the answer and its basis, a line each.

    Parameters
    ----------
    doubling_times : the table ``doubling_times``.
    intervals : the table ``headline_interval``, whose interval the first sentence quotes.
    headline : name of the analysis of each estimator.
    analyses : the configuration's bootstrap analyses.
    baseline : the benchmark that is quoted where progress differs between them.
    """
    lines = []
    for estimator in ("converged", "published"):
        analysis = analyses[headline[estimator]]
        rows = {one["benchmark"]: one for one in compute_rows(doubling_times, analysis).to_dicts()}
        row = rows.get("all") or rows.get(baseline) or next(iter(rows.values()), None)
        fitted = f"{analysis['variant']}, {estimator} estimator"
        if row is None:
            lines.append(f"{_LEAD[estimator]} at a rate with no closed form ({fitted}).")
            continue
        percentiles = f"{_months(row['ci95_low'])} to {_months(row['ci95_high'])}"
        quoted, kind, draws = percentiles, "", f"median {_months(row['median'])} months, "
        found = quoted_interval(intervals, row)
        if found:
            quoted = f"{_months(found['low'])} to {_months(found['high'])}"
            kind = (
                f"; the interval is of doubling times whose fit is at most "
                f"{100 * found['critical_loss']:.1f} % worse"
            )
            draws += f"95 % of them {percentiles}, "
        on = "" if row["benchmark"] == "all" else f" on {row['benchmark']}"
        lines.append(
            f"{_LEAD[estimator]}{on} every {_months(row['point'])} months (95 % interval {quoted})."
        )
        lines.append(
            f"{fitted}{kind}; {row['n_draws']} draws of {_RESAMPLED[str(analysis['resampling'])]}: "
            f"{draws}{100 * row['share_nonpositive']:.1f} % without progress."
        )
    return "\n".join(lines) + "\n"


def quoted_interval(intervals: pl.DataFrame, row: Row, level: int = 95) -> dict[str, Any] | None:
    """The row of `headline_interval` that is quoted instead of the percentiles of a row.

    None where the percentiles are: that of another model or estimator has no other interval.
    """
    own = intervals.filter(
        *(pl.col(key) == row[key] for key in ("sample", "variant", "delta", "benchmark")),
        pl.col("level") == level,
        pl.col("method") == "profile",
    )
    return own.row(0, named=True) if row["estimator"] == "converged" and own.height else None


def _months(months: float | None) -> str:
    if months is None:
        return "beyond the profile"
    return "∞" if math.isinf(months) else f"{months:.1f}"
