"""Figures of the quantities: pure functions of result tables, in the style of all figures.

Tables are taken as read from CSV: a blank is None, and what is not finite or has no interval is
shown as far as it goes. Values beyond an axis, infinite ones among them, are arrowheads at its
edge. Doubling times stand on an axis even in the growth rate g (per year) with the months
12 ln2 / g written on it; there every interval is one of percentiles of g, also the published
estimator's, whose months in the table are percentiles of the ratios.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any

import matplotlib.dates
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from algoprog.audit.reproduction import EXACT_RELATIVE, NOT_DETERMINED, PARTS
from algoprog.common.numbers import months
from algoprog.report.figures import parts
from algoprog.report.figures.headline import (
    ESTIMATOR_COLOURS,
    ESTIMATOR_MARKERS,
    NARROW,
    PALETTE,
    WIDE,
    days,
    hover,
    marker_key,
    settled,
    short_name,
    styled,
)

Row = Mapping[str, Any]

DEFINITIONS = {
    "closed_form": ("closed form", "o", "blue"),
    "optimal_scaling": ("by optimal scaling", "D", "gold"),
}
# label, colour, hatching; what belongs to compute has none
FACTORS = {
    "parameters": ("parameters", "blue", ""),
    "data": ("data", "sky", ""),
    "parameter_efficiency": ("efficiency in parameters", "vermillion", "////"),
    "data_efficiency": ("efficiency in data", "gold", "...."),
    "architecture": ("architecture", "purple", "xxxx"),
}
VERDICTS = {
    "exact": ("o", "blue"),
    "close": ("s", "sky"),
    "differs": ("X", "vermillion"),
    "defect": ("^", "purple"),
}


# ---- doubling times


@styled
def doubling_times_by_variant(
    doubling_times: pl.DataFrame,
    cross_validation: pl.DataFrame | None,
    headline: Row,
    benchmarks: Mapping[str, str],
    narrow: bool = False,
) -> Figure:
    """Doubling times in compute of every variant, by both definitions and at every delta.

    A line is a variant, or a benchmark of a variant whose progress differs between them. The
    variants are in the order of their least held-out error, leaving out papers, which stands at
    the right; without it, in that of their names. Each delta has a small mark, the headline's a
    large one. Intervals are of the draws at the headline's delta or, where it has none, at the
    delta of least error among those drawn.

    Parameters
    ----------
    doubling_times, cross_validation : the tables of those names.
    headline : sample, estimator, resampling and delta of the headline's analysis.
    benchmarks : label of each benchmark.
    """
    rows = _matching(doubling_times, headline, ("sample", "estimator"), quantity="compute")
    rows = [row for row in rows if row["definition"] in DEFINITIONS]
    errors = _held_out(cross_validation, headline)
    best = {variant: min(by_delta.values()) for variant, by_delta in errors.items()}
    order = {name: i for i, name in enumerate([*benchmarks, "all"])}
    lines = sorted(
        {(row["variant"], row["benchmark"]) for row in rows},
        key=lambda line: (
            best.get(line[0], math.inf), line[0], order.get(line[1], len(order)), line[1],
        ),
    )  # fmt: skip
    if not lines:
        return parts.empty("No variant with a doubling time", narrow)
    drawn = _chosen_draws(rows, headline, errors)
    limits = parts.growth_limits(rows, ["growth_point"], beyond=0.4)
    figure, axes = parts.lanes(len(lines), 0.25, narrow)
    for place, (variant, benchmark) in enumerate(lines):
        if place and variant != lines[place - 1][0]:
            axes.axhline(place - 0.5, color=PALETTE["grid"], linewidth=0.6, zorder=0)
        for (definition, (_, marker, colour)), shift in zip(
            DEFINITIONS.items(), (-0.18, 0.18), strict=True
        ):
            with_draws = drawn.get((variant, benchmark, definition))
            if with_draws:
                parts.bars(axes, place + shift, with_draws, limits, "ink", "growth_", scale=0.7)
            points = {
                row["delta"]: row
                for row in rows
                if (row["variant"], row["benchmark"], row["definition"])
                == (variant, benchmark, definition)
            }
            for delta, row in sorted(points.items(), key=lambda one: one[0] == headline["delta"]):
                large = delta == headline["delta"]
                parts.mark(
                    axes, place + shift, row["growth_point"], limits,
                    marker=marker, color=PALETTE[colour],
                    markersize=(5.5 if marker == "o" else 4.7) if large else 2.8,
                    markeredgecolor=PALETTE["ink" if large else colour],
                    markeredgewidth=0.7 if large else 0, zorder=5 if large else 4,
                    url=hover(
                        f"{_line_label(variant, benchmark)}, δ = {delta:g}",
                        f"{DEFINITIONS[definition][0]}: {months(row['point'])} months",
                    ),
                )  # fmt: skip
    labels = [_line_label(variant, name) for variant, name in lines]
    axes.set_yticks(range(len(lines)), labels, parse_math=False)
    parts.month_axis(axes, limits, narrow)
    if best:
        right = axes.secondary_yaxis("right")
        first = [i for i, (v, _) in enumerate(lines) if i == 0 or lines[i - 1][0] != v]
        with_error = [i for i in first if lines[i][0] in best]
        right.set_yticks(with_error, [f"{best[lines[i][0]]:.4f}" for i in with_error])
        right.tick_params(length=0)
        axes.set_title("Least held-out error (nats²)", loc="right", fontsize=parts.SMALL)
        right.spines["right"].set_visible(False)
    handles = [
        marker_key(label, marker=marker, color=PALETTE[colour], markersize=5.5,
                   markeredgecolor=PALETTE["ink"], markeredgewidth=0.7)
        for label, marker, colour in DEFINITIONS.values()
    ]  # fmt: skip
    handles += [
        marker_key("at the other δ", marker="o", color=PALETTE["blue"], markersize=2.8),
        *parts.interval_keys(0.7),
    ]
    handles[0].set_label(f"closed form, δ = {headline['delta']:g}")
    parts.legend(figure, handles, 1 if narrow else 3)
    return settled(figure)


@styled
def pooled(
    pooled_doubling_times: pl.DataFrame,
    doubling_times: pl.DataFrame,
    headlines: Sequence[Row],
    narrow: bool = False,
) -> Figure:
    """Intervals of the pools of best models beside those of single ones, by optimal scaling.

    Parameters
    ----------
    pooled_doubling_times, doubling_times : the tables of those names.
    headlines : analyses (sample, variant, delta, estimator, resampling) to show beside the pools.
    """
    rows: list[tuple[str, Row]] = []
    for one in headlines:
        row: Row
        for row in _matching(
            doubling_times, one, ("sample", "variant", "delta", "estimator", "resampling"),
            quantity="compute", definition="optimal_scaling",
        ):  # fmt: skip
            on = "" if row["benchmark"] == "all" else f" {row['benchmark']}"
            rows.append((f"{row['variant']}{on}, δ = {row['delta']:g}", row))
    for row in pooled_doubling_times.iter_rows(named=True):
        size = row["pool"].removeprefix("top")
        name = f"best {size}" if row["pool"] != size else "distinct variants"
        rows.append((f"{name} ({row['n_sets']} sets)", row))
    rows = [
        (label, row) for label, row in rows if not math.isnan(parts.number(row["growth_median"]))
    ]
    rows.sort(key=lambda one: list(ESTIMATOR_COLOURS).index(one[1]["estimator"]))
    if not rows:
        return parts.empty("No pooled draws", narrow)
    shown = ["growth_point", "growth_median", "growth_ci50_low", "growth_ci50_high"]
    limits = parts.growth_limits((row for _, row in rows), shown)
    figure, axes = parts.lanes(len(rows), 0.5 if narrow else 0.36, narrow)
    for place, (_, row) in enumerate(rows):
        colour = ESTIMATOR_COLOURS[row["estimator"]]
        parts.bars(axes, place, row, limits, colour, "growth_", scale=1.6)
        if "growth_point" in row:
            parts.mark(axes, place, row["growth_point"], limits, marker="D", markersize=5,
                       color=PALETTE["ink"], markeredgecolor=PALETTE["surface"],
                       markeredgewidth=0.8, zorder=6,
                       url=hover("the sample itself",
                                 f"{months(row['point'])} months"))  # fmt: skip
        axes.annotate(
            f"{months(row['median'])} months",
            (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=parts.SMALL,
        )  # fmt: skip
    axes.annotate(
        "median", (1.01, 1), xycoords="axes fraction", va="top", fontsize=parts.SMALL,
        color=PALETTE["muted"],
    )  # fmt: skip
    labels = [
        textwrap.fill(f"{row['estimator']}, {label}", 18 if narrow else 60) for label, row in rows
    ]
    axes.set_yticks(range(len(rows)), labels, parse_math=False)
    parts.month_axis(axes, limits, narrow)
    present = list(dict.fromkeys(row["estimator"] for _, row in rows))
    handles = [
        Line2D([], [], color=PALETTE[ESTIMATOR_COLOURS[name]], linewidth=5, label=name)
        for name in present
    ]
    handles += [
        *parts.interval_keys(1.6),
        marker_key("median", marker="|", markersize=9, markeredgewidth=1.8),
        marker_key("the sample itself", marker="D", markersize=5),
    ]
    parts.legend(figure, handles, 2 if narrow else 6)
    return settled(figure)


# ---- what progress is made of


@styled
def shapley(shares: pl.DataFrame, narrow: bool = False) -> Figure:
    """Shares of each cause in the fall of loss from the first system to each later one.

    Bars are the converged estimator's shares (the published one's where it is alone): causes that
    raise loss stand left of 0. Below each bar is the share of compute (parameters and data) with
    its 95 % interval, by each estimator.

    Parameters
    ----------
    shares : the table `shapley`.
    """
    order = _dates_order(shares)
    rows = [row for row in shares.iter_rows(named=True) if order and row["from_system"] == order[0]]
    found = {(row["estimator"], row["to_system"], row["factor"]): row for row in rows}
    estimators = [name for name in ESTIMATOR_COLOURS if any(key[0] == name for key in found)]
    systems = [name for name in order[1:] if any(key[1] == name for key in found)]
    if not systems or not estimators:
        return parts.empty("No pair of systems", narrow)
    first = estimators[0]
    factors = [name for name in FACTORS if any(key[0] == first and key[2] == name for key in found)]
    compute = {key[:2]: row for key, row in found.items() if key[2] == "compute"}
    stacks = {
        system: _stack(
            {
                name: parts.number(found.get((first, system, name), {}).get("share"))
                for name in factors
            }
        )
        for system in systems
    }
    limits = parts.limits(
        [0.0, 100.0]
        + [left + width for stack in stacks.values() for left, width in stack.values()]
        + [left for stack in stacks.values() for left, _ in stack.values()],
        [100 * end for row in compute.values() for end in parts.ends(row, 95)],
    )
    figure, axes = parts.lanes(len(systems), 0.56, narrow)
    for place, system in enumerate(systems):
        for factor, (left, width) in stacks[system].items():
            _, colour, hatch = FACTORS[factor]
            axes.barh(
                place - 0.13, width, 0.42, left, color=PALETTE[colour], hatch=hatch,
                edgecolor=PALETTE["surface"], linewidth=0.8,
            )  # fmt: skip
        for i, estimator in enumerate(estimators):
            row = compute.get((estimator, system))
            if row is None:
                continue
            filled = estimator == "converged"
            at = place + 0.17 + 0.14 * i
            low, high = (100 * end for end in parts.ends(row, 95))
            parts.bar(axes, at, (low, high), limits, PALETTE["ink"], 1.1 if filled else 0.7)
            parts.mark(axes, at, 100 * parts.number(row["share"]), limits, marker="D", markersize=4,
                       color=PALETTE["ink" if filled else "surface"],
                       markeredgecolor=PALETTE["ink"], markeredgewidth=0.9, zorder=6)  # fmt: skip
    axes.axvline(0, color=PALETTE["muted"], linewidth=0.8)
    axes.set_xlim(limits)
    axes.set_yticks(
        range(len(systems)),
        [textwrap.fill(short_name(name), 14 if narrow else 30) for name in systems],
        parse_math=False,
    )
    axes.set_xlabel(
        textwrap.fill(
            f"Share of the fall in loss since {short_name(order[0])} (%); bars: {first}",
            40 if narrow else 90,
        ),
        parse_math=False,
    )
    handles: list[Any] = [
        Patch(
            facecolor=PALETTE[FACTORS[name][1]], hatch=FACTORS[name][2],
            edgecolor=PALETTE["surface"], label=FACTORS[name][0],
        )
        for name in factors
    ]  # fmt: skip
    handles += [
        Line2D([], [], color=PALETTE["ink"], linewidth=1.1, marker="D", markersize=4,
               markerfacecolor=PALETTE["ink" if name == "converged" else "surface"],
               label=f"compute share, 95 % ({name})")
        for name in estimators
    ]  # fmt: skip
    parts.legend(figure, handles, 1 if narrow else 3)
    return settled(figure)


@styled
def transformer(table: pl.DataFrame, headline: Row, narrow: bool = False) -> Figure:
    """What the transformer is worth: the share of loss it takes off, and in compute.

    A line is a model (estimator, variant, delta) in one form; the headline's model comes first,
    then the others by name. Gains are on a log axis; an arrowhead is a gain, or an end of its
    interval, beyond it or without bound.

    Parameters
    ----------
    table : the table `transformer`.
    headline : variant and delta of the model that comes first.
    """
    rows = table.to_dicts()
    if not rows:
        return parts.empty("No model with an effect of the transformer", narrow)

    def model(row: Row) -> tuple[Any, ...]:
        other = (row["variant"], row["delta"]) != (headline["variant"], headline["delta"])
        estimator = list(ESTIMATOR_COLOURS).index(row["estimator"])
        return (other, estimator, row["variant"], row["delta"], row["resampling"],
                row["form"] != "multiplier")  # fmt: skip

    lines = sorted({model(row) for row in rows})
    between = ",\n" if narrow else ", "
    label = {
        model(row): f"{row['variant']}, δ = {row['delta']:g}{between}{row['form']}"
        + ("" if row["estimator"] == "converged" else f", {row['estimator']}")
        for row in rows
    }
    computes = sorted({row["compute"] for row in rows})
    height = 1.5 + (0.29 if narrow else 0.215) * len(lines)
    figure = Figure(figsize=(NARROW, 2 * height) if narrow else (WIDE, height))
    left, right = figure.subplots(
        *((2, 1) if narrow else (1, 2)), sharey=True, sharex=False, squeeze=True
    )
    percent = [{**row, **{k: 100 * parts.number(row[k]) for k in row if k.startswith("reduction")}}
               for row in rows]  # fmt: skip
    limits = parts.limits(
        [0.0, *(row["reduction"] for row in percent)],
        [end for row in percent for end in parts.ends(row, 95, "reduction_")],
    )
    logs = [math.log10(g) for g in (parts.number(row["gain"]) for row in rows) if 0 < g < math.inf]
    ends = [end for row in rows for end in parts.ends(row, 95, "gain_")]
    log_limits = parts.limits([0.0, *logs], [math.log10(end) for end in ends if 0 < end < math.inf])
    gain_limits = (10.0 ** log_limits[0], 10.0 ** log_limits[1])
    shifts = parts.dodge(len(computes), 0.46)
    for place, line in enumerate(lines):
        own = [row for row in percent if model(row) == line]
        colour = ESTIMATOR_COLOURS[own[0]["estimator"]]
        parts.bars(left, place, own[0], limits, colour, "reduction_")
        parts.mark(left, place, own[0]["reduction"], limits, marker="o", markersize=4.5,
                   color=PALETTE[colour], markeredgecolor=PALETTE["surface"], zorder=6,
                   url=hover(label[line].replace("\n", " "),
                             f"{own[0]['reduction']:.2f} % of loss"))  # fmt: skip
        for row in own:
            i = computes.index(row["compute"])
            at = place + shifts[i]
            parts.bars(right, at, row, gain_limits, colour, "gain_", scale=0.7)
            parts.mark(right, at, row["gain"], gain_limits, marker="osD^v"[i % 5], markersize=4,
                       color=PALETTE[colour], markeredgecolor=PALETTE["surface"],
                       markeredgewidth=0.5, zorder=6,
                       url=hover(label[line].replace("\n", " "),
                                 f"{row['compute']:g} FLOP: {_ratio(row['gain'])}"))  # fmt: skip
    left.set_xlim(limits)
    left.axvline(0, color=PALETTE["muted"], linewidth=0.8)
    right.axvline(1, color=PALETTE["muted"], linewidth=0.8)
    left.set_title("Reduction of loss")
    left.set_xlabel("Share of loss taken off (%)")
    right.set_title("Compute-equivalent gain")
    right.set_xscale("log")
    right.set_xlim(gain_limits)
    right.set_xlabel("Compute without it / with it")
    right.xaxis.set_major_locator(LogLocator(numticks=7))
    right.xaxis.set_minor_locator(NullLocator())
    for axes in (left, right):
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        for place in range(1, len(lines)):
            if lines[place][:2] != lines[place - 1][:2]:
                axes.axhline(place - 0.5, color=PALETTE["muted"], linewidth=0.6)
        axes.set_yticks(range(len(lines)), [label[line] for line in lines], parse_math=False)
        axes.tick_params(axis="y", length=0)
    present = [name for name in ESTIMATOR_COLOURS if any(r["estimator"] == name for r in rows)]
    handles = [
        Line2D([], [], color=PALETTE[ESTIMATOR_COLOURS[name]], linewidth=3.2, label=name)
        for name in present
    ]
    handles += parts.interval_keys()
    handles += [
        marker_key(f"{_scientific(compute)} FLOP", marker="osD^v"[i % 5], markersize=4)
        for i, compute in enumerate(computes)
    ]
    parts.legend(figure, handles, 2 if narrow else 6)
    return settled(figure)


@styled
def eras(era_split: pl.DataFrame, narrow: bool = False) -> Figure:
    """Growth of effective compute before and after each year, and its change, by form.

    Parameters
    ----------
    era_split : the table of that name; of several benchmarks the first in the table is shown.
    """
    rows = [row for row in era_split.iter_rows(named=True) if row["quantity"] == "compute"]
    rows = [row for row in rows if row["benchmark"] == rows[0]["benchmark"]]
    if not rows:
        return parts.empty("No split of eras", narrow)
    forms = list(dict.fromkeys(row["form"] for row in rows))
    years = sorted({row["year"] for row in rows})
    series = [name for name in ESTIMATOR_COLOURS if any(r["estimator"] == name for r in rows)]
    titles = {"jump": "jump: level and pace change", "kink": "kink: pace alone changes"}
    panels = [(form, change) for change in (False, True) for form in forms]
    shape = (2, len(forms))
    if narrow:
        panels = [(form, change) for form in forms for change in (False, True)]
        shape = (len(panels), 1)
    height = 2.55 * shape[0] + 0.8
    figure = Figure(figsize=(NARROW if narrow else WIDE, height))
    grid = figure.subplots(*shape, squeeze=False).ravel()
    limits = {
        change: parts.growth_limits(
            (row for row in rows if (row["era"] == "change") == change), ["growth_point"]
        )
        for change in (False, True)
    }
    for axes, (form, change) in zip(grid, panels, strict=True):
        kinds = ["change"] if change else ["before", "after"]
        lanes = [(name, era) for era in kinds for name in series]
        shifts = dict(zip(lanes, parts.dodge(len(lanes), 0.5 if change else 0.68), strict=True))
        for row in rows:
            lane = (row["estimator"], row["era"])
            if row["form"] != form or lane not in shifts:
                continue
            at = years.index(row["year"]) + shifts[lane]
            name = ESTIMATOR_COLOURS[row["estimator"]]
            parts.bars(axes, at, row, limits[change], name, "growth_", upright=True, median=False)
            parts.mark(
                axes, at, row["growth_point"], limits[change], upright=True,
                marker=ESTIMATOR_MARKERS[row["estimator"]], markersize=5,
                markeredgecolor=PALETTE[name], markeredgewidth=1.0, zorder=6,
                color=PALETTE["surface" if row["era"] == "before" else name],
                url=hover(
                    f"{row['estimator']}, {row['form']} at {row['year']}: {row['era']}",
                    f"{parts.number(row['growth_point']):.2f} per year",
                ),
            )  # fmt: skip
        axes.set_xticks(range(len(years)), [str(year) for year in years])
        axes.set_xlim(-0.5, len(years) - 0.5)
        axes.grid(axis="x", visible=False)
        for place in range(1, len(years)):
            axes.axvline(place - 0.5, color=PALETTE["grid"], linewidth=0.6)
        title = titles.get(form, form)
        axes.set_title(f"Change, {title}" if change else title.capitalize())
        if change:
            axes.set_ylim(limits[True])
            axes.axhline(0, color=PALETTE["muted"], linewidth=0.8)
            axes.set_ylabel("After − before (per year)")
        else:
            parts.month_axis(axes, limits[False], narrow, upright=True)
        axes.set_xlabel("First year of the later era")
    handles = [
        Line2D([], [], color=PALETTE[ESTIMATOR_COLOURS[name]], linewidth=3.2, label=name,
               marker=ESTIMATOR_MARKERS[name], markersize=5)
        for name in series
    ]  # fmt: skip
    handles += parts.interval_keys()
    handles += [
        marker_key(
            label, marker="o", markersize=5, markeredgewidth=1.0, markerfacecolor=PALETTE[inside]
        )
        for label, inside in (("before", "surface"), ("after, and change", "ink"))
    ]
    parts.legend(figure, handles, 3 if narrow else 7)
    return settled(figure)


# ---- scale and algorithms


@styled
def frontiers(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """Parameters against tokens of data that reach a perplexity, a panel each, a line a year.

    Later years are darker, and named where their line begins: at the least data, or where it
    leaves the axes at the top. A year in which no model on the axes reaches the perplexity has no
    line; it is named in the panel.

    Parameters
    ----------
    table : the table `frontiers`.
    """
    if table.is_empty():
        return parts.empty("No frontier", narrow)
    perplexities = sorted(set(table["perplexity"]), reverse=True)
    years = sorted(set(table["year"]))
    table = table.with_columns(pl.col("parameters").cast(pl.Float64))  # text if all are blank
    tokens = table["dataset_tokens"].to_numpy()
    known = np.array([parts.number(n) for n in table["parameters"]])
    known = known[np.isfinite(known) & (known > 0)]
    low = 10.0 ** math.floor(np.log10(known.min())) if len(known) else 1e6
    high = low * 1e8
    columns = 1 if narrow else len(perplexities)
    figure = Figure(figsize=(NARROW, 0.5 + 2.7 * len(perplexities)) if narrow else (WIDE, 3.5))
    grid = figure.subplots(
        len(perplexities) if narrow else 1, columns, sharex=True, sharey=True, squeeze=False
    ).ravel()
    for axes, perplexity in zip(grid, perplexities, strict=True):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        # room left of the curves for their years
        axes.set_xlim(tokens.min() * (tokens.min() / tokens.max()) ** 0.22 / 2, tokens.max() * 2)
        axes.set_title(f"Perplexity {perplexity:g}", pad=15)
        absent, ends = [], []
        for i, year in enumerate(years):
            own = table.filter(pl.col("perplexity") == perplexity, pl.col("year") == year)
            own = own.drop_nulls("parameters").sort("dataset_tokens")
            n, d = own["parameters"].to_numpy(), own["dataset_tokens"].to_numpy()
            shown = (n >= low) & (n <= high)
            if not shown.any():
                absent.append(f"{year:g}")
                continue
            shade = 0.25 + 0.75 * (i / (len(years) - 1) if len(years) > 1 else 1.0)
            axes.plot(d, n, color=PALETTE["blue"], alpha=shade, linewidth=1.3,
                      marker="o" if shown.sum() == 1 else None, markersize=3)  # fmt: skip
            if shown[0]:
                ends.append((float(d[0]), float(n[0]), f"{year:g}"))
            else:
                axes.annotate(
                    f"{year:g}", (float(d[shown][0]), high), (0, 2), textcoords="offset points",
                    ha="center", va="bottom", fontsize=parts.SMALL, annotation_clip=False,
                )  # fmt: skip
        _name_ends(axes, ends, 0.055 if narrow else 0.05, left=True)
        if absent:
            axes.text(
                0.03, 0.03, textwrap.fill("out of reach: " + ", ".join(absent), 26),
                transform=axes.transAxes, ha="left", va="bottom", fontsize=parts.SMALL,
                color=PALETTE["muted"],
            )  # fmt: skip
        axes.xaxis.set_major_locator(LogLocator(numticks=5))
        axes.yaxis.set_major_locator(LogLocator(numticks=6))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_locator(NullLocator())
        if narrow or axes is grid[len(grid) // 2]:
            axes.set_xlabel("Training data D (tokens)")
    for axes in grid if narrow else grid[:1]:
        axes.set_ylabel("Parameters N")
    return settled(figure)


@styled
def effective_compute(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """Physical compute, algorithmic gain and their product, each relative to the first year.

    Parameters
    ----------
    table : the table `effective_compute`; the band is the 95 % interval of the algorithmic gain.
    """
    estimators = [name for name in ESTIMATOR_COLOURS if name in set(table["estimator"])]
    if not estimators:
        return parts.empty("No growth of effective compute", narrow)
    titles = {"converged": "Converged", "published": "Published procedure"}
    figure = Figure(figsize=(NARROW, 0.7 + 2.9 * len(estimators)) if narrow else (WIDE, 3.6))
    grid = figure.subplots(
        *((len(estimators), 1) if narrow else (1, len(estimators))), sharex=True, sharey=True,
        squeeze=False,
    ).ravel()  # fmt: skip
    looks = {
        "physical": ("physical", "muted", "--"),
        "algorithmic": ("algorithmic", "blue", "-"),
        "effective": ("effective", "ink", "-."),
    }
    for axes, estimator in zip(grid, estimators, strict=True):
        own = table.filter(pl.col("estimator") == estimator).sort("year")
        years = own["year"].to_numpy().astype(float)
        values = {name: np.array([parts.number(v) for v in own[name]]) for name in looks}
        band = np.array([parts.ends(row, 95) for row in own.iter_rows(named=True)])
        shown = np.isfinite(band).all(axis=1) & (band > 0).all(axis=1)
        axes.fill_between(
            years, band[:, 0], band[:, 1], where=shown, color=PALETTE["blue"], alpha=0.18,
            linewidth=0,
        )  # fmt: skip
        for edge in band.T:
            axes.plot(years[shown], edge[shown], color=PALETTE["blue"], linewidth=0.6, alpha=0.7)
        axes.set_yscale("log")
        ends = []
        for name, (label, colour, style) in looks.items():
            start = values[name][0]
            relative = values[name] / start if 0 < start < math.inf else values[name]
            finite = np.isfinite(relative) & (relative > 0)
            if finite.any():
                axes.plot(
                    years[finite], relative[finite], linestyle=style, color=PALETTE[colour],
                    marker="o" if finite.sum() == 1 else None,
                )  # fmt: skip
                ends.append((years[finite][-1], relative[finite][-1], label))
        axes.set_title(titles[estimator])
        axes.set_xlim(years.min(), years.max() + 0.34 * max(np.ptp(years), 1.0))
        axes.set_xticks(years[:: max(1, len(years) // 5)])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.set_ylabel(f"Relative to {years[0]:.0f}")
        if axes is not grid[0] and not narrow:
            axes.set_ylabel("")
        if axes is grid[-1] or not narrow:
            axes.set_xlabel("Year")
        axes.autoscale_view()
        _name_ends(axes, ends, 0.06)
    parts.legend(
        figure,
        [
            Patch(
                facecolor=PALETTE["blue"], alpha=0.25, label="95 % interval of the algorithmic gain"
            )
        ],
        1,
    )
    return settled(figure)


@styled
def allocation(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """What the best split of compute saves over the baseline's, against compute.

    Parameters
    ----------
    table : the table `allocation`; systems, which have no ``extra_compute``, are marks.
    """
    if table.is_empty():
        return parts.empty("No split of compute", narrow)
    figure = Figure(figsize=(NARROW if narrow else WIDE, 3.4))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    laws = list(dict.fromkeys(table["law"]))
    handles: list[Any] = []
    for law, style in zip(laws, cycle(parts.STYLES)):
        own = table.filter(pl.col("law") == law).sort("compute")
        rule = [row for row in own.iter_rows(named=True) if row["extra_compute"] is not None]
        for column, label, colour, marker in (
            ("gain", "saved at this compute", "blue", "o"),
            ("extra_compute", "needed more to match the best split", "vermillion", "s"),
        ):
            if rule:
                axes.plot(
                    [row["compute"] for row in rule], [parts.number(row[column]) for row in rule],
                    color=PALETTE[colour], linestyle=style, marker=marker, markersize=4,
                )  # fmt: skip
                of = f" ({short_name(law)})" if len(laws) > 1 else ""
                handles.append(
                    Line2D([], [], color=PALETTE[colour], linestyle=style, marker=marker,
                           markersize=4, label=f"{short_name(rule[0]['system'])}: {label}{of}")
                )  # fmt: skip
        for row in own.iter_rows(named=True):
            if row["extra_compute"] is None and math.isfinite(parts.number(row["gain"])):
                axes.plot(
                    row["compute"], row["gain"], marker="D", markersize=6, linestyle="none",
                    color=PALETTE["ink"], markeredgecolor=PALETTE["surface"], zorder=5,
                )  # fmt: skip
                name = f"{short_name(row['system'])} {row['gain']:.2f}×"
                axes.annotate(
                    name, (row["compute"], row["gain"]),
                    (7, -3), textcoords="offset points", ha="left", va="top", fontsize=parts.SMALL,
                    parse_math=False,
                )  # fmt: skip
    for handle in handles:
        handle.set_label(textwrap.fill(handle.get_label(), 56))
    axes.axhline(1, color=PALETTE["muted"], linewidth=0.8)
    axes.margins(x=0.12, y=0.08)
    axes.xaxis.set_major_locator(LogLocator(numticks=5 if narrow else 9))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.set_xlabel("Training compute (FLOP)")
    axes.set_ylabel("Factor of compute")
    if handles:
        parts.legend(figure, handles, 1 if narrow else 2)
    return settled(figure)


# ---- seen without a model


@styled
def direct_observation(
    table: pl.DataFrame, doubling_times: pl.DataFrame, headline: Row, narrow: bool = False
) -> Figure:
    """Doubling times seen from a reference system on, beside the headline's.

    Points and 95 % intervals of OLS; the cross is the growth without the reference itself. A
    reference that was refused says so in its line.

    Parameters
    ----------
    table : the table `direct_observation`.
    doubling_times, headline : the table of that name and the headline's analysis.
    """
    model = _matching(
        doubling_times, headline, ("sample", "variant", "delta", "estimator", "resampling"),
        quantity="compute", definition="closed_form",
    )[:1]  # fmt: skip
    rows = table.sort("reference", "compute", descending=[False, True]).to_dicts()
    if not rows and not model:
        return parts.empty("No direct observation", narrow)
    limits = parts.growth_limits(
        (*model, *rows), ["growth_point", "growth", "growth_without_reference"]
    )
    labels = [f"{headline['variant']}, {headline['estimator']}" for _ in model]
    figure, axes = parts.lanes(len(model) + len(rows), 0.42 if narrow else 0.32, narrow)
    for place, row in enumerate(model):
        parts.bars(axes, place, row, limits, "ink", "growth_", median=False)
        parts.mark(axes, place, row["growth_point"], limits, marker="D", markersize=5.5,
                   color=PALETTE["ink"], zorder=6)  # fmt: skip
    for place, row in enumerate(rows, len(model)):
        of = "" if row["n"] is None else f", n = {row['n']}"
        labels.append(f"{short_name(row['reference'])}, {row['compute']}{of}")
        if row["growth"] is None:
            note = textwrap.fill(row["note"] or "no trend", 34 if narrow else 80)
            axes.annotate(note, (0.99, place), xycoords=("axes fraction", "data"), va="center",
                          ha="right", fontsize=parts.SMALL, color=PALETTE["muted"],
                          parse_math=False)  # fmt: skip
            continue
        colour, marker = _KINDS.get(row["compute"], ("purple", "^"))
        parts.bar(axes, place, parts.ends(row, 95, "growth_"), limits, PALETTE[colour], 1.4)
        parts.mark(axes, place, row["growth"], limits, marker=marker, markersize=6,
                   color=PALETTE[colour], markeredgecolor=PALETTE["ink"], markeredgewidth=0.6,
                   zorder=6,
                   url=hover(labels[-1],
                             f"{parts.number(row['growth']):.2f} per year"))  # fmt: skip
        rest = parts.number(row["growth_without_reference"])
        parts.mark(axes, place, rest, limits, marker="x", markersize=5,
                   color=PALETTE["ink"], markeredgewidth=1.1, zorder=6,
                   url=hover(f"{labels[-1]}, without the reference itself",
                             f"{rest:.2f} per year"))  # fmt: skip
    if model and rows:
        axes.axhline(len(model) - 0.5, color=PALETTE["muted"], linewidth=0.6)
    axes.set_yticks(
        range(len(labels)), [textwrap.fill(label, 19 if narrow else 60) for label in labels],
        parse_math=False,
    )  # fmt: skip
    parts.month_axis(axes, limits, narrow)
    handles = (
        [marker_key("headline model, 50 and 95 %", marker="D", markersize=5.5)] if model else []
    )
    handles += [
        Line2D([], [], color=PALETTE[colour], linewidth=1.4, marker=marker, markersize=6,
               markeredgecolor=PALETTE["ink"], label=f"OLS, 95 % ({kind} compute)")
        for kind, (colour, marker) in _KINDS.items()
        if any(row["compute"] == kind for row in rows)
    ]  # fmt: skip
    handles.append(marker_key("OLS without the reference", marker="x", markersize=5))
    parts.legend(figure, handles, 1 if narrow else 2)
    return settled(figure)


_KINDS = {"recorded": ("blue", "s"), "inferred": ("green", "o")}


@styled
def compute_reductions(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """The largest falls in compute at equal or better perplexity: from a system to a later one.

    Arrows go from the reference's date and compute to the successor's; their numbers are ranks in
    the list beside the panel, where † is a pair with a note. One panel for each kind of compute.

    Parameters
    ----------
    table : the table `compute_reductions`.
    """
    kinds = [name for name in _KINDS if name in set(table["compute"])]
    if not kinds:
        return parts.empty("No fall in compute", narrow)
    longest = max(table.filter(pl.col("compute") == kind).height for kind in kinds)
    listed = 0.3 * longest
    if narrow:
        figure = Figure(figsize=(NARROW, len(kinds) * (2.7 + listed)))
        grid = figure.subplots(
            2 * len(kinds), 1, squeeze=False,
            gridspec_kw={"height_ratios": [2.7, listed] * len(kinds)},
        ).reshape(len(kinds), 2)  # fmt: skip
    else:
        figure = Figure(figsize=(WIDE, len(kinds) * max(2.8, listed + 0.5)))
        grid = figure.subplots(
            len(kinds), 2, squeeze=False, gridspec_kw={"width_ratios": [1.25, 1]}
        )
    for (axes, aside), kind in zip(grid, kinds, strict=True):
        colour = PALETTE[_KINDS[kind][0]]
        rows = table.filter(pl.col("compute") == kind).sort("rank").to_dicts()
        dates = {
            part: days(pl.Series([row[f"{part}_published"] for row in rows]))
            for part in ("reference", "successor")
        }
        for row, start, end in zip(rows, dates["reference"], dates["successor"], strict=True):
            axes.annotate(
                "", (end, row["successor_compute"]), (start, row["reference_compute"]),
                arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 0.9,
                            "shrinkA": 0, "shrinkB": 0, "alpha": 0.75},
            )  # fmt: skip
            axes.plot(
                start, row["reference_compute"], marker="o", markersize=4, color=colour,
                url=hover(
                    f"{row['reference']} ({row['reference_published']})",
                    f"→ {row['successor']} ({row['successor_published']})",
                    f"{_ratio(row['ratio'])} less compute",
                ),
            )  # fmt: skip
        # arrows do not count for the limits of the axes, so their ends are put on them unseen
        axes.plot(dates["successor"], [row["successor_compute"] for row in rows], linestyle="none")
        axes.set_yscale("log")
        axes.margins(x=0.08, y=0.1)
        axes.yaxis.set_minor_locator(NullLocator())
        _number_starts(axes, rows, dates["reference"], 0.06 if narrow else 0.045)
        axes.set_title(f"{kind.capitalize()} compute")
        axes.set_ylabel("Training compute (FLOP)")
        axes.set_xlabel("Date of publication")
        locator = matplotlib.dates.AutoDateLocator(maxticks=6)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(matplotlib.dates.ConciseDateFormatter(locator))
        aside.set_axis_off()
        text = "\n".join(
            f"{row['rank']:>2}  {short_name(row['reference'])}\n"
            f"     → {short_name(row['successor'])}, {_ratio(row['ratio'])}"
            + (" †" if row["note"] else "")
            for row in rows
        )
        aside.text(
            0, 1, text, transform=aside.transAxes, va="top", fontsize=parts.SMALL, linespacing=1.25,
            parse_math=False,
        )  # fmt: skip
    return settled(figure)


def _number_starts(axes: Axes, rows: Sequence[Row], starts: Any, apart: float) -> None:
    """Ranks left of the starts of arrows, downwards where one would cover another."""
    (left, right), (bottom, top) = axes.get_xlim(), np.log(axes.get_ylim())
    taken: list[tuple[float, float]] = []
    for row, start in sorted(
        zip(rows, starts, strict=True), key=lambda one: -one[0]["reference_compute"]
    ):
        x = (start - left) / (right - left)
        y = (math.log(row["reference_compute"]) - bottom) / (top - bottom)
        y = min([y, *(v - apart for u, v in taken if abs(x - u) < apart)])
        taken.append((x, y))
        axes.annotate(
            f"{row['rank']}", (start, math.exp(bottom + y * (top - bottom))), (-4, 0),
            textcoords="offset points", ha="right", va="center", fontsize=parts.SMALL,
        )  # fmt: skip


# ---- the audit


@styled
def reproduction(table: pl.DataFrame, narrow: bool = False) -> Figure:
    """How far ours by the published procedure is from every published number.

    A line is a published number, its value a large mark and the ends of its interval small ones;
    lines are in the table's order by section. Relative differences stand on an axis that is linear
    between plus and minus the difference that still counts as exact. Numbers without a relative
    difference (against a published zero, or not determined) are counted beside their section.

    Parameters
    ----------
    table : the table `reproduction`.
    """
    rows = table.to_dicts()
    if not rows:
        return parts.empty("No published number", narrow)
    sections = list(dict.fromkeys(row["section"] for row in rows))
    columns = [_difference(part) for part in PARTS]
    values = [abs(v) for row in rows for v in (parts.number(row[c]) for c in columns)]
    largest = max((v for v in values if math.isfinite(v)), default=0.0)
    decades = max(math.ceil(math.log10(max(largest, 1e-2)) - 1e-9), -2)
    edge = 10.0**decades * 1.6
    per_line = 0.047
    gap = 5.0  # lines between sections, with room for a section of one line
    figure_height = 1.5 + per_line * (len(rows) + gap * len(sections))
    figure = Figure(figsize=(NARROW if narrow else WIDE, figure_height))
    axes = figure.add_subplot()
    place, middles, labels = 0.0, [], []
    for number, section in enumerate(sections):
        own = [row for row in rows if row["section"] == section]
        if number % 2 == 0:
            axes.axhspan(place - gap / 2, place + len(own) - 1 + gap / 2,
                         color=PALETTE["grid"], alpha=0.35, linewidth=0)  # fmt: skip
        for i, row in enumerate(own):
            look = _look(row["verdict"])
            if look is None:
                continue
            marker, colour = look
            for part in reversed(PARTS):
                size = 4.6 if part == "value" else 2.6
                parts.mark(axes, place + i, row[_difference(part)], (-edge, edge), marker=marker,
                           markersize=size, color=PALETTE[colour], markeredgecolor=PALETTE["ink"],
                           markeredgewidth=0.4 if part == "value" else 0, zorder=5,
                           url=hover(row["id"],
                                     f"{row['quantity']}: {row['verdict']}"))  # fmt: skip
        without = sum(all(row[column] is None for column in columns) for row in own)
        of = f", {without} not shown" if without else ""
        labels.append(f"{_section(section)} ({len(own)}{of})")
        middles.append(place + (len(own) - 1) / 2)
        place += len(own) - 1 + gap
    axes.set_ylim(place - gap / 2, -gap / 2)
    axes.set_yticks(middles, [textwrap.fill(t, 15 if narrow else 30) for t in labels],
                    parse_math=False)  # fmt: skip
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
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
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["verdict"]] = counts.get(row["verdict"], 0) + 1
    handles = []
    for verdict in sorted(counts, key=_verdict_order):
        look = _look(verdict)
        label = f"{verdict} ({counts[verdict]})"
        if look is None:
            handles.append(marker_key(f"{label}, no mark"))
        else:
            handles.append(
                marker_key(
                    label, marker=look[0], color=PALETTE[look[1]], markersize=4.6,
                    markeredgecolor=PALETTE["ink"], markeredgewidth=0.4,
                )
            )  # fmt: skip
    handles.append(marker_key("end of an interval", marker="o", markersize=2.6))
    handles.append(
        Line2D([], [], color=PALETTE["muted"], linewidth=0.7, linestyle=":", label="1 %")
    )
    parts.legend(figure, handles, 2 if narrow else 4)
    return settled(figure)


def _look(verdict: str) -> tuple[str, str] | None:
    """Marker and colour of a verdict; None where there is nothing to draw."""
    return None if verdict == NOT_DETERMINED else VERDICTS.get(verdict.split()[0], ("v", "green"))


def _verdict_order(verdict: str) -> tuple[int, str]:
    first = verdict.split()[0]
    return list(VERDICTS).index(first) if first in VERDICTS else len(VERDICTS), verdict


def _difference(part: str) -> str:
    return "relative_difference" + ("" if part == "value" else f"_{part}")


def _section(name: str) -> str:
    """What a section of the paper is called: Section 3.1, Appendix J, Abstract."""
    name = str(name)
    if name[:1].isdigit():
        return f"Section {name}"
    return f"Appendix {name}" if len(name) == 1 else name.capitalize()


# ---- rows


def _matching(
    table: pl.DataFrame, key: Row, names: Iterable[str], **also: str
) -> list[dict[str, Any]]:
    """Rows that agree with `key` in the columns `names`, and with the others given."""
    wanted = {name: key[name] for name in names} | also
    return [
        row
        for row in table.iter_rows(named=True)
        if all(row[name] == value for name, value in wanted.items())
    ]


def _held_out(table: pl.DataFrame | None, headline: Row) -> dict[str, dict[float, float]]:
    """Held-out error leaving out papers, by variant and delta, of the headline's estimator."""
    errors: dict[str, dict[float, float]] = {}
    if table is not None:
        for row in _matching(table, headline, ("sample", "estimator"), scheme="papers"):
            if math.isfinite(parts.number(row["mse"])):
                errors.setdefault(row["variant"], {})[row["delta"]] = row["mse"]
    return errors


