"""A formula of a variant: a text that can be asked which variables it names, and how.

It imports nothing heavy, so that a configuration is checked without compiling a formula
(:mod:`algoprog.model.compiling` does that).
"""

from __future__ import annotations

import re
from typing import Self

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
# A variable in a formula: a name that is neither called, nor part of a dotted name, nor a keyword.
_VARIABLE = re.compile(r"(?<![\w.])[A-Za-z_]\w*+(?!\s*\(|\.|\s*=)")
# What formulaic hands to Python: {...} and calls such as log(...).
_PYTHON = re.compile(r"\{[^}]*\}|\w+\([^)]*\)")
_BRACES = re.compile(r"\{[^}]*\}")


class Formula(str):
    """The formula that multiplies a parameter, such as ``-t:(1+b)`` or ``1``."""

    __slots__ = ()

    def __new__(cls, text: str | int) -> Self:
        """Take a text, or the whole number that a constant is written as."""
        return super().__new__(cls, text)

    @property
    def unknown(self) -> list[str]:
        """Names in it that are no variables, in alphabetical order."""
        return sorted(set(_VARIABLE.findall(self)) - set(VARIABLES))

    @property
    def has_power(self) -> bool:
        """Whether it has a power of a term outside braces, which formulaic reads otherwise."""
        return "**" in _BRACES.sub("", self)

    def uses(self, variable: str) -> bool:
        """Return whether it names a variable."""
        return bool(_named(variable).search(self))

    def is_affine(self, variable: str) -> bool:
        """Return whether it stays a formula when a variable is replaced by a term.

        So it does where the variable stands outside braces and functions: there each of its terms
        is a constant or a multiple of the variable.
        """
        return not any(_named(variable).search(part) for part in _PYTHON.findall(self))

    def with_variable(self, variable: str, other: str) -> Formula:
        """Return the formula with another variable, or term, wherever it names ``variable``."""
        return Formula(_named(variable).sub(other, self))

    def with_data(self, measure: str) -> Formula:
        """Return the formula with a measure of data (one of ``DATA``) in place of d."""
        return self.with_variable("d", measure)


def _named(variable: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(variable)}\b")
