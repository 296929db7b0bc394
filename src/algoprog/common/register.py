"""A register: a CSV file of ours, read line by line, its form checked.

The module knows the form of the file (one header, as many cells in each line, quotes that close);
it knows no column. It imports nothing that is slow.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from algoprog.common.decoding import decode
from algoprog.common.errors import InputError


@dataclass(frozen=True)
class Line:
    """One row of a register: the line of the file that it ends on, and its cells by column."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return a cell without the blanks at its ends; empty where there is no such column."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True)
class Register:
    """A register's header and lines, and what errors call the file."""

    where: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]

    def check_header(self, columns: Iterable[str]) -> None:
        """Refuse a header other than ``columns``, in this order.

        Raises
        ------
        InputError
            with the header that is there and the one that is needed.
        """
        expected = tuple(columns)
        if self.header != expected:
            fix = f"the header is {','.join(expected)}"
            raise InputError(self.where, "line 1", ",".join(self.header), fix)

    def check_columns(self, columns: Iterable[str], fix: str = "add the column") -> None:
        """Refuse a header that lacks one of ``columns``.

        Raises
        ------
        InputError
            naming the first that is missing, with ``fix``.
        """
        for column in columns:
            if column not in self.header:
                raise InputError(self.where, "header", f"no column {column!r}", fix)


def read_register(content: bytes, where: str) -> Register:
    """Return the header and lines of a CSV file in UTF-8; lines without a cell are left out.

    Raises
    ------
    InputError
        for a file that is no CSV or not UTF-8, a column that stands twice, a line with another
        number of cells than the header, and a quote that is not closed.
    """
    rows = csv.reader(io.StringIO(decode(content, where, "CSV"), newline=""), strict=True)
    header: tuple[str, ...] = ()
    lines: list[Line] = []
    try:
        for cells in rows:
            if not header:
                header = _header(cells, where)
            elif cells:
                if len(cells) != len(header):
                    fix = f"give {len(header)}, as in the header; quote cells that hold a comma"
                    raise InputError(where, f"line {rows.line_num}", f"{len(cells)} cells", fix)
                lines.append(Line(rows.line_num, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        fix = "close every quote, and double a quote within a quoted cell"
        raise InputError(where, f"line {rows.line_num}", str(error), fix) from None
    return Register(where, header, tuple(lines))


def _header(cells: list[str], where: str) -> tuple[str, ...]:
    names = [cell.strip() for cell in cells]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(where, "line 1", twice, "give each column a name of its own")
    return tuple(names)
