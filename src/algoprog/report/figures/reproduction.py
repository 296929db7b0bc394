"""How far ours by the published procedure is from every published number."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from algoprog.audit.reproduction import EXACT_RELATIVE, NOT_DETERMINED, PARTS, of_analysis
from algoprog.audit.tables import PAPER
from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.figures.parts.files import hover
from algoprog.report.figures.parts.marks import Ruled, empty, legend, marker_key
from algoprog.report.figures.parts.rows import Row, number
from algoprog.report.figures.parts.style import NARROW, PALETTE, WIDE, settled, styled

VERDICTS = {
    "exact": ("o", "blue"),
    "close": ("s", "sky"),
    "differs": ("X", "vermillion"),
    "defect": ("^", "purple"),
}
GAP = 5.0  # lines between sections, with room for a section of one line


@styled
def reproduction(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """Draw a line for each published number, in the table's order by section.

    Its value is a large mark and the ends of its interval are small marks. Relative differences
    stand on an axis that is linear between plus and minus the difference that still counts as
    exact. Numbers without a relative difference (against a published zero, or not determined) are
    counted beside their section.

    Parameters
    ----------
    table : the table `reproduction`, of which the paper's rows are drawn.
    """
    rows = of_analysis(table.to_dicts(), PAPER)
    if not rows:
        return empty("No published number", narrow)
    sections = list(dict.fromkeys(row["section"] for row in rows))
    decades = _decades(rows)
    edge = 10.0**decades * 1.6
    height = 1.5 + 0.047 * (len(rows) + GAP * len(sections))
    figure = Figure(figsize=(NARROW if narrow else WIDE, height))
    axes = figure.add_subplot()
    ruled = Ruled(axes, (-edge, edge))
    place, middles, labels = 0.0, [], []
    for index, section in enumerate(sections):
        here = [row for row in rows if row["section"] == section]
        if index % 2 == 0:
            axes.axhspan(place - GAP / 2, place + len(here) - 1 + GAP / 2,
                         color=PALETTE["grid"], alpha=0.35, linewidth=0)  # fmt: skip
        for i, row in enumerate(here):
            _number(ruled, place + i, row)
        without = sum(all(row[_difference(part)] is None for part in PARTS) for row in here)
        of = f", {without} not shown" if without else ""
        labels.append(f"{section_title(section)} ({len(here)}{of})")
        middles.append(place + (len(here) - 1) / 2)
        place += len(here) - 1 + GAP
    axes.set_ylim(place - GAP / 2, -GAP / 2)
    axes.set_yticks(middles, [textwrap.fill(t, 15 if narrow else 30) for t in labels],
                    parse_math=False)  # fmt: skip
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    _write_differences(axes, edge, decades, narrow)
    legend(figure, _keys(rows), 2 if narrow else 4)
    return settled(figure)


def section_title(name: str) -> str:
    """Return what a section of the paper is called: Section 3.1, Appendix J, Abstract."""
    name = str(name)
    if name[:1].isdigit():
        return f"Section {name}"
    return f"Appendix {name}" if len(name) == 1 else name.capitalize()


def _decades(rows: Sequence[Row]) -> int:
    """Return the power of ten of the largest difference, one per cent at least."""
    values = [abs(number(row[_difference(part)])) for row in rows for part in PARTS]
    largest = max((v for v in values if math.isfinite(v)), default=0.0)
    return max(math.ceil(math.log10(max(largest, 1e-2)) - 1e-9), -2)


def _number(ruled: Ruled, place: float, row: Row) -> None:
    """Draw a published number's differences, its value on top."""
    look = _look(row["verdict"])
    if look is None:
        return
    marker, colour = look
    for part in reversed(PARTS):
        value = part == "value"
        ruled.mark(place, row[_difference(part)], marker=marker, markersize=4.6 if value else 2.6,
                   color=PALETTE[colour], markeredgecolor=PALETTE["ink"],
                   markeredgewidth=0.4 if value else 0, zorder=5,
                   url=hover(row["id"], f"{row['quantity']}: {row['verdict']}"))  # fmt: skip


def _write_differences(axes: Axes, edge: float, decades: int, narrow: bool) -> None:
    """Write relative differences in per cent, and mark one per cent."""
    axes.set_xscale("symlog", linthresh=EXACT_RELATIVE, linscale=0.8)
    axes.set_xlim(-edge, edge)
    exact = round(math.log10(EXACT_RELATIVE))
    powers = range(exact + 2, decades + 1, 2) if narrow else range(exact, decades + 1)
    ticks = [-(10.0**p) for p in reversed(powers)] + [0.0] + [10.0**p for p in powers]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{100 * x:.4g}".replace("-", "−").replace("e−0", "e−"))
    )
    axes.axvline(0, color=PALETTE["muted"], linewidth=0.8)
    for x in (-0.01, 0.01):
        axes.axvline(x, color=PALETTE["muted"], linewidth=0.7, linestyle=":")
    axes.set_xlabel("(Ours by the published procedure − published) / |published| (%)"
                    if not narrow else "Ours − published (% of published)")  # fmt: skip


def _keys(rows: Sequence[Row]) -> list[Line2D]:
    """Return the legend: verdicts with how many numbers have each."""
    counts = Counter(row["verdict"] for row in rows)
    keys = []
    for verdict in sorted(counts, key=_verdict_order):
        look, label = _look(verdict), f"{verdict} ({counts[verdict]})"
        if look is None:
            keys.append(marker_key(f"{label}, no mark"))
        else:
            keys.append(
                marker_key(label, marker=look[0], color=PALETTE[look[1]], markersize=4.6,
                           markeredgecolor=PALETTE["ink"], markeredgewidth=0.4)
            )  # fmt: skip
    end = marker_key("end of an interval", marker="o", markersize=2.6)
    percent = Line2D([], [], color=PALETTE["muted"], linewidth=0.7, linestyle=":", label="1 %")
    return [*keys, end, percent]


def _look(verdict: str) -> tuple[str, str] | None:
    """Return marker and colour of a verdict; None where there is nothing to draw."""
    return None if verdict == NOT_DETERMINED else VERDICTS.get(verdict.split()[0], ("v", "green"))


def _verdict_order(verdict: str) -> tuple[int, str]:
    first = verdict.split()[0]
    return list(VERDICTS).index(first) if first in VERDICTS else len(VERDICTS), verdict


def _difference(part: str) -> str:
    return "relative_difference" + ("" if part == "value" else f"_{part}")


FIGURE = PageFigure(
    "reproduction",
    "Relative difference of each published number from ours",
    reproduction,
    ("reproduction",),
)
