"""The answer, above all sections: in plain words, from tables, and how far to trust it."""

from __future__ import annotations

from algoprog.report.figures.answer import FIGURE
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.sections.own_growth import hold_out, leading, split, spread
from algoprog.report.steps import closed_form, printed


def answer(inputs: Inputs) -> Row:
    """Return the answer where the records are, the paper's number beside it, and what differs.

    ``own`` is None where growth at the records' own allocation was not computed; the headline's
    ``sentences`` stand there instead. ``bases`` say what each sentence rests on.
    """
    statements = inputs.headline.statements
    own = leading(inputs)
    return {
        "sentences": [one.answer for one in statements],
        "bases": [*(one.basis for one in statements if one.basis), *inputs.headline.notes],
        "own": own,
        "printed": printed(inputs),
        "again": closed_form(inputs, inputs.published),
        "closed": closed_form(inputs, inputs.converged),
        "split": split(inputs) if own else None,
        "spread": spread(inputs) if own else None,
        "hold_out": hold_out(inputs),
    }


SECTION = Section("answer", answer, (FIGURE,))
