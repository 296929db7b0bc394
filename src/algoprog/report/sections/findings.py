"""What the converged analysis changes: the paper's findings, each by both analyses.

Sentences are the template's: here is which numbers they speak of, and whether what they say holds.
"""

from __future__ import annotations

import math

from algoprog.quantities.headline import quoted_interval
from algoprog.report.inputs import ESTIMATORS, Inputs, Row
from algoprog.report.reading import agreeing, end, first_agreeing, on_baseline, within
from algoprog.report.section import Section
from algoprog.report.sections.doubling import pool_rows
from algoprog.report.sections.shapley import shapley
from algoprog.report.settings import ANALYSIS, Analysis

# The change of pace the paper asks about is that after the first transformers.
CLAIMED_YEAR = 2017
# Medians within these bounds (months) are of one order of magnitude: months to about a year.
ORDER_OF_MAGNITUDE = (1.0, 15.0)
CHANGE = {"era": "change", "definition": "closed_form", "quantity": "compute"}
EFFICIENCIES = ("parameter_efficiency", "data_efficiency")


def findings(inputs: Inputs) -> Row | None:
    """Return what the page says in words, each None where a number it needs is not there."""
    rows = {
        "doubling": doubling_finding(inputs),
        "share": share_finding(inputs),
        "transformer": transformer_finding(inputs),
        "acceleration": acceleration_finding(inputs),
    }
    return rows if any(rows.values()) else None


# ---- doubling time


def doubling_finding(inputs: Inputs) -> Row | None:
    """Return both headlines' doubling times, the pools', and what all have in common.

    In closed form, or by optimal scaling where one of the two has none. ``quoted`` is the interval
    that the headline has instead of the draws' (of the table `headline_interval`).
    """
    closed, scaling = (_both(inputs, name) for name in ("closed_form", "optimal_scaling"))
    both = closed or scaling
    if both is None:
        return None
    published, converged = both
    intervals = inputs.tables.get("headline_interval")
    widths = [row["growth_ci95_high"] - row["growth_ci95_low"] for row in both]
    return {
        "definition": "closed_form" if closed else "optimal_scaling",
        "published": published,
        "converged": converged,
        "quoted": quoted_interval(intervals, converged)
        if closed and intervals is not None
        else None,
        "scaling": dict(zip(ESTIMATORS, scaling, strict=True)) if closed and scaling else None,
        "published_within": within(published["growth_point"], converged, "growth_"),
        "converged_within": within(converged["growth_point"], published, "growth_"),
        "wider": widths[1] / widths[0] if widths[0] > 0 and math.isfinite(widths[1]) else None,
        **_in_common(inputs, published, converged),
    }


def _both(inputs: Inputs, definition: str) -> tuple[Row, Row] | None:
    """Return the published and the converged headline's rows; None unless both have draws."""
    published, converged = (
        _drawn(inputs, analysis, definition) for analysis in inputs.headlines.values()
    )
    return None if published is None or converged is None else (published, converged)


def _drawn(inputs: Inputs, analysis: Analysis, definition: str) -> Row | None:
    """Return an analysis' row of compute that has draws; on the baseline if there are several."""
    key = analysis.key | {"definition": definition, "quantity": "compute"}
    rows = [row for row in agreeing(inputs.rows("doubling_times"), key) if row["n_draws"]]
    return on_baseline(rows, inputs.settings.baseline)[0] if rows else None


def _in_common(inputs: Inputs, published: Row, converged: Row) -> Row:
    """Return the pools, and the range of the medians of all distributions."""
    pools = [row for row in pool_rows(inputs) if row["median"] is not None]
    pools.sort(key=lambda row: (not row["pool"].startswith("top"), row["estimator"] == "converged"))
    pooled = [row for row in pools if row["estimator"] == "converged"]
    medians = [row["median"] for row in (published, converged, *pools)]
    return {
        "pools": pools,
        "lowest": min(medians),
        "highest": max(medians),
        "same_order": ORDER_OF_MAGNITUDE[0] <= min(medians)
        and max(medians) <= ORDER_OF_MAGNITUDE[1],
        "about_a_year": ORDER_OF_MAGNITUDE[1],
        "slowest": max(row["ci95_high"] for row in (converged, *pooled)),
        "progress": [1 - row["share_nonpositive"] for row in pooled],
    }


# ---- shares


def share_finding(inputs: Inputs) -> Row | None:
    """Return compute's share in the fall of loss to the newest system, and to all others."""
    section = shapley(inputs)
    if section is None:
        return None
    last = section["rows"][-1]
    if not all(_known(last, name) for name in ESTIMATORS):
        return None
    converged = [row for row in section["rows"] if _known(row, "converged")]
    shares = [row["converged"]["compute"]["share"] for row in converged]
    low, high = min(shares), max(shares)
    return {
        "first": section["first"],
        "newest": last["system"],
        "published": last["published"]["compute"],
        "converged": last["converged"]["compute"],
        "systems": len(converged),
        "lowest": (low, converged[shares.index(low)]["system"]),
        "highest": (high, converged[shares.index(high)]["system"]),
        "majority": sum(end(row["converged"]["compute"], "low") > 0.5 for row in converged),
        "undetermined": [
            (label, last["converged"][name])
            for name, label in section["factors"].items()
            if name in EFFICIENCIES and within(0.0, last["converged"][name], "")
        ],
    }


def _known(row: Row, estimator: str) -> bool:
    return bool(row[estimator]) and row[estimator]["compute"]["share"] is not None


# ---- transformer


def transformer_finding(inputs: Inputs) -> Row | None:
    """Return gains at the largest compute in both forms, and over the other models."""
    table = inputs.rows("transformer")
    if not table:
        return None
    compute = max(row["compute"] for row in table)
    at = [row for row in table if row["compute"] == compute]
    gains = {
        f"{name}_{form}": first_agreeing(at, analysis.key | {"form": form})
        for name, analysis in inputs.headlines.items()
        for form in ("multiplier", "factor")
    }
    if gains["converged_multiplier"] is None:
        return None
    model = inputs.converged.key
    others = [
        row["gain"]
        for row in agreeing(at, {"form": "multiplier", "estimator": "converged"})
        if row["gain"] is not None and any(row[column] != model[column] for column in ANALYSIS)
    ]
    factor = gains["converged_factor"]
    return {
        **gains,
        "compute": compute,
        "none_within": None if factor is None else within(1.0, factor, "gain_"),
        "others": len(others),
        "lowest": min(others, default=None),
        "highest": max(others, default=None),
    }


# ---- acceleration


def acceleration_finding(inputs: Inputs) -> Row | None:
    """Return the change of growth in compute at the claimed year, and how many splits show one."""
    changes = agreeing(inputs.rows("era_split"), CHANGE)
    if not changes:
        return None
    changes = on_baseline(changes, inputs.settings.baseline)
    claimed = {
        f"{name}_{form}": first_agreeing(
            changes, analysis.key | {"year": CLAIMED_YEAR, "form": form}
        )
        for name, analysis in inputs.headlines.items()
        for form in ("jump", "kink")
    }
    converged = [claimed["converged_jump"], claimed["converged_kink"]]
    if converged == [None, None]:
        return None
    splits = agreeing(changes, inputs.converged.key)
    return {
        **claimed,
        "year": CLAIMED_YEAR,
        "benchmark": changes[0]["benchmark"],
        "splits": len(splits),
        "above": sum(end(row, "low", "growth_") > 0 for row in splits),
        "established": [end(row, "low", "growth_") > 0 for row in converged if row],
    }


SECTION = Section("findings", findings)
