"""Figures: each a pure function of tables, in one style (``algoprog.mplstyle``) and one palette.

Every function takes Polars frames and ``narrow`` (a version for a phone) and returns a Figure that
belongs to no global state. :func:`svg` and :func:`pdf` write it, the same bytes for the same
figure; :func:`inline_svg` makes it a part of a page. A point made with ``url=hover(...)`` says in
the SVG what it is when it is pointed at.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from itertools import cycle, islice
from typing import Any, ParamSpec, TypeVar
from xml.etree import ElementTree

import matplotlib.dates
import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from algoprog.common.intervals import MONTHS

Array = NDArray[np.float64]
P = ParamSpec("P")
R = TypeVar("R")

# One palette for figures and page. Neighbours in DATA_COLOURS differ in lightness as well as in
# hue, so they stay apart in greyscale and with any colour-vision deficiency; markers and direct
# labels say the same a second time.
PALETTE = {
    "ink": "#1f2328",
    "muted": "#636c76",
    "grid": "#d8dee4",
    "surface": "#ffffff",
    "blue": "#174a8c",
    "vermillion": "#d1560b",
    "gold": "#e3b505",
    "purple": "#7a2a7f",
    "sky": "#58b0e3",
    "green": "#12876a",
}
# The same names on a dark page.
DARK_PALETTE = {
    "ink": "#e6edf3",
    "muted": "#9198a1",
    "grid": "#30363d",
    "surface": "#0d1117",
    "blue": "#3f86ec",
    "vermillion": "#f5995c",
    "gold": "#f5e08a",
    "purple": "#b283f2",
    "sky": "#a8dcff",
    "green": "#2ca882",
}
DATA_COLOURS = ("blue", "vermillion", "gold", "purple", "sky", "green")
# Each marker with the share of its square that it fills, so that equal areas look equal.
FILLED = {"o": 0.79, "s": 1.0, "^": 0.5, "D": 1.0, "v": 0.5, "P": 0.56, "X": 0.56}
ESTIMATOR_COLOURS = {"converged": "blue", "published": "vermillion"}
ESTIMATOR_MARKERS = {"converged": "o", "published": "D"}

WIDE, NARROW = 7.4, 3.9  # inches
_QUOTED: dict[str, Any] = {"color": PALETTE["ink"], "linewidth": 1.6, "linestyle": (0, (3, 1.2))}
LONGEST_NAME = 26  # characters of a system's name in a figure

# Artists have a place for a link and none for a title: a link of this kind is turned into one.
_HOVER = "title:"
_LINK = re.compile(rf'<a xlink:href="{_HOVER}([^"]*)" target="_blank">(.*?)</a>', re.DOTALL)

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class Drawing:
    """A figure of the page: its title, and what draws it for a page, or for a phone (True)."""

    title: str
    draw: Callable[[bool], Figure]


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` under the style file, whatever the caller's settings of matplotlib are."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with matplotlib.style.context(["default", "algoprog.report.figures.algoprog"]):
            return function(*args, **kwargs)

    return inner


@styled
def doubling_time_distributions(
    panels: pl.DataFrame, draws: pl.DataFrame, narrow: bool = False
) -> Figure:
    """Bootstrap distributions of a doubling time, one panel below the other.

    Draws stand on an axis linear in the growth rate g (per year), which has no pole; the months
    12 ln2 / g are written on it, so g = 0 is an infinite doubling time and draws left of it, which
    show no progress, are in the picture. Draws beyond the axis (the outermost 1 % of a panel at
    either end may be) are counted in the panel.

    Parameters
    ----------
    panels : one row a panel, in order: panel, title, and the columns of `doubling_times`; where
        another 95 % interval of growth is quoted than that of the draws, quoted_low and quoted_high
        (per year; a blank low end lies beyond what was searched).
    draws : panel, growth (per year; infinite ones allowed).
    """
    growth = {
        panel: draws.filter(pl.col("panel") == panel)["growth"].to_numpy()
        for panel in panels["panel"]
    }
    low, high = _growth_limits(growth.values())
    edges = np.linspace(low, high, 41)
    titles = [textwrap.fill(title, 48 if narrow else 105) for title in panels["title"]]
    lines = sum(title.count("\n") + 1 for title in titles)
    height = 1.2 + 1.05 * panels.height + 0.16 * lines
    figure = Figure(figsize=(NARROW if narrow else WIDE, height))
    grid = figure.subplots(panels.height, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    tallest = 1.0
    for axes, row, title in zip(grid, panels.iter_rows(named=True), titles, strict=True):
        g = growth[row["panel"]]
        colour = PALETTE[ESTIMATOR_COLOURS[row["estimator"]]]
        share = 100 * np.histogram(g, edges)[0] / len(g)
        tallest = max(tallest, float(share.max()))
        axes.stairs(share, edges, fill=True, color=colour, alpha=0.28)
        axes.stairs(share, edges, color=colour, linewidth=0.9)
        axes.set_title(title, parse_math=False)
        axes.tick_params(length=2.5)
        axes.grid(axis="y", visible=False)
        of = "" if narrow else f" of {len(g)}"
        _beyond(axes, int((g < low).sum()), int((g > high).sum()), of)
    quoted = "quoted_high" in panels.columns and panels["quoted_high"].count() > 0
    for axes, row in zip(grid, panels.iter_rows(named=True), strict=True):
        _interval_bar(axes, row, -0.12 * tallest)
        if quoted and row["quoted_high"] is not None:
            _quoted_bar(axes, row, -0.27 * tallest, low)
        axes.set_ylim(-(0.38 if quoted else 0.24) * tallest, 1.08 * tallest)
        axes.set_yticks([t for t in axes.get_yticks() if 0 <= t <= tallest])
        if low < 0:
            axes.axvspan(low, 0, color=PALETTE["grid"], alpha=0.55, linewidth=0)
            axes.axvline(0, color=PALETTE["muted"], linewidth=0.8)
    if low < 0:
        grid[0].annotate(
            "no\nprogress", (0, 1), (-3, -3), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="right", va="top", fontsize=6.5 if narrow else 7.5,
            color=PALETTE["muted"],
        )  # fmt: skip
    bottom = grid[-1]
    bottom.set_xlim(low, high)
    positions, labels = month_ticks(low, high, 0.095 if narrow else 0.055)
    bottom.set_xticks(positions, labels)
    bottom.set_xlabel("Doubling time (months); faster progress to the right")
    below = bottom.twiny()
    below.set_xlim(low, high)
    below.grid(visible=False)
    below.xaxis.set_ticks_position("bottom")
    below.xaxis.set_label_position("bottom")
    below.spines["bottom"].set_position(("outward", 33))
    below.set_xlabel("Growth of effective compute (natural log units per year)")
    below.tick_params(length=2.5)
    figure.supylabel("Share of draws in a bin (%)", fontsize="medium")
    figure.legend(
        handles=[
            Line2D([], [], color=PALETTE["ink"], linewidth=3.2, label="50 % interval"),
            Line2D([], [], color=PALETTE["ink"], linewidth=1.1, label="95 % interval"),
            marker_key("median", marker="|", markersize=9, markeredgewidth=1.8),
            marker_key("the sample itself", marker="D", markersize=4.5),
            *([Line2D([], [], **_QUOTED, label="95 % interval quoted")] if quoted else []),
        ],
        loc="outside lower center",
        ncols=2 if narrow else 5,
    )
    return settled(figure)


@styled
def loss_against_date(
    sample: pl.DataFrame, benchmarks: Mapping[str, str], narrow: bool = False
) -> Figure:
    """Ln perplexity of every row against its date of publication.

    Colour and marker tell the benchmark, the marker's area the training compute 6ND (FLOP) on a log
    scale. Systems that set a record on the benchmark with most rows are named where there is room.

    Parameters
    ----------
    sample : rows of a sample file.
    benchmarks : label of each benchmark, in the order of the legend.
    """
    rows = sample.with_columns(
        loss=pl.col("perplexity").log(),
        log_compute=(6 * pl.col("parameters").cast(pl.Float64) * pl.col("dataset_tokens")).log10(),
    ).sort("log_compute", descending=True, maintain_order=True)  # small markers on top
    area = _areas(rows["log_compute"].to_numpy())
    figure = Figure(figsize=(NARROW, 4.6) if narrow else (WIDE, 4.5))
    axes = figure.add_subplot()
    handles = []
    looks = zip(cycle(FILLED), cycle(DATA_COLOURS))
    present = [name for name in benchmarks if name in set(rows["benchmark"])]
    for name, (marker, colour) in zip(present, islice(looks, len(present)), strict=True):
        own = rows.filter(pl.col("benchmark") == name)
        axes.scatter(
            days(own["published"]),
            own["loss"].to_numpy(),
            s=area(own["log_compute"].to_numpy()) * FILLED["o"] / FILLED[marker],
            marker=marker,
            color=PALETTE[colour],
            edgecolor=PALETTE["ink"],
            linewidth=0.4,
            alpha=0.8,
            urls=[
                hover(
                    row["system"],
                    row["paper"],
                    f"{benchmarks[name]}: perplexity {row['perplexity']:.4g}",
                    f"{row['published']}, {10 ** row['log_compute']:.2g} FLOP",
                )
                for row in own.iter_rows(named=True)
            ],
        )
        label = f"{benchmarks[name]} ({own.height})"
        handles.append(marker_key(label, marker=marker, markersize=6.5, color=PALETTE[colour]))
    handles += _size_keys(rows["log_compute"], area)
    axes.set_ylabel("ln perplexity (nats per token)")
    axes.set_xlabel("Date of publication")
    locator = matplotlib.dates.AutoDateLocator(maxticks=8 if narrow else 10)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(matplotlib.dates.ConciseDateFormatter(locator))
    axes.margins(x=0.03, y=0.06)
    right = axes.secondary_yaxis("right")
    ticks = _perplexity_ticks(*axes.get_ylim())
    right.set_yticks(np.log(ticks), [f"{tick:,.0f}" for tick in ticks])
    right.set_ylabel("perplexity")
    right.spines["right"].set_visible(True)
    _name_records(
        axes, rows.filter(pl.col("benchmark") == _largest(rows)), 7, 190 if narrow else 450
    )
    columns = -(-len(handles) // (3 if narrow else 1))
    figure.legend(handles=handles, loc="outside upper left", ncols=min(columns, 6))
    return settled(figure)


@styled
def svg(figure: Figure) -> str:
    """The figure as an SVG file: text stays text; no date, so the same bytes every time.

    What :func:`hover` gave a point becomes the ``<title>`` of a group of class ``point``, which
    browsers show, and screen readers say, where the point is.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return _LINK.sub(r'<g class="point"><title>\1</title>\2</g>', buffer.getvalue())


