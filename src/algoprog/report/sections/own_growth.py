"""Growth where the records are, beside the closed form that extrapolates; and who predicts best."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from algoprog.common.numbers import large
from algoprog.report.figures import compute_splits, local_growth
from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import (
    REJECTED_ABOVE,
    agreeing,
    ends_of,
    finite,
    first_agreeing,
    worse,
)
from algoprog.report.section import Section
from algoprog.report.splits import LARGE, optimal_splits, record_splits
from algoprog.report.words import BASELINES, DIRECTIONS, model
from algoprog.robustness.names import UNPENALISED

EVERYWHERE = {"benchmark": "all", "period": "all"}
FIT = ("sample", "delta", "estimator")


def own_growth(inputs: Inputs) -> Row | None:
    """Return growth at the records' own allocation, and what the page sets beside it."""
    lead = leading(inputs)
    if lead is None:
        return None
    rows = agreeing(inputs.rows("own_allocation"), inputs.converged.key)
    alike = agreeing(rows, {"direction": "alike"})
    by_direction = {row["direction"]: row for row in agreeing(rows, EVERYWHERE)}
    return {
        "lead": lead,
        "beside": first_agreeing(
            inputs.rows("headline_interval"),
            {name: inputs.converged.key[name] for name in ("sample", "variant", "delta")}
            | {"definition": "own_allocation", "method": UNPENALISED, "level": 95},
        ),
        "directions": [(DIRECTIONS[name], by_direction[name]) for name in DIRECTIONS
                       if name in by_direction],
        "by": by_direction,
        "benchmarks": [row for row in alike if row["benchmark"] != "all"],
        "sizes": [(_size(row), row)
                  for row in agreeing(inputs.rows("growth_by_size"), inputs.converged.key)],
        "periods": [row for row in alike if row["period"] != "all"],
        "spread": spread(inputs),
        "split": split(inputs),
        "hold_out": hold_out(inputs),
    }  # fmt: skip


def _size(row: Row) -> str:
    """Return what systems of a class of sizes are called."""
    low, high = row["parameters_from"], row["parameters_to"]
    if not low:
        return f"systems of fewer than {large(high)} parameters"
    if not isfinite(high):
        return f"systems of {large(low)} parameters or more"
    return f"systems of {large(low)} to {large(high)} parameters"


def leading(inputs: Inputs) -> Row | None:
    """Return the headline's own-allocation growth: all records, N and D scaled alike."""
    key = inputs.converged.key | EVERYWHERE | {"direction": "alike"}
    row = first_agreeing(inputs.rows("own_allocation"), key)
    return row if row and finite(row["growth_point"]) else None


def spread(inputs: Inputs) -> Row:
    """Return how far both definitions move between the laws, at the headline's δ and at every δ.

    Each is None, or the fastest and the slowest finite doubling time (months) over ``n`` laws.
    Fits that the data reject are left out and named in ``rejected``: (law, δ) in order.
    """
    own = agreeing(inputs.rows("own_allocation"), EVERYWHERE | {"direction": "alike"})
    closed = agreeing(
        inputs.rows("doubling_times"), {"definition": "closed_form", "quantity": "compute"}
    )
    out = rejected(inputs)
    key = {name: inputs.converged.key[name] for name in FIT}
    every = {name: value for name, value in key.items() if name != "delta"}
    return {
        "own": _ends(agreeing(own, key), out),
        "outer": _outer(agreeing(own, key), out, inputs),
        "own_every": _ends(agreeing(own, every), out),
        "closed": _ends(agreeing(closed, key), out),
        "closed_every": _ends(agreeing(closed, every), out),
        "rejected": sorted({one for one in out if one[0] in {row["variant"] for row in own}}),
        "rejected_above": REJECTED_ABOVE,
    }


def rejected(inputs: Inputs) -> set[tuple[str, float]]:
    """Return the fits (law, δ) on the headline's sample that its records reject.

    Their mean squared error is more than :data:`algoprog.report.reading.REJECTED_ABOVE` above
    the headline's law's at the same δ, or above it at the headline's δ where that is not fitted.
    """
    key = {name: inputs.converged.key[name] for name in ("sample", "estimator")}
    rows = agreeing(inputs.rows("fits"), key)
    lead = {row["delta"]: row["mse"] for row in rows if row["variant"] == inputs.converged.variant}
    fallback = lead.get(inputs.converged.delta)
    return {
        (row["variant"], row["delta"])
        for row in rows
        if worse(row["mse"], lead.get(row["delta"], fallback))
    }


