"""Capability on the page: its sentences are the tables', and without tables there is none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import capability_data
import polars as pl
import pytest

from algoprog.audit.defects import with_capability_defects
from algoprog.audit.reproduction import with_capability
from algoprog.audit.tables import DEFECTS, PAPER, REPRODUCTION
from algoprog.report.figures.parts.files import svg
from algoprog.report.page import environment
from algoprog.report.sections.capability import SECTION, capability
from algoprog.tables.frames import checked, frame_of

pytestmark = pytest.mark.xdist_group("capability")

TEMPLATE = (
    '{% from "macros.html.j2" import csv, files with context %}{% include "capability.html.j2" %}'
)


@pytest.fixture(scope="module")
def inputs() -> Any:
    made = dict(capability_data.tables())
    paper = frame_of(REPRODUCTION, [{"analysis": PAPER, "id": "a", "verdict": "differs"}])
    wrong = frame_of(DEFECTS, [{"analysis": PAPER, "defect": 1, "title": "Another"}])
    made["reproduction"] = with_capability(paper, made["reproduction"])
    made["defects"] = with_capability_defects(wrong, made["defects"])
    return SimpleNamespace(tables=made)


def test_the_section_says_what_the_tables_say(inputs: Any) -> None:
    made = environment().from_string(TEMPLATE)
    text = " ".join(made.render(capability=capability(inputs), drawn={}).split())
    assert "17.6 times a year (95 % interval 5.5 to 55.9)" in text
    assert "5.84 (3.95 to 8.64)" in text
    assert "87 come out again" in text
    assert "CC BY 4.0" in text and "Epoch AI" in text
    assert "make multiverse" in text  # its tables are not there
    assert "99 numbers that we audit" in text and "0 differ" in text
    assert "15. The published interval" in text and "Another" not in text


def test_rows_of_the_audit_are_of_its_tables(inputs: Any) -> None:
    table = inputs.tables["reproduction"]
    checked(REPRODUCTION, table)
    checked(DEFECTS, inputs.tables["defects"])
    row = table.row(by_predicate=pl.col("id") == "all_rate", named=True)
    assert row["ours_published"] == pytest.approx(row["published"], abs=0.005)
    assert abs(row["relative_difference"]) < 1e-3 and row["agreement"] == row["verdict"]


def test_figures_are_drawn_with_their_points(inputs: Any) -> None:
    for figure in SECTION.figures:
        drawing = figure.drawing(inputs)
        assert drawing is not None
        assert svg(drawing.draw()).count("<title>") > 5


def test_without_tables_there_is_no_section() -> None:
    empty: Any = SimpleNamespace(tables={})
    assert capability(empty) is None
    assert all(figure.drawing(empty) is None for figure in SECTION.figures)
