"""What the report says of the paper's quantities and of the audit: rows, findings and figures.

Everything comes from result tables and the configuration; a table that is not there leaves out what
rests on it. Sentences are the templates' (``quantities.html.j2``, ``audit.html.j2``): here is which
numbers they speak of and whether what they say holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from algoprog.audit.known_defects import DEFECTS
from algoprog.audit.reproduction import CLOSE_NOISES, CLOSE_RELATIVE, EXACT_RELATIVE, NOT_DETERMINED
from algoprog.quantities.headline import quoted_interval
from algoprog.report.figures import quantities as quantity_figures
from algoprog.report.figures.headline import Drawing

Row = dict[str, Any]
Spec = Mapping[str, Any]
Tables = Mapping[str, pl.DataFrame]

ANALYSIS = ("sample", "variant", "delta", "estimator", "resampling")
ESTIMATORS = ("published", "converged")
# The change of pace the paper asks about is that after the first transformers.
CLAIMED_YEAR = 2017
# Medians within these bounds (months) are of one order of magnitude: months to about a year.
ORDER_OF_MAGNITUDE = (1.0, 15.0)
EFFICIENCIES = ("parameter_efficiency", "data_efficiency")
# Where along the range of tokens a frontier is tabulated.
FRONTIER_PLACES = (1 / 6, 1 / 2, 5 / 6)
VERDICTS = ("exact", "close", "differs")


# ---- the sections


def quantities(tables: Tables, config: Spec) -> Row:
    """What ``quantities.html.j2`` is filled with; a section without its tables is None.

    ``findings`` are what the page says in words, each None where a number it needs is not there.
    """
    rows = {name: table.to_dicts() for name, table in tables.items()}
    analyses = {
        estimator: dict(config["bootstrap"]["analyses"][config["headline"][estimator]])
        for estimator in ESTIMATORS
    }
    findings = {
        "doubling": _doubling_finding(rows, analyses, config, tables.get("headline_interval")),
        "share": _share_finding(rows, analyses, config),
        "transformer": _transformer_finding(rows, analyses),
        "acceleration": _acceleration_finding(rows, analyses, config),
    }
    return {
        "analyses": analyses,
        "findings": findings if any(findings.values()) else None,
        "doubling": _doubling_section(rows, analyses, config),
        "shapley": _shapley_section(rows, analyses, config),
        "transformer": _transformer_section(rows),
        "eras": _era_section(rows),
        "frontiers": _frontier_section(rows),
        "effective_compute": _effective_section(rows),
        "direct_observation": rows.get("direct_observation") or None,
        "compute_reductions": rows.get("compute_reductions") or None,
        "allocation": rows.get("allocation") or None,
    }


def audit(tables: Tables, config: Spec) -> Row | None:
    """What ``audit.html.j2`` is filled with; None without both of its tables.

    ``sections`` are the rows of `reproduction` by section of the paper, ``open`` unless all are
    scores of cross-validation; ``counts`` are by verdict, the defects' last but one.
    """
    if not {"reproduction", "defects"} & set(tables):
        return None
    rows = tables["reproduction"].to_dicts() if "reproduction" in tables else []
    sections: dict[tuple[str, bool], list[Row]] = {}
    for row in rows:
        sections.setdefault((row["section"], row["id"].startswith("cv.")), []).append(row)
    verdicts = [row["verdict"] for row in rows]
    wrong = [name for name in verdicts if name.startswith("defect")]
    return {
        "n": len(rows),
        "counts": {name: verdicts.count(name) for name in VERDICTS},
        "wrong": len(wrong),
        "wrong_by": sorted(set(wrong), key=lambda name: (len(name), name)),
        "not_determined": verdicts.count(NOT_DETERMINED),
        "unexplained": sum(
            row["verdict"] == "differs" and row["note"] == "unexplained" for row in rows
        ),
        "sections": [
            {"name": quantity_figures._section(name), "open": not scores, "rows": found}
            for (name, scores), found in sections.items()
        ],
        "exact_relative": EXACT_RELATIVE,
        "close_noises": CLOSE_NOISES,
        "close_relative": CLOSE_RELATIVE,
        "noise": config["audit"]["noise"],
        "defects": list(_defects(tables.get("defects"), config["audit"]["noise"])),
    }


def _defects(table: pl.DataFrame | None, noise: Spec) -> Iterator[Row]:
    if table is None:
        return
    for (number,), rows in table.group_by("defect", maintain_order=True):
        known = DEFECTS.get(int(str(number)))
        yield {
            "number": number,
            "title": rows["title"][0],
            "text": known.said(noise["size"], noise["repetitions"]) if known else "",
            "rows": rows.to_dicts(),
        }


def figures(tables: Tables, config: Spec) -> Iterator[tuple[str, Drawing]]:
    """The figure of each table that has rows, by name."""
    analyses = {
        name: config["bootstrap"]["analyses"][config["headline"][name]] for name in ESTIMATORS
    }
    headline = analyses["converged"]
    labels = {name: spec["label"] for name, spec in config["benchmarks"]["definitions"].items()}
    times = tables["doubling_times"]
    draw: dict[str, tuple[str, str, Callable[[pl.DataFrame, bool], Figure]]] = {
        "pooled": (
            "pooled_doubling_times",
            "Doubling times by optimal scaling: single models and pools",
            lambda t, narrow: quantity_figures.pooled(t, times, list(analyses.values()), narrow),
        ),
        "variants": (
            "doubling_times",
            "Doubling times of every variant by both definitions",
            lambda t, narrow: quantity_figures.doubling_times_by_variant(
                t, tables.get("cross_validation"), headline, labels, narrow
            ),
        ),
        "shapley": (
            "shapley",
            "Shares of parameters, data and efficiency in the fall of predicted loss",
            quantity_figures.shapley,
        ),
        "transformer": (
            "transformer",
            "Loss reduction and compute-equivalent gain of the transformer, by model",
            lambda t, narrow: quantity_figures.transformer(t, headline, narrow),
        ),
        "eras": (
            "era_split",
            "Growth of effective compute before and after a year, and its change",
            quantity_figures.eras,
        ),
        "frontiers": (
            "frontiers",
            "Parameters needed for a perplexity against tokens of data, by year",
            quantity_figures.frontiers,
        ),
        "effective-compute": (
            "effective_compute",
            "Physical compute, algorithmic gain and effective compute by year",
            quantity_figures.effective_compute,
        ),
        "direct-observation": (
            "direct_observation",
            "Doubling times by direct observation beside the headline’s",
            lambda t, narrow: quantity_figures.direct_observation(t, times, headline, narrow),
        ),
        "compute-reductions": (
            "compute_reductions",
            "Largest falls in compute at equal or better perplexity",
            quantity_figures.compute_reductions,
        ),
        "allocation": (
            "allocation",
            "Compute-equivalent gain of the best split of compute",
            quantity_figures.allocation,
        ),
        "reproduction": (
            "reproduction",
            "Relative difference of each published number from ours",
            quantity_figures.reproduction,
        ),
    }
    for name, (table, title, function) in draw.items():
        if table in tables and tables[table].height:
            yield name, Drawing(title, partial(function, tables[table]))


# ---- findings


def _doubling_finding(
    rows: Mapping[str, list[Row]], analyses: Spec, config: Spec, intervals: pl.DataFrame | None
) -> Row | None:
    """Both headlines' doubling times, the pools', and what all have in common.

    In closed form, or by optimal scaling where one of the two has none. ``quoted`` is the interval
    that the headline has instead of the draws' (of the table `headline_interval`).
    """
    for definition in ("closed_form", "optimal_scaling"):
        found = {
            name: _drawn(rows, analysis, definition, config) for name, analysis in analyses.items()
        }
        if all(found.values()):
            break
    else:
        return None
    published, converged = (found[name] for name in ESTIMATORS)
    assert published is not None
    assert converged is not None
    scaling = {
        name: _drawn(rows, analysis, "optimal_scaling", config)
        for name, analysis in analyses.items()
    }
    pools = [row for row in _pools(rows) if row["median"] is not None]
    pools.sort(key=lambda row: (not row["pool"].startswith("top"), row["estimator"] == "converged"))
    medians = [row["median"] for row in (published, converged, *pools)]
    widths = [row["growth_ci95_high"] - row["growth_ci95_low"] for row in (published, converged)]
    return {
        "definition": definition,
        "published": published,
        "converged": converged,
        "quoted": None if intervals is None else quoted_interval(intervals, converged),
        "scaling": scaling if definition == "closed_form" and all(scaling.values()) else None,
        "published_within": _within(published["growth_point"], converged, "growth_"),
        "converged_within": _within(converged["growth_point"], published, "growth_"),
        "wider": widths[1] / widths[0] if widths[0] > 0 and math.isfinite(widths[1]) else None,
        "pools": pools,
        "lowest": min(medians),
        "highest": max(medians),
        "same_order": ORDER_OF_MAGNITUDE[0] <= min(medians)
        and max(medians) <= ORDER_OF_MAGNITUDE[1],
        "about_a_year": ORDER_OF_MAGNITUDE[1],
        "slowest": max(
            row["ci95_high"] for row in (converged, *pools) if row["estimator"] == "converged"
        ),
        "progress": [
            1 - row["share_nonpositive"] for row in pools if row["estimator"] == "converged"
        ],
    }


def _drawn(
    rows: Mapping[str, list[Row]], analysis: Spec, definition: str, config: Spec
) -> Row | None:
    """The row of an analysis' doubling time in compute that has draws; on the baseline if any."""
    key = {name: analysis[name] for name in ANALYSIS}
    found = [
        row
        for row in _of(rows["doubling_times"], key | {"definition": definition})
        if row["quantity"] == "compute" and row["n_draws"]
    ]
    return _on_baseline(found, config)[0] if found else None


