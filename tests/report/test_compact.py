"""Drawings of a page take few characters, and show the same."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from drawn import DRAW
from matplotlib.figure import Figure

from algoprog.report.figures.parts.compact import SVG, Sheet
from algoprog.report.figures.parts.files import hover, inline_svg
from algoprog.report.figures.parts.paths import circle, lines, simplified
from algoprog.report.figures.parts.style import settled, styled

# Of the page's 1.2 MB, characters for a point that says what it is, beside the words it says.
A_POINT = 110


def walked(data: str) -> list[list[tuple[float, float]]]:
    """Return the points that a path written in steps goes through, part by part."""
    parts: list[list[tuple[float, float]]] = []
    x = y = 0.0
    for letter, rest in re.findall(r"([Mlhvz])([^Mlhvz]*)", data):
        numbers = [float(one) for one in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        if letter == "M":
            parts.append([])
        pairs = {
            "h": [(one, 0.0) for one in numbers],
            "v": [(0.0, one) for one in numbers],
        }.get(letter, list(zip(numbers[::2], numbers[1::2], strict=False)))
        for dx, dy in pairs:
            x, y = (dx, dy) if letter == "M" else (x + dx, y + dy)
            parts[-1].append((x, y))
    return parts


def drawing(figure: Figure, name: str = "one") -> tuple[ElementTree.Element, str]:
    text = inline_svg(figure, name, "One")
    return ElementTree.fromstring(text), text


def elements(root: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    return list(root.iter(f"{{{SVG}}}{tag}"))


def test_steps_go_where_the_path_went_and_their_rounding_does_not_add_up() -> None:
    generator = np.random.default_rng(3)
    points = [(float(x), float(y)) for x, y in generator.uniform(0, 500, (8, 2))]
    data = "M" + "L".join(f"{x:.6f} {y:.6f}" for x, y in points)
    read = lines(data)
    assert read is not None
    (again,) = walked(read.written())
    assert np.abs(np.array(again) - np.array(points)).max() <= 0.0501


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        ("M 0 3 L 5 3", "M0 3h5"),
        ("M 1.26 0 L 1.26 9.04 L 0 0 z", "M1.26 0v9.04l-1.26-9.04z"),
        ("M 10 10 L 20 10 M 30 10 L 40 10", "M10 10h10M30 10h10"),
        ("M 10.26 0 L 10.26 12.04", "M10.3 0v12"),
    ],
)
def test_straight_paths_are_written_in_steps(data: str, parts: str) -> None:
    read = lines(data)
    assert read is not None and read.written() == parts


@pytest.mark.parametrize("data", ["", "M 0 0 C 1 1 2 2 3 3", "L 1 1", "M 1 1 Q 2 2 3 3"])
def test_what_is_not_straight_is_not_taken_for_it(data: str) -> None:
    assert lines(data) is None


def test_a_curve_keeps_the_points_that_make_it() -> None:
    curve = [(x / 2, 100 + 60 * math.sin(x / 40)) for x in range(400)]
    kept = simplified(curve)
    assert len(kept) < 100 and kept[0] == curve[0] and kept[-1] == curve[-1]
    between = np.interp([x for x, _ in curve], [x for x, _ in kept], [y for _, y in kept])
    assert np.abs(between - [y for _, y in curve]).max() < 0.25
    corner = [(0.0, 0.0), *[(float(i), 0.0) for i in range(1, 9)], (9.0, 5.0)]
    assert simplified(corner) == [(0.0, 0.0), (8.0, 0.0), (9.0, 5.0)]


def test_circles_are_circles_and_squares_are_not() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.scatter([1.0, 2.0], [1.0, 2.0], s=[20, 90])
    root, text = drawing(figure)
    radii = sorted(float(one.attrib["r"]) for one in elements(root, "circle"))
    assert radii == pytest.approx([math.sqrt(20) / 2, math.sqrt(90) / 2], abs=0.01)
    assert circle("M 0 0 L 1 0 L 1 1 z") is None
    assert " C" not in text


@styled
def ruled(*, cut: bool) -> Figure:
    """A line, another across it, and a third of the first's look that the second lies under."""
    figure = Figure(figsize=(4, 4))
    axes = figure.subplots()
    axes.set_xlim(0, 3 if not cut else 1.5)
    axes.set_ylim(0, 3)
    axes.plot([0.2, 2.8], [0.5, 0.5], color="#123456", linewidth=3)
    axes.plot([1, 1], [1.0, 2.8], color="#654321", linewidth=3)
    axes.plot([0.2, 2.8], [1.5, 1.5], color="#123456", linewidth=3)
    axes.plot([0.2, 0.8], [2.5, 2.5], color="#123456", linewidth=3)
    return settled(figure)