@styled
def pdf(figure: Figure) -> bytes:
    """The figure as a PDF file: text stays text; no date, so the same bytes every time."""
    buffer = io.BytesIO()
    unnamed = {"CreationDate": None, "Creator": None, "Producer": None}
    figure.savefig(buffer, format="pdf", metadata=unnamed)
    return buffer.getvalue()


def hover(*parts: object) -> str:
    """What a point is, a part a line, for the ``url`` of its artist (``urls`` of a collection)."""
    return _HOVER + "\n".join(printable(str(part)) for part in parts)


def inline_svg(figure: Figure, name: str, title: str) -> str:
    """The figure as an element of a page.

    It has its `title` for those who do not see it, ids of its own (`name` in front), and colours
    that follow the page's: each colour of the palette becomes the custom property of its name.
    """
    for prefix, uri in (("", _SVG), ("xlink", _XLINK)):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(svg(figure))
    for child in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(child)
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key == f"{{{_XLINK}}}href":
                element.set(key, value.replace("#", f"#{name}-"))
            elif key in {"style", "clip-path", "fill", "stroke"}:
                element.set(key, _page_colours(value.replace("url(#", f"url(#{name}-")))
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    root.set("id", name)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    described = ElementTree.Element(f"{{{_SVG}}}title", {"id": f"{name}-title"})
    described.text = title
    root.insert(0, described)
    return ElementTree.tostring(root, encoding="unicode")


