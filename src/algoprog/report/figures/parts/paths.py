"""Paths of an SVG drawing: what they go through, and the same in fewer characters.

Only straight lines are understood (and circles as matplotlib draws them, eight curves); any other
path is left as it is but for its decimals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

Point = tuple[float, float]

_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_NUMBER = re.compile(r"-?\d+\.\d+")
_CURVES = re.compile(r"[^MCZz]")
# A path all of which is so near its origin is a marker, and has hundredths; others have tenths.
_MARKER = 10.0
# How far a curve drawn in straight lines may move when points are left out of it.
_TOLERANCE = 0.08


@dataclass(frozen=True)
class Lines:
    """A path of straight lines: the points of each part, and whether it closes."""

    parts: tuple[tuple[tuple[Point, ...], bool], ...]

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of its points."""
        points = [point for part, _ in self.parts for point in part]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    def moved(self, x: float, y: float) -> Lines:
        """Return the path moved by `x` and `y`."""
        return Lines(
            tuple((tuple((a + x, b + y) for a, b in part), shut) for part, shut in self.parts)
        )

    def and_also(self, other: Lines) -> Lines:
        """Return the path that goes on with another."""
        return Lines(self.parts + other.parts)

    def written(self) -> str:
        """Return the path as the ``d`` of an element, in steps from point to point."""
        scale = 100 if max(abs(edge) for edge in self.box) < _MARKER else 10
        at, said, last = (0, 0), [], ""
        for points, shut in self.parts:
            thinned = simplified(points) if len(points) > 8 else list(points)
            places = [(round(x * scale), round(y * scale)) for x, y in thinned]
            said.append(f"M{_pair(*places[0], scale)}")
            begin = at = places[0]
            last = "M"
            for place in places[1:]:
                dx, dy = place[0] - at[0], place[1] - at[1]
                at = place
                if not dx and not dy and len(places) > 2:
                    continue
                letter = "h" if not dy else "v" if not dx else "l"
                step = {"h": _short(dx, scale), "v": _short(dy, scale)}.get(
                    letter, _pair(dx, dy, scale)
                )
                said.append(_after(step, letter, last))
                last = letter
            if shut:
                said.append("z")
                at, last = begin, "z"
        return "".join(said)


@dataclass(frozen=True)
class Circle:
    """A circle that a path of curves draws."""

    x: float
    y: float
    radius: float


def lines(data: str) -> Lines | None:
    """Return the straight lines of a path; None if there is anything else in it, or nothing."""
    parts: list[tuple[tuple[Point, ...], bool]] = []
    points: list[Point] = []
    tokens = _TOKEN.findall(data)
    i, command = 0, ""
    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
            if command in "Zz":
                parts.append((tuple(points), True))
                points = []
                continue
            if command not in "ML":
                return None
            if command == "M" and points:
                parts.append((tuple(points), False))
                points = []
        if command not in {"M", "L"} or (command == "L" and not points):
            return None
        points.append((float(tokens[i]), float(tokens[i + 1])))
        i += 2
    if points:
        parts.append((tuple(points), False))
    return Lines(tuple(parts)) if parts and all(part for part, _ in parts) else None


def circle(data: str) -> Circle | None:
    """Return the circle that a path of eight curves is; None if it is none."""
    if data.count("C") != 8 or _CURVES.search(re.sub(r"[-\d.\se]", "", data)):
        return None
    numbers = [float(one) for one in _TOKEN.findall(data) if not one.isalpha()]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    if len(pairs) != 25:
        return None
    ends = pairs[::3]
    x = (min(a for a, _ in ends) + max(a for a, _ in ends)) / 2
    y = (min(b for _, b in ends) + max(b for _, b in ends)) / 2
    radii = [math.hypot(a - x, b - y) for a, b in ends]
    if max(radii) - min(radii) > 0.01 * max(radii):
        return None
    return Circle(x, y, sum(radii) / len(radii))


def simplified(points: Sequence[Point], tolerance: float = _TOLERANCE) -> list[Point]:
    """Return the points without those within `tolerance` of the lines between the others.

    By Ramer, Douglas and Peucker: the farthest point from the line between two kept ones is kept
    too, if it is far enough.
    """
    kept = [True, *[False] * (len(points) - 2), True]
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        away = [_distance(points[i], points[first], points[last]) for i in range(first + 1, last)]
        worst = max(away)
        if worst > tolerance:
            at = first + 1 + away.index(worst)
            kept[at] = True
            spans += [(first, at), (at, last)]
    return [point for point, stays in zip(points, kept, strict=True) if stays]


def rounded(data: str) -> str:
    """Return any path with tenths (hundredths near the origin) and no needless blanks."""
    numbers = [float(one) for one in _NUMBER.findall(data)]
    near = max((abs(one) for one in numbers), default=0.0) < _MARKER
    short = _NUMBER.sub(lambda found: tenths(found[0], 2 if near else 1), data)
    return re.sub(r" ?([A-Za-z]) ?", r"\1", " ".join(short.split()))


def tenths(number: str, digits: int = 1) -> str:
    """Return a number with so many decimals at most, and nothing needless."""
    said = f"{float(number):.{digits}f}".rstrip("0").rstrip(".")
    return "0" if said in {"-0", ""} else re.sub(r"^(-?)0\.", r"\1.", said)


def _distance(point: Point, first: Point, last: Point) -> float:
    """Return how far a point is from the line between two others."""
    (x, y), (a, b) = point, first
    dx, dy = last[0] - a, last[1] - b
    length = dx * dx + dy * dy
    along = 0.0 if not length else min(1.0, max(0.0, ((x - a) * dx + (y - b) * dy) / length))
    return math.hypot(x - a - along * dx, y - b - along * dy)


def _short(steps: int, scale: int) -> str:
    return tenths(str(steps / scale), len(str(scale)) - 1)


def _pair(x: int, y: int, scale: int) -> str:
    first, second = _short(x, scale), _short(y, scale)
    return first + ("" if second.startswith("-") else " ") + second


def _after(step: str, letter: str, last: str) -> str:
    """Return a step after another: its letter, or a blank where the letter is the same."""
    if letter != last:
        return letter + step
    return step if step.startswith("-") else f" {step}"
