"""The answers that the page's explorer holds: a cube of doubling times, in two characters each.

A cube is the full cross of some choices. Each of its quantities is a text with two characters for
each cell, the last choice running fastest: a doubling time as the page writes it, that is, to a
tenth of a month, and in steps of half a per cent from 600 months on.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

# Printable characters that mean nothing in JSON nor in HTML.
DIGITS = "".join(chr(code) for code in range(35, 127) if chr(code) not in "&'<>\\`")
UNKNOWN, NONE, FIRST = 0, 1, 2
TENTHS = 6000  # codes for tenths of months, up to 600 months
PER_DECADE = 450  # codes for each factor of ten above


@dataclass(frozen=True)
class Choice:
    """A choice of a cube: its column, what the page calls it, its levels and what they are called.

    ``mapping`` says that the configuration has the choice as a mapping from level to settings: the
    YAML that reproduces a level takes the other levels away.
    """

    name: str
    label: str
    levels: tuple[str, ...]
    labels: tuple[str, ...]
    mapping: bool = False


@dataclass(frozen=True)
class Cube:
    """The full cross of choices, with doubling times (months) of each quantity by levels."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    quantities: Mapping[str, Mapping[tuple[str, ...], float | None]]

    @property
    def plain(self) -> dict[str, Any]:
        """The cube as the page's script reads it."""
        return {
            "name": self.name,
            "label": self.label,
            "choices": [
                {"name": c.name, "label": c.label, "levels": c.levels, "labels": c.labels,
                 "mapping": c.mapping}
                for c in self.choices
            ],
            "values": {
                name: packed(cells, [choice.levels for choice in self.choices])
                for name, cells in self.quantities.items()
            },
        }  # fmt: skip


def code(months: float | None) -> int:
    """Return the number of a doubling time: 0 unknown, 1 without progress, else its size."""
    if months is None or math.isnan(months):
        return UNKNOWN
    if math.isinf(months) or months < 0:
        return NONE
    tenths = round(10 * float(f"{months:.1f}"))
    if tenths < TENTHS:
        return FIRST + tenths
    last = len(DIGITS) ** 2 - 1
    return min(FIRST + TENTHS + round(PER_DECADE * math.log10(months / (TENTHS / 10))), last)


def packed(cells: Mapping[tuple[str, ...], float | None], levels: Sequence[Sequence[str]]) -> str:
    """Return two characters for each cell of the cross of `levels`, the last running fastest."""
    found = []
    for key in product(*levels):
        first, second = divmod(code(cells.get(key)), len(DIGITS))
        found.append(DIGITS[first] + DIGITS[second])
    return "".join(found)


def deflated(text: str) -> str:
    """Return a text compressed (raw DEFLATE), in Base64, as `explorer.js` reads it."""
    made = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(made.compress(text.encode()) + made.flush()).decode()
