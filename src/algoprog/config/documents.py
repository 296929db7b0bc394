"""YAML as a configuration may have it: plain data within bounds, every key once, no template.

A document is looked at event by event before anything is built from it, so that neither nesting
nor aliases cost more than reading it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from algoprog.common.decoding import decode
from algoprog.common.errors import InputError

# The one written in C, where there is one: every call of Snakemake reads all files.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LARGEST = 1_000_000  # bytes
DEEPEST = 40  # mappings and lists within each other
MOST = 100_000  # values, with what aliases repeat
LONGEST_NUMBER = 50  # characters
# Snakemake would run such a file as a template (yte): what stands after ? is Python.
TEMPLATES = ("__use_yte__", "__definitions__", "__variables__")

_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_DATE = "tag:yaml.org,2002:timestamp"
_PLAIN = {
    *(_DATE, *_NUMBERS),
    *(f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "bool", "null", "merge")),
}


def read_document(content: bytes, where: str) -> dict[str, Any]:
    """Return the mapping that a YAML document is.

    Raises
    ------
    InputError
        naming the line or the key, for YAML that is no mapping, cannot be read, is larger, deeper
        or longer than a configuration is, has a key twice in one mapping, a number of too many
        digits, a date that is none, a tag of code, or asks to be run as a template.
    """
    if len(content) > LARGEST:
        found = f"{len(content):,} bytes"
        raise InputError(where, "", found, f"write at most {LARGEST:,} bytes")
    text = decode(content, where, "YAML")
    try:
        _check_events(text, where)
        root = yaml.compose(text, Loader=LOADER)
        if not isinstance(root, yaml.MappingNode):
            raise InputError(where, "line 1", text.strip()[:40], "expected a mapping (key: value)")
        mistakes = list(_mistakes(root, where))
        if mistakes:
            raise InputError.combine(mistakes)
        found = yaml.load(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise InputError(where, line, problem, "write it as YAML") from None
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        fix = "write it as plain YAML, without tags"
        raise InputError(where, "", f"{type(error).__name__}: {error}", fix) from None
    assert isinstance(found, dict)
    return found


def _check_events(text: str, where: str) -> None:
    """Refuse what is too deep, what aliases repeat too often, and an alias of what it stands in."""
    sizes: dict[str, int] = {}  # values of each finished anchor
    open_nodes: list[tuple[str | None, int]] = []  # its anchor, and the values before it
    count = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = f"line {event.start_mark.line + 1}" if event.start_mark else ""
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                fix = "write out what is meant"
                found = f"the alias *{event.anchor} of what it stands in, or of nothing"
                raise InputError(where, line, found, fix)
            count += sizes[event.anchor]
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, count))
            count += 1
            if len(open_nodes) > DEEPEST:
                found = f"nested over {DEEPEST} deep"
                raise InputError(where, line, found, f"nest at most {DEEPEST}")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = count - before
        elif isinstance(event, yaml.ScalarEvent):
            count += 1
            if event.anchor:
                sizes[event.anchor] = 1
        if count > MOST:
            raise InputError(where, line, f"over {MOST:,} values", "write fewer")


def _mistakes(root: yaml.MappingNode, where: str) -> Iterator[InputError]:
    for key, _ in root.value:
        if key.value in TEMPLATES:
            fix = "leave it out: a configuration is data, and no template is run"
            yield InputError(where, str(key.value), "a template", fix)
    for path, node in _nodes(root, ()):
        place = ".".join(path)
        if node.tag not in _PLAIN:
            yield InputError(where, place, f"the tag {node.tag}", "write a plain value")
        elif isinstance(node, yaml.MappingNode):
            yield from _of_keys(node, path, where)
        elif node.tag in _NUMBERS and len(node.value) > LONGEST_NUMBER:
            found = f"a number of {len(node.value):,} characters"
            yield InputError(where, place, found, f"write at most {LONGEST_NUMBER}")
        elif node.tag == _DATE:
            try:
                yaml.safe_load(f"!!timestamp '{node.value}'")
            except (ValueError, OverflowError, AttributeError, yaml.YAMLError):
                fix = "no such date; write it as YYYY-MM-DD"
                yield InputError(where, place, node.value[:40], fix)


def _of_keys(node: yaml.MappingNode, path: tuple[str, ...], where: str) -> Iterator[InputError]:
    seen: set[str] = set()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            place = ".".join(path)
            yield InputError(where, place, f"a key in line {line} that is no text", "write a name")
            continue
        name = str(key.value)
        if name in seen:
            place = ".".join((*path, name))
            yield InputError(where, place, f"written again in line {line}", "keep one")
        seen.add(name)


def _nodes(node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], yaml.Node]]:
    """Every node of a document with its place, a node before what it holds."""
    yield path, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _nodes(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _nodes(value, (*path, str(position)))
