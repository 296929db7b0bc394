"""What the words of the page mean, and how to cite it."""

from __future__ import annotations

from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.words import GLOSSARY


def reference(inputs: Inputs) -> Row:
    """Return the glossary, in the order of the alphabet."""
    return {"glossary": sorted(GLOSSARY.items(), key=lambda item: item[0].casefold())}


SECTION = Section("reference", reference)
