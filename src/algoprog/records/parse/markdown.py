"""Tables of a Markdown page as a table of texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from algoprog.common.decoding import decode
from algoprog.records.parse.cells import text as cell_text
from algoprog.records.parse.pages import FoundTable, Headings, check_rows, chosen
from algoprog.records.parse.text import check_size
from algoprog.records.specification import Form

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_CLOSING = re.compile(r"(?:^|[ \t])#+$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_DELIMITER = re.compile(r":?-+:?")
_OTHER_BLOCK = re.compile(r" {0,3}(?:>|[-*+][ \t])|$")


def parse_markdown_table(content: bytes, form: Form, where: str) -> pl.DataFrame:
    r"""Return the tables that `form.tables` names of a page in GitHub-flavoured Markdown.

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
    return chosen(found, form.tables, where)


def _markdown_tables(lines: Sequence[str], where: str) -> Iterator[FoundTable]:
    headings = Headings()
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
            table = FoundTable(
                position, headings.path(), [cell_text(name) or "" for name in header]
            )
            position += 1
            while position < len(lines) and not _ends_table(lines[position]):
                position += 1
                table.rows.append((position, _cells(lines[position - 1])))
            check_rows(table, where, r"write a pipe that belongs to a text as \|")
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
