"""The role of each parameter of a variant, read off how its first column moves with scale and time.

A role says what quantity the parameter stands for (:mod:`algoprog.bayes.priors` lists the roles);
the quantity is one row of q = M theta + held. It knows columns at the middle of a sample; it knows
no prior.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.bayes.middle import Middle, Of, slope, time, value
from algoprog.model.design import Design

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Quantity:
    """What one parameter stands for.

    Attributes
    ----------
    parameter : index of the parameter.
    role : the parameter's role.
    term : the term its first column is in.
    row : (p,) the quantity's row of M.
    held : what held parameters add to it.
    benchmark : of a level, a rate or a difference of these: the benchmark it belongs to; None of a
        quantity that no other exponential shares.
    """

    parameter: int
    role: str
    term: int
    row: Array
    held: float = 0.0
    benchmark: str | None = None


@dataclass(frozen=True)
class _Term:
    """One term of a design and its columns at the middle of the sample."""

    design: Design
    middle: Middle
    k: int

    @cached_property
    def columns(self) -> Integers:
        term = self.design.terms[self.k]
        return np.arange(term.start, term.stop)

    @cached_property
    def side(self) -> dict[int, int]:
        """Of each column: 0 if ln N moves it anywhere, 1 if ln D does, else -1."""
        return {c: next((s for s in (0, 1) if self._moves(c, slope(s))), -1) for c in self.columns}

    @cached_property
    def timed(self) -> set[int]:
        """Columns that time moves anywhere."""
        return {c for c in self.columns if self._moves(c, time)}

    def _moves(self, column: int, of: Of) -> bool:
        return any(of(at)[column] for at in self.middle.everywhere)

    def _row(self, columns: Integers | Sequence[int], weights: Array) -> Array:
        """Row of M that weighs the parameters of columns."""
        row = np.zeros(self.design.p)
        np.add.at(row, self.design.parameter_of_column[columns], weights)
        return row

    def _single(self, column: int, values: Array, sign: float = 1.0) -> Array:
        """Row of M of one column alone."""
        return self._row(np.array([column]), sign * values[np.array([column])])

    def quantity(self, column: int, has_level: bool) -> Quantity:
        """Return what the parameter of a column stands for.

        ``has_level`` says whether another column of the term is its level already.
        """
        if not self.design.terms[self.k].exponential:
            return self._made(column, "linear", self._at_its_place(column))
        if column in self.timed:
            return self._rate(column)
        if self.side[column] >= 0:
            return self._elasticity(column)
        if all(at.value[column] for at in self.middle.both) and not has_level:
            return self._level(column)
        return self._level_difference(column)

    def _made(self, column: int, role: str, row: Array, **more: Any) -> Quantity:
        return Quantity(int(self.design.parameter_of_column[column]), role, self.k, row, **more)

    def _at_its_place(self, column: int) -> Array:
        return self._single(column, self.middle.where(column, value).value)

    def _rate(self, column: int) -> Quantity:
        middle = self.middle
        main = any(at.time[column] for at in middle.both)
        return self._made(
            column,
            "rate" if main else "rate difference",
            self._single(column, middle.where(column, time).time, -1.0),
            benchmark=middle.baseline if main else middle.benchmark_of(column, time),
        )

    def _elasticity(self, column: int) -> Quantity:
        """Return the elasticity where no other column of its side is there, else a difference."""
        s = self.side[column]
        others = [r for r in self.columns if self.side[r] == s]
        rivals = [r for r in others if r not in self.timed and r != column]
        alone = [
            at for at in self.middle.both if at.slopes[s][column] and not any(at.slopes[s][rivals])
        ]
        if alone:
            row = self._row(self.columns, -alone[0].slopes[s][self.columns])
            return self._made(column, "exponent", row, held=-alone[0].held_slopes[s][self.k])
        slopes = self.middle.where(column, slope(s)).slopes[s]
        return self._made(column, "exponent difference", self._single(column, slopes, -1.0))

    def _level(self, column: int) -> Quantity:
        usual = self.middle.usual
        row = self._row(self.columns, usual.value[self.columns])
        return self._made(column, "level", row, held=usual.held[self.k], benchmark="")

    def _level_difference(self, column: int) -> Quantity:
        middle, role = self.middle, "level difference"
        shared = any(at.value[column] for at in middle.both)
        if shared or not any(at.value[column] for at in middle.everywhere):
            return self._made(column, role, self._at_its_place(column))
        benchmark = middle.benchmark_of(column, value)
        there, usual = middle.points[benchmark, 1.0], middle.usual
        row = self._row(self.columns, there.value[self.columns] - usual.value[self.columns])
        held = there.held[self.k] - usual.held[self.k]
        return self._made(column, role, row, held=held, benchmark=benchmark)


def quantities_of(design: Design, middle: Middle) -> list[Quantity]:
    """Return what each parameter of a variant stands for, in the order of the columns."""
    found: dict[int, Quantity] = {}
    for k in range(len(design.terms)):
        term = _Term(design, middle, k)
        has_level = False
        for column in term.columns:
            if int(design.parameter_of_column[column]) not in found:
                quantity = term.quantity(column, has_level)
                found[quantity.parameter] = quantity
                has_level = has_level or quantity.role == "level"
    gamma = design.multiplier_parameter
    if gamma >= 0:
        found[gamma] = Quantity(gamma, "multiplier", -1, np.eye(design.p)[gamma])
    return list(found.values())


@dataclass(frozen=True)
class Groups:
    """Parameters that exponentials share a role in: a parameter (or -1) for each exponential.

    Attributes
    ----------
    exponentials : the terms that are exponentials.
    levels : of the baseline, at most one group: complete, or none.
    level_differences : of each benchmark that has a difference in every exponential.
    benchmarks : the benchmarks of ``level_differences``.
    rates : rates that are taken together, of two exponentials or more.
    """

    exponentials: tuple[int, ...]
    levels: list[list[int]]
    level_differences: list[list[int]]
    benchmarks: list[str]
    rates: list[list[int]]

    @classmethod
    def of(cls, design: Design, quantities: Sequence[Quantity]) -> Groups:
        """Return the groups of a variant's quantities."""
        exponentials = tuple(k for k, term in enumerate(design.terms) if term.exponential)

        def groups(role: str, numbered: bool) -> dict[tuple[str, int], list[int]]:
            members = _members(quantities, role, numbered)
            return {key: [of.get(k, -1) for k in exponentials] for key, of in members.items()}

        levels = [g for g in groups("level", False).values() if min(g) >= 0]
        differences = {
            benchmark: g
            for (benchmark, _), g in groups("level difference", False).items()
            if levels and min(g) >= 0
        }
        rates = [
            g
            for role in ("rate", "rate difference")
            for g in groups(role, True).values()
            if sum(j >= 0 for j in g) > 1
        ]
        return cls(exponentials, levels, [*differences.values()], [*differences], rates)

    def with_splits(self, quantities: Sequence[Quantity]) -> Iterator[Quantity]:
        """Yield the quantities, all but the first of a group of levels being splits."""
        role = {j: "split" for group in self.levels for j in group[1:]}
        role |= {j: "split difference" for group in self.level_differences for j in group[1:]}
        for quantity in quantities:
            yield replace(quantity, role=role.get(quantity.parameter, quantity.role))


def _members(
    quantities: Sequence[Quantity], role: str, numbered: bool
) -> Mapping[tuple[str, int], Mapping[int, int]]:
    """Parameters of a role by term, of each benchmark and number.

    ``numbered``: the second parameter that an exponential has in the role on a benchmark is in a
    group of its second parameters, and so on; else only the first counts.
    """
    found: dict[tuple[str, int], dict[int, int]] = {}
    for quantity in quantities:
        if quantity.role == role and quantity.benchmark is not None:
            had = [of for (b, _), of in found.items() if b == quantity.benchmark]
            number = sum(quantity.term in of for of in had) if numbered else 0
            found.setdefault((quantity.benchmark, number), {}).setdefault(
                quantity.term, quantity.parameter
            )
    return found
