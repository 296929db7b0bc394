"""Every combination of choices."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from algoprog.common.intervals import doubling_months
from algoprog.report.figures import specification_curve as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.specification import headline_specification
from algoprog.report.words import LEVELS

QUARTILES = (0.25, 0.5, 0.75)


def multiverse(inputs: Inputs) -> Row:
    """Return how growth is spread over specifications; ``n`` is 0 where there are none."""
    table = inputs.tables.get("multiverse")
    if table is None or table.is_empty():
        return {"n": 0, "spread": {}}
    fits = figure.distinct_fits(table)
    names = list(inputs.settings.multiverse.choices)
    statuses = _statuses(inputs)
    of = {"all": fits}
    if "estimator" in names:
        of |= {
            name: fits.filter(pl.col("estimator") == name)
            for name in ("converged", "published")
            if (fits["estimator"] == name).any()
        }
    return {
        "n": table.height,
        "choices": {LEVELS.get(name, name): table[name].n_unique() for name in names},
        "statuses": statuses,
        "counted": sum(total["n"] for total in statuses.values()),
        "coinciding": int(table["same_as"].count()),
        "spread": {name: _spread(rows) for name, rows in of.items() if rows.height},
        "place": _place(table, fits, headline_specification(inputs)),
        "intervals": _redrawn(inputs),
    }


def _statuses(inputs: Inputs) -> dict[str, Row]:
    """Return what came of the specifications, the most frequent reason first."""
    statuses: dict[str, Row] = {}
    for row in inputs.rows("multiverse_account"):
        total = statuses.setdefault(row["status"], {"n": 0, "n_coinciding": 0, "reasons": []})
        total["n"] += row["n"]
        total["n_coinciding"] += row["n_coinciding"]
        if row["reason"]:
            total["reasons"].append((row["reason"], row["n"]))
    for total in statuses.values():
        total["reasons"].sort(key=lambda reason: -reason[1])
    return statuses


def _place(table: pl.DataFrame, fits: pl.DataFrame, headline: str | None) -> float | None:
    """Return which share of the specifications shows slower progress than the headline's."""
    named = table.filter(pl.col("id") == headline)
    if named.is_empty():
        return None
    fitted = fits.filter(pl.col("id") == (named["same_as"][0] or named["id"][0]))
    return float(fitted["share"][0]) if fitted.height else None


def _spread(rows: pl.DataFrame) -> Row:
    """Return quartiles of the doubling time over specifications, and the share without progress."""
    growth = rows["growth"].to_numpy()
    low, middle, high = np.quantile(growth, QUARTILES, method="nearest")
    shares: Any = rows["compute_share"].drop_nulls().to_numpy()
    return {
        "n": len(growth),
        "median": float(doubling_months(middle)),
        "fast": float(doubling_months(high)),
        "slow": float(doubling_months(low)),
        "nonpositive": float(np.mean(growth <= 0)),
        "shares": [float(x) for x in np.quantile(shares, QUARTILES)] if len(shares) else None,
    }


def _redrawn(inputs: Inputs) -> Row | None:
    """Return how many of the specifications that were drawn again hold no progress."""
    intervals = inputs.tables.get("multiverse_intervals")
    if intervals is None:
        return None
    known = intervals.filter(pl.col("growth_ci95_low").is_not_null())
    if known.is_empty():
        return None
    return {
        "replicates": inputs.settings.multiverse.bootstrap.replicates,
        "resampling": inputs.settings.multiverse.bootstrap.resampling,
        "n": known.height,
        "open": float((known["growth_ci95_low"] <= 0).mean()),  # type: ignore[arg-type]
    }


SECTION = Section("multiverse", multiverse, (figure.FIGURE,))
