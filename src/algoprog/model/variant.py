"""A variant: the formulas of one model of the loss, before any data.

It imports nothing heavy. :class:`~algoprog.model.model.Model` is a variant on a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.model.formula import Formula

Formulas = dict[str, Formula]
Penalise = Literal["all", "slopes"]


@dataclass(frozen=True)
class Variant:
    """One model of the loss: linear terms plus a sum of exponentials.

    Attributes
    ----------
    name : of the configuration.
    exponentials : of each exponent the formula that multiplies each parameter.
    linear : terms outside the exponentials.
    multiplier : at most one: the exponentials are multiplied by sigma(parameter) where it is 1.
    hold : parameters kept at a value.
    penalise : which parameters the penalty holds: ``all``, or ``slopes``, those of formulas that
        name a variable other than the benchmark; levels are then free.
    variables : the configuration's own variables among those it names, each with the scale whose
        logarithm it moves with (``compute``, ``parameters`` or ``data``), or None.
    """

    name: str
    exponentials: tuple[Formulas, ...]
    linear: Formulas = field(default_factory=dict)
    multiplier: Formulas = field(default_factory=dict)
    hold: dict[str, float] = field(default_factory=dict)
    penalise: Penalise = "all"
    variables: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, spec: Plain) -> Self:
        """Return the variant that a section of the configuration describes."""

        def formulas(plain: Mapping[str, str | int] | None) -> Formulas:
            return {parameter: Formula(text) for parameter, text in (plain or {}).items()}

        return cls(
            name,
            tuple(formulas(one) for one in spec["exponentials"]),
            formulas(spec.get("linear")),
            formulas(spec.get("multiplier")),
            {parameter: float(value) for parameter, value in (spec.get("hold") or {}).items()},
            spec.get("penalise", "all"),
            dict(spec.get("variables") or {}),
        )

    def formulas(self) -> Iterator[tuple[str, Formula]]:
        """Yield each parameter with its formula, part by part."""
        for part in (*self.exponentials, self.linear, self.multiplier):
            yield from part.items()

    def uses(self, *variables: str) -> bool:
        """Return whether a formula names one of the variables."""
        return any(formula.uses(name) for _, formula in self.formulas() for name in variables)

    def is_affine(self, variable: str) -> bool:
        """Return whether no formula has the variable inside braces or a function."""
        return all(formula.is_affine(variable) for _, formula in self.formulas())

    def with_data(self, measure: str) -> Variant:
        """Return the variant with a measure of data in place of d, wherever it names d."""
        return self._mapped(lambda formula: formula.with_data(measure))

    def with_linear(self, terms: Mapping[str, str | int]) -> Variant:
        """Return the variant with further linear terms, or others of the same parameters."""
        added = {parameter: Formula(text) for parameter, text in terms.items()}
        return replace(self, linear=self.linear | added)

    def holding(self, values: Mapping[str, float]) -> Variant:
        """Return the variant with further parameters kept at a value."""
        return replace(self, hold=self.hold | dict(values))

    def _mapped(self, change: Callable[[Formula], Formula]) -> Variant:
        def formulas(part: Formulas) -> Formulas:
            return {parameter: change(formula) for parameter, formula in part.items()}

        return replace(
            self,
            exponentials=tuple(formulas(part) for part in self.exponentials),
            linear=formulas(self.linear),
            multiplier=formulas(self.multiplier),
        )

    def refused(self, place: str, value: object, fix: str) -> InputError:
        """Return the error of a mistake in this variant."""
        where = f"variants.{self.name}"
        return InputError("config.yaml", f"{where}: {place}" if place else where, value, fix)


class Variants(dict[str, Variant]):
    """Variants by name, made of the configuration's section of that name."""

    def __init__(self, plain: Mapping[str, Plain | Variant]) -> None:
        super().__init__(
            {
                name: spec if isinstance(spec, Variant) else Variant.of(name, spec)
                for name, spec in plain.items()
            }
        )
