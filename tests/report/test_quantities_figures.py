"""Figures of the quantities: every row accounted for, values where they belong, nothing crashes."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from drawn import DRAW, labels, legend, marks, same, without_layout, written
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from algoprog.audit.tables import REPRODUCTION
from algoprog.report.figures.parts.axes import limits
from algoprog.report.figures.parts.files import inline_svg, svg
from algoprog.report.figures.parts.style import ESTIMATOR_MARKERS, PALETTE
from algoprog.report.figures.shapley import stack
from algoprog.tables.frames import frame_of

HEADLINE = {
    "sample": "paper", "variant": "m07", "delta": 0.0025, "estimator": "converged",
    "resampling": "papers",
}  # fmt: skip
PUBLISHED = HEADLINE | {"estimator": "published", "resampling": "rows"}
BENCHMARKS = {"wt103": "WikiText-103", "ptb": "Penn Treebank"}
HOSTILE = "<script>&\"'$x_{\x07"
LN2 = 12 * math.log(2)


def interval(centre: float, half: float, prefix: str = "") -> dict[str, float]:
    """Columns of an interval centre +- half at 95 %, and half as wide at 50 %."""
    row = {f"{prefix}median": centre}
    for level, width in ((50, half / 2), (90, 0.9 * half), (95, half)):
        row |= {f"{prefix}ci{level}_low": centre - width, f"{prefix}ci{level}_high": centre + width}
    return row


NO_INTERVAL = dict.fromkeys([*interval(0, 0), *interval(0, 0, "growth_"), "n_draws"])


def doubling(growth: float, half: float | None = None, **changes: Any) -> dict[str, Any]:
    """A row of `doubling_times`; with draws where `half` is given."""
    row: dict[str, Any] = {**HEADLINE, "definition": "closed_form", "quantity": "compute"}
    row |= {"benchmark": "all", "growth_point": growth, **NO_INTERVAL}
    row |= {"point": LN2 / growth if growth > 0 else math.inf}
    if half is None:
        row["resampling"] = "none"
    else:
        row |= interval(LN2 / growth, 1.0) | interval(growth, half, "growth_") | {"n_draws": 9}
    return row | changes


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def doubling_times() -> pl.DataFrame:
    scaling: dict[str, Any] = {"definition": "optimal_scaling"}
    small: dict[str, Any] = {"variant": "m02"}
    return table(
        doubling(1.4, 0.8), doubling(1.3, 0.7, **scaling), doubling(1.0, 0.2, delta=0.01),
        doubling(2.0, variant="m10", benchmark="wt103"),
        doubling(0.7, variant="m10", benchmark="ptb"), doubling(0.95, **small),
        doubling(0.9, 0.3, delta=0.01, **small), doubling(0.8, 0.4, delta=0.02, **small),
        doubling(0.9, 0.3, **(PUBLISHED | scaling)),
        doubling(5.0, quantity="data"), doubling(3.0, sample="all_models"),
    )  # fmt: skip


def cross_validation() -> pl.DataFrame:
    key = {"sample": "paper", "estimator": "converged", "scheme": "papers"}
    errors = [
        ("m07", 0.0025, 0.053),
        ("m07", 0.01, 0.052),
        ("m10", 0.0025, 0.051),
        ("m02", 0.01, 0.07),
    ]
    errors += [("m02", 0.02, 0.06)]
    rows = [{**key, "variant": v, "delta": d, "mse": e} for v, d, e in errors]
    return table(*rows, {**rows[0], "scheme": "rows", "mse": 0.001})


def pools() -> pl.DataFrame:
    key = {
        "name": "converged",
        "scheme": "papers",
        "estimator": "converged",
        "resampling": "papers",
        "definition": "optimal_scaling",
    }
    row: dict[str, Any] = {**key, "n_draws": 99, "share_nonpositive": 0.1}
    row |= interval(5.0, 2.0) | interval(1.6, 1.2, "growth_")
    return table(
        {**row, "pool": "top10", "n_sets": 26}, {**row, "pool": "distinct", "n_sets": 8,
         "median": math.inf, "growth_median": 0.0},
    )  # fmt: skip


def shapley(*estimators: str) -> pl.DataFrame:
    """Three systems, named against the order of their dates."""
    rows = []
    shares = {"parameters": 0.4, "data": 0.3, "parameter_efficiency": -0.1, "data_efficiency": 0.4}
    shares["compute"] = 0.7
    for estimator in estimators:
        for pair in (("zeta", "mu"), ("zeta", "alpha"), ("mu", "alpha")):
            for factor, share in shares.items():
                share += 0.05 * (estimator == "published") * (factor in {"parameters", "compute"})
                key = {**HEADLINE, "estimator": estimator, "factor": factor, "share": share}
                key |= {"from_system": pair[0], "to_system": pair[1]}
                rows.append(key | interval(share, 0.1))
    return table(*rows)


def transformer() -> pl.DataFrame:
    rows = []
    for model in (HEADLINE, PUBLISHED, HEADLINE | {"variant": "m01"}):
        for form in ("factor", "multiplier"):
            for compute, gain in ((1e22, 7.0), (1e25, math.inf)):
                row = {**model, "form": form, "compute": compute, "reduction": 0.05, "gain": gain}
                row |= interval(0.05, 0.03, "reduction_") | interval(8.0, 6.0, "gain_")
                rows.append(row)
    return table(*rows)


def era_split(*estimators: str) -> pl.DataFrame:
    rows = []
    for i, name in enumerate(estimators):
        for form in ("jump", "kink"):
            for year in (2017, 2018):
                for era, growth in (("before", 0.7), ("after", 1.6), ("change", 0.9)):
                    row = {**HEADLINE, "estimator": name, "form": form, "year": year, "era": era}
                    row |= {"quantity": "compute", "benchmark": "all", "growth_point": growth + i}
                    row |= {"definition": "closed_form"}
                    rows.append(row | interval(growth, 0.5, "growth_"))
    return table(*rows, {**rows[0], "quantity": "data", "growth_point": 9.0})


def frontier_table() -> pl.DataFrame:
    return table(
        *(
            {"perplexity": perplexity, "year": year, "dataset_tokens": d, "parameters": n}
            for perplexity, reach in ((17.0, 1e20), (7.0, 1e24))
            for year in (2014.0, 2018.0, 2022.0)
            for d in np.geomspace(1e8, 1e14, 13).tolist()
            for n in [reach / d * 10 ** ((2014 - year) / 2)]
            if (perplexity, year) != (7.0, 2014.0) or d < 0
        ),
        {"perplexity": 7.0, "year": 2014.0, "dataset_tokens": 1e8, "parameters": None},
    )


def effective(*estimators: str) -> pl.DataFrame:
    rows = []
    for estimator in estimators:
        for year in (2014.0, 2015.0, 2016.0):
            gain, physical = 3.0 ** (year - 2014), 0.006 * 4.0 ** (year - 2014)
            row = {"estimator": estimator, "resampling": "papers", "year": year}
            row |= {"physical": physical, "algorithmic": gain, "effective": gain * physical}
            rows.append(row | interval(gain, 0.5))
    return table(*rows)


def allocations() -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {"law": "Law", "system": "Rule", "compute": 10.0**p, "gain": p / 10, "extra_compute": p / 8}
        for p in (19, 22, 25)
    ]
    return table(*rows, {**rows[0], "system": "Big", "compute": 3e23, "gain": 2.9,
                         "extra_compute": None})  # fmt: skip


def observed() -> pl.DataFrame:
    row: dict[str, Any] = {"reference": "First", "compute": "recorded", "n": 9, "growth": 0.8}
    row |= {"growth_ci95_low": -0.4, "growth_ci95_high": 2.0, "growth_without_reference": -0.2}
    blank = dict.fromkeys([name for name in row if name.startswith("growth")])
    refused = {"reference": "Second", "compute": "inferred", "n": 2, "note": "refused: too few"}
    return table({**row, "note": None}, {**blank, **refused})


def reductions(*kinds: str) -> pl.DataFrame:
    rows = []
    for kind in kinds:
        for rank in (1, 2, 3):
            row: dict[str, Any] = {
                "compute": kind,
                "rank": rank,
                "reference": f"old {rank}",
                "ratio": 10.0 / rank,
            }
            row |= {"successor": f"new {rank}", "reference_compute": 1e20 * rank}
            row |= {"reference_published": datetime.date(2019, rank, 1)}
            row |= {"successor_published": datetime.date(2021, rank, 1)}
            row |= {"note": "far apart" if rank == 3 else None}
            rows.append({**row, "successor_compute": 1e19 * rank**2})
    return table(*rows)


def audited() -> pl.DataFrame:
    names = ("relative_difference", "relative_difference_low", "relative_difference_high")
    values: list[tuple[str, str, tuple[float | None, float | None, float | None]]] = [
        ("3.1", "exact", (1e-7, 0.0, None)), ("3.1", "close", (-0.004, 0.003, 0.002)),
        ("J", "differs", (0.2, None, None)), ("J", "defect 3", (math.inf, None, None)),
        ("J", "not determined", (None, None, None)),
    ]  # fmt: skip
    rows = [
        {"id": str(i), "section": section, "verdict": verdict, **dict(zip(names, d, strict=True))}
        for i, (section, verdict, d) in enumerate(values)
    ]
    return frame_of(REPRODUCTION, rows)


BOTH = ("converged", "published")
# Figures that are as wide as a phone on every page.
SMALL = {"shapley", "transformer", "reproduction"}
FIGURES: dict[str, Callable[[Callable[[pl.DataFrame], pl.DataFrame]], Figure]] = {
    "variants": lambda of: DRAW.doubling_times_by_variant(
        of(doubling_times()), of(cross_validation()), HEADLINE, BENCHMARKS
    ),
    "pooled": lambda of: DRAW.pooled(of(pools()), of(doubling_times()), [HEADLINE, PUBLISHED]),
    "shapley": lambda of: DRAW.shapley(of(shapley(*BOTH))),
    "transformer": lambda of: DRAW.transformer(of(transformer()), HEADLINE),
    "eras": lambda of: DRAW.eras(of(era_split(*BOTH))),
    "frontiers": lambda of: DRAW.frontiers(of(frontier_table())),
    "effective": lambda of: DRAW.effective_compute(of(effective(*BOTH))),
    "allocation": lambda of: DRAW.allocation(of(allocations())),
    "direct": lambda of: DRAW.direct_observation(of(observed()), of(doubling_times()), HEADLINE),
    "reductions": lambda of: DRAW.compute_reductions(of(reductions("recorded", "inferred"))),
    "reproduction": lambda of: DRAW.reproduction(of(audited())),
}


def places(lines: list[Line2D]) -> list[float]:
    return [float(np.asarray(line.get_xdata())[0]) for line in lines]


def bars(axes: Axes, width: float) -> list[tuple[float, float]]:
    """Ends of the horizontal bars of a width."""
    ends = [
        np.asarray(line.get_xdata(), dtype=float)
        for line in axes.lines
        if line.get_linewidth() == pytest.approx(width) and line.get_marker() == "None"
    ]
    return [(float(x[0]), float(x[-1])) for x in ends]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The layout takes most of a figure's time; only the tests of it need it."""
    if "laid_out" not in request.fixturenames:
        without_layout(monkeypatch)


