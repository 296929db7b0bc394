"""The forest plot: a line for each estimate, with its intervals, beside the others on one axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from algoprog.report.figures.parts.marks import Ruled, beside, lanes
from algoprog.report.figures.parts.rows import Limits, Row, ends
from algoprog.report.figures.parts.style import PALETTE


@dataclass(frozen=True)
class Mark:
    """A point of an estimate: its value, and its look as Matplotlib has it."""

    value: Any
    look: dict[str, Any]


@dataclass(frozen=True)
class Estimate:
    """An estimate in a line.

    Attributes
    ----------
    row : the row of a table whose intervals are drawn; None draws none.
    colour : of the bars, a name of the palette.
    marks : its points, in the order in which they are drawn.
    shift : down from the middle of the line, in lines.
    prefix : of the columns of the intervals.
    scale : of the widths of the bars.
    median : whether a tick stands at the median.
    only : the width of the 95 % interval's bar, where it stands alone.
    note : what is written in the line instead of an estimate, and how it looks.
    """

    row: Row | None
    colour: str
    marks: Sequence[Mark] = ()
    shift: float = 0.0
    prefix: str = "growth_"
    scale: float = 1.0
    median: bool = True
    only: float | None = None
    note: tuple[str, dict[str, Any]] | None = None

    def draw(self, ruled: Ruled, place: float) -> None:
        """Draw the estimate in the line at `place`."""
        at = place + self.shift
        if self.note:
            text, look = self.note
            # `x`: a share of the axes' width; without it the text starts at the axis
            if "x" in look:
                beside(ruled.axes, (look["x"], at), text, **{k: look[k] for k in look if k != "x"})
            else:
                ruled.axes.text(ruled.limits[0], at, text, va="center", **look)
            return
        if self.row is not None and self.only is not None:
            bar = ends(self.row, 95, self.prefix)
            ruled.bar(at, bar, PALETTE[self.colour], self.only)
        elif self.row is not None:
            ruled.bars(at, self.row, self.colour, self.prefix, self.scale, self.median)
        for mark in self.marks:
            ruled.mark(at, mark.value, **mark.look)


@dataclass(frozen=True)
class Line:
    """A line of a forest plot: its label, its estimates, and what stands at the right of it.

    ``rule`` is the look of the rule above it, as Matplotlib has it.
    """

    label: str
    estimates: Sequence[Estimate]
    text: str | None = None
    rule: dict[str, Any] | None = None


@dataclass(frozen=True)
class Look:
    """How a forest plot looks.

    Attributes
    ----------
    height : of a line, in inches.
    axis : what writes the axis of values.
    aside : where the text at the right stands, as a share of the axes' width.
    verticals : values at which a dotted line stands, with its colour.
    text : the look of the text at the right.
    """

    height: float
    axis: Callable[[Axes, Limits], None]
    aside: float = 1.02
    verticals: Sequence[tuple[float, str]] = ()
    text: dict[str, Any] = field(default_factory=dict)


def rule(colour: str, width: float, **more: Any) -> dict[str, Any]:
    """Return the look of the rule above a line."""
    return {"color": PALETTE[colour], "linewidth": width} | more


def forest(
    lines: Sequence[Line], limits: Limits, look: Look, small: bool = False
) -> tuple[Figure, Axes]:
    """Return a figure with a line for each estimate, the first on top, and its axes."""
    figure, axes = lanes(len(lines), look.height, small)
    ruled = Ruled(axes, limits)
    for value, colour in look.verticals:
        axes.axvline(value, color=PALETTE[colour], linewidth=0.7, linestyle=":", zorder=1)
    for place, line in enumerate(lines):
        if line.rule is not None:
            axes.axhline(place - 0.5, **line.rule)
        for estimate in line.estimates:
            estimate.draw(ruled, place)
        if line.text is not None:
            beside(axes, (look.aside, place), line.text, **look.text)
    axes.set_yticks(range(len(lines)), [line.label for line in lines], parse_math=False)
    look.axis(axes, limits)
    return figure, axes
