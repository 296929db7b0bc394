"""Tokens per parameter: what each fitted law calls optimal, beside what the records have."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import empty, legend, marker_key, name_ends
from algoprog.report.figures.parts.style import PALETTE, WIDE, settled, styled
from algoprog.report.inputs import Inputs
from algoprog.report.splits import optimal_splits, record_splits


@styled
def compute_splits(records: pl.DataFrame, optima: pl.DataFrame, leading: str) -> Figure:
    """Draw D/N against compute: a point for each record, a line for each law's optimal split.

    Parameters
    ----------
    records : system, compute (FLOP), tokens_per_parameter.
    optima : variant, compute, tokens_per_parameter.
    leading : the headline's law, drawn thick and named.
    """
    if optima.is_empty():
        return empty("No law has an optimal split")
    figure = Figure(figsize=(WIDE, 4.2))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.scatter(
        records["compute"], records["tokens_per_parameter"], s=13, color=PALETTE["vermillion"],
        alpha=0.6, linewidth=0, zorder=4,
        urls=[
            hover(row["system"], f"{row['tokens_per_parameter']:.3g} tokens per parameter",
                  f"{row['compute']:.2g} FLOP")
            for row in records.iter_rows(named=True)
        ],
    )  # fmt: skip
    named: list[tuple[float, float, str]] = []
    for (variant,), rows in optima.sort("compute").group_by("variant", maintain_order=True):
        leads = variant == leading
        colour = PALETTE["blue" if leads else "muted"]
        axes.plot(
            rows["compute"], rows["tokens_per_parameter"], linewidth=2.2 if leads else 0.9,
            zorder=5 if leads else 3, color=colour, alpha=1.0 if leads else 0.55,
        )  # fmt: skip
        named.append((rows["compute"][-1], rows["tokens_per_parameter"][-1], str(variant)))
    ratios = records["tokens_per_parameter"].to_numpy()
    lead = optima.filter(pl.col("variant") == leading)["tokens_per_parameter"].to_numpy()
    ends = np.concatenate([ratios, lead])
    axes.set_ylim(float(ends.min()) / 10, float(ends.max()) * 10)
    lowest = axes.get_ylim()[0]
    name_ends(axes, [end for end in named if end[1] > lowest], 0.034)
    axes.set_xlabel("Training compute 6·N·D (FLOP)")
    axes.set_ylabel("Tokens per parameter, D/N")
    keys = [
        marker_key("a record", color=PALETTE["vermillion"], marker="o", markersize=4.5),
        Line2D([], [], color=PALETTE["blue"], linewidth=2.2, label=f"optimal split of {leading}"),
        Line2D([], [], color=PALETTE["muted"], linewidth=0.9, label="of each other law"),
    ]
    legend(figure, keys, 3)
    return settled(figure)


def _given(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame, str] | None:
    if "own_allocation" not in inputs.tables:
        return None
    optima = optimal_splits(inputs)
    leading = inputs.converged.variant
    if optima.filter(pl.col("variant") == leading).is_empty():
        return None
    return record_splits(inputs), optima, leading


FIGURE = PageFigure(
    "compute-splits",
    "Tokens per parameter of the records, and of each fitted law’s optimal split of compute",
    compute_splits,
    given=_given,
)