@pytest.fixture
def laid_out() -> None:
    """For tests that want the layout as it is."""


# ---- all of them


@pytest.mark.parametrize("name", FIGURES)
def test_same_tables_same_bytes_in_the_pages_colours(name: str) -> None:
    figure = FIGURES[name](same)
    assert svg(FIGURES[name](same)) == svg(figure)
    assert not re.findall(r"#[0-9a-f]{6}\b", inline_svg(figure, name, name))


@pytest.mark.usefixtures("laid_out")
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", FIGURES)
def test_every_text_is_inside_the_figure(name: str) -> None:
    figure = FIGURES[name](same)
    width, height = figure.get_size_inches() * figure.dpi
    assert width == pytest.approx(figure.dpi * (3.9 if name in SMALL else 7.4))
    for text in figure.findobj(lambda one: isinstance(one, Annotation)) + figure.legends:
        box = text.get_window_extent()
        assert box.x0 > -1, text
        assert box.x1 < width + 1, text
        assert box.y0 > -1, text
        assert box.y1 < height + 1, text


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", FIGURES)
def test_degenerate_tables_make_a_figure(name: str) -> None:
    def numbers(value: float | None) -> Callable[[pl.DataFrame], pl.DataFrame]:
        kept = {"delta", "year", "perplexity", "dataset_tokens", "compute", "rank", "n"}
        kept |= {"reference_compute", "successor_compute"}
        return lambda frame: frame.with_columns(
            pl.lit(value, kind).alias(column)
            for column, kind in frame.schema.items()
            if (kind.is_float() or (kind.is_integer() and value is None)) and column not in kept
        )

    changes: list[Callable[[pl.DataFrame], pl.DataFrame]] = [
        lambda frame: frame.clear(),
        lambda frame: frame.head(1),
        *(numbers(value) for value in (None, math.inf, -3.0)),
    ]
    for change in changes:
        FIGURES[name](change).draw_without_rendering()


