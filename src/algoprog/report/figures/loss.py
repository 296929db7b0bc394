"""Ln perplexity of every row of the headline's sample against its date of publication."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from algoprog.common.numbers import power_of_ten
from algoprog.report.figures.parts.axes import dated
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import marker_key
from algoprog.report.figures.parts.names import short_name
from algoprog.report.figures.parts.rows import days
from algoprog.report.figures.parts.style import (
    DATA_COLOURS,
    FILLED,
    PALETTE,
    WIDE,
    settled,
    styled,
)

Array = NDArray[np.float64]


@styled
def loss_against_date(sample: pl.DataFrame, benchmarks: Mapping[str, str]) -> Figure:
    """Draw ln perplexity of every row against its date of publication.

    Colour and marker tell the benchmark, the marker's area the training compute 6ND (FLOP) on a log
    scale. Systems that set a record on the benchmark with most rows are named where there is room.

    Parameters
    ----------
    sample : rows of a sample file.
    benchmarks : label of each benchmark, in the order of the legend.
    """
    rows = sample.with_columns(
        loss=pl.col("perplexity").log(),
        log_compute=(6 * pl.col("parameters") * pl.col("dataset_tokens")).log10(),
    ).sort("log_compute", descending=True, maintain_order=True)  # small markers on top
    area = _areas(rows["log_compute"].to_numpy())
    figure = Figure(figsize=(WIDE, 4.5))
    axes = figure.add_subplot()
    handles = []
    looks = zip(cycle(FILLED), cycle(DATA_COLOURS))
    present = [name for name in benchmarks if name in set(rows["benchmark"])]
    for name, (marker, colour) in zip(present, islice(looks, len(present)), strict=True):
        here = rows.filter(pl.col("benchmark") == name)
        _scatter(axes, here, area, (marker, PALETTE[colour]), benchmarks[name])
        label = f"{benchmarks[name]} ({here.height})"
        handles.append(marker_key(label, marker=marker, markersize=6.5, color=PALETTE[colour]))
    handles += _size_keys(rows["log_compute"], area)
    axes.set_ylabel("ln perplexity (nats per token)")
    axes.set_xlabel("Date of publication")
    dated(axes, 10)
    axes.margins(x=0.03, y=0.06)
    right = axes.secondary_yaxis("right")
    ticks = _perplexity_ticks(*axes.get_ylim())
    right.set_yticks(np.log(ticks), [f"{tick:,.0f}" for tick in ticks])
    right.set_ylabel("perplexity")
    right.spines["right"].set_visible(True)
    largest = rows.filter(pl.col("benchmark") == _largest(rows))
    _name_records(axes, largest, 7, 450)
    figure.legend(handles=handles, loc="outside upper left", ncols=min(len(handles), 6))
    return settled(figure)


def _scatter(
    axes: Axes, rows: pl.DataFrame, area: Callable[[Array], Array], look: tuple[str, str], name: str
) -> None:
    """Draw the rows of a benchmark; ``look``: marker and colour."""
    marker, colour = look
    axes.scatter(
        days(rows["published"]),
        rows["loss"].to_numpy(),
        s=area(rows["log_compute"].to_numpy()) * FILLED["o"] / FILLED[marker],
        marker=marker,
        color=colour,
        edgecolor=PALETTE["ink"],
        linewidth=0.4,
        alpha=0.8,
        urls=[
            hover(
                row["system"],
                row["paper"],
                f"{name}: perplexity {row['perplexity']:.4g}",
                f"{row['published']}, {10 ** row['log_compute']:.2g} FLOP",
            )
            for row in rows.iter_rows(named=True)
        ],
    )


def _areas(log_compute: Array) -> Callable[[Array], Array]:
    """Marker area (points squared) by log10 of compute: from 10 at the least to 120 at the most."""
    low, high = float(log_compute.min()), float(log_compute.max())
    span = high - low or 1.0
    return lambda value: 10 + 110 * (np.asarray(value) - low) / span


def _size_keys(log_compute: pl.Series, area: Callable[[Array], Array]) -> Iterator[Line2D]:
    """Legend entries of round values of compute, three if the data span them."""
    values = log_compute.to_numpy()
    low, high = np.ceil(values.min()), np.floor(values.max())
    for power in np.unique(np.round(np.linspace(low, max(low, high), 3))):
        size = float(np.sqrt(area(np.array(power))))
        label = f"{power_of_ten(int(power))} FLOP"
        yield marker_key(label, marker="o", markersize=size, color=PALETTE["muted"], alpha=0.6)


def _perplexity_ticks(low: float, high: float) -> list[float]:
    """Round perplexities between e^low and e^high, eight at most."""
    ticks = [m * 10.0**k for k in range(0, 300) for m in (1, 2, 5)]
    inside = [tick for tick in ticks if low <= np.log(tick) <= high]
    return inside[:: -(-len(inside) // 8) or 1]


def _largest(rows: pl.DataFrame) -> str:
    """The benchmark with most rows; the first in alphabetical order of several."""
    counts = rows.group_by("benchmark").len().sort(["len", "benchmark"], descending=[True, False])
    return str(counts["benchmark"][0])


def _records(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with a lower loss than any before them, in order of date, with `gain` (nats)."""
    ordered = rows.sort(["published", "loss"], maintain_order=True)
    before = pl.col("loss").cum_min().shift(1)
    return ordered.with_columns(gain=(before - pl.col("loss"))).filter(
        pl.col("gain").is_null() | (pl.col("gain") > 0)
    )


def _name_records(axes: Axes, rows: pl.DataFrame, most: int, points: float) -> None:
    """Name the records that gained most, left below their points, where the place is free.

    ``points`` is the width of the axes in points, by which the room a name takes is judged.
    """
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    records = _records(rows).sort("gain", descending=True, nulls_last=False, maintain_order=True)
    taken: list[tuple[float, float, float]] = []
    for row in records.iter_rows(named=True):
        name = short_name(row["system"])
        day = float(days(pl.Series([row["published"]]))[0])
        end = (day - left) / (right - left)
        start = end - (4.6 * len(name) + 8) / points
        height = (row["loss"] - bottom) / (top - bottom)
        crowded = any(
            start < other_end and other_start < end and abs(height - other_height) < 0.05
            for other_start, other_end, other_height in taken
        )
        if start < 0 or crowded:
            continue
        taken.append((start, end, height))
        axes.annotate(
            name, (day, row["loss"]), (-4, -4), textcoords="offset points",
            ha="right", va="top", fontsize=7.5, parse_math=False,
        )  # fmt: skip
        if len(taken) == most:
            return


FIGURE = PageFigure(
    "loss",
    "Ln perplexity against date of publication, by benchmark and training compute",
    loss_against_date,
    given=lambda inputs: (inputs.sample, inputs.settings.labels),
)
