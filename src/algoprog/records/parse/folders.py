"""A folder of files as one content, and the files of such a content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from algoprog.common.decoding import decode
from algoprog.common.errors import InputError
from algoprog.records.parse.unpacking import unpacked

FOLDER = "#files"  # the only key of a bundle
# The names of the files that are read of a folder, by kind of source.
PATTERNS = {"json": "*.json", "json_lines": "*.jsonl", "lm_eval_harness": "*.json"}
_PACKED = ("", ".gz", ".zst")


def is_read(name: str, pattern: str) -> bool:
    """Return whether a file of this name, or one that is packed, is read of a folder."""
    return any(fnmatch(name, f"{pattern}{packed}") for packed in _PACKED)


def bundle(folder: Path, pattern: str, largest: int) -> bytes:
    """Return the files in a folder whose names are of a pattern, at any depth, as one content.

    It is a JSON object {"#files": {path within the folder: text}} in the order of the paths, so
    that the same folder gives the same bytes.

    Raises
    ------
    InputError
        if there is none, one is not UTF-8, or they are larger than ``largest`` bytes together.
    """
    texts = {}
    size = 0
    paths = (path for path in folder.rglob("*") if is_read(path.name, pattern) and path.is_file())
    for path in sorted(paths, key=lambda path: path.as_posix()):
        name = path.relative_to(folder).as_posix()
        where = f"{folder}, {name}"
        with path.open("rb") as file:
            content = unpacked(file.read(largest + 1 - size), where)
        size += len(content)
        if size > largest:
            fix = "give fewer or smaller files, or raise `largest`"
            raise InputError(str(folder), "size", f"over {largest:,} bytes", fix)
        texts[name] = decode(content, where, "JSON")
    if not texts:
        there = sorted({path.name for path in folder.rglob("*") if path.is_file()})
        fix = f"give a folder with {pattern}; it has {', '.join(there[:10]) or 'no files'}"
        raise InputError(str(folder), "location", "no results", fix)
    return json.dumps({FOLDER: texts}, ensure_ascii=False).encode()


def texts_of(content: bytes, where: str) -> Mapping[str, str]:
    """Return the texts of a bundle by path; of a file of its own, its text under "".

    Raises
    ------
    InputError
        if a file is not text in UTF-8.
    """
    text = decode(content, where, "JSON")
    if not content.startswith(f'{{"{FOLDER}": '.encode()):
        return {"": text}
    try:
        files = json.loads(text)[FOLDER]
    except (ValueError, TypeError, RecursionError):
        return {"": text}
    good = isinstance(files, dict) and all(isinstance(one, str) for one in files.values())
    return files if good else {"": text}
