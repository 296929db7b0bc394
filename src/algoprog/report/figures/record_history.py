"""The cost of reaching a track's target against date, with its records, pace and forecast."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence

import matplotlib.dates
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from algoprog.report.figures.parts.axes import dated
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import CLEAR, SMALL, empty, legend, marker_key
from algoprog.report.figures.parts.names import printable
from algoprog.report.figures.parts.rows import Row
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled

# Records that are named: the largest gains.
NAMED = 6
APART = 0.075  # of the axes' height, between names
BESIDE = 25  # days between a record and its name


@styled
def record_history(
    gains: pl.DataFrame,
    rates: pl.DataFrame,
    forecast: pl.DataFrame,
    track: str,
) -> Figure:
    """Draw cost against date on a log axis: a step for each record, the largest gains named.

    The line is the headline's pace from the opening; from the day watched on, bands of 50 and 80 %
    show where the track will stand.

    Parameters
    ----------
    gains, rates, forecast : the tables `record_gains`, `record_rates` and `record_forecast`.
    track : the track that is drawn, by its main measure.
    """
    headline = rates.filter((pl.col("track") == track) & (pl.col("variant") == "headline"))
    if headline.is_empty():
        return empty("No record history")
    about = headline.row(0, named=True)
    own = gains.filter((pl.col("track") == track) & (pl.col("measure") == about["measure"]))
    records = own.sort("published", maintain_order=True).to_dicts()
    figure = Figure(figsize=(WIDE, 3.6))
    axes = figure.add_subplot()
    relative = about["factor"] is not None
    if relative:
        axes.set_yscale("log")
    _pace(axes, about, relative)
    ahead = forecast.filter(
        (pl.col("track") == track)
        & (pl.col("measure") == about["measure"])
        & (pl.col("quantity") == "level")
    )
    _ahead(axes, ahead, about)
    _steps(axes, about, records)
    if relative:
        _names(axes, records, NAMED)
    axes.set_ylabel(f"{'Cost at the target' if relative else 'Score'} ({about['unit']})")
    if relative:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_formatter(NullFormatter())
    dated(axes, 8)
    legend(figure, _keys(about, not ahead.is_empty()), 3)
    return settled(figure)


def _day(date: datetime.date) -> float:
    return float(matplotlib.dates.date2num(date))


def _steps(axes: Axes, about: Row, records: Sequence[Row]) -> None:
    """Draw the best so far as steps, and a mark for each record."""
    days = [_day(about["opened"]), *(_day(row["published"]) for row in records)]
    levels = [about["opening"], *(row["level"] for row in records)]
    axes.step(
        [*days, _day(about["until"])], [*levels, levels[-1]], where="post",
        color=PALETTE["ink"], linewidth=1.1, zorder=4,
    )  # fmt: skip
    axes.plot(days[0], levels[0], linestyle="none", marker="s", markersize=5,
              color=PALETTE["muted"], zorder=5, url=hover("opening"))  # fmt: skip
    for day, row in zip(days[1:], records, strict=True):
        axes.plot(
            day, row["level"], linestyle="none", marker="o", markersize=3.6,
            color=PALETTE["blue"], markeredgecolor=PALETTE["ink"], markeredgewidth=0.3, zorder=5,
            url=hover(f"{row['entry']}: {row['label'] or 'unlabelled'}", row["published"]),
        )  # fmt: skip


def _names(axes: Axes, records: Sequence[Row], number: int) -> None:
    """Name the records with the largest gains, from the top down, beside the curve."""
    top, bottom = math.log(axes.get_ylim()[1]), math.log(axes.get_ylim()[0])
    height = 1.0 + APART
    for row in records:
        if row["rank"] > number or not row["label"]:
            continue
        place = (math.log(row["level"]) - bottom) / (top - bottom)
        height = min(place + APART / 2, height - APART)
        axes.annotate(
            printable(row["label"]), (_day(row["published"]), row["level"]),
            (_day(row["published"]) + BESIDE, math.exp(bottom + height * (top - bottom))),
            va="center", fontsize=SMALL - 0.5, color=PALETTE["ink"], bbox=CLEAR,
            parse_math=False, zorder=7, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": PALETTE["muted"], "linewidth": 0.5},
        )  # fmt: skip


def _pace(axes: Axes, about: Row, relative: bool) -> None:
    """Draw the headline's rate as a line from the opening."""
    if about["rate"] is None:
        return
    length = (about["until"] - about["opened"]).days
    days = np.linspace(0, length, 100)
    fallen = about["rate"] * days / 365.25
    level = about["opening"] * 2.0**-fallen if relative else about["opening"] - fallen
    axes.plot(_day(about["opened"]) + days, level, color=PALETTE["vermillion"], linewidth=1.2,
              linestyle="--", zorder=3)  # fmt: skip


def _ahead(axes: Axes, ahead: pl.DataFrame, about: Row) -> None:
    """Shade the 80 and 50 % intervals of the level ahead."""
    start = _day(about["until"])
    for level, alpha in ((80, 0.25), (50, 0.35)):
        rows = ahead.filter(pl.col("level") == level).sort("horizon_days")
        if rows.is_empty():
            continue
        days = [start, *(start + rows["horizon_days"].to_numpy())]
        low = [about["last"], *rows["low"].to_list()]
        high = [about["last"], *rows["high"].to_list()]
        axes.fill_between(days, low, high, color=PALETTE["sky"], alpha=alpha, linewidth=0, zorder=2)


def _keys(about: Row, forecast: bool) -> list[Line2D]:
    keys = [marker_key("record", marker="o", markersize=3.6, color=PALETTE["blue"])]
    if about["halving_months"] is not None:
        words = f"headline’s pace: halved in {about['halving_months']:.3g} months"
        keys.append(
            Line2D([], [], color=PALETTE["vermillion"], linewidth=1.2, linestyle="--", label=words)
        )
    if forecast:
        keys.append(
            Line2D([], [], color=PALETTE["sky"], linewidth=6, alpha=0.5,
                   label="forecast, 50 and 80 %")
        )  # fmt: skip
    return keys


FIGURE = PageFigure(
    "record-history",
    "Cost of reaching a fixed target against date, record by record",
    record_history,
    ("record_gains", "record_rates", "record_forecast"),
    lambda inputs: (inputs.settings.histories.shown,),
)
