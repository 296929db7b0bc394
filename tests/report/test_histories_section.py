"""Record histories on the page: what the section says, and its figures."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from histories import RAW, the_history, the_registers

from algoprog.histories.analysis import Settings, result_tables
from algoprog.histories.reading import Registers
from algoprog.report.page import environment
from algoprog.report.sections.histories import SECTION
from algoprog.report.sections.innovations import SECTION as INNOVATIONS

SMALL = "modded-nanogpt-1"


def registers(*tracks: str) -> Registers:
    found = the_registers()
    kept = pl.col("track").is_in(tracks)
    return Registers(found.tracks.filter(kept), found.records.filter(kept), found.corrections)


@pytest.fixture(scope="module")
def inputs() -> Any:
    settings = Settings((SMALL,), 50, 50, 5, {"long": [30, 90], "short": [7]})
    published = ("published", (RAW / "published_histories.csv").read_bytes())
    found = registers(SMALL, "gpt2-dollars", "gnmt-level", "parameter-golf")
    tables = result_tables(found, [the_history("alexnet-level")], published, settings, 1)
    return made_of(tables)


def made_of(tables: dict[str, pl.DataFrame]) -> Any:
    return SimpleNamespace(
        tables=tables,
        settings=SimpleNamespace(histories=SimpleNamespace(shown=SMALL)),
        rows=lambda name: tables[name].to_dicts() if name in tables else [],
    )


def test_without_histories_there_is_no_section() -> None:
    assert SECTION.rows(made_of({})) is None


def test_the_section_says_what_the_tables_hold(inputs: Any) -> None:
    rows = SECTION.rows(inputs)
    assert rows["about"]["track"] == SMALL
    assert {row["start"] for row in rows["split"]} == {"1", "2"}
    assert {row["entry"] for row in rows["split"]} == {"89"}
    assert rows["coverage"] == []
    assert rows["published"]["n"] == 69
    text = (
        "{% from 'macros.html.j2' import csv, files with context %}"
        "{% include 'histories.html.j2' %}"
    )
    page = environment(whole=text).get_template("whole").render(histories=rows, drawn={})
    for words in (
        "says nothing of how far the frontier moved",
        "4.99",
        "Dollars to GPT-2 (hardware in)",
        "fewer than 4 gains",
        "120 days long",
        "FLOP 16.0× times throughput 1.60×",
    ):
        assert words in page


def test_innovations_are_the_largest_kinds_and_records_of_the_same_track(inputs: Any) -> None:
    rows = INNOVATIONS.rows(inputs)
    assert rows["about"]["track"] == SMALL
    assert [row["rank"] for row in rows["largest"]] == list(range(1, 9))
    shares = [row["share"] for row in rows["parts"]]
    assert shares == sorted(shares, reverse=True) and sum(shares) == pytest.approx(1.0)
    text = (
        "{% from 'macros.html.j2' import csv, files, shown with context %}"
        "{% include 'innovations.html.j2' %}"
    )
    page = environment(whole=text).get_template("whole").render(innovations=rows, drawn={})
    assert f"{100 * shares[0]:.0f} %" in page and rows["parts"][0]["category"] in page
    assert INNOVATIONS.rows(made_of({})) is None
    (figure,) = INNOVATIONS.figures
    drawing = figure.drawing(inputs)
    assert drawing is not None and drawing.draw().axes


def test_figures_are_drawn_from_the_tables(inputs: Any) -> None:
    names = {figure.name for figure in SECTION.figures}
    assert names == {"record-history", "record-halving"}
    for figure in SECTION.figures:
        drawing = figure.drawing(inputs)
        assert drawing is not None
        drawn = drawing.draw()
        assert drawn.axes
    history = next(f for f in SECTION.figures if f.name == "record-history").drawing(inputs)
    assert history is not None
    (axes,) = history.draw().axes
    assert axes.get_yscale() == "log"
    texts = {text.get_text() for text in axes.texts}
    assert "squared ReLU, QK norm" in texts


def test_a_score_track_is_drawn_too(inputs: Any) -> None:
    inputs.settings.histories.shown = "parameter-golf"
    for figure in SECTION.figures:
        drawing = figure.drawing(inputs)
        assert drawing is not None
        assert drawing.draw().axes
    inputs.settings.histories.shown = SMALL