def settled(figure: Figure) -> Figure:
    """The figure with its layout worked out for good; each drawing would move it a little more."""
    engine = figure.get_layout_engine()
    if engine and figure.axes:
        for _ in range(2):  # the second time with what the first has made room for
            engine.execute(figure)
    figure.set_layout_engine("none")
    return figure


def _page_colours(style: str) -> str:
    names = {colour: name for name, colour in PALETTE.items()}
    return re.sub(
        r"#[0-9a-f]{6}\b",
        lambda found: f"var(--{names[found[0]]})" if found[0] in names else found[0],
        style,
    )


def _growth_limits(growths: Iterable[Array]) -> tuple[float, float]:
    """The axis of growth rates: from 0 or lower to where all but 1 % of each panel's draws end."""
    finite = [g[np.isfinite(g)] for g in growths]
    ends = [np.quantile(g, (0.01, 0.99)) for g in finite if len(g)] or [np.array([0.0, 1.0])]
    low = min(0.0, *(float(end[0]) for end in ends))
    high = max(float(end[1]) for end in ends)
    high = high if high > 0 else 1.0
    room = 0.03 * (high - low)
    return (low - room if low < 0 else 0.0), high + room


def month_ticks(low: float, high: float, apart: float) -> tuple[list[float], list[str]]:
    """Round doubling times, those in front first, at least `apart` of the axis from each other."""
    steps = [12, 6, 4, 3, 24, 8, 5, 2, 2.5, 1.5, 1, 48, 0.75, 0.5, 0.25, 0.1, 120, 600, 1e4]
    marks = [(0.0, "∞")]
    for months in [*steps, *(-months for months in steps)]:
        g = MONTHS * np.log(2) / months
        if low <= g <= high and all(abs(g - other) > apart * (high - low) for other, _ in marks):
            marks.append((g, f"{months:g}".replace("-", "−")))
    return [g for g, _ in marks], [label for _, label in marks]


