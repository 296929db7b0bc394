"""The ladder of benchmarks: at which capability each is half solved, and how steeply."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import lanes
from algoprog.report.figures.parts.style import PALETTE, settled, styled

BARS = 1.96  # standard errors either side
QUARTERS = float(np.log(3))  # logits between half and three quarters solved


@styled
def difficulty_ladder(benchmarks: pl.DataFrame) -> Figure:
    """Draw each benchmark's difficulty, its 95 % interval, and its middle half.

    The thick bar runs from the capability that solves a quarter to the one that solves three.

    Parameters
    ----------
    benchmarks : the table `capability_benchmarks`.
    """
    rows = benchmarks.sort("difficulty", "benchmark", descending=True)
    figure, axes = lanes(rows.height, 0.17)
    inner = rows["difficulty"].to_numpy()
    low, high = float(inner.min()) - 1.2, float(inner.max()) + 1.2
    for at, row in enumerate(rows.iter_rows(named=True)):
        x, half = row["difficulty"], QUARTERS / row["slope"]
        error = BARS * row["standard_error"]
        ends = np.clip([x - half, x + half], low, high)
        axes.hlines(at, *ends, color=PALETTE["sky"], linewidth=4.5, alpha=0.6)
        axes.hlines(at, *np.clip([x - error, x + error], low, high), color=PALETTE["blue"])
        about = f"difficulty {x:.2f} ± {error:.2f}, slope {row['slope']:.2f}"
        urls = [hover(row["benchmark"], about, f"{row['versions']} versions")]
        axes.scatter([x], [at], s=20, color=PALETTE["blue"], zorder=3, urls=urls)
    axes.set_xlim(low, high)
    axes.set_yticks(range(rows.height), rows["benchmark"].to_list(), fontsize=6.5)
    axes.set_xlabel("Capability (logits of Winogrande)")
    return settled(figure)


FIGURE = PageFigure(
    "capability-difficulty",
    "Difficulty and slope of each benchmark",
    difficulty_ladder,
    ("capability_benchmarks",),
)
