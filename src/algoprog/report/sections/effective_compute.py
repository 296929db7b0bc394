"""Physical compute, algorithmic gain and effective compute by year."""

from __future__ import annotations

from algoprog.report.figures import effective_compute as figure
from algoprog.report.inputs import ESTIMATORS, Inputs, Row
from algoprog.report.section import Section


def effective_compute(inputs: Inputs) -> Row | None:
    """Return years by line, with each estimator's algorithmic gain and effective compute."""
    table = inputs.rows("effective_compute")
    if not table:
        return None
    lines: dict[float, Row] = {}
    for row in table:
        line = lines.setdefault(row["year"], {"year": row["year"], "physical": row["physical"]})
        line.setdefault(row["estimator"], row)
    return {
        "estimators": [name for name in ESTIMATORS if any(name in line for line in lines.values())],
        "rows": [lines[year] for year in sorted(lines)],
    }


SECTION = Section("effective_compute", effective_compute, (figure.FIGURE,))
