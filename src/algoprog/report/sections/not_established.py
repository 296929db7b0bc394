"""What was not established: each claim that the evidence on the page does not settle, from tables.

Sentences are the template's: here is which numbers they speak of, each None where nothing open is
left of it or a table that it needs is not there.
"""

from __future__ import annotations

from math import isinf

from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import end
from algoprog.report.section import Section
from algoprog.report.sections.coverage import coverage
from algoprog.report.sections.endogeneity import endogeneity
from algoprog.report.sections.findings import (
    acceleration_finding,
    share_finding,
    transformer_finding,
)
from algoprog.report.sections.identification import identification
from algoprog.report.sections.own_growth import leading
from algoprog.report.sections.sensitivity import rivals


def not_established(inputs: Inputs) -> Row | None:
    """Return what is open, by claim; None where nothing is."""
    said = {
        "fast": _fast(inputs),
        "definition": _definition(inputs),
        "law": rivals(inputs),
        "data": _data(inputs),
        "quality": _quality(inputs),
        "share": _share(inputs),
        "transformer": _transformer(inputs),
        "acceleration": _acceleration(inputs),
        "observed": _observed(inputs),
        "intervals": coverage(inputs)["simulated"] is None,
    }
    return said if any(said.values()) else None


def _fast(inputs: Inputs) -> Row | None:
    """Return the headline's growth where its interval is wide enough to be told."""
    own = leading(inputs)
    return own if own and own["ci95_low"] and own["ci95_high"] else None


def _definition(inputs: Inputs) -> Row | None:
    """Return the quoted set of the closed form, where it reaches no progress."""
    quoted = coverage(inputs)["quoted"]
    row = quoted["rows"].get(95) if quoted else None
    return row if row is not None and row["high"] is not None and isinf(row["high"]) else None


def _data(inputs: Inputs) -> Row | None:
    found = identification(inputs)
    return found if found and found["estimate"] and found["without"] else None


def _quality(inputs: Inputs) -> Row | None:
    found = endogeneity(inputs)
    return found["weakest"]["half"] if found else None


def _share(inputs: Inputs) -> Row | None:
    found = share_finding(inputs)
    open_ = found and (found["majority"] < found["systems"] or found["undetermined"])
    return found if open_ else None


def _transformer(inputs: Inputs) -> Row | None:
    found = transformer_finding(inputs)
    return found if found and found["none_within"] else None


def _acceleration(inputs: Inputs) -> Row | None:
    found = acceleration_finding(inputs)
    return found if found and not all(found["established"]) else None


def _observed(inputs: Inputs) -> Row | None:
    """Return how many trends without a law do not exclude that there is no progress."""
    rows = [row for row in inputs.rows("direct_observation") if row["growth"] is not None]
    open_ = [row for row in rows if not end(row, "low", "growth_") > 0]
    return {"n": len(rows), "open": len(open_)} if open_ else None


SECTION = Section("not_established", not_established)
