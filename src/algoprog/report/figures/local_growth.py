"""The doubling time at each record, against its date and its compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from algoprog.common.numbers import months
from algoprog.report.figures.parts.axes import dated, limits, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import Ruled, empty, legend, marker_key
from algoprog.report.figures.parts.rows import days
from algoprog.report.figures.parts.style import (
    DATA_COLOURS,
    FILLED,
    PALETTE,
    WIDE,
    settled,
    styled,
)


@styled
def local_growth(table: pl.DataFrame, labels: Mapping[str, str], lead: float | None) -> Figure:
    """Draw the doubling time at each record against its date, and against its compute.

    Parameters
    ----------
    table : the table `local_growth`.
    labels : label of each benchmark.
    lead : growth per year over all records, a dotted line; None draws none.
    """
    known = table.drop_nulls("growth")
    if known.is_empty():
        return empty("No record has a doubling time")
    figure = Figure(figsize=(WIDE, 3.7))
    grid = figure.subplots(1, 2, sharey=True, squeeze=False).ravel()
    growth = known["growth"].to_numpy()
    low, high = limits(growth, [], 1.0)
    places = (low, high) if low > 0 else (min(low, 0.0), high)
    names = [name for name in labels if name in set(known["benchmark"])]
    for axes, column in zip(grid, ("published", "compute"), strict=True):
        _panel(axes, known, column, names, labels, places)
        if lead is not None:
            axes.axhline(lead, color=PALETTE["ink"], linewidth=0.9, linestyle=":", zorder=1)
        month_axis(axes, places, upright=True)
    dated(grid[0], 5)
    grid[0].set_xlabel("Published")
    grid[1].set_xscale("log")
    grid[1].set_xlabel("Training compute 6·N·D (FLOP)")
    grid[1].set_ylabel("")
    keys = [
        marker_key(labels[name], color=PALETTE[colour], marker=marker, markersize=5)
        for name, (colour, marker) in _looks(names).items()
    ]
    legend(figure, keys, 4)
    return settled(figure)


def _looks(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return colour and marker of each benchmark."""
    return {
        name: (DATA_COLOURS[i % len(DATA_COLOURS)], list(FILLED)[i % len(FILLED)])
        for i, name in enumerate(names)
    }


def _panel(
    axes: Axes,
    known: pl.DataFrame,
    column: str,
    names: Sequence[str],
    labels: Mapping[str, str],
    places: tuple[float, float],
) -> None:
    ruled = Ruled(axes, places, upright=True)
    for name, (colour, marker) in _looks(names).items():
        rows = known.filter(pl.col("benchmark") == name)
        dates = column == "published"
        at = days(rows[column]) if dates else rows[column].to_numpy().astype(float)
        inside = rows["growth"].is_between(*places).to_numpy()
        said = [
            hover(
                row["system"],
                f"{labels[name]}, {row['published']}" if dates else f"{row['compute']:.2g} FLOP",
                f"{months(row['doubling_time'])} months here",
            )
            for row in rows.iter_rows(named=True)
        ]
        look: dict[str, Any] = {"color": PALETTE[colour], "marker": marker, "s": 16}
        look |= {"alpha": 0.75, "linewidth": 0, "zorder": 3}
        axes.scatter(
            at[inside],
            rows["growth"].to_numpy()[inside],
            urls=[text for text, one in zip(said, inside, strict=True) if one],
            **look,
        )
        for place, value, text in zip(
            at[~inside], rows["growth"].to_numpy()[~inside], np.array(said)[~inside], strict=True
        ):
            ruled.arrow(float(place), float(value), PALETTE[colour], str(text))


FIGURE = PageFigure(
    "local-growth",
    "Doubling time at each record, against its date and its training compute",
    local_growth,
    ("local_growth",),
    lambda inputs: (inputs.settings.labels, _lead(inputs)),
)


def _lead(inputs: Any) -> float | None:
    """Return growth over all records, of the headline's analysis, scaled alike."""
    for row in inputs.rows("own_allocation"):
        same = all(row[name] == value for name, value in inputs.converged.key.items())
        if same and (row["direction"], row["benchmark"], row["period"]) == ("alike", "all", "all"):
            return None if row["growth_point"] is None else float(row["growth_point"])
    return None
