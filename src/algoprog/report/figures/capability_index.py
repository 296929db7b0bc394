"""Capabilities on the scale of the index against the date of release, by organisation."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from algoprog.report.figures.parts.axes import dated
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import marker_key
from algoprog.report.figures.parts.rows import days
from algoprog.report.figures.parts.style import (
    DATA_COLOURS,
    FILLED,
    PALETTE,
    WIDE,
    settled,
    styled,
)

ORGANISATIONS = 6  # that have a colour; the others are grey
BARS = 1.96  # standard errors either side


@styled
def index_against_date(index: pl.DataFrame) -> Figure:
    """Draw every model's index with its 95 % interval at its date of release.

    Colour and marker tell the organisation, for the six with most models.

    Parameters
    ----------
    index : the table `capability_index`.
    """
    rows = index.drop_nulls("released").sort("released", "model")
    common = rows["organisation"].drop_nulls().value_counts().sort(
        "count", "organisation", descending=[True, False]
    )["organisation"][:ORGANISATIONS]  # fmt: skip
    figure = Figure(figsize=(WIDE, 4.4))
    axes = figure.add_subplot()
    handles = []
    rest = rows.filter(~pl.col("organisation").is_in(common.to_list()).fill_null(False))
    looks = zip(common, cycle(FILLED), cycle(DATA_COLOURS))
    groups = [("others", rest, "o", "muted")]
    groups += [(name, rows.filter(pl.col("organisation") == name), m, c) for name, m, c in looks]
    for name, own, marker, colour in groups:
        x, y = days(own["released"]), own["index"].to_numpy()
        half = BARS * own["standard_error"].to_numpy()
        axes.vlines(x, y - half, y + half, color=PALETTE[colour], linewidth=0.7, alpha=0.45)
        axes.scatter(
            x,
            y,
            s=26 * FILLED["o"] / FILLED[marker],
            marker=marker,
            color=PALETTE[colour],
            edgecolor=PALETTE["ink"],
            linewidth=0.4,
            alpha=0.85,
            zorder=3,
            urls=[
                hover(
                    row["model"],
                    row["organisation"] or "organisation unknown",
                    f"index {row['index']:.1f} ± {BARS * row['standard_error']:.1f}",
                    row["released"],
                )
                for row in own.iter_rows(named=True)
            ],
        )
        label = f"{name} ({own.height})"
        handles.append(marker_key(label, marker=marker, markersize=6, color=PALETTE[colour]))
    low, high = np.quantile(rows["index"].to_numpy(), [0.0, 1.0])
    axes.set_ylim(low - 8, high + 8)
    axes.set_ylabel("Index of capability")
    axes.set_xlabel("Date of release")
    dated(axes, 8)
    handles = [*handles[1:], handles[0]]
    figure.legend(handles=handles, loc="outside upper left", ncols=4)
    return settled(figure)


FIGURE = PageFigure(
    "capability-index",
    "Index of capability against date of release, by organisation",
    index_against_date,
    ("capability_index",),
)
