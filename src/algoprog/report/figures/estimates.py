"""Every estimate of a pace of progress on one axis of months."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from algoprog.common.numbers import months
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import SMALL, Ruled, beside, lanes, legend, marker_key
from algoprog.report.figures.parts.rows import Limits, Row, number
from algoprog.report.figures.parts.style import PALETTE, settled, styled
from algoprog.report.inputs import Inputs
from algoprog.synthesis.settings import Words

TICKS = (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256)
LEAST, MOST = 0.5, 128.0  # months; the axis reaches no further, ends beyond are arrowheads
HEIGHT = 0.19  # of a line, in inches
# Look of each kind: what it is called, marker, colour, open or filled, width of its interval.
KINDS: dict[str, tuple[str, str, str, bool, float]] = {
    "published": ("published, read in the source", "D", "vermillion", True, 1.2),
    "second_hand": ("published, second hand (not verified)", "D", "vermillion", False, 1.2),
    "ours": ("ours", "o", "blue", True, 2.6),
}


def kind(row: Row) -> str:
    """Return how an estimate is drawn: as published, as second hand, or as ours."""
    if row["whose"] == "ours":
        return "ours"
    return "published" if row["verified"] else "second_hand"


@styled
def every_estimate(estimates: pl.DataFrame, words: Words) -> Figure:
    """Draw a line for each estimate, under a heading for each domain and quantity.

    Filled diamonds are published and read in their source, open ones with a broken interval are
    second hand, circles with a thick interval are ours. An arrowhead at the edge is a value or an
    end beyond the axis; on the right it may be infinite.

    Parameters
    ----------
    estimates : the table `estimates`.
    words : what its codes mean.
    """
    lines = _lines(estimates.to_dicts(), words)
    figure, axes = lanes(len(lines), HEIGHT)
    ruled = Ruled(axes, (math.log2(LEAST), math.log2(MOST)))
    labels = []
    for place, line in enumerate(lines):
        if isinstance(line, str):
            _head(axes, place, line)
            labels.append("")
            continue
        _draw(ruled, place, line)
        name = line["label"] + (" (second hand)" if kind(line) == "second_hand" else "")
        labels.append(textwrap.shorten(name, 50, placeholder="…"))
        beside(axes, (1.012, place), _words(line), parse_math=False)
    axes.set_yticks(range(len(lines)), labels, fontsize=7.5, parse_math=False)
    _axis(axes, ruled.limits)
    legend(figure, _keys(estimates.to_dicts()), 3)
    return settled(figure)


def _head(axes: Axes, place: float, heading: str) -> None:
    """Write a heading across the figure, with a rule above its line."""
    short = textwrap.shorten(heading, 90, placeholder="…")
    axes.annotate(short, (0.01, place), xycoords=("figure fraction", "data"), va="center",
                  fontsize=SMALL, fontweight="bold", parse_math=False,
                  annotation_clip=False).set_in_layout(False)  # fmt: skip
    axes.axhline(place - 0.5, color=PALETTE["muted"], linewidth=0.6)


def _lines(rows: Sequence[Row], words: Words) -> list[Row | str]:
    lines: list[Row | str] = []
    last = None
    for row in rows:
        group = row["domain"], row["quantity"]
        if group != last:
            domain, quantity = words.domains[group[0]], words.quantities[group[1]]
            lines.append(f"{domain[:1].upper()}{domain[1:]}: {quantity}")
            last = group
        lines.append(row)
    return lines


def _draw(ruled: Ruled, place: float, row: Row) -> None:
    _, marker, colour, filled, width = KINDS[kind(row)]
    ends = _log(row["low"]), _log(row["high"])
    if filled:
        ruled.bar(place, ends, PALETTE[colour], width)
    elif not math.isnan(ends[0]):
        shown = [min(max(end, ruled.limits[0]), ruled.limits[1]) for end in ends]
        ruled.axes.plot(shown, [place] * 2, color=PALETTE[colour], linewidth=width,
                        linestyle=(0, (3, 2)), zorder=3)  # fmt: skip
        for end in ends:
            if not ruled.limits[0] <= end <= ruled.limits[1]:
                ruled.arrow(place, end, PALETTE[colour])
    about = hover(row["label"], f"{_words(row)} months", row["stated"] or row["source"])
    look = {"color": PALETTE[colour if filled else "surface"], "markeredgecolor": PALETTE[colour]}
    ruled.mark(place, _log(row["months"]), marker=marker, markersize=4.2, markeredgewidth=1.1,
               zorder=6, url=about, **look)  # fmt: skip


def _log(value: float | None) -> float:
    found = number(value)
    return math.log2(found) if found > 0 else found


def _words(row: Row) -> str:
    interval = "" if row["low"] is None else f" [{months(row['low'])}, {months(row['high'])}]"
    return f"{months(row['months'])}{interval}"


def _axis(axes: Axes, limits: Limits) -> None:
    ticks = [tick for tick in TICKS if LEAST <= tick <= MOST]
    axes.set_xlim(limits)
    axes.set_xticks([math.log2(tick) for tick in ticks], [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(
        "Halving or doubling time (months, log); faster to the left, ∞ beyond the right"
    )


def _keys(rows: Sequence[Row]) -> list[Line2D]:
    there = {kind(row) for row in rows}
    return [
        marker_key(
            name, marker=marker, markersize=5, color=PALETTE[colour],
            markerfacecolor=PALETTE[colour if filled else "surface"],
        )
        for code, (name, marker, colour, filled, _) in KINDS.items()
        if code in there
    ]  # fmt: skip


def _given(inputs: Inputs) -> Sequence[Any] | None:
    return (inputs.settings.estimates.words,) if inputs.settings.estimates else None


def finding(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what the figure shows: how many estimates, and how far apart their times are."""
    times = [row["months"] for row in rows if row["months"] is not None]
    if not times:
        return ""
    shown = {name: sum(kind(row) == name for row in rows) for name in KINDS}
    return (
        f"{len(rows)} estimates ({shown['published']} published and read in the source, "
        f"{shown['second_hand']} second hand, {shown['ours']} ours) have times from "
        f"{months(min(times))} to {months(max(times))} months."
    )


FIGURE = PageFigure(
    "estimates",
    "Every estimate of a pace of progress on one axis",
    every_estimate,
    ("estimates",),
    _given,
    lambda inputs: finding(inputs.rows("estimates")),
)
