"""Every way to estimate the rate of progress on one axis."""

from __future__ import annotations

import polars as pl
from matplotlib.figure import Figure

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import lanes, marker_key
from algoprog.report.figures.parts.style import PALETTE, settled, styled

LOW, HIGH = 0.5, 200.0  # of the axis, times a year
CARRIED = {  # how an interval of ours differs from the published one
    "trend and k, normal": ": normal",
    "trend and k, t": ": t, 2 degrees",
    "trend and k, derivative and degrees corrected": " corrected",
    "trend and k, with their covariance": " with the covariance",
}
TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200)


def shown_ways(rates: pl.DataFrame) -> pl.DataFrame:
    """Return label, kind, rate and interval: the published ways, then ours, then the headline."""
    of_theirs = pl.col("way").str.head(1).is_in(list("ABCDEFH")) & (pl.col("ties") == "published")
    theirs = rates.filter(of_theirs).sort("distilled", "way", descending=[True, False])
    own = rates.filter(
        (pl.col("ties") == "none") | ((pl.col("way") == "E") & (pl.col("ties") == "together")),
        ~pl.col("carried").str.contains("apart"),
    ).filter((pl.col("way") != "E") | pl.col("carried").str.contains("corrected"))
    own = own.sort("headline", "way", "growth_high")
    kept = pl.when(pl.col("distilled") == "kept").then(pl.lit(", distilled kept")).otherwise(
        pl.lit("")
    )  # fmt: skip
    names = ["label", "kind", "rate", "rate_low", "rate_high"]
    first = theirs.with_columns(label=pl.col("way") + kept, kind=pl.lit("published"))
    second = own.with_columns(
        label=pl.col("way") + pl.col("carried").replace_strict(CARRIED, default=""),
        kind=pl.when("headline").then(pl.lit("headline")).otherwise(pl.lit("ours")),
    )
    return pl.concat([first.select(names), second.select(names)])


@styled
def ways_on_one_axis(rates: pl.DataFrame) -> Figure:
    """Draw rate and 95 % interval of each way; ends beyond the axis are cut off there.

    Parameters
    ----------
    rates : the table `capability_rates`.
    """
    ways = shown_ways(rates)
    figure, axes = lanes(ways.height, 0.24)
    looks = {"published": ("D", "vermillion"), "ours": ("o", "blue"), "headline": ("s", "ink")}
    for at, row in enumerate(ways.iter_rows(named=True)):
        marker, colour = looks[row["kind"]]
        if row["rate_low"] is not None:
            ends = [min(max(row[name], LOW), HIGH) for name in ("rate_low", "rate_high")]
            width = 2.2 if row["kind"] == "headline" else 1.1
            axes.hlines(at, *ends, color=PALETTE[colour], linewidth=width)
        about = f"{row['rate']:.2f}× a year"
        if row["rate_low"] is not None:
            about += f" ({row['rate_low']:.2f} to {row['rate_high']:.2f})"
        axes.scatter(
            [row["rate"]], [at], s=26, marker=marker, color=PALETTE[colour], zorder=3,
            urls=[hover(row["label"], about)],
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(LOW, HIGH)
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.minorticks_off()
    axes.axvline(1, color=PALETTE["muted"], linewidth=0.8)
    axes.set_yticks(range(ways.height), ways["label"].to_list(), fontsize=8)
    axes.set_xlabel("Times less compute a year later (1: no progress)")
    names = {"published": "as published", "ours": "ours", "headline": "headline"}
    handles = [
        marker_key(names[kind], marker=marker, markersize=6, color=PALETTE[colour])
        for kind, (marker, colour) in looks.items()
        if (ways["kind"] == kind).any()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return settled(figure)


FIGURE = PageFigure(
    "capability-ways",
    "Rates of progress by every way, as published and ours",
    ways_on_one_axis,
    ("capability_rates",),
)
