"""What the architecture promises of the code itself."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LIBRARY = PROJECT / "src/algoprog"


def imports(path: Path) -> set[str]:
    """Top-level names of packages and dotted names of the modules a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def test_the_library_knows_nothing_of_snakemake() -> None:
    for path in LIBRARY.glob("*.py"):
        assert not any(name.split(".")[0] == "snakemake" for name in imports(path)), path


def test_modules_import_in_one_direction() -> None:
    graph = {
        path.stem: {
            name.removeprefix("algoprog.") for name in imports(path) if name.startswith("algoprog.")
        }
        for path in LIBRARY.glob("*.py")
    }
    list(TopologicalSorter(graph).static_order())  # raises CycleError


def test_scripts_are_thin() -> None:
    for path in (PROJECT / "scripts").glob("*.py"):
        if path.stem != "job":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
            assert len(statements) <= 30, path
            assert not any(isinstance(node, ast.FunctionDef) for node in statements), path


def test_the_configuration_imports_nothing_heavy() -> None:
    """Every call of Snakemake, also a dry run, begins with it."""
    command = "import sys, algoprog.config; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "polars", "duckdb", "scipy", "numba"} & set(done.stdout.split())


def test_the_lock_file_is_complete_and_names_no_index() -> None:
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    blocks = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line and line.endswith("\\") for line in blocks)
    assert lock.count("--hash=sha256:") >= len(blocks)


@pytest.mark.xdist_group("together")
def test_tests_of_a_group_stay_together(request: pytest.FixtureRequest) -> None:
    """pytest-xdist adds its group to a test's id; without, what a group shares is built twice."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("not run by pytest-xdist")
    assert request.node.nodeid.endswith("@together")
