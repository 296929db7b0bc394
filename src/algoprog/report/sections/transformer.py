"""What the transformer takes off the loss, and its compute-equivalent gain, by model."""

from __future__ import annotations

from typing import Any

from algoprog.report.figures import transformer as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.settings import ANALYSIS


def transformer(inputs: Inputs) -> Row | None:
    """Return models by line, with their gains by compute."""
    table = inputs.rows("transformer")
    if not table:
        return None
    computes = sorted({row["compute"] for row in table})
    lines: dict[tuple[Any, ...], Row] = {}
    for row in table:
        name = (*(row[column] for column in ANALYSIS), row["form"])
        line = lines.setdefault(name, {**row, "gains": dict.fromkeys(computes)})
        line["gains"][row["compute"]] = row
    return {
        "computes": computes,
        "rows": list(lines.values()),
        "forms": sorted({row["form"] for row in table}, reverse=True),
    }


SECTION = Section("transformer", transformer, (figure.FIGURE,))
