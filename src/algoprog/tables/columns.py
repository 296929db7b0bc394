"""Columns that many tables have: what a name means wherever nothing else is said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from algoprog.common.levels import LEVELS
from algoprog.tables.declaration import Column

Columns = tuple[Column, ...]

FIT = ("sample", "variant", "delta", "estimator")
ANALYSIS = (*FIT, "resampling")

_COMMON = {
    column.name: column
    for column in (
        Column("sample", "text", "", "name of the sample, of `samples` in the configuration"),
        Column("variant", "text", "", "name of the model, of `variants` in the configuration"),
        Column("delta", "number", "", "weight δ of the penalty on the sum of absolute parameters"),
        Column(
            *("estimator", "text", ""),
            "`converged` (minimum of the objective) or `published` (the paper’s procedure)",
        ),
        Column(
            *("resampling", "text", ""),
            "what a bootstrap draws: `papers` (whole ones) or `rows`; `none` without draws",
        ),
        Column(
            *("response", "text", ""),
            "perplexity explained: each row’s `own`, or the system’s `first_available`",
        ),
        Column("benchmark", "text", "", "test set (wt103, wt2, ptb, …)"),
        Column("system", "text", "", "name of the system"),
        Column("n", "integer", "", "rows fitted"),
        Column("papers", "integer", "", "papers these rows are from"),
        Column("p", "integer", "", "parameters of the model"),
        Column("objective", "number", "nats²", "mean squared residual plus penalty"),
        Column("mse", "number", "nats²", "mean squared residual"),
        Column("r2", "number", "", "1 − mean squared error / variance of the response"),
        Column(
            *("subgradient", "number", ""),
            "size of the smallest subgradient at the estimate, relative; certified to 1e-8",
        ),
        Column("converged", "truth", "", "whether the estimate has its certificate"),
        Column("n_starts", "integer", "", "starts of the solver"),
        Column("n_at_best", "integer", "", "starts that reached the best value"),
        Column(
            *("not_identified", "text", ""),
            "parameters that the rows do not determine, comma-separated; blank if none",
        ),
        Column(
            *("share_draws_converged", "number", ""),
            "share of the draws whose fit has its certificate",
        ),
        Column("reason", "text", "", "why there is no number; blank where there is one"),
        Column(
            *("point", "number", "months"),
            "doubling time at the estimate; inf where growth is not positive",
        ),
        Column(
            *("growth_point", "number", "per year"),
            "growth of effective compute at the estimate",
        ),
    )
}
# The benchmark of a doubling time, which most variants have in common.
EVERY_BENCHMARK = Column(
    "benchmark", "text", "", "test set; `all` where growth is the same on each"
)


def common(*names: str) -> Columns:
    """Return the columns of these `names`, in this order, with their usual meaning."""
    return tuple(_COMMON[name] for name in names)


def ends(of: str, unit: str = "", prefix: str = "") -> Columns:
    """Return the median and the interval ends of draws; `of` says of what."""
    found = [Column(f"{prefix}median", "number", unit, f"median of the draws of {of}")]
    for level in LEVELS:
        for end, side in (("low", "lower"), ("high", "upper")):
            text = f"{side} end of the {level} % interval of {of}"
            found.append(Column(f"{prefix}ci{level}_{end}", "number", unit, text))
    return tuple(found)


def interval(
    of: str, unit: str = "", nonpositive: str = "share of the draws that are not positive"
) -> Columns:
    """Return the ends of an interval with the number of draws and the share at or below zero."""
    return (
        *ends(of, unit),
        Column("n_draws", "integer", "", "draws"),
        Column("share_nonpositive", "number", "", nonpositive),
    )


def months_interval() -> Columns:
    """Return the interval of a doubling time."""
    return interval("the doubling time", "months", "share of the draws without progress")


def growth_ends() -> Columns:
    """Return the ends of the interval of growth, which has no pole."""
    return ends("growth", "per year", "growth_")


def doubling() -> Columns:
    """Return the interval of a doubling time, growth at the estimate and the interval of growth."""
    share = "share of the draws without progress (growth ≤ 0)"
    months = interval("the doubling time", "months", share)
    return (*months, *common("growth_point"), *growth_ends())


def reworded(columns: Iterable[Column], **meanings: str) -> Columns:
    """Return `columns` with other meanings of those that are named.

    Raises
    ------
    KeyError
        for a name that is not among them.
    """
    given = tuple(columns)
    unknown = meanings.keys() - {column.name for column in given}
    if unknown:
        raise KeyError(f"no such columns: {', '.join(sorted(unknown))}")
    return tuple(
        replace(column, meaning=meanings.get(column.name, column.meaning)) for column in given
    )
