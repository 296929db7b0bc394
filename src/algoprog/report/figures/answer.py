"""From the paper's number to the answer: one estimate a line, each a step from the one above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from algoprog.common.numbers import months
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import Ruled, empty, lanes
from algoprog.report.figures.parts.rows import Row, number
from algoprog.report.figures.parts.style import PALETTE, settled, styled
from algoprog.report.inputs import Inputs
from algoprog.report.steps import steps

# The axis in months: what lies beyond it is an arrowhead.
LEAST, MOST = 2.0, 60.0
TICKS = (2, 3, 4, 6, 8, 12, 18, 24, 36, 60)
NAME = "answer-steps"


@styled
def answer_steps(lines: Sequence[Row]) -> Figure:
    """Draw each estimate and its 95 % interval on a logarithmic axis of months.

    Parameters
    ----------
    lines : of :func:`algoprog.report.steps.steps`: label, point, low, high (months), leads.
    """
    if not lines:
        return empty("No estimate", small=True)
    figure, axes = lanes(len(lines), 0.52, small=True)
    axes.set_xscale("log")
    axes.set_xlim(LEAST, MOST)
    ruled = Ruled(axes, (LEAST, MOST))
    for place, line in enumerate(lines):
        colour = PALETTE["blue" if line["leads"] else "muted"]
        ends = number(line["low"]), number(line["high"])
        at = place + 0.18
        ruled.bar(at, ends, colour, 3.2 if line["leads"] else 1.6)
        said = months(line["point"])
        if line["low"] is not None:
            said += f" ({months(line['low'])} to {months(line['high'])})"
        ruled.mark(
            at, line["point"], marker="o", color=colour, markersize=8 if line["leads"] else 6,
            markeredgecolor=PALETTE["surface"], markeredgewidth=0.8, zorder=6,
            url=hover(line["label"], said),
        )  # fmt: skip
        weight = "bold" if line["leads"] else "normal"
        above: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
        for x, side, text in ((0.0, "left", line["label"]), (1.0, "right", said)):
            axes.annotate(text, (x, place - 0.2), ha=side, fontweight=weight, **above)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(TICKS, [str(tick) for tick in TICKS])
    axes.set_xlabel("Months in which the compute needed halves (log)")
    return settled(figure)


def _given(inputs: Inputs) -> tuple[Sequence[Row]] | None:
    lines = steps(inputs)
    return (lines,) if lines else None


def _finding(inputs: Inputs) -> str:
    return "; ".join(f"{line['label']}: {months(line['point'])} months" for line in steps(inputs))


FIGURE = PageFigure(
    NAME,
    "From the paper’s number to growth where the systems were, step by step",
    answer_steps,
    given=_given,
    finding=_finding,
    small=True,
)
