"""Figures of the sensitivity page: every row accounted for, values where they belong."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from drawn import DRAW, labels, legend, marks, same, without_layout, written
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle, StepPatch
from matplotlib.text import Annotation

from algoprog.report.figures.parts.files import inline_svg, svg
from algoprog.report.figures.parts.names import spaced
from algoprog.report.figures.parts.style import PALETTE
from algoprog.report.figures.specification_curve import distinct_fits

LN2 = 12 * math.log(2)
HEADLINE = {"sample": "paper", "variant": "m07", "delta": 0.0025}
HOSTILE = "<script>&\"'$x_{\x07"
LEVELS = {"variant": ["m01", "m02"], "delta": ["0", "0.01"], "rows": ["all", "recent"]}


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def check(name: str, setting: str, growth: float | None, **changes: Any) -> dict[str, Any]:
    """A row of `sensitivity` whose 50 and 95 % intervals of growth are +- 0.1 and +- 0.4."""
    row: dict[str, Any] = {"check": name, "setting": setting, "estimator": "converged", "n": 231}
    row |= {"benchmark": "all", "growth_point": growth, "growth_median": growth, "reason": None}
    row |= {"point": LN2 / growth if growth else None}
    for level, half in ((50, 0.1), (95, 0.4)):
        for end, sign in (("low", -1), ("high", 1)):
            row[f"growth_ci{level}_{end}"] = None if growth is None else growth + sign * half
    return row | changes


def sensitivity() -> pl.DataFrame:
    none = {"reason": "too few rows; keep more", "n": 3}
    return table(
        check("headline", "headline", 1.4), check("delta", "0-001", 1.0),
        check("delta", "0-02", 0.5),
        check("benchmark", "wt2", None, benchmark=None, **none),
        check("headline", "headline", 0.9, estimator="published"),
        check("delta", "0-001", -0.3, estimator="published"),
    )  # fmt: skip


def influence() -> pl.DataFrame:
    rows = []
    for unit, count in (("paper", 12), ("record", 3)):
        for rank in range(1, count + 1):
            growth = 1.4 + (-1) ** rank * 0.3 / rank
            rows.append(
                {"unit": unit, "rank": rank, "name": f"{unit} {rank}", "growth_without": growth,
                 "doubling_without": LN2 / growth,
                 "change_months": LN2 / growth - LN2 / 1.4, "converged": rank != 2,
                 "growth_point": 1.4, "jackknife_error": 0.49}
            )  # fmt: skip
    return table(*rows)


def multiverse() -> pl.DataFrame:
    """Eight specifications: m02 grows by more; one is another's problem, one not fitted."""
    rows = []
    for i, variant in enumerate(LEVELS["variant"]):
        for j, delta in enumerate(LEVELS["delta"]):
            for k, which in enumerate(LEVELS["rows"]):
                rows.append(
                    {"id": f"s{i}{j}{k}", "variant": variant, "delta": delta, "rows": which,
                     "growth": 2.0 * i + 0.5 * j + 0.1 * k - 0.2, "status": "fitted",
                     "compute_share": 0.7, "same_as": None}
                )  # fmt: skip
    rows[5] |= {"same_as": "s100"}
    rows[7] |= {"growth": None, "status": "not_identified"}
    return table(*rows)


def intervals() -> pl.DataFrame:
    ends = {"growth_ci95_low": 0.1, "growth_ci95_high": 0.9}
    return table({"id": "s010", **ends}, {"id": "s110", **dict.fromkeys(ends)})


def attribution() -> pl.DataFrame:
    shares = {"variant": (0.6, 0.3), "delta": (0.3, 0.1), "rows": (0.1, 0.05)}
    return table(
        *(
            {"result": result, "basis": basis, "choice": choice, "n": 8,
             "first_order": alone, "shapley": share if basis == "complete" else 0.99}
            for result in ("rank", "growth", "ln_growth")
            for basis in ("all", "complete")
            for choice, (share, alone) in shares.items()
        )
    )  # fmt: skip


def coverage() -> pl.DataFrame:
    rows = []
    for resampling, method, share in (
        ("papers", "percentile", 0.8), ("papers", "bca", 0.7), ("signs", "inverted", 0.96),
    ):  # fmt: skip
        for months in (8.0, math.inf, 4.0):
            row = {"estimator": "converged", "resampling": resampling, "method": method}
            row |= {"doubling_months": months, "n_data_sets": 500, "world": "plain"}
            row |= {"definition": "closed_form"}
            for level in (90, 95):
                row |= {f"coverage{level}": share, f"coverage{level}_error": 0.02}
            rows.append(row)
    return table(*rows)


