"""The specification of the multiverse that is the headline's analysis."""

from __future__ import annotations

from algoprog.report.inputs import Inputs, once
from algoprog.robustness.specifications import Settings, specifications


@once
def headline_specification(inputs: Inputs) -> str | None:
    """Return the id of the headline's specification; None where the multiverse has none."""
    analysis, multiverse = inputs.converged, inputs.settings.multiverse
    if analysis.sample != multiverse.sample:
        return None
    sample = inputs.settings.samples[analysis.sample]
    settings = Settings(
        variant=analysis.variant,
        delta=analysis.delta,
        estimator=analysis.estimator,
        models_per_paper=sample.models_per_paper,
        response=sample.response[analysis.estimator],
        tokens="once",
        include=[],
        exclude=[],
    )
    every = specifications(multiverse.choices, multiverse.base)
    return next((one.id for one in every if one.settings == settings), None)
