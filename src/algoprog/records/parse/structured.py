"""JSON, JSON Lines and folders of them as tables of texts: the records at a path.

An object on the way to a record gives the record its values, as columns of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.records.parse.folders import texts_of
from algoprog.records.parse.paths import steps
from algoprog.records.parse.text import check_cells, check_names, text_table
from algoprog.records.specification import Form

Row = Mapping[str, str | None]
_Way = tuple[str, ...]

_DEEPEST = 1000  # characters of the path of a value within a record
KEY = "key"  # the column of the keys of a mapping
VALUE = "value"  # the column of a mapping's value that is no object
FILE = "file"  # the column of the file's path within a folder


@dataclass(frozen=True)
class _At:
    """A value of a document, and what is around it.

    Attributes
    ----------
    value : the value.
    place : where it stands, for a user.
    around : by path of an object on the way (the nearest last): its own values.
    """

    value: Any
    place: str
    around: tuple[tuple[str, Row], ...] = ()

    @property
    def way(self) -> _Way:
        """The paths of the objects around it."""
        return tuple(path for path, _ in self.around)


def parse_json(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of the records of JSON at the paths `form.records`.

    A path leads to a list of objects, to the items of lists, or to the values of mappings; by
    default it is the file itself. A number is the text it is written as, so that none is rounded;
    a key within an object within a record is a column "outer.inner"; a list is its JSON text.
    The values of the objects around a record are columns too (`task`), as is the `key` it has in a
    mapping and the `file` it has in a folder; where a nearer object or any record has a column of
    this name, it is called by its path ("[].task").

    Raises
    ------
    InputError
        if it is not JSON, is nested too deeply, has a key twice in an object, or has no records.
    """
    texts = texts_of(content, where)
    documents = [_At(load(text, where, name), name, _named(name)) for name, text in texts.items()]
    return _table(documents, form.paths, where)


