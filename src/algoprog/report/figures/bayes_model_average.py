"""Growth of effective compute of every Bayesian model, and averaged over models."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.report.figures.parts.axes import growth_limits, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.forest import Estimate, Line, Look, forest
from algoprog.report.figures.parts.marks import beside, empty, interval_keys, legend
from algoprog.report.figures.parts.names import line_label
from algoprog.report.figures.parts.rows import Row
from algoprog.report.figures.parts.scaled import POSTERIOR
from algoprog.report.figures.parts.style import PALETTE, settled, styled

AVERAGES = {"stacking": "stacked", "equal": "equal weights"}


@styled
def model_average(average: pl.DataFrame, times: pl.DataFrame, fits: pl.DataFrame) -> Figure:
    """Draw every model that may be averaged, and the averages.

    Stacking weights stand at the right; a fit that did not pass is grey and has none.

    Parameters
    ----------
    average, times, fits : the tables `bayes_model_average`, `bayes_doubling_times`, `bayes_fits`.
    """
    known = {row["name"]: row for row in fits.to_dicts()}
    closed = times.filter(pl.col("definition") == "closed_form", pl.col("quantity") == "compute")
    models = [
        row
        for name, fit in known.items()
        if fit["change"] is None and fit["prior_width"] == 1.0
        for row in closed.filter(pl.col("name") == name).to_dicts()
    ]
    means = average.filter(pl.col("definition") == "closed_form").to_dicts()
    if not models:
        return empty("No model with a doubling time")
    lines = [*(_model(row, known) for row in models), *(_mean(row) for row in means)]
    limits = growth_limits([*models, *means], ["growth_median"], beyond=0.6)
    look = Look(0.25, lambda axes, limits: month_axis(axes, limits))
    figure, axes = forest(lines, limits, look)
    axes.axhline(len(models) - 0.5, color=PALETTE["grid"], linewidth=0.8)
    beside(axes, (1.02, -0.6), "weight", va="bottom", color=PALETTE["muted"])
    handles = [
        Line2D([], [], color=PALETTE[colour], linewidth=3, label=label)
        for colour, label in (
            (POSTERIOR, "one model"), ("purple", "average"), ("muted", "not pooled"),
        )
    ]  # fmt: skip
    legend(figure, [*handles, *interval_keys(0.9)], 5)
    return settled(figure)


def _model(row: Row, fits: Mapping[str, Row]) -> Line:
    fit = fits[row["name"]]
    label = line_label(row["variant"], row["benchmark"] or "all")
    text = "–" if fit["weight"] is None else f"{fit['weight']:.2f}"
    return Line(label, [Estimate(row, POSTERIOR if fit["passed"] else "muted", scale=0.9)], text)


def _mean(row: Row) -> Line:
    estimate = Estimate(row, "purple", scale=0.9)
    return Line(AVERAGES[row["weighting"]], [estimate], f"{row['n_models']} models")


FIGURE = PageFigure(
    "bayes_model_average",
    "Growth and doubling time of every model, and averaged over models",
    model_average,
    ("bayes_model_average", "bayes_doubling_times", "bayes_fits"),
)
