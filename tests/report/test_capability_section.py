"""Capability on the page: its sentences are the tables', and without tables there is none."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from algoprog.capability.analysis import Settings, result_tables
from algoprog.capability.published import read_printed
from algoprog.capability.reading import FIELDS, read_registers
from algoprog.records.snapshots import Policy
from algoprog.report.figures.parts.files import svg
from algoprog.report.page import environment
from algoprog.report.sections.capability import SECTION, capability

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = (
    '{% from "macros.html.j2" import csv, files with context %}{% include "capability.html.j2" %}'
)


@pytest.fixture(scope="module")
def inputs() -> Any:
    files = {name: f"data/raw/capability_{name}.csv" for name in FIELDS}
    scores = {"location": "data/raw/capability_scores.csv", "kind": "csv", "columns": {}}
    scores |= {"constants": {}, "divisor": 1}
    read = read_registers(ROOT, files, {"scores": scores}, {}, ({}, {}), Policy())
    printed = read_printed((ROOT / "data/raw/capability_published.csv").read_bytes())
    settings = Settings(draws=4, data_sets=4, break_draws=4, starts=0)
    return SimpleNamespace(tables=result_tables(read.published, printed, settings, read.names))


def test_the_section_says_what_the_tables_say(inputs: Any) -> None:
    made = environment().from_string(TEMPLATE)
    text = " ".join(made.render(capability=capability(inputs), drawn={}).split())
    assert "17.6 times a year (95 % interval 5.5 to 55.9)" in text
    assert "5.84 (3.95 to 8.64)" in text
    assert "87 come out again" in text
    assert "CC BY 4.0" in text and "Epoch AI" in text
    assert "make multiverse" in text  # its tables are not there


def test_figures_are_drawn_in_both_widths(inputs: Any) -> None:
    for figure in SECTION.figures:
        drawing = figure.drawing(inputs)
        assert drawing is not None
        for narrow in (False, True):
            assert svg(drawing.draw(narrow)).count("<title>") > 5


def test_without_tables_there_is_no_section() -> None:
    empty: Any = SimpleNamespace(tables={})
    assert capability(empty) is None
    assert all(figure.drawing(empty) is None for figure in SECTION.figures)
