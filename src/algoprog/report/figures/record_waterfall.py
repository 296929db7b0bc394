"""What a track's fall in cost is made of: a step for each kind of innovation."""

from __future__ import annotations

import math

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import SMALL, beside, empty, lanes, legend, marker_key
from algoprog.report.figures.parts.rows import Row
from algoprog.report.figures.parts.style import DATA_COLOURS, PALETTE, settled, styled


@styled
def record_waterfall(shares: pl.DataFrame, rates: pl.DataFrame, track: str) -> Figure:
    """Draw a bar for each kind of innovation, each starting where the one above it ends.

    Bars count every record as its first kind; the mark is the length of the bar where a record is
    split evenly over all kinds it names. The whole is the track's total fall.

    Parameters
    ----------
    shares, rates : the tables `record_shares` and `record_rates`.
    track : the track that is drawn, by its main measure.
    """
    headline = rates.filter((pl.col("track") == track) & (pl.col("variant") == "headline"))
    own = shares.filter(pl.col("track") == track)
    if headline.is_empty() or own.is_empty():
        return empty("No shares of a record history")
    about = headline.row(0, named=True)
    own = own.filter(pl.col("measure") == about["measure"])
    primary = own.filter(pl.col("counting") == "primary").sort("share", descending=True).to_dicts()
    split = {row["category"]: row for row in own.filter(pl.col("counting") == "split").to_dicts()}
    figure, axes = lanes(len(primary) + 1, 0.3)
    total = about["fall"]
    start = 0.0
    for place, row in enumerate(primary):
        colour = PALETTE[DATA_COLOURS[place % len(DATA_COLOURS)]]
        _bar(axes, place, (start, row["share"] * total), colour, row)
        if row["category"] in split:
            axes.plot(start + split[row["category"]]["share"] * total, place, linestyle="none",
                      marker="D", markersize=4, color=PALETTE["ink"], zorder=6)  # fmt: skip
        beside(axes, (1.01, place), _words(row, total, about["factor"] is not None))
        start += row["share"] * total
    axes.barh(len(primary), total, height=0.6, color=PALETTE["muted"], zorder=3)
    whole = f"{about['factor']:.3g}×" if about["factor"] is not None else f"{total:.3g}"
    beside(axes, (1.01, len(primary)), whole)
    axes.set_yticks(range(len(primary) + 1), [*(row["category"] for row in primary), "all"])
    axes.set_xlim(0, total * 1.02)
    if about["factor"] is None:
        axes.set_xlabel(f"Fall ({about['unit']})")
    else:
        _factors(axes, total)
    legend(figure, [marker_key("split evenly over all kinds named", marker="D", markersize=4)], 1)
    return settled(figure)


def _bar(axes: Axes, place: int, span: tuple[float, float], colour: str, row: Row) -> None:
    start, length = span
    (bar,) = axes.barh(place, length, left=start, height=0.6, color=colour, zorder=3)
    bar.set_url(hover(row["category"], f"{row['n']} records, {100 * row['share']:.1f} %"))
    axes.plot([start + length] * 2, [place, place + 1], color=PALETTE["muted"], linewidth=0.6,
              zorder=2)  # fmt: skip


def _words(row: Row, total: float, relative: bool) -> str:
    """Factor and share of a kind, with the 95 % interval of the share."""
    length = row["share"] * total
    words = f"{2**length:.2f}×" if relative else f"{length:.3g}"
    words += f", {100 * row['share']:.0f} %"
    return f"{words} ({100 * row['ci95_low']:.0f}–{100 * row['ci95_high']:.0f})"


def _factors(axes: Axes, total: float) -> None:
    """Write factors of cost below an axis in bits."""
    steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
    ticks = [step for step in steps if math.log2(step) <= total * 1.02]
    axes.set_xticks([math.log2(step) for step in ticks], [f"{step:g}×" for step in ticks])
    axes.set_xlabel("Cost saved, as a factor (log)")
    axes.tick_params(axis="x", labelsize=SMALL)


FIGURE = PageFigure(
    "record-waterfall",
    "What the fall in cost is made of, by kind of innovation",
    record_waterfall,
    ("record_shares", "record_rates"),
    lambda inputs: (inputs.settings.histories.shown,),
)
