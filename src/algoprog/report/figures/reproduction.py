"""How many published numbers the published procedure gives again, by section of the paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import polars as pl
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from algoprog.audit.reproduction import NOT_DETERMINED, of_analysis
from algoprog.audit.tables import PAPER
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.marks import beside, empty, lanes, legend
from algoprog.report.figures.parts.rows import Row
from algoprog.report.figures.parts.style import PALETTE, settled, styled

# Verdicts in the order of a bar, each with its colour and hatching.
VERDICTS = {
    "exact": ("blue", ""),
    "close": ("sky", ""),
    "defect": ("purple", "xxxx"),
    "differs": ("vermillion", "////"),
    NOT_DETERMINED: ("grid", ""),
}
SAID = {"defect": "affected by a defect"}


@styled
def reproduction(table: pl.DataFrame) -> Figure:
    """Draw a bar for each section of the paper, its numbers counted by verdict.

    Bars are shares of the section's numbers, with how many there are at the right.

    Parameters
    ----------
    table : the table `reproduction`, of which the paper's rows are drawn.
    """
    rows = of_analysis(table.to_dicts(), PAPER)
    if not rows:
        return empty("No published number", small=True)
    sections = list(dict.fromkeys(row["section"] for row in rows))
    figure, axes = lanes(len(sections), 0.3, small=True)
    for place, section in enumerate(sections):
        counts = counted(row for row in rows if row["section"] == section)
        total, left = sum(counts.values()), 0.0
        for verdict, (colour, hatch) in VERDICTS.items():
            width = 100 * counts[verdict] / total
            axes.barh(
                place, width, 0.62, left, color=PALETTE[colour], hatch=hatch,
                edgecolor=PALETTE["surface"], linewidth=0.6,
            )  # fmt: skip
            left += width
        beside(axes, (1.03, place), f"{total}")
    beside(axes, (1.03, -0.6), "n", va="bottom", color=PALETTE["muted"])
    axes.set_xlim(0, 100)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel("% of the numbers printed there")
    axes.set_yticks(range(len(sections)), [section_title(s) for s in sections], parse_math=False)
    legend(figure, _keys(rows), 2)
    return settled(figure)


def counted(rows: Iterable[Row]) -> Counter[str]:
    """Return how many rows have each kind of verdict."""
    return Counter(_kind(row["verdict"]) for row in rows)


def section_title(name: str) -> str:
    """Return what a section of the paper is called: Section 3.1, Appendix J, Abstract."""
    name = str(name)
    if name[:1].isdigit():
        return f"Section {name}"
    return f"Appendix {name}" if len(name) == 1 else name.capitalize()


def _kind(verdict: str) -> str:
    return verdict if verdict in VERDICTS else verdict.split()[0]


def _keys(rows: Sequence[Row]) -> list[Patch]:
    """Return the legend: verdicts with how many numbers have each."""
    counts = counted(rows)
    return [
        Patch(facecolor=PALETTE[colour], hatch=hatch, edgecolor=PALETTE["surface"],
              label=f"{SAID.get(verdict, verdict)} ({counts[verdict]})")
        for verdict, (colour, hatch) in VERDICTS.items() if counts[verdict]
    ]  # fmt: skip


FIGURE = PageFigure(
    "reproduction",
    "Published numbers that the published procedure gives again, by section",
    reproduction,
    ("reproduction",),
    small=True,
)
