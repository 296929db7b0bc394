"""The critical losses of the headline's model."""

from __future__ import annotations

import polars as pl

from algoprog.report.inputs import Inputs
from algoprog.robustness.critical import critical_loss
from algoprog.robustness.names import COVERED, PROFILE


def critical_losses(inputs: Inputs) -> dict[int, float]:
    """Return the critical losses of the headline's model by level, where they were simulated."""
    coverage = inputs.tables.get("coverage")
    if coverage is None:
        return {}
    model = inputs.converged.key
    simulated = coverage.filter(
        *(pl.col(name) == model[name] for name in ("sample", "variant", "delta")),
        pl.col("method") == PROFILE,
    )
    if simulated.is_empty():
        return {}
    return {level: critical_loss(simulated, level) for level in COVERED}
