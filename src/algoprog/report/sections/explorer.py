"""The explorer: the doubling time of every choice, its YAML, and compute for a system's loss."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from algoprog.common.intervals import signed_months
from algoprog.report.explored import Choice, Cube, deflated
from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import finite, on_baseline
from algoprog.report.section import Section
from algoprog.report.words import LAWS, RESPONSES
from algoprog.robustness.specifications import level_name

# What the explorer calls its quantities, its choices and the levels that need more than their name.
QUANTITIES = {
    "own_allocation": "Compute, where the systems were",
    "closed_form": "Compute, by the paper’s formula",
    "optimal_scaling": "Compute, by optimal scaling",
    "parameters": "Parameters, by the paper’s formula",
    "data": "Data, by the paper’s formula",
}
CHOICES = {
    "variant": "Law",
    "delta": "Penalty δ",
    "sample": "Sample",
    "models_per_paper": "Systems kept of a paper",
    "response": "Response",
    "tokens": "Data measure",
    "outliers": "Outliers",
    "rows": "Rows",
    "estimator": "Estimator",
}
LEVELS = {
    **{("response", name): said for name, said in RESPONSES.items()},
    ("tokens", "once"): "tokens of the data set",
    ("tokens", "seen"): "tokens seen, epochs counted",
    ("tokens", "effective"): "effective data",
    ("estimator", "converged"): "fitted to the minimum",
    ("estimator", "published"): "as published, stops early",
    ("outliers", "in"): "kept",
    ("outliers", "out"): "left out",
}
KEY = ("sample", "variant", "delta", "estimator")
ENDS = {"": "point", "_low": "ci95_low", "_high": "ci95_high"}


def explorer(inputs: Inputs) -> Row | None:
    """Return the cubes to choose from, compressed for the script; None without a doubling time."""
    cubes = [cube for cube in (every_choice(inputs), of_the_run(inputs)) if cube is not None]
    if not cubes:
        return None
    analysis = inputs.converged
    data = {
        "quantities": QUANTITIES,
        "cubes": [cube.plain for cube in cubes],
        "headline": _headline(inputs),
        "ranks": _ranks(inputs),
        "systems": systems(inputs),
        "estimators": {name: each.estimator for name, each in inputs.headlines.items()},
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return {
        # Markup: Base64 has no character of HTML.
        "data": Markup(deflated(text)),
        "specifications": len(inputs.tables["multiverse"]) if cubes[0].name == "every" else 0,
        "sample": analysis.sample,
    }


def of_the_run(inputs: Inputs) -> Cube | None:
    """Return the fits of the run by sample, law, δ and estimator, with their 95 % intervals."""
    found: dict[str, dict[tuple[str, ...], float | None]] = {}
    for quantity, rows in _by_quantity(inputs):
        by_key: dict[tuple[str, ...], list[Row]] = {}
        for row in rows:
            by_key.setdefault(_key(row), []).append(row)
        for key, same in by_key.items():
            row = _drawn_first(on_baseline(same, inputs.settings.baseline))
            for suffix, column in ENDS.items():
                if finite(row[f"growth_{column}"]):
                    cells = found.setdefault(quantity + suffix, {})
                    cells[key] = row[column]
    if not found:
        return None
    keys = [key for cells in found.values() for key in cells]
    choices = [
        _choice(name, _in_order(name, {key[i] for key in keys})) for i, name in enumerate(KEY)
    ]
    order = [name + suffix for name in QUANTITIES for suffix in ENDS if name + suffix in found]
    label = "the fits of this run, with their intervals"
    return Cube("run", label, tuple(choices), {name: found[name] for name in order})


def every_choice(inputs: Inputs) -> Cube | None:
    """Return the multiverse, a cross of every choice; None where it was not computed."""
    table = inputs.tables.get("multiverse")
    if table is None or table.is_empty():
        return None
    configured = inputs.settings.multiverse.choices
    choices = tuple(
        _choice(name, [str(level) if isinstance(levels, dict) else level_name(level)
                       for level in levels], isinstance(levels, dict))
        for name, levels in configured.items()
    )  # fmt: skip
    quantities: dict[str, dict[tuple[str, ...], float | None]] = {}
    for row in table.iter_rows(named=True):
        if row["status"] not in {"fitted", "no_progress"}:
            continue
        key = tuple(str(row[choice.name]) for choice in choices)
        for quantity in ("own_allocation", "closed_form", "optimal_scaling"):
            growth = row[f"growth_{quantity}"]
            if finite(growth):
                quantities.setdefault(quantity, {})[key] = float(signed_months(growth))
    if not quantities:
        return None
    order = {name: quantities[name] for name in QUANTITIES if name in quantities}
    return Cube("every", "every combination of choices", choices, order)


def systems(inputs: Inputs) -> list[list[Any]]:
    """Return systems that were the best yet on the baseline: name, year, compute, where known."""
    known = {
        (row["source"], row["source_row"]): row["compute"] for row in inputs.rows("local_growth")
    }
    rows = inputs.sample.filter(inputs.sample["benchmark"] == inputs.settings.baseline)
    best, found = float("inf"), []
    for row in rows.sort("published", "perplexity").iter_rows(named=True):
        compute = known.get((row["source"], row["source_row"]))
        if row["perplexity"] is None or row["perplexity"] >= best or not finite(compute):
            continue
        best = row["perplexity"]
        year = row["published"].year + (row["published"].timetuple().tm_yday - 1) / 365.25
        found.append([row["system"], round(year, 2), float(f"{compute:.3g}")])
    return found


def _by_quantity(inputs: Inputs) -> Iterator[tuple[str, list[Row]]]:
    own = inputs.rows("own_allocation")
    yield (
        "own_allocation",
        [row for row in own if row["direction"] == "alike" and row["period"] == "all"],
    )
    times = inputs.rows("doubling_times")
    for name in ("closed_form", "optimal_scaling"):
        yield name, [r for r in times if r["definition"] == name and r["quantity"] == "compute"]
    for name in ("parameters", "data"):
        yield name, [r for r in times if r["definition"] == "closed_form" and r["quantity"] == name]


def _drawn_first(rows: Sequence[Row]) -> Row:
    """Return the row with draws of whole papers, else that with any draws, else the first."""
    order = {"papers": 0, "rows": 1}
    return min(rows, key=lambda row: (not row["n_draws"], order.get(row["resampling"], 2)))


def _key(row: Row) -> tuple[str, ...]:
    return (row["sample"], row["variant"], f"{row['delta']:g}", row["estimator"])


def _in_order(name: str, levels: set[str]) -> list[str]:
    return sorted(levels, key=float) if name == "delta" else sorted(levels)


def _choice(name: str, levels: Sequence[str], mapping: bool = False) -> Choice:
    labels = [_level(name, level) for level in levels]
    label = CHOICES.get(name, name.replace("_", " ").capitalize())
    return Choice(name, label, tuple(levels), tuple(labels), mapping)


def _level(name: str, level: str) -> str:
    if name == "variant" and level in LAWS:
        return f"{level}: {LAWS[level]}"
    return LEVELS.get((name, level), level.replace("_", " "))


def _headline(inputs: Inputs) -> dict[str, str]:
    """Return the levels of the headline's analysis, for the choice that the page opens with."""
    analysis = inputs.converged
    sample = inputs.settings.samples.get(analysis.sample)
    levels = dict(zip(KEY, _key(analysis.key), strict=True))
    kept = sample.models_per_paper if sample else None
    levels |= {"models_per_paper": "all" if kept is None else str(kept), "tokens": "once"}
    levels |= {"outliers": "out", "rows": "all"}
    if sample:
        levels["response"] = sample.response[analysis.estimator]
    return levels


