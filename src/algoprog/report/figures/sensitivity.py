"""The headline with one choice changed, setting by setting, from the fastest to the slowest."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.common.numbers import months
from algoprog.report.checks import also_changed, label, rejected
from algoprog.report.figures.parts.axes import WIDE_APART, growth_limits, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.forest import Estimate, Line, Look, Mark, forest
from algoprog.report.figures.parts.marks import SMALL, empty, legend, marker_key
from algoprog.report.figures.parts.rows import Row, number
from algoprog.report.figures.parts.style import (
    ESTIMATOR_COLOURS,
    PALETTE,
    settled,
    styled,
)
from algoprog.report.inputs import Inputs
from algoprog.report.reading import REJECTED_ABOVE
from algoprog.robustness.names import HEADLINE

LONGEST = 26  # characters of a label's line
_SAME = 1e-9  # of growth: a setting that repeats the headline


@styled
def sensitivity(table: pl.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Draw a line for each setting, the fastest growth first, with the headline among them.

    Estimates are the converged estimator's, or the other's where it is alone. Beside each is the
    range of 95 % of its refits; an open mark is a fit that the data reject. Settings that repeat
    the headline's estimate are left out; those without growth stand below, with their reason.

    Parameters
    ----------
    table : the table `sensitivity`.
    labels : of the benchmarks.
    """
    every = table.to_dicts()
    lead = next((e for e in ESTIMATOR_COLOURS if any(r["estimator"] == e for r in every)), None)
    rows = [row for row in every if row["estimator"] == lead]
    headline = next((row for row in rows if row["check"] == HEADLINE), None)
    known = [row for row in rows if _known(row) and not _repeats(row, headline)]
    if not known:
        return empty("No check", small=True)
    known.sort(key=lambda row: -row["growth_point"])
    without = [row for row in rows if not _known(row)]
    limits = growth_limits(known, ["growth_point"], beyond=0.25)
    look = Look(
        0.185,
        lambda axes, limits: month_axis(axes, limits, apart=WIDE_APART),
        aside=1.03,
        verticals=[(headline["growth_point"], "blue")] if headline and _known(headline) else [],
    )
    lines = [_line(row, headline, labels) for row in known]
    lines += [_reason(row, labels) for row in without]
    figure, axes = forest(lines, limits, look, small=True)
    axes.set_xlabel("Doubling time (months); faster to the right")
    axes.tick_params(axis="y", labelsize=SMALL)
    legend(figure, _keys(known, headline), 2)
    return settled(figure)


def _known(row: Row) -> bool:
    return math.isfinite(number(row["growth_point"]))


def _repeats(row: Row, headline: Row | None) -> bool:
    if headline is None or row["check"] == HEADLINE:
        return False
    return abs(number(row["growth_point"]) - number(headline["growth_point"])) < _SAME


def _line(row: Row, headline: Row | None, labels: Mapping[str, str]) -> Line:
    leads, name = row["check"] == HEADLINE, label(row, labels)
    more = " †" if also_changed(row, headline) else ""
    colour = "blue" if leads else "muted"
    open_ = rejected(row, headline)
    said = f"{months(row['point'])} months, n = {row['n']}"
    look: dict[str, Any] = {
        "marker": "o", "markersize": 5.5 if leads else 4.2,
        "color": PALETTE["surface" if open_ else colour], "markeredgecolor": PALETTE[colour],
        "markeredgewidth": 0.9, "zorder": 6, "url": hover(name, said),
    }  # fmt: skip
    mark = Mark(row["growth_point"], look)
    estimate = Estimate(row, colour, [mark], median=False, only=2.2 if leads else 1.1)
    return Line(_wrapped(name) + more, [estimate], months(row["point"]))


def _reason(row: Row, labels: Mapping[str, str]) -> Line:
    reason = textwrap.shorten(str(row["reason"]), 34, placeholder="…")
    look = {"fontsize": SMALL - 1, "color": PALETTE["muted"], "parse_math": False}
    return Line(_wrapped(label(row, labels)), [Estimate(None, "muted", note=(f" {reason}", look))])


def _wrapped(text: str) -> str:
    return textwrap.shorten(text, LONGEST, placeholder="…")


def _keys(rows: Sequence[Row], headline: Row | None) -> list[Line2D]:
    keys = [
        marker_key("headline", PALETTE["blue"], marker="o", markersize=5.5),
        marker_key("one choice changed", PALETTE["muted"], marker="o", markersize=4.2),
        Line2D([], [], color=PALETTE["muted"], linewidth=1.1, label="95 % of refits"),
    ]
    if any(rejected(row, headline) for row in rows):
        keys.append(
            marker_key("rejected by the data", PALETTE["muted"], marker="o", markersize=4.2,
                       markerfacecolor=PALETTE["surface"])
        )  # fmt: skip
    if any(also_changed(row, headline) for row in rows):
        keys.append(marker_key("† more than one choice"))
    return keys


def _finding(inputs: Inputs) -> str:
    """Return the extremes of the settings that the data do not reject."""
    rows = [row for row in inputs.rows("sensitivity") if _known(row)]
    rows = [row for row in rows if row["estimator"] == "converged"] or rows
    headline = next((row for row in rows if row["check"] == HEADLINE), None)
    kept = [row for row in rows if not (rejected(row, headline) or also_changed(row, headline))]
    if not kept:
        return "No setting has a growth rate."
    fastest = max(kept, key=lambda row: row["growth_point"])
    slowest = min(kept, key=lambda row: row["growth_point"])
    labels = inputs.settings.labels
    return (
        f"The fastest is {months(fastest['point'])} months ({label(fastest, labels)}), the slowest "
        f"{months(slowest['point'])} ({label(slowest, labels)}). Fits whose error is more than "
        f"{REJECTED_ABOVE:.0%} above the headline’s, and settings that change more than one "
        "choice, do not count."
    )


FIGURE = PageFigure(
    "sensitivity",
    "Doubling time by the paper’s definition, each choice changed by itself",
    sensitivity,
    ("sensitivity",),
    lambda inputs: (inputs.settings.labels,),
    _finding,
    small=True,
)
