"""Tables of a page as a table of texts.

A page holds several tables; the entry of the source says which are meant, by their heading,
caption, id or number, and may name the benchmark each is of. The rows of all of them make one table
with all their columns, blank where a table has no such column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.records.parse.text import BENCHMARK, LINKS, check_cells, check_names, text_table
from algoprog.records.specification import PageTable


@dataclass
class FoundTable:
    """A table as it stands on a page: its header, and each row with its line.

    Attributes
    ----------
    headings : from the outermost to the heading the table stands under.
    rows : line and cells of each row.
    links : what the cells of each row link to; None where that is in their text.
    """

    line: int
    headings: tuple[str, ...]
    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    caption: str = ""
    id: str = ""
    links: list[list[str]] | None = None

    @property
    def position(self) -> dict[str, int]:
        """The place of each column."""
        return {name: i for i, name in enumerate(self.header)}

    def cells_of(self, name: str) -> list[str]:
        """Return the cells of a column; blanks of a column the table does not have."""
        return _column([cells for _, cells in self.rows], self.position.get(name))

    def links_of(self, name: str) -> list[str | None]:
        """Return what the cells of a column link to; None where links are in the text."""
        if self.links is None:
            return [None] * len(self.rows)
        return [*_column(self.links, self.position.get(name))]

    def meets(self, wanted: PageTable) -> bool:
        """Return whether the table is under the heading, and has the caption and id, wanted."""
        if wanted.path and not self._under([" ".join(name.split()) for name in wanted.path]):
            return False
        if wanted.caption and self.caption != " ".join(wanted.caption.split()):
            return False
        return not wanted.id or wanted.id == self.id

    def _under(self, path: Sequence[str]) -> bool:
        """Whether it stands under the last heading, and that under the others in their order."""
        if not self.headings or self.headings[-1] != path[-1]:
            return False
        above = iter(self.headings[:-1])
        return all(name in above for name in path[:-1])


def _column(rows: Sequence[Sequence[str]], position: int | None) -> list[str]:
    return ["" if position is None else cells[position] for cells in rows]


class Headings:
    """The headings above the place in a page that has been reached."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def add(self, level: int, name: str) -> None:
        """Pass a heading."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, name))

    def path(self) -> tuple[str, ...]:
        """Return the headings from the outermost on."""
        return tuple(name for _, name in self._open)


def chosen(found: Sequence[FoundTable], wanted: Sequence[PageTable], where: str) -> pl.DataFrame:
    """Return the wanted tables of a page as one table.

    Raises
    ------
    InputError
        if a table is not there or not the only one, or there are no rows.
    """
    tables = [(_only(found, table, where), table.benchmark) for table in wanted]
    names: dict[str, None] = {}
    for table, _ in tables:
        header = [name for name in table.header if name]
        check_names(where, f"line {table.line}", header)
        names.update(dict.fromkeys(header))
    height = sum(len(table.rows) for table, _ in tables)
    if not height:
        fix = "give a page with a row for each system or evaluation"
        raise InputError(where, "", "no records", fix)
    check_cells(where, height, 2 * len(names))
    columns: dict[str, list[str | None]] = {
        name: [cell for table, _ in tables for cell in table.cells_of(name)] for name in names
    }
    if any(table.links is not None for table, _ in tables):
        columns |= {
            f"{name}{LINKS}": [link for table, _ in tables for link in table.links_of(name)]
            for name in names
        }
    places = [f"line {line}" for table, _ in tables for line, _ in table.rows]
    result = text_table(where, columns, places)
    benchmarks = [benchmark for table, benchmark in tables for _ in table.rows]
    if any(benchmarks):
        result = result.with_columns(pl.Series(BENCHMARK, benchmarks, pl.String))
    return result


def _only(found: Sequence[FoundTable], wanted: PageTable, where: str) -> FoundTable:
    """The table that alone meets every condition of an entry."""
    shown = ", ".join(f"{key} {_shown(value)}" for key, value in wanted.conditions.items())
    fits = [table for table in found if table.meets(wanted)]
    if wanted.index is not None:
        fits = fits[wanted.index - 1 : wanted.index]
    if len(fits) == 1:
        return fits[0]
    if fits:
        lines = ", ".join(str(table.line) for table in fits[:10])
        fix = (
            f"it is in lines {lines}: add the heading above it (heading: [outer, inner]), or index"
        )
        raise InputError(where, "tables", f"{len(fits)} tables of {shown}", fix)
    there = dict.fromkeys(_shown([*table.headings[-1:], table.caption]) for table in found)
    fix = f"correct the source's tables; the page has {len(found)}, under: {'; '.join(there)}"
    raise InputError(where, "tables", f"no table of {shown}", fix[:500])


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " > ".join(str(part) for part in value if part)
    return str(value)


def check_rows(table: FoundTable, where: str, fix: str) -> None:
    """Refuse a row with more cells than the header; give a row with fewer its blanks."""
    for line, cells in table.rows:
        if len(cells) > len(table.header):
            found = f"{len(cells)} cells under {len(table.header)} column names"
            raise InputError(where, f"line {line}", found, fix)
        cells += [""] * (len(table.header) - len(cells))
