"""Growth of effective compute before and after a year, and its change."""

from __future__ import annotations

from typing import Any

from algoprog.report.figures import eras as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.settings import ANALYSIS

ERAS = ("before", "after", "change")


def eras(inputs: Inputs) -> Row | None:
    """Return doubling times before and after each year, and the change, by analysis and form."""
    lines: dict[tuple[Any, ...], Row] = {}
    for row in inputs.rows("era_split"):
        if row["quantity"] == "compute" and row["definition"] == "closed_form":
            key = (*(row[c] for c in ANALYSIS), row["form"], row["year"], row["benchmark"])
            lines.setdefault(key, {**row})[row["era"]] = row
    if not lines:
        return None
    rows = sorted(
        lines.values(), key=lambda row: (row["year"], row["form"], row["estimator"] == "converged")
    )
    return {
        "rows": [line for line in rows if set(ERAS) <= set(line)],
        "uncertified": sum(
            not line["converged"] for line in rows if line["estimator"] == "converged"
        ),
    }


SECTION = Section("eras", eras, (figure.FIGURE,))
