"""Figures: the same bytes, one palette, every draw accounted for, names that cannot break out."""

from __future__ import annotations

import datetime
import itertools
import math
import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure

from algoprog.report.figures.distributions import doubling_time_distributions
from algoprog.report.figures.loss import loss_against_date
from algoprog.report.figures.parts import style
from algoprog.report.figures.parts.axes import month_ticks
from algoprog.report.figures.parts.compact import Sheet
from algoprog.report.figures.parts.files import inline_svg, pdf, svg
from algoprog.report.figures.parts.names import short_name
from algoprog.report.figures.parts.style import DARK_PALETTE, DATA_COLOURS, PALETTE

LABELS = {"wt103": "WikiText-103", "ptb": "Penn Treebank"}
HOSTILE = "<script>alert(1)</script>&\"'$x_{\x07"


def sample(*names: str) -> pl.DataFrame:
    """Rows of two benchmarks, one fewer on the second; each of `names` is a record of the first."""
    n = len(names)
    first = pl.DataFrame(
        {
            "system": names,
            "paper": [f"On {name}" for name in names],
            "benchmark": "wt103",
            "published": [datetime.date(2017 + i, 5, 1) for i in range(n)],
            "perplexity": [40.0 * 0.6**i for i in range(n)],
            "parameters": [10.0 ** (7 + i) for i in range(n)],
            "dataset_tokens": [1.0e8] * n,
        }
    )
    second = first.with_columns(system=pl.lit("other"), benchmark=pl.lit("ptb"))
    second = second.head(n - 1)
    return pl.concat([first, second.with_columns(perplexity=2 * pl.col("perplexity"))])


def panels(**changes: float | str) -> pl.DataFrame:
    row = {"panel": "a", "title": "Ours", "estimator": "converged"}
    row |= {"median": 6.0, "ci50_low": 5.0, "ci50_high": 8.0, "ci95_low": 4.0, "ci95_high": 20.0}
    row |= {f"growth_{name}": 12 * math.log(2) / row[name] for name in ("median", "ci50_low")}
    row |= {"growth_ci50_high": 2.0, "growth_ci95_low": -0.1, "growth_ci95_high": 3.0}
    row |= {"growth_point": 1.4}
    return pl.DataFrame([row | changes])


def distribution(*growth: float, **changes: float | str) -> Figure:
    draws = pl.DataFrame({"panel": ["a"] * len(growth), "growth": list(growth)})
    return doubling_time_distributions(panels(**changes), draws)


def texts(figure: Figure) -> list[str]:
    root = ElementTree.fromstring(svg(figure))
    return ["".join(e.itertext()) for e in root.iter() if e.tag.endswith("}text")]


def make() -> list[Figure]:
    growth = np.linspace(-0.5, 3, 50)
    return [
        distribution(*growth),
        loss_against_date(sample("one", "two", "three"), LABELS),
    ]


@pytest.mark.parametrize("low", [0.3, -0.2, -2.0, None])
def test_the_interval_quoted_is_drawn_where_it_is_another(low: float | None) -> None:
    growth = np.linspace(-0.5, 3, 50)
    figure = distribution(*growth, quoted_low=low, quoted_high=2.9)
    assert "95 % interval quoted" in texts(figure)
    (axes,) = [one for one in figure.axes if one.get_title("left")]
    broken = [line for line in axes.lines if line.get_linestyle() == "--"]
    (ends,) = [np.asarray(line.get_xdata(), dtype=float).tolist() for line in broken]
    arrows = [line for line in axes.lines if line.get_marker() == "<"]
    cut = low is None or low < -1  # beyond the axis
    assert ends == [axes.get_xlim()[0] if cut else low, 2.9]
    assert len(arrows) == cut
    assert "95 % interval quoted" not in texts(distribution(*growth))


def test_same_tables_same_bytes() -> None:
    first = [svg(figure) for figure in make()]
    pages = [pdf(figure) for figure in make()]
    mpl.rcParams["font.size"] = 20  # nobody else's settings matter
    try:
        second = make()
        assert [pdf(figure) for figure in second] == pages
        assert [svg(figure) for figure in second] == first
        assert [svg(figure) for figure in second] == first  # nor how often it is written
    finally:
        mpl.rcdefaults()
    assert not any("<dc:date>" in text for text in first)
    for page in pages:
        assert page.startswith(b"%PDF")
        assert b"Date" not in page
        assert b"title:" not in page


def test_style_file_and_palette_agree() -> None:
    path = Path(style.__file__).parents[1] / "algoprog.mplstyle"
    settings = mpl.rc_params_from_file(path, use_default_template=False)
    colours = [value for key, value in settings.items() if re.search("color", key)]
    named = {colour.removeprefix("#") for colour in PALETTE.values()}
    assert {str(colour).removeprefix("#") for colour in colours} - {"none"} <= named
    assert set(DARK_PALETTE) == set(PALETTE)


