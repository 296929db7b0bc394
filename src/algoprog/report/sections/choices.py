"""What the report says of sensitivity: rows, findings and figures of ``choices.html.j2``.

Everything comes from result tables and the configuration. The single checks and influence belong to
the main job; what rests on a table that is not there is None, and ``missing`` names the target that
makes it. Sentences are the template's: here is which numbers they speak of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from algoprog.common.intervals import doubling_months
from algoprog.report.figures import choices as choice_figures
from algoprog.report.figures.headline import Drawing
from algoprog.robustness.coverage import COVERED, PROFILE, critical_loss
from algoprog.robustness.names import HEADLINE
from algoprog.robustness.specifications import Settings, named, specifications

Row = dict[str, Any]
Spec = Mapping[str, Any]
Tables = Mapping[str, pl.DataFrame]

ANALYSIS = ("sample", "variant", "delta", "estimator", "resampling")
MODEL = ("sample", "variant", "delta")
# The target that makes each table which the main job does not.
TARGETS = {
    "multiverse": "multiverse",
    "attribution": "multiverse",
    "model_average": "multiverse",
    "coverage": "coverage",
    "profiles": "coverage",
}
# Settings that the fit of held-out papers can judge; the others say which question is asked of
# which records.
MODEL_SETTINGS = {"variant", "delta"}
QUARTILES = (0.25, 0.5, 0.75)
MOST_NAMED = 3
# Doubling times that differ by this factor are different answers.
WIDE_FACTOR = 2.0
WEIGHTS_SHOWN = 10
METHOD_NAMES = {"bca": "BCa"}


def choices(tables: Tables, config: Spec) -> Row:
    """What ``choices.html.j2`` is filled with; a section without its tables is None.

    ``missing`` holds the targets still to run, each with the tables it would make.
    """
    headline = _headline(tables, config)
    missing: dict[str, list[str]] = {}
    for table, target in TARGETS.items():
        if table not in tables:
            missing.setdefault(target, []).append(table)
    critical = _critical(tables.get("coverage"), headline)
    return {
        "headline": headline,
        "missing": missing,
        "checks": _checks(tables.get("sensitivity")),
        "influence": _influence(tables.get("influence")),
        "multiverse": _multiverse(tables, config, headline),
        "attribution": _attribution(tables, config),
        "average": _average(tables, headline),
        "coverage": _coverage(tables.get("coverage"), headline),
        "profiles": _profiles(tables, headline, critical, config),
        "quoted": _quoted(tables.get("headline_interval"), critical),
        "rivals": _rivals(tables, headline, config),
    }


def figures(tables: Tables, config: Spec) -> Iterator[tuple[str, Drawing]]:
    """The figure of each table that has rows, by name."""
    headline = _headline(tables, config)
    critical = _critical(tables.get("coverage"), headline)
    draw: dict[str, tuple[str, Callable[[pl.DataFrame, bool], Figure]]] = {
        "sensitivity": (
            "Growth of effective compute and doubling time, each choice changed by itself",
            choice_figures.sensitivity,
        ),
        "influence": (
            "Change of the doubling time without each of the most influential papers and records",
            choice_figures.influence,
        ),
        "multiverse": (
            "Every specification in order of growth, and which choices stand where",
            lambda t, narrow: choice_figures.specification_curve(
                t,
                tables.get("multiverse_intervals"),
                list(config["multiverse"]["choices"]),
                headline_specification(config),
                narrow,
            ),
        ),
        "attribution": (
            "Share of the spread over specifications that each choice has",
            choice_figures.attribution,
        ),
        "coverage": (
            "Coverage of intervals by true doubling time, resampling and method",
            choice_figures.coverage,
        ),
        "profiles": (
            "Loss of fit along the doubling time, of the headline's model and the best ones",
            lambda t, narrow: choice_figures.profiles(
                t, headline, config["profiles"]["losses"], critical, narrow
            ),
        ),
    }
    for name, (title, function) in draw.items():
        if name in tables and tables[name].height:
            yield name, Drawing(title, partial(function, tables[name]))


def headline_specification(config: Spec) -> str | None:
    """Id of the specification of the multiverse that is the headline's analysis; None without."""
    analysis = config["bootstrap"]["analyses"][config["headline"]["converged"]]
    multiverse = config["multiverse"]
    if analysis["sample"] != multiverse["sample"]:
        return None
    sample = config["samples"][analysis["sample"]]
    own = Settings(
        **{name: analysis[name] for name in ("variant", "delta", "estimator")},
        models_per_paper=sample["models_per_paper"],
        response=sample["response"][analysis["estimator"]],
        tokens="once",
        include=[],
        exclude=[],
    )
    every = specifications(multiverse["choices"], multiverse["base"])
    return next((one.id for one in every if one.settings == own), None)


