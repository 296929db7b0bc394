"""From the paper's number to ours: which estimate each change of the procedure gives."""

from __future__ import annotations

from algoprog.quantities.headline import quoted_interval
from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import agreeing, finite, first_agreeing, on_baseline
from algoprog.report.sections.own_growth import leading
from algoprog.report.settings import Analysis

# The number in the paper's abstract on arXiv, by its id among the published numbers.
PRINTED = "headline.abstract.v1"


def printed(inputs: Inputs) -> Row | None:
    """Return the number of the paper's abstract, a row of `reproduction`."""
    row = first_agreeing(inputs.rows("reproduction"), {"id": PRINTED})
    return row if row and finite(row["published"]) else None


def closed_form(inputs: Inputs, analysis: Analysis, definition: str = "closed_form") -> Row | None:
    """Return an analysis' doubling time of compute by one of the paper's definitions."""
    key = analysis.key | {"definition": definition, "quantity": "compute"}
    rows = agreeing(inputs.rows("doubling_times"), key)
    chosen = on_baseline(rows, inputs.settings.baseline)[:1] if rows else []
    return next((row for row in chosen if finite(row["growth_point"])), None)


def steps(inputs: Inputs) -> list[Row]:
    """Return the estimates on the way to the answer, the last the headline's, with its interval.

    Each has label, point, low and high (months; None without an interval) and ``leads``. There is
    none where growth at the records' own allocation was not computed.
    """
    own = leading(inputs)
    if own is None:
        return []
    lines = []
    paper = printed(inputs)
    if paper:
        ends = paper["published_low"], paper["published_high"]
        lines.append(_line("Ho et al. (2024), as printed", paper["published"], ends))
    for label, row in (
        ("their procedure, run again", closed_form(inputs, inputs.published)),
        ("fitted to the minimum", closed_form(inputs, inputs.converged)),
        ("by optimal scaling", closed_form(inputs, inputs.converged, "optimal_scaling")),
    ):
        if row:
            lines.append(_line(label, row["point"], _quoted(inputs, row) or _interval(row)))
    return [*lines, _line("where the systems were", own["point"], _interval(own), True)]


def _quoted(inputs: Inputs, row: Row) -> tuple[float, float] | None:
    """Return the set that stands for the interval of a closed form, where there is one."""
    intervals = inputs.tables.get("headline_interval")
    if intervals is None or row["definition"] != "closed_form":
        return None
    other = quoted_interval(intervals, row)
    return (other["low"], other["high"]) if other else None


def _interval(row: Row) -> tuple[float | None, float | None]:
    return (row["ci95_low"], row["ci95_high"]) if row["n_draws"] else (None, None)


def _line(
    label: str, point: float, ends: tuple[float | None, float | None], leads: bool = False
) -> Row:
    return {"label": label, "point": point, "low": ends[0], "high": ends[1], "leads": leads}