def _ranks(inputs: Inputs) -> dict[str, list[Any]]:
    """Return by estimator, law and δ: rank and number held out, rank and number out of time, error.

    The models are those of `ranking`; what a model lacks is None. Held out, laws are ranked among
    laws, as in cross-validation; out of time, the simple laws are ranked with them.
    """
    rows = inputs.rows("ranking")
    laws = [row for row in rows if row["delta"] is not None]
    held: dict[str, list[float]] = {}
    timed: dict[str, int] = {}
    for row in laws:
        if row["held_out_rank"] is not None:
            held.setdefault(row["estimator"], []).append(row["held_out_rank"])
    for row in rows:
        if row["out_of_time_rank"] is not None:
            timed[row["estimator"]] = timed.get(row["estimator"], 0) + 1
    return {
        f"{row['estimator']} {row['model']} {row['delta']:g}": [
            _among(row["held_out_rank"], held.get(row["estimator"], [])),
            len(held.get(row["estimator"], [])),
            row["out_of_time_rank"], timed.get(row["estimator"], 0),
            float(f"{row['out_of_time']:.3g}") if finite(row["out_of_time"]) else None,
        ]
        for row in laws
    }  # fmt: skip


def _among(rank: float | None, ranks: list[float]) -> int | None:
    """Return the rank that a model has among fewer, by the ranks these have among all."""
    return None if rank is None else 1 + sum(other < rank for other in ranks)


SECTION = Section("explorer", explorer)
