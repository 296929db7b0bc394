"""The identity behind every rate: k, the trend of capability, and the rate they give."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import marker_key
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled

KINDS = {
    "benchmark": ("o", "blue"),
    "model": (".", "muted"),
    "organisation": ("s", "vermillion"),
    "family": ("D", "gold"),
    "ridge": ("^", "purple"),
}
CHANGED = ("v", "green")  # of guessing, scores, weights, distilled versions
RATES = (2, 3, 5, 10, 20, 50)


@styled
def identity_picture(identity: pl.DataFrame) -> Figure:
    """Draw k and s_C of every refit, with curves of equal rate at the published s_F.

    Parameters
    ----------
    identity : the table `capability_identity`.
    """
    rows = identity.filter(pl.col("k").is_not_null() & (pl.col("k") > 0))
    base = rows.filter(pl.col("kind") == "none").row(0, named=True)
    figure = Figure(figsize=(WIDE, 4.0))
    axes = figure.add_subplot()
    gains, trends = rows["k"].to_numpy(), rows["s_c"].to_numpy()
    low, high = 0.9 * float(gains.min()), 1.1 * float(gains.max())
    bottom, top = 0.92 * float(trends.min()), 1.05 * float(trends.max())
    k = np.linspace(low, high, 60)
    for rate in RATES:
        s_c = k * (np.log(rate) + base["s_f"])
        axes.plot(k, s_c, color=PALETTE["grid"], linewidth=0.9, zorder=1)
        inside = np.flatnonzero((s_c > bottom) & (s_c < top))
        if len(inside):
            at = inside[-1]
            axes.text(k[at], s_c[at], f"{rate}×", fontsize=7, color=PALETTE["muted"])
    handles = []
    kinds = [*KINDS, "other change"]
    for kind in kinds:
        marker, colour = KINDS.get(kind, CHANGED)
        match = pl.col("kind") == kind
        if kind == "other change":
            match = ~pl.col("kind").is_in([*KINDS, "none"])
        own = rows.filter(match)
        axes.scatter(
            own["k"].to_numpy(), own["s_c"].to_numpy(), s=22, marker=marker,
            color=PALETTE[colour], alpha=0.8, zorder=3,
            urls=[
                hover(f"{row['kind']}: {row['unit']}", f"{row['rate_published']:.2f}× a year",
                      f"k {row['k']:.3f}, s_C {row['s_c']:.3f}, s_F {row['s_f']:.2f}")
                for row in own.iter_rows(named=True)
            ],
        )  # fmt: skip
        label = kind if kind in ("ridge", "other change") else f"without a {kind}"
        label = label.replace("a organisation", "an organisation")
        handles.append(marker_key(label, marker=marker, markersize=6, color=PALETTE[colour]))
    axes.scatter([base["k"]], [base["s_c"]], s=70, marker="*", color=PALETTE["ink"], zorder=4)
    handles.append(marker_key("as published", marker="*", markersize=9, color=PALETTE["ink"]))
    axes.set_xlim(low, high)
    axes.set_ylim(bottom, top)
    axes.set_xlabel("k: capability per unit of ln compute, at one recipe")
    axes.set_ylabel("s_C: capability a year")
    figure.legend(handles=handles, loc="outside upper left", ncols=4)
    return settled(figure)


FIGURE = PageFigure(
    "capability-identity",
    "Gain of capability with compute and trend of capability, in every refit",
    identity_picture,
    ("capability_identity",),
)
