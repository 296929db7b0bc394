"""How every number is computed, in equations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section


def methods(inputs: Inputs) -> Row:
    """Return the formulas of the variants."""
    return {"formulas": list(formula_rows(inputs.settings.variants))}


def formula_rows(variants: dict[str, dict[str, Any]]) -> Iterator[Row]:
    """Return formulas of the enabled variants by name of the parameter."""
    for name, spec in variants.items():
        if spec.get("enabled", True):
            first, *rest = spec["exponentials"]
            second = rest[0] if rest else {}
            linear = spec.get("linear") or {}
            yield {"variant": name, "first": first, "second": second, "linear": linear}


SECTION = Section("methods", methods)
