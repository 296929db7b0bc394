"""Models of the loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from algoprog.common.section import Section
from algoprog.config.types import Name, Number, OpenFormula, Parameter
from algoprog.model import formula
from algoprog.model import variant as model


class Variant(Section):
    """One model of the loss: linear terms plus a sum of exponentials."""

    enabled: bool = True
    batch: Name | None = Field(
        default=None, description="Variants of a batch are fitted in one job; default: its own."
    )
    exponentials: Annotated[
        list[Annotated[dict[Parameter, OpenFormula], Field(min_length=1)]], Field(min_length=1)
    ] = Field(description="Each exponent: a parameter and the formula it multiplies.")
    linear: dict[Parameter, OpenFormula] | None = Field(
        default=None, description="Terms outside the exponentials."
    )
    multiplier: (
        Annotated[dict[Parameter, OpenFormula], Field(min_length=1, max_length=1)] | None
    ) = Field(default=None, description="The prediction times sigma(parameter) where it is 1.")
    hold: dict[Parameter, Number] | None = Field(
        default=None, description="Parameters kept at a value."
    )

    penalise: model.Penalise = Field(
        default="all", description="all parameters, as the paper, or slopes: levels are free."
    )

    def formulas(self) -> Iterator[tuple[str, formula.Formula]]:
        """Yield each formula with its place."""
        parts = {f"exponentials.{i}": one for i, one in enumerate(self.exponentials)}
        parts |= {"linear": self.linear or {}, "multiplier": self.multiplier or {}}
        for place, part in parts.items():
            for parameter, text in part.items():
                yield f"{place}.{parameter}", formula.Formula(text)

    def declared(self) -> list[str]:
        """Names of the parameters as declared, before benchmark dummies expand them."""
        mappings = [*self.exponentials, self.linear or {}, self.multiplier or {}]
        return list(dict.fromkeys(name for mapping in mappings for name in mapping))

    def as_model(self, name: str) -> model.Variant:
        """Return the variant as the library knows it, whose formulas can be asked."""
        return model.Variant.of(name, self.model_dump(mode="json"))