# ---- one choice at a time


def _headline(tables: Tables, config: Spec) -> Row:
    """The headline's analysis, with its row of `doubling_times` where there is one."""
    analysis = dict(config["bootstrap"]["analyses"][config["headline"]["converged"]])
    if "doubling_times" in tables:
        rows = tables["doubling_times"].filter(
            pl.col("quantity") == "compute",
            pl.col("definition") == "closed_form",
            *(pl.col(name) == analysis[name] for name in ANALYSIS),
        )
        if rows.height:
            return rows.row(0, named=True) | analysis
    return dict.fromkeys(("point", "ci90_low", "ci90_high", "ci95_low", "ci95_high")) | analysis


def _checks(table: pl.DataFrame | None) -> Row | None:
    """Converged checks: which settings move growth most, how many have what, and all rows."""
    if table is None or table.is_empty():
        return None
    rows = [row | {"name": _setting(row)} for row in table.to_dicts()]
    estimators = list(dict.fromkeys(row["estimator"] for row in rows))
    lead = "converged" if "converged" in estimators else estimators[0]
    own = [r for r in rows if r["estimator"] == lead and r["check"] != HEADLINE]
    known = [row for row in own if _finite(row["growth_point"])]
    moved = [row for row in known if row["change_growth"]]
    apart = {(r["check"], r["setting"], r["benchmark"]): r for r in rows if r["estimator"] != lead}
    return {
        "rows": [
            {"row": r, "other": apart.get((r["check"], r["setting"], r["benchmark"]))}
            for r in rows
            if r["estimator"] == lead
        ],
        "estimator": lead,
        "other": next((name for name in estimators if name != lead), None),
        "headline": next(
            (r for r in rows if r["check"] == HEADLINE and r["estimator"] == lead),
            None,
        ),
        "n": len({(r["check"], r["setting"]) for r in own}),
        "checks": len({r["check"] for r in own}),
        "without": len({(r["check"], r["setting"]) for r in own if not _finite(r["growth_point"])}),
        "fastest": max(known, key=lambda r: r["growth_point"], default=None),
        "slowest": min(known, key=lambda r: r["growth_point"], default=None),
        "most": sorted(moved, key=lambda r: -abs(r["change_growth"]))[:MOST_NAMED],
        "open": sum(_finite(r["growth_ci95_low"]) and r["growth_ci95_low"] <= 0 for r in known),
        "lines": len(known),
        "shares": _ends_of([r["compute_share"] for r in known]),
        "not_certified": [r for r in own if r["converged"] is False],
    }


def _setting(row: Row) -> str:
    """A setting for reading: its check, what it is, and the benchmark if growth is one's own."""
    if row["check"] == HEADLINE:
        text = "headline"
    else:
        text = choice_figures.spaced(f"{row['check']}: {row['setting']}")
    return text + (f", {row['benchmark']}" if row["benchmark"] not in {None, "all"} else "")


def _influence(table: pl.DataFrame | None) -> Row | None:
    """The most influential unit of each kind, and in how many the answer is what it was."""
    if table is None or table.is_empty():
        return None
    found = {}
    for (unit,), rows in table.group_by("unit", maintain_order=True):
        growth = rows.sort("growth_without")
        found[str(unit)] = {
            "n": rows.height,
            "first": rows.sort("rank").row(0, named=True),
            "fastest": float(doubling_months(growth["growth_without"][-1])),
            "slowest": float(doubling_months(growth["growth_without"][0])),
            "error": rows["jackknife_error"][0],
            "growth": rows["growth_point"][0],
            "not_certified": int((~rows["converged"]).sum()),
            "rows": rows.sort("rank").head(choice_figures.MOST_INFLUENTIAL).to_dicts(),
        }
    return found


# ---- all choices at once


