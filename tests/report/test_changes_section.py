"""The section of what moved: its sentences are of the last event of the table."""

from __future__ import annotations

import datetime
import re
from typing import Any

from report_page import HOSTILE, inputs, prose, undrawn

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
    return undrawn(**given | {"tables": given["tables"] | {"changes": table}})


def test_before_anything_moved_there_is_no_section() -> None:
    assert 'id="changes"' not in page()
    assert 'id="changes"' not in undrawn(**inputs())


def test_the_last_event_is_told() -> None:
    old = number(1, 1, name="An older number")
    text = prose(page(old, record(2, 1), number(2, 2), number(2, 3, what="came")))
    assert "An older number" not in text
    assert "The headline moved from 11.7 (8.0 to 17.0) to 11.9 (8.1 to 17.2) months." in text
    assert "moved it most is TinyGPT (ptb): without it the headline would be 11.7 months" in text
    assert "found 1 record that came, went or was edited since the run before" in text
    assert "1 of them in the headline’s sample. 1 number moved beyond rounding, 1 came and" in text
    assert "this is its event 2." in text
    assert "most by TinyGPT (ptb) 11.7 (8.0 to 17.0) 11.9 (8.1 to 17.2)" in text
    assert "TinyGPT (ptb) came 11.7 +0.25 yes mine" in text


def test_an_edit_and_a_loss_are_undone_in_words() -> None:
    edited = record(1, 1, what="edited", detail="perplexity 20 → 19", without=11.3)
    text = prose(page(edited, number(1, 2)))
    assert "as it was before its edit the headline would be 11.3 months" in text
    assert "edited: perplexity 20 → 19" in text
    text = prose(page(record(1, 1, what="went"), number(1, 2)))
    assert "had it not gone the headline would be" in text


def test_where_only_other_numbers_moved_they_are_folded() -> None:
    lone = {"before_low": None, "before_high": None, "after_low": None, "after_high": None}
    other = number(1, 2, name="Ours, a study", source="study_growth", moved_by=None, **lone)
    html = page(record(1, 1), other)
    assert "The headline did not move beyond rounding." in prose(html)
    (summary, table) = re.findall(
        r"<summary>(1 other number that moved)</summary>(.*?)</details>", html, re.DOTALL
    )[0]
    assert summary and "Ours, a study" in table and "11.7" in table and "(" not in prose(table)
    assert "Answers that moved" not in html


def test_other_causes_are_told_and_names_are_text() -> None:
    cause = record(1, 2, kind="setting", what="changed", name="headline.delta", detail="0 → 1")
    text = page(number(1, 1), cause, record(1, 3, name=HOSTILE))
    assert "headline.delta" in text
    assert "0 → 1" in text
    assert "<img src=x" not in text