def test_names_are_text_and_nothing_else() -> None:
    rename = pl.when(pl.col("from_system") == "zeta").then(pl.lit(HOSTILE)).otherwise("from_system")
    figures = [
        DRAW.shapley(shapley(*BOTH).with_columns(from_system=rename)),
        DRAW.allocation(allocations().with_columns(system=pl.lit(HOSTILE))),
        DRAW.compute_reductions(
            reductions("recorded").with_columns(successor=pl.lit(HOSTILE))
        ),
        DRAW.direct_observation(
            observed().with_columns(reference=pl.lit(HOSTILE), note=pl.lit(HOSTILE[:-1])),
            doubling_times(), HEADLINE,
        ),
    ]  # fmt: skip
    for figure in figures:
        content = inline_svg(figure, "one", "One")
        assert "<script" not in content
        assert "&lt;script&gt;" in content


# ---- one by one


def test_variants_stand_in_the_order_of_their_held_out_error() -> None:
    figure = DRAW.doubling_times_by_variant(
        doubling_times(), cross_validation(), HEADLINE, BENCHMARKS
    )
    axes = figure.axes[0]
    assert labels(axes) == ["m10 wt103", "m10 ptb", "m07", "m02"]
    (right,) = axes.child_axes
    assert labels(right) == ["0.0510", "0.0520", "0.0600"]
    assert right.get_yticks().tolist() == [0, 2, 3]
    unordered = DRAW.doubling_times_by_variant(doubling_times(), None, HEADLINE, BENCHMARKS)
    assert labels(unordered.axes[0]) == ["m02", "m07", "m10 wt103", "m10 ptb"]
    assert not unordered.axes[0].child_axes


