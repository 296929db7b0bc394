"""What tests of figures read of a drawn figure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from algoprog.report.figures.parts import style
from algoprog.report.page import SECTIONS


def same(frame: pl.DataFrame) -> pl.DataFrame:
    """A table as it is; what a test changes tables by otherwise."""
    return frame


# What draws each figure of the page, by the name of its function.
DRAW = SimpleNamespace(
    **{
        figure.draw.__name__: figure.draw  # type: ignore[attr-defined]
        for section in SECTIONS
        for figure in section.figures
    }
)


def without_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw figures without their layout, which takes most of the time."""
    monkeypatch.setattr(style, "lay_out", lambda figure: None)


def marks(axes: Axes, marker: str, colour: str | None = None) -> list[Line2D]:
    """The artists with a marker, of a colour if one is given."""
    return [
        line
        for line in axes.lines
        if line.get_marker() == marker and colour in {None, line.get_color()}
    ]


def labels(axes: Any) -> list[str]:
    """The labels of the lanes, each in one line."""
    return [
        text.get_text().replace("\n", " ").replace("\xa0", " ") for text in axes.get_yticklabels()
    ]


def written(axes: Axes) -> list[str]:
    """The texts in the axes."""
    return [text.get_text() for text in axes.texts]


def legend(figure: Figure) -> list[str]:
    """The entries of the figure's legend."""
    return [text.get_text() for text in figure.legends[0].get_texts()]
