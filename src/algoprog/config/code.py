"""The files of the library that a script runs: what a rule names as inputs besides the script.

Snakemake reruns a rule when its script changes, but it sees no import. It knows Python's imports
as they stand in the text of a file; it imports nothing itself. What stands under ``TYPE_CHECKING``
never runs, so it is not followed.
"""

from __future__ import annotations

import ast
import functools
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from algoprog.common.errors import InputError

LIBRARY = Path(__file__).resolve().parents[1]
RELATIVE = "a relative import"

# Line, dotted name, and whether the name's last part may be a name in a module.
Import = tuple[int, str, bool]


def code_of(script: Path, library: Path = LIBRARY) -> list[Path]:
    """Return the library's files that `script` imports, directly or through others, sorted.

    Importing a module runs the ``__init__.py`` of each package it lies in, so these are among them.

    Parameters
    ----------
    script : a Python file.
    library : the folder of the package that is followed; its name is the package's.

    Raises
    ------
    InputError
        for an import of the package that is no file of it: a module that has moved or is misspelt
        would otherwise no longer rerun anything.
    """
    found: set[Path] = set()
    pending = [script]
    while pending:
        new = _imported(pending.pop(), library) - found
        found |= new
        pending += new
    _kept(library).keep()
    return sorted(found)


@functools.cache
def _imported(path: Path, library: Path) -> frozenset[Path]:
    """The library's files that one Python file imports, wherever in its text."""
    found: set[Path] = set()
    for line, dotted, named in _kept(library).imports(path):
        files = _files(dotted, library, named)
        if files is None:
            raise _unknown(path, line, dotted, library)
        found |= files
    return frozenset(found)


def _read(path: Path, library: Path) -> Iterator[Import]:
    """Yield the imports of the package in the text of one file."""
    for node in _statements(ast.parse(path.read_text(encoding="utf-8")).body):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, RELATIVE, False
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module.split(".")[0] == library.name:
                for alias in node.names:
                    yield node.lineno, f"{node.module}.{alias.name}", True
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == library.name:
                    yield node.lineno, alias.name, False


class _Kept:
    """What was read of each file, kept beside the compiled modules for the next run.

    To parse the whole library takes a third of the time in which Snakemake finds that there is
    nothing to do. As with compiled modules, a file of another date or size is read again. What
    cannot be kept (a folder that cannot be written to) is read in each run.
    """

    def __init__(self, library: Path) -> None:
        self.library = library
        self.file = library / "__pycache__" / "imports.json"
        self.by = _stamp(Path(__file__))  # what this module itself has written
        self.files: dict[str, tuple[list[int], list[Import]]] = {}
        self.read = 0
        with suppress(OSError, ValueError):
            held = json.loads(self.file.read_text(encoding="utf-8"))
            if held["by"] == self.by:
                self.files = {name: (stamp, found) for name, (stamp, found) in held["of"].items()}

    def imports(self, path: Path) -> list[Import]:
        name, stamp = os.path.relpath(path, self.library), _stamp(path)
        if name not in self.files or self.files[name][0] != stamp:
            self.files[name] = stamp, list(_read(path, self.library))
            self.read += 1
        return self.files[name][1]

    def keep(self) -> None:
        """Write what was read since the last time, whole or not at all; files that are gone go."""
        if not self.read:
            return
        self.read = 0
        self.files = {name: of for name, of in self.files.items() if (self.library / name).exists()}
        temporary = self.file.with_name(f".{os.getpid()}.{self.file.name}")
        with suppress(OSError):
            self.file.parent.mkdir(exist_ok=True)
            temporary.write_text(json.dumps({"by": self.by, "of": self.files}), encoding="utf-8")
            temporary.replace(self.file)


@functools.cache
def _kept(library: Path) -> _Kept:
    return _Kept(library)


def _stamp(path: Path) -> list[int]:
    """Date and size of a file."""
    status = path.stat()
    return [status.st_mtime_ns, status.st_size]


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements and those that stand in them, but for what only a type checker reads.

    An import is a statement, so no expression is looked into: that would take ten times as long.
    """
    for statement in body:
        yield statement
        typing = isinstance(statement, ast.If) and _for_types(statement.test)
        for name in ("orelse", "finalbody") if typing else ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, name, ()))
        for name in ("handlers", "cases"):
            for part in getattr(statement, name, ()):
                yield from _statements(part.body)


def _for_types(test: ast.expr) -> bool:
    """Whether a condition is TYPE_CHECKING, by its name alone or in its module."""
    return getattr(test, "id", getattr(test, "attr", None)) == "TYPE_CHECKING"


@functools.cache
def _files(dotted: str, library: Path, named: bool) -> frozenset[Path] | None:
    """Files that an import of `dotted` runs, if any; `named`: its end may be a name in a module."""
    parts = dotted.split(".")[1:]
    place, found = library, {library / "__init__.py"}
    for i, part in enumerate(parts):
        if (place / f"{part}.py").is_file():
            if len(parts) - i - 1 > named:
                break
            return frozenset(found | {place / f"{part}.py"})
        place = place / part
        if not (place / "__init__.py").is_file():
            break
        found.add(place / "__init__.py")
    else:
        if parts:  # a package; the library itself gives its names only when they are asked for
            return frozenset(found)
    package = library.joinpath(*parts[:-1]) / "__init__.py"
    if named and parts and package in found and parts[-1] in _assigned(package):
        return frozenset(found)
    return None


@functools.cache
def _assigned(path: Path) -> frozenset[str]:
    """Names that a file assigns a value to at its top level, such as the version."""
    statements = ast.parse(path.read_text(encoding="utf-8")).body
    targets = [
        target for one in statements if isinstance(one, ast.Assign) for target in one.targets
    ]
    return frozenset(target.id for target in targets if isinstance(target, ast.Name))


def _unknown(path: Path, line: int, dotted: str, library: Path) -> InputError:
    fix = f"import a module of {library.name} by its full name, or a name in one"
    return InputError(str(path), f"line {line}", dotted, fix)