def _on_baseline(rows: Sequence[Row], config: Spec) -> list[Row]:
    """Rows on all benchmarks or the baseline; without either, on the first there is."""
    levels = {row["benchmark"]: None for row in rows}
    wanted = ["all", config["benchmarks"]["baseline"], *levels]
    chosen = next((name for name in wanted if name in levels), None)
    return [row for row in rows if row["benchmark"] == chosen]


def _pools(rows: Mapping[str, list[Row]]) -> list[Row]:
    """Rows of the pools, the best models before the distinct variants, with what they hold."""
    found = sorted(
        rows.get("pooled_doubling_times", []),
        key=lambda row: (row["name"], not row["pool"].startswith("top")),
    )
    return [{**row, "held": _held(row["pool"])} for row in found]


def _held(pool: str) -> str:
    size = pool.removeprefix("top")
    return f"the {size} best models" if size != pool else "the best model of each distinct variant"


def _share_finding(rows: Mapping[str, list[Row]], analyses: Spec, config: Spec) -> Row | None:
    """Compute's share in the fall of loss from the first system to the newest, and to all."""
    section = _shapley_section(rows, analyses, config)
    if section is None:
        return None

    def known(row: Row, estimator: str) -> bool:
        return bool(row[estimator]) and row[estimator]["compute"]["share"] is not None

    last = section["rows"][-1]
    if not all(known(last, name) for name in ESTIMATORS):
        return None
    converged = [row for row in section["rows"] if known(row, "converged")]
    shares = [row["converged"]["compute"]["share"] for row in converged]
    low, high = min(shares), max(shares)
    return {
        "first": section["first"],
        "newest": last["system"],
        "published": last["published"]["compute"],
        "converged": last["converged"]["compute"],
        "systems": len(converged),
        "lowest": (low, converged[shares.index(low)]["system"]),
        "highest": (high, converged[shares.index(high)]["system"]),
        "majority": sum(_end(row["converged"]["compute"], "low") > 0.5 for row in converged),
        "undetermined": [
            (label, last["converged"][name])
            for name, label in section["factors"].items()
            if name in EFFICIENCIES and _within(0.0, last["converged"][name], "")
        ],
    }


