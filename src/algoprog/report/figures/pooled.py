"""Intervals of the pools of best models beside those of single models, by optimal scaling."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence

import polars as pl
from matplotlib.figure import Figure

from algoprog.common.numbers import months
from algoprog.report.figures.parts.axes import growth_limits, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.forest import Estimate, Line, Look, Mark, forest
from algoprog.report.figures.parts.marks import (
    SMALL,
    empty,
    estimator_keys,
    interval_keys,
    legend,
    marker_key,
)
from algoprog.report.figures.parts.rows import Row, matching, number
from algoprog.report.figures.parts.style import ESTIMATOR_COLOURS, PALETTE, settled, styled
from algoprog.report.settings import ANALYSIS

_WIDER = 1.6  # bars and their key, than those of the other figures


@styled
def pooled(
    pooled_doubling_times: pl.DataFrame,
    doubling_times: pl.DataFrame,
    headlines: Sequence[Row],
) -> Figure:
    """Draw a line for each single model and each pool, their medians at the right.

    Parameters
    ----------
    pooled_doubling_times, doubling_times : the tables of those names.
    headlines : analyses (sample, variant, delta, estimator, resampling) to show beside the pools.
    """
    rows = [*_single(doubling_times, headlines), *_pools(pooled_doubling_times)]
    rows = [(label, row) for label, row in rows if not math.isnan(number(row["growth_median"]))]
    rows.sort(key=lambda labelled: list(ESTIMATOR_COLOURS).index(labelled[1]["estimator"]))
    if not rows:
        return empty("No pooled draws")
    lines = [
        Line(
            textwrap.fill(f"{row['estimator']}, {label}", 60),
            [_estimate(row)],
            f"{months(row['median'])} months",
        )
        for label, row in rows
    ]
    shown = ["growth_point", "growth_median", "growth_ci50_low", "growth_ci50_high"]
    limits = growth_limits((row for _, row in rows), shown)
    look = Look(0.36, lambda axes, limits: month_axis(axes, limits), aside=1.01)
    figure, axes = forest(lines, limits, look)
    axes.annotate(
        "median", (1.01, 1), xycoords="axes fraction", va="top", fontsize=SMALL,
        color=PALETTE["muted"],
    )  # fmt: skip
    handles = [
        *estimator_keys(list(dict.fromkeys(row["estimator"] for _, row in rows)), 5),
        *interval_keys(_WIDER),
        marker_key("median", marker="|", markersize=9, markeredgewidth=1.8),
        marker_key("the sample itself", marker="D", markersize=5),
    ]
    legend(figure, handles, 6)
    return settled(figure)


def _single(doubling_times: pl.DataFrame, headlines: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    for key in headlines:
        row: Row
        for row in matching(
            doubling_times, key, ANALYSIS, quantity="compute", definition="optimal_scaling"
        ):
            on = "" if row["benchmark"] == "all" else f" {row['benchmark']}"
            yield f"{row['variant']}{on}, δ\xa0=\xa0{row['delta']:g}", row


def _pools(table: pl.DataFrame) -> Iterator[tuple[str, Row]]:
    for row in matching(table, {}, (), definition="optimal_scaling"):
        size = row["pool"].removeprefix("top")
        name = f"best {size}" if row["pool"] != size else "distinct variants"
        yield f"{name} ({row['n_sets']} sets)", row


def _estimate(row: Row) -> Estimate:
    marks = []
    if "growth_point" in row:
        look = {
            "marker": "D", "markersize": 5, "color": PALETTE["ink"], "zorder": 6,
            "markeredgecolor": PALETTE["surface"], "markeredgewidth": 0.8,
            "url": hover("the sample itself", f"{months(row['point'])} months"),
        }  # fmt: skip
        marks.append(Mark(row["growth_point"], look))
    return Estimate(row, ESTIMATOR_COLOURS[row["estimator"]], marks, scale=_WIDER)


FIGURE = PageFigure(
    "pooled",
    "Doubling times by optimal scaling: single models and pools",
    pooled,
    ("pooled_doubling_times", "doubling_times"),
    lambda inputs: ([analysis.key for analysis in inputs.headlines.values()],),
)
