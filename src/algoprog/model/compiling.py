"""Formulas of a variant compiled to the columns of a design; knows no estimator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.model.design import Design, Term
from algoprog.model.formula import VARIABLES, Formula
from algoprog.model.units import Values
from algoprog.model.variant import Formulas, Variant

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@cache
def _parse(formula: str) -> Any:
    from formulaic import Formula as Parsed
    from formulaic.parser import DefaultFormulaParser

    return Parsed(formula, _parser=DefaultFormulaParser(include_intercept=False))


@dataclass(frozen=True)
class _Declared:
    """A formula with the parameter it multiplies, of a variant."""

    variant: str
    parameter: str
    formula: Formula

    def refused(self, value: object, fix: str) -> InputError:
        place = f"variants.{self.variant}: {self.parameter}: {self.formula}"
        return InputError("config.yaml", place, value, fix)

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The columns formulaic makes of it, without its sign."""
        from formulaic.errors import FormulaicError

        if self.formula.has_power:
            # to formulaic a power of a term is a set of interactions: n**2 would be n
            raise self.refused(self.formula, "put a power in braces, such as {n**2}")
        try:
            parsed = _parse(self.formula.strip().removeprefix("-").strip())
            unknown = sorted(set(parsed.required_variables) - set(VARIABLES))
            if unknown:
                raise self.refused(", ".join(unknown), f"use the variables {', '.join(VARIABLES)}")
            # by default formulaic leaves out rows that are NaN; they are reported below
            with np.errstate(all="ignore"):
                return parsed.get_model_matrix(frame, na_action="ignore")
        except FormulaicError as error:
            reason = str(error).splitlines()[0]  # further lines are a drawing for a terminal
            fix = f"write a formula such as -t:(1+b) ({reason})"
            raise self.refused(self.formula, fix) from None

    def columns(self, frame: pd.DataFrame) -> list[tuple[str, Array]]:
        """Names of the parameters it expands to, each with its signed values (n,)."""
        matrix = self.matrix(frame)
        sign = -1.0 if self.formula.strip().startswith("-") else 1.0
        expanded = []
        for column in matrix.columns:
            level = ""
            for factor in column.split(":"):
                if factor.startswith("b["):
                    level = factor.removeprefix("b[").removeprefix("T.").removesuffix("]")
            values = sign * np.asarray(matrix[column], dtype=float)
            if not np.isfinite(values).all():
                rows = int((~np.isfinite(values)).sum())
                raise self.refused(
                    f"{column} is not a finite number on {rows} rows",
                    "use variables that are known for every row of the sample",
                )
            expanded.append((f"{self.parameter}_{level}" if level else self.parameter, values))
        names = [name for name, _ in expanded]
        if len(set(names)) != len(names) or not names:
            raise self.refused(
                f"{len(names)} columns: {', '.join(matrix.columns)}",
                "give each column its own parameter; only benchmark dummies share one name",
            )
        return expanded


@dataclass
class _Compilation:
    """A design in the making: what the terms compiled so far have come to."""

    variant: Variant
    frame: pd.DataFrame
    names: list[str] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    columns: list[Array] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    offsets: list[Array] = field(default_factory=list)
    held_used: set[str] = field(default_factory=set)

    def expanded(self, parameter: str, formula: Formula) -> list[tuple[str, Array]]:
        return _Declared(self.variant.name, parameter, formula).columns(self.frame)

    def add_term(self, formulas: Formulas, exponential: bool) -> None:
        start = len(self.columns)
        offset = np.zeros(len(self.frame))
        for parameter, formula in formulas.items():
            for name, column in self.expanded(parameter, formula):
                if self.declared.setdefault(name, parameter) != parameter:
                    raise _Declared(self.variant.name, parameter, formula).refused(
                        f"{name} also comes from {self.declared[name]} and its benchmark dummies",
                        "give one of the two another name",
                    )
                if name in self.variant.hold:
                    self.held_used.add(name)
                    offset += self.variant.hold[name] * column
                    continue
                if name not in self.names:
                    self.names.append(name)
                self.columns.append(column)
                self.owner.append(self.names.index(name))
        self.terms.append(Term(exponential, start, len(self.columns)))
        self.offsets.append(offset)

    def multiplier(self) -> tuple[Array, int]:
        """The indicator (n,) of rows multiplied by sigma(gamma), and gamma's number or -1."""
        n = len(self.frame)
        for parameter, formula in self.variant.multiplier.items():
            expanded = self.expanded(parameter, formula)
            name, indicator = expanded[0]
            if len(expanded) > 1 or name in self.names or name in self.held_used:
                raise InputError(
                    "config.yaml",
                    f"variants.{self.variant.name}: multiplier: {parameter}: {formula}",
                    ", ".join(name for name, _ in expanded),
                    "give the multiplier one column and a name of its own",
                )
            if name not in self.variant.hold:
                self.names.append(name)
                return indicator, len(self.names) - 1
            self.held_used.add(name)
            log_sigma = -np.logaddexp(0.0, -self.variant.hold[name])
            for term, offset in zip(self.terms, self.offsets, strict=True):
                if term.exponential:
                    offset += log_sigma * indicator
        return np.zeros(n), -1

    def check_held(self) -> None:
        missing = sorted(set(self.variant.hold) - self.held_used)
        if missing:
            known = ", ".join([*self.names, *sorted(self.held_used)])
            raise InputError(
                "config.yaml",
                f"variants.{self.variant.name}.hold",
                ", ".join(missing),
                f"hold a parameter of the variant: {known}",
            )


def compile_variant(variant: Variant, values: Values, levels: Sequence[str]) -> Design:
    """Return a variant's design on rows given by their variables.

    Parameters
    ----------
    values : n values of each of ``VARIABLES`` (:class:`algoprog.model.units.Units`).
    levels : benchmarks of the estimation sample, the baseline first.

    Raises
    ------
    InputError
        for a formula that cannot be read, a variable that does not exist, a value that is not
        finite, or a held parameter the variant does not have.
    """
    import pandas as pd

    frame = pd.DataFrame({**values, "b": pd.Categorical(values["b"], categories=list(levels))})
    made = _Compilation(variant, frame)
    for formulas in variant.exponentials:
        made.add_term(formulas, exponential=True)
    if variant.linear:
        made.add_term(variant.linear, exponential=False)
    multiplier, gamma = made.multiplier()
    made.check_held()
    columns = np.array(made.columns, dtype=float).reshape(-1, len(frame))
    return Design(
        variant=variant.name,
        parameters=tuple(made.names),
        columns=np.ascontiguousarray(columns),
        parameter_of_column=np.array(made.owner, dtype=np.int64),
        terms=tuple(made.terms),
        offset=np.array(made.offsets),
        multiplier=np.ascontiguousarray(multiplier, dtype=float),
        multiplier_parameter=gamma,
    )
