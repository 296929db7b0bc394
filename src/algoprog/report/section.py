"""A section of the page: what it says, the template that says it, the figures it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from algoprog.report.figures.parts.declared import PageFigure
from algoprog.report.inputs import Inputs


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes
    ----------
    name : what its rows are called in every template; its template is ``<name>.html.j2``, and the
        heading it begins with has the id ``<name>``, with hyphens.
    rows : what the template is filled with; None leaves the section out.
    figures : the figures it shows.
    """

    name: str
    rows: Callable[[Inputs], Any]
    figures: tuple[PageFigure, ...] = ()

    @property
    def template(self) -> str:
        """The name of its template."""
        return f"{self.name}.html.j2"

    @property
    def anchor(self) -> str:
        """The id of its heading."""
        return self.name.replace("_", "-")
