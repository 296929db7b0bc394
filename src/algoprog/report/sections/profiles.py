"""Which doubling times the records can tell apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from algoprog.report.critical import critical_losses
from algoprog.report.figures import profiles as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import finite, loose
from algoprog.report.section import Section

MODEL = ("sample", "variant", "delta")


def profiles(inputs: Inputs) -> Row:
    """Return ranges within each loss by model; ``rows`` is empty where none was computed.

    ``interval`` is the headline's range at the losses that make it an interval.
    """
    losses = inputs.settings.profiles.losses
    critical, headline = critical_losses(inputs), inputs.converged.key
    models: dict[tuple[Any, ...], Row] = {}
    interval: dict[int, Row] = {}
    for row in inputs.rows("profile_ranges"):
        leads = all(row[name] == headline[name] for name in MODEL)
        key = tuple(row[name] for name in (*MODEL, "benchmark"))
        model = models.setdefault(key, {**row, "leading": leads, "ranges": {}})
        if row["loss"] in losses:
            model["ranges"][row["loss"]] = row
        for level in _levels(row, critical) if leads else ():
            interval.setdefault(level, row)
    rows = sorted(models.values(), key=lambda r: not r["leading"])
    leading = next((row for row in rows if row["leading"]), None)
    points = inputs.rows("profiles")
    return {
        "losses": losses,
        "rows": rows,
        "models": len({tuple(row[name] for name in MODEL) for row in rows if row["ranges"]}),
        "headline": leading,
        "loose": _is_loose(leading, losses[0]),
        "widest": _widest(rows, losses),
        "interval": interval,
        "critical": critical,
        "n_points": len(points),
        "not_certified": sum(not point["certified"] for point in points),
    }


def _levels(row: Row, critical: Mapping[int, float]) -> list[int]:
    """Return the levels of which a row's loss is the critical loss."""
    loss = row["loss"]
    return [level for level, at in critical.items() if finite(loss) and math.isclose(loss, at)]


def _is_loose(leading: Row | None, loss: float) -> bool:
    """Return whether the headline's range within a loss of fit is wide."""
    if leading is None or loss not in leading["ranges"]:
        return False
    ends = leading["ranges"][loss]
    return loose(ends["doubling_time_low"], ends["doubling_time_high"])


def _widest(rows: Sequence[Row], losses: Sequence[float]) -> dict[float, Row]:
    """Return the fastest and slowest end of all models within each loss that has ranges."""
    widest = {}
    for loss in losses:
        ranges = [row["ranges"][loss] for row in rows if loss in row["ranges"]]
        if ranges:
            widest[loss] = union(ranges)
    return widest


def union(ranges: Sequence[Row]) -> Row:
    """Return the fastest and the slowest end of several ranges; beyond the grid it is None."""
    low, high = ([row[f"doubling_time_{end}"] for row in ranges] for end in ("low", "high"))
    return {
        "low": None if None in low else min(low),
        "high": None if None in high else max(high),
    }


SECTION = Section("profiles", profiles, (figure.FIGURE,))