def _multiverse(tables: Tables, config: Spec, headline: Row) -> Row | None:
    table = tables.get("multiverse")
    if table is None or table.is_empty():
        return None
    fits = choice_figures.distinct_fits(table)
    names = list(config["multiverse"]["choices"])
    account = tables["multiverse_account"].to_dicts() if "multiverse_account" in tables else []
    statuses: dict[str, Row] = {}
    for row in account:
        total = statuses.setdefault(row["status"], {"n": 0, "n_coinciding": 0, "reasons": []})
        total["n"] += row["n"]
        total["n_coinciding"] += row["n_coinciding"]
        if row["reason"]:
            total["reasons"].append((row["reason"], row["n"]))
    for total in statuses.values():
        total["reasons"].sort(key=lambda one: -one[1])
    own = table.filter(pl.col("id") == headline_specification(config))
    place = None
    if own.height:
        first = own["same_as"][0] or own["id"][0]
        found = fits.filter(pl.col("id") == first)
        place = float(found["share"][0]) if found.height else None
    of = {"all": fits}
    if "estimator" in names:
        of |= {
            str(name): fits.filter(pl.col("estimator") == name)
            for name in ("converged", "published")
            if (fits["estimator"] == name).any()
        }
    intervals = tables.get("multiverse_intervals")
    return {
        "n": table.height,
        "choices": {name: table[name].n_unique() for name in names},
        "statuses": statuses,
        "counted": sum(total["n"] for total in statuses.values()),
        "coinciding": int(table["same_as"].count()),
        "spread": {name: _spread(rows) for name, rows in of.items() if rows.height},
        "place": place,
        "intervals": None if intervals is None else _redrawn(intervals, config),
    }


def _spread(rows: pl.DataFrame) -> Row:
    """Quartiles of growth and of the doubling time over specifications, and those without."""
    growth = rows["growth"].cast(pl.Float64).to_numpy()
    low, middle, high = np.quantile(growth, QUARTILES, method="nearest")
    shares = rows["compute_share"].cast(pl.Float64).drop_nulls()
    return {
        "n": len(growth),
        "median": float(doubling_months(middle)),
        "fast": float(doubling_months(high)),
        "slow": float(doubling_months(low)),
        "nonpositive": float(np.mean(growth <= 0)),
        "shares": [float(x) for x in np.quantile(shares.to_numpy(), QUARTILES)]
        if len(shares)
        else None,
    }


def _redrawn(intervals: pl.DataFrame, config: Spec) -> Row | None:
    known = intervals.filter(pl.col("growth_ci95_low").is_not_null())
    if known.is_empty():
        return None
    return {
        **config["multiverse"]["bootstrap"],
        "n": known.height,
        "open": float((known["growth_ci95_low"] <= 0).mean()),  # type: ignore[arg-type]
        "certified": int(known["n_converged"].sum()),
    }


def _attribution(tables: Tables, config: Spec) -> Row | None:
    """Choices by their share of the spread of ranks, and what part of it the data could settle."""
    table = tables.get("attribution")
    if table is None:
        return None
    every = table.filter(pl.col("basis") == "complete", pl.col("shapley").is_not_null()).to_dicts()
    ranks = sorted((r for r in every if r["result"] == "rank"), key=lambda r: -r["shapley"])
    if not ranks:
        return None
    others = {(r["result"], r["choice"]): r for r in every}
    changed = {
        choice: {name for change in levels.values() for name in change}
        for choice, levels in named(config["multiverse"]["choices"]).items()
    }
    kinds = dict.fromkeys(("model", "estimator", "records"), 0.0)
    members: dict[str, list[str]] = {kind: [] for kind in kinds}
    for row in ranks:
        settings = changed.get(row["choice"], set())
        kind = "records"
        if settings and settings <= MODEL_SETTINGS:
            kind = "model"
        elif settings == {"estimator"}:
            kind = "estimator"
        kinds[kind] += row["shapley"]
        members[kind].append(row["choice"])
    interactions = tables.get("attribution_interactions")
    parts = (
        []
        if interactions is None
        else interactions.filter(pl.col("result") == "rank", pl.col("order") > 1)
        .sort("share", descending=True, maintain_order=True)
        .head(MOST_NAMED)
        .to_dicts()
    )
    return {
        "rows": [
            row | {name: others.get((name, row["choice"])) for name in ("growth", "ln_growth")}
            for row in ranks
        ],
        "n": ranks[0]["n"],
        "n_left_out": ranks[0]["n_left_out"],
        "left_out": {r["choice"]: r["levels_left_out"] for r in ranks if r["levels_left_out"]},
        "kinds": kinds,
        "members": members,
        "alone": sum(r["first_order"] for r in ranks),
        "interactions": parts,
    }


