"""Powers of ten as plain text: no figure has a text that is read as mathematics.

A label of the configuration or of a record may hold ``$`` and backslashes, so matplotlib is told to
parse no text (:func:`algoprog.report.figures.parts.style.styled`). The labels that it writes on an
axis with powers of ten by itself are mathematics, and become the same in raised digits here.
"""

from __future__ import annotations

import re
from typing import Any

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterMathtext, LogFormatterSciNotation

from algoprog.common.numbers import RAISED

_POWER = re.compile(r"\^\{([-−0-9]+)\}")


class PlainPowers(LogFormatterSciNotation):
    """What matplotlib writes on an axis with powers of ten, without marks of mathematics."""

    def __call__(self, x: Any, pos: Any = None) -> str:
        """Return the label of a tick."""
        text = str(super().__call__(x, pos))
        if "$" not in text:
            return text
        bare = text.replace("$", "").replace(r"\mathdefault", "").replace(r"\times", "·")
        bare = _POWER.sub(lambda found: found[1].translate(RAISED), bare)
        return bare.replace("{", "").replace("}", "").replace("-", "−")


def with_plain_powers(figure: Figure) -> None:
    """Give every axis of a figure that would write mathematics plain powers of ten instead."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            _plain(axis)


def _plain(axis: Axis) -> None:
    for ticks, give in (
        (axis.get_major_formatter(), axis.set_major_formatter),
        (axis.get_minor_formatter(), axis.set_minor_formatter),
    ):
        if isinstance(ticks, LogFormatterMathtext) and not isinstance(ticks, PlainPowers):
            plain = PlainPowers()
            plain.__dict__.update(ticks.__dict__)
            give(plain)
