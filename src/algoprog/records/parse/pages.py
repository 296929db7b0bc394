"""Tables of Markdown and HTML pages as tables of texts.

A page holds several tables; the entry of the source says which are meant, by their heading,
caption, id or number, and may name the benchmark each is of. The rows of all of them make one table
with all their columns, blank where a table has no such column.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from algoprog.common.decoding import decode
from algoprog.common.errors import InputError
from algoprog.records.parse.cells import text as cell_text
from algoprog.records.parse.text import (
    BENCHMARK,
    LINKS,
    check_cells,
    check_names,
    check_size,
    text_table,
)


@dataclass
class _Table:
    """A table as it stands on a page: its header, and each row with its line."""

    line: int
    headings: tuple[str, ...]  # from the outermost to the one it stands under
    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    caption: str = ""
    id: str = ""
    # What the cells of each row link to, where that is not in their text.
    links: list[list[str]] | None = None


def parse_markdown_table(content: bytes, spec: Mapping[str, Any], where: str) -> pl.DataFrame:
    r"""The tables that `spec["tables"]` names of a page in GitHub-flavoured Markdown.

    A cell is the text between two pipes as it stands, with `\|` as a pipe. A row may lack cells at
    its end, which are blank, but not have more than the header. Headings are compared without
    marks; fenced code is passed over.

    Raises
    ------
    InputError
        if it is no text, a table is not there or not one, or a row has too many cells.
    """
    check_size(content, where)
    found = list(_markdown_tables(decode(content, where, "Markdown").splitlines(), where))
    return _chosen(found, spec, where)


def parse_html_table(content: bytes, spec: Mapping[str, Any], where: str) -> pl.DataFrame:
    """The tables that `spec["tables"]` names of an HTML page.

    The first row is the header; a cell that spans rows or columns stands in each of them. A cell is
    its text, blanks collapsed; a raised text begins with ^, a lowered one with _, so that a
    footnote's number does not become a digit. For each column there is another with the addresses
    its cells link to.

    Raises
    ------
    InputError
        if it is no text, or a table is not there or not one.
    """
    check_size(content, where)
    page = _Page(where)
    page.read(decode(content, where, "HTML", page=True))
    for table in page.tables:
        _check_rows(table, where, "give each row as many cells as the header")
    return _chosen(page.tables, spec, where)


# --- which tables --------------------------------------------------------------------------------


def _chosen(found: Sequence[_Table], spec: Mapping[str, Any], where: str) -> pl.DataFrame:
    """The tables the entry names, as one."""
    parts = [(_only(found, wanted, where), wanted.get("benchmark")) for wanted in spec["tables"]]
    names: dict[str, None] = {}
    for table, _ in parts:
        own = [name for name in table.header if name]
        check_names(where, f"line {table.line}", own)
        names.update(dict.fromkeys(own))
    height = sum(len(table.rows) for table, _ in parts)
    if not height:
        fix = "give a page with a row for each system or evaluation"
        raise InputError(where, "", "no records", fix)
    check_cells(where, height, 2 * len(names))
    columns: dict[str, list[str | None]] = {name: [] for name in names}
    linked = any(table.links is not None for table, _ in parts)
    links: dict[str, list[str | None]] = {f"{name}{LINKS}": [] for name in names} if linked else {}
    benchmarks: list[str | None] = []
    places: list[str] = []
    for table, benchmark in parts:
        position = {name: i for i, name in enumerate(table.header)}
        for number, (line, cells) in enumerate(table.rows):
            for name, column in columns.items():
                column.append(cells[position[name]] if name in position else "")
            if table.links is not None:
                for name in names:
                    own_links = table.links[number]
                    address = own_links[position[name]] if name in position else ""
                    links[f"{name}{LINKS}"].append(address)
            places.append(f"line {line}")
            benchmarks.append(benchmark)
    result = text_table(where, {**columns, **links}, places)
    if any(benchmarks):
        result = result.with_columns(pl.Series(BENCHMARK, benchmarks, pl.String))
    return result


def _only(found: Sequence[_Table], wanted: Mapping[str, Any], where: str) -> _Table:
    """The one table that meets every condition of an entry."""
    conditions = {
        key: wanted[key] for key in ("heading", "caption", "id", "index") if wanted.get(key)
    }
    shown = ", ".join(f"{key} {_shown(value)}" for key, value in conditions.items())
    fits = [table for table in found if _meets(table, conditions)]
    index = conditions.get("index")
    if index is not None:
        fits = fits[index - 1 : index]
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


def _meets(table: _Table, conditions: Mapping[str, Any]) -> bool:
    heading = conditions.get("heading")
    if heading is not None:
        path = [heading] if isinstance(heading, str) else list(heading)
        plain = [" ".join(name.split()) for name in path]
        if not table.headings or table.headings[-1] != plain[-1]:
            return False
        above = iter(table.headings[:-1])
        if not all(name in above for name in plain[:-1]):  # in this order
            return False
    caption = conditions.get("caption")
    if caption is not None and table.caption != " ".join(caption.split()):
        return False
    return conditions.get("id") in (None, table.id)


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " > ".join(str(part) for part in value if part)
    return str(value)


def _check_rows(table: _Table, where: str, fix: str) -> None:
    for line, cells in table.rows:
        if len(cells) > len(table.header):
            found = f"{len(cells)} cells under {len(table.header)} column names"
            raise InputError(where, f"line {line}", found, fix)
        cells += [""] * (len(table.header) - len(cells))


class _Headings:
    """The headings above the place in a page that has been reached."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def add(self, level: int, name: str) -> None:
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, name))

    def path(self) -> tuple[str, ...]:
        return tuple(name for _, name in self._open)