def _average(tables: Tables, headline: Row) -> Row | None:
    table = tables.get("model_average")
    if table is None or table.is_empty():
        return None
    rows = table.to_dicts()
    weights = tables["model_weights"].to_dicts() if "model_weights" in tables else []
    own = [r for r in weights if all(r[name] == headline[name] for name in ("variant", "delta"))]
    return {
        "rows": sorted(rows, key=lambda r: ("pseudo_bma", "equal", "best").index(r["weighting"])),
        "main": next((r for r in rows if r["weighting"] == "pseudo_bma"), None),
        "weights": [
            r | {"months": float(doubling_months(r["growth_point"]))}
            for r in weights[:WEIGHTS_SHOWN]
        ],
        "n_weights": len(weights),
        "own": own[0]["weight"] if own else None,
    }


# ---- what intervals and data are worth


def _critical(coverage: pl.DataFrame | None, headline: Row) -> dict[int, float]:
    """The critical losses of the headline's model by level, where they were simulated."""
    if coverage is None:
        return {}
    own = coverage.filter(*(pl.col(name) == headline[name] for name in MODEL))
    own = own.filter(pl.col("method") == PROFILE)
    if own.is_empty():
        return {}
    return {level: critical_loss(own, level) for level in COVERED}


def _coverage(table: pl.DataFrame | None, headline: Row) -> Row | None:
    """Coverage of each kind of interval over the truths, and of the headline's own.

    An interval under-covers at a truth where its coverage is below the level by more than two
    Monte-Carlo standard errors.
    """
    if table is None or table.is_empty():
        return None
    kinds = []
    for (estimator, resampling, method), rows in table.sort("doubling_months").group_by(
        "estimator", "resampling", "method", maintain_order=True
    ):
        cell = rows.to_dicts()
        levels = {level: _held(cell, level) for level in COVERED}
        kinds.append(
            {
                "estimator": estimator,
                "resampling": resampling,
                "method": METHOD_NAMES.get(str(method), method),
                "n": _ends_of([row["n_data_sets"] for row in cell]),
                "rows": cell,
                "levels": levels,
                "holds": not any(held["under"] for held in levels.values()),
                "own": (estimator, resampling, method)
                == (headline["estimator"], headline["resampling"], "percentile"),
            }
        )
    kinds.sort(key=lambda k: (not k["own"], k["estimator"] == "published", k["resampling"]))
    return {
        "kinds": kinds,
        "truths": sorted(set(table["doubling_months"])),
        "own": next((kind for kind in kinds if kind["own"]), None),
        "hold": [kind for kind in kinds if kind["holds"]],
        "same_model": bool(
            (table["variant"][0], table["delta"][0]) == (headline["variant"], headline["delta"])
        ),
        "model": table.row(0, named=True),
    }


def _held(cell: Sequence[Row], level: int) -> Row:
    """At which truths an interval under-covers, with the ends of coverage there and elsewhere."""
    column = f"coverage{level}"
    under: list[Row] = []
    rest: list[Row] = []
    for row in cell:
        reach = row[column] + choice_figures.ERRORS_SHOWN * row[f"{column}_error"]
        (under if reach < level / 100 else rest).append(row)
    return {
        "under": [row["doubling_months"] for row in under],
        "under_ends": _ends_of([row[column] for row in under]),
        "rest": [row["doubling_months"] for row in rest],
        "rest_ends": _ends_of([row[column] for row in rest]),
        "ends": _ends_of([row[column] for row in cell]),
    }


def _quoted(table: pl.DataFrame | None, critical: Mapping[int, float]) -> Row | None:
    """The headline's quoted interval by level: its row of `headline_interval`.

    ``short`` holds the levels at which the loss that is configured lies below the simulated one,
    so that the interval is too narrow.
    """
    if table is None or table.is_empty():
        return None
    rows = {row["level"]: row for row in table.to_dicts()[::-1]}  # of several benchmarks the first
    losses = {level: row["critical_loss"] for level, row in sorted(rows.items())}
    return {
        "method": rows[min(rows)]["method"],
        "rows": dict(sorted(rows.items())),
        "short": [
            level
            for level, loss in losses.items()
            if loss is not None and critical.get(level, 0.0) > loss
        ],
    }