def test_every_delta_of_a_variant_has_a_mark_and_the_headlines_is_larger() -> None:
    figure = DRAW.doubling_times_by_variant(doubling_times(), None, HEADLINE, BENCHMARKS)
    axes = figure.axes[0]
    closed = marks(axes, "o", PALETTE["blue"])
    assert sorted(places(closed)) == [0.7, 0.8, 0.9, 0.95, 1.0, 1.4, 2.0]
    large = [line for line in closed if line.get_markersize() > 4]
    assert sorted(places(large)) == [0.7, 0.95, 1.4, 2.0]
    assert places(marks(axes, "D", PALETTE["gold"])) == [1.3]


def test_large_mark_and_intervals_are_at_one_delta_that_of_the_least_error() -> None:
    best = [(0.4, 1.2), (0.8, 1.2)], [0.7, 0.8, 1.0, 2.0]  # m02 at 0.02, m07 at 0.01
    headline = [(0.6, 2.0), (0.6, 2.2)], [0.7, 0.95, 1.4, 2.0]
    for cv, (intervals, points_at) in ((cross_validation(), best), (None, headline)):
        figure = DRAW.doubling_times_by_variant(doubling_times(), cv, HEADLINE, BENCHMARKS)
        ends = bars(figure.axes[0], 0.7 * 1.1)
        assert sorted((round(a, 9), round(b, 9)) for a, b in ends) == intervals
        closed = marks(figure.axes[0], "o", PALETTE["blue"])
        assert sorted(places([m for m in closed if m.get_markersize() > 4])) == points_at


