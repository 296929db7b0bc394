"""Doubling times without a model of loss."""

from __future__ import annotations

from algoprog.report.figures import direct_observation as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section


def direct_observation(inputs: Inputs) -> list[Row] | None:
    """Return the trends from reference systems on."""
    return inputs.rows("direct_observation") or None


SECTION = Section(
    "direct_observation",
    direct_observation,
    (figure.FIGURE,),
)
