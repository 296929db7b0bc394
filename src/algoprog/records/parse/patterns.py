"""Patterns of cells: what stands around a value, such as ``{number} billion``.

A pattern is a text with one value in braces (``{number}``, ``{count}``, ``{duration}``, ``{date}``
or ``{text}``) and up to two ``{any}``, which stand for any text. Case does not matter, nor how
much blank is between words; between two braces there is some. It imports nothing that is slow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, Overflow
from functools import cache

from algoprog.records.parse.cells import PARSERS, UnreadableError, Value, date
from algoprog.records.parse.cells import text as bare

VALUES = ("number", "count", "duration", "date", "text")
ANY = "any"
MOST_ANY = 2
LONGEST = 300  # characters of a cell that is matched
_PIECE = re.compile(r"\{(?P<name>[^{}]*)\}|(?P<blank>\s+)|(?P<literal>[^{}\s]+)|(?P<wrong>[{}])")

_BETWEEN = re.compile(r"\} \{")  # two values, which only a blank keeps apart
_NEEDED = "\N{NO-BREAK SPACE}"


class PatternError(ValueError):
    """A text that is no pattern; its text says why."""


@dataclass(frozen=True)
class Pattern:
    """A pattern of cells.

    Attributes
    ----------
    parser : how the value is read.
    expression : matches a cell; its group `value` is the value's text.
    """

    parser: str
    expression: re.Pattern[str]

    def value(self, cell: str) -> str | None:
        """Return the text of the value in a cell; None where the cell is of another pattern."""
        if len(cell) > LONGEST:
            return None
        found = self.expression.fullmatch(bare(cell) or "")
        return found["value"] if found else None


@cache
def pattern(text: str) -> Pattern:
    """Return the pattern of a text.

    Raises
    ------
    PatternError
        if it has no value in braces or several, or braces otherwise.
    """
    parts: list[str] = []
    parsers: list[str] = []
    for piece in _PIECE.finditer(_BETWEEN.sub(f"}}{_NEEDED}{{", " ".join(text.split()))):
        name = piece["name"]
        if piece["wrong"] or (name is not None and name not in (*VALUES, ANY)):
            known = ", ".join(f"{{{one}}}" for one in (*VALUES, ANY))
            raise PatternError(f"{piece[0]} stands for nothing: use {known}")
        if name == ANY:
            parts.append(".*?" if parsers else ".*")
        elif name is not None:
            parsers.append(name)
            parts.append("(?P<value>.+?)" if len(parsers) == 1 else "")
        elif piece["blank"]:
            parts.append(r"\s+" if piece["blank"] == _NEEDED else r"\s*")
        else:
            parts.append(re.escape(piece[0]))
    if len(parsers) != 1:
        raise PatternError(f"{len(parsers)} values in it: write one, such as {{number}} billion")
    if parts.count(".*") + parts.count(".*?") > MOST_ANY:
        raise PatternError(f"write {{any}} at most {MOST_ANY} times")
    return Pattern(parsers[0], re.compile("".join(parts), re.IGNORECASE))


def patterns(given: str | Mapping[str, float]) -> dict[Pattern, float]:
    """Return patterns, each with what its numbers are multiplied by."""
    if isinstance(given, str):
        return {pattern(given): 1.0}
    return {pattern(text): factor for text, factor in given.items()}


def matched(cell: str, given: str | Mapping[str, float], formats: Sequence[str] = ()) -> Value:
    """Return the value of a cell by the pattern, or patterns, it is of.

    Raises
    ------
    UnreadableError
        if it is of none, if its value cannot be read, or if two patterns give two values.
    """
    found: list[Value] = []
    for one, factor in patterns(given).items():
        text = one.value(cell)
        if text is not None:
            value = date(text, formats) if one.parser == "date" else PARSERS[one.parser](text)
            found.append(scaled(value, factor) if isinstance(value, float) else value)
    shown = given if isinstance(given, str) else " or ".join(given)
    if not found:
        raise UnreadableError(f"give it as {shown}")
    if len(set(found)) > 1:
        meanings = " or ".join(map(str, dict.fromkeys(found)))
        raise UnreadableError(f"it may be {meanings}: leave one of the patterns {shown}")
    return found[0]


def scaled(value: float, factor: float) -> float:
    """Return the float nearest to a product of two numbers as they are written."""
    if factor == 1.0:
        return value
    try:
        return float(Decimal(repr(value)) * Decimal(repr(factor)))
    except (InvalidOperation, Overflow, OverflowError):
        return value * factor
