"""Figures of the sensitivity page: how far the answer moves, by what, what the data tell apart.

Pure functions of result tables as read from CSV, in the style of
`algoprog.report.figures.quantities`: growth g of effective compute (per year) is the axis, the
months 12 ln2 / g are written on it, and 0, an infinite doubling time, is an ordinary place of it.
What is beyond an axis is an arrowhead at its edge; what has no number is named with its reason.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from algoprog.common.numbers import months
from algoprog.report.figures import parts
from algoprog.report.figures.headline import (
    DATA_COLOURS,
    ESTIMATOR_COLOURS,
    ESTIMATOR_MARKERS,
    NARROW,
    PALETTE,
    WIDE,
    hover,
    marker_key,
    settled,
    styled,
)
from algoprog.robustness.coverage import COVERED, PROFILE
from algoprog.robustness.names import HEADLINE

Array = NDArray[np.float64]
Row = Mapping[str, Any]

MOST_INFLUENTIAL = 10
UNIT_TITLES = {"paper": "Without one paper", "record": "Without one record"}
# Places along the ranking at which the curve is drawn, bins of the strips below it, and the
# density, relative to an even spread, that fills a strip.
CURVE_POINTS = 401
STRIP_BINS = 40
FULL_STRIP = 3.0
# The axis of growth leaves this share of the specifications at either end to arrowheads.
TAIL = 0.03
METHOD_LOOKS = {
    "percentile": ("o", "blue"),
    "basic": ("s", "sky"),
    "studentised": ("^", "gold"),
    "bca": ("D", "purple"),
    PROFILE: ("P", "green"),
}
# Behind a label that stands on lines.
_CLEAR: dict[str, Any] = {
    "facecolor": PALETTE["surface"], "alpha": 0.75, "linewidth": 0, "pad": 0.8,
}  # fmt: skip
# Monte-Carlo standard errors an error bar of a coverage has on each side.
ERRORS_SHOWN = 2.0
RESULT_TITLES = {
    "rank": "Rank of growth",
    "growth": "Growth",
    "ln_growth": "ln growth (positive only)",
}


# ---- one choice at a time


@styled
def sensitivity(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """The headline on top, then a line for each setting of each check, by both estimators.

    A line is a setting, or a benchmark of one whose progress differs between them. Beside each
    estimate are its 50 and 95 % intervals of growth; below, months; above, growth; at the right
    the rows fitted. A setting without growth has its reason instead.

    Parameters
    ----------
    table : the table `sensitivity`.
    """
    rows = table.to_dicts()
    if not rows:
        return parts.empty("No check", narrow)
    lines = list(dict.fromkeys((r["check"], r["setting"], r["benchmark"]) for r in rows))
    # a setting without a number of one estimator stands in the line that the other gave it
    named = {(check, setting) for check, setting, benchmark in lines if benchmark is not None}
    lines = [line for line in lines if line[2] is not None or line[:2] not in named]
    estimators = [e for e in ESTIMATOR_COLOURS if any(r["estimator"] == e for r in rows)]
    limits = parts.growth_limits(rows, ["growth_point"], beyond=0.35)
    figure, axes = parts.lanes(len(lines), 0.27, narrow)
    shifts = dict(zip(estimators, parts.dodge(len(estimators), 0.38), strict=True))
    for row in rows:
        if row["check"] == HEADLINE and math.isfinite(parts.number(row["growth_point"])):
            axes.axvline(row["growth_point"], color=PALETTE[ESTIMATOR_COLOURS[row["estimator"]]],
                         linewidth=0.7, linestyle=":", zorder=1)  # fmt: skip
    labels, counts, before = [], [], None
    for place, (check, setting, benchmark) in enumerate(lines):
        own = [
            row
            for row in rows
            if (row["check"], row["setting"]) == (check, setting)
            and row["benchmark"] in {benchmark, None}
        ]
        if before not in {None, check}:
            axes.axhline(place - 0.5, color=PALETTE["grid"], linewidth=0.7, zorder=0)
        labels.append(_setting_label(check, setting, benchmark, check == before, narrow))
        before = check
        counts.append(" / ".join(dict.fromkeys(str(r["n"]) for r in own if r["n"] is not None)))
        for row in own:
            at, colour = place + shifts[row["estimator"]], ESTIMATOR_COLOURS[row["estimator"]]
            if math.isnan(parts.number(row["growth_point"])):
                reason = textwrap.shorten(str(row["reason"]), 34 if narrow else 74, placeholder="…")
                axes.text(limits[0], at, f" {reason}", va="center", fontsize=parts.SMALL - 1,
                          color=PALETTE[colour], parse_math=False)  # fmt: skip
                continue
            parts.bars(axes, at, row, limits, colour, "growth_", scale=0.8, median=False)
            parts.mark(
                axes, at, row["growth_point"], limits,
                marker=ESTIMATOR_MARKERS[row["estimator"]], markersize=4.4,
                color=PALETTE[colour], markeredgecolor=PALETTE["ink"], markeredgewidth=0.6,
                zorder=6,
                url=hover(
                    _setting_label(check, setting, benchmark, False, False),
                    f"{row['estimator']}: {months(row['point'])} months, n = {row['n']}",
                ),
            )  # fmt: skip
    axes.set_yticks(range(len(lines)), labels, parse_math=False)
    parts.month_axis(axes, limits, narrow)
    _growth_on_top(axes)
    for place, count in enumerate(counts):
        axes.annotate(count, (1.03, place), xycoords=("axes fraction", "data"), va="center",
                      fontsize=parts.SMALL)  # fmt: skip
    axes.annotate("n", (1.03, -0.6), xycoords=("axes fraction", "data"), va="bottom",
                  fontsize=parts.SMALL, color=PALETTE["muted"])  # fmt: skip
    handles = [
        marker_key(name, marker=ESTIMATOR_MARKERS[name], markersize=4.4,
                   color=PALETTE[ESTIMATOR_COLOURS[name]], markeredgecolor=PALETTE["ink"],
                   markeredgewidth=0.6)
        for name in estimators
    ]  # fmt: skip
    handles += [
        *parts.interval_keys(0.8),
        Line2D([], [], color=PALETTE["muted"], linewidth=0.7, linestyle=":", label="headline"),
    ]
    parts.legend(figure, handles, 2 if narrow else 5)
    return settled(figure)


@styled
def influence(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """What leaving out each of the most influential papers, and records, does to the answer.

    An arrow goes from growth on the whole sample to that without the unit; the change in months
    stands at the right, ``∞`` where no progress is left.

    Parameters
    ----------
    table : the table `influence`.
    """
    units = [u for u in UNIT_TITLES if u in set(table["unit"])]
    if not units:
        return parts.empty("No unit left out", narrow)
    top = table.filter(pl.col("rank") <= MOST_INFLUENTIAL)
    rows = {u: top.filter(pl.col("unit") == u).sort("rank").to_dicts() for u in units}
    every = [row for own in rows.values() for row in own]
    limits = parts.limits(
        [parts.number(row["growth_without"]) for row in every]
        + [parts.number(every[0]["growth_point"])],
        [],
    )
    height = 1.2 + sum(0.3 * len(own) + 0.35 for own in rows.values())
    figure = Figure(figsize=(NARROW if narrow else WIDE, height))
    ratios = [max(len(own), 1) for own in rows.values()]
    grid = figure.subplots(len(units), 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
    for axes, unit in zip(grid, units, strict=True):
        own = rows[unit]
        for place, row in enumerate(own):
            _change(axes, place, row, limits)
        start = parts.number(own[0]["growth_point"])
        if math.isfinite(start):
            axes.axvline(start, color=PALETTE["blue"], linewidth=0.8, linestyle=":", zorder=1)
        axes.set_ylim(len(own) - 0.4, -0.6)
        width = 24 if narrow else 42
        axes.set_yticks(
            range(len(own)),
            [_two_lines(row["name"], width) for row in own],
            fontsize=parts.SMALL - 0.5, parse_math=False,
        )  # fmt: skip
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        error = parts.number(own[0]["jackknife_error"])
        said = "" if narrow else f"; jackknife standard error of growth {error:.2f} per year"
        axes.set_title(UNIT_TITLES[unit] + said)
        _near_months(axes, limits)
    grid[-1].set_xlabel("Doubling time (months); faster to the right")
    handles: list[Any] = [
        Line2D([], [], color=PALETTE["blue"], linewidth=0.8, linestyle=":", label="whole sample"),
        marker_key("without it", marker="o", markersize=4.5, color=PALETTE["vermillion"]),
    ]
    if not all(row["converged"] for row in every):
        handles.append(
            marker_key("without it, not certified", marker="o", markersize=4.5,
                       color=PALETTE["surface"], markeredgecolor=PALETTE["vermillion"])
        )  # fmt: skip
    parts.legend(figure, handles, 2 if narrow else 3)
    return settled(figure)


def _change(axes: Axes, place: int, row: Row, limits: tuple[float, float]) -> None:
    """An arrow from growth on the whole sample to that without a unit, and the months between."""
    start, end = parts.number(row["growth_point"]), parts.number(row["growth_without"])
    colour = PALETTE["vermillion"]
    inside = [min(max(x, limits[0]), limits[1]) for x in (start, end)]
    if math.isfinite(start) and not math.isnan(end):
        axes.plot(inside, [place] * 2, color=colour, linewidth=1.4, zorder=3)
    parts.mark(axes, place, end, limits, marker="o", markersize=4.5, zorder=5, markeredgewidth=0.9,
               color=colour if row["converged"] else PALETTE["surface"], markeredgecolor=colour,
               url=hover(f"without {row['name']}",
                         f"{months(row['doubling_without'])} months"))  # fmt: skip
    change = parts.number(row["change_months"])
    text = "–" if math.isnan(change) else f"{change:+.2f}".replace("inf", "∞").replace("-", "−")
    axes.annotate(f"{text} months" if place == 0 else text, (1.04, place), va="center",
                  xycoords=("axes fraction", "data"), fontsize=parts.SMALL)  # fmt: skip


# ---- all choices at once


def distinct_fits(multiverse: pl.DataFrame) -> pl.DataFrame:
    """Fitted specifications with a growth, each problem once, in order of growth.

    ``share`` is the place of each in that order: its mid-rank over their number.
    """
    rows = multiverse.filter(
        pl.col("status") == "fitted", pl.col("same_as").is_null(), pl.col("growth").is_not_null()
    ).sort("growth", maintain_order=True)
    return rows.with_columns(share=(pl.col("growth").rank("average") - 0.5) / max(rows.height, 1))


@styled
def specification_curve(
    multiverse: pl.DataFrame,
    intervals: pl.DataFrame | None,
    choices: Sequence[str],
    headline: str | None,
    narrow: bool = False,
) -> Figure:
    """Every distinct specification by its growth, and where each level of each choice stands.

    Above: growth against the share of specifications with less; the shaded band is the middle
    half, thin bars are the 95 % bootstrap intervals of those that were drawn again. Below: of each
    level its density along that order, where an even spread is the grey band; a strip is full at
    three times that.

    Parameters
    ----------
    multiverse, intervals : the tables `multiverse` and `multiverse_intervals`.
    choices : columns of the choices, in order.
    headline : id of the headline's specification, if it is one.
    """
    rows = distinct_fits(multiverse)
    if rows.is_empty():
        return parts.empty("No specification with a growth rate", narrow)
    growth = rows["growth"].cast(pl.Float64).to_numpy()
    finite = growth[np.isfinite(growth)]
    ends = np.quantile(finite, (TAIL, 1 - TAIL)) if len(finite) else np.array([0.0, 1.0])
    low, high = min(float(ends[0]), 0.0), max(float(ends[1]), 0.1)
    limits = (low - 0.03 * (high - low), high + 0.03 * (high - low))
    levels = [(c, level) for c in choices for level in multiverse[c].unique(maintain_order=True)]
    lane, top = 0.155, 2.5 if narrow else 3.0
    strips = lane * (len(levels) + 0.6 * len(choices))
    figure = Figure(figsize=(NARROW if narrow else WIDE, 1.2 + top + strips))
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[top, strips])
    _curve(above, rows, growth, limits, narrow)
    _drawn_again(above, rows, intervals, limits)
    _mark_headline(above, rows, multiverse, headline, limits, narrow)
    _strips(below, rows, levels, choices, narrow)
    below.set_xlim(0, 100)
    below.set_xlabel(
        f"Share of the {rows.height:,} specifications with less growth (%)"
        if not narrow else f"Specifications with less growth (%; n = {rows.height:,})"
    )  # fmt: skip
    handles: list[Any] = [
        Line2D([], [], color=PALETTE["blue"], linewidth=1.8, label="estimates, in order"),
        Patch(facecolor=PALETTE["blue"], alpha=0.14, label="middle half"),
    ]
    if intervals is not None and intervals.height:
        handles.append(
            Line2D([], [], color=PALETTE["gold"], linewidth=1.0, label="95 % intervals of a subset")
        )
    handles += [
        Patch(facecolor=PALETTE["vermillion"], label="density of a level"),
        Patch(facecolor=PALETTE["grid"], label="even spread"),
    ]
    parts.legend(figure, handles, 2 if narrow else 5)
    return settled(figure)


def _curve(
    axes: Axes, rows: pl.DataFrame, growth: Array, limits: tuple[float, float], narrow: bool
) -> None:
    shares = np.linspace(0, 1, CURVE_POINTS)
    curve = np.quantile(growth, shares, method="nearest")
    axes.plot(100 * shares, np.clip(curve, *limits), color=PALETTE["blue"], linewidth=1.8, zorder=4)
    quartiles = np.quantile(growth, (0.25, 0.5, 0.75), method="nearest")
    if np.isfinite(quartiles).all():
        axes.axhspan(quartiles[0], quartiles[2], color=PALETTE["blue"], alpha=0.14, linewidth=0)
        axes.plot([0, 50], [quartiles[1]] * 2, color=PALETTE["blue"], linewidth=0.8, linestyle="--",
                  zorder=3)  # fmt: skip
        axes.annotate(f"median {_months_of(float(quartiles[1]))}", (1, quartiles[1]), (2, 2),
                      textcoords="offset points", fontsize=parts.SMALL, zorder=8,
                      bbox=_CLEAR)  # fmt: skip
    parts.month_axis(axes, limits, narrow, upright=True)
    axes.set_ylabel("Doubling time (months)")
    nothing = 100 * float(np.mean(growth <= 0))
    if limits[0] < 0:
        axes.annotate(f"{nothing:.1f} % without progress", (99, 0), (0, -3), ha="right", va="top",
                      textcoords="offset points", fontsize=parts.SMALL,
                      color=PALETTE["muted"])  # fmt: skip
    right = axes.secondary_yaxis("right")
    right.set_ylabel("Growth (per year)")
    for side, beyond in ((0.0, growth < limits[0]), (100.0, growth > limits[1])):
        if beyond.any():
            value = -math.inf if side == 0 else math.inf
            parts.arrow(axes, side, value, limits, True, PALETTE["blue"])


def _drawn_again(
    axes: Axes, rows: pl.DataFrame, intervals: pl.DataFrame | None, limits: tuple[float, float]
) -> None:
    if intervals is None:
        return
    found = rows.select("id", "share").join(intervals, on="id", maintain_order="left")
    segments = []
    for row in found.iter_rows(named=True):
        low, high = parts.ends(row, 95, "growth_")
        if not math.isnan(low) and not math.isnan(high):
            x = round(100 * row["share"], 2)
            segments.append([(x, max(low, limits[0])), (x, min(high, limits[1]))])
    axes.add_collection(
        LineCollection(segments, colors=PALETTE["gold"], linewidths=0.9, zorder=2), autolim=False
    )


def _mark_headline(
    axes: Axes, rows: pl.DataFrame, multiverse: pl.DataFrame, headline: str | None,
    limits: tuple[float, float], narrow: bool,
) -> None:  # fmt: skip
    if headline is None:
        return
    own = multiverse.filter(pl.col("id") == headline)
    first = headline if own.is_empty() or own["same_as"][0] is None else own["same_as"][0]
    own = rows.filter(pl.col("id") == first)
    if own.is_empty():
        return
    share, growth = 100 * float(own["share"][0]), float(own["growth"][0])
    parts.mark(axes, share, growth, limits, True, marker="D", markersize=6, color=PALETTE["ink"],
               markeredgecolor=PALETTE["surface"], markeredgewidth=0.8, zorder=7)  # fmt: skip
    axes.annotate(
        f"headline: {_months_of(growth)}", (share, min(max(growth, limits[0]), limits[1])),
        (-7, 5), textcoords="offset points", ha="right", fontsize=parts.SMALL, fontweight="bold",
        bbox=_CLEAR, zorder=8,
    )  # fmt: skip


def _strips(
    axes: Axes, rows: pl.DataFrame, levels: Sequence[tuple[str, Any]], choices: Sequence[str],
    narrow: bool,
) -> None:  # fmt: skip
    """The density of each level along the ranking, one strip below the other."""
    edges = np.linspace(0, 100, STRIP_BINS + 1)
    share = 100 * rows["share"].to_numpy()
    every = np.histogram(share, edges)[0]
    labels: list[str] = []
    place, places, before = 0.0, [], levels[0][0]
    for choice, level in levels:
        if choice != before:
            place += 0.6
            before = choice
        at = share[(rows[choice] == level).to_numpy()]
        bottom = place + 0.42
        axes.fill_between([0, 100], bottom, bottom - 0.84 / FULL_STRIP, color=PALETTE["grid"],
                          linewidth=0, zorder=1)  # fmt: skip
        if len(at):
            with np.errstate(invalid="ignore", divide="ignore"):
                density = np.histogram(at, edges)[0] / every / (len(at) / len(share))
            height = 0.84 * np.minimum(np.nan_to_num(density), FULL_STRIP) / FULL_STRIP
            colour = DATA_COLOURS[(0, 1, 3, 5)[choices.index(choice) % 4]]
            axes.stairs(bottom - height, edges, baseline=bottom, fill=True, color=PALETTE[colour],
                        alpha=0.75, zorder=2)  # fmt: skip
        places.append(place)
        first = not labels or choice != levels[len(labels) - 1][0]
        name = (f"{choice}: " if first else "") + _level(level)
        text = name if len(at) else f"{name} (none)"
        labels.append(text.replace("_", " "))
        place += 1
    axes.set_ylim(place - 0.4, -0.6)
    axes.set_yticks(places, labels, fontsize=6.5 if narrow else 7, parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)


@styled
def attribution(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """How much of the spread each choice has: Shapley shares, and inside them what it does alone.

    Parameters
    ----------
    table : the table `attribution`; its complete basis is shown, of the results rank and growth.
    """
    rows = [
        row
        for row in table.to_dicts()
        if row["basis"] == "complete" and math.isfinite(parts.number(row["shapley"]))
    ]
    results = [name for name in ("rank", "growth") if any(r["result"] == name for r in rows)]
    if not results:
        return parts.empty("Nothing varies between the specifications", narrow)
    by_result = {name: [r for r in rows if r["result"] == name] for name in results}
    order = [r["choice"] for r in sorted(by_result[results[0]], key=lambda r: -r["shapley"])]
    order = list(dict.fromkeys([*order, *(r["choice"] for r in rows)]))
    height = 0.95 + (0.27 * len(order) + 0.5) * (len(results) if narrow else 1)
    figure = Figure(figsize=(NARROW if narrow else WIDE, height))
    shape = (len(results), 1) if narrow else (1, len(results))
    grid = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False).ravel()
    most = max(parts.number(r["shapley"]) for r in rows if r["result"] in results)
    for axes, name in zip(grid, results, strict=True):
        for row in by_result[name]:
            place, share = order.index(row["choice"]), 100 * row["shapley"]
            axes.barh(place, share, 0.66, color=PALETTE["blue"], alpha=0.35, linewidth=0)
            axes.barh(place, 100 * parts.number(row["first_order"]), 0.3, color=PALETTE["blue"],
                      linewidth=0)  # fmt: skip
            axes.annotate(f"{share:.0f} %", (share, place), (3, 0), va="center",
                          fontsize=parts.SMALL, textcoords="offset points")  # fmt: skip
        axes.set_title(f"{RESULT_TITLES[name]} (n = {by_result[name][0]['n']:,})")
        axes.set_ylim(len(order) - 0.4, -0.6)
        axes.set_xlim(0, 115 * max(most, 0.01))
        axes.set_yticks(range(len(order)), [c.replace("_", " ") for c in order], parse_math=False)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
    for axes in grid[-1:] if narrow else grid:
        axes.set_xlabel("Share of the variance (%)")
    handles = [
        Patch(facecolor=PALETTE["blue"], alpha=0.35, label="with its interactions (Shapley)"),
        Patch(facecolor=PALETTE["blue"], label="alone (first order)"),
    ]
    parts.legend(figure, handles, 1 if narrow else 2)
    return settled(figure)


# ---- what the intervals and the data are worth


@styled
def coverage(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """How often intervals hold a known doubling time, by method, resampling and truth.

    Bars are two Monte-Carlo standard errors on either side, cut at 0 and 100 %; the dashed line is
    the nominal level.

    Parameters
    ----------
    table : the table `coverage`.
    """
    rows = table.sort("doubling_months").to_dicts()
    if not rows:
        return parts.empty("No cell simulated", narrow)
    cells = sorted(
        {(r["estimator"], r["resampling"]) for r in rows},
        key=lambda cell: (cell[0] == "published", cell[1] == "none", cell[1] == "rows", cell),
    )
    truths = list(dict.fromkeys(r["doubling_months"] for r in rows))
    shape = (len(cells), len(COVERED)) if narrow else (len(COVERED), len(cells))
    height = 0.95 + (1.35 if narrow else 1.75) * shape[0]
    figure = Figure(figsize=(NARROW if narrow else WIDE, height))
    grid = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False)
    lowest = 100.0
    for (i, level), (j, cell) in product(enumerate(COVERED), enumerate(cells)):
        axes = grid[j, i] if narrow else grid[i, j]
        own = [r for r in rows if (r["estimator"], r["resampling"]) == cell]
        methods = [m for m in METHOD_LOOKS if any(r["method"] == m for r in own)]
        axes.axhline(level, color=PALETTE["ink"], linewidth=0.9, linestyle="--", zorder=2)
        for method, shift in zip(methods, parts.dodge(len(methods), 0.4), strict=True):
            marker, colour = METHOD_LOOKS[method]
            for row in (r for r in own if r["method"] == method):
                share = 100 * parts.number(row[f"coverage{level}"])
                if math.isnan(share):
                    continue
                half = ERRORS_SHOWN * 100 * parts.number(row[f"coverage{level}_error"])
                x = truths.index(row["doubling_months"]) + shift
                ends = [max(share - half, 0.0), min(share + half, 100.0)]
                lowest = min(lowest, share)
                axes.plot([x, x], ends, color=PALETTE[colour], linewidth=1.0, zorder=3)
                axes.plot(x, share, marker=marker, markersize=3.8, color=PALETTE[colour],
                          markeredgecolor=PALETTE["ink"], markeredgewidth=0.4, zorder=4,
                          clip_on=False)  # fmt: skip
        sets = sorted({r["n_data_sets"] for r in own})
        if (i == 0) or narrow:
            axes.set_title(_cell_title(cell, sets, level if narrow else None), fontsize=parts.SMALL)
        if (i if narrow else j) == 0:
            axes.set_ylabel("Coverage (%)" if narrow else f"Coverage of {level} %\nintervals (%)")
        axes.set_xticks(range(len(truths)), [_truth(t) for t in truths])
        axes.set_xlim(-0.5, len(truths) - 0.5)
        axes.grid(axis="x", visible=False)
    for axes in grid.ravel():
        axes.set_ylim(max(0.0, lowest - 4), 102)
    for axes in grid[-1]:
        axes.set_xlabel("True doubling\ntime (months)")
    shown = [m for m in METHOD_LOOKS if any(r["method"] == m for r in rows)]
    handles: list[Any] = [
        marker_key("BCa" if m == "bca" else m, marker=METHOD_LOOKS[m][0], markersize=4,
                   color=PALETTE[METHOD_LOOKS[m][1]], markeredgecolor=PALETTE["ink"],
                   markeredgewidth=0.4)
        for m in shown
    ]  # fmt: skip
    handles.append(Line2D([], [], color=PALETTE["ink"], linewidth=0.9, linestyle="--",
                          label="nominal"))  # fmt: skip
    parts.legend(figure, handles, 3 if narrow else 6)
    return settled(figure)


@styled
def profiles(
    table: pl.DataFrame,
    headline: Row,
    losses: Sequence[float],
    critical: Mapping[int, float],
    narrow: bool = False,
) -> Figure:
    """How much worse a model fits when its doubling time is given, all else fitted again.

    A panel is a variant, the headline's first; a line is one delta of it, or a benchmark of one
    whose progress differs between them. The headline's model is the thick line, and stands in grey
    in the other panels. A model whose line lies below a level at two doubling times fits both
    within that loss. Hollow points are not certified.

    Parameters
    ----------
    table : the table `profiles`.
    headline : sample, variant and delta of the headline's model.
    losses : relative losses of fit that are marked.
    critical : relative loss by level (per cent) of the interval that its range is.
    """
    curves: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in table.sort("growth").to_dicts():
        if math.isfinite(parts.number(row["relative_loss"])) and math.isfinite(
            parts.number(row["growth"])
        ):
            key = tuple(row[name] for name in ("sample", "variant", "delta", "benchmark"))
            curves.setdefault(key, []).append(row)
    if not curves:
        return parts.empty("No profile", narrow)
    first = tuple(headline[name] for name in ("sample", "variant", "delta"))
    order = sorted(curves, key=lambda key: (key[:3] != first, key))
    top = 125 * max([*losses, *critical.values(), 1e-3])
    reach = {
        key: max((r["growth"] for r in curves[key] if 100 * r["relative_loss"] <= top), default=0.0)
        for key in order
    }
    high = 1.1 * max(float(np.median(list(reach.values()))), reach[order[0]], 0.1)
    lowest = min(0.0, *(row["growth"] for own in curves.values() for row in own))
    limits = (max(lowest, -0.2 * high), high)
    several = len({key[0] for key in order}) > 1
    panels = list(dict.fromkeys((key[1], key[0]) for key in order))
    looks = _profile_looks(order)
    columns = 1 if narrow else min(2, len(panels))
    lines = -(-len(panels) // columns)
    figure = Figure(figsize=(NARROW if narrow else WIDE, 1.3 + (2.1 if lines > 1 else 3.0) * lines))
    grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    for axes, (variant, sample) in zip(grid, panels, strict=False):
        axes.set_title(variant + (f", {sample}" if several else ""), parse_math=False)
        for key in order:
            if (leading := key[:3] == first) or (key[1], key[0]) == (variant, sample):
                own = (key[1], key[0]) == (variant, sample)
                _profile_line(axes, curves[key], looks[key], leading, own)
        for loss in losses:
            axes.axhline(100 * loss, color=PALETTE["muted"], linewidth=0.7, linestyle=":", zorder=2)
        for level, loss in critical.items():
            axes.axhline(100 * loss, color=PALETTE["muted"], linewidth=1.0, linestyle="--",
                         zorder=2)  # fmt: skip
            if axes is grid[0]:
                axes.annotate(f"{level} % interval", (1, 100 * loss), (-2, 2), ha="right",
                              xycoords=("axes fraction", "data"), textcoords="offset points",
                              fontsize=parts.SMALL, bbox=_CLEAR)  # fmt: skip
        parts.month_axis(axes, limits, narrow or columns > 1)
        axes.set_ylim(0, top)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    last = grid[max(0, len(panels) - columns) : len(panels)]  # of each column
    for axes in grid:
        axes.tick_params(labelbottom=axes in last)
        axes.set_xlabel(axes.get_xlabel() if axes in last else "")
    figure.supylabel("Loss of fit: objective above its least (%)", fontsize="medium")
    parts.legend(figure, _profile_keys(order, first, looks), 2 if narrow else 4)
    return settled(figure)


def _profile_looks(order: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], tuple[str, Any]]:
    """Colour, by benchmark, and style, by delta, of each profile."""
    benchmarks = sorted({key[3] for key in order}, key=lambda name: (name != "all", name))
    deltas = sorted({key[2] for key in order})
    styles = [*parts.STYLES, (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3))]
    return {
        key: (
            DATA_COLOURS[benchmarks.index(key[3]) % len(DATA_COLOURS)],
            styles[deltas.index(key[2]) % len(styles)],
        )
        for key in order
    }


def _profile_line(
    axes: Axes, rows: Sequence[Row], look: tuple[str, Any], leading: bool, own: bool
) -> None:
    """One profile; that of the headline in another variant's panel (not ``own``) in grey."""
    x = [row["growth"] for row in rows]
    y = [100 * row["relative_loss"] for row in rows]
    if not own:
        axes.plot(x, y, color=PALETTE["grid"], linewidth=2.4, zorder=1)
        return
    colour, style = PALETTE["ink" if leading else look[0]], "-" if leading else look[1]
    axes.plot(x, y, color=colour, linewidth=2.4 if leading else 1.0, linestyle=style, zorder=4)
    for rest, certified in ((False, True), (True, False)):
        chosen = [(a, b) for a, b, r in zip(x, y, rows, strict=True) if r["certified"] == certified]
        if chosen:
            axes.plot(*zip(*chosen, strict=True), linestyle="none", marker="o",
                      markersize=3.4 if leading or rest else 2.2, markeredgecolor=colour,
                      color=PALETTE["surface"] if rest else colour, zorder=5)  # fmt: skip


