"""Formulas of a variant compiled to the columns of a design, and to their slopes.

It knows formulas and rows; it knows no estimator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.grammar import BENCHMARK, FormulaError
from algoprog.model.columns import Column, columns, directions
from algoprog.model.design import Design, Term
from algoprog.model.formula import Formula
from algoprog.model.units import Values
from algoprog.model.variant import Formulas, Variant

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Rows to compile on, and the direction in which slopes are taken.

    values : n values of each variable (:class:`algoprog.model.units.Units`).
    levels : benchmarks of the estimation sample, the baseline first.
    direction : derivative of each variable along it; empty where no slopes are wanted.
    """

    values: Values
    levels: tuple[str, ...]
    direction: Mapping[str, float]

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.values["b"])


@dataclass(frozen=True)
class _Declared:
    """A formula with the parameter it multiplies, of a variant."""

    variant: str
    parameter: str
    formula: Formula

    def refused(self, value: object, fix: str) -> InputError:
        place = f"variants.{self.variant}: {self.parameter}: {self.formula}"
        return InputError("config.yaml", place, value, fix)

    def columns(self, rows: Rows) -> dict[str, Column]:
        """The columns it expands to, by the name of the parameter of each."""
        try:
            parsed = self.formula.parsed
        except FormulaError as error:
            raise self.refused(error.wrong, error.fix) from None
        unknown = sorted(parsed.names - set(rows.values))
        if unknown:
            fix = f"use the variables {', '.join(rows.values)}, or add it to the sample's variables"
            raise self.refused(", ".join(unknown), fix)
        expanded: dict[str, Column] = {}
        with np.errstate(all="ignore"):
            made = list(columns(parsed, rows.values, rows.values["b"], rows.levels, rows.direction))
        for column in made:
            name = self.parameter
            if column.benchmark is not None:
                name = f"{name}_{column.benchmark}"
            wrong = int((~np.isfinite(column.value)).sum())
            if wrong:
                raise self.refused(
                    f"{name} is not a finite number on {wrong} rows",
                    "use variables that are known for every row of the sample",
                )
            expanded[name] = column
        if len(expanded) < len(made) or not made:
            raise self.refused(
                f"{len(made)} columns for {', '.join(expanded) or self.parameter}",
                "give each column its own parameter; only benchmark dummies share one name",
            )
        return expanded


@dataclass
class _Compilation:
    """A design in the making: what the terms compiled so far have come to."""

    variant: Variant
    rows: Rows
    names: list[str] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    columns: list[Column] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    offsets: list[Array] = field(default_factory=list)
    offset_slopes: list[Array] = field(default_factory=list)
    held_used: set[str] = field(default_factory=set)
    slopes: set[str] = field(default_factory=set)

    def expanded(self, parameter: str, formula: Formula) -> dict[str, Column]:
        return _Declared(self.variant.name, parameter, formula).columns(self.rows)

    def add_term(self, formulas: Formulas, exponential: bool) -> None:
        start = len(self.columns)
        offset, slope = np.zeros(self.rows.n), np.zeros(self.rows.n)
        for parameter, formula in formulas.items():
            for name, column in self.expanded(parameter, formula).items():
                if self.declared.setdefault(name, parameter) != parameter:
                    raise _Declared(self.variant.name, parameter, formula).refused(
                        f"{name} also comes from {self.declared[name]} and its benchmark dummies",
                        "give one of the two another name",
                    )
                if formula.names - {BENCHMARK}:
                    self.slopes.add(name)
                if name in self.variant.hold:
                    self.held_used.add(name)
                    offset += self.variant.hold[name] * column.value
                    slope += self.variant.hold[name] * column.slope
                    continue
                if name not in self.names:
                    self.names.append(name)
                self.columns.append(column)
                self.owner.append(self.names.index(name))
        self.terms.append(Term(exponential, start, len(self.columns)))
        self.offsets.append(offset)
        self.offset_slopes.append(slope)

    def multiplier(self) -> tuple[Array, int]:
        """The indicator (n,) of rows multiplied by sigma(gamma), and gamma's number or -1."""
        for parameter, formula in self.variant.multiplier.items():
            expanded = self.expanded(parameter, formula)
            name, indicator = next((name, one.value) for name, one in expanded.items())
            if len(expanded) > 1 or name in self.names or name in self.held_used:
                raise InputError(
                    "config.yaml",
                    f"variants.{self.variant.name}: multiplier: {parameter}: {formula}",
                    ", ".join(expanded),
                    "give the multiplier one column and a name of its own",
                )
            self.slopes.add(name)
            if name not in self.variant.hold:
                self.names.append(name)
                return indicator, len(self.names) - 1
            self.held_used.add(name)
            log_sigma = -np.logaddexp(0.0, -self.variant.hold[name])
            for term, offset in zip(self.terms, self.offsets, strict=True):
                if term.exponential:
                    offset += log_sigma * indicator
        return np.zeros(self.rows.n), -1

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
    values, levels : see :class:`Rows`.

    Raises
    ------
    InputError
        for a formula that cannot be read, a variable that does not exist, a value that is not
        finite, or a held parameter the variant does not have.
    """
    made = _compiled(variant, Rows(values, tuple(levels), {}))
    multiplier, gamma = made.multiplier()
    made.check_held()
    return Design(
        variant=variant.name,
        parameters=tuple(made.names),
        columns=_stacked([column.value for column in made.columns], made.rows.n),
        parameter_of_column=np.array(made.owner, dtype=np.int64),
        terms=tuple(made.terms),
        offset=np.array(made.offsets),
        multiplier=np.ascontiguousarray(multiplier, dtype=float),
        multiplier_parameter=gamma,
        free=frozenset(set(made.names) - made.slopes if variant.penalise == "slopes" else ()),
    )


@dataclass(frozen=True)
class Tangent:
    """Derivatives of a design's columns (m, n) and offsets (K, n) along one direction."""

    columns: Array
    offset: Array


def tangent(variant: Variant, values: Values, levels: Sequence[str], along: str) -> Tangent:
    """Return the exact derivatives of a variant's design along t, n or d (per year, per ln unit).

    Raises
    ------
    InputError
        as :func:`compile_variant`, and for a slope that is not finite.
    """
    made = _compiled(variant, Rows(values, tuple(levels), directions(along, variant.variables)))
    slopes = _stacked([column.slope for column in made.columns], made.rows.n)
    offset = np.array(made.offset_slopes)
    if not (np.isfinite(slopes).all() and np.isfinite(offset).all()):
        raise variant.refused(
            "", f"a column whose slope in {along} is not finite", "write it without roots of zero"
        )
    return Tangent(slopes, offset)


def _compiled(variant: Variant, rows: Rows) -> _Compilation:
    made = _Compilation(variant, rows)
    for formulas in variant.exponentials:
        made.add_term(formulas, exponential=True)
    if variant.linear:
        made.add_term(variant.linear, exponential=False)
    return made


def _stacked(rows: Sequence[Array], n: int) -> Array:
    return np.ascontiguousarray(np.array(rows, dtype=float).reshape(-1, n))