def _transformer_finding(rows: Mapping[str, list[Row]], analyses: Spec) -> Row | None:
    """Gains at the largest compute in both forms, and over the other models."""
    table = rows.get("transformer") or []
    if not table:
        return None
    compute = max(row["compute"] for row in table)
    at = [row for row in table if row["compute"] == compute]
    found = {}
    for name, analysis in analyses.items():
        key = {column: analysis[column] for column in ANALYSIS}
        for form in ("multiplier", "factor"):
            found[f"{name}_{form}"] = next(iter(_of(at, key | {"form": form})), None)
    if found["converged_multiplier"] is None:
        return None
    own = {column: analyses["converged"][column] for column in ANALYSIS}
    others = [
        row["gain"]
        for row in at
        if row["form"] == "multiplier"
        and row["estimator"] == "converged"
        and row["gain"] is not None
        and any(row[column] != own[column] for column in ANALYSIS)
    ]
    factor = found["converged_factor"]
    return {
        **found,
        "compute": compute,
        "none_within": None if factor is None else _within(1.0, factor, "gain_"),
        "others": len(others),
        "lowest": min(others, default=None),
        "highest": max(others, default=None),
    }


def _acceleration_finding(
    rows: Mapping[str, list[Row]], analyses: Spec, config: Spec
) -> Row | None:
    """The change of growth in compute at the claimed year, and how many splits show one."""
    changes = [
        row
        for row in rows.get("era_split") or []
        if row["era"] == "change" and row["quantity"] == "compute"
    ]
    if not changes:
        return None
    changes = _on_baseline(changes, config)
    found = {}
    for name, analysis in analyses.items():
        key = {column: analysis[column] for column in ANALYSIS} | {"year": CLAIMED_YEAR}
        for form in ("jump", "kink"):
            found[f"{name}_{form}"] = next(iter(_of(changes, key | {"form": form})), None)
    if found["converged_jump"] is None and found["converged_kink"] is None:
        return None
    own = {column: analyses["converged"][column] for column in ANALYSIS}
    splits = _of(changes, own)
    return {
        **found,
        "year": CLAIMED_YEAR,
        "benchmark": changes[0]["benchmark"],
        "splits": len(splits),
        "above": sum(_end(row, "low", "growth_") > 0 for row in splits),
        "established": [
            _end(row, "low", "growth_") > 0
            for row in (found["converged_jump"], found["converged_kink"])
            if row
        ],
    }


