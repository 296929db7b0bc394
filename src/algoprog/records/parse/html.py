"""Tables of an HTML page as a table of texts."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from algoprog.common.decoding import decode
from algoprog.common.errors import InputError
from algoprog.records.parse.pages import FoundTable, Headings, check_rows, chosen
from algoprog.records.parse.text import check_size
from algoprog.records.specification import Form

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
_STRUCK = {"del", "s", "strike"}
_HIDDEN = re.compile(r"display\s*+:\s*+none|visibility\s*+:\s*+hidden", re.I)
_EMPTY = {"br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}  # have no end
# How far the parts of a table reach; what is hidden ends where a part that reaches as far begins.
_REACH = {"table": 3, "thead": 2, "tbody": 2, "tfoot": 2, "tr": 1, "td": 0, "th": 0}
_BREAKS = {"br", "p", "div", "li", "tr", "td", "th"}


def parse_html_table(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the tables that `form.tables` names of an HTML page.

    The first row is the header; a cell that spans rows or columns stands in each of them. A cell is
    its text, blanks collapsed; a raised text begins with ^, a lowered one with _, so that a
    footnote's number does not become a digit; a struck one is between ~~. What a browser does not
    show, such as keys to sort by, is left out. For each column there is another with the addresses
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
        check_rows(table, where, "give each row as many cells as the header")
    return chosen(page.tables, form.tables, where)


@dataclass
class _Cell:
    line: int
    columns: int
    rows: int
    text: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def content(self) -> tuple[str, str]:
        """Text and address of the cell."""
        return " ".join("".join(self.text).split()), " ".join(dict.fromkeys(self.links))


Row = list[tuple[str, str]]  # text and link of each column
Carried = dict[int, tuple[_Cell, int]]  # by column: a cell from above, and rows still to fill


class _OpenTable:
    """A table that is being read: its cells row by row."""

    def __init__(self, where: str, line: int, headings: tuple[str, ...], name: str) -> None:
        self.where = where
        self.table = FoundTable(line, headings, id=name, links=[])
        self.rows: list[tuple[int, list[_Cell]]] = []
        self.cell: _Cell | None = None
        self.caption: list[str] | None = None

    def close(self) -> None:
        """Fill the table, cells that span rows or columns standing in each."""
        grid: list[tuple[int, Row]] = []
        below: Carried = {}
        size = 0
        for line, cells in self.rows:
            row, below = self._laid_out(line, cells, below, size)
            size += len(row)
            if any(text for text, _ in row):
                grid.append((line, row))
        if grid:
            header = [text for text, _ in grid[0][1]]
            self.table.header = header
            self.table.rows = [(line, [text for text, _ in row]) for line, row in grid[1:]]
            self.table.links = [
                [link for _, link in row] + [""] * (len(header) - len(row)) for _, row in grid[1:]
            ]

    def _laid_out(
        self, line: int, cells: Sequence[_Cell], carried: Carried, size: int
    ) -> tuple[Row, Carried]:
        """Text and link of a row's cells, column by column, and the cells that go on below.

        ``carried`` are cells from above; ``size`` the number of cells of the rows above.
        """
        row: Row = []
        below: Carried = {}
        waiting = list(reversed(cells))
        last = max(carried, default=-1)
        while waiting or len(row) <= last:
            column = len(row)
            if column in carried:
                cell, left = carried.pop(column)
                spans = 1
            elif waiting:
                cell = waiting.pop()
                left, spans = cell.rows - 1, cell.columns
            else:
                row.append(("", ""))
                continue
            row += [cell.content] * spans
            if left:
                below |= {column + shift: (cell, left - 1) for shift in range(spans)}
            # a few tags can span a table that fills a machine
            if len(row) > _WIDEST or size + len(row) > _LARGEST:
                found = f"more than {_WIDEST} columns or {_LARGEST} cells"
                raise InputError(self.where, f"line {line}", found, "give a smaller table")
        return row, below


class _Page:
    """Collects the tables of a page, and the headings they stand under."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.tables: list[FoundTable] = []
        self.headings = Headings()
        self.open: list[_OpenTable] = []
        self.heading: list[str] | None = None
        self.hidden: tuple[str, int] | None = None  # the tag that hides, and how often it is open

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
                self._hide(tag, token["about"])
                self._start(tag, token["about"], line)
                if tag in _RAW:  # what it holds is no text
                    closing = _RAW[tag].search(page, end)
                    end = closing.start() if closing else len(page)
            line += page.count("\n", position, end)
            position = end
        while self.open:  # tables that the page does not close
            self.open.pop().close()

    def _hide(self, tag: str, about: str) -> None:
        """Note where what is not shown begins."""
        if self.hidden and tag in _REACH and _REACH.get(self.hidden[0], 0) <= _REACH[tag]:
            self.hidden = None
        if self.hidden:
            if tag == self.hidden[0]:
                self.hidden = (tag, self.hidden[1] + 1)
        elif tag not in _EMPTY:
            given = _attributes(about)
            if "hidden" in given or _HIDDEN.search(given.get("style", "")):
                self.hidden = (tag, 1)

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
        elif tag in _STRUCK:
            self._write("~~")

    def _end(self, tag: str) -> None:
        table = self.open[-1] if self.open else None
        if tag in _STRUCK and table is not None:
            self._write("~~")
        if self.hidden and tag == self.hidden[0]:
            self.hidden = (tag, self.hidden[1] - 1) if self.hidden[1] > 1 else None
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
        if self.hidden:
            return
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