def _beyond(axes: Axes, left: int, right: int, of: str) -> None:
    """Say how many draws lie outside the axis."""
    for count, x, align, text in ((left, 0.005, "left", "← {}"), (right, 0.995, "right", "{} →")):
        if count:
            axes.annotate(
                text.format(f"{count}{of}"), (x, 0), (0, 3), xycoords=("axes fraction", "data"),
                textcoords="offset points", ha=align, va="bottom", fontsize=7.5,
                color=PALETTE["muted"],
            )  # fmt: skip


def _interval_bar(axes: Axes, row: Mapping[str, Any], height: float) -> None:
    """Intervals, median and point of a row of `doubling_times`, on the axis of growth rates.

    The published intervals are percentiles of months; where one of their ends is not positive it
    has no place on the axis, and no bar is drawn.
    """
    ink = PALETTE["ink"]
    for level, width in ((95, 1.1), (50, 3.2)):
        if row["estimator"] == "published":
            months = [row[f"ci{level}_low"], row[f"ci{level}_high"]]
            ends = [MONTHS * np.log(2) / value for value in months if value > 0]
        else:
            ends = [row[f"growth_ci{level}_low"], row[f"growth_ci{level}_high"]]
        if len(ends) == 2 and all(np.isfinite(ends)):
            axes.plot(ends, [height] * 2, color=ink, linewidth=width, solid_capstyle="butt")
    median = row["growth_median"]
    if row["estimator"] == "published" and row["median"]:
        median = MONTHS * np.log(2) / row["median"]
    axes.plot(median, height, marker="|", markersize=9, markeredgewidth=1.8, color=ink)
    axes.plot(
        row["growth_point"], height, marker="D", markersize=4.5, color=ink,
        markeredgecolor=PALETTE["surface"], markeredgewidth=0.7,
    )  # fmt: skip