# ---- sections


def _doubling_section(rows: Mapping[str, list[Row]], analyses: Spec, config: Spec) -> Row | None:
    """Doubling times by optimal scaling: single analyses, pools, and every variant."""
    single = [
        row
        for analysis in analyses.values()
        for row in _of(
            rows["doubling_times"],
            {name: analysis[name] for name in ANALYSIS} | {"definition": "optimal_scaling"},
        )
        if row["quantity"] == "compute"
    ]
    pools = _pools(rows)
    errors = _held_out(rows, analyses["converged"])
    variants = _variant_rows(rows, analyses, errors)
    if not (single or pools or variants):
        return None
    return {
        "single": single,
        "pools": pools,
        "schemes": {row["name"]: row["scheme"] for row in pools},
        "variants": variants,
        "judged": bool(errors),
        "settings": config["optimal_scaling"],
    }


def _held_out(rows: Mapping[str, list[Row]], analysis: Spec) -> dict[str, float]:
    """Least error over delta, leaving out papers, of each variant that has one."""
    errors: dict[str, float] = {}
    key = {"scheme": "papers"} | {name: analysis[name] for name in ("sample", "estimator")}
    for row in _of(rows.get("cross_validation", []), key):
        if row["mse"] is not None and math.isfinite(row["mse"]):
            errors[row["variant"]] = min(row["mse"], errors.get(row["variant"], math.inf))
    return errors


def _variant_rows(
    rows: Mapping[str, list[Row]], analyses: Spec, errors: Mapping[str, float]
) -> list[Row]:
    """Of each variant and benchmark at the headlines' deltas: both definitions, both estimators.

    Of several resamplings of a fit the headline's is taken, else the first. Variants are in the
    order of their `errors`.
    """
    found: dict[tuple[str, str], Row] = {}
    for estimator, analysis in analyses.items():
        key = {name: analysis[name] for name in ("sample", "delta", "estimator")}
        of_fit = [row for row in _of(rows["doubling_times"], key) if row["quantity"] == "compute"]
        of_fit.sort(key=lambda row: row["resampling"] != analysis["resampling"])
        for row in of_fit:
            line = found.setdefault((row["variant"], row["benchmark"]), {})
            line.setdefault(f"{estimator}_{row['definition']}", row)
    return [
        {"variant": variant, "benchmark": benchmark, "error": errors.get(variant), **line}
        for (variant, benchmark), line in sorted(
            found.items(), key=lambda one: (errors.get(one[0][0], math.inf), one[0])
        )
        if any(name.endswith("optimal_scaling") for name in line)
    ]


