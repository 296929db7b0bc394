"""Doubling times without a model of loss, and the largest falls in compute."""

from __future__ import annotations

from algoprog.report.figures import compute_reductions
from algoprog.report.figures import direct_observation as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section


def direct_observation(inputs: Inputs) -> Row | None:
    """Return trends from reference systems on, and pairs of systems; None without either."""
    trends, pairs = inputs.rows("direct_observation"), inputs.rows("compute_reductions")
    return {"trends": trends, "pairs": pairs} if trends or pairs else None


SECTION = Section(
    "direct_observation",
    direct_observation,
    (figure.FIGURE, compute_reductions.FIGURE),
    title="Direct observation",
)
