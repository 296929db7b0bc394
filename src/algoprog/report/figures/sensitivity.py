"""The headline with one choice changed, setting by setting."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.common.numbers import months
from algoprog.report.figures.parts.axes import growth_limits, growth_on_top, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.forest import Estimate, Line, Look, Mark, forest, rule
from algoprog.report.figures.parts.marks import (
    SMALL,
    beside,
    dodge,
    empty,
    interval_keys,
    legend,
    marker_key,
)
from algoprog.report.figures.parts.names import spaced, two_lines
from algoprog.report.figures.parts.rows import Row, number
from algoprog.report.figures.parts.style import (
    ESTIMATOR_COLOURS,
    ESTIMATOR_MARKERS,
    PALETTE,
    settled,
    styled,
)
from algoprog.robustness.names import HEADLINE

Place = tuple[str, str, str | None]  # check, setting, benchmark


@styled
def sensitivity(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """Draw the headline on top, then a line for each setting of each check, by both estimators.

    A line is a setting, or a benchmark of a setting whose progress differs between them. Beside
    each estimate are its 50 and 95 % intervals of growth; below, months; above, growth; at the
    right the rows fitted. A setting without growth has its reason instead.

    Parameters
    ----------
    table : the table `sensitivity`.
    """
    rows = table.to_dicts()
    if not rows:
        return empty("No check", narrow)
    places = _places(rows)
    estimators = [e for e in ESTIMATOR_COLOURS if any(r["estimator"] == e for r in rows)]
    shifts = dict(zip(estimators, dodge(len(estimators), 0.38), strict=True))
    lines, counts, before = [], [], None
    for place in places:
        check = place[0]
        here = [r for r in rows if (r["check"], r["setting"]) == place[:2]
                and r["benchmark"] in {place[2], None}]  # fmt: skip
        label = setting_label(place, check == before)
        lines.append(
            Line(
                two_lines(label, 22) if narrow else label,
                [_estimate(row, place, shifts[row["estimator"]], narrow) for row in here],
                rule=rule("grid", 0.7, zorder=0) if before not in {None, check} else None,
            )
        )
        before = check
        counts.append(" / ".join(dict.fromkeys(str(r["n"]) for r in here if r["n"] is not None)))
    look = Look(
        0.27,
        lambda axes, limits: month_axis(axes, limits, narrow),
        verticals=[
            (row["growth_point"], ESTIMATOR_COLOURS[row["estimator"]])
            for row in rows
            if row["check"] == HEADLINE and math.isfinite(number(row["growth_point"]))
        ],
    )
    figure, axes = forest(lines, growth_limits(rows, ["growth_point"], beyond=0.35), look, narrow)
    growth_on_top(axes)
    _count(axes, counts)
    legend(figure, _keys(estimators), 2 if narrow else 5)
    return settled(figure)


def setting_label(place: Place, continued: bool = False) -> str:
    """Return what a line of checks is called; ``continued``: without the name of its check."""
    check, setting, benchmark = place
    if check == HEADLINE:
        text = "headline"
    elif continued:
        text = setting
    else:
        text = f"{check}: {setting}"
    return spaced(text) + ("" if benchmark in {None, "all"} else f", {benchmark}")


def _places(rows: Sequence[Row]) -> list[Place]:
    """Return the lines in order.

    A setting without a number of one estimator stands in the line that the other gave it.
    """
    places = list(dict.fromkeys((r["check"], r["setting"], r["benchmark"]) for r in rows))
    named = {(check, setting) for check, setting, benchmark in places if benchmark is not None}
    return [place for place in places if place[2] is not None or place[:2] not in named]


def _estimate(row: Row, place: Place, shift: float, narrow: bool) -> Estimate:
    colour = ESTIMATOR_COLOURS[row["estimator"]]
    if math.isnan(number(row["growth_point"])):
        reason = textwrap.shorten(str(row["reason"]), 34 if narrow else 74, placeholder="…")
        look = {"fontsize": SMALL - 1, "color": PALETTE[colour], "parse_math": False}
        return Estimate(None, colour, shift=shift, note=(f" {reason}", look))
    said = f"{row['estimator']}: {months(row['point'])} months, n = {row['n']}"
    point = _look(row["estimator"]) | {"zorder": 6, "url": hover(setting_label(place), said)}
    return Estimate(
        row, colour, [Mark(row["growth_point"], point)], shift, scale=0.8, median=False
    )  # fmt: skip


def _look(estimator: str) -> dict[str, Any]:
    return {
        "marker": ESTIMATOR_MARKERS[estimator], "markersize": 4.4,
        "color": PALETTE[ESTIMATOR_COLOURS[estimator]], "markeredgecolor": PALETTE["ink"],
        "markeredgewidth": 0.6,
    }  # fmt: skip


def _count(axes: Axes, counts: Sequence[str]) -> None:
    """Write how many rows were fitted at the right of each line."""
    for place, count in enumerate(counts):
        beside(axes, (1.03, place), count)
    beside(axes, (1.03, -0.6), "n", va="bottom", color=PALETTE["muted"])


def _keys(estimators: Sequence[str]) -> list[Line2D]:
    headline: dict[str, Any] = {"linewidth": 0.7, "linestyle": ":", "label": "headline"}
    return [
        *(marker_key(name, **_look(name)) for name in estimators),
        *interval_keys(0.8),
        Line2D([], [], color=PALETTE["muted"], **headline),
    ]


FIGURE = PageFigure(
    "sensitivity",
    "Growth of effective compute and doubling time, each choice changed by itself",
    sensitivity,
    ("sensitivity",),
)
