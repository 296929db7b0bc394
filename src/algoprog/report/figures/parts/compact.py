"""A drawing in fewer characters: what repeats is said once, and what changes nothing is left out.

Nothing that is seen moves by more than a tenth of a point of the drawing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from algoprog.report.figures.parts.paths import Lines, circle, lines, rounded, tenths
from algoprog.report.figures.parts.style import PALETTE

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
Box = tuple[float, float, float, float]

_REFERENCE = re.compile(r"#([\w-]+)")
_URL = re.compile(r"url\(#([\w-]+)\)")
_NO_TURN = re.compile(r"rotate\(-?0 .*\)")
_DECIMALS = re.compile(r"-?\d+\.\d+")
_TICK = re.compile(r"[xy]tick_\d+$")
_FONT = re.compile(r"font-family:[^;]*;?")
# Matplotlib says this in every drawing; the page's style sheet says it once.
_GENERAL = re.compile(r"\*\s*\{\s*stroke-linejoin: round; stroke-linecap: butt\s*\}")
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789"
# A line that ends at the edge of a clip may be drawn as far beyond it as a thin line's cap.
_HAIR = 0.75
_WIDEST_LETTER = 0.75  # of the size of a font


@dataclass
class Sheet:
    """The styles of all drawings of a page by their class, and how many ids are given away."""

    rules: dict[str, str] = field(default_factory=dict)
    ids: int = 0

    def rule(self, style: str) -> str:
        """Return the class of a style."""
        return self.rules.setdefault(style, f"s{_short(len(self.rules))}")

    def identity(self) -> str:
        """Return an id that no other drawing of the page has."""
        self.ids += 1
        return f"i{_short(self.ids - 1)}"

    def text(self) -> str:
        """Return the style sheet."""
        return "".join(f".{name}{{{style}}}" for style, name in self.rules.items())


def compact(root: Element, sheet: Sheet) -> None:
    """Shorten a drawing; its styles become classes of the `sheet`."""
    _strip(root)
    ticks = set(_ticks(root))
    _rename(root, sheet)
    drawn = _Drawn(root, ticks)
    _unwrap(root)
    for element in root.iter():
        drawn.unclip(element)
        drawn.straighten(element)
    drawn.merge(root)
    for element, straight in drawn.straight.items():
        element.set("d", straight.written())
    _drop_unused(root)
    for element in root.iter():
        style = element.attrib.pop("style", None)
        if style:
            names = (element.get("class"), sheet.rule(style))
            element.set("class", " ".join(filter(None, names)))


def _short(number: int) -> str:
    """Return a number in as few letters and digits as it takes."""
    said = ""
    while number >= 0:
        number, digit = divmod(number, len(_SIGNS))
        said = _SIGNS[digit] + said
        number -= 1
    return said


def _tag(element: Element) -> str:
    return element.tag.removeprefix(f"{{{SVG}}}")


def _referred(root: Element) -> set[str]:
    """Return the ids that something refers to."""
    values = (value for one in root.iter() for key, value in one.attrib.items() if key != "id")
    return set(_REFERENCE.findall(" ".join(values)))


def _strip(root: Element) -> None:
    """Drop blanks between elements, sizes, and the general style; shorten every attribute."""
    for child in root.findall(f"{{{SVG}}}metadata"):
        root.remove(child)
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    for parent in list(root.iter()):
        for child in list(parent):
            if _tag(child) == "style" and _GENERAL.fullmatch((child.text or "").strip()):
                parent.remove(child)
    for element in root.iter():
        if _tag(element) not in {"text", "tspan", "title"} and not (element.text or "").strip():
            element.text = None
        element.tail = element.tail if (element.tail or "").strip() else None
        for key, value in list(element.attrib.items()):
            del element.attrib[key]
            element.set("href" if key == f"{{{XLINK}}}href" else key, _attribute(key, value))
        if _NO_TURN.fullmatch(element.get("transform", "")):
            del element.attrib["transform"]


def _attribute(key: str, value: str) -> str:
    """Return an attribute as a page has it."""
    if key in {"style", "fill", "stroke"}:
        value = _page_colours(value).strip().replace(": ", ":").replace("; ", ";")
        return _FONT.sub("", value).strip(";") if key == "style" else value
    if key in {"x", "y", "transform", "width", "height"}:
        value = _DECIMALS.sub(lambda found: tenths(found[0]), value)
    return " ".join(value.split())


def _page_colours(style: str) -> str:
    names = {colour: name for name, colour in PALETTE.items()}
    return re.sub(
        r"#[0-9a-f]{6}\b",
        lambda match: f"var(--{names[match[0]]})" if match[0] in names else match[0],
        style,
    )


def _ticks(root: Element) -> Iterator[Element]:
    """Yield the tick marks of the axes, which matplotlib names.

    They lie beyond the axes and beside their labels, so that nothing of the drawing touches them.
    """
    for group in root.iter(f"{{{SVG}}}g"):
        if _TICK.match(group.get("id", "")):
            yield from group.iter(f"{{{SVG}}}use")


def _rename(root: Element, sheet: Sheet) -> None:
    """Give ids that something refers to short names, and drop the others."""
    wanted = _referred(root)
    names = {one.attrib["id"]: sheet.identity() for one in root.iter() if one.get("id") in wanted}
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key == "id" and value not in names:
                del element.attrib["id"]
            elif key == "id":
                element.set("id", names[value])
            elif key == "href":
                element.set("href", f"#{names[value.removeprefix('#')]}")
            else:
                element.set(key, _URL.sub(lambda found: f"url(#{names[found[1]]})", value))


def _drop_unused(root: Element) -> None:
    """Drop definitions that nothing refers to."""
    wanted = _referred(root)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.get("id", "") not in wanted and _tag(parent) == "defs":
                parent.remove(child)
    for parent in list(root.iter()):
        for child in list(parent):
            if _tag(child) == "defs" and not len(child):
                parent.remove(child)


def _unwrap(element: Element) -> None:
    """Put what is in groups that say nothing, or only a clip or a title, in place of the groups."""
    for child in list(element):
        _unwrap(child)
        if _tag(child) == "g" and _loose(child):
            at = list(element).index(child)
            element.remove(child)
            for one in reversed(list(child)):
                element.insert(at, one)


def _loose(group: Element) -> bool:
    """Hand what a group says over to what is in it; return whether it says nothing any more."""
    title = group.find(f"{{{SVG}}}title")
    inside = [child for child in group if child is not title]
    clip = group.get("clip-path")
    plain = not any(one.get("transform") for one in inside)
    if clip and plain and all(one.get("clip-path", clip) == clip for one in inside):
        del group.attrib["clip-path"]
        for one in inside:
            one.set("clip-path", clip)
    alone = len(inside) == 1 and _tag(inside[0]) in {"use", "path", "circle"} and not len(inside[0])
    if title is not None and alone and group.attrib == {"class": "point"}:
        group.remove(title)
        inside[0].append(title)
        inside[0].set("class", "point")
        return True
    return not group.attrib and title is None


def _said(style: str) -> dict[str, str]:
    """Return a style by property."""
    return dict(part.split(":", 1) for part in style.split(";") if ":" in part)


def _style(said: dict[str, str]) -> str:
    return ";".join(f"{key}:{value}" for key, value in said.items())


def _rectangle(clip: Element) -> Box | None:
    """Return the box of a clip that is a rectangle."""
    inside = list(clip)
    if len(inside) != 1 or _tag(inside[0]) != "rect" or inside[0].get("transform"):
        return None
    x, y, width, height = (float(inside[0].get(key, "0")) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


class _Drawn:
    """What a drawing shows and where; it says circles as circles, and knows which paths are lines.

    Attributes
    ----------
    shared : elements by the reference to them.
    clips : the box of each clip by its id; None of one that is no rectangle.
    straight : the lines of each path that is nothing else.
    ticks : the tick marks of its axes.
    uses : how often each shared element is used.
    """

    def __init__(self, root: Element, ticks: set[Element]) -> None:
        self.ticks = ticks
        self.uses = Counter(one.get("href") for one in root.iter(f"{{{SVG}}}use"))
        self.shared = {f"#{one.get('id')}": one for one in root.iter() if one.get("id")}
        self.clips = {one.get("id"): _rectangle(one) for one in root.iter(f"{{{SVG}}}clipPath")}
        self.straight: dict[Element, Lines] = {}
        for element in list(root.iter(f"{{{SVG}}}path")):
            self._shape(element)

    def _shape(self, element: Element) -> None:
        data = element.attrib["d"]
        straight, ring = lines(data), circle(data)
        if straight:
            self.straight[element] = straight
        elif ring:
            element.tag = f"{{{SVG}}}circle"
            del element.attrib["d"]
            if abs(ring.x) + abs(ring.y) > 1e-6:
                element.set("cx", tenths(str(ring.x)))
                element.set("cy", tenths(str(ring.y)))
            element.set("r", tenths(str(ring.radius), 2))
        else:
            element.set("d", rounded(data))

    def box(self, element: Element) -> Box | None:
        """Return left, top, right and bottom of an element without its stroke, where known."""
        if element.get("transform"):
            return None
        if element in self.straight:
            return self.straight[element].box
        x, y = (float(element.get(key, "0")) for key in ("x", "y"))
        if _tag(element) == "use":
            inner = self.box(self.shared[element.get("href", "")])
            return inner and (inner[0] + x, inner[1] + y, inner[2] + x, inner[3] + y)
        if _tag(element) == "circle":
            x, y, r = (float(element.get(key, "0")) for key in ("cx", "cy", "r"))
            return x - r, y - r, x + r, y + r
        if _tag(element) == "text" and not len(element):
            size = float(_said(element.get("style", "")).get("font-size", "9px").rstrip("px"))
            wide = len(element.text or "") * size * _WIDEST_LETTER
            return x - wide, y - size, x + wide, y + size / 2
        return None

    def look(self, element: Element) -> dict[str, str]:
        """Return the style of an element, what it refers to included."""
        shared = self.shared.get(element.get("href", ""))
        inner = {} if shared is None else _said(shared.get("style", ""))
        return _said(element.get("style", "")) | inner

    def unclip(self, element: Element) -> None:
        """Drop a clip that cuts nothing off, and make another part of the style."""
        clip = element.attrib.pop("clip-path", None)
        if clip is None:
            return
        found, box, look = _URL.search(clip), self.box(element), self.look(element)
        edge = self.clips.get(found[1]) if found else None
        width = float(look.get("stroke-width", "1")) if look.get("stroke", "none") != "none" else 0
        spare = max(0.0, width / 2 - _HAIR) - 0.05
        if box and edge:
            low = all(box[i] - spare >= edge[i] for i in (0, 1))
            if low and all(box[i] + spare <= edge[i] for i in (2, 3)):
                return
        element.set("style", _style(_said(element.get("style", "")) | {"clip-path": clip}))

    def straighten(self, element: Element) -> None:
        """Make a path of a mark that is a line, as a tick is, and of one that is used once."""
        shared = self.shared.get(element.get("href", ""))
        mark = None if shared is None else self.straight.get(shared)
        usual = _tag(element) == "use" and not len(element) and not element.get("transform")
        if mark is None or not usual:
            return
        line = len(mark.parts) == 1 and not mark.parts[0][1]
        if not line and self.uses[element.get("href")] > 1:
            return
        x, y = (float(element.get(key, "0")) for key in ("x", "y"))
        look = self.look(element) | ({"fill": "none"} if line else {})
        element.tag = f"{{{SVG}}}path"
        element.attrib.clear()
        element.set("style", _style(look))
        self.straight[element] = mark.moved(x, y)

    def merge(self, parent: Element) -> None:
        """Put lines of one look in one path, where nothing between them touches the later one."""
        if _tag(parent) in {"defs", "clipPath", "pattern"}:
            return
        for child in parent:
            self.merge(child)
        firsts: dict[str, tuple[Element, list[Box | None]]] = {}
        for child in list(parent):
            box = _padded(self.box(child), self.look(child))
            look = child.get("style", "")
            plain = not len(child) and not {"id", "class"} & {*child.attrib}
            line = plain and child in self.straight
            first, between = firsts.get(look, (None, []))
            alone = child in self.ticks and first in self.ticks
            if line and first is not None and _opaque(look) and (alone or _free(box, between)):
                self.straight[first] = self.straight[first].and_also(self.straight.pop(child))
                parent.remove(child)
                box = _padded(self.box(first), self.look(first))
            elif line:
                firsts[look] = (child, [])
            for other, (one, after) in firsts.items():
                if one is not child and (other != look or not line):
                    after.append(box)


def _opaque(look: str) -> bool:
    return "fill:none" in look and "opacity" not in look


def _padded(box: Box | None, look: dict[str, str]) -> Box | None:
    pad = float(look.get("stroke-width", "1")) + 0.1
    return box and (box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad)


def _free(box: Box | None, others: list[Box | None]) -> bool:
    """Return whether a box touches none of the others; one that is not known touches all."""
    if box is None:
        return not others
    return not any(
        one is None
        or (box[0] <= one[2] and one[0] <= box[2] and box[1] <= one[3] and one[1] <= box[3])
        for one in others
    )