def test_what_is_beyond_the_axis_is_an_arrowhead_at_its_edge() -> None:
    rows = table(
        doubling(1.0, 0.3), doubling(1.2, variant="m01"), doubling(math.inf, variant="m02"),
        doubling(1.1, variant="m03", growth_point=-500.0), doubling(1.3, variant="m05"),
    )  # fmt: skip
    axes = DRAW.doubling_times_by_variant(rows, None, HEADLINE, BENCHMARKS).axes[0]
    low, high = axes.get_xlim()
    assert places(marks(axes, ">")) == [high]
    assert places(marks(axes, "<")) == [low]
    assert 1.3 < high < 5
    assert len(marks(axes, "o", PALETTE["blue"])) == 3


def test_pools_stand_beside_the_headlines_by_optimal_scaling() -> None:
    figure = DRAW.pooled(pools(), doubling_times(), [HEADLINE, PUBLISHED])
    axes = figure.axes[0]
    assert labels(axes) == [
        "converged, m07, δ = 0.0025",
        "converged, best 10 (26 sets)",
        "converged, distinct variants (8 sets)",
        "published, m07, δ = 0.0025",
    ]
    assert places(marks(axes, "|")) == [1.3, 1.6, 0.0, 0.9]
    assert places(marks(axes, "D")) == [1.3, 0.9]
    assert {f"{LN2 / 1.3:.1f} months", "5.0 months", "∞ months"} <= set(written(axes))
    assert "∞" in [text.get_text() for text in axes.get_xticklabels()]


def test_a_bar_divides_the_fall_between_compute_and_algorithms() -> None:
    figure = DRAW.shapley(shapley(*BOTH))
    axes = figure.axes[0]
    assert labels(axes) == ["mu", "alpha"]  # by date, which is against their names
    assert "since zeta" in axes.get_xlabel()
    rectangles = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    spans = [tuple(sorted((p.get_x(), p.get_x() + p.get_width()))) for p in rectangles]
    assert spans == 2 * [pytest.approx((0, 70)), pytest.approx((70, 100))]
    assert written(axes) == ["70 %", "70 %"]
    assert places(marks(axes, "D", PALETTE["surface"])) == pytest.approx([75, 75])
    assert sorted(bars(axes, 1.3)) == 2 * [pytest.approx((60, 80))]


def test_more_than_the_whole_fall_leaves_algorithms_below_zero() -> None:
    more = shapley("converged").with_columns(share=pl.lit(1.2))
    rectangles = DRAW.shapley(more).axes[0].patches[:2]
    spans = [(p.get_x(), p.get_x() + p.get_width()) for p in rectangles]  # type: ignore[attr-defined]
    assert spans == [pytest.approx((0, 120)), pytest.approx((0, -20))]


