"""Capability across benchmarks since 2023: the rate of progress, what it rests on, the audit."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from algoprog.audit.reproduction import of_analysis
from algoprog.audit.tables import CAPABILITY
from algoprog.capability.dates import day_of
from algoprog.report.figures import (
    capability_compute,
    capability_difficulty,
    capability_identity,
    capability_index,
    capability_ways,
)
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section

NEEDED = "capability_rates"
CHANGES = (  # refits that the text names: kind, unit, how it is called
    ("benchmark", "MMLU", "without MMLU"),
    ("model", "Llama 2-70B", "without Llama 2 70B"),
    ("organisation", "DeepSeek", "without DeepSeek"),
    ("guessing", "floor", "with a floor at guessing"),
    ("guessing", "rescaled", "with scores rescaled by guessing"),
    ("score", "mean", "with the mean of several scores"),
    ("distilled", "kept", "with distilled versions"),
    ("ridge", "0", "at a ridge of 0"),
    ("ridge", "0.01", "at a ridge of 0.01"),
    ("ridge", "1", "at a ridge of 1"),
)
VERDICTS = ("exact", "close", "differs", "not determined")


def capability(inputs: Inputs) -> Row | None:
    """Return the numbers that the section speaks of; None without its tables."""
    tables = inputs.tables
    if NEEDED not in tables:
        return None
    rates, covered = tables[NEEDED], tables["capability_coverage"]
    published = _rate(rates, "A", "published", "published")
    versions = tables["capability_models"]
    printed = _audited(tables, "reproduction")
    verdicts = [row["verdict"] for row in printed]
    growth = {row["quantity"]: row for row in tables["capability_growth"].iter_rows(named=True)}
    made = tables.get("capability_multiverse")
    return {
        "headline": rates.filter(pl.col("headline")).row(0, named=True),
        "published": published,
        "joint": _rate(rates, "H", "published", "published"),
        "with_k": rates.filter(pl.col("way") == "A with k").sort("growth_high").to_dicts(),
        "fit": _row(tables["capability_fits"], fit="published"),
        "covered": {row["method"]: row for row in covered.iter_rows(named=True)},
        "coverage": covered.to_dicts(),
        "first": versions["released"].min(),
        "last": versions["released"].max(),
        "changes": _changes(tables["capability_identity"]),
        "growth": growth,
        "broken": day_of(growth["break of the frontier: date"]["value"]),
        "forecast": tables["capability_forecast"].row(-1, named=True),
        "printed": len(printed),
        "verdicts": {name: verdicts.count(name) for name in VERDICTS},
        "defects": _defects(_audited(tables, "defects")),
        "multiverse": _spread(made) if made is not None else None,
        "joint_model": _joint(tables.get("bayes_capability")),
        "attribution": tables["capability_attribution"].sort("shapley", descending=True).to_dicts()
        if "capability_attribution" in tables
        else [],
    }


def _rate(rates: pl.DataFrame, way: str, distilled: str, ties: str) -> Row:
    return _row(rates, way=way, distilled=distilled, ties=ties)


def _row(table: pl.DataFrame, **key: str) -> Row:
    found = table.filter(*(pl.col(name) == value for name, value in key.items()))
    return found.row(0, named=True)


def _joint(table: pl.DataFrame | None) -> Row | None:
    """Return the rate with both stages in one model; None where it was not fitted."""
    return None if table is None else _row(table, quantity="rate")


def _changes(identity: pl.DataFrame) -> list[Row]:
    base = _row(identity, kind="none") | {"name": "as published"}
    rows = [base]
    for kind, unit, name in CHANGES:
        found = identity.filter(pl.col("kind") == kind, pl.col("unit") == unit)
        rows += [row | {"name": name} for row in found.iter_rows(named=True)]
    return rows


def _audited(tables: Mapping[str, pl.DataFrame], name: str) -> list[Row]:
    """Return this analysis' rows of a table of the audit; none where there is no audit."""
    return of_analysis(tables[name].to_dicts(), CAPABILITY) if name in tables else []


def _defects(rows: list[Row]) -> list[Row]:
    of = {number: [row for row in rows if row["defect"] == number] for number in
          dict.fromkeys(row["defect"] for row in rows)}  # fmt: skip
    return [{"defect": number, "title": own[0]["title"], "rows": own} for number, own in of.items()]


def _spread(table: pl.DataFrame) -> Row:
    growth = table["growth"].drop_nulls()
    shares = {"low": 0.025, "first": 0.25, "median": 0.5, "third": 0.75, "high": 0.975}
    found = {name: growth.quantile(share, interpolation="linear") for name, share in shares.items()}
    rates = {name: pl.Series([value]).exp()[0] for name, value in found.items()}
    return {"specifications": table.height, "with_rate": len(growth), **rates}


SECTION = Section(
    "capability",
    capability,
    (
        capability_ways.FIGURE,
        capability_index.FIGURE,
        capability_identity.FIGURE,
        capability_compute.FIGURE,
        capability_difficulty.FIGURE,
    ),
)
