"""What a result table is: its columns with kind, unit and meaning, and what tells its rows apart.

A table is declared once, in the light module ``tables.py`` of the package that makes it. The
declaration drives the types a frame is built and read with, the order of rows, the check that no
two rows have one key, DuckDB's types and comments, ``docs/read-the-tables.md``, the labels of
Snakemake's report and the lists of tables the rules make. This module imports nothing heavy, for
the configuration reads declarations in every run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number", "truth", "date"]


@dataclass(frozen=True)
class Group:
    """A heading of the documents under which tables stand; its caption is in workflow/report.

    name   name of the caption's file
    title  the heading
    """

    name: str
    title: str


@dataclass(frozen=True)
class Column:
    """A column of a table.

    name     as in the file's header
    kind     type of its values: text, integer, number (double precision), truth or date
    unit     unit of its values; blank where they have none
    meaning  what it holds
    """

    name: str
    kind: Kind
    unit: str
    meaning: str

    @property
    def text(self) -> str:
        """The meaning, with the unit in parentheses behind what it is the unit of."""
        if not self.unit:
            return self.meaning
        what, more, rest = self.meaning.partition("; ")
        return f"{what} ({self.unit}){more}{rest}"


@dataclass(frozen=True)
class Table:
    """A result table.

    name     name of its file and of its table in DuckDB
    group    the heading it stands under
    row      what one row is of
    key      columns that tell rows apart
    ordered  columns that rows are sorted by; the key if None. Rows that agree on them keep the
             order they are given in, such as the parameters of a model
    columns  the columns in order
    others   what columns are that the configuration names, which stand anywhere among the others;
             None where it names none
    part     the part of the configuration without which the table is not made, or the target that
             makes it; blank for a table that every run makes
    """

    name: str
    group: Group
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    ordered: tuple[str, ...] | None = None
    others: Column | None = None
    part: str = ""

    def __post_init__(self) -> None:
        names = self.names
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ValueError(f"table {self.name}: columns declared twice: {', '.join(twice)}")
        unknown = sorted({*self.key, *self.order} - set(names))
        if unknown:
            raise ValueError(f"table {self.name}: no columns of it: {', '.join(unknown)}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the declared columns in order."""
        return tuple(column.name for column in self.columns)

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that rows are sorted by."""
        return self.key if self.ordered is None else self.ordered

    @property
    def about(self) -> str:
        """What one row is of and what tells rows apart, in a sentence each."""
        return f"One row per {self.row}. Key: {', '.join(self.key)}."

    def column(self, name: str) -> Column:
        """Return the column of this name.

        Raises
        ------
        KeyError
            where it is not declared and the configuration names no columns.
        """
        for column in self.columns:
            if column.name == name:
                return column
        if self.others is None:
            raise KeyError(f"table {self.name} has no column {name}")
        return self.others

    def disagreement(self, names: Iterable[str]) -> str:
        """Return how columns of these `names` differ from the declared ones; blank if they agree.

        Names that the configuration may give are passed over where the table has such columns.
        """
        given = [name for name in names if self.others is None or name in self.names]
        if tuple(given) == self.names:
            return ""
        missing = [name for name in self.names if name not in given]
        unknown = [name for name in given if name not in self.names]
        if not missing and not unknown:
            return f"columns in the order {', '.join(given)}, declared as {', '.join(self.names)}"
        words = {"missing": missing, "not declared": unknown}
        return "; ".join(f"{what}: {', '.join(found)}" for what, found in words.items() if found)


def by_name(tables: Iterable[Table]) -> dict[str, Table]:
    """Return `tables` by their names.

    Raises
    ------
    ValueError
        where two have the same name.
    """
    found: dict[str, Table] = {}
    for table in tables:
        if table.name in found:
            raise ValueError(f"two tables are named {table.name}")
        found[table.name] = table
    return found
