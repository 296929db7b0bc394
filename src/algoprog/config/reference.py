"""docs/configuration.md: every key of the configuration, from the types that check it.

``python -m algoprog.config.reference`` prints it.
"""

from __future__ import annotations

import datetime
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

from algoprog.common.section import BOUNDS, Section
from algoprog.config.document import Config
from algoprog.config.loading import read_layers
from algoprog.config.references import Inherits, Ref

PROJECT = Path(__file__).resolve().parents[3]
HEAD = """# Every key of the configuration

`config.yaml` holds what a user edits; what it does not say has defaults in the folder `config/`,
one file a topic. Files given by `--configfile` are laid over both: mappings are merged, lists and
single values replaced, and null in place of a mapping takes it away. Everything is checked before
anything runs. `make docs` writes this page from the code.

| key | what it is | stated in |
|---|---|---|
"""
_PLAIN = {str: "text", bool: "true or false", int: "whole number", float: "number"}
_PLAIN |= {datetime.date: "date", type(None): "null", Any: "anything"}
# Validators that say what a text is, by their names.
_TEXTS = {"_name": "name", "_check_name": "name", "_formula": "formula", "_parameter": "parameter"}


@dataclass(frozen=True)
class _Place:
    """A section and where it stands: several places where it is used more than once."""

    kind: type[Section]
    paths: list[str]


def markdown(root: Path = PROJECT) -> str:
    """Return the page."""
    stated = _stated(root)
    lines = [
        f"| `{key}` | {_hint(field)} | {', '.join(stated.get(key, ['not set']))} |\n"
        for key, field in Config.model_fields.items()
    ]
    return HEAD + "".join(lines) + "".join(_section(place) for place in _sections().values())


def _stated(root: Path) -> dict[str, list[str]]:
    """The files of the project in which each top-level key stands."""
    found: dict[str, list[str]] = {}
    for layer in read_layers(root):
        for key in layer.content:
            found.setdefault(key, []).append(f"`{layer.name}`")
    return found


def _sections() -> dict[str, _Place]:
    """Every section by its heading, in the order in which they first stand."""
    found: dict[str, _Place] = {}
    for path, kind in _walk(Config, ""):
        place = found.setdefault(_heading(kind), _Place(kind, []))
        if path not in place.paths:
            place.paths.append(path)
    return found


def _walk(kind: type[Section], path: str) -> Iterator[tuple[str, type[Section]]]:
    for key, field in kind.model_fields.items():
        place = f"{path}.{key}" if path else key
        for at, inner in _inner(field.annotation, place):
            yield at, inner
            yield from _walk(inner, at)


def _inner(hint: Any, path: str) -> Iterator[tuple[str, type[Section]]]:
    """The sections in a type, each with where it stands."""
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and issubclass(hint, Section):
        yield path, hint
    elif origin is dict:
        yield from _inner(arguments[1], f"{path}.<name>")
    elif origin is Annotated:
        yield from _inner(arguments[0], path)
    elif origin is list or origin in (Union, types.UnionType):
        for argument in arguments:
            yield from _inner(argument, path)


def _heading(kind: type[Section]) -> str:
    """The heading of a section: its class in words, and its topic."""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in kind.__name__).strip(" _")
    topic = kind.__module__.rpartition(".")[2]
    return f"{words.capitalize()} ({topic})"


def _anchor(heading: str) -> str:
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _section(place: _Place) -> str:
    said = " ".join((place.kind.__doc__ or "").split("\n\n")[0].split())
    paths = ", ".join(f"`{path}`" for path in place.paths[:4])
    more = ", …" if len(place.paths) > 4 else ""
    lines = [
        f"| `{key}` | {_hint(field)} | {_default(field)} | {_cell(field.description or '')} |\n"
        for key, field in place.kind.model_fields.items()
    ]
    table = "| key | what it may be | default | meaning |\n|---|---|---|---|\n" + "".join(lines)
    return f"\n## {_heading(place.kind)}\n\nAt {paths}{more}. {said}\n\n{table}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    for mark in field.metadata:
        if isinstance(mark, Inherits):
            return f"`{mark.path}`"
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Section):
        return "its defaults"
    shown = {None: "none", True: "true", False: "false"}.get(value) if _simple(value) else None
    return shown or _cell(f"`{value}`")


def _simple(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _hint(field: FieldInfo) -> str:
    return _words(field.annotation, field.metadata)


def _words(hint: Any, marks: list[Any] | tuple[Any, ...] = ()) -> str:
    """What a value may be, in words."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _words(arguments[0], [*arguments[1:], *marks])
    flat = [inner for mark in marks for inner in _flat(mark)]
    for mark in flat:
        if isinstance(mark, Ref):
            return f"one of {'the enabled ' if mark.enabled else ''}`{mark.to}`"
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin is dict:
        return f"mapping: {_words(arguments[0])} → {_words(arguments[1])}"
    if origin is list:
        return f"list of {_words(arguments[0])}"
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(argument) for argument in arguments))
    if isinstance(hint, type) and issubclass(hint, Section):
        heading = _heading(hint)
        return f"[{heading.rpartition(' (')[0].lower()}](#{_anchor(heading)})"
    named = [_TEXTS[name] for mark in flat if (name := _validator(mark)) in _TEXTS]
    limits = " and ".join(_limits(flat))
    return f"{named[0] if named else _PLAIN.get(hint, 'value')} {limits}".strip()


def _flat(mark: Any) -> list[Any]:
    return list(mark.metadata) if isinstance(mark, FieldInfo) else [mark]


def _validator(mark: Any) -> str:
    return getattr(getattr(mark, "func", None), "__name__", "")


def _limits(marks: list[Any]) -> Iterator[str]:
    for mark in marks:
        if isinstance(mark, Ge):
            yield f"of at least {mark.ge}"
        elif isinstance(mark, Gt):
            yield f"above {mark.gt}"
        elif isinstance(mark, Le) and mark.le not in BOUNDS:
            yield f"of at most {mark.le}"
        elif isinstance(mark, Lt):
            yield f"below {mark.lt}"
        elif isinstance(mark, MinLen | MaxLen):
            continue  # an empty text, the length of a pair


if __name__ == "__main__":
    print(markdown(), end="")
