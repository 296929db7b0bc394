"""The files of the library that a script runs: what a rule names as inputs besides the script.

Snakemake reruns a rule when its script changes, but it sees no import. It knows Python's imports
as they stand in the text of a file; it imports nothing itself. What stands under ``TYPE_CHECKING``
never runs, so it is not followed.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

from algoprog.common.errors import InputError

LIBRARY = Path(__file__).resolve().parents[1]


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
        for path in _imported(pending.pop(), library):
            if path not in found:
                found.add(path)
                pending.append(path)
    return sorted(found)


@functools.cache
def _imported(path: Path, library: Path) -> frozenset[Path]:
    """The library's files that one Python file imports, wherever in its text."""
    found: set[Path] = set()
    for node in _statements(ast.parse(path.read_text(encoding="utf-8")).body):
        if isinstance(node, ast.ImportFrom) and node.level:
            raise _unknown(path, node.lineno, "a relative import", library)
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module.split(".")[0] == library.name:
                for alias in node.names:
                    found |= _files(path, node.lineno, f"{node.module}.{alias.name}", library, True)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == library.name:
                    found |= _files(path, node.lineno, alias.name, library, False)
    return frozenset(found)


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


def _files(path: Path, line: int, dotted: str, library: Path, named: bool) -> set[Path]:
    """Files that an import of `dotted` runs; `named`: its last part may be a name in a module."""
    parts = dotted.split(".")[1:]
    place, found = library, {library / "__init__.py"}
    for i, part in enumerate(parts):
        if (place / f"{part}.py").is_file():
            if len(parts) - i - 1 > named:
                break
            return found | {place / f"{part}.py"}
        place = place / part
        if not (place / "__init__.py").is_file():
            break
        found.add(place / "__init__.py")
    else:
        if parts:  # a package; the library itself gives its names only when they are asked for
            return found
    if named and len(parts) == 1 and parts[0] in _assigned(library / "__init__.py"):
        return found
    raise _unknown(path, line, dotted, library)


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