def _profile_keys(
    order: Sequence[tuple[Any, ...]],
    first: tuple[Any, ...],
    looks: Mapping[tuple[Any, ...], tuple[str, Any]],
) -> list[Line2D]:
    """The headline's model, the deltas of the others, and their benchmarks if there are any."""
    others = [key for key in order if key[:3] != first]
    keys = []
    if len(others) < len(order):
        name = f"{first[1]}, δ = {first[2]:g} (headline)"
        keys.append(Line2D([], [], color=PALETTE["ink"], linewidth=2.4, label=name))
    styles = {key[2]: looks[key][1] for key in sorted(others, key=lambda key: key[2])}
    colours = {key[3]: looks[key][0] for key in sorted(others, key=lambda key: str(key[3]))}
    for delta, style in styles.items():
        label = f"δ = {delta:g}"
        keys.append(Line2D([], [], color=PALETTE["muted"], linestyle=style, label=label))
    for benchmark, colour in colours.items():
        label = "all benchmarks" if benchmark == "all" else str(benchmark)
        keys.append(Line2D([], [], color=PALETTE[colour], label=label))
    return keys


# ---- labels and axes


def _setting_label(
    check: str, setting: str, benchmark: str | None, continued: bool, narrow: bool
) -> str:
    """What a line of checks is called; the name of its check only in the first."""
    if check == HEADLINE:
        text = "headline"
    elif continued:
        text = setting
    else:
        text = f"{check}: {setting}"
    text = spaced(text) + ("" if benchmark in {None, "all"} else f", {benchmark}")
    return _two_lines(text, 22) if narrow else text