# --- Markdown ------------------------------------------------------------------------------------

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_CLOSING = re.compile(r"(?:^|[ \t])#+$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_DELIMITER = re.compile(r":?-+:?")
_OTHER_BLOCK = re.compile(r" {0,3}(?:>|[-*+][ \t])|$")


def _markdown_tables(lines: Sequence[str], where: str) -> Iterator[_Table]:
    headings = _Headings()
    fence = ""
    position = 0
    while position < len(lines):
        line = lines[position].rstrip()
        following = lines[position + 1].rstrip() if position + 1 < len(lines) else ""
        position += 1
        marks = _FENCE.match(line)
        if fence:
            if marks and marks[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
            continue
        if marks:
            fence = marks[1]
            continue
        heading = _HEADING.match(line)
        if heading:
            name = _CLOSING.sub("", (heading[2] or "").rstrip())
            headings.add(len(heading[1]), cell_text(name) or "")
            continue
        if not line:
            continue
        header = _cells(line) if "|" in line else []
        if header and _is_delimiter(following, len(header)):
            table = _Table(position, headings.path(), [cell_text(name) or "" for name in header])
            position += 1
            while position < len(lines) and not _ends_table(lines[position]):
                position += 1
                table.rows.append((position, _cells(lines[position - 1])))
            _check_rows(table, where, r"write a pipe that belongs to a text as \|")
            table.rows = [row for row in table.rows if any(row[1])]
            yield table
        elif _UNDERLINE.match(following):
            headings.add(1 if following.lstrip()[0] == "=" else 2, cell_text(line) or "")
            position += 1


def _cells(line: str) -> list[str]:
    """Cells of a row: split at pipes that are not escaped; those at its ends are no cells'."""
    line = line.strip().removeprefix("|")
    cells = re.split(r"(?<!\\)\|", line)
    if len(cells) > 1 and not cells[-1].strip():  # the closing pipe
        cells.pop()
    return [cell.replace("\\|", "|").strip() for cell in cells]


def _is_delimiter(line: str, width: int) -> bool:
    if "|" not in line and width > 1:
        return False
    cells = _cells(line)
    return len(cells) == width and all(_DELIMITER.fullmatch(cell) for cell in cells)


def _ends_table(line: str) -> bool:
    line = line.rstrip()
    return bool(_OTHER_BLOCK.match(line) or _HEADING.match(line) or _FENCE.match(line))


# --- HTML ----------------------------------------------------------------------------------------

_LARGEST_SPAN = 1000  # cells, as browsers have it
_WIDEST = 2000  # columns
_LARGEST = 1_000_000  # cells
_DEEPEST = 50  # tables within tables
# The library's parser goes over an open tag again for every "<" in it: a page could hold it up for
# hours. Here every quantifier that could is possessive, and an open tag ends at the next "<".
_TOKEN = re.compile(
    r"<!--(?:.*?-->|.*+)|<[!?][^>]*+>?"  # comments, declarations
    r"|<(?P<end>/?)(?P<tag>[a-z][^\s/<>]*+)(?P<about>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>"
    r"|(?P<data>[^<]++|<)",
    re.I | re.S,
)
_ATTRIBUTE = re.compile(
    r"([^\s\"'<>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'=<>`]++)))?"
)
_RAW = {name: re.compile(rf"</{name}", re.I) for name in ("script", "style")}
_BREAKS = {"br", "p", "div", "li", "tr", "td", "th"}


@dataclass
class _Cell:
    line: int
    columns: int
    rows: int
    text: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


class _OpenTable:
    """A table that is being read: its cells row by row."""

    def __init__(self, where: str, line: int, headings: tuple[str, ...], name: str) -> None:
        self.where = where
        self.table = _Table(line, headings, id=name, links=[])
        self.rows: list[tuple[int, list[_Cell]]] = []
        self.cell: _Cell | None = None
        self.caption: list[str] | None = None

    def close(self) -> None:
        """Fill the table, cells that span rows or columns standing in each."""
        grid: list[tuple[int, list[str], list[str]]] = []
        below: dict[int, tuple[_Cell, int]] = {}  # column: a cell from above, rows still to fill
        size = 0
        for line, cells in self.rows:
            texts: list[str] = []
            links: list[str] = []
            waiting = iter(cells)
            carried = below
            below = {}
            cell = next(waiting, None)
            last = max(carried, default=-1)
            while cell is not None or len(texts) <= last:
                column = len(texts)
                if column in carried:
                    placed, left = carried.pop(column)
                    spans = 1
                elif cell is not None:
                    placed, left, spans = cell, cell.rows - 1, cell.columns
                    cell = next(waiting, None)
                else:
                    texts.append("")
                    links.append("")
                    continue
                shown = " ".join("".join(placed.text).split())
                address = " ".join(dict.fromkeys(placed.links))
                for shift in range(spans):
                    texts.append(shown)
                    links.append(address)
                    if left:
                        below[column + shift] = (placed, left - 1)
                # a few tags can span a table that fills a machine
                if len(texts) > _WIDEST or size + len(texts) > _LARGEST:
                    found = f"more than {_WIDEST} columns or {_LARGEST} cells"
                    raise InputError(self.where, f"line {line}", found, "give a smaller table")
            size += len(texts)
            if any(texts):
                grid.append((line, texts, links))
        if grid:
            _, self.table.header, _ = grid[0]
            self.table.rows = [(line, texts) for line, texts, _ in grid[1:]]
            width = len(self.table.header)
            self.table.links = [links + [""] * (width - len(links)) for *_, links in grid[1:]]


class _Page:
    """Collects the tables of a page, and the headings they stand under."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.tables: list[_Table] = []
        self.headings = _Headings()
        self.open: list[_OpenTable] = []
        self.heading: list[str] | None = None

    def read(self, page: str) -> None:
        """Read all of a page."""
        position, line = 0, 1
        while token := _TOKEN.match(page, position):
            tag = (token["tag"] or "").lower()
            end = token.end()
            if token["data"]:
                self._write(_unescaped(token["data"]))
            elif tag and token["end"]:
                self._end(tag)
            elif tag:
                self._start(tag, token["about"], line)
                if tag in _RAW:  # what it holds is no text
                    closing = _RAW[tag].search(page, end)
                    end = closing.start() if closing else len(page)
            line += page.count("\n", position, end)
            position = end
        while self.open:  # tables that the page does not close
            self.open.pop().close()

    def _start(self, tag: str, about: str, line: int) -> None:
        table = self.open[-1] if self.open else None
        if tag in _BREAKS:
            self._write(" ")
        if tag == "table":
            if len(self.open) < _DEEPEST:
                name = _attributes(about).get("id", "")
                self.open.append(_OpenTable(self.where, line, self.headings.path(), name))
                self.tables.append(self.open[-1].table)
        elif table is None:
            if re.fullmatch("h[1-6]", tag):
                self.heading = []
        elif tag == "tr":
            table.cell = None
            table.rows.append((line, []))
        elif tag in ("td", "th"):
            if not table.rows:
                table.rows.append((line, []))
            given = _attributes(about)
            table.cell = _Cell(line, _span(given, "colspan"), _span(given, "rowspan"))
            table.rows[-1][1].append(table.cell)
        elif tag == "caption":
            table.caption = []
        elif tag == "a" and table.cell is not None:
            address = _attributes(about).get("href", "")
            table.cell.links += ["%20".join(address.split())] if address.strip() else []
        elif tag in ("sup", "sub"):
            self._write("^" if tag == "sup" else "_")

    def _end(self, tag: str) -> None:
        table = self.open[-1] if self.open else None
        if re.fullmatch("h[1-6]", tag) and self.heading is not None:
            self.headings.add(int(tag[1]), " ".join("".join(self.heading).split()))
            self.heading = None
        elif table is None:
            return
        elif tag == "table":
            self.open.pop().close()
        elif tag in ("td", "th", "tr"):
            table.cell = None
        elif tag == "caption" and table.caption is not None:
            table.table.caption = " ".join("".join(table.caption).split())
            table.caption = None

    def _write(self, data: str) -> None:
        if self.open:
            table = self.open[-1]
            if table.caption is not None:
                table.caption.append(data)
            elif table.cell is not None:
                table.cell.text.append(data)
        elif self.heading is not None:
            self.heading.append(data)


def _attributes(about: str) -> dict[str, str]:
    """Attributes of a tag; the first of one name counts."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(about):
        found.setdefault(name.lower(), _unescaped(double or single or bare))
    return found


def _unescaped(data: str) -> str:
    try:
        return html.unescape(data)
    except ValueError:  # a character's number of thousands of digits
        return data


def _span(about: Mapping[str, str], name: str) -> int:
    value = about.get(name, "").strip()
    if not re.fullmatch("[0-9]{1,9}", value):
        return 1
    return min(max(int(value), 1), _LARGEST_SPAN)
