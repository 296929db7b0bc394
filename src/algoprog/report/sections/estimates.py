"""Every estimate on one axis, and which of them measure the same thing."""

from __future__ import annotations

from typing import Any

from algoprog.report.figures import estimates
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.synthesis.estimates import Same, same_things
from algoprog.synthesis.settings import Words


def rows(inputs: Inputs) -> dict[str, Any] | None:
    """Return what the section says; None without the table."""
    found = inputs.rows("estimates")
    if not found or inputs.settings.estimates is None:
        return None
    words = inputs.settings.estimates.words
    groups = same_things(found)
    return {
        "rows": found,
        "finding": estimates.finding(found),
        "second_hand": [row for row in found if not row["verified"]],
        "undetermined": [row for row in found if row["determined"] is False],
        "same": [_told(group, words) for group in groups if len(group.rows) > 1],
        "alone": [_told(group, words) for group in groups if len(group.rows) == 1],
        "left_out": _reasons(inputs.rows("estimates_left_out")),
        "words": words,
        "forecasts": inputs.rows("forecasts"),
    }


def _told(group: Same, words: Words) -> Row:
    """Return a group in words, with the doubling times of others and of ours."""
    return {
        "domain": words.domains[group.domain],
        "quantity": words.quantities[group.quantity],
        "definition": words.definitions[group.definition],
        "settings": [words.settings[code] for code in group.settings],
        "labels": [row["label"] for row in group.rows],
        **{
            whose: {"n": len(group.of(whose)), "range": group.range(whose)}
            for whose in ("published", "ours")
        },
    }


def _reasons(absent: list[Row]) -> dict[str, list[str]]:
    """Return the labels of what is left out by the reason."""
    found: dict[str, list[str]] = {}
    for row in absent:
        found.setdefault(f"{row['reason']} ({row['table']})", []).append(row["label"])
    return found


SECTION = Section("estimates", rows, (estimates.FIGURE,))
