"""Run a notebook's cells in order and keep what they show: ``python docs/notebook.py NOTEBOOK``.

A notebook is JSON, and a cell is Python: nothing else is needed to run one. Of a cell the text it
prints is kept, and the value of its last expression.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any


def execute(notebook: dict[str, Any], folder: Path) -> list[str]:
    """Return what each cell of code shows, run one after another in a folder."""
    names: dict[str, Any] = {"__name__": "__main__"}
    before = Path.cwd()
    os.chdir(folder)
    try:
        return [
            _shown("".join(cell["source"]), names)
            for cell in notebook["cells"]
            if cell["cell_type"] == "code"
        ]
    finally:
        os.chdir(before)


def _shown(source: str, names: dict[str, Any]) -> str:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        value = None
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return printed.getvalue() + ("" if value is None else repr(value))


def shown(cell: dict[str, Any]) -> str:
    """Return what a cell of code shows in the file."""
    return "".join("".join(output["data"]["text/plain"]) for output in cell["outputs"])


def written(notebook: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    """Return the notebook with what its cells of code show."""
    left, count, cells = iter(texts), 0, []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            output = {
                "output_type": "execute_result",
                "execution_count": count,
                "metadata": {},
                "data": {"text/plain": next(left).splitlines(keepends=True)},
            }
            found = output["data"]["text/plain"]
            cell = {**cell, "execution_count": count, "outputs": [output] if found else []}
        cells.append(cell)
    return {**notebook, "cells": cells}


if __name__ == "__main__":
    path = Path(sys.argv[1]).resolve()
    content = json.loads(path.read_text(encoding="utf-8"))
    made = written(content, execute(content, path.parent))
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
