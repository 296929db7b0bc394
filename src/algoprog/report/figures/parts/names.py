"""Names and numbers as they are written in a figure: printable, short, in few lines."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from algoprog.report.figures.parts.rows import number

LONGEST_NAME = 26  # characters of a system's name in a figure


def printable(text: str) -> str:
    """Return `text` with a blank for each character that cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in text)


def short_name(name: str) -> str:
    """Return a system's name for a figure: printable characters only, and not too long."""
    text = printable(name)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def two_lines(text: str, width: int) -> str:
    """Return at most two lines of a name, of printable characters only."""
    lines = textwrap.wrap(printable(str(text)), width, max_lines=2, placeholder="…")
    return "\n".join(lines)


def spaced(name: str) -> str:
    """Return a name of the configuration for reading: spaces, and a decimal point in a number."""
    head, _, last = name.rpartition(": ")
    whole, dash, part = last.partition("-")
    if dash and whole.isdigit() and part.isdigit():
        last = f"{whole}.{part}"
    return (f"{head}: " if head else "").replace("_", " ") + last.replace("_", " ")


def line_label(variant: str, benchmark: str) -> str:
    """Return a variant's name, with the benchmark where its progress differs between them."""
    return variant if benchmark == "all" else f"{variant} {benchmark}"


def times(value: Any) -> str:
    """Return a ratio for reading: 3.2×, from ten on without decimals."""
    ratio = number(value)
    if math.isnan(ratio):
        return "–"
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.1f}×"