def spaced(name: str) -> str:
    """A name of the configuration for reading: spaces, and a decimal point in a number."""
    head, _, last = name.rpartition(": ")
    whole, dash, part = last.partition("-")
    if dash and whole.isdigit() and part.isdigit():
        last = f"{whole}.{part}"
    return (f"{head}: " if head else "").replace("_", " ") + last.replace("_", " ")


def _two_lines(text: str, width: int) -> str:
    """At most two lines of a name, of printable characters only."""
    clean = "".join(c if c.isprintable() else " " for c in str(text))
    lines = textwrap.wrap(clean, width, max_lines=2, placeholder="…")
    return "\n".join(lines)


def _growth_on_top(axes: Axes) -> None:
    above = axes.secondary_xaxis("top")
    above.set_xlabel("Growth of effective compute (per year)")
    above.tick_params(length=2.5)
    above.spines["top"].set_visible(True)


def _near_months(axes: Axes, limits: tuple[float, float]) -> None:
    """Months on an axis of growth that may show a small part of it, without infinity."""
    low, high = limits
    if low <= 0:
        parts.month_axis(axes, limits, True)
        axes.set_xlabel("")
        return
    scale = 12 * math.log(2)
    months = [m for m in MaxNLocator(5).tick_values(scale / high, scale / low) if m > 0]
    months = [m for m in months if low <= scale / m <= high]
    axes.set_xticks([scale / m for m in months], [f"{m:g}" for m in months])
    axes.set_xlim(limits)


def _level(value: Any) -> str:
    """A level as the configuration writes it: CSV reads a column of numbers as numbers."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _months_of(growth: float) -> str:
    return f"{12 * math.log(2) / growth:.1f} months" if growth > 0 else "no progress"


def _cell_title(cell: tuple[str, str], sets: Sequence[int], level: int | None) -> str:
    estimator, resampling = cell
    what = "profile range" if resampling == "none" else f"{estimator}, {resampling}"
    count = "–".join(f"{n:,}" for n in dict.fromkeys((sets[0], sets[-1])))
    return f"{what} ({count})" if level is None else f"{what}, {level} %\n({count})"


def _truth(months: Any) -> str:
    number = parts.number(months)
    return "∞" if math.isinf(number) else f"{number:g}"
