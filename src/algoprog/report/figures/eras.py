"""Growth of effective compute before and after each year, and its change, by form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.report.figures.parts.axes import growth_limits, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import (
    Ruled,
    dodge,
    empty,
    interval_keys,
    legend,
    marker_key,
)
from algoprog.report.figures.parts.rows import Row, matching, number
from algoprog.report.figures.parts.style import (
    ESTIMATOR_COLOURS,
    ESTIMATOR_MARKERS,
    PALETTE,
    WIDE,
    settled,
    styled,
)

TITLES = {"jump": "jump: level and pace change", "kink": "kink: pace alone changes"}


@styled
def eras(era_split: pl.DataFrame) -> Figure:
    """Draw growth before and after each year above, and its change below, a column a form.

    Parameters
    ----------
    era_split : the table of that name; of several benchmarks the first in the table is shown.
    """
    rows = matching(era_split, {}, (), definition="closed_form", quantity="compute")
    rows = [row for row in rows if row["benchmark"] == rows[0]["benchmark"]]
    if not rows:
        return empty("No split of eras")
    forms = list(dict.fromkeys(row["form"] for row in rows))
    years = sorted({row["year"] for row in rows})
    series = [name for name in ESTIMATOR_COLOURS if any(r["estimator"] == name for r in rows)]
    panels = [(form, change) for change in (False, True) for form in forms]
    shape = (2, len(forms))
    figure = Figure(figsize=(WIDE, 2.55 * shape[0] + 0.8))
    grid = figure.subplots(*shape, squeeze=False).ravel()
    limits = {
        change: growth_limits(
            (row for row in rows if (row["era"] == "change") == change), ["growth_point"]
        )
        for change in (False, True)
    }
    for axes, (form, change) in zip(grid, panels, strict=True):
        here = [row for row in rows if row["form"] == form]
        ruled = Ruled(axes, limits[change], upright=True)
        _panel(ruled, here, years, _lanes(series, change))
        _write_years(axes, years)
        title = TITLES.get(form, form)
        axes.set_title(f"Change, {title}" if change else title.capitalize())
        if change:
            axes.set_ylim(limits[True])
            axes.axhline(0, color=PALETTE["muted"], linewidth=0.8)
            axes.set_ylabel("After − before (per year)")
        else:
            month_axis(axes, limits[False], upright=True)
        axes.set_xlabel("First year of the later era")
    legend(figure, _keys(series), 7)
    return settled(figure)


def _lanes(series: Sequence[str], change: bool) -> dict[tuple[str, str], float]:
    """Return the shift beside a year of each estimator and era of a panel."""
    kinds = ["change"] if change else ["before", "after"]
    lanes = [(name, era) for era in kinds for name in series]
    return dict(zip(lanes, dodge(len(lanes), 0.5 if change else 0.68), strict=True))


def _panel(
    ruled: Ruled,
    rows: Sequence[Row],
    years: Sequence[int],
    shifts: dict[tuple[str, str], float],
) -> None:
    """Draw the rows that have a lane in a panel."""
    for row in rows:
        lane = (row["estimator"], row["era"])
        if lane not in shifts:
            continue
        at = years.index(row["year"]) + shifts[lane]
        name = ESTIMATOR_COLOURS[row["estimator"]]
        ruled.bars(at, row, name, "growth_", median=False)
        ruled.mark(
            at, row["growth_point"],
            marker=ESTIMATOR_MARKERS[row["estimator"]], markersize=5,
            markeredgecolor=PALETTE[name], markeredgewidth=1.0, zorder=6,
            color=PALETTE["surface" if row["era"] == "before" else name],
            url=hover(
                f"{row['estimator']}, {row['form']} at {row['year']}: {row['era']}",
                f"{number(row['growth_point']):.2f} per year",
            ),
        )  # fmt: skip


def _write_years(axes: Axes, years: Sequence[int]) -> None:
    axes.set_xticks(range(len(years)), [str(year) for year in years])
    axes.set_xlim(-0.5, len(years) - 0.5)
    axes.grid(axis="x", visible=False)
    for place in range(1, len(years)):
        axes.axvline(place - 0.5, color=PALETTE["grid"], linewidth=0.6)


def _keys(series: Sequence[str]) -> list[Any]:
    return [
        *(
            Line2D([], [], color=PALETTE[ESTIMATOR_COLOURS[name]], linewidth=3.2, label=name,
                   marker=ESTIMATOR_MARKERS[name], markersize=5)
            for name in series
        ),
        *interval_keys(),
        *(
            marker_key(label, marker="o", markersize=5, markeredgewidth=1.0,
                       markerfacecolor=PALETTE[inside])
            for label, inside in (("before", "surface"), ("after, and change", "ink"))
        ),
    ]  # fmt: skip


FIGURE = PageFigure(
    "eras",
    "Growth of effective compute before and after a year, and its change",
    eras,
    ("era_split",),
)
