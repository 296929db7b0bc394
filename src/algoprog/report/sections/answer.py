"""The answer, above all sections: the headline's sentences and what they rest on."""

from __future__ import annotations

from algoprog.report.figures.distributions import DOUBLING_TIMES
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section


def answer(inputs: Inputs) -> Row:
    """Return the headline's sentences, and the sentences that say what each rests on."""
    statements = inputs.headline.statements
    return {
        "sentences": [one.answer for one in statements],
        "bases": [*(one.basis for one in statements if one.basis), *inputs.headline.notes],
    }


SECTION = Section("answer", answer, (DOUBLING_TIMES,))