def profiles() -> pl.DataFrame:
    return table(
        *(
            {"sample": "paper", "variant": variant, "delta": 0.0025, "benchmark": "all",
             "growth": growth, "relative_loss": 0.02 * (growth - best) ** 2,
             "certified": growth != 2.8}
            for variant, best in (("m01", 0.7), ("m07", 1.4))
            for growth in (0.0, 0.7, 1.4, 2.8)
        )
    )  # fmt: skip


BENCHMARKS = {"wt2": "WikiText-2", "ptb": "Penn Treebank"}
# Figures that are as wide as a phone on every page.
SMALL = {"sensitivity"}
FIGURES: dict[str, Callable[[Callable[[pl.DataFrame], pl.DataFrame]], Figure]] = {
    "sensitivity": lambda of: DRAW.sensitivity(of(sensitivity()), BENCHMARKS),
    "influence": lambda of: DRAW.influence(of(influence())),
    "curve": lambda of: DRAW.specification_curve(
        of(multiverse()), of(intervals()), list(LEVELS), "s010"
    ),
    "attribution": lambda of: DRAW.attribution(of(attribution())),
    "coverage": lambda of: DRAW.coverage(of(coverage()), ("converged", "papers")),
    "profiles": lambda of: DRAW.profiles(of(profiles()), HEADLINE, [0.01, 0.02]),
}


def points(lines: list[Line2D]) -> list[tuple[float, float]]:
    return [
        (float(np.asarray(line.get_xdata())[0]), float(np.asarray(line.get_ydata())[0]))
        for line in lines
    ]


def bars(axes: Axes, width: float, colour: str) -> list[tuple[float, float]]:
    ends = [
        np.asarray(line.get_xdata(), dtype=float)
        for line in axes.lines
        if line.get_linewidth() == pytest.approx(width)
        and line.get_marker() == "None"
        and line.get_color() == colour
        and line.get_linestyle() == "-"
    ]
    return [(round(float(x[0]), 9), round(float(x[-1]), 9)) for x in ends]


@pytest.fixture(autouse=True)
def _no_layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The layout takes most of a figure's time; only the test of it needs it."""
    if "laid_out" not in request.fixturenames:
        without_layout(monkeypatch)


@pytest.fixture
def laid_out() -> None:
    """For tests that want the layout as it is."""


# ---- all of them


@pytest.mark.parametrize("name", FIGURES)
def test_same_tables_same_bytes_in_the_pages_colours(name: str) -> None:
    first, second = (inline_svg(FIGURES[name](same), name, name) for _ in range(2))
    assert first == second
    assert not re.findall(r"#[0-9a-f]{6}\b", first)


@pytest.mark.usefixtures("laid_out")
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", FIGURES)
def test_every_text_is_inside_the_figure(name: str) -> None:
    figure = FIGURES[name](same)
    width, height = figure.get_size_inches() * figure.dpi
    assert width == pytest.approx(figure.dpi * (3.9 if name in SMALL else 7.4))
    texts = figure.findobj(lambda one: isinstance(one, Annotation)) + figure.legends
    for axes in figure.axes:
        low, high = sorted(axes.get_ylim())
        # labels of a shared axis are on the first of the panels alone
        ticks = zip(axes.get_yticks(), axes.get_yticklabels(), strict=False)
        texts += [label for y, label in ticks if low <= y <= high]
        texts += [axes.title, axes.xaxis.label]
    for text in texts:
        box = text.get_window_extent()
        if box.width and text.get_visible():
            assert box.x0 > -2, text
            assert box.x1 < width + 2, text
            assert box.y0 > -2, text
            assert box.y1 < height + 2, text


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", FIGURES)
def test_degenerate_tables_make_a_figure(name: str) -> None:
    def numbers(value: float | None) -> Callable[[pl.DataFrame], pl.DataFrame]:
        kept = {"delta", "rank", "n", "n_data_sets", "doubling_months"}
        return lambda frame: frame.with_columns(
            pl.lit(value, kind).alias(column)
            for column, kind in frame.schema.items()
            if (kind.is_float() or (kind.is_integer() and value is None)) and column not in kept
        )

    changes: list[Callable[[pl.DataFrame], pl.DataFrame]] = [
        lambda frame: frame.clear(),
        lambda frame: frame.head(1),
        *(numbers(value) for value in (None, math.inf)),
    ]
    for change in changes:
        FIGURES[name](change).draw_without_rendering()