def parse_json_lines(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of JSON Lines: of each line its object, or the records at the paths.

    Raises
    ------
    InputError
        as :func:`parse_json`, naming the line.
    """
    documents = []
    for name, text in texts_of(content, where).items():
        start = f"{name}, " if name else ""
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                place = f"{start}line {number}"
                documents.append(_At(load(line, where, place), place, _named(name)))
    if not documents:
        raise InputError(where, "", "no records", "give a line with an object for each record")
    if form.paths == ("",):
        bad = next((one for one in documents if not isinstance(one.value, dict)), None)
        if bad:
            fix = "give JSON Lines: an object on each line"
            raise InputError(where, bad.place, type(bad.value).__name__, fix)
        return _of(documents, where)
    return _table(documents, form.paths, where)


def _named(file: str) -> tuple[tuple[str, Row], ...]:
    return (("#folder", {FILE: file}),) if file else ()


def _table(documents: Sequence[_At], paths: Sequence[str], where: str) -> pl.DataFrame:
    found = [one for path in paths for one in _records(documents, path, where)]
    if not found:
        place = paths[0] or "the file"
        fix = "give a list with an object for each record, or correct the path in records"
        raise InputError(where, place, "no records", fix)
    return _of(found, where)


# --- reading -------------------------------------------------------------------------------------


def load(text: str, where: str, place: str) -> Any:
    """Return a JSON document, numbers as texts.

    Raises
    ------
    InputError
        naming the line, if it is not JSON, is nested too deeply or has a key twice in an object.
    """
    try:
        return json.loads(
            text,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            object_pairs_hook=_without_repeats,
        )
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}"
        if place:
            line = place if "line " in place else f"{place}, {line}"
        fix = "give a file in JSON format"
        if error.msg == "Extra data" and error.lineno > 1 and text.lstrip().startswith("{"):
            fix += "; if each line is an object of its own, write kind: json_lines"
        raise InputError(where, line, error.msg, fix) from None
    except _RepeatedKeyError as error:
        fix = "keep one of them: which one is meant cannot be known"
        raise InputError(where, place, f"{error} twice in one object", fix) from None
    except RecursionError:
        fix = "give JSON that is not as deeply nested"
        raise InputError(where, place, "nested too deeply", fix) from None


class _RepeatedKeyError(ValueError):
    """An object has a key twice; its text is the key."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(repr(next(name for name in names if names.count(name) > 1)))
    return made


# --- paths ---------------------------------------------------------------------------------------


def _records(documents: Sequence[_At], path: str, where: str) -> Iterator[_At]:
    """The records of every document at a path."""
    found = list(documents)
    gone = ""
    for step in steps(path):
        if step == "[]":
            found = [inner for one in found for inner in _items(one, path, where)]
        elif step == "{}":
            found = [inner for one in found for inner in _values(one, gone, path, where)]
        else:
            found = [inner for one in found for inner in _entered(one, step, gone, path, where)]
        gone += step if step in ("[]", "{}") or not gone else f".{step}"
    for one in found:
        yield from _at_end(one, path, where)


def _items(at: _At, path: str, where: str) -> Iterator[_At]:
    """Each item of a list."""
    if not isinstance(at.value, list):
        raise _unlike(at, "a list", path, where)
    for number, item in enumerate(at.value):
        yield _At(item, f"{at.place}[{number}]", at.around)


def _values(at: _At, gone: str, path: str, where: str) -> Iterator[_At]:
    """Each value of a mapping, its key around it; a plain value as an object of its own."""
    if not isinstance(at.value, dict):
        raise _unlike(at, "a mapping", path, where)
    for key, item in at.value.items():
        plain = not isinstance(item, dict) and not _has_records(item)
        around = (*at.around, (f"{gone}{{}}", {KEY: key}))
        yield _At({VALUE: item} if plain else item, _joined(at.place, key), around)


def _entered(at: _At, key: str, gone: str, path: str, where: str) -> Iterator[_At]:
    """The value of a key, the object's other values around it; within lists it may be missing."""
    value = at.value
    if not isinstance(value, dict) or value.get(key) is None:
        if "[]" in gone or "{}" in gone:
            return
        there = ", ".join(map(str, value)) if isinstance(value, dict) else "no keys there"
        fix = f"correct the source's records; the keys there are: {there[:300]}"
        if isinstance(value, list):
            step = f"{gone}[].{key}"
            fix = f"there is a list there: write {step} for this key of each of its items"
        raise InputError(where, "records", path, fix)
    others = {name: one for name, one in value.items() if name != key and not _has_records(one)}
    try:
        around = (*at.around, (gone or "$", flat(others)))
    except ValueError as error:
        fix = "give objects of plain values"
        raise InputError(where, at.place or "the file", str(error), fix) from None
    yield _At(value[key], _joined(at.place, key), around)


def _has_records(value: Any) -> bool:
    """Whether it is a list of no plain values, which no column of a record should repeat."""
    if not isinstance(value, list):
        return False
    return not value or any(isinstance(item, dict | list) for item in value)


def _joined(place: str, key: str) -> str:
    if not place:
        return key
    return f"{place}, {key}" if place.endswith(".json") or "line " in place else f"{place}.{key}"


def _unlike(at: _At, wanted: str, path: str, where: str) -> InputError:
    kinds: dict[type, str] = {dict: "a mapping", list: "a list", str: "a single value"}
    found = kinds.get(type(at.value), type(at.value).__name__)
    fix = f"correct the source's records, {path}: [] enters a list, {{}} a mapping by its keys"
    return InputError(where, at.place or "the file", f"{found}, not {wanted}", fix)


def _at_end(at: _At, path: str, where: str) -> Iterator[_At]:
    """The records at the end of a path: those of a list, or an object that lists led to."""
    entered = "[]" in path or "{}" in path
    if entered and isinstance(at.value, dict):
        yield at
        return
    place = at.place or "the file"
    if not isinstance(at.value, list) or not all(isinstance(one, dict) for one in at.value):
        fix = "give the path of a list of objects, such as records: results.entries"
        if isinstance(at.value, dict):
            fix += f"; or records: '{path}{{}}' for a mapping of objects by their keys"
        raise InputError(where, place, type(at.value).__name__, fix)
    for number, record in enumerate(at.value):
        yield _At(record, f"{at.place}[{number}]", at.around)


# --- tables --------------------------------------------------------------------------------------


def _of(found: Sequence[_At], where: str) -> pl.DataFrame:
    """The table of records: their own values, and those of what is around them."""
    rows: list[Row] = []
    for at in found:
        try:
            rows.append(flat(at.value))
        except (RecursionError, ValueError) as error:
            what = str(error) if isinstance(error, ValueError) else "nested too deeply"
            raise InputError(where, at.place, what, "give records of plain values") from None
    inner = {name for row in rows for name in row}
    called = _names_around(found, inner)
    names = list(dict.fromkeys(name for row in rows for name in row if name))
    outer_names = {name for way in called.values() for name in way.values()}
    check_cells(where, len(rows), len(outer_names.union(names)))
    whole = []
    for at, row in zip(found, rows, strict=True):
        way = called[at.way]
        outer = {
            way[path, key]: value for path, values in at.around for key, value in values.items()
        }
        whole.append({**outer, **row})
    return table_of(whole, [at.place for at in found], where)


def _names_around(found: Sequence[_At], taken: set[str]) -> dict[_Way, dict[tuple[str, str], str]]:
    """What values around records are called: by the way to the record, object and key."""
    keys: dict[str, dict[str, None]] = {}
    for at in found:
        for path, values in at.around:
            keys.setdefault(path, {}).update(dict.fromkeys(values))
    called: dict[_Way, dict[tuple[str, str], str]] = {}
    for way in dict.fromkeys(at.way for at in found):
        nearer = set(taken)
        names: dict[tuple[str, str], str] = {}
        for path in reversed(way):
            names |= {
                (path, key): key if key not in nearer else f"{path}.{key}" for key in keys[path]
            }
            nearer |= set(keys[path])
        called[way] = names
    return called


def flat(record: Mapping[str, Any]) -> dict[str, str | None]:
    """Return a record's values by their path.

    Raises
    ------
    ValueError
        for a path that two values have, or one that is too long.
    """
    row: dict[str, str | None] = {}
    pending = [(str(key), value) for key, value in reversed(list(record.items()))]
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict):
            pending += [(f"{key}.{inner}", part) for inner, part in reversed(list(value.items()))]
            if len(key) > _DEEPEST:
                raise ValueError("nested too deeply")
        elif key in row:
            raise ValueError(f"two values of {key}")
        elif value is None or isinstance(value, str):
            row[key] = value
        else:
            row[key] = json.dumps(value, ensure_ascii=False)
    return row


def table_of(rows: Sequence[Row], places: Sequence[str], where: str) -> pl.DataFrame:
    """Return the table of rows, whose columns are all their keys.

    Raises
    ------
    InputError
        if it has no columns, too many cells, or a column that is ours.
    """
    names = list(dict.fromkeys(name for row in rows for name in row if name))
    check_names(where, "keys", names)
    check_cells(where, len(rows), len(names))
    if not names:
        raise InputError(where, "", "no records", "give records with values")
    return text_table(where, {name: [row.get(name) for row in rows] for name in names}, places)
