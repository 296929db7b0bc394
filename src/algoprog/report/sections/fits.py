"""Every fit with its certificate, and where the published procedure stops early."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from algoprog.common.intervals import doubling_months
from algoprog.report.growth import compute_growth
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.settings import Analysis

ROW = ("source", "source_row", "benchmark")
# A fit is said to stop above the minimum if its objective is higher by more than this share.
ABOVE_MINIMUM = 1e-3
# What is told of the minimum of a published fit's objective, each as minimum_<name>.
_MINIMUM = ("sample", "objective", "r2", "subgradient", "converged", "n_starts", "n_at_best")


def fits(inputs: Inputs) -> Row:
    """Return a table of fits for each delta, certificates, and the early stop."""
    pairs = paired_fits(inputs)
    return {
        "tables": fit_tables(inputs, pairs),
        "certificates": certificates(inputs.tables["fits"]),
        "early_stop": early_stop(inputs, pairs),
        "apart": set(pairs["minimum_sample"]) != {inputs.converged.sample},
    }


def certificates(table: pl.DataFrame) -> Row:
    """Return how many converged fits there are and are certified, and the largest certificate."""
    converged = table.filter(pl.col("estimator") == "converged")
    certified = converged.filter(pl.col("converged"))
    return {
        "fits": converged.height,
        "certified": certified.height,
        "largest": certified["subgradient"].max(),
    }


def paired_fits(inputs: Inputs) -> pl.DataFrame:
    """Return published fits with the converged fit of the same rows, response, variant and delta.

    Adds ``minimum_sample``, the objective and certificate of that fit (``minimum_...``) and
    ``excess``, by which share the published objective is above the minimum.
    """
    same: dict[Any, str] = {}
    first = {
        name: same.setdefault(tuple(rows.select(ROW).iter_rows()), name)
        for name, rows in inputs.samples.items()
    }
    keys = ["rows", "variant", "delta", "response"]
    every = inputs.tables["fits"].with_columns(rows=pl.col("sample").replace(first))
    minima = (
        every.filter(pl.col("estimator") == "converged")
        .select(*keys, *(pl.col(name).alias(f"minimum_{name}") for name in _MINIMUM))
        .unique(keys, keep="first", maintain_order=True)
    )
    return (
        every.filter(pl.col("estimator") == "published")
        .join(minima, on=keys, how="inner", maintain_order="left")
        .with_columns(excess=pl.col("objective") / pl.col("minimum_objective") - 1)
    )


def early_stop(inputs: Inputs, pairs: pl.DataFrame) -> Row | None:
    """Return the published fit beside the minimum of the same objective; None without it.

    ``above`` of ``fits`` fits of the published estimator end above the minimum.
    """
    published = inputs.published
    pair = pairs.filter(
        *(pl.col(name) == published.key[name] for name in ("sample", "variant", "delta"))
    )
    if pair.is_empty():
        return None
    row = pair.row(0, named=True)
    minimum = replace(published, sample=row["minimum_sample"], estimator="converged")
    return {
        **row,
        "months": {one.estimator: _months(inputs, one) for one in (published, minimum)},
        "above": pairs.filter(pl.col("excess") > ABOVE_MINIMUM).height,
        "fits": pairs.height,
        "threshold": ABOVE_MINIMUM,
        "largest_excess": pairs["excess"].max(),
    }


def _months(inputs: Inputs, analysis: Analysis) -> float | None:
    """Return the doubling time of a fit; None where it has no closed form."""
    names = ("sample", "variant", "delta", "estimator")
    rows = inputs.tables["parameters"].filter(
        *(pl.col(name) == analysis.key[name] for name in names)
    )
    estimates = pl.DataFrame(dict(rows.select("term", "estimate").iter_rows()))
    growth = compute_growth(inputs, analysis, estimates)
    first = next(iter(growth.values()), np.array([np.nan]))
    return float(doubling_months(first)[0]) if np.isfinite(first[0]) else None


def fit_tables(inputs: Inputs, pairs: pl.DataFrame) -> list[Row]:
    """Return the fit table of each delta: variants as rows, with their fits by role.

    Roles: ``published`` (of the published analysis' sample), ``pair`` (the minimum of its
    objective), ``headline`` (of the headline's sample and response). A role that was not fitted is
    None.
    """
    every = inputs.tables["fits"]
    published, headline = inputs.published.sample, inputs.converged.sample
    tables = []
    for delta in inputs.settings.deltas:
        rows = []
        for variant in every["variant"].unique(maintain_order=True):
            here = (pl.col("variant") == variant, pl.col("delta") == delta)
            row = {
                "variant": variant,
                "published": _only(every, published, "published", *here),
                "headline": _only(every, headline, "converged", *here),
                "pair": _only(pairs, published, "published", *here),
            }
            fitted = row["headline"] or row["published"]
            if fitted:
                rows.append({**row, "p": fitted["p"]})
        tables.append({"delta": delta, "open": delta == inputs.converged.delta, "rows": rows})
    return tables


def _only(table: pl.DataFrame, sample: str, estimator: str, *where: pl.Expr) -> Row | None:
    rows = table.filter(pl.col("sample") == sample, pl.col("estimator") == estimator, *where)
    return rows.row(0, named=True) if rows.height else None


SECTION = Section("fits", fits)
