"""The answer averaged over models by how well each predicts papers it was not fitted to."""

from __future__ import annotations

from algoprog.common.intervals import doubling_months
from algoprog.report.inputs import Inputs, Row
from algoprog.report.reading import first_agreeing
from algoprog.report.section import Section

WEIGHTINGS = ("pseudo_bma", "equal", "best")
WEIGHTS_SHOWN = 10


def average(inputs: Inputs) -> Row | None:
    """Return the averages, the heaviest models, and the weight of the headline's."""
    rows = inputs.rows("model_average")
    if not rows:
        return None
    weights, headline = inputs.rows("model_weights"), inputs.converged
    judged = first_agreeing(weights, {"variant": headline.variant, "delta": headline.delta})
    return {
        "rows": sorted(rows, key=lambda r: WEIGHTINGS.index(r["weighting"])),
        "main": first_agreeing(rows, {"weighting": "pseudo_bma"}),
        "weights": [
            r | {"months": float(doubling_months(r["growth_point"]))}
            for r in weights[:WEIGHTS_SHOWN]
        ],
        "n_weights": len(weights),
        "of_headline": judged["weight"] if judged else None,
    }


SECTION = Section("average", average)
