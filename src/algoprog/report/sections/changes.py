"""What moved since the run before: records, numbers, and the record that moved the headline."""

from __future__ import annotations

from typing import Any

from algoprog.report.inputs import Inputs
from algoprog.report.section import Section
from algoprog.synthesis.change_log import SETTLED, last_event, span
from algoprog.synthesis.headline_numbers import HEADLINE_LABEL

SHOWN = 30  # rows of an event; the table has all


def changes(inputs: Inputs) -> dict[str, Any] | None:
    """Return the last event of the table `changes`; None before there is any."""
    found = last_event(inputs.rows("changes"))
    if not found:
        return None
    records = [row for row in found if row["kind"] == "record"]
    numbers = [row for row in found if row["kind"] == "number"]
    causes = [row for row in found if row["kind"] in SETTLED]
    moved = [
        {**row, "was": span(row, "before"), "is": span(row, "after")}
        for row in numbers
        if row["what"] == "moved"
    ]
    headline = next((row for row in moved if row["name"] == HEADLINE_LABEL), None)
    by = headline["moved_by"] if headline else None
    return {
        "date": found[0]["date"],
        "events": found[0]["event"],
        "records": records,
        "sampled": sum(bool(row["in_sample"]) for row in records),
        "headline": headline,
        "by": next((row for row in records if by and row["name"] == by), None),
        "numbers": moved,
        "appeared": sum(row["what"] == "came" for row in numbers),
        "gone": sum(row["what"] == "went" for row in numbers),
        "causes": causes,
        "shown": SHOWN,
    }


SECTION = Section("changes", changes)
