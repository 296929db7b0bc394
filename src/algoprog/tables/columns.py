"""Columns that many tables have: what a name means wherever nothing else is said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from algoprog.common.levels import LEVELS
from algoprog.tables.declaration import Column

Columns = tuple[Column, ...]

FIT = ("sample", "variant", "delta", "estimator")
ANALYSIS = (*FIT, "resampling")


def text(name: str, meaning: str) -> Column:
    """Return a column of text."""
    return Column(name, "text", "", meaning)


def integer(name: str, meaning: str, unit: str = "") -> Column:
    """Return a column of whole numbers in this `unit`."""
    return Column(name, "integer", unit, meaning)


def number(name: str, meaning: str, unit: str = "") -> Column:
    """Return a column of numbers of double precision in this `unit`."""
    return Column(name, "number", unit, meaning)


def truth(name: str, meaning: str) -> Column:
    """Return a column of true and false."""
    return Column(name, "truth", "", meaning)


def date(name: str, meaning: str) -> Column:
    """Return a column of dates."""
    return Column(name, "date", "", meaning)


_COMMON = {
    column.name: column
    for column in (
        text("sample", "name of the sample, of `samples` in the configuration"),
        text("variant", "name of the model, of `variants` in the configuration (m01 … m20)"),
        number("delta", "weight δ of the penalty on the sum of absolute parameters"),
        text(
            "estimator",
            "`converged` (minimum of the objective) or `published` (the paper’s procedure)",
        ),
        text(
            "resampling",
            "what a bootstrap draws: `papers` (whole ones) or `rows`; `none` without draws",
        ),
        text(
            "response", "perplexity explained: each row’s `own`, or the system’s `first_available`"
        ),
        text("benchmark", "test set (wt103, wt2, ptb, …)"),
        text("system", "name of the system"),
        integer("n", "rows fitted"),
        integer("papers", "papers these rows are from"),
        integer("p", "parameters of the model"),
        number("objective", "mean squared residual plus penalty at the estimate", "nats²"),
        number("mse", "mean squared residual", "nats²"),
        number("r2", "1 − mean squared error / variance of the response"),
        number(
            "subgradient",
            "size of the smallest subgradient at the estimate, relative; certified to 1e-8",
        ),
        truth("converged", "whether the estimate has its certificate"),
        integer("n_starts", "starts of the solver"),
        integer("n_at_best", "starts that reached the best value"),
        text(
            "not_identified",
            "parameters that the rows do not determine, comma-separated; blank if none",
        ),
        number("share_draws_converged", "share of the draws whose fit has its certificate"),
        text("reason", "why there is no number; blank where there is one"),
        number(
            "point", "doubling time at the estimate; inf where growth is not positive", "months"
        ),
        number("growth_point", "growth of effective compute at the estimate", "per year"),
    )
}
# The benchmark of a doubling time, which most variants have in common.
EVERY_BENCHMARK = text("benchmark", "test set; `all` where growth is the same on each")


def common(*names: str) -> Columns:
    """Return the columns of these `names`, in this order, with their usual meaning."""
    return tuple(_COMMON[name] for name in names)


def ends(of: str, unit: str = "", prefix: str = "") -> Columns:
    """Return the median and the interval ends of draws; `of` says of what."""
    found = [number(f"{prefix}median", f"median of the draws of {of}", unit)]
    for level in LEVELS:
        for end, side in (("low", "lower"), ("high", "upper")):
            meaning = f"{side} end of the {level} % interval of {of}"
            found.append(number(f"{prefix}ci{level}_{end}", meaning, unit))
    return tuple(found)


def interval(
    of: str, unit: str = "", nonpositive: str = "share of the draws that are not positive"
) -> Columns:
    """Return the ends of an interval with the number of draws and the share at or below zero."""
    return (
        *ends(of, unit),
        integer("n_draws", "draws"),
        number("share_nonpositive", nonpositive),
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
