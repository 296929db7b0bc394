"""Doubling times in compute of every variant, by both definitions and at every delta."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.common.numbers import months
from algoprog.report.figures.parts.axes import growth_limits, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.forest import Estimate, Line, Look, Mark, forest, rule
from algoprog.report.figures.parts.marks import SMALL, empty, interval_keys, legend, marker_key
from algoprog.report.figures.parts.names import line_label
from algoprog.report.figures.parts.rows import Row, matching, number
from algoprog.report.figures.parts.style import PALETTE, settled, styled

# Label, marker and colour of each definition of a doubling time, and its place in a line.
DEFINITIONS = {
    "closed_form": ("closed form", "o", "blue", -0.18),
    "optimal_scaling": ("by optimal scaling", "D", "gold", 0.18),
}


@styled
def doubling_times_by_variant(
    doubling_times: pl.DataFrame,
    cross_validation: pl.DataFrame | None,
    headline: Row,
    benchmarks: Mapping[str, str],
) -> Figure:
    """Draw a line for each variant, or benchmark of a variant whose progress differs between them.

    The variants are in the order of their least held-out error, leaving out papers, which stands at
    the right; without it, in that of their names. Each delta has a small mark. The large mark, the
    intervals and the error are all at one delta: that of the variant's least error, or the
    headline's where no error is known.

    Parameters
    ----------
    doubling_times, cross_validation : the tables of those names.
    headline : sample, estimator, resampling and delta of the headline's analysis.
    benchmarks : label of each benchmark.
    """
    rows = matching(doubling_times, headline, ("sample", "estimator"), quantity="compute")
    rows = [row for row in rows if row["definition"] in DEFINITIONS]
    errors = _held_out(cross_validation, headline)
    best = {variant: min(by_delta.values()) for variant, by_delta in errors.items()}
    places = _places(rows, best, [*benchmarks, "all"])
    if not places:
        return empty("No variant with a doubling time")
    deltas = {
        variant: min(by_delta, key=lambda delta: (by_delta[delta], delta))
        for variant, by_delta in errors.items()
    }
    drawn = _chosen_draws(rows, headline, deltas)
    lines, before = [], None
    for variant, benchmark in places:
        lines.append(
            Line(
                line_label(variant, benchmark),
                [
                    _estimate(
                        [r for r in rows if (r["variant"], r["benchmark"], r["definition"])
                         == (variant, benchmark, definition)],
                        drawn.get((variant, benchmark, definition)), definition,
                        deltas.get(variant, number(headline["delta"])),
                    )
                    for definition in DEFINITIONS
                ],
                rule=rule("grid", 0.6, zorder=0) if before not in {None, variant} else None,
            )
        )  # fmt: skip
        before = variant
    limits = growth_limits(rows, ["growth_point"], beyond=0.4)
    look = Look(0.25, lambda axes, limits: month_axis(axes, limits))
    figure, axes = forest(lines, limits, look)
    if best:
        _errors_at_the_right(axes, places, best)
    legend(figure, _keys(), 3)
    return settled(figure)


def _places(
    rows: Sequence[Row], best: Mapping[str, float], benchmarks: Sequence[str]
) -> list[tuple[str, str]]:
    """Return variant and benchmark of each line, in order."""
    order = {name: i for i, name in enumerate(benchmarks)}
    return sorted(
        {(row["variant"], row["benchmark"]) for row in rows},
        key=lambda line: (
            best.get(line[0], math.inf), line[0], order.get(line[1], len(order)), line[1],
        ),
    )  # fmt: skip


def _estimate(rows: Sequence[Row], drawn: Row | None, definition: str, best: float) -> Estimate:
    """Return the marks of a definition, a delta each, and the intervals of what was drawn."""
    text, marker, colour, shift = DEFINITIONS[definition]
    points = {row["delta"]: row for row in rows}
    marks = []
    for delta, row in sorted(points.items(), key=lambda point: point[0] == best):
        large = delta == best
        said = f"{line_label(row['variant'], row['benchmark'])}, δ = {delta:g}"
        look: dict[str, Any] = {"marker": marker, "color": PALETTE[colour]}
        look |= {"markersize": (5.5 if marker == "o" else 4.7) if large else 2.8}
        look |= {"markeredgecolor": PALETTE["ink" if large else colour]}
        look |= {"markeredgewidth": 0.7 if large else 0, "zorder": 5 if large else 4}
        look |= {"url": hover(said, f"{text}: {months(row['point'])} months")}
        marks.append(Mark(row["growth_point"], look))
    return Estimate(drawn, "ink", marks, shift, scale=0.7)


def _errors_at_the_right(
    axes: Axes, places: Sequence[tuple[str, str]], best: Mapping[str, float]
) -> None:
    """Write the least held-out error of each variant at the right of its first line."""
    right = axes.secondary_yaxis("right")
    first = [i for i, (v, _) in enumerate(places) if i == 0 or places[i - 1][0] != v]
    known = [i for i in first if places[i][0] in best]
    right.set_yticks(known, [f"{best[places[i][0]]:.4f}" for i in known])
    right.tick_params(length=0)
    axes.set_title("Least held-out error (nats²)", loc="right", fontsize=SMALL)
    right.spines["right"].set_visible(False)


def _keys() -> list[Line2D]:
    keys = [
        marker_key(label, marker=marker, color=PALETTE[colour], markersize=5.5,
                   markeredgecolor=PALETTE["ink"], markeredgewidth=0.7)
        for label, marker, colour, _ in DEFINITIONS.values()
    ]  # fmt: skip
    keys[0].set_label("closed form, at the δ of least error")
    other = marker_key("at the other δ", marker="o", color=PALETTE["blue"], markersize=2.8)
    return [*keys, other, *interval_keys(0.7)]


def _held_out(table: pl.DataFrame | None, headline: Row) -> dict[str, dict[float, float]]:
    """Return held-out errors leaving out papers, of the headline's estimator."""
    errors: dict[str, dict[float, float]] = {}
    if table is not None:
        for row in matching(table, headline, ("sample", "estimator"), scheme="papers"):
            if math.isfinite(number(row["mse"])):
                errors.setdefault(row["variant"], {})[row["delta"]] = row["mse"]
    return errors


def _chosen_draws(
    rows: Sequence[Row], headline: Row, deltas: Mapping[str, float]
) -> dict[tuple[str, str, str], Row]:
    """Return the row with draws of each (variant, benchmark, definition), at the variant's δ."""
    chosen: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        shown = row["delta"] == deltas.get(row["variant"], headline["delta"])
        if shown and row["n_draws"] is not None and row["resampling"] == headline["resampling"]:
            chosen.setdefault((row["variant"], row["benchmark"], row["definition"]), row)
    return chosen


FIGURE = PageFigure(
    "variants",
    "Doubling times of every variant by both definitions",
    doubling_times_by_variant,
    ("doubling_times", "cross_validation"),
    lambda inputs: (inputs.converged.key, inputs.settings.labels),
)
