"""Each paper, and each record, left out."""

from __future__ import annotations

from algoprog.common.intervals import doubling_months
from algoprog.report.figures import influence as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section

# Records told of as fine-tuned, among so many of the most influential.
FINE_TUNED, NAMED = "fine-tuned", 10


def influence(inputs: Inputs) -> Row | None:
    """Return the most influential unit of each kind, and in how many the answer is what it was."""
    table = inputs.tables.get("influence")
    if table is None or table.is_empty():
        return None
    units = {}
    for (unit,), rows in table.group_by("unit", maintain_order=True):
        growth = rows.sort("growth_without")
        units[str(unit)] = {
            "n": rows.height,
            "first": rows.sort("rank").row(0, named=True),
            "fine_tuned": [
                name
                for name in rows.sort("rank")["name"].to_list()[:NAMED]
                if unit == "record" and FINE_TUNED in name.lower()
            ],
            "fastest": float(doubling_months(growth["growth_without"][-1])),
            "slowest": float(doubling_months(growth["growth_without"][0])),
            "error": rows["jackknife_error"][0],
            "growth": rows["growth_point"][0],
            "not_certified": int((~rows["converged"]).sum()),
        }
    return units


SECTION = Section("influence", influence, (figure.FIGURE,))
