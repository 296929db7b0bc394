"""A figure as a file, and as an element of a page.

A point made with ``url=hover(...)`` says in the SVG what it is when it is pointed at.
"""

from __future__ import annotations

import io
import re
import zlib
from xml.etree import ElementTree

from matplotlib.figure import Figure

from algoprog.report.figures.parts.names import printable
from algoprog.report.figures.parts.style import PALETTE, styled

# Artists have a place for a link and none for a title: a link of this kind is turned into one.
_HOVER = "title:"
# Matplotlib puts a text with double quotes between single ones.
_LINK = re.compile(rf"""<a xlink:href=(["']){_HOVER}(.*?)\1 target="_blank">(.*?)</a>""", re.DOTALL)

_REFERENCE = re.compile(r"#([\w-]+)")
_DECIMALS = re.compile(r"-?\d+\.\d{3,}")
_URL = re.compile(r"url\(#([\w-]+)\)")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_SAME = re.compile(r"(?<=L)([^A-Za-z]+)L")
_LONG = 300  # characters from which a path is a curve or an area of many points
_NO_TURN = re.compile(r"rotate\(-?0 .*\)")
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


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


def inline_svg(figure: Figure | str, name: str, title: str, finding: str = "") -> str:
    """The figure, or what :func:`svg` made of it, as an element of a page.

    It has its `title`, and the `finding` where there is one, for those who do not see it; ids with
    `name` in front; and colours that follow the page's: each colour of the palette becomes the
    custom property of its name. Coordinates have two decimals, and what repeats is said once.
    """
    for prefix, uri in (("", _SVG), ("xlink", _XLINK)):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(figure if isinstance(figure, str) else svg(figure))
    for child in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(child)
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    _compact(root, name)
    root.set("id", name)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    if finding:
        root.set("aria-describedby", f"{name}-desc")
        said = ElementTree.Element(f"{{{_SVG}}}desc", {"id": f"{name}-desc"})
        said.text = finding
        root.insert(0, said)
    described = ElementTree.Element(f"{{{_SVG}}}title", {"id": f"{name}-title"})
    described.text = title
    root.insert(0, described)
    return ElementTree.tostring(root, encoding="unicode")


def _compact(root: ElementTree.Element, name: str) -> None:
    """Shorten coordinates, drop ids that nothing refers to, and make classes of styles."""
    text = ElementTree.tostring(root, encoding="unicode")
    wanted = set(_REFERENCE.findall(text))
    short = name.removesuffix("-figure")
    ids = [one.attrib["id"] for one in root.iter() if one.attrib.get("id") in wanted]
    names = {old: f"{short}-{i}" for i, old in enumerate(ids)}
    rules: dict[str, str] = {}
    for element in root.iter():
        inside = element.tag not in {f"{{{_SVG}}}{tag}" for tag in ("text", "tspan", "title")}
        if inside and not (element.text or "").strip() and element.tag != f"{{{_SVG}}}style":
            element.text = None
        element.tail = None if not (element.tail or "").strip() else element.tail
        for key, value in list(element.attrib.items()):
            del element.attrib[key]
            if key != "id" or value in names:
                href = key == f"{{{_XLINK}}}href"
                element.set("href" if href else key, _attribute(key, value, names))
        if _NO_TURN.fullmatch(element.attrib.get("transform", "")):
            del element.attrib["transform"]
        style = element.attrib.pop("style", None)
        if style:
            rule = rules.setdefault(style, f"s{zlib.crc32(style.encode()):x}")
            element.set("class", " ".join(filter(None, (element.attrib.get("class"), rule))))
    _unwrap(root)
    sheet = ElementTree.Element(f"{{{_SVG}}}style")
    sheet.text = "".join(f".{rule}{{{style}}}" for style, rule in rules.items())
    root.insert(0, sheet)


def _clip_whole(element: ElementTree.Element) -> None:
    """Clip a point itself instead of a group in it."""
    inside = [child for child in element if child.tag != f"{{{_SVG}}}title"]
    alone = element.attrib == {"class": "point"} and len(inside) == 1
    if alone and list(inside[0].attrib) == ["clip-path"]:
        element.set("clip-path", inside[0].attrib.pop("clip-path"))


def _unwrap(element: ElementTree.Element) -> None:
    """Put the children of groups that say nothing in place of the groups."""
    _clip_whole(element)
    for child in list(element):
        _unwrap(child)
        if child.tag == f"{{{_SVG}}}g" and not child.attrib:
            at = list(element).index(child)
            element.remove(child)
            for one in reversed(list(child)):
                element.insert(at, one)


def _path(data: str) -> str:
    """Return a path in fewer characters: of a long one tenths of a point, no repeated letter."""
    if len(data) > _LONG:
        data = _DECIMAL.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), data)
    return _SAME.sub(r"\1 ", re.sub(r" ?([A-Za-z]) ?", r"\1", data))


def _attribute(key: str, value: str, names: dict[str, str]) -> str:
    """Return an attribute of a figure as the page has it, its ids by their new `names`."""
    if key == "id":
        return names[value]
    if key == f"{{{_XLINK}}}href":
        return f"#{names[value.removeprefix('#')]}"
    if key in {"style", "clip-path", "fill", "stroke"}:
        value = _URL.sub(lambda found: f"url(#{names[found[1]]})", value)
        value = _page_colours(value).strip()
        return value if key != "style" else value.replace(": ", ":").replace("; ", ";")
    if key in {"d", "x", "y", "transform", "points", "viewBox", "width", "height"}:
        value = _DECIMALS.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value)
        value = " ".join(value.split())
        return _path(value) if key == "d" else value
    return value


def _page_colours(style: str) -> str:
    names = {colour: name for name, colour in PALETTE.items()}
    return re.sub(
        r"#[0-9a-f]{6}\b",
        lambda match: f"var(--{names[match[0]]})" if match[0] in names else match[0],
        style,
    )
