"""Whether the intervals hold: the quoted interval, and coverage of simulated doubling times."""

from __future__ import annotations

from collections.abc import Sequence

from algoprog.report.figures import coverage as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import ends_of
from algoprog.report.section import Section
from algoprog.report.words import world
from algoprog.robustness.names import COVERED


def coverage(inputs: Inputs) -> Row:
    """Return the quoted interval and what was simulated, each None without its table."""
    return {"quoted": quoted(inputs), "simulated": simulated(inputs)}


def simulated(inputs: Inputs) -> Row | None:
    """Return coverage of each judged kind of interval over worlds and truths.

    An interval under-covers at a truth where its coverage is below the level by more than two
    Monte-Carlo standard errors.
    """
    table, headline = inputs.tables.get("coverage"), inputs.converged
    if table is None or table.is_empty():
        return None
    kinds = figure.judged(table, (headline.estimator, headline.resampling))
    return {
        "kinds": [_kind(name, rows) for name, rows in kinds.items()],
        "truths": sorted(set(table["doubling_months"])),
        "worlds": {name: world(name) for name in sorted(set(table["world"]))},
        "model": table.row(0, named=True),
    }


def _kind(name: str, cell: Sequence[Row]) -> Row:
    """Return the coverage of a kind of interval, by level and by world."""
    return {
        "name": name,
        "rows": cell,
        "levels": {level: _held(cell, level) for level in COVERED},
        "worlds": _by_world(cell),
    }


def _by_world(cell: Sequence[Row]) -> dict[str, Row]:
    """Return coverage in each world over all its truths, by level, with its standard error."""
    found: dict[str, Row] = {}
    for name in sorted({row["world"] for row in cell}):
        rows = [row for row in cell if row["world"] == name]
        n = sum(row["n_data_sets"] for row in rows)
        levels: dict[int, Row] = {}
        for level in COVERED:
            share = sum(row[f"coverage{level}"] * row["n_data_sets"] for row in rows) / n
            levels[level] = {"share": share, "error": (share * (1.0 - share) / n) ** 0.5}
        found[name] = {"n": n, "levels": levels}
    return found


def _held(cell: Sequence[Row], level: int) -> Row:
    """Return at which truths an interval under-covers, and the ends of coverage there and else."""
    column = f"coverage{level}"
    under: list[Row] = []
    rest: list[Row] = []
    for row in cell:
        reach = row[column] + figure.ERRORS_SHOWN * row[f"{column}_error"]
        (under if reach < level / 100 else rest).append(row)
    return {
        "under": list(dict.fromkeys(row["doubling_months"] for row in under)),
        "under_ends": ends_of([row[column] for row in under]),
        "rest": list(dict.fromkeys(row["doubling_months"] for row in rest)),
        "worlds": [world(name) for name in sorted({row["world"] for row in under})],
        "rest_ends": ends_of([row[column] for row in rest]),
        "ends": ends_of([row[column] for row in cell]),
    }


def quoted(inputs: Inputs) -> Row | None:
    """Return the closed form's interval by level: its row of `headline_interval`."""
    table = [
        row
        for row in inputs.rows("headline_interval")
        if row["definition"] == "closed_form" and row["quoted"]
    ]
    if not table:
        return None
    rows = {row["level"]: row for row in table[::-1]}  # of several benchmarks the first
    return {"method": rows[min(rows)]["method"], "rows": dict(sorted(rows.items()))}


SECTION = Section("coverage", coverage, (figure.FIGURE,))