def test_shares_that_are_not_known_take_no_place() -> None:
    shares = {"a": 0.4, "b": -0.1, "c": math.nan, "d": -0.2, "e": 0.9}
    placed = stack(shares)
    assert list(placed) == ["a", "b", "d", "e"]
    expected = [(0, 40), (0, -10), (-10, -20), (40, 90)]
    assert list(placed.values()) == [pytest.approx(one) for one in expected]


def test_both_parts_of_a_bar_differ_without_colour() -> None:
    figure = DRAW.shapley(shapley("published"))
    hatches = [patch.get_hatch() for patch in figure.axes[0].patches[:2]]
    assert len(set(hatches)) == 2
    assert {"more compute", "better algorithms"} <= set(legend(figure))


def test_the_transformer_has_a_line_for_each_form_and_estimator_of_the_headlines_law() -> None:
    table = transformer().with_columns(
        gain=pl.when(pl.col("compute") == 1e25).then(pl.lit(20.0)).otherwise(pl.col("gain"))
    )
    figure = DRAW.transformer(table, HEADLINE)
    (axes,) = figure.axes
    assert labels(axes) == [
        "can say “no effect”, converged", "can say “no effect”, published",
        "assumes a benefit, converged", "assumes a benefit, published",
    ]  # fmt: skip
    assert axes.get_xscale() == "log" and "10²⁵ FLOP" in axes.get_xlabel()
    assert places([m for m in marks(axes, "o") if m.get_markersize() > 4]) == [20.0] * 4
    assert places([m for m in marks(axes, "o") if m.get_markersize() < 4]) == [20.0] * 2
    assert [text for text in written(axes) if text.endswith("%")] == ["5.0 %"] * 4


def test_an_unbounded_gain_is_an_arrowhead() -> None:
    (axes,) = DRAW.transformer(transformer(), HEADLINE).axes
    edge = axes.get_xlim()[1]
    assert places(marks(axes, ">"))[:6] == pytest.approx([edge] * 6)


@pytest.mark.parametrize("estimators", [BOTH, ("published",), ("converged",)])
def test_every_era_has_its_mark(estimators: tuple[str, ...]) -> None:
    figure = DRAW.eras(era_split(*estimators))
    assert len(figure.axes) == 4
    heights = [
        [
            float(np.asarray(line.get_ydata())[0])
            for estimator in estimators
            for line in marks(axes, ESTIMATOR_MARKERS[estimator])
        ]
        for axes in figure.axes
    ]
    expected = [growth + i for i in range(len(estimators)) for growth in (0.7, 1.6)]
    assert sorted(heights[0]) == sorted(heights[1]) == pytest.approx(sorted(2 * expected))
    changes = sorted(2 * [0.9 + i for i in range(len(estimators))])
    assert sorted(heights[2]) == sorted(heights[3]) == pytest.approx(changes)
    at = [float(np.asarray(line.get_xdata())[0]) for line in marks(figure.axes[0], "o")]
    assert len(set(at)) == len(at)  # none hides another
    assert set(estimators) <= set(legend(figure))
    assert not set(BOTH) - set(estimators) & set(legend(figure))


def test_later_frontiers_are_darker_and_each_year_is_named_once() -> None:
    figure = DRAW.frontiers(frontier_table())
    first, second = figure.axes
    assert first.get_title(loc="left") == "Perplexity 17"
    shades = [line.get_alpha() or 1.0 for line in first.lines]
    assert shades == sorted(shades)
    assert len(set(shades)) == 3
    assert sorted(written(first)) == ["2014", "2018", "2022"]
    assert sorted(written(second)) == ["2018", "2022", "out of reach: 2014"]


def test_effective_compute_is_relative_to_the_first_year() -> None:
    figure = DRAW.effective_compute(effective(*BOTH))
    for axes in figure.axes:
        drawn = {
            str(line.get_linestyle()): np.asarray(line.get_ydata()).tolist()
            for line in axes.lines
            if line.get_linewidth() > 1
        }
        assert drawn["--"] == pytest.approx([1, 4, 16])
        assert drawn["-"] == pytest.approx([1, 3, 9])
        assert drawn["-."] == pytest.approx([1, 12, 144])
        assert sorted(written(axes)) == ["algorithmic", "effective", "physical"]
    assert len(DRAW.effective_compute(effective("published")).axes) == 1


