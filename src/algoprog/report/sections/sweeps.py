"""Controlled sweeps beside the record: a sensitivity, never the headline."""

from __future__ import annotations

from collections.abc import Iterator

from algoprog.report.figures import sweep_frontiers, sweep_gains, sweep_scale
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section

REJECTED = 0.01  # a p-value below which the record is said to reject a sweep's exponents
BEST = "best"


def sweeps(inputs: Inputs) -> Row | None:
    """Return laws, gains, totals, and what the record says of the sweeps' exponents."""
    laws = inputs.rows("sweep_laws")
    conflict = inputs.rows("sweep_conflict")
    if not laws or not conflict:
        return None
    tests = list(_tests(conflict))
    gains = inputs.rows("sweep_gains")
    totals = inputs.rows("sweep_totals")
    ours = [row for row in totals if row["worse_protocol"] != "printed"]
    months = [row["months"] for row in inputs.rows("sweep_scale") if row["law"] != "record"]
    return {
        "laws": laws,
        "tests": tests,
        "rejected": [row for row in tests if row["p"] < REJECTED],
        "fits": [row for row in inputs.rows("joint_fits") if row["kind"] != "joint"],
        "gains": gains,
        "inside": [row for row in gains if not row["extrapolated"]],
        "printed": next((row for row in totals if row["worse_protocol"] == "printed"), None),
        "totals": sorted(ours, key=lambda row: float(row["total"])),
        "scale": inputs.rows("sweep_scale"),
        "months": (min(months), max(months)) if months else None,
    }


def _tests(conflict: list[Row]) -> Iterator[Row]:
    """The deviance of imposing each sweep's exponents, by papers, beside that on large systems."""
    counted = [row for row in conflict if row["test"] == "imposing" and row["counted"] == "papers"]
    large = {row["sweep"]: row for row in counted if row["records"] == "large"}
    for row in counted:
        if row["records"] == "all" and row["irreducible"] == "own":
            yield row | {"large": large.get(row["sweep"])}


SECTION = Section(
    "sweeps",
    sweeps,
    (sweep_scale.FIGURE, sweep_frontiers.FIGURE, sweep_gains.FIGURE),
)
