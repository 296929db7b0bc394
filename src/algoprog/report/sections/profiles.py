"""Which doubling times the records can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from algoprog.report.figures import profiles as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import loose
from algoprog.report.section import Section

MODEL = ("sample", "variant", "delta")


def profiles(inputs: Inputs) -> Row:
    """Return ranges within each loss by model; ``rows`` is empty where none was computed."""
    losses = inputs.settings.profiles.losses
    headline = inputs.converged.key
    models: dict[tuple[Any, ...], Row] = {}
    for row in inputs.rows("profile_ranges"):
        leads = all(row[name] == headline[name] for name in MODEL)
        key = tuple(row[name] for name in (*MODEL, "benchmark"))
        model = models.setdefault(key, {**row, "leading": leads, "ranges": {}})
        if row["loss"] in losses:
            model["ranges"][row["loss"]] = row
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
        "n_points": len(points),
        "not_certified": sum(not point["certified"] for point in points),
    }


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
