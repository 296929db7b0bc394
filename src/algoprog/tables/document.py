"""The declared tables as a document, and as comments of a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from algoprog.tables.declaration import Column, Table

_HEAD = """\
# Read the tables

Every number of the report is in a table: `results/tables/<name>.csv` (UTF-8, full
precision, blank = no value, `inf` = infinite) and the table of the same name in
`results/results.duckdb`, where types are as below and the texts are comments (`SELECT * FROM
duckdb_columns()`). [Ten questions in SQL](query.md) show how to ask them.

Intervals are percentiles of bootstrap draws. A growth rate g (per year) means a doubling
time of 12 ln 2 / g months, infinite at g = 0. Converged intervals are computed on g and then
converted, so they never turn negative; published ones are computed on months, as in the paper.
For arithmetic use the `growth_…` columns. Tables of other targets (`make multiverse`, `make bayes`,
…) are there when those have run. `make docs` writes this page from the declarations of the tables,
which stand in the file `tables.py` of the package that makes them (`src/algoprog/*/tables.py`)."""


def comments(name: str, table: Table, columns: Iterable[str]) -> Iterator[str]:
    """Yield the DuckDB statements that say what the table `name` and these columns of it hold.

    Raises
    ------
    KeyError
        for a column that is not of `table`.
    """
    yield _comment("TABLE", f'"{name}"', table.about)
    for column in columns:
        yield _comment("COLUMN", f'"{name}"."{column}"', table.column(column).text)


def _comment(kind: str, name: str, text: str) -> str:
    quoted = text.replace("'", "''")
    return f"COMMENT ON {kind} {name} IS '{quoted}'"


def markdown(tables: Iterable[Table]) -> str:
    """Return docs/read-the-tables.md: every table by group, with its key and its columns."""
    by_group: dict[str, list[Table]] = {}
    for table in tables:
        by_group.setdefault(table.group.title, []).append(table)
    lines = _HEAD.splitlines()
    for title, members in by_group.items():
        lines += ["", f"## {title}"]
        for table in members:
            lines += _section(table)
    return "\n".join(lines) + "\n"


def _section(table: Table) -> list[str]:
    key = ", ".join(f"`{column}`" for column in table.key)
    lines = ["", f"### {table.name}", "", f"One row per {table.row}. Key: {key}.", ""]
    lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
    lines += [_line(f"`{name}`", column) for name, column in _shortened(table.columns)]
    if table.others is not None:
        lines.append(_line("any other", table.others))
    return lines


def _line(name: str, column: Column) -> str:
    return f"| {name} | {column.kind} | {column.unit} | {column.meaning} |"


def _shortened(columns: Iterable[Column]) -> Iterator[tuple[str, Column]]:
    """Yield columns with their names, the ends of an interval in one line."""
    given = {column.name: column for column in columns}
    for name, column in given.items():
        if name.endswith("ci50_low") and name.replace("50_low", "90_low") in given:
            prefix = name.removesuffix("ci50_low")
            of = column.meaning.partition("interval of ")[2]
            meaning = f"50, 90 and 95 % interval of {of}"
            ends = f"{prefix}ci50_low` … `{prefix}ci95_high"
            yield ends, Column(name, column.kind, column.unit, meaning)
        elif not any(level in name for level in ("ci50_", "ci90_", "ci95_")) or (
            name.replace("ci95_", "ci50_") not in given
        ):
            yield name, column