def test_names_are_text_and_nothing_else() -> None:
    for figure in (
        DRAW.influence(influence().with_columns(name=pl.lit(HOSTILE))),
        DRAW.sensitivity(
            sensitivity().with_columns(setting=pl.lit(HOSTILE[:-1]), reason=pl.lit(HOSTILE[:-1])),
            BENCHMARKS,
        ),
    ):
        content = inline_svg(figure, "one", "One")
        assert "<script" not in content
        assert "&lt;script&gt;" in content


# ---- one by one


def test_settings_stand_from_the_fastest_to_the_slowest_in_words() -> None:
    axes = DRAW.sensitivity(sensitivity(), BENCHMARKS).axes[0]
    assert labels(axes) == ["the headline’s choices", "δ = 0.001", "δ = 0.02", "WikiText-2 alone"]
    assert points(marks(axes, "o", PALETTE["blue"])) == [(1.4, 0)]
    changed = points(marks(axes, "o", PALETTE["muted"]))
    assert changed == [(1.0, 1), (0.5, 2)]
    ((low, high),) = bars(axes, 2.2, PALETTE["blue"])
    assert low == 1.0 and high == round(axes.get_xlim()[1], 3) < 1.8  # goes on beyond the axis
    assert bars(axes, 1.1, PALETTE["muted"]) == [(0.6, 1.4), (0.1, 0.9)]
    # months at the right: 12 ln2 / growth
    assert [t for t in written(axes) if t[:1].isdigit()] == ["5.9", "8.3", "16.6"]
    assert "published" not in " ".join(legend(DRAW.sensitivity(sensitivity(), BENCHMARKS)))


def test_a_setting_that_repeats_the_headline_has_no_line_and_a_rejected_fit_is_open() -> None:
    same: dict[str, Any] = {"objective": 0.05, "response": "own", "delta": 0.0025}
    rows = [
        check("headline", "headline", 1.4, **same), check("response", "own", 1.4, **same),
        check("irreducible_loss", "1", 0.9, **same),
        check("exponents", "held", -0.3, **same | {"objective": 0.09}),
        check("tokens_seen", "imputed", 0.8, **same | {"delta": 0.001}),
    ]  # fmt: skip
    figure = DRAW.sensitivity(table(*rows), BENCHMARKS)
    (axes,) = figure.axes
    assert labels(axes) == [
        "the headline’s choices", "irreducible loss 1", "tokens seen, imputed †",
        "exponents: held",
    ]  # fmt: skip
    assert [x for x, _ in points(marks(axes, "o", PALETTE["surface"]))] == [-0.3]
    assert {"rejected by the data", "† more than one choice"} <= set(legend(figure))


def test_every_estimate_says_what_it_is() -> None:
    shown = re.findall(r"<title>([^<]*)</title>", svg(DRAW.sensitivity(sensitivity(), BENCHMARKS)))
    assert "δ = 0.001\n8.3 months, n = 231" in shown  # 12 ln2 / 1
    left_out = re.findall(r"<title>([^<]*)</title>", svg(DRAW.influence(influence())))
    assert "without record 1\n7.6 months" in left_out  # 12 ln2 / 1.1


def test_a_setting_without_a_number_has_its_reason() -> None:
    figure = DRAW.sensitivity(sensitivity(), BENCHMARKS)
    (reason,) = [t for t in figure.axes[0].texts if "too few" in t.get_text()]
    assert reason.get_text().strip() == "too few rows; keep more"
    assert round(reason.get_position()[1]) == 3


def test_a_setting_with_a_growth_on_each_benchmark_has_a_line_for_each() -> None:
    rows = [
        check("headline", "headline", 1.0), check("equal", "m10", 2.0, benchmark="ptb"),
        check("equal", "m10", 0.5, benchmark="wt2"),
    ]  # fmt: skip
    axes = DRAW.sensitivity(table(*rows), BENCHMARKS).axes[0]
    assert labels(axes) == [
        "equal: m10, on Penn…",
        "the headline’s choices",
        "equal: m10, on WikiText-2",
    ]


def test_influence_shows_the_ten_first_and_their_change_in_months() -> None:
    papers, records = DRAW.influence(influence()).axes
    assert labels(papers) == [f"paper {rank}" for rank in range(1, 11)]
    assert labels(records) == ["record 1", "record 2", "record 3"]
    shown = marks(records, "o")
    assert [x for x, _ in points(shown)] == pytest.approx([1.1, 1.55, 1.3])
    assert [m.get_color() == PALETTE["surface"] for m in shown] == [False, True, False]
    # 12 ln2 / 1.1 - 12 ln2 / 1.4 = 1.62; over 1.55 and 1.3: -0.57 and 0.46
    assert written(records) == ["+1.62 months", "−0.57", "+0.46"]
    assert "0.49" in papers.get_title(loc="left")