def test_systems_are_marked_on_the_gain_of_allocation() -> None:
    figure = DRAW.allocation(allocations())
    axes = figure.axes[0]
    assert "Big 2.90×" in written(axes)
    (system,) = marks(axes, "D")
    assert (places([system])[0], float(np.asarray(system.get_ydata())[0])) == (3e23, 2.9)
    (rule,) = marks(axes, "o")
    assert np.asarray(rule.get_ydata()).tolist() == [1.9, 2.2, 2.5]
    assert len(legend(figure)) == 2


def test_a_refused_reference_says_so_beside_the_headline() -> None:
    figure = DRAW.direct_observation(observed(), doubling_times(), HEADLINE)
    axes = figure.axes[0]
    assert labels(axes) == ["m07, converged", "First, recorded, n = 9", "Second, inferred, n = 2"]
    assert "refused: too few" in written(axes)
    assert places(marks(axes, "D")) == [1.4]
    assert places(marks(axes, "s")) == [0.8]
    assert places(marks(axes, "x")) == [-0.2]
    assert bars(axes, 1.4) == [pytest.approx((-0.4, 2.0))]


def test_every_fall_in_compute_has_its_arrow_number_and_names() -> None:
    figure = DRAW.compute_reductions(reductions("recorded", "inferred"))
    for axes, aside in zip(figure.axes[::2], figure.axes[1::2], strict=True):
        arrows = [text for text in axes.texts if isinstance(text, Annotation) and text.arrow_patch]
        assert [arrow.xy[1] for arrow in arrows] == [1e19, 4e19, 9e19]
        assert sorted(text for text in written(axes) if text) == ["1", "2", "3"]
        low, high = axes.get_ylim()
        assert low < 1e19 < 3e20 < high
        (listed,) = written(aside)
        assert "old 2" in listed
        assert "→ new 2, 5.0×" in listed
        assert "→ new 3, 3.3× †" in listed and listed.count("†") == 1
    assert len(DRAW.compute_reductions(reductions("inferred")).axes) == 2


def test_published_numbers_are_counted_by_section_and_verdict() -> None:
    figure = DRAW.reproduction(audited())
    (axes,) = figure.axes
    assert labels(axes) == ["Section 3.1", "Appendix J"]
    assert [text for text in written(axes) if text.isdigit()] == ["2", "3"]
    assert legend(figure) == [
        "exact (1)", "close (1)", "affected by a defect (1)", "differs (1)", "not determined (1)",
    ]  # fmt: skip
    ends = [patch.get_x() + patch.get_width() for patch in axes.patches]  # type: ignore[attr-defined]
    assert [max(ends[i : i + 5]) for i in (0, 5)] == pytest.approx([100.0, 100.0])


@pytest.mark.parametrize(
    ("inner", "outer", "low", "high"),
    [
        ([1.0, 2.0], [], 1.0, 2.0),
        ([1.0, 2.0], [0.5, 2.5], 0.5, 2.5),
        ([1.0, 2.0], [-9.0, 9.0], 0.0, 3.0),  # ends no further than the points' own span
        ([1.0, 1.5, 2.0, 1.2, 1.7, 1.1, 1.9, 1.4, 1.6, 1.3, 500.0], [], 1.0, 2.0),
        ([1.0, 2.0, math.inf, math.nan], [math.nan, math.inf], 1.0, 2.0),
    ],
)
def test_limits_hold_the_points(
    inner: list[float], outer: list[float], low: float, high: float
) -> None:
    found = limits(inner, outer)
    room = 0.04 * (high - low)
    assert found == pytest.approx((low - room, high + room))
