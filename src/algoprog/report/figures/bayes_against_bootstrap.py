"""Posterior and bootstrap intervals, quantity by quantity."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from algoprog.bayes.names import HEADLINE
from algoprog.common.numbers import power_of_ten
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import empty
from algoprog.report.figures.parts.rows import Row, ends, number
from algoprog.report.figures.parts.scaled import (
    POSTERIOR,
    ScaledLine,
    brief,
    scale_by,
    scaled,
    scaled_forest,
)
from algoprog.report.figures.parts.style import styled

TRANSFORMER = "transformer"
COMPUTE = re.compile(r"\b1e\+(\d+)\b")  # as the table writes it: 1e+22


@styled
def against_bootstrap(table: pl.DataFrame) -> Figure:
    """Draw both intervals of every quantity, their medians at the right.

    On each line 0 is the bootstrap's median and 1 half of its 90 % width.

    Parameters
    ----------
    table : the table `bayes_against_bootstrap`.
    """
    rows = compared(table)
    if not rows:
        return empty("No bootstrap to compare with")
    lines = []
    for row in rows:
        bootstrap = number(row["bootstrap_median"]), *ends(row, 90, "bootstrap_")
        scale = scale_by(*bootstrap, row["unit"])
        both = scale and {
            name: scaled(row, scale, f"{name}_") for name in ("posterior", "bootstrap")
        }
        text = f"{brief(row['posterior_median'])} | {brief(row['bootstrap_median'])}"
        lines.append(ScaledLine(line_name(row), both, text))
    axis = "half widths of the bootstrap’s 90 % interval from its median"
    return scaled_forest(
        lines, {"posterior": POSTERIOR, "bootstrap": "vermillion"}, axis
    )  # fmt: skip


def compared(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows that are shown: the headline's, and of other fits the transformer's effect.

    ``table`` is the table `bayes_against_bootstrap`.
    """
    return [
        row
        for row in table.to_dicts()
        if row["name"] == HEADLINE or row["quantity"].startswith(TRANSFORMER)
    ]


def line_name(row: Row) -> str:
    """Return what a quantity is called, with the fit's name where it is not the headline's."""
    quantity = COMPUTE.sub(lambda found: power_of_ten(int(found[1])), str(row["quantity"]))
    if row["name"] == HEADLINE:
        return quantity
    return f"{quantity} ({str(row['name']).removeprefix(TRANSFORMER + '-')})"


FIGURE = PageFigure(
    "bayes_against_bootstrap",
    "Posterior beside bootstrap, quantity by quantity",
    against_bootstrap,
    ("bayes_against_bootstrap",),
)
