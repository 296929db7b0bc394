"""A formula of a variant: a text that can be asked which variables it names, and how.

It imports nothing heavy, so that a configuration is checked without compiling a formula
(:mod:`algoprog.model.compiling` does that). What a formula may say is in
:mod:`algoprog.common.grammar`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Self

from algoprog.common.grammar import Name, Parsed, names_in, parse

VARIABLES = {
    "t": "years since the first publication of the sample",
    "n": "ln(N / min N), N parameters",
    "d": "ln(D / min D), D training tokens seen once",
    "d_seen": "ln of D*e against its minimum, e epochs (1 where unknown)",
    "d_effective": "ln of D*E(e) against its minimum, E(e) = 1 + R(1 - exp(-e/R)), R = 2.9157",
    "c": "ln(6ND / min 6ND)",
    "b": "benchmark, dummies against the baseline",
    "T": "1 for the transformer architecture, else 0",
    "Y": "calendar year as a real number",
    "V": "vocabulary in tokens, the benchmark's own where unknown",
}
TIME = "t"
DATA = ("d", "d_seen", "d_effective")


class Formula(str):
    """The formula that multiplies a parameter, such as ``-t:(1+b)`` or ``1``."""

    __slots__ = ()

    def __new__(cls, text: str | int) -> Self:
        """Take a text, or the whole number that a constant is written as."""
        return super().__new__(cls, text)

    @property
    def parsed(self) -> Parsed:
        """Its tree; FormulaError for a text that is no formula."""
        return _parsed(self)

    @property
    def names(self) -> frozenset[str]:
        """Names of the variables in it; FormulaError for a text that is no formula."""
        return self.parsed.names

    @property
    def unknown(self) -> list[str]:
        """Names in it that are no variables, in alphabetical order."""
        return sorted(self.names - set(VARIABLES))

    def uses(self, variable: str) -> bool:
        """Return whether it names a variable."""
        return variable in self.names

    def is_affine(self, variable: str) -> bool:
        """Return whether each of its products is a constant or a multiple of the variable."""
        for product in self.parsed.products:
            of = [factor for factor in product.factors if variable in names_in(factor)]
            if of not in ([], [Name(variable)]):
                return False
        return True

    def with_variable(self, variable: str, other: str) -> Formula:
        """Return the formula with another variable, or term, wherever it names ``variable``."""
        return Formula(_named(variable).sub(other, self))

    def with_data(self, measure: str) -> Formula:
        """Return the formula with a measure of data (one of ``DATA``) in place of d."""
        return self.with_variable("d", measure)


def _named(variable: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(variable)}\b")


@cache
def _parsed(text: str) -> Parsed:
    return parse(text)
