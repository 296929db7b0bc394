"""The quantities of the headline under narrower and wider priors."""

from __future__ import annotations

import polars as pl
from matplotlib.figure import Figure

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import empty
from algoprog.report.figures.parts.rows import ends, number
from algoprog.report.figures.parts.scaled import (
    ScaledLine,
    brief,
    scale_by,
    scaled,
    scaled_forest,
)
from algoprog.report.figures.parts.style import styled

WIDTH_COLOURS = ("sky", "blue", "purple", "gold", "green", "vermillion")


@styled
def prior_sensitivity(table: pl.DataFrame) -> Figure:
    """Draw each quantity under each width of the priors; on a wide page also medians.

    On each line 0 is the headline's median and 1 half of its 90 % width.

    Parameters
    ----------
    table : the table `bayes_prior_sensitivity`.
    """
    widths = sorted(set(table["prior_width"]))
    if len(widths) < 2:
        return empty("Priors of one width only")
    names = {width: f"priors × {width:g}" for width in widths}
    lines = []
    for (quantity, unit), rows in table.group_by("quantity", "unit", maintain_order=True):
        by_width = {row["prior_width"]: row for row in rows.to_dicts()}
        stated = by_width[1.0]
        scale = scale_by(number(stated["median"]), *ends(stated, 90), str(unit))
        present = [width for width in widths if width in by_width]
        moved = scale and {names[width]: scaled(by_width[width], scale) for width in present}
        text = " | ".join(brief(by_width[width]["median"]) for width in present)
        lines.append(ScaledLine(str(quantity), moved, text))
    axis = "half widths of the headline’s 90 % interval from its median"
    series = dict(zip(names.values(), WIDTH_COLOURS, strict=False))
    return scaled_forest(lines, series, axis)


FIGURE = PageFigure(
    "bayes_prior_sensitivity",
    "The posterior under narrower and wider priors",
    prior_sensitivity,
    ("bayes_prior_sensitivity",),
)
