"""What every kind of source is parsed into: a table of texts that knows where each row stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

from algoprog.common.errors import InputError

# Columns that a parsed table has besides the source's: the number of the row among the data rows
# (from 1), and where a user finds it ("line 17"). A kind may also have the benchmark its entry
# names for a table, and the addresses a column's cells link to.
ROW = "#row"
PLACE = "#place"
BENCHMARK = "#benchmark"
LINKS = "#links"

LARGEST_TABLE = 10_000_000  # cells: a few hundred bytes can describe a table that fills a machine
LARGEST_PAGE = 20_000_000  # bytes of a Markdown or HTML page


def check_size(content: bytes, where: str) -> None:
    """Refuse a page of more than :data:`LARGEST_PAGE` bytes."""
    if len(content) > LARGEST_PAGE:
        found = f"{len(content) / 1e6:.0f} MB"
        fix = f"give a page of at most {LARGEST_PAGE // 10**6} MB"
        raise InputError(where, "size", found, fix)


def check_names(where: str, place: str, names: Sequence[str]) -> None:
    """Refuse columns of one name, and names that are ours."""
    for name, times in Counter(names).items():
        if times > 1 or name in (ROW, PLACE, BENCHMARK) or name.endswith(LINKS):
            raise InputError(where, place, name, "give each column a name of its own")


def text_table(
    where: str,
    columns: Mapping[str, Sequence[str | None]],
    places: Sequence[str],
    *,
    numbers: Sequence[int] | None = None,
) -> pl.DataFrame:
    """Return a table of texts with :data:`ROW` and :data:`PLACE`; rows are counted unless numbered.

    Raises
    ------
    InputError
        if it is larger than :data:`LARGEST_TABLE` or holds what is no text.
    """
    check_cells(where, len(places), len(columns))
    for name, cells in {"": list(columns), **columns}.items():
        try:
            joined = "".join(cell for cell in cells if cell)
            if "\0" in joined:
                fix = "it holds a NUL character, which no text has: take it out"
                raise InputError(where, f"column {_safe(name)}", "no text", fix)
            joined.encode()
        except UnicodeEncodeError:
            fix = "it has half of a character (a lone surrogate): save the file as UTF-8"
            raise InputError(where, f"column {_safe(name)}", "no text", fix) from None
    if numbers is None:
        numbers = range(1, len(places) + 1)
    return pl.DataFrame(
        {ROW: numbers, PLACE: places, **columns},
        schema={ROW: pl.Int64, PLACE: pl.String, **dict.fromkeys(columns, pl.String)},
    )


def check_cells(where: str, rows: int, columns: int) -> None:
    """Refuse a table of more than :data:`LARGEST_TABLE` cells."""
    if rows * max(columns, 1) > LARGEST_TABLE:
        fix = f"give a table of at most {LARGEST_TABLE} cells"
        raise InputError(where, "size", f"{rows} rows of {columns} columns", fix)


def _safe(name: str) -> str:
    return name.encode(errors="backslashreplace").decode()
