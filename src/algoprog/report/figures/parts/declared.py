"""How a figure of the page is declared: its file name, title, function and the tables it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.figure import Figure

from algoprog.report.inputs import Inputs


@dataclass(frozen=True)
class Drawing:
    """A figure of a page: its title, what draws it, its finding, its size.

    A ``small`` figure is drawn so that it is read on a phone without scrolling sideways.
    """

    title: str
    draw: Callable[[], Figure]
    finding: str = ""
    small: bool = False


def _nothing(inputs: Inputs) -> Sequence[Any]:
    return ()


def _silent(inputs: Inputs) -> str:
    return ""


@dataclass(frozen=True)
class PageFigure:
    """A figure that a section shows.

    Attributes
    ----------
    name : of its files, ``results/figures/<name>.svg`` and ``.pdf``.
    title : what it shows, for those who do not see it.
    draw : a pure function of its tables, then of what is ``given``, to a figure.
    tables : the result tables it reads. It is drawn where the first has rows; each other that is
        not there is None.
    given : the further arguments, from the page's inputs; None leaves the figure out.
    finding : what it shows, in a sentence with its numbers; the figure's accessible description.
    small : drawn as wide as a phone in any case, with its caption beside it on a wide page.
    """

    name: str
    title: str
    draw: Callable[..., Figure]
    tables: tuple[str, ...] = ()
    given: Callable[[Inputs], Sequence[Any] | None] = _nothing
    finding: Callable[[Inputs], str] = _silent
    small: bool = False

    def drawing(self, inputs: Inputs) -> Drawing | None:
        """Return the figure of these inputs; None where there is nothing to draw it from."""
        tables = [inputs.tables.get(name) for name in self.tables]
        if self.tables and (tables[0] is None or tables[0].is_empty()):
            return None
        given = self.given(inputs)
        if given is None:
            return None
        draw = partial(self.draw, *tables, *given)
        return Drawing(self.title, draw, self.finding(inputs), self.small)
