"""A figure as a file, and as an element of a page.

A point made with ``url=hover(...)`` says in the SVG what it is when it is pointed at.
"""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

from matplotlib.figure import Figure

from algoprog.report.figures.parts.compact import SVG, XLINK, Sheet, compact
from algoprog.report.figures.parts.names import printable
from algoprog.report.figures.parts.style import styled

# Artists have a place for a link and none for a title: a link of this kind is turned into one.
_HOVER = "title:"
# Matplotlib puts a text with double quotes between single ones.
_LINK = re.compile(rf"""<a xlink:href=(["']){_HOVER}(.*?)\1 target="_blank">(.*?)</a>""", re.DOTALL)


@styled
def svg(figure: Figure) -> str:
    """The figure as an SVG file: text stays text; no date, so the same bytes every time.

    What :func:`hover` gave a point becomes the ``<title>`` of a group of class ``point``, which
    browsers show, and screen readers say, where the point is.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return _LINK.sub(r'<g class="point"><title>\2</title>\3</g>', buffer.getvalue())


@styled
def pdf(figure: Figure) -> bytes:
    """The figure as a PDF file: text stays text; no date, so the same bytes every time."""
    buffer = io.BytesIO()
    unnamed = {"CreationDate": None, "Creator": None, "Producer": None}
    figure.savefig(buffer, format="pdf", metadata=unnamed)
    return buffer.getvalue()


def hover(*parts: object) -> str:
    """What a point is, a part a line, for the ``url`` of its artist (``urls`` of a collection)."""
    return _HOVER + "\n".join(printable(str(part)) for part in parts)


def inline_svg(
    figure: Figure | str, name: str, title: str, finding: str = "", sheet: Sheet | None = None
) -> str:
    """The figure, or what :func:`svg` made of it, as an element of a page, in few characters.

    It has its `title`, and a description for those who do not see it: the `finding`, or else what
    stands at ``<name>-finding`` on the page (the name without ``-figure``). Its colours follow the
    page's: each colour of the palette becomes the custom property of its name. Its styles are those
    of the page's `sheet`; without one it has a sheet of its own. What makes it short is in
    :mod:`algoprog.report.figures.parts.compact`.
    """
    for prefix, uri in (("", SVG), ("xlink", XLINK)):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(figure if isinstance(figure, str) else svg(figure))
    own = Sheet() if sheet is None else sheet
    compact(root, own)
    if sheet is None:
        styles = ElementTree.Element(f"{{{SVG}}}style")
        styles.text = own.text()
        root.insert(0, styles)
    root.set("id", name)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    root.set("aria-describedby", f"{name.removesuffix('-figure')}-finding")
    if finding:
        root.set("aria-describedby", f"{name}-desc")
        said = ElementTree.Element(f"{{{SVG}}}desc", {"id": f"{name}-desc"})
        said.text = finding
        root.insert(0, said)
    described = ElementTree.Element(f"{{{SVG}}}title", {"id": f"{name}-title"})
    described.text = title
    root.insert(0, described)
    return ElementTree.tostring(root, encoding="unicode").replace('" />', '"/>')
