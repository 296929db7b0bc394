"""Variables of formulas that a configuration adds: arithmetic of what records hold.

A sample that names one keeps only the records that have it, and holds its value in a column called
:data:`PREFIX` and the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.grammar import names_in, parse_arithmetic
from algoprog.records.derived import derived

PREFIX = "variable_"


@dataclass(frozen=True)
class Measured:
    """A variable: its formula of fields of a record, and whether it is counted from its least.

    ``from_least`` subtracts the least value of the sample, as n, d and c are counted.
    """

    formula: str
    from_least: bool = True

    def of(self, name: str, records: pl.DataFrame) -> pl.Series:
        """Return the value of each record; null where a part of it is blank or it is not finite.

        Raises
        ------
        InputError
            for a field that the records do not have.
        """
        fields = sorted(names_in(parse_arithmetic(self.formula)))
        absent = [field for field in fields if field not in records.columns]
        if absent:
            fix = "give it a column in a source (`columns: {extra: ...}`), or correct the formula"
            raise InputError("config.yaml", f"variables.{name}", ", ".join(absent), fix)
        values = derived(self.formula, {field: records[field] for field in fields})
        return values.set((~values.is_finite()).fill_null(True), None)


def with_variables(rows: pl.DataFrame, variables: Mapping[str, Measured]) -> list[pl.Series]:
    """Return the columns that a sample's rows, which all have the variables, hold of them."""
    found = []
    for name, one in variables.items():
        values = one.of(name, rows)
        origin = values.min() if one.from_least else 0.0
        found.append((values - origin).alias(PREFIX + name))
    return found
