"""What one part of the configuration names in another, and what it takes over from there.

A type says both: ``Annotated[Name, Ref("samples", enabled=True)]`` is the name of an enabled
sample, ``Inherits("headline.sample")`` a value that is, unless given, the headline's. One walk over
the configuration checks every reference, another fills in what is inherited. This module knows no
section.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import Field

from algoprog.common.numbers import format_delta
from algoprog.common.section import Section

Problem = tuple[str, object, str]  # place, value found, what was expected
S = TypeVar("S", bound=Section)


@dataclass(frozen=True, init=False)
class Ref:
    """A mark on a type: the value is a name (or a member) of what stands elsewhere.

    to       path of a mapping or a list of the configuration. Braces stand for a value elsewhere:
             ``samples.{headline.sample}.exclusions``; ``{self.sample}`` for one beside the field.
    enabled  whether what is named must be enabled (unless the section that names it is disabled)
    having   what it must say besides: ``Ref("sources", role="lookup")``
    """

    to: str
    enabled: bool
    having: tuple[tuple[str, object], ...]

    def __init__(self, to: str, *, enabled: bool = False, **having: object) -> None:
        object.__setattr__(self, "to", to)
        object.__setattr__(self, "enabled", enabled)
        object.__setattr__(self, "having", tuple(having.items()))

    def problem(
        self, config: Section, holder: Section, place: str, value: object, active: bool
    ) -> Problem | None:
        """Return what is wrong with ``value``; nothing where ``to`` itself leads nowhere."""
        path = self.to.format_map({**dict(config), "self": holder})
        there = _at(config, path)
        if not isinstance(there, Mapping | list):
            return None  # an error of its own
        if isinstance(there, list) and not active:
            return None  # what is disabled may ask for what is not made
        enabled = self.enabled and active
        known = [name for name in there if not enabled or _enabled(there, name)]
        known = [name for name in known if all(_says(there, name, *one) for one in self.having)]
        if value in known:
            return None
        words = ("the enabled " if enabled else "") + path
        words += "".join(f" with {key}: {wanted}" for key, wanted in self.having)
        start = "expected"
        if enabled and value in there and not _enabled(there, value):
            start = "it is not enabled: enable it, or name"
        names = ", ".join(_shown(name) for name in known)
        return place, value, f"{start} one of {words}: {names or '(none)'}"


@dataclass(frozen=True)
class Inherits:
    """A mark on a field whose default is the value at ``path``, such as ``headline.sample``."""

    path: str


# The default of a field with that mark, until it is filled in.
INHERITED: Any = Field(default=None)


def check_references(config: Section) -> Iterator[Problem]:
    """Yield what refers to something that is not there, in the order of the configuration."""
    for place, value, ref, holder, active in _references(config, (), True):
        if _is_inherited(config, holder, place[-1], value):
            continue  # an error where it is said
        problem = ref.problem(config, holder, ".".join(place), value, active)
        if problem:
            yield problem


def inherited(config: S) -> S:
    """Return the configuration with every inherited value filled in."""
    return _filled(config, config)


Found = tuple[tuple[str, ...], object, Ref, Section, bool]


def _references(section: Section, path: tuple[str, ...], active: bool) -> Iterator[Found]:
    """Every reference of a section: place, value, mark, the section it is in, whether it is on."""
    active = active and getattr(section, "enabled", True) is not False
    for name, field in type(section).model_fields.items():
        hint = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        yield from _in_value(getattr(section, name), hint, section, (*path, name), active)


def _in_value(
    value: object, hint: Any, holder: Section, path: tuple[str, ...], active: bool
) -> Iterator[Found]:
    """The references in one value, whose type is ``hint``."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        if value is not None:
            marks = [mark for mark in arguments[1:] if isinstance(mark, Ref)]
            yield from ((path, value, mark, holder, active) for mark in marks)
        yield from _in_value(value, arguments[0], holder, path, active)
    elif origin in (Union, types.UnionType):
        for member in arguments:
            yield from _in_value(value, member, holder, path, active)
    elif origin is dict and isinstance(value, dict):
        for key, inner in value.items():
            yield from _in_value(key, arguments[0], holder, (*path, str(key)), active)
            yield from _in_value(inner, arguments[1], holder, (*path, str(key)), active)
    elif origin is list and isinstance(value, list):
        for position, inner in enumerate(value):
            place = (*path, str(position)) if isinstance(inner, Section) else path
            yield from _in_value(inner, arguments[0], holder, place, active)
    elif isinstance(hint, type) and issubclass(hint, Section) and isinstance(value, hint):
        yield from _references(value, path, active)


def _filled(config: Section, section: S) -> S:
    changed: dict[str, Any] = {}
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        for mark in field.metadata:
            if isinstance(mark, Inherits) and value is None:
                changed[name] = _at(config, mark.path)
        if name not in changed:
            filled = _filled_value(config, value)
            if filled is not value:
                changed[name] = filled
    return section.model_copy(update=changed) if changed else section


def _filled_value(config: Section, value: Any) -> Any:
    if isinstance(value, Section):
        return _filled(config, value)
    if isinstance(value, dict):
        filled = {key: _filled_value(config, inner) for key, inner in value.items()}
        return filled if any(filled[key] is not value[key] for key in value) else value
    return value


def _at(config: Section, path: str) -> Any:
    node: Any = config
    for part in path.split("."):
        node = node.get(part) if isinstance(node, Mapping) else getattr(node, part, None)
    return node


def _is_inherited(config: Section, holder: Section, field: str, value: object) -> bool:
    stated = type(holder).model_fields.get(field)
    marks = stated.metadata if stated else []
    return any(isinstance(mark, Inherits) and _at(config, mark.path) == value for mark in marks)


def _enabled(there: Any, name: Any) -> bool:
    return not isinstance(there, Mapping) or getattr(there[name], "enabled", True)


def _says(there: Any, name: Any, key: str, wanted: object) -> bool:
    return getattr(there[name], key, None) == wanted


def _shown(name: object) -> str:
    return format_delta(name) if isinstance(name, float) else str(name)
