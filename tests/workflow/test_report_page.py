"""The report in a browser: whole, quiet, usable by mouse, keyboard, on a phone and on paper."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import pytest
import yaml
from browser import Tab, browser
from project import Project

from algoprog.config.document import parse_config
from algoprog.config.loading import merged, read_mapping
from algoprog.config.plan.plan import Plan

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("quantities")]

PROJECT = Path(__file__).resolve().parents[2]
# What is left of A4 within the margins of 15 mm, in pixels of 1/96 inch.
PAPER_WIDTH, PAPER_HEIGHT = 680, 1009
SHOWN = "[...document.querySelectorAll('figure svg')].filter(s => s.getClientRects().length)"


def without(what: str) -> NoReturn:
    """Leave a test out for want of a tool; or fail, where the tool is promised to be there."""
    if os.environ.get("ALGOPROG_NEED_BROWSER") == "1":
        pytest.fail(f"{what}, but ALGOPROG_NEED_BROWSER=1")
    pytest.skip(what)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        without("no chromium")
    with browser(executable, tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture
def page(complete: Project) -> Path:
    return complete.directory / "results/report.html"


def complaints(tab: Tab) -> list[Any]:
    """Errors and warnings since the page was opened."""
    found = []
    for event in tab.events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            found.append(params["exceptionDetails"])
        elif method == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            found.append(params["entry"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in {"error", "warning"}:
            found.append(params["args"])
    return found


def requests(tab: Tab) -> set[str]:
    """What was asked for since the page was opened."""
    return {
        event["params"]["request"]["url"]
        for event in tab.events
        if event.get("method") == "Network.requestWillBeSent"
    }


def look_at_all(tab: Tab) -> None:
    """Open what is folded and scroll through."""
    tab.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    tab.run("window.scrollTo(0, document.documentElement.scrollHeight)")
    tab.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (768, "dark"), (375, "light")])
def test_it_is_quiet_fits_and_shows_every_figure(
    tab: Tab, page: Path, width: int, scheme: str
) -> None:
    tab.media(scheme)
    tab.open(page, width)
    look_at_all(tab)
    assert complaints(tab) == []
    assert requests(tab) - {"data:,"} == {page.resolve().as_uri()}
    assert tab.run("document.documentElement.scrollWidth") <= width
    boxes = tab.run(f"{SHOWN}.map(s => [s.id, s.clientWidth, s.clientHeight])")
    assert len(boxes) == tab.run("document.querySelectorAll('figure').length") > 10
    assert [name for name, wide, high in boxes if wide < min(width, 600) / 2 or high < 100] == []
    dark = tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"
    assert dark == (scheme == "dark")


def column(tab: Tab, label: str, place: int) -> list[str]:
    """The visible texts of a column of a table."""
    return tab.run(  # type: ignore[no-any-return]
        f"""[...document.querySelector('[aria-label="{label}"] tbody').rows]
        .filter(row => !row.hidden).map(row => row.cells[{place}].textContent.trim())"""
    )


def test_tables_sort_by_mouse_and_by_key(tab: Tab, page: Path) -> None:
    tab.open(page)
    tab.run("document.getElementById('appendix').open = true")
    label = "Doubling times of every variant"
    head = f"""document.querySelectorAll('[aria-label="{label}"] thead tr:last-child th')"""
    before = column(tab, label, 0)
    tab.run(f"{head}[4].querySelector('button').click()")  # converged, closed form
    shown = column(tab, label, 4)
    numbers = [float(text.replace(",", "").replace("∞", "inf")) for text in shown if text != "–"]
    assert numbers == sorted(numbers) and len(set(numbers)) > 1
    assert set(shown[len(numbers) :]) <= {"–"}
    assert tab.run(f"{head}[4].getAttribute('aria-sort')") == "ascending"
    tab.run(f"{head}[4].querySelector('button').focus()")
    tab.press("Enter")
    assert tab.run(f"{head}[4].getAttribute('aria-sort')") == "descending"
    assert column(tab, label, 4)[: len(numbers)] == shown[: len(numbers)][::-1]
    tab.press("Enter")
    assert tab.run(f"{head}[4].getAttribute('aria-sort')") is None
    assert column(tab, label, 0) == before
    # every table, by every column: no row is lost, and nothing goes wrong
    changed = tab.run(
        """[...document.querySelectorAll('table')].filter(table => {
            const rows = table.tBodies[0].rows.length;
            table.querySelectorAll('th button').forEach(button => button.click());
            return table.tBodies[0].rows.length !== rows;
        }).length"""
    )
    assert changed == 0
    assert complaints(tab) == []


def test_tables_filter_by_words(tab: Tab, page: Path) -> None:
    tab.open(page)
    label = "Rates of all tracks"
    steps = column(tab, label, 0)
    texts = tab.run(
        f"""[...document.querySelector('[aria-label="{label}"] tbody').rows]
        .map(row => row.textContent.toLowerCase())"""
    )
    word = steps[0].split()[0]
    own = [step for step, text in zip(steps, texts, strict=True) if word.lower() in text]
    assert 0 < len(own) < len(steps)

    def type_in(text: str) -> str:
        return tab.run(  # type: ignore[no-any-return]
            f"""(() => {{
                const box = document.querySelector('[aria-label="{label}"]');
                const input = box.previousElementSibling.querySelector('input');
                input.value = {json.dumps(text)};
                input.dispatchEvent(new Event('input'));
                return box.previousElementSibling.querySelector('output').textContent;
            }})()"""
        )

    assert type_in(word.swapcase()) == f"{len(own)} of {len(steps)} rows"
    assert column(tab, label, 0) == own
    assert type_in(f"{word} no-such-word") == f"0 of {len(steps)} rows"
    assert type_in("") == ""
    assert column(tab, label, 0) == steps


def test_points_say_their_system_and_paper(tab: Tab, page: Path, complete: Project) -> None:
    rows = pl.read_parquet(complete.directory / "data/processed/samples/paper.parquet")
    known = set(rows.select("system", "paper").iter_rows())
    tip = "document.querySelector('.tip').textContent"
    tab.open(page)
    assert tab.run(tip) == ""
    x, y = tab.run(
        """(() => {
            const point = document.querySelector('#loss-figure .point');
            point.scrollIntoView({block: 'center'});
            const {left, top, width, height} = point.getBoundingClientRect();
            return [left + width / 2, top + height / 2];
        })()"""
    )
    tab.point_at(x, y)
    system, paper = tab.run(tip).split("\n")[:2]
    assert (system, paper) in known
    assert tab.run("document.querySelectorAll('.marked').length") == 1
    tab.point_at(1, 1)
    assert tab.run(tip) == ""
    # the figure is one stop of the Tab key, and arrows go along its points
    assert tab.run("document.querySelectorAll('#loss-figure .point').length") == rows.height
    tab.run("document.querySelector('#loss-figure').parentNode.focus()")
    met = set()
    for _ in range(5):
        tab.press("ArrowRight")
        met.add(tab.run(tip))
    assert len(met) == 5
    assert {tuple(text.split("\n")[:2]) for text in met} <= known
    tab.press("ArrowLeft")
    assert tab.run(tip) in met
    tab.press("Escape")
    assert tab.run(tip) == ""


def test_without_script_all_is_there_but_the_extras(tab: Tab, page: Path) -> None:
    words = """(() => {
        const copy = document.querySelector('main').cloneNode(true);
        copy.querySelectorAll('svg, .filter, .explorer').forEach(one => one.remove());
        return copy.textContent.replace(/\\s+/g, ' ');
    })()"""
    added = "document.querySelectorAll('.filter, th button, .tip').length"
    tab.open(page, script=False)
    plain = tab.run(words)
    assert tab.run(added) == 0
    assert tab.run(f"{SHOWN}.length") == tab.run("document.querySelectorAll('figure').length")
    assert tab.run("document.querySelectorAll('#loss-figure .point title').length") > 0
    tab.open(page)
    assert tab.run(added) > 0
    assert tab.run(words) == plain and "months" in plain
    assert complaints(tab) == []


def explored(tab: Tab) -> list[str]:
    """What the explorer says, where its mark is, its YAML and its link."""
    tab.run(
        """new Promise(done => {
            const look = () => document.querySelector('.explorer .answer')
                ? done() : requestAnimationFrame(look);
            look();
        })"""
    )
    return tab.run(  # type: ignore[no-any-return]
        """(() => {
            const box = document.querySelector('.explorer');
            const found = ['.answer', '.curve svg', 'code'].map(one => box.querySelector(one));
            const [said, curve, yaml] = found;
            return [said.textContent, curve.getAttribute('aria-label'), yaml.textContent,
                    box.querySelector('a').getAttribute('href')];
        })()"""
    )


def test_the_explorer_is_driven_by_keyboard_and_its_link_restores_it(tab: Tab, page: Path) -> None:
    tab.open(page)
    answer, *_ = before = explored(tab)
    names = tab.run(
        """[...document.querySelectorAll('.explorer select, .explorer input')]
        .map(one => one.labels[0]?.textContent.trim() ?? '')"""
    )
    assert len(names) > 4 and all(names)
    sentence = tab.run("document.querySelector('p.answer').textContent")
    assert answer.split(" halves every ")[1].split(" months")[0] in sentence
    tab.run("document.getElementById('explorer-variant').focus()")
    tab.press("ArrowRight")
    assert tab.run("document.getElementById('explorer-variant').selectedIndex") > 0
    after = explored(tab)
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert Plan(parse_config(merged(read_mapping(PROJECT), yaml.safe_load(after[2]))))
    tab.run("document.getElementById('explorer-year').focus()")
    needed = "document.querySelector('.explorer output').textContent"
    compute = tab.run(needed)
    tab.press("ArrowRight")
    assert tab.run(needed) != compute and "FLOP" in compute
    link, moved = explored(tab)[3], tab.run(needed)
    tab.open(page)
    assert explored(tab) == before
    tab.run(f"location.hash = {json.dumps(link)}")
    tab.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert explored(tab)[:3] == after[:3]
    assert tab.run(needed) == moved
    assert complaints(tab) == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (375, "light")])
def test_axe_finds_nothing_serious(tab: Tab, page: Path, width: int, scheme: str) -> None:
    axe = os.environ.get("ALGOPROG_AXE")
    if not axe or not Path(axe).exists():
        without("no axe-core: ALGOPROG_AXE is to name its axe.min.js")
    tab.media(scheme)
    tab.open(page, width)
    look_at_all(tab)
    tab.run(Path(axe).read_text(encoding="utf-8") + "; 0")
    passed, found = tab.run(
        """axe.run(document).then(result => [result.passes.length, result.violations
            .filter(one => ['serious', 'critical'].includes(one.impact))
            .map(one => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200)])])"""
    )
    assert found == []
    assert passed > 20


def test_printed_no_figure_is_cut_and_no_table_runs_off(tab: Tab, page: Path) -> None:
    tab.media(medium="print")
    tab.open(page, PAPER_WIDTH, PAPER_HEIGHT)
    figures = tab.run(
        """[...document.querySelectorAll('figure')].map(figure => [
            figure.querySelector('svg').id, getComputedStyle(figure).breakInside,
            figure.getBoundingClientRect().height, figure.getBoundingClientRect().right])"""
    )
    assert len(figures) > 10
    for name, breaking, height, right in figures:
        assert breaking == "avoid", name
        assert height <= PAPER_HEIGHT, name
        assert right <= PAPER_WIDTH, name
    wide = tab.run(
        f"""[...document.querySelectorAll('table')].filter(
            table => table.getBoundingClientRect().right > {PAPER_WIDTH})
            .map(table => table.parentNode.getAttribute('aria-label'))"""
    )
    assert wide == []
    assert tab.run("getComputedStyle(document.querySelector('nav')).display") == "none"
    tab.media()
    printed = tab.pdf()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) < 20


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [1440, 768, 375])
def test_the_keyboard_has_few_stops_and_reaches_what_scrolls(
    tab: Tab, page: Path, width: int, script: bool
) -> None:
    tab.open(page, width, script=script)
    if script:
        explored(tab)  # it is there, with its stops
    stops = tab.run(
        """[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex]')]
        .filter(one => one.tabIndex >= 0 && one.checkVisibility()).length"""
    )
    assert 20 < stops <= 120
    out_of_reach = tab.run(
        """[...document.querySelectorAll('.scroll')].filter(one => one.checkVisibility()
            && one.scrollWidth > one.clientWidth && one.tabIndex < 0
            && !one.querySelector('a, button')).map(one => one.getAttribute('aria-label'))"""
    )
    assert out_of_reach == []


def test_the_page_is_light(page: Path) -> None:
    assert page.stat().st_size < 1_200_000


def test_figures_are_described_and_tables_have_captions(tab: Tab, page: Path) -> None:
    tab.open(page, script=False)
    said = tab.run(
        """[...document.querySelectorAll('figure svg')].map(svg => [svg.id,
            document.getElementById(svg.getAttribute('aria-describedby'))?.textContent ?? ''])"""
    )
    assert len(said) > 10
    assert [name for name, text in said if not re.search(r"\d", text)] == []
    bare = tab.run(
        """[...document.querySelectorAll('table')].filter(one => !one.caption?.textContent.trim())
        .map(one => one.parentNode.getAttribute('aria-label'))"""
    )
    assert bare == []
    heads = "[...document.querySelectorAll('th')].filter(one => !one.textContent.trim()).length"
    assert tab.run(heads) == 0
