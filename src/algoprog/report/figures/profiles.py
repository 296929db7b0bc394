"""How much worse a model fits when its doubling time is given, all else fitted again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from algoprog.report.figures.parts.axes import CLOSE, WIDE_APART, month_axis
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import STYLES, empty, legend
from algoprog.report.figures.parts.rows import Limits, Row, number
from algoprog.report.figures.parts.style import (
    DATA_COLOURS,
    PALETTE,
    WIDE,
    settled,
    styled,
)
from algoprog.report.inputs import Inputs

Key = tuple[Any, ...]  # sample, variant, delta, benchmark
Look = tuple[str, Any]  # colour and style of a line


@dataclass(frozen=True)
class _Curves:
    """The profiles by model, in order: the headline's first.

    ``first`` is the headline's sample, variant and delta.
    """

    rows: Mapping[Key, Sequence[Row]]
    first: Key

    @property
    def order(self) -> list[Key]:
        return sorted(self.rows, key=lambda key: (key[:3] != self.first, key))

    @property
    def panels(self) -> list[tuple[str, str]]:
        """Variant and sample of each panel."""
        return list(dict.fromkeys((key[1], key[0]) for key in self.order))

    @property
    def looks(self) -> dict[Key, Look]:
        """Colour, by benchmark, and style, by delta, of each profile."""
        benchmarks = sorted({key[3] for key in self.rows}, key=lambda name: (name != "all", name))
        deltas = sorted({key[2] for key in self.rows})
        styles = [*STYLES, (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3))]
        return {
            key: (
                DATA_COLOURS[benchmarks.index(key[3]) % len(DATA_COLOURS)],
                styles[deltas.index(key[2]) % len(styles)],
            )
            for key in self.order
        }


@styled
def profiles(
    table: pl.DataFrame,
    headline: Row,
    losses: Sequence[float],
) -> Figure:
    """Draw loss of fit against the doubling time, a panel for each variant, the headline's first.

    A line is a delta of the variant, or a benchmark of a variant whose progress differs between
    them. The headline's model is the thick line, and stands in grey in the other panels. A model
    whose line lies below a level at two doubling times fits both within that loss. Hollow points
    are fits without a certificate.

    Parameters
    ----------
    table : the table `profiles`.
    headline : sample, variant and delta of the headline's model.
    losses : relative losses of fit that are marked.
    """
    first = tuple(headline[name] for name in ("sample", "variant", "delta"))
    curves = _Curves(_by_model(table), first)
    if not curves.rows:
        return empty("No profile")
    top = 125 * max([*losses, 1e-3])
    limits, panels = _limits(curves, top), curves.panels
    columns = min(2, len(panels))
    lines = -(-len(panels) // columns)
    figure = Figure(figsize=(WIDE, 1.3 + (2.1 if lines > 1 else 3.0) * lines))
    grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    several = len({sample for _, sample in panels}) > 1
    for axes, (variant, sample) in zip(grid, panels, strict=False):
        axes.set_title(variant + (f", {sample}" if several else ""), parse_math=False)
        _panel(axes, curves, (variant, sample))
        _levels(axes, losses)
        month_axis(axes, limits, apart=WIDE_APART if columns > 1 else CLOSE)
        axes.set_ylim(0, top)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    last = grid[max(0, len(panels) - columns) : len(panels)]  # of each column
    for axes in grid:
        axes.tick_params(labelbottom=axes in last)
        axes.set_xlabel(axes.get_xlabel() if axes in last else "")
    figure.supylabel("Loss of fit: objective above its least (%)", fontsize="medium")
    legend(figure, _keys(curves), 4)
    return settled(figure)


def _by_model(table: pl.DataFrame) -> dict[Key, list[Row]]:
    """Return the points of each model with a loss and a growth, in order of growth."""
    curves: dict[Key, list[Row]] = {}
    for row in table.sort("growth").to_dicts():
        if math.isfinite(number(row["relative_loss"])) and math.isfinite(number(row["growth"])):
            key = tuple(row[name] for name in ("sample", "variant", "delta", "benchmark"))
            curves.setdefault(key, []).append(row)
    return curves


def _limits(curves: _Curves, top: float) -> Limits:
    """Return an axis of growth that shows where most profiles leave the panel at the top."""
    reach = {
        key: max((r["growth"] for r in rows if 100 * r["relative_loss"] <= top), default=0.0)
        for key, rows in curves.rows.items()
    }
    high = 1.1 * max(float(np.median(list(reach.values()))), reach[curves.order[0]], 0.1)
    lowest = min(0.0, *(row["growth"] for rows in curves.rows.values() for row in rows))
    return max(lowest, -0.2 * high), high


def _panel(axes: Axes, curves: _Curves, panel: tuple[str, str]) -> None:
    """Draw the profiles of a variant, and the headline's in grey where it is another's."""
    looks = curves.looks
    for key in curves.order:
        leading, here = key[:3] == curves.first, (key[1], key[0]) == panel
        if here:
            _line(axes, curves.rows[key], looks[key], leading)
        elif leading:
            axes.plot(*_points(curves.rows[key]), color=PALETTE["grid"], linewidth=2.4, zorder=1)


def _points(rows: Iterable[Row]) -> tuple[list[float], list[float]]:
    points = [(row["growth"], 100 * row["relative_loss"]) for row in rows]
    return [x for x, _ in points], [y for _, y in points]


def _line(axes: Axes, rows: Sequence[Row], look: Look, leading: bool) -> None:
    """Draw a profile, with a hollow point at each fit without a certificate."""
    x, y = _points(rows)
    colour, style = PALETTE["ink" if leading else look[0]], "-" if leading else look[1]
    axes.plot(x, y, color=colour, linewidth=2.4 if leading else 1.0, linestyle=style, zorder=4)
    hollow = [(a, b) for a, b, r in zip(x, y, rows, strict=True) if not r["certified"]]
    if hollow:
        axes.plot(*zip(*hollow, strict=True), linestyle="none", marker="o", markersize=3.4,
                  markeredgecolor=colour, color=PALETTE["surface"], zorder=5)  # fmt: skip


def _levels(axes: Axes, losses: Sequence[float]) -> None:
    """Draw the losses that are marked."""
    for loss in losses:
        axes.axhline(100 * loss, color=PALETTE["muted"], linewidth=0.7, linestyle=":", zorder=2)


def _keys(curves: _Curves) -> list[Line2D]:
    """Return the headline's model, the deltas of the others, and their benchmarks if any."""
    first, looks = curves.first, curves.looks
    others = [key for key in curves.order if key[:3] != first]
    keys = []
    if len(others) < len(curves.rows):
        name = f"{first[1]}, δ = {first[2]:g} (headline)"
        keys.append(Line2D([], [], color=PALETTE["ink"], linewidth=2.4, label=name))
    styles = {key[2]: looks[key][1] for key in sorted(others, key=lambda key: key[2])}
    colours = {key[3]: looks[key][0] for key in sorted(others, key=lambda key: str(key[3]))}
    for delta, style in styles.items():
        label = f"δ = {delta:g}"
        keys.append(Line2D([], [], color=PALETTE["muted"], linestyle=style, label=label))
    for benchmark, colour in colours.items():
        label = "all benchmarks" if benchmark == "all" else str(benchmark)
        keys.append(Line2D([], [], color=PALETTE[colour], label=label))
    return keys


def _given(inputs: Inputs) -> tuple[Row, Sequence[float]]:
    return inputs.converged.key, inputs.settings.profiles.losses


FIGURE = PageFigure(
    "profiles",
    "Loss of fit along the doubling time, of the headline's model and the best ones",
    profiles,
    ("profiles",),
    _given,
)
