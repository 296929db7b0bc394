"""The least training compute that has reached a capability, by date."""

from __future__ import annotations

from itertools import cycle

import polars as pl
from matplotlib.figure import Figure

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import marker_key
from algoprog.report.figures.parts.style import (
    DATA_COLOURS,
    FILLED,
    PALETTE,
    WIDE,
    settled,
    styled,
)


@styled
def least_compute_by_date(least: pl.DataFrame) -> Figure:
    """Draw the records of least compute of each level of capability, distilled versions left out.

    Parameters
    ----------
    least : the table `capability_least_compute`.
    """
    rows = least.filter(pl.col("distilled") == "published")
    several = rows.filter(pl.len().over("capability") > 1)
    figure = Figure(figsize=(WIDE, 3.8))
    axes = figure.add_subplot()
    handles = []
    looks = zip(cycle(FILLED), cycle(DATA_COLOURS))
    levels = several["capability"].unique().sort()
    for level, (marker, colour) in zip(levels, looks, strict=False):
        own = several.filter(pl.col("capability") == level).sort("date")
        x, y = own["date"].to_numpy(), own["log10_compute"].to_numpy()
        axes.step(x, y, where="post", color=PALETTE[colour], linewidth=1.0, alpha=0.7)
        axes.scatter(
            x, y, s=24, marker=marker, color=PALETTE[colour], edgecolor=PALETTE["ink"],
            linewidth=0.4, zorder=3,
            urls=[
                hover(row["model_version"], f"capability {level:g} or more",
                      f"10^{row['log10_compute']:.2f} FLOP")
                for row in own.iter_rows(named=True)
            ],
        )  # fmt: skip
        label = f"C ≥ {level:g}"
        handles.append(marker_key(label, marker=marker, markersize=6, color=PALETTE[colour]))
    axes.set_ylabel("Least training compute (log10 FLOP)")
    axes.set_xlabel("Date of release (year)")
    figure.legend(handles=handles, loc="outside upper left", ncols=8)
    return settled(figure)


FIGURE = PageFigure(
    "capability-compute",
    "Least training compute to reach a capability, by date",
    least_compute_by_date,
    ("capability_least_compute",),
)