def test_months_near_the_headline_stand_where_their_growth_is() -> None:
    _, records = DRAW.influence(influence()).axes
    ticks = dict(
        zip([t.get_text() for t in records.get_xticklabels()], records.get_xticks(), strict=True)
    )
    assert len(ticks) >= 3
    for months, growth in ticks.items():
        assert growth == pytest.approx(LN2 / float(months))


def test_distinct_fits_are_in_order_with_mid_ranks() -> None:
    fits = distinct_fits(multiverse())
    assert fits["id"].to_list() == ["s000", "s001", "s010", "s011", "s100", "s110"]
    assert fits["share"].to_list() == pytest.approx([(i + 0.5) / 6 for i in range(6)])
    tied = multiverse().with_columns(growth=pl.lit(1.0))
    assert set(distinct_fits(tied)["share"]) == {0.5}


def test_the_curve_rises_through_quartiles_and_marks_the_headline() -> None:
    above, below = DRAW.specification_curve(multiverse(), intervals(), list(LEVELS), "s010").axes
    (curve,) = [line for line in above.lines if len(np.asarray(line.get_xdata())) > 100]
    y = np.asarray(curve.get_ydata(), dtype=float)
    assert (np.diff(y) >= 0).all()
    assert set(np.round(y[[100, 200, 300]], 9)) <= {-0.1, 0.3, 0.4, 1.8}
    assert points(marks(above, "D")) == [(pytest.approx(100 * 2.5 / 6), pytest.approx(0.3))]
    assert f"headline’s fit: {LN2 / 0.3:.1f} months" in written(above)
    assert "33.3 % without progress" in written(above)  # -0.2 and -0.1 of six
    (redrawn,) = [c for c in above.collections if isinstance(c, LineCollection)]
    (segment,) = redrawn.get_segments()
    assert np.asarray(segment).ravel() == pytest.approx([41.67, 0.1, 41.67, 0.9])
    assert below.get_xlim() == (0, 100)


def test_the_headline_of_another_name_is_marked_at_its_problem() -> None:
    above, _ = DRAW.specification_curve(multiverse(), None, list(LEVELS), "s101").axes
    assert points(marks(above, "D")) == [(pytest.approx(75.0), pytest.approx(1.8))]
    above, _ = DRAW.specification_curve(multiverse(), None, list(LEVELS), "unknown").axes
    assert marks(above, "D") == []


def test_strips_show_which_level_is_where() -> None:
    _, below = DRAW.specification_curve(multiverse(), None, list(LEVELS), None).axes
    assert labels(below) == [
        "variant: m01", "m02", "delta: 0", "0.01", "rows: all", "recent",
    ]  # fmt: skip
    strips = [p for p in below.patches if isinstance(p, StepPatch)]
    first, second = (strip.get_data() for strip in strips[:2])
    filled = [np.flatnonzero(np.abs(s.values - s.baseline) > 1e-9) for s in (first, second)]
    # m01 has the four lowest of six places, m02 the two highest
    assert filled[0].max() < 40 * 4 / 6 <= filled[1].min()
    heights = np.abs(first.values - first.baseline)
    assert heights.max() == pytest.approx(0.84 * (6 / 4) / 3)  # 1 / (4/6) of an even spread
    assert np.abs(second.values - second.baseline).max() == pytest.approx(0.84)  # 6 / 2 = 3 times


def test_a_curve_of_a_full_multiverse_stays_small() -> None:
    generator = np.random.default_rng(1)
    n = 20_000
    frame = pl.DataFrame(
        {"id": [str(i) for i in range(n)], "growth": generator.normal(1, 1, n),
         "status": "fitted", "same_as": pl.Series([None] * n, dtype=pl.String),
         "compute_share": 0.5}
        | {f"c{c}": [f"l{x}" for x in generator.integers(0, k, n)]
           for c, k in enumerate((18, 6, 3, 2, 3, 2, 3, 2))}
    )  # fmt: skip
    figure = DRAW.specification_curve(frame, None, [f"c{c}" for c in range(8)], "7")
    assert len(inline_svg(figure, "curve", "Curve")) < 300_000


