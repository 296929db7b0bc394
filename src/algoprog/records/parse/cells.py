"""What a cell means: numbers, counts, dates, links and texts as people write them in tables.

Each parser takes the text of a cell and returns its value, None where the cell has none, or raises
:class:`UnreadableError`, which says what would be readable. None of them guesses: a text that could
mean two things is refused.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation, Overflow
from urllib.parse import urljoin

Value = str | float | datetime.date | None


class UnreadableError(ValueError):
    """A cell that cannot be read; its text is what to do about it."""


_LONGEST_NUMBER = 200  # characters
# Every quantifier that could try a text in many ways is possessive: a cell may be hostile.
_LINK = re.compile(
    r"(?<!\\)!?\[((?:\\.|[^\[\]\\]|\[[^\[\]]*+\])*+)\]"  # [text]
    r"\(\s*+<?((?:[^()<>\s]|\([^()<>\s]*+\))*+)>?"  # (address
    r"(?:\s++(?:\"[^\"]*+\"|'[^']*+'))?\s*+\)"  # "title")
)
_BARE_LINK = re.compile(r"https?://[^\s<>\"'|()\[\]]++", re.I)
_FOOTNOTE = re.compile(r"(?<!\\)\[\^[^\[\]\s]++\]")
_STARS = re.compile(r"(?<!\\)(\*{1,3})(?=[^\s*])((?:\\.|[^*\\])++)(?<!\s)\1(?!\*)")
_BARS = re.compile(r"(?<![\w\\])(_{1,3})(?=[^\s_])((?:\\.|[^_\\])++)(?<!\s)\1(?!\w)")
_CODE = re.compile(r"(?<!\\)`([^`]++)`")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")

_SUPERSCRIPT = re.compile(r"<sup>\s*+([^<]*+)</sup>", re.I)
_DIGITS = r"(?:\d{1,3}(?:,\d{3})++|\d++)"
_NUMBER = rf"[+-]?(?:{_DIGITS}(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"
_SPREAD = re.compile(rf"\s*\(?\s*(?:±|\\pm|\+/?-)\s*{_NUMBER}\s*\)?$", re.A)
_MARK = re.compile(r"\s*(?:[†‡§¶*∗⋆]|\^\{?(?:[†‡§¶*∗⋆a-z]|\[\w{1,3}\])\}?|\[\w{1,3}\])$", re.A)
_COUNT = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?:(?P<suffix>[a-z]+)|[×x]\s*10\^\{{?(?P<power>[+-]?\d{{1,3}})\}}?)?",
    re.A | re.I,
)
_POWERS = {
    "": 0,
    "k": 3,
    "thousand": 3,
    "m": 6,
    "million": 6,
    "b": 9,
    "g": 9,
    "billion": 9,
    "t": 12,
    "trillion": 12,
}
_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}
_DURATION = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>[a-z]+)", re.A | re.I)
_ARXIV_ID = r"(?:(\d{2})(\d{2})\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/(\d{2})(\d{2})\d{3})(?:v\d+)?(?!\d)"
_ARXIV = re.compile(
    rf"(?:(?:arxiv|ar5iv|alphaxiv)\.org/(?:abs|pdf|html|format|ps|src|overview)/"
    rf"|10\.48550/arxiv\.|(?:huggingface|hf)\.co/papers/|arxiv:\s*|^\s*){_ARXIV_ID}",
    re.A | re.I,
)


def text(cell: str) -> str | None:
    """Return the text of a Markdown cell, None if there is none.

    A link is its text; bold, italic and code marks and footnote references are left out; an escaped
    character is itself. Marks that do not come in pairs, HTML and everything else stay.
    """
    bare = _FOOTNOTE.sub("", _LINK.sub(r"\1", cell))
    for _ in range(3):  # marks within marks
        bare = _CODE.sub(r"\1", _BARS.sub(r"\2", _STARS.sub(r"\2", bare)))
    return " ".join(_ESCAPED.sub(r"\1", bare).split()) or None


def number(cell: str) -> float | None:
    """Return a number as it stands in a table of results.

    It may be in bold, have footnote marks (†, *, [1]), commas between groups of three digits, or
    its spread (16.4 ± 0.1), which is left out.
    "20,5", "16.4 (15.8 with cache)", a range and a raised digit are refused.
    """
    found = _clean(cell)
    if found is None:
        return None
    if re.fullmatch(_NUMBER, found, re.A):
        value = float(found.replace(",", ""))
        if math.isfinite(value):
            return value
    raise UnreadableError("give one number (20.5, 1,500, 16.4 ± 0.1, **20.5**†)")


def count(cell: str) -> float | None:
    """Return a count in full or in short.

    A :func:`number`, or one in thousands (24K), millions (24M, 24 million), billions (1.5B,
    7 billion), trillions (1T), or as 2.3×10^8; "~" before it is left out. The value is the float
    nearest to what is written: 0.151B is 151000000 exactly.
    """
    found = _clean(cell)
    if found is None:
        return None
    match = _COUNT.fullmatch(found.lstrip("~≈ "))
    if match:
        suffix = (match["suffix"] or "").lower()
        exponent = "e" in match["number"].lower()
        if suffix in _POWERS and not (exponent and (suffix or match["power"])):
            power = int(match["power"] or _POWERS[suffix])
            try:
                value = float(Decimal(match["number"].replace(",", "")).scaleb(power))
            except (InvalidOperation, Overflow, OverflowError):
                value = math.inf
            if 0 <= value < math.inf:
                return value
    raise UnreadableError("give one count (24M, 1.5B, 2.34E+08, 1,500, 7 billion)")


def duration(cell: str) -> float | None:
    """Return the seconds of a length of time with its unit: 31.4 minutes, 5.8 hours, 79 s.

    It may be in bold and have footnote marks. The value is the float nearest to what is written:
    1.243 minutes are 74.58 s exactly as 74.58 is.
    """
    found = _clean(cell)
    if found is None:
        return None
    match = _DURATION.fullmatch(found)
    if match and match["unit"].lower() in _SECONDS:
        try:
            number = Decimal(match["number"].replace(",", ""))
            seconds = float(number * _SECONDS[match["unit"].lower()])
        except (InvalidOperation, Overflow, OverflowError):
            seconds = math.inf
        if 0 <= seconds < math.inf:
            return seconds
    raise UnreadableError("give a length of time with its unit (31.4 minutes, 5.8 hours, 79 s)")


def date(cell: str, formats: Sequence[str]) -> datetime.date | None:
    """Return a date in any of the formats of strptime; a format without a day means the first.

    A text that two formats read as two dates is refused.
    """
    found = text(cell)
    if found is None:
        return None
    read = set()
    for form in formats:
        try:
            read.add(datetime.datetime.strptime(found, form).date())
        except (ValueError, OverflowError):
            continue
    if len(read) == 1:
        return read.pop()
    wanted = ", ".join(formats)
    if read:
        meanings = " or ".join(str(day) for day in sorted(read))
        raise UnreadableError(f"it may be {meanings}: leave one of the formats {wanted}")
    raise UnreadableError(f"give a date in one of the formats {wanted}")


def arxiv_date(cell: str) -> datetime.date | None:
    """Return the first day of the month in which a linked arXiv paper was submitted.

    An identifier tells year and month (2112.11446: December 2021; cs.CL/0108005: August 2001)
    and no day, so the date may be up to 30 days early. Versions do not matter. A cell that does
    not mention arXiv has no date; papers of different months are refused.
    """
    months = set()
    for match in _ARXIV.finditer(cell):
        new_year, new_month, old_year, old_month = match.groups()
        if new_year:
            year, month = 2000 + int(new_year), int(new_month)
            valid = (year, month) >= (2007, 4)  # the scheme's first month
        else:
            year, month = int(old_year), int(old_month)
            year += 1900 if year >= 91 else 2000
            valid = (1991, 8) <= (year, month) <= (2007, 3)
        months.add((year, month) if valid and 1 <= month <= 12 else None)
    if not months and "arxiv" not in cell.lower():
        return None
    if len(months) == 1:
        (month_of_paper,) = months
        if month_of_paper:
            return datetime.date(*month_of_paper, 1)
    raise UnreadableError("give one arXiv link (https://arxiv.org/abs/2112.11446)")


def link(cell: str, base: str | None = None, *, bare: bool = False) -> str | None:
    """Return the http(s) address a cell links to, or holds; several are refused.

    Parameters
    ----------
    base : the address that relative links start from.
    bare : whether the cell is the address of a link already, as those of HTML pages are.
    """
    linked = _LINK.findall(cell)
    found: set[str] = {address for _, address in linked}
    found |= {address.rstrip(".,;") for address in _BARE_LINK.findall(_LINK.sub(" ", cell))}
    if bare and not found:
        found = {*cell.split()}
    if base is not None:  # "#notes" is a place on the page itself
        found = {_resolved(base, address) for address in found if not address.startswith("#")}
    if not found or (bare and base is None and not any(map(_is_web, found))):
        return None
    address = found.pop()
    if found or not _is_web(address):
        fix = "give one link that begins with http:// or https://"
        if not found and base is None and ":" not in address.split("/")[0]:
            fix += ", or the source's base, which relative links start from"
        raise UnreadableError(fix)
    return address


def _is_web(address: str) -> bool:
    return re.fullmatch(r"https?://\S+", address, re.I) is not None


def _resolved(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address


# Parsers by name; those of dates in given formats take these too.
PARSERS: dict[str, Callable[[str], Value]] = {
    "number": number,
    "count": count,
    "duration": duration,
    "arxiv_date": arxiv_date,
    "link": link,
    "text": text,
}


def _clean(cell: str) -> str | None:
    """The part of a cell that should be a number, None if there is nothing."""
    if len(cell) > _LONGEST_NUMBER:
        raise UnreadableError("give a number")
    found = text(_SUPERSCRIPT.sub(r"^\1", cell))
    if found is None:
        return None
    found = found.strip("$ ")
    while True:
        shorter = _SPREAD.sub("", _MARK.sub("", found))
        if shorter == found:
            return found
        found = shorter
