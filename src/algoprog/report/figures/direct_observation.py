"""Doubling times seen from a reference system on, beside the headline's."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.report.figures.parts.axes import growth_limits, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.forest import Estimate, Line, Look, Mark, forest
from algoprog.report.figures.parts.marks import empty, legend, marker_key
from algoprog.report.figures.parts.names import short_name
from algoprog.report.figures.parts.rows import Row, matching, number
from algoprog.report.figures.parts.style import PALETTE, settled, styled
from algoprog.report.settings import ANALYSIS

# Colour and marker of each kind of compute.
KINDS = {"recorded": ("blue", "s"), "inferred": ("green", "o")}


@styled
def direct_observation(table: pl.DataFrame, doubling_times: pl.DataFrame, headline: Row) -> Figure:
    """Draw a line for the headline's model and for each reference system.

    Points and 95 % intervals of OLS; the cross is the growth without the reference itself. A
    reference that was refused says so in its line.

    Parameters
    ----------
    table : the table `direct_observation`.
    doubling_times, headline : the table of that name and the headline's analysis.
    """
    model = matching(
        doubling_times, headline, ANALYSIS, quantity="compute", definition="closed_form"
    )[:1]
    rows = table.sort("reference", "compute", descending=[False, True]).to_dicts()
    if not rows and not model:
        return empty("No direct observation")
    shown = ["growth_point", "growth", "growth_without_reference"]
    width = 60
    lines = [
        Line(
            textwrap.fill(f"{headline['variant']}, {headline['estimator']}", width),
            [_headline(row)],
        )
        for row in model
    ]
    lines += [Line(textwrap.fill(_label(row), width), [_seen(row)]) for row in rows]
    look = Look(
        0.32, lambda axes, limits: month_axis(axes, limits)
    )  # fmt: skip
    figure, axes = forest(lines, growth_limits((*model, *rows), shown), look)
    if model and rows:
        axes.axhline(len(model) - 0.5, color=PALETTE["muted"], linewidth=0.6)
    legend(figure, _keys(rows, bool(model)), 2)
    return settled(figure)


def _label(row: Row) -> str:
    of = "" if row["n"] is None else f", n = {row['n']}"
    return f"{short_name(row['reference'])}, {row['compute']}{of}"


def _headline(row: Row) -> Estimate:
    look = {"marker": "D", "markersize": 5.5, "color": PALETTE["ink"], "zorder": 6}
    return Estimate(row, "ink", [Mark(row["growth_point"], look)], median=False)


def _seen(row: Row) -> Estimate:
    """Return the trend from a reference on, or why there is none."""
    if row["growth"] is None:
        note = textwrap.fill(row["note"] or "no trend", 80)
        aside = {"x": 0.99, "ha": "right", "color": PALETTE["muted"], "parse_math": False}
        return Estimate(None, "muted", note=(note, aside))
    colour, marker = KINDS.get(row["compute"], ("purple", "^"))
    label, rest = _label(row), number(row["growth_without_reference"])
    with_it = {
        "marker": marker, "markersize": 6, "color": PALETTE[colour],
        "markeredgecolor": PALETTE["ink"], "markeredgewidth": 0.6, "zorder": 6,
        "url": hover(label, f"{number(row['growth']):.2f} per year"),
    }  # fmt: skip
    without = {
        "marker": "x", "markersize": 5, "color": PALETTE["ink"], "markeredgewidth": 1.1,
        "zorder": 6,
        "url": hover(f"{label}, without the reference itself", f"{rest:.2f} per year"),
    }  # fmt: skip
    return Estimate(row, colour, [Mark(row["growth"], with_it), Mark(rest, without)], only=1.4)


def _keys(rows: Sequence[Row], model: bool) -> list[Line2D]:
    first = [marker_key("headline model, 50 and 95 %", marker="D", markersize=5.5)]
    kinds = [
        Line2D([], [], color=PALETTE[colour], linewidth=1.4, marker=marker, markersize=6,
               markeredgecolor=PALETTE["ink"], label=f"OLS, 95 % ({kind} compute)")
        for kind, (colour, marker) in KINDS.items()
        if any(row["compute"] == kind for row in rows)
    ]  # fmt: skip
    rest = marker_key("OLS without the reference", marker="x", markersize=5)
    return [*(first if model else []), *kinds, rest]


FIGURE = PageFigure(
    "direct-observation",
    "Doubling times by direct observation beside the headline’s",
    direct_observation,
    ("direct_observation", "doubling_times"),
    lambda inputs: (inputs.converged.key,),
)