def lightness(colour: str) -> float:
    """CIE L* of a colour, which is what is left of it in greyscale."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    ]
    luminance = float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
    return 116 * luminance ** (1 / 3) - 16


@pytest.mark.parametrize("palette", [PALETTE, DARK_PALETTE])
def test_neighbouring_colours_stay_apart_in_greyscale(palette: dict[str, str]) -> None:
    shades = [lightness(palette[name]) for name in DATA_COLOURS]
    assert all(abs(a - b) >= 8 for a, b in itertools.pairwise(shades)), shades
    first, second, third = shades[:3]
    assert min(abs(first - second), abs(second - third), abs(first - third)) >= 8, shades


def test_every_point_says_which_system_of_which_paper_it_is() -> None:
    root = ElementTree.fromstring(svg(loss_against_date(sample("a", "b"), LABELS)))
    points = [e for e in root.iter() if e.get("class") == "point"]
    said = [(e[0].text or "").split("\n") for e in points]
    assert all(e[0].tag.endswith("}title") and len(e) == 2 for e in points)
    assert [line[:2] for line in said] == [["b", "On b"], ["a", "On a"], ["other", "On a"]]
    # 6 * 1e8 * 1e8 FLOP
    assert said[0][2:] == ["WikiText-103: perplexity 24", "2018-05-01, 6e+16 FLOP"]
    assert not [e for e in root.iter() if e.tag.endswith("}a")]


def test_names_are_text_and_nothing_else() -> None:
    figure = loss_against_date(sample("one", HOSTILE, "x" * 90), LABELS)
    inline = inline_svg(figure, "loss", HOSTILE)
    assert "<script" not in inline
    assert "&lt;script&gt;alert(1)&lt;/script" in inline
    shown = texts(figure)
    assert any(text.startswith("<script>") and len(text) <= 26 for text in shown)
    assert "x" * 25 + "…" in shown


def test_a_name_with_every_odd_character_is_drawn() -> None:
    name = "$\\frac{a}$ ]]> --> \x00\x1b\n"
    assert short_name(name + "\ud800") == "$\\frac{a}$ ]]> -->     "
    assert "$\\frac{a}$ ]]> -->" in [
        text.strip() for text in texts(loss_against_date(sample("one", name), LABELS))
    ]


def test_draws_without_progress_are_shown_and_those_beyond_the_axis_counted() -> None:
    growth = [*np.linspace(0.5, 2.0, 198), -50.0, math.inf]
    shown = texts(distribution(*growth))
    assert "← 1 of 200" in shown
    assert "1 of 200 →" in shown
    shown = texts(distribution(*np.linspace(-1.0, 2.0, 200)))
    assert "∞" in shown
    assert shaded(shown)
    assert not shaded(texts(distribution(0.5, 1.0, 2.0)))


def shaded(shown: list[str]) -> bool:
    return any(re.fullmatch(r"(no\s*)?progress", text.strip()) for text in shown)


@pytest.mark.parametrize("growth", [[1.0], [0.0, 0.0], [-1.0, -2.0], [math.inf, math.inf]])
def test_degenerate_draws_make_a_figure(growth: list[float]) -> None:
    assert svg(distribution(*growth))


def test_published_interval_with_a_negative_end_has_no_bar() -> None:
    with_bar = distribution(1.0, 2.0, estimator="published")
    without = distribution(1.0, 2.0, estimator="published", ci95_low=-4.0, ci50_low=-1.0)
    assert len(with_bar.axes[0].lines) == len(without.axes[0].lines) + 2


@pytest.mark.parametrize(("low", "high"), [(0.0, 3.4), (-2.0, 9.0), (0.0, 0.02), (0.0, 80.0)])
def test_month_ticks_are_where_their_months_are(low: float, high: float) -> None:
    places, labels = month_ticks(low, high, 0.05)
    assert len(places) >= 2
    for place, label in zip(places, labels, strict=True):
        months = math.inf if label == "∞" else float(label.replace("−", "-"))
        assert place == pytest.approx(12 * math.log(2) / months)
    gaps = np.diff(np.sort(places))
    assert (gaps >= 0.05 * (high - low)).all()


def test_inline_ids_are_the_figures_own_and_colours_the_pages() -> None:
    figure, sheet = svg(make()[1]), Sheet()
    inline, other = (inline_svg(figure, name, "A title", sheet=sheet) for name in ("loss", "again"))
    ids = re.findall(r'\bid="([^"]+)"', inline)
    assert len(ids) == len(set(ids))
    assert not set(ids) & set(re.findall(r'\bid="([^"]+)"', other))
    assert set(re.findall(r'href="#([^"]+)"', inline)) <= set(ids)
    assert set(re.findall(r"url\(#([^)]+)\)", inline)) <= set(ids)
    assert not re.findall(r"#[0-9a-f]{6}\b", inline)
    assert ElementTree.fromstring(inline).get("role") == "img"


def test_any_number_of_benchmarks() -> None:
    labels = {f"b{i}": f"Benchmark {i}" for i in range(12)}
    one = sample("one", "two")
    rows = pl.concat([one.with_columns(benchmark=pl.lit(name)) for name in labels])
    shown = texts(loss_against_date(rows, labels))
    assert all(f"Benchmark {i} (3)" in shown for i in range(12))
