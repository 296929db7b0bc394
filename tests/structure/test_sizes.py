"""No module, function or list of parameters of the library grows beyond what one can take in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "src/algoprog"
MODULES = sorted(LIBRARY.rglob("*.py"))
KERNELS = LIBRARY / "estimators/kernels"  # compiled, so that arrays are handed on one by one
LINES, FUNCTION_LINES, PARAMETERS, PLAIN = 400, 60, 7, 20

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(text: str) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, Function))


def parameters(function: Function) -> int:
    """How many a caller gives, without self or cls."""
    names = function.args
    every = [*names.posonlyargs, *names.args, *names.kwonlyargs]
    return len(every) - (bool(every) and every[0].arg in ("self", "cls"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_a_module_has_one_subject_and_a_function_does_one_thing(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES
    if KERNELS in module.parents:
        return
    for function in functions(text):
        assert function.end_lineno is not None
        assert function.end_lineno - function.lineno < FUNCTION_LINES, function.name
        assert parameters(function) <= PARAMETERS, function.name


def test_what_is_counted_is_counted() -> None:
    (function,) = functions("class A:\n    def f(self, a, *, b=1):\n        pass")
    assert parameters(function) == 2
    (function,) = functions("def f(): pass")
    assert parameters(function) == 0
