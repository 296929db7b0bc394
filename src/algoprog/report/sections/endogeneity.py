"""How strong unobserved quality would have to be, and compute that follows it."""

from __future__ import annotations

from collections.abc import Sequence

from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section

TREATMENTS = {
    "compute": "compute, given the date",
    "parameters": "parameters, given data and date",
    "data": "data, given parameters and date",
    "date": "the date, given parameters and data",
}


def endogeneity(inputs: Inputs) -> Row | None:
    """Return bounds of unobserved quality and simulated bias; None without the tables.

    ``weakest`` is, by target, the treatment along which the weakest quality does it to the
    headline's law; ``strongest`` the observed covariate that would move growth most; ``laws`` has
    the bounds of each law by treatment, ``simulated`` the bias by correlation.
    """
    rows = inputs.rows("endogeneity")
    if not rows:
        return None
    headline = inputs.converged.variant
    ours = [row for row in rows if row["variant"] == headline]
    return {
        "variant": headline,
        "weakest": {target: _weakest(ours, target) for target in ("half", "none")},
        "strongest": _strongest(inputs, headline),
        "laws": _laws(rows, headline),
        "treatments": TREATMENTS,
        "simulated": _simulated(inputs, headline),
    }


def _weakest(rows: Sequence[Row], target: str) -> Row | None:
    known = [row for row in rows if row["target"] == target and row["robustness_value"] is not None]
    return min(known, key=lambda row: row["robustness_value"], default=None)


def _strongest(inputs: Inputs, headline: str) -> Row | None:
    """Return the covariate of the headline's law with the widest range of growth."""
    known = [
        row
        for row in inputs.rows("endogeneity_covariates")
        if row["variant"] == headline and row["growth_low"] is not None
    ]
    return max(known, key=lambda row: row["growth_high"] - row["growth_low"], default=None)


def _laws(rows: Sequence[Row], headline: str) -> list[Row]:
    """Return each law with the values of its treatments by target, the headline's first."""
    found: dict[str, Row] = {}
    for row in rows:
        law = found.setdefault(
            row["variant"], {"variant": row["variant"], "point": None, "treatments": {}}
        )
        law["point"] = law["point"] or row["point"]
        law["treatments"].setdefault(row["treatment"], {})[row["target"]] = row
    return sorted(found.values(), key=lambda law: (law["variant"] != headline, law["variant"]))


def _simulated(inputs: Inputs, headline: str) -> Row | None:
    """Return simulated growth of the headline's law where the records are, by correlation."""
    rows = [
        row
        for row in inputs.rows("endogenous_compute")
        if row["variant"] == headline and row["definition"] == "own_allocation"
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: row["correlation"])
    return {"rows": rows, "first": rows[0], "last": rows[-1]}


SECTION = Section("endogeneity", endogeneity, ())