def test_bars_are_shares_of_the_complete_cross_in_order() -> None:
    rank, growth = DRAW.attribution(attribution()).axes
    assert labels(rank) == ["variant", "delta", "rows"]
    assert "ln" not in growth.get_title(loc="left")
    widths = [p.get_width() for p in rank.patches if isinstance(p, Rectangle)]
    assert widths == pytest.approx([60, 30, 30, 10, 10, 5])
    assert written(rank) == ["60 %", "30 %", "10 %"]


def test_coverage_stands_at_its_truth_with_two_errors() -> None:
    figure = DRAW.coverage(coverage(), ("converged", "papers"))
    assert len(figure.axes) == 4  # two levels; papers and the inverted set
    assert "effects of papers" in [t.get_text() for t in figure.legends[0].get_texts()]
    axes = figure.axes[0]
    assert [t.get_text() for t in figure.axes[2].get_xticklabels()] == ["4", "8", "∞"]
    shown = points(marks(axes, "o"))
    assert [round(x) for x, _ in shown] == [0, 1, 2]
    assert [y for _, y in shown] == pytest.approx([80, 80, 80])
    ends = [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines
            if line.get_color() == PALETTE["blue"] and line.get_marker() == "None"]  # fmt: skip
    assert [tuple(y) for y in ends[:3]] == [pytest.approx((76, 84))] * 3
    nominal = [a.lines[0].get_ydata()[0] for a in figure.axes]  # type: ignore[index]
    assert nominal == [90, 90, 95, 95]
    cut = [np.asarray(line.get_ydata(), dtype=float) for line in figure.axes[1].lines
           if line.get_color() == PALETTE["blue"] and line.get_marker() == "None"]  # fmt: skip
    assert {y[1] for y in cut} == {100.0}


def test_profiles_are_losses_in_per_cent_with_their_levels() -> None:
    figure = DRAW.profiles(profiles(), HEADLINE, [0.01, 0.02])
    axes = figure.axes[0]
    thick = [line for line in axes.lines if line.get_linewidth() == 2.4]
    assert len(thick) == 1
    assert np.asarray(thick[0].get_xdata()).tolist() == [0.0, 0.7, 1.4, 2.8]
    assert np.asarray(thick[0].get_ydata()).tolist() == pytest.approx([3.92, 0.98, 0.0, 3.92])
    flat = {float(line.get_ydata()[0]) for line in axes.lines  # type: ignore[index]
            if line.get_linestyle() in {":", "--"} and len(set(line.get_ydata())) == 1}  # type: ignore[arg-type]  # fmt: skip
    assert flat == {1.0, 2.0}
    assert [one.get_title("left") for one in figure.axes] == ["m07", "m01"]
    for one in figure.axes:
        hollow = [line for line in one.lines if line.get_color() == PALETTE["surface"]]
        assert [x for x, _ in points(hollow)] == [2.8]
    # the headline's again, without points, for comparison
    (grey,) = [line for line in figure.axes[1].lines if line.get_linewidth() == 2.4]
    assert grey.get_color() == PALETTE["grid"]
    assert np.array_equal(grey.get_ydata(), thick[0].get_ydata())
    names = legend(figure)
    assert names == ["m07, δ = 0.0025 (headline)", "δ = 0.0025", "all benchmarks"]


def test_profiles_are_told_apart_by_delta_and_benchmark() -> None:
    rows = profiles().filter(pl.col("variant") == "m01")
    several = pl.concat(
        rows.with_columns(delta=pl.lit(delta), benchmark=pl.lit(benchmark))
        for delta in (0.001, 0.01)
        for benchmark in ("wt103", "ptb")
    )
    figure = DRAW.profiles(pl.concat([profiles(), several]), HEADLINE, [0.01])
    curves = [line for line in figure.axes[1].lines if line.get_linewidth() == 1.0]
    assert len(curves) == 5
    looks = {(line.get_color(), str(line.get_linestyle())) for line in curves}
    assert len(looks) == 5
    names = legend(figure)
    assert names[1:] == ["δ = 0.001", "δ = 0.0025", "δ = 0.01", "all benchmarks", "ptb", "wt103"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("0-001", "0.001"), ("delta: 0-02", "delta: 0.02"), ("after_mid_2017", "after mid 2017"),
     ("loss: 1-5", "loss: 1.5"), ("m-12", "m-12")],
)  # fmt: skip
def test_names_are_spaced_and_numbers_have_their_point(name: str, text: str) -> None:
    assert spaced(name) == text