def _chosen_draws(
    rows: Sequence[Row], headline: Row, errors: Mapping[str, Mapping[float, float]]
) -> dict[tuple[str, str, str], Row]:
    """The row with draws of each (variant, benchmark, definition) that is shown."""

    def rank(row: Row) -> tuple[Any, ...]:
        error = errors.get(row["variant"], {}).get(row["delta"], math.inf)
        return row["delta"] != headline["delta"], error, row["delta"]

    chosen: dict[tuple[str, str, str], Row] = {}
    for row in sorted(rows, key=rank):
        if row["n_draws"] is not None and row["resampling"] == headline["resampling"]:
            chosen.setdefault((row["variant"], row["benchmark"], row["definition"]), row)
    return chosen


def _dates_order(shares: pl.DataFrame) -> list[str]:
    """Systems of the table `shapley`, the earliest first: pairs go from the earlier system."""
    later: dict[str, set[str]] = {}
    for first, second in shares.select("from_system", "to_system").unique().sort(pl.all()).rows():
        later.setdefault(first, set()).add(second)
        later.setdefault(second, set())
    return sorted(later, key=lambda name: -len(later[name]))


def _stack(shares: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Left end and width (%) of each share: positive ones from 0 on, negative ones left of it."""
    placed, positive, negative = {}, 0.0, 0.0
    for name, share in shares.items():
        width = 100 * share
        if not math.isfinite(width):
            continue
        if width >= 0:
            placed[name] = (positive, width)
            positive += width
        else:
            placed[name] = (negative, width)
            negative += width
    return placed


# ---- axes and marks


def _name_ends(
    axes: Axes, ends: Sequence[tuple[float, float, str]], apart: float, left: bool = False
) -> None:
    """Name lines beside their ends, on a log axis, at least `apart` of its height apart."""
    bottom, top = np.log(axes.get_ylim())
    height = -math.inf
    for x, y, name in sorted(ends, key=lambda end: end[1]):
        height = max((math.log(y) - bottom) / (top - bottom), height + apart)
        axes.annotate(
            name, (x, math.exp(bottom + height * (top - bottom))), (-3 if left else 3, 0),
            textcoords="offset points", ha="right" if left else "left", va="center",
            fontsize=parts.SMALL, annotation_clip=False, parse_math=False,
        )  # fmt: skip


def _line_label(variant: str, benchmark: str) -> str:
    """A variant, with the benchmark where its progress differs between them."""
    return variant if benchmark == "all" else f"{variant} {benchmark}"


def _scientific(value: float) -> str:
    """A power of ten as such, any other number with its digits."""
    power = round(math.log10(value)) if value > 0 else 0
    return f"$10^{{{power}}}$" if math.isclose(value, 10.0**power) else f"{value:g}"


def _ratio(value: Any) -> str:
    number = parts.number(value)
    if math.isnan(number):
        return "–"
    return f"{number:,.0f}×" if number >= 10 else f"{number:.1f}×"
