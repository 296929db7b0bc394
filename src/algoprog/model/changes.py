"""Variants with something added: the transformer's multiplier or factor, or eras of their own pace.

It knows formulas; it knows no data. What the changed variants are for is in
:mod:`algoprog.quantities.transformer` and :mod:`algoprog.quantities.eras`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from algoprog.common.errors import InputError
from algoprog.model.formula import TIME, Formula
from algoprog.model.variant import Formulas, Variant

MULTIPLIER = "gamma_transformer"
FACTOR = "kappa_transformer"
FORMS = ("jump", "kink")


@dataclass(frozen=True)
class Change:
    """What is added to a variant: the transformer's effect in a form, or eras split at a year.

    Either ``transformer`` is given, or ``era`` with its ``form``.
    """

    transformer: Literal["multiplier", "factor"] | None = None
    era: int | None = None
    form: Literal["jump", "kink"] | None = None

    def of(self, variant: Variant) -> Variant:
        """Return the variant with this change."""
        if self.transformer == "multiplier":
            return with_transformer_multiplier(variant)
        if self.transformer == "factor":
            return with_transformer_factor(variant)
        if self.era is None:
            raise ValueError("a change has a transformer or an era")
        return with_era_split(variant, self.era, self.form or "jump")

    @property
    def identity(self) -> tuple[str | int, ...]:
        """What tells it from another change."""
        if self.transformer is not None:
            return (self.transformer,)
        return (self.era or 0, self.form or "jump")


def changed(variant: Variant, change: Change | None) -> Variant:
    """Return the variant with a change, or as it is."""
    return variant if change is None else change.of(variant)


def check_year_terms(variant: Variant) -> None:
    """See that a variant has year terms, which are formulas with t, and that t can be replaced.

    Raises
    ------
    InputError
        for a variant without a year term, or with t inside braces or a function.
    """
    formulas = [pair for part in variant.exponentials for pair in part.items()]
    for parameter, formula in formulas:
        if not formula.is_affine(TIME):
            raise InputError(
                "config.yaml",
                f"exponentials: {parameter}: {formula}",
                "t inside braces or a function",
                "for an era split write year terms such as -t or -t:(1+b)",
            )
    if not any(formula.uses(TIME) for _, formula in formulas):
        raise InputError(
            "config.yaml", "exponentials", "no year term", "split the eras of a variant that has t"
        )


def extra_year_terms(variant: Variant, year: int, time: str) -> Variant:
    """Return the variant with, beside each year term, another in which t is ``time``."""
    check_year_terms(variant)
    exponentials = []
    for formulas in variant.exponentials:
        split: Formulas = {}
        for parameter, formula in formulas.items():
            split[parameter] = formula
            if formula.uses(TIME):
                split[f"{parameter}_from_{year}"] = formula.with_variable(TIME, time)
        exponentials.append(split)
    return replace(variant, exponentials=tuple(exponentials))


def with_era_split(variant: Variant, year: int, form: str = "jump") -> Variant:
    """Return a variant whose year terms have an extra coefficient from ``year`` on.

    The parameter ``alpha_year`` keeps its name and its meaning, the pace before ``year``;
    ``alpha_year_from_2017`` is what is added to it. ``form`` is ``jump`` (published) or ``kink``.

    Raises
    ------
    InputError
        for a variant without a year term, or with t inside braces or a function.
    """
    if form not in FORMS:
        raise ValueError(f"form {form!r} is neither jump nor kink")
    time = f"{{t*(Y>={year})}}" if form == "jump" else f"{{(Y-{year})*(Y>={year})}}"
    return extra_year_terms(variant, year, time)


def with_transformer_multiplier(variant: Variant) -> Variant:
    """Return a variant whose exponentials are multiplied by sigma(gamma_transformer).

    So they are for transformers alone. An irreducible loss, which is a linear term, stays: it is
    no architecture's to reduce.

    Raises
    ------
    InputError
        for a variant that has a multiplier already.
    """
    if variant.multiplier:
        raise InputError(
            "config.yaml",
            "multiplier",
            dict(variant.multiplier),
            "use a variant without a multiplier",
        )
    return replace(variant, multiplier={MULTIPLIER: Formula("T")})


def with_transformer_factor(variant: Variant) -> Variant:
    """Return a variant whose exponentials are multiplied by exp(-kappa_transformer).

    So they are for transformers alone: the model of :func:`with_transformer_multiplier`,
    kappa = -ln sigma(gamma), under a penalty that favours no effect; kappa may also be negative.
    """
    factor = Formula("-T")
    parts = tuple({**part, FACTOR: factor} for part in variant.exponentials)
    return replace(variant, exponentials=parts)
