"""What the best split of compute into parameters and data saves."""

from __future__ import annotations

from algoprog.report.figures import allocation as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section


def allocation(inputs: Inputs) -> list[Row] | None:
    """Return the splits of compute."""
    return inputs.rows("allocation") or None


SECTION = Section("allocation", allocation, (figure.FIGURE,))
