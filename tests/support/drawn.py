"""What tests of figures read of a drawn figure."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D


def same(frame: pl.DataFrame) -> pl.DataFrame:
    """A table as it is; what a test changes tables by otherwise."""
    return frame


def not_laid_out(figure: Figure) -> Figure:
    """Instead of `figures.settled`: the layout takes most of a figure's time."""
    figure.set_layout_engine("none")
    return figure


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
