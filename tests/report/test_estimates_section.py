"""The section of every estimate: its sentences are of the table, and second hand stays marked."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
from report_page import inputs, prose, undrawn

from algoprog.catalogue import TABLES
from algoprog.report.figures.estimates import every_estimate, finding, kind
from algoprog.report.figures.parts.files import svg
from algoprog.synthesis.settings import Words
from algoprog.tables.frames import frame_of

WORDS = {
    "domains": {"vision": "images", "text": "text"},
    "quantities": {"compute": "training compute"},
    "settings": {"all": "all systems"},
    "definitions": {"law": "a law", "target": "a fixed target"},
}


def row(name: str, months: float, **changes: Any) -> dict[str, Any]:
    return {
        "id": name, "label": name, "whose": "published", "source": "A paper", "domain": "vision",
        "quantity": "compute", "setting": "all", "definition": "law", "months": months,
        "low": months / 2, "high": months * 2, "level": 95.0, "growth": 1.0, "growth_low": 0.5,
        "growth_high": 2.0, "determined": True, "verified": True, "status": "read",
    } | changes  # fmt: skip


ROWS = [
    row("Paper A", 8.0),
    row("Paper B", 11.0, verified=False, status="second_hand"),
    row("Ours C", 13.0, whose="ours", source="fits", coverage=0.91, coverage_highest=0.96),
    row("Ours D", math.inf, whose="ours", source="fits", definition="target", high=math.inf,
        determined=False),
]  # fmt: skip


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return frame_of(TABLES["estimates"], rows)


def page(*rows: dict[str, Any], left_out: tuple[dict[str, Any], ...] = ()) -> str:
    given = inputs()
    tables = {
        "estimates": table(*rows),
        "estimates_left_out": frame_of(TABLES["estimates_left_out"], left_out),
    }
    config = given["config"] | {"estimates": {"words": WORDS}}
    return undrawn(**given | {"tables": given["tables"] | tables, "config": config})


def test_sentences_follow_the_table() -> None:
    text = prose(page(*ROWS))
    said = "4 estimates (1 published and read in the source, 1 second hand, 2 ours)"
    assert said in text and "from 8.0 to ∞ months" in text
    assert "by a law: 2 published (8.0 months to 11.0 months)" in text.replace(
        "8.0 to 11.0 months", "8.0 months to 11.0 months"
    )
    assert "1 of ours (13.0 months)" in text
    assert "Ours D (images, training compute, by a fixed target)" in text
    assert "intervals of 1 estimates" in text and "Paper B (second hand)" in text
    assert "91.0 % to 96.0 %" in text
    moved = prose(page(row("Paper A", 9.0), *ROWS[1:]))
    assert "from 9.0 to ∞ months" in moved and "9.0 to 11.0 months" in moved


def test_what_is_left_out_is_said() -> None:
    absent = {"id": "x", "label": "Ours X", "table": "bayes_fits", "reason": "was not made"}
    assert "“Ours X”: was not made (bayes_fits)" in prose(page(*ROWS, left_out=(absent,)))


def test_without_the_table_there_is_no_section() -> None:
    assert 'id="estimates"' not in undrawn(**inputs())


def test_second_hand_is_drawn_open_and_named() -> None:
    drawn = svg(every_estimate(table(*ROWS), Words(**WORDS)))
    assert "second hand" in drawn and "Images: training compute" in drawn
    assert "stroke-dasharray" in drawn
    own = [one for one in ROWS if one["verified"]]
    without = svg(every_estimate(table(*own), Words(**WORDS)))
    assert "second hand" not in without


def test_kinds_and_the_finding() -> None:
    assert [kind(one) for one in ROWS] == ["published", "second_hand", "ours", "ours"]
    assert finding([]) == ""