def _quoted_bar(axes: Axes, row: Mapping[str, Any], height: float, left: float) -> None:
    """The interval that is quoted; an arrowhead where it goes on beyond the axis."""
    low, high = row["quoted_low"], row["quoted_high"]
    if low is None or low < left:
        low = left
        axes.plot(low, height, "<", markersize=5, color=PALETTE["ink"], clip_on=False)
    axes.plot([low, high], [height] * 2, **_QUOTED)


def marker_key(label: str, color: str = PALETTE["ink"], **marker: Any) -> Line2D:
    """A legend entry that is a marker alone."""
    return Line2D([], [], linestyle="none", color=color, label=label, **marker)


def _areas(log_compute: Array) -> Callable[[Array], Array]:
    """Marker area (points squared) by log10 of compute: from 10 at the least to 120 at the most."""
    low, high = float(log_compute.min()), float(log_compute.max())
    span = high - low or 1.0
    return lambda value: 10 + 110 * (np.asarray(value) - low) / span


def _size_keys(log_compute: pl.Series, area: Callable[[Array], Array]) -> Iterator[Line2D]:
    """Legend entries of round values of compute, three if the data span them."""
    values = log_compute.to_numpy()
    low, high = np.ceil(values.min()), np.floor(values.max())
    for power in np.unique(np.round(np.linspace(low, max(low, high), 3))):
        size = float(np.sqrt(area(np.array(power))))
        label = f"$10^{{{power:.0f}}}$ FLOP"
        yield marker_key(label, marker="o", markersize=size, color=PALETTE["muted"], alpha=0.6)


def _perplexity_ticks(low: float, high: float) -> list[float]:
    """Round perplexities between e^low and e^high, eight at most."""
    ticks = [m * 10.0**k for k in range(0, 300) for m in (1, 2, 5)]
    inside = [tick for tick in ticks if low <= np.log(tick) <= high]
    return inside[:: -(-len(inside) // 8) or 1]


def days(dates: pl.Series) -> Array:
    """Dates as Matplotlib has them, in days."""
    return np.asarray(matplotlib.dates.date2num(dates.to_list()), dtype=float)


def _largest(rows: pl.DataFrame) -> str:
    """The benchmark with most rows; the first in alphabetical order of several."""
    counts = rows.group_by("benchmark").len().sort(["len", "benchmark"], descending=[True, False])
    return str(counts["benchmark"][0])


def printable(text: str) -> str:
    """`text` with a blank for each character that cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in text)


def short_name(name: str) -> str:
    """A system's name for a figure: printable characters only, and not too long."""
    text = printable(name)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def _records(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with a lower loss than any before them, in order of date, with `gain` (nats)."""
    ordered = rows.sort(["published", "loss"], maintain_order=True)
    before = pl.col("loss").cum_min().shift(1)
    return ordered.with_columns(gain=(before - pl.col("loss"))).filter(
        pl.col("gain").is_null() | (pl.col("gain") > 0)
    )


def _name_records(axes: Axes, rows: pl.DataFrame, most: int, points: float) -> None:
    """Name the records that gained most, left below their points, where the place is free.

    ``points`` is the width of the axes in points, by which the room a name takes is judged.
    """
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    records = _records(rows).sort("gain", descending=True, nulls_last=False, maintain_order=True)
    taken: list[tuple[float, float, float]] = []
    for row in records.iter_rows(named=True):
        name = short_name(row["system"])
        day = float(days(pl.Series([row["published"]]))[0])
        end = (day - left) / (right - left)
        start = end - (4.6 * len(name) + 8) / points
        height = (row["loss"] - bottom) / (top - bottom)
        crowded = any(
            start < other_end and other_start < end and abs(height - other_height) < 0.05
            for other_start, other_end, other_height in taken
        )
        if start < 0 or crowded:
            continue
        taken.append((start, end, height))
        axes.annotate(
            name, (day, row["loss"]), (-4, -4), textcoords="offset points",
            ha="right", va="top", fontsize=7.5, parse_math=False,
        )  # fmt: skip
        if len(taken) == most:
            return
