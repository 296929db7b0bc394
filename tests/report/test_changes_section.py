"""The section of what moved: its sentences are of the last event of the table."""

from __future__ import annotations

import datetime
from typing import Any

from report_page import HOSTILE, inputs, prose, rendered

from algoprog.catalogue import TABLES
from algoprog.tables.frames import frame_of

DAY = datetime.date(2026, 11, 27)


def record(event: int, place: int, **more: Any) -> dict[str, Any]:
    return {
        "event": event, "number": place, "date": DAY, "kind": "record", "what": "came",
        "source": "mine", "name": "TinyGPT (ptb)", "in_sample": True, "without": 11.7,
        "effect": 0.25, "converged": True,
    } | more  # fmt: skip


def number(event: int, place: int, **more: Any) -> dict[str, Any]:
    return {
        "event": event, "number": place, "date": DAY, "kind": "number", "what": "moved",
        "source": "headline_answers", "name": "The headline", "before": 11.7, "before_low": 8.0,
        "before_high": 17.0, "after": 11.95, "after_low": 8.1, "after_high": 17.2,
        "causes": "records", "moved_by": "TinyGPT (ptb)",
    } | more  # fmt: skip


def page(*rows: dict[str, Any]) -> str:
    given = inputs()
    table = frame_of(TABLES["changes"], rows)
    return rendered(**given | {"tables": given["tables"] | {"changes": table}})


def test_before_anything_moved_there_is_no_section() -> None:
    assert 'id="changes"' not in page()
    assert 'id="changes"' not in rendered(**inputs())


def test_the_last_event_is_told() -> None:
    old = number(1, 1, name="An older number")
    text = prose(page(old, record(2, 1), number(2, 2), number(2, 3, what="came")))
    assert "An older number" not in text
    assert "were edited: 1, of which 1 in the headline’s sample." in text
    assert "beyond rounding: 1, that are new: 1, that are gone: 0." in text
    assert "(2 in all)" in text
    assert "11.7 (8.0 to 17.0)" in text
    assert "11.9 (8.1 to 17.2)" in text or "12.0 (8.1 to 17.2)" in text
    assert "+0.25" in text


def test_other_causes_are_told_and_names_are_text() -> None:
    cause = record(1, 2, kind="setting", what="changed", name="headline.delta", detail="0 → 1")
    text = page(number(1, 1), cause, record(1, 3, name=HOSTILE))
    assert "headline.delta" in text
    assert "0 → 1" in text
    assert "<img src=x" not in text
