"""Variables that formulas may name besides those that are always there."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from algoprog.common.grammar import Call, parse_arithmetic
from algoprog.common.rows import Plain
from algoprog.common.section import Section
from algoprog.config.sections.columns import Arithmetic
from algoprog.model.variant import Variant


class Variable(Section):
    """A variable of formulas, made of what records hold."""

    formula: Arithmetic = Field(
        description=(
            "Arithmetic (+ - * / ^, log, exp, sqrt) of fields of a record that are numbers, and "
            "of the names under a source's `columns.extra`: log(training_compute)."
        )
    )
    from_least: bool = Field(
        default=True, description="Counted from its least value in the sample, as n, d and c are."
    )
    scale: Literal["compute", "parameters", "data"] | None = Field(
        default=None,
        description=(
            "Of a logarithm: the scale that it grows with, one for one, where growth is taken; "
            "default: it stays as it is where parameters and tokens grow."
        ),
    )

    @property
    def logarithmic(self) -> bool:
        """Whether its formula is the logarithm of something."""
        tree = parse_arithmetic(self.formula)
        return isinstance(tree, Call) and tree.function == "log"


def resolved(settings: Plain) -> dict[str, Any]:
    """Return settings whose samples and variants say what the variables they name are."""
    variables = settings["variables"]
    samples = {
        name: sample
        | {
            "variables": {
                one: {key: variables[one][key] for key in ("formula", "from_least")}
                for one in sample["variables"]
            }
        }
        for name, sample in settings["samples"].items()
    }
    variants = {}
    for name, spec in settings["variants"].items():
        asked = Variant.of(name, spec) if variables else None
        used = {one: variables[one]["scale"] for one in variables if asked and asked.uses(one)}
        variants[name] = spec | ({"variables": used} if used else {})
    return {**settings, "samples": samples, "variants": variants}
