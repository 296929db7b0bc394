"""Which choice drives the answer: the headline with one choice changed at a time.

What rests on a table that is not there is None, and ``missing`` names the target that makes it.
Sentences are the template's: here is which numbers they speak of.
"""

from __future__ import annotations

import polars as pl

from algoprog.common.intervals import doubling_months
from algoprog.report.checks import also_changed, label, rejected
from algoprog.report.figures import sensitivity as figure
from algoprog.report.growth import closed_form_rows
from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import REJECTED_ABOVE, ends_of, finite, loose
from algoprog.report.section import Section
from algoprog.robustness.names import HEADLINE

# The target that makes each table which the main job does not.
TARGETS = {
    "multiverse": "multiverse",
    "attribution": "multiverse",
    "model_average": "multiverse",
    "coverage": "coverage",
    "profiles": "coverage",
}
MOST_NAMED = 3


def sensitivity(inputs: Inputs) -> Row:
    """Return the checks, the best models' doubling times, and what is not there.

    ``missing`` holds the targets still to run, each with the tables it would make.
    """
    missing: dict[str, list[str]] = {}
    for table, target in TARGETS.items():
        if table not in inputs.tables:
            missing.setdefault(target, []).append(table)
    return {
        "headline": headline_row(inputs),
        "missing": missing,
        "checks": checks(inputs),
        "rivals": rivals(inputs),
    }


def headline_row(inputs: Inputs) -> Row:
    """Return the headline's analysis, with its row of `doubling_times` where there is one."""
    analysis = inputs.converged
    if "doubling_times" in inputs.tables:
        rows = closed_form_rows(inputs, analysis).filter(pl.col("quantity") == "compute")
        if rows.height:
            return rows.row(0, named=True)
    blank = dict.fromkeys(("point", "ci90_low", "ci90_high", "ci95_low", "ci95_high"))
    return blank | analysis.key


def checks(inputs: Inputs) -> Row | None:
    """Return which settings move growth most, how many have what, and all rows."""
    labels = inputs.settings.labels
    rows = [row | {"name": label(row, labels)} for row in inputs.rows("sensitivity")]
    if not rows:
        return None
    estimators = list(dict.fromkeys(row["estimator"] for row in rows))
    lead = "converged" if "converged" in estimators else estimators[0]
    leading = [row for row in rows if row["estimator"] == lead]
    headline = next((row for row in leading if row["check"] == HEADLINE), None)
    for row in rows:
        row["rejected"] = rejected(row, headline)
        row["also"] = also_changed(row, headline)
    apart = {_line(row): row for row in rows if row["estimator"] != lead}
    return {
        "rows": [{"row": row, "other": apart.get(_line(row))} for row in leading],
        "estimator": lead,
        "other": next((name for name in estimators if name != lead), None),
        "rejected_above": REJECTED_ABOVE,
        "systems": inputs.settings.sensitivity.systems,
        "headline": headline,
        **_changed([row for row in leading if row["check"] != HEADLINE]),
    }


def _line(row: Row) -> tuple[str, str, str | None]:
    return row["check"], row["setting"], row["benchmark"]


def _changed(rows: list[Row]) -> Row:
    """Return what the settings other than the headline's come to.

    Fits that the data reject, and settings that change more than one thing, say nothing of how far
    one choice moves the answer: they are counted and shown, but are not among the extremes.
    """
    known = [row for row in rows if finite(row["growth_point"])]
    alone = [row for row in known if not (row["rejected"] or row["also"])]
    moved = [row for row in alone if row["change_growth"]]
    return {
        "n": len({(r["check"], r["setting"]) for r in rows}),
        "checks": len({r["check"] for r in rows}),
        "without": len({(r["check"], r["setting"]) for r in rows if not finite(r["growth_point"])}),
        "fastest": max(alone, key=lambda r: r["growth_point"], default=None),
        "slowest": min(alone, key=lambda r: r["growth_point"], default=None),
        "rejected": [r for r in known if r["rejected"]],
        "several": [r for r in known if r["also"]],
        "most": sorted(moved, key=lambda r: -abs(r["change_growth"]))[:MOST_NAMED],
        "open": sum(finite(r["growth_ci95_low"]) and r["growth_ci95_low"] <= 0 for r in known),
        "lines": len(known),
        "shares": ends_of([r["compute_share"] for r in known]),
        "not_certified": [r for r in rows if r["converged"] is False],
    }


def rivals(inputs: Inputs) -> Row | None:
    """Return how little the best models differ in held-out error, and their doubling times."""
    scores, times = inputs.tables.get("cross_validation"), inputs.tables.get("doubling_times")
    settings, headline = inputs.settings, inputs.converged
    pool = settings.pools.get(settings.profiles.pool or "")
    if scores is None or times is None or pool is None:
        return None
    best = (
        scores.filter(
            pl.col("scheme") == pool.scheme,
            pl.col("sample") == headline.sample,
            pl.col("mse").is_not_null(),
        )
        .sort("mse", "variant", "delta")
        .head(pool.size)
    )
    if best.height < 2:
        return None
    points = times.filter(
        pl.col("quantity") == "compute",
        pl.col("definition") == "closed_form",
        pl.col("sample") == headline.sample,
        pl.col("estimator") == headline.estimator,
    ).unique(["variant", "delta", "benchmark"], keep="first", maintain_order=True)
    joined = best.select("variant", "delta").join(points, on=["variant", "delta"])
    growth = [g for g in joined["growth_point"] if finite(g)]
    fastest = float(doubling_months(max(growth))) if growth else None
    slowest = float(doubling_months(min(growth))) if growth else None
    return {
        "n": best.height,
        "spread": best["mse"][-1] / best["mse"][0] - 1,
        "fastest": fastest,
        "slowest": slowest,
        "loose": loose(fastest, slowest),
    }


SECTION = Section("sensitivity", sensitivity, (figure.FIGURE,))
