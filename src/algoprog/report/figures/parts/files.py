"""A figure as a file, and as an element of a page.

A point made with ``url=hover(...)`` says in the SVG what it is when it is pointed at.
"""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

from matplotlib.figure import Figure

from algoprog.report.figures.parts.names import printable
from algoprog.report.figures.parts.style import PALETTE, styled

# Artists have a place for a link and none for a title: a link of this kind is turned into one.
_HOVER = "title:"
_LINK = re.compile(rf'<a xlink:href="{_HOVER}([^"]*)" target="_blank">(.*?)</a>', re.DOTALL)

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


@styled
def svg(figure: Figure) -> str:
    """The figure as an SVG file: text stays text; no date, so the same bytes every time.

    What :func:`hover` gave a point becomes the ``<title>`` of a group of class ``point``, which
    browsers show, and screen readers say, where the point is.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return _LINK.sub(r'<g class="point"><title>\1</title>\2</g>', buffer.getvalue())


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


def inline_svg(figure: Figure, name: str, title: str) -> str:
    """The figure as an element of a page.

    It has its `title` for those who do not see it, ids with `name` in front, and colours
    that follow the page's: each colour of the palette becomes the custom property of its name.
    """
    for prefix, uri in (("", _SVG), ("xlink", _XLINK)):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(svg(figure))
    for child in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(child)
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key == f"{{{_XLINK}}}href":
                element.set(key, value.replace("#", f"#{name}-"))
            elif key in {"style", "clip-path", "fill", "stroke"}:
                element.set(key, _page_colours(value.replace("url(#", f"url(#{name}-")))
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    root.set("id", name)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    described = ElementTree.Element(f"{{{_SVG}}}title", {"id": f"{name}-title"})
    described.text = title
    root.insert(0, described)
    return ElementTree.tostring(root, encoding="unicode")


def _page_colours(style: str) -> str:
    names = {colour: name for name, colour in PALETTE.items()}
    return re.sub(
        r"#[0-9a-f]{6}\b",
        lambda match: f"var(--{names[match[0]]})" if match[0] in names else match[0],
        style,
    )
