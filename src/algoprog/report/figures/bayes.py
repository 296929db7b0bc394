"""Figures of the Bayesian part: posterior beside bootstrap, priors, predictions, ranks, models.

Pure functions of result tables as read from CSV, in the style of `algoprog.report.figures.choices`.
Quantities of different units stand on one axis by a scale of their own, which each figure names.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from algoprog.bayes.names import HEADLINE
from algoprog.common.intervals import INTERVAL_ENDS
from algoprog.report.figures import parts
from algoprog.report.figures.headline import NARROW, PALETTE, WIDE, marker_key, settled, styled

Row = Mapping[str, Any]
Scale = Callable[[float], float]

POSTERIOR, BOOTSTRAP = "blue", "vermillion"
WIDTH_COLOURS = ("sky", "blue", "purple", "gold", "green", "vermillion")
TRANSFORMER = "transformer"
COMPUTE = "growth of effective compute"
AVERAGES = {"stacking": "stacked", "equal": "equal weights"}
# Half widths that an axis shows on either side, and the share of ends that are left to arrowheads.
_LEAST, _MOST, _CUT = 1.3, 6.0, 0.04
_LONGEST = 20  # characters of a label's line on a phone


def _by(centre: float, low: float, high: float, unit: str) -> Scale | None:
    """Maps ``centre`` to 0 and half of high - low to 1; None where these are not finite.

    Factors are taken as logarithms.
    """
    moved: Scale = (lambda x: math.log(x) if x > 0 else -math.inf) if unit == "factor" else float
    origin, half = moved(centre), (moved(high) - moved(low)) / 2
    if not (math.isfinite(origin) and math.isfinite(half) and half > 0):
        return None
    return lambda x: (moved(x) - origin) / half


def _scaled(row: Row, scale: Scale, prefix: str = "") -> dict[str, float]:
    """The row's interval on a scale; blanks stay NaN."""
    found = {}
    for end in INTERVAL_ENDS:
        value = parts.number(row.get(f"{prefix}{end}"))
        found[end] = value if math.isnan(value) else scale(value)
    return found


def _forest(
    lines: Sequence[tuple[str, Mapping[str, Row] | None, str]],
    series: Mapping[str, str],
    axis: str,
    narrow: bool,
) -> Figure:
    """A line for each quantity: its intervals by series; on a wide page, text at the right of it.

    ``lines``: label, scaled rows by series (None: no finite scale), text; ``series``: colours.
    """
    rows = [row for _, found, _ in lines if found for row in found.values()]
    ends = [end for row in rows for end in parts.ends(row, 95) if math.isfinite(end)]
    low, high = np.quantile(ends or [0.0], [_CUT, 1 - _CUT])
    limits = float(np.clip(low, -_MOST, -_LEAST)), float(np.clip(high, _LEAST, _MOST))
    figure, axes = parts.lanes(len(lines), 0.24 if len(series) < 3 else 0.34, narrow)
    axes.axvline(0.0, color=PALETTE["muted"], linewidth=0.7, linestyle=":", zorder=1)
    shifts = dict(
        zip(series, parts.dodge(len(series), 0.5 if len(series) > 2 else 0.34), strict=True)
    )
    for place, (_, found, text) in enumerate(lines):
        if found is None:
            axes.text(limits[0], place, " no finite interval to scale by", va="center",
                      fontsize=parts.SMALL - 1, color=PALETTE["muted"])  # fmt: skip
        for name, row in (found or {}).items():
            parts.bars(axes, place + shifts[name], row, limits, series[name], scale=0.8)
        if not narrow:
            axes.annotate(text, (1.02, place), xycoords=("axes fraction", "data"), va="center",
                          fontsize=parts.SMALL, parse_math=False)  # fmt: skip
    labels = [textwrap.fill(label, _LONGEST) if narrow else label for label, _, _ in lines]
    axes.set_yticks(range(len(lines)), labels, parse_math=False)
    axes.set_xlim(*limits)
    axes.set_xlabel(axis)
    axes.xaxis.set_major_locator(MaxNLocator(5 if narrow else 9))
    handles = [
        Line2D([], [], color=PALETTE[colour], linewidth=3, label=name)
        for name, colour in series.items()
    ]
    parts.legend(figure, [*handles, *parts.interval_keys(0.8)], 2 if narrow else 5)
    return settled(figure)


def _short(value: Any) -> str:
    number = parts.number(value)
    if math.isnan(number):
        return "–"
    if math.isinf(number):
        return "∞"
    return f"{number:.3g}".replace("-", "−")