def _shapley_section(rows: Mapping[str, list[Row]], analyses: Spec, config: Spec) -> Row | None:
    """Shares from the first system to each later one, and predicted losses."""
    table = rows.get("shapley") or []
    if not table:
        return None
    dates = {name: str(spec["published"]) for name, spec in config["shapley"]["systems"].items()}
    systems = sorted(dates, key=lambda name: dates[name])
    known = {row["from_system"] for row in table} | {row["to_system"] for row in table}
    systems = [name for name in systems if name in known]
    if len(systems) < 2:
        return None
    lines = []
    for system in systems[1:]:
        line: Row = {"system": system, "date": dates[system]}
        for name, analysis in analyses.items():
            key = {column: analysis[column] for column in ANALYSIS}
            pair = {"from_system": systems[0], "to_system": system}
            line[name] = {row["factor"]: row for row in _of(table, key | pair)}
        lines.append(line)
    factors = list(dict.fromkeys(f for line in lines for f in line["converged"] if f != "compute"))
    order = list(quantity_figures.FACTORS)
    losses = []
    for system in systems:
        loss: Row = {"system": system, "date": dates[system]}
        for name, analysis in analyses.items():
            key = {column: analysis[column] for column in ANALYSIS} | {"system": system}
            loss[name] = next(iter(_of(rows.get("predicted_loss", []), key)), None)
        losses.append(loss)
    return {
        "first": systems[0],
        "rows": lines,
        "factors": {
            name: quantity_figures.FACTORS[name][0] for name in sorted(factors, key=order.index)
        },
        "losses": losses if any(loss[name] for loss in losses for name in ESTIMATORS) else None,
    }


def _transformer_section(rows: Mapping[str, list[Row]]) -> Row | None:
    """Models by line, with their gains by compute."""
    table = rows.get("transformer") or []
    if not table:
        return None
    computes = sorted({row["compute"] for row in table})
    lines: dict[tuple[Any, ...], Row] = {}
    for row in table:
        name = (*(row[column] for column in ANALYSIS), row["form"])
        line = lines.setdefault(name, {**row, "gains": dict.fromkeys(computes)})
        line["gains"][row["compute"]] = row
    return {
        "computes": computes,
        "rows": list(lines.values()),
        "forms": sorted({row["form"] for row in table}, reverse=True),
    }


def _era_section(rows: Mapping[str, list[Row]]) -> Row | None:
    """Compute's doubling times before and after each year, and the change, by analysis and form."""
    lines: dict[tuple[Any, ...], Row] = {}
    for row in rows.get("era_split") or []:
        if row["quantity"] == "compute":
            key = (*(row[c] for c in ANALYSIS), row["form"], row["year"], row["benchmark"])
            lines.setdefault(key, {**row})[row["era"]] = row
    if not lines:
        return None
    found = sorted(
        lines.values(), key=lambda row: (row["year"], row["form"], row["estimator"] == "converged")
    )
    return {
        "rows": [line for line in found if {"before", "after", "change"} <= set(line)],
        "uncertified": sum(
            not line["converged"] for line in found if line["estimator"] == "converged"
        ),
    }


def _frontier_section(rows: Mapping[str, list[Row]]) -> Row | None:
    """Parameters needed by perplexity and year, at some numbers of tokens."""
    table = rows.get("frontiers") or []
    if not table:
        return None
    tokens = sorted({row["dataset_tokens"] for row in table})
    chosen = sorted({tokens[round(place * (len(tokens) - 1))] for place in FRONTIER_PLACES})
    lines: dict[tuple[float, float], Row] = {}
    for row in table:
        if row["dataset_tokens"] in chosen:
            line = lines.setdefault((row["perplexity"], row["year"]), {})
            line[row["dataset_tokens"]] = row["parameters"]
    return {
        "tokens": chosen,
        "rows": [
            {"perplexity": key[0], "year": key[1], "parameters": [line.get(d) for d in chosen]}
            for key, line in sorted(lines.items(), key=lambda one: (-one[0][0], one[0][1]))
        ],
        "perplexities": sorted({key[0] for key in lines}, reverse=True),
    }


def _effective_section(rows: Mapping[str, list[Row]]) -> Row | None:
    """Years by line, with each estimator's algorithmic gain and effective compute."""
    table = rows.get("effective_compute") or []
    if not table:
        return None
    lines: dict[float, Row] = {}
    for row in table:
        line = lines.setdefault(row["year"], {"year": row["year"], "physical": row["physical"]})
        line.setdefault(row["estimator"], row)
    return {
        "estimators": [name for name in ESTIMATORS if any(name in line for line in lines.values())],
        "rows": [lines[year] for year in sorted(lines)],
    }


# ---- rows and numbers


def _of(rows: Sequence[Row], key: Spec) -> list[Row]:
    """Rows that agree with `key`."""
    return [row for row in rows if all(row[name] == value for name, value in key.items())]


def _end(row: Row, end: str, prefix: str = "") -> float:
    """An end of the 95 % interval; NaN, which is in no order, where it is blank."""
    value = row[f"{prefix}ci95_{end}"]
    return math.nan if value is None else float(value)


def _within(value: float, row: Row, prefix: str) -> bool:
    return _end(row, "low", prefix) <= value <= _end(row, "high", prefix)