def _ends(rows: Sequence[Row], out: set[tuple[str, float]]) -> Row | None:
    kept = [row for row in rows if (row["variant"], row["delta"]) not in out]
    ends = ends_of([row["point"] for row in kept])
    if ends is None:
        return None
    laws = {row["variant"] for row in kept if finite(row["point"])}
    return {"fastest": ends[0], "slowest": ends[1], "n": len(laws)}


def _outer(rows: Sequence[Row], out: set[tuple[str, float]], inputs: Inputs) -> Row | None:
    """Return the fastest and the slowest law and what the others give; None for under four laws.

    ``others`` are other local minima of the two laws, of the table `minima`.
    """
    kept = sorted(
        (row for row in rows if (row["variant"], row["delta"]) not in out and finite(row["point"])),
        key=lambda row: float(row["point"]),
    )
    laws = list({row["variant"]: row for row in kept}.values())
    if len(laws) < 4:
        return None
    ends = laws[0], laws[-1]
    found = []
    for end in ends:
        key = {name: end[name] for name in ("sample", "variant", "delta")}
        minima = agreeing(inputs.rows("minima"), key)
        found += [row for row in minima if row["minimum"] > 1 and finite(row["own_allocation"])]
    return {
        "fastest": ends[0],
        "slowest": ends[1],
        "low": laws[1]["point"],
        "high": laws[-2]["point"],
        "others": found,
    }


def split(inputs: Inputs) -> Row | None:
    """Return the headline law's optimal tokens per parameter at large compute, and the records'.

    The records are those with at least :data:`LARGE` FLOP.
    """
    optima = optimal_splits(inputs).to_dicts()
    best = first_agreeing(optima, {"variant": inputs.converged.variant, "compute": LARGE})
    ratios = [
        row["tokens_per_parameter"]
        for row in record_splits(inputs).to_dicts()
        if row["compute"] >= LARGE
    ]
    if best is None or not ratios:
        return None
    low, high = min(ratios), max(ratios)
    optimum = best["tokens_per_parameter"]
    return {
        "compute": LARGE,
        "year": inputs.settings.optimal_scaling.year,
        "optimum": optimum,
        "low": low,
        "high": high,
        "records": len(ratios),
        "within": low <= optimum <= high,
    }


def hold_out(inputs: Inputs) -> Row | None:
    """Return the headline's errors out of time by year of the cut, and who beats it.

    ``beaten`` lists, of each least-squares baseline, the years in which its error is less than
    the headline's law's at the headline's δ; the most frequent winner is first.
    """
    key = {"estimator": inputs.converged.estimator}
    rows = [row for row in agreeing(inputs.rows("temporal_hold_out"), key)
            if row["delta"] in {None, inputs.converged.delta}]  # fmt: skip
    cutoffs = sorted({row["cutoff"] for row in rows})
    by_model: dict[str, dict[int, Row]] = {}
    for row in rows:
        by_model.setdefault(row["model"], {})[row["cutoff"]] = row
    lead = by_model.get(inputs.converged.variant)
    if not cutoffs or lead is None:
        return None
    beaten = []
    for name, cells in by_model.items():
        years = [year for year in cutoffs if _better(cells.get(year), lead.get(year))]
        if name in BASELINES and name != "mean" and years:
            beaten.append({"name": model(name), "years": years})
    beaten.sort(key=lambda one: -len(one["years"]))
    none = by_model.get("m16", {})
    return {
        "cutoffs": cutoffs,
        "beaten": beaten,
        "lead": lead,
        "without": {year: none[year] for year in cutoffs if year in none},
        "better_than_none": [y for y in cutoffs if _better(lead.get(y), none.get(y))],
    }


def _better(one: Row | None, other: Row | None) -> bool:
    """Return whether one error is less than another; not where one of them is missing."""
    if one is None or other is None or not (finite(one["rmse"]) and finite(other["rmse"])):
        return False
    return bool(one["rmse"] < other["rmse"])


SECTION = Section(
    "own_growth",
    own_growth,
    (local_growth.FIGURE, compute_splits.FIGURE),
)