def compared(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of `bayes_against_bootstrap` that are shown: the headline's; of others the effect."""
    return [
        row
        for row in table.to_dicts()
        if row["name"] == HEADLINE or row["quantity"].startswith(TRANSFORMER)
    ]


def line_name(row: Row) -> str:
    """A quantity, with the fit's name where it is not the headline's."""
    if row["name"] == HEADLINE:
        return str(row["quantity"])
    return f"{row['quantity']} ({str(row['name']).removeprefix(TRANSFORMER + '-')})"


@styled
def against_bootstrap(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """Posterior and bootstrap intervals of every quantity, medians at the right of a wide page.

    On each line 0 is the bootstrap's median and 1 half of its 90 % width.

    Parameters
    ----------
    table : the table `bayes_against_bootstrap`.
    """
    rows = compared(table)
    if not rows:
        return parts.empty("No bootstrap to compare with", narrow)
    lines: list[tuple[str, Mapping[str, Row] | None, str]] = []
    for row in rows:
        scale = _by(
            parts.number(row["bootstrap_median"]),
            *parts.ends(row, 90, "bootstrap_"),
            row["unit"],
        )
        found = scale and {
            "posterior": _scaled(row, scale, "posterior_"),
            "bootstrap": _scaled(row, scale, "bootstrap_"),
        }
        text = f"{_short(row['posterior_median'])} | {_short(row['bootstrap_median'])}"
        lines.append((line_name(row), found, text))
    return _forest(
        lines,
        {"posterior": POSTERIOR, "bootstrap": BOOTSTRAP},
        "half widths of the bootstrap’s 90 % interval from its median"
        if not narrow
        else "half widths from the bootstrap’s median",
        narrow,
    )


@styled
def prior_sensitivity(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """The headline's quantities under each width of the priors; on a wide page also medians.

    On each line 0 is the headline's median and 1 half of its 90 % width.

    Parameters
    ----------
    table : the table `bayes_prior_sensitivity`.
    """
    widths = sorted(set(table["prior_width"]))
    if len(widths) < 2:
        return parts.empty("Priors of one width only", narrow)
    names = {width: f"priors × {width:g}" for width in widths}
    lines: list[tuple[str, Mapping[str, Row] | None, str]] = []
    for (quantity, unit), rows in table.group_by("quantity", "unit", maintain_order=True):
        by_width = {row["prior_width"]: row for row in rows.to_dicts()}
        own = by_width[1.0]
        scale = _by(parts.number(own["median"]), *parts.ends(own, 90), str(unit))
        found = scale and {names[w]: _scaled(by_width[w], scale) for w in widths if w in by_width}
        text = " | ".join(_short(by_width[w]["median"]) for w in widths if w in by_width)
        lines.append((str(quantity), found, text))
    return _forest(
        lines,
        dict(zip(names.values(), WIDTH_COLOURS, strict=False)),
        "half widths of the headline’s 90 % interval from its median"
        if not narrow
        else "half widths from the headline’s median",
        narrow,
    )


@styled
def predictive_checks(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """What replicated samples of the headline's model look like, the observed sample at 0.

    On each line 1 is half of the 90 % width over samples replicated after the data were seen; the
    observed value stands at the right of a wide page (nats).

    Parameters
    ----------
    table : the table `bayes_checks`.
    """
    own = table.filter(pl.col("name") == HEADLINE, pl.col("median").is_not_null())
    if own.is_empty():
        return parts.empty("No replicated samples", narrow)
    lines: list[tuple[str, Mapping[str, Row] | None, str]] = []
    for (benchmark, statistic), rows in own.group_by("benchmark", "statistic", maintain_order=True):
        by_check = {row["check"]: row for row in rows.to_dicts()}
        after = by_check["posterior"]
        observed = parts.number(after["observed"])
        scale = _by(observed, *parts.ends(after, 90), "nats")
        found = scale and {
            f"{check} predictive": _scaled(by_check[check], scale)
            for check in ("prior", "posterior")
        }
        lines.append((f"{statistic}, {benchmark}", found, _short(observed)))
    return _forest(
        lines,
        {"prior predictive": "sky", "posterior predictive": POSTERIOR},
        "half widths of the posterior predictive 90 % from what was observed"
        if not narrow
        else "half widths from the observed",
        narrow,
    )


@styled
def model_average(
    average: pl.DataFrame, times: pl.DataFrame, fits: pl.DataFrame, narrow: bool = False
) -> Figure:
    """Growth of effective compute of every model that may be averaged, and the averages.

    Stacking weights stand at the right; a fit that did not pass is grey and has none.

    Parameters
    ----------
    average, times, fits : the tables `bayes_model_average`, `bayes_doubling_times`, `bayes_fits`.
    """
    known = {row["name"]: row for row in fits.to_dicts()}
    own = times.filter(pl.col("definition") == "closed_form", pl.col("quantity") == "compute")
    models = [
        row
        for name, fit in known.items()
        if fit["change"] is None and fit["prior_width"] == 1.0
        for row in own.filter(pl.col("name") == name).to_dicts()
    ]
    means = average.filter(pl.col("definition") == "closed_form").to_dicts()
    if not models:
        return parts.empty("No model with a doubling time", narrow)
    lines = [*models, *means]
    limits = parts.growth_limits(lines, ["growth_median"], beyond=0.6)
    figure, axes = parts.lanes(len(lines), 0.25, narrow)
    labels = []
    for place, row in enumerate(lines):
        if "weighting" in row:
            label, colour, text = AVERAGES[row["weighting"]], "purple", f"{row['n_models']} models"
        else:
            fit = known[row["name"]]
            label = f"{row['variant']}" + (
                "" if row["benchmark"] in {"all", None} else f" {row['benchmark']}"
            )
            colour = POSTERIOR if fit["passed"] else "muted"
            text = "–" if fit["weight"] is None else f"{fit['weight']:.2f}"
        labels.append(label)
        parts.bars(axes, place, row, limits, colour, "growth_", scale=0.9)
        axes.annotate(text, (1.02, place), xycoords=("axes fraction", "data"), va="center",
                      fontsize=parts.SMALL)  # fmt: skip
    axes.axhline(len(models) - 0.5, color=PALETTE["grid"], linewidth=0.8)
    axes.annotate("weight", (1.02, -0.6), xycoords=("axes fraction", "data"), va="bottom",
                  fontsize=parts.SMALL, color=PALETTE["muted"])  # fmt: skip
    axes.set_yticks(range(len(lines)), labels, parse_math=False)
    parts.month_axis(axes, limits, narrow)
    handles = [
        Line2D([], [], color=PALETTE[POSTERIOR], linewidth=3, label="one model"),
        Line2D([], [], color=PALETTE["purple"], linewidth=3, label="average"),
        Line2D([], [], color=PALETTE["muted"], linewidth=3, label="not pooled"),
    ]
    parts.legend(figure, [*handles, *parts.interval_keys(0.9)], 2 if narrow else 5)
    return settled(figure)


@styled
def ranks(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """Histograms of the rank of the truth among posterior draws, one of each quantity.

    The band holds a bin's count in 99 % of simulations if ranks are uniform.

    Parameters
    ----------
    table : the table `bayes_ranks`.
    """
    quantities = list(dict.fromkeys(table["quantity"]))
    if not quantities:
        return parts.empty("No simulated data sets", narrow)
    columns = 3 if narrow else 5
    lanes = math.ceil(len(quantities) / columns)
    figure = Figure(figsize=(NARROW if narrow else WIDE, 0.7 + 0.95 * lanes))
    grid = figure.subplots(lanes, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in grid[len(quantities) :]:
        axes.set_axis_off()
    for axes, quantity in zip(grid, quantities, strict=False):
        own = table.filter(pl.col("quantity") == quantity).sort("bin")
        edges = np.arange(own.height + 1) / own.height
        axes.axhspan(own["low"][0], own["high"][0], color=PALETTE["grid"], alpha=0.8, linewidth=0)
        axes.axhline(own["expected"][0], color=PALETTE["muted"], linewidth=0.7, linestyle=":")
        axes.stairs(own["n"].to_numpy(), edges, color=PALETTE[POSTERIOR], linewidth=1.1)
        axes.set_title(quantity.replace("_", " "), fontsize=parts.SMALL)
        axes.set_ylim(bottom=0)
        axes.tick_params(labelsize=parts.SMALL)
        axes.grid(visible=False)
        axes.set_xticks([0, 1], ["0", "1"])
    figure.supxlabel("rank of the truth, as a share", fontsize=parts.SMALL + 1)
    figure.supylabel("data sets", fontsize=parts.SMALL + 1)
    handles = [marker_key("99 % if uniform", marker="s", color=PALETTE["grid"], markersize=6)]
    parts.legend(figure, handles, 1)
    return settled(figure)
