"""The largest falls in compute at equal or better perplexity."""

from __future__ import annotations

from algoprog.report.figures import compute_reductions as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section


def compute_reductions(inputs: Inputs) -> list[Row] | None:
    """Return the pairs of systems."""
    return inputs.rows("compute_reductions") or None


SECTION = Section("compute_reductions", compute_reductions, (figure.FIGURE,))
