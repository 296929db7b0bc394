"""What a user reads of an entry that is refused: pydantic's errors in the words of the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic_core import ErrorDetails

from algoprog.common.rows import Plain
from algoprog.config.references import Problem
from algoprog.config.types import OF_THE_ENVIRONMENT, RENAMED, RecordField

# What was expected, by pydantic's type of error; anything else keeps pydantic's own words.
_EXPECTED = {
    "missing": "this key is required",
    "string_type": "expected text",
    "string_too_short": "expected text that is not empty",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "finite_number": "expected a finite number",
    "bool_type": "expected true or false",
    "dict_type": "expected a mapping (key: value)",
    "model_type": "expected a mapping (key: value)",
    "list_type": "expected a list [...]",
    "literal_error": "expected {expected}",
    "greater_than_equal": "expected at least {ge}",
    "greater_than": "expected more than {gt}",
    "less_than_equal": "expected at most {le}",
    "less_than": "expected less than {lt}",
    "date_type": "expected a date",
    "too_short": "expected at least {min_length} item",
    "too_long": "expected at most {max_length} item",
}
# pydantic names the member of a union that failed as a part of the path.
_UNION_MEMBERS = {"str", "bool", "int", "float", "date", "constrained-str", "none"}


def problems(details: Iterable[ErrorDetails], schema: Plain) -> list[Problem]:
    """Return place, value and expectation of each of pydantic's errors.

    A value that suits no member of a union is one problem, not one for each member. ``schema`` is
    the JSON schema of the configuration, which says what keys a section has.
    """
    found: dict[str, tuple[object, list[str]]] = {}
    for place, value, expected in (_readable(detail, schema) for detail in details):
        wanted = found.setdefault(place, (value, []))[1]
        if expected not in wanted:
            wanted.append(expected)
    return [
        (place, value, " or ".join([wanted[0], *(w.removeprefix("expected ") for w in wanted[1:])]))
        for place, (value, wanted) in found.items()
    ]


def _readable(detail: ErrorDetails, schema: Plain) -> Problem:
    # Members of a union and the marks of a mapping's keys are pydantic's, not the file's.
    path = [
        str(part) for part in detail["loc"] if part not in _UNION_MEMBERS and "[" not in str(part)
    ]
    place = ".".join(path) or "the file"
    value = detail["input"]
    kind = detail["type"]
    if kind == "missing":
        return place, "missing", _EXPECTED[kind]
    if kind == "extra_forbidden":
        return place, path[-1], _unknown_key(path, schema)
    expected = _EXPECTED.get(kind, "{message}").format(
        message=detail["msg"], **detail.get("ctx", {})
    )
    if kind == "float_type" and isinstance(value, str) and _is_number(value):
        expected += " (YAML reads 1e-3 as text: write 1.0e-3)"
    if kind == "literal_error" and path[-1:] != ["kind"] and detail["loc"][-1] == "[key]":
        expected = f"expected a field of a record: {', '.join(get_args(RecordField))}"
    return place, value, expected


def _unknown_key(path: list[str], schema: Plain) -> str:
    elsewhere = OF_THE_ENVIRONMENT.get(".".join(path))
    if elsewhere:
        return f"no configuration may say that; {elsewhere}"
    known = _known_keys(path[:-1], schema)
    new = RENAMED.get(path[-1])
    if new and new.split(":")[0] in known:
        return f"this key is now called otherwise: write {new}"
    close = difflib.get_close_matches(path[-1], known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known keys: {', '.join(known)}"
    return f"unknown key; {hint}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _known_keys(path: Iterable[str], schema: Plain) -> list[str]:
    """Keys a section of the configuration may have, by walking the JSON schema."""
    definitions = schema["$defs"]

    def resolve(node: Plain) -> Plain:
        if "$ref" in node:
            return resolve(definitions[node["$ref"].rsplit("/", 1)[1]])
        either: dict[str, Any] = {}
        for option in map(resolve, node.get("oneOf", node.get("anyOf", []))):
            properties = {**option.get("properties", {}), **either.get("properties", {})}
            either = {**option, **either, "properties": properties}
        return either or node

    node = schema
    for part in path:
        node = resolve(node)
        options = [
            node.get("properties", {}).get(part),
            node.get("additionalProperties"),
            node.get("items"),
        ]
        node = next((option for option in options if isinstance(option, dict)), {})
    return list(resolve(node).get("properties", {}))
