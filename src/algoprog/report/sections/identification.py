"""Which records identify the answer, and what would settle it."""

from __future__ import annotations

from collections.abc import Iterable

from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section

SCENARIO = {"none": "the records there are"}


def identification(inputs: Inputs) -> Row | None:
    """Return where data vary, the answer without large data, and what would narrow it.

    None without the tables. ``modal`` are the benchmarks and ``modal_all`` all records together;
    ``best`` is, by definition, the addition that narrows estimates most.
    """
    rows = inputs.rows("identification")
    if not rows:
        return None
    measures: dict[str, dict[str, Row]] = {}
    for row in rows:
        measures.setdefault(row["measure"], {})[row["of"]] = row
    modal, large = dict(measures["modal_data"]), measures["large_data"]
    whole = modal.pop("all")
    estimates = measures.get("estimate", {})
    return {
        "modal": list(modal.values()),
        "modal_all": whole,
        "shares": (
            min(row["share"] for row in modal.values()),
            max(row["share"] for row in modal.values()),
        ),
        "large": large["all"],
        "estimate": estimates.get("all"),
        "without": estimates.get("without_large_data"),
        "inflation": measures.get("inflation", {}),
        "condition": measures.get("condition", {}),
        "settling": _settling(inputs.rows("settling")),
    }


def _settling(rows: Iterable[Row]) -> Row | None:
    """Return each addition with its spread by definition."""
    found: dict[str, Row] = {}
    for row in rows:
        said = SCENARIO.get(row["scenario"], row["scenario"].replace("_", " "))
        one = found.setdefault(row["scenario"], {"said": said, "runs": row["runs"], "by": {}})
        one["by"][row["definition"]] = row
    if not found:
        return None
    added = [one for one in found.values() if one["runs"]]
    best = {
        definition: min(
            (one for one in added if definition in one["by"]),
            key=lambda one: one["by"][definition]["ratio"],
            default=None,
        )
        for definition in ("closed_form", "own_allocation")
    }
    return {"rows": list(found.values()), "best": best}


SECTION = Section("identification", identification, ())
