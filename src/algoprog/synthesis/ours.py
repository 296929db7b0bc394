"""Estimates of ours, looked up in the result tables that were made."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.synthesis.estimate import Estimate, Pace
from algoprog.synthesis.layouts import COVERAGES, LAYOUTS, Layout
from algoprog.synthesis.settings import Own, Simulated, Wanted
from algoprog.synthesis.units import fault, growth

Tables = Mapping[str, pl.DataFrame]
Span = tuple[date | None, date | None]


@dataclass(frozen=True)
class Absent:
    """An estimate of ours that is not there, and why."""

    id: str
    label: str
    table: str
    reason: str


def matching(table: pl.DataFrame, where: Wanted) -> pl.DataFrame:
    """Return the rows whose columns have these values, or one of a list of values."""
    kept = table
    for column, wanted in where.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        kept = kept.filter(pl.col(column).is_in(values))
    return kept


def ours(
    tables: Tables, asked: Mapping[str, Own], periods: Mapping[str, Span]
) -> tuple[list[Estimate], list[Absent]]:
    """Return the estimates that are there, and those that are not.

    Parameters
    ----------
    tables : result tables by name; of those that were not made none.
    asked : by name, the rows to look up.
    periods : first and last day of what an estimate may be dated by.

    Raises
    ------
    InputError
        where several rows match and `each` does not tell them apart.
    """
    found: list[Estimate] = []
    absent: list[Absent] = []
    for name, own in asked.items():
        if own.table not in tables:
            absent.append(Absent(name, _plain(own.label), own.table, "its table was not made"))
            continue
        rows = matching(tables[own.table], own.where)
        _check_single(name, own, rows)
        if rows.is_empty():
            absent.append(Absent(name, _plain(own.label), own.table, "no row of its table matches"))
        for row in rows.iter_rows(named=True):
            one = _estimate(name, own, row, tables, periods)
            if math.isnan(one.pace.growth):
                reason = one.note or "there is no number in its row"
                absent.append(Absent(one.id, one.label, own.table, reason))
            else:
                found.append(one)
    return found, absent


def _check_single(name: str, own: Own, rows: pl.DataFrame) -> None:
    alike = rows.height if not own.each else rows.height - rows.n_unique(own.each) + 1
    if rows.height and alike > 1:
        place = f"estimates.ours.{name}.where"
        fix = "narrow it, or name under `each` the columns that tell the rows apart"
        raise InputError("configuration", place, f"{rows.height} rows of {own.table}", fix)


def _plain(label: str) -> str:
    """Return a label without what only a row could fill in."""
    return re.sub(r"[ ,:(]*\{\w+\}\)?", "", label)


def _estimate(
    name: str, own: Own, row: Mapping[str, Any], tables: Tables, periods: Mapping[str, Span]
) -> Estimate:
    layout = LAYOUTS[own.table]
    parts = [name, *(str(row[column]) for column in own.each)]
    note = str(row[layout.note] or "") if layout.note else ""
    pace = pace_of(row, layout, own.years)
    opened, until = periods.get(own.period or "", (None, None))
    if own.period == "table" and layout.opened:
        opened, until = row[layout.opened], row[layout.until]
    estimate = Estimate(
        id="-".join(re.sub(r"[^A-Za-z0-9_.]+", "-", part).strip("-") for part in parts),
        whose="ours",
        label=own.label.format_map({key: _shown(value) for key, value in row.items()}),
        domain=own.domain,
        scope=own.scope,
        quantity=own.quantity,
        setting=own.setting,
        definition=own.definition,
        pace=pace,
        status="computed",
        source=own.table,
        period_from=opened,
        period_to=until,
        note="; ".join(part for part in (own.note, note) if part),
    )
    if own.coverage is None or math.isnan(pace.low):
        return estimate
    return replace(estimate, coverage=simulated(tables, own.coverage, pace.level))


def _shown(value: object) -> str:
    return str(value).replace("_", " ")


def pace_of(row: Mapping[str, Any], layout: Layout, years: float | None) -> Pace:
    """Return growth and its interval of a row; NaN where a cell is blank or no pace at all."""
    level = row[layout.level] if isinstance(layout.level, str) else layout.level
    share = 100.0 if layout.share else 1.0
    value, low, high = (
        _growth(row[name], layout.unit, years) for name in (layout.value, layout.low, layout.high)
    )
    if math.isnan(low) or math.isnan(high) or level is None:
        return Pace(value)
    return Pace(value, low, high, share * float(level))


def _growth(value: float | None, unit: str, years: float | None) -> float:
    if value is None or math.isnan(value):
        return math.nan
    if unit == "doublings":
        return value * math.log(2.0)
    if unit == "growth":
        return value
    return math.nan if fault(unit, value, years) else growth(unit, value, years)


def simulated(tables: Tables, asked: Simulated, level: float) -> tuple[float, ...]:
    """Return the simulated coverages of an interval of this level; none where none is known.

    They are of as many worlds and sizes as were simulated; a coverage of another level says
    nothing of this one.
    """
    column = COVERAGES[asked.table].columns.get(round(level))
    if asked.table not in tables or column is None:
        return ()
    return tuple(matching(tables[asked.table], asked.where)[column].drop_nulls().to_list())