def _profiles(
    tables: Tables, headline: Row, critical: Mapping[int, float], config: Spec
) -> Row | None:
    """Ranges within each loss by model; the headline's at the losses that make it an interval."""
    table = tables.get("profile_ranges")
    if table is None or table.is_empty():
        return None
    losses = config["profiles"]["losses"]
    models: dict[tuple[Any, ...], Row] = {}
    interval: dict[int, Row] = {}
    for row in table.to_dicts():
        model = tuple(row[name] for name in (*MODEL, "benchmark"))
        its_own = all(row[name] == headline[name] for name in MODEL)
        found = models.setdefault(model, {**row, "leading": its_own, "ranges": {}})
        if row["loss"] in losses:
            found["ranges"][row["loss"]] = row
        for level, loss in critical.items():
            if its_own and _finite(row["loss"]) and math.isclose(row["loss"], loss):
                interval.setdefault(level, row)
    rows = sorted(models.values(), key=lambda r: not r["leading"])
    leading = next((row for row in rows if row["leading"]), None)
    widest = {
        loss: _union([row["ranges"][loss] for row in rows if loss in row["ranges"]])
        for loss in losses
    }
    points = tables.get("profiles")
    return {
        "losses": losses,
        "rows": rows,
        "models": len({tuple(row[name] for name in MODEL) for row in rows if row["ranges"]}),
        "headline": leading,
        "loose": leading is not None
        and losses[0] in leading["ranges"]
        and _loose(
            *(leading["ranges"][losses[0]][f"doubling_time_{end}"] for end in ("low", "high"))
        ),
        "widest": {loss: ends for loss, ends in widest.items() if ends},
        "interval": interval,
        "critical": critical,
        "n_points": 0 if points is None else points.height,
        "not_certified": 0 if points is None else int((~points["certified"]).sum()),
    }


def _union(ranges: Sequence[Row]) -> Row | None:
    """The fastest and the slowest end of several ranges; an end beyond the grid is None."""
    if not ranges:
        return None
    low, high = ([row[f"doubling_time_{end}"] for row in ranges] for end in ("low", "high"))
    return {
        "low": None if None in low else min(low),
        "high": None if None in high else max(high),
    }


def _rivals(tables: Tables, headline: Row, config: Spec) -> Row | None:
    """How little the best models differ in held-out error, and what doubling times they have."""
    scores, times = tables.get("cross_validation"), tables.get("doubling_times")
    pool = config.get("pools", {}).get(config.get("profiles", {}).get("pool"))
    if scores is None or times is None or pool is None:
        return None
    best = scores.filter(
        pl.col("scheme") == pool["scheme"],
        pl.col("sample") == headline["sample"],
        pl.col("mse").is_not_null(),
    ).sort("mse", "variant", "delta")
    best = best.head(pool["size"])
    if best.height < 2:
        return None
    points = times.filter(
        pl.col("quantity") == "compute",
        pl.col("definition") == "closed_form",
        pl.col("sample") == headline["sample"],
        pl.col("estimator") == headline["estimator"],
    ).unique(["variant", "delta", "benchmark"], keep="first", maintain_order=True)
    found = best.select("variant", "delta").join(points, on=["variant", "delta"])
    growth = [g for g in found["growth_point"] if _finite(g)]
    fastest = float(doubling_months(max(growth))) if growth else None
    slowest = float(doubling_months(min(growth))) if growth else None
    return {
        "n": best.height,
        "spread": best["mse"][-1] / best["mse"][0] - 1,
        "fastest": fastest,
        "slowest": slowest,
        "loose": _loose(fastest, slowest),
    }


# ---- numbers


def _finite(value: Any) -> bool:
    return value is not None and math.isfinite(value)


def _loose(fastest: float | None, slowest: float | None) -> bool:
    """Whether a range of doubling times is wide: a factor of two or more, or without an end."""
    return fastest is None or slowest is None or slowest >= WIDE_FACTOR * fastest


def _ends_of(values: Sequence[Any]) -> tuple[Any, Any] | None:
    known = [value for value in values if _finite(value)]
    return (min(known), max(known)) if known else None