def strokes(text: str, colour: str) -> list[str]:
    """Return the classes of lines of a colour."""
    return re.findall(rf"\.(\w+){{[^}}]*stroke:{colour}[^}}]*}}", text)


def test_lines_of_a_look_are_one_path_unless_something_lies_between() -> None:
    root, text = drawing(ruled(cut=False))
    (look,) = strokes(text, "#123456")
    paths = [one for one in elements(root, "path") if one.get("class") == look]
    # the first and the others apart: the second line lies between; the last joins the third
    assert [one.attrib["d"].count("M") for one in paths] == [1, 2]
    grid = strokes(text, r"var\(--grid\)")
    assert len([one for one in elements(root, "path") if one.get("class") in grid]) < 5  # of 14


def test_ticks_are_one_path_though_grid_and_labels_lie_between() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#123456")
    axes.tick_params(color="#654321", direction="out")
    axes.grid(visible=True)
    root, text = drawing(settled(figure))
    looks = strokes(text, "#654321")
    ticks = [one for one in elements(root, "path") if one.get("class") in looks]
    assert [one.attrib["d"].count("M") for one in ticks] == [12]


def test_what_is_used_once_is_drawn_in_its_place() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.fill_between([0, 1, 2], [0, 1, 0], [1, 2, 1], color="#123456")
    root, _ = drawing(settled(figure))
    assert not elements(root, "use") and not elements(root, "defs")


def test_a_clip_stays_where_it_cuts_something_off() -> None:
    assert "clip-path:url(" not in drawing(ruled(cut=False))[1]
    root, text = drawing(ruled(cut=True))
    assert "clip-path:url(" in text
    clips = {one.attrib["id"] for one in elements(root, "clipPath")}
    assert set(re.findall(r"url\(#(\w+)\)", text)) == clips


def test_drawings_of_a_page_share_styles_and_no_id() -> None:
    sheet = Sheet()
    first, second = (
        inline_svg(ruled(cut=True), f"figure-{i}", "One", sheet=sheet) for i in range(2)
    )
    assert "<style" not in first
    ids = [set(re.findall(r'id="([\w-]+)"', text)) for text in (first, second)]
    assert not ids[0] & ids[1]
    looks = {name: style for style, name in sheet.rules.items()}
    worn = [set(re.findall(r'class="(\w+)"', text)) for text in (first, second)]
    apart = worn[0] ^ worn[1]
    assert len(worn[0] & worn[1]) > 5 and all("clip-path" in looks[name] for name in apart)
    # a browser may take letters of either case for the same
    assert all(name == name.lower() for name in sheet.rules.values())
    assert len(set(sheet.rules.values())) == len(sheet.rules)


def test_a_point_takes_few_characters_beside_its_words() -> None:
    """The page has some 2,400 of them."""
    figure = Figure()
    axes = figure.subplots()
    n = 200
    said = [hover(f"System {i}", "2021") for i in range(n)]
    axes.scatter(np.arange(n), np.arange(n) % 17, s=16, alpha=0.75, urls=said)
    _, text = drawing(figure)
    words = sum(len(one.removeprefix("title:")) for one in said)
    assert text.count("<title>") == n
    assert len(text) < n * A_POINT + words + 3000


def test_a_figure_of_every_record_stays_light() -> None:
    """The default page draws 231 records thrice and has 1.2 MB for everything."""
    n = 231
    generator = np.random.default_rng(0)
    table = pl.DataFrame(
        {
            "system": [f"A system of a longer name {i}" for i in range(n)],
            "benchmark": ["wt103", "wt2", "ptb"] * (n // 3),
            "published": pl.Series([f"20{12 + i % 11}-03-04" for i in range(n)]).str.to_date(),
            "compute": 10 ** generator.uniform(13, 24, n),
            "growth": generator.uniform(0.3, 2, n),
            "doubling_time": generator.uniform(5, 30, n),
        }
    )
    labels = {"wt103": "WikiText-103", "wt2": "WikiText-2", "ptb": "Penn Treebank"}
    text = inline_svg(DRAW.local_growth(table, labels, 1.0), "local", "Local")
    assert text.count("<title>") == 2 * n
    assert len(text.encode()) < 80_000
