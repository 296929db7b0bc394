"""Texts of records and of the configuration are drawn as they are; a page says it is stale."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from algoprog.common.numbers import power_of_ten
from algoprog.common.stale import mark, unmark, with_mark, without_mark
from algoprog.report.figures.parts.files import hover, inline_svg, svg
from algoprog.report.figures.parts.powers import PlainPowers
from algoprog.report.figures.parts.style import settled, styled
from algoprog.report.words import GLOSSARY

FIGURES = Path(__file__).parents[2] / "src/algoprog/report/figures"
HOSTILE = [
    r"$\frac{a}{$",
    "$x^$ \u202e =1+1",
    r"\bad{ $",
    "<script>x</script>$_^",
    "=cmd|' /C calc'!A0",
    "a$b$c",
]


@styled
def drawn(label: str) -> Figure:
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    axes.plot([1, 2], [1e3, 1e8], label=label)
    axes.set_yscale("log")
    axes.set_xlabel(label)
    axes.set_yticks([1e3, 1e8])
    axes.set_title(label)
    axes.annotate(label, (1, 1e3))
    axes.legend()
    return settled(figure)


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_drawn_as_text_whatever_it_holds(label: str) -> None:
    figure = drawn(label)
    (axes,) = figure.axes
    assert axes.get_title(loc="left") == label and axes.get_xlabel() == label
    assert not axes.xaxis.label.get_parse_math() and not axes.texts[0].get_parse_math()
    figure.savefig(io.BytesIO(), format="png")
    assert "<script>" not in svg(figure)


def test_powers_of_ten_are_raised_digits() -> None:
    (axes,) = drawn("x").axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["10³", "10⁸"]
    assert [power_of_ten(22), power_of_ten(-3)] == ["10²²", "10⁻³"]
    plain = PlainPowers(labelOnlyBase=False)
    plain.create_dummy_axis()
    plain.axis.set_view_interval(1e-4, 1e4)  # type: ignore[attr-defined]
    assert plain(1e-3) == "10⁻³" and "$" not in plain(2000.0)


RC = """
timezone: Asia/Tokyo
date.epoch: 0000-12-31
axes.unicode_minus: False
text.usetex: True
savefig.dpi: 3
axes.formatter.use_locale: True
font.size: 40
svg.hashsalt: mine
"""


def a_drawing(place: Path, **environment: str) -> str:
    """A figure with dates, drawn in another process as its environment has it."""
    program = """
import datetime
from matplotlib.figure import Figure
from algoprog.report.figures.parts.files import svg
from algoprog.report.figures.parts.style import settled, styled

@styled
def drawn():
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    axes.plot([datetime.date(2012, 1, 1), datetime.date(2023, 1, 1)], [-1.5, 2.5], label="a")
    axes.legend()
    return settled(figure)

print(svg(drawn()))
"""
    shell = {"MPLBACKEND": "Agg", "MPLCONFIGDIR": str(place), **os.environ, **environment}
    source = Path(__file__).parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**shell, "PYTHONPATH": str(source)},
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_settings_of_a_user_s_matplotlib_change_no_figure(tmp_path: Path) -> None:
    plain = a_drawing(tmp_path)
    (tmp_path / "matplotlibrc").write_text(RC)
    assert a_drawing(tmp_path) == plain  # read from the folder that a run starts in
    elsewhere = a_drawing(tmp_path, MATPLOTLIBRC=str(tmp_path / "matplotlibrc"), TZ="Asia/Tokyo")
    assert elsewhere == plain


def test_no_figure_writes_mathematics_or_allows_of_it() -> None:
    for path in FIGURES.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "parse_math=True" not in text and 'f"$' not in text, path


PAGE = "<!doctype html>\n<html><head></head>\n<body>\n<p>5.7 months</p></body></html>\n"


def test_the_page_says_that_it_is_stale_and_nothing_else_of_it_changes() -> None:
    marked = with_mark(PAGE, "A run of <today> has not finished.")
    assert "A run of &lt;today&gt; has not finished." in marked and "<p>5.7 months</p>" in marked
    assert with_mark(marked, "Another.").count('role="alert"') == 1
    assert without_mark(marked) == PAGE == without_mark(PAGE)
    assert with_mark("no page", "x") == "no page"


def test_a_mark_keeps_the_time_of_the_page_and_goes_without_a_trace(tmp_path: Path) -> None:
    page, said = tmp_path / "report.html", "A run has not finished.\n"
    page.write_text(PAGE, encoding="utf-8")
    os.utime(page, (1e9, 1e9))
    mark(tmp_path, said)
    assert (tmp_path / "STALE.txt").read_text() == said
    assert "A run has not finished." in page.read_text(encoding="utf-8")
    assert page.stat().st_mtime == 1e9
    unmark(tmp_path)
    assert page.read_text(encoding="utf-8") == PAGE and page.stat().st_mtime == 1e9
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_folder_without_a_page_is_marked_by_the_file_alone(tmp_path: Path) -> None:
    mark(tmp_path, "x")
    unmark(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ['a "quoted", name', "it's", """both ' and \"""", "a <b> & c"])
def test_what_a_point_is_shows_whatever_its_name_holds(name: str) -> None:
    figure = Figure()
    figure.subplots().scatter([1.0], [1.0]).set_urls([hover(name, "2021")])
    for drawing in (svg(figure), inline_svg(figure, "one-figure", "One")):
        texts = [one.text for one in ElementTree.fromstring(drawing).iter() if one.text]
        assert f"{name}\n2021" in texts
        assert "title:" not in drawing


def test_the_pages_glossary_is_that_of_the_documents() -> None:
    text = (Path(__file__).parents[2] / "docs/glossary.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ", 1) for line in text.splitlines() if line[:2] == "| "]
    said = {row[0]: row[1] for row in rows}
    assert len(GLOSSARY) > 20
    for term, meaning in GLOSSARY.items():
        assert said[term] == meaning, term
