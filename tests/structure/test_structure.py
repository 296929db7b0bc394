"""What the architecture promises of the code itself."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import algoprog

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
    for path in LIBRARY.rglob("*.py"):
        assert not any(name.split(".")[0] == "snakemake" for name in imports(path)), path


def test_an_import_upwards_breaks_the_contract(tmp_path: Path) -> None:
    """`make lint` checks the packages' order; here a package imports from one above it."""
    shutil.copytree(PROJECT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    assert _contracts(tmp_path).returncode == 0
    planted = tmp_path / "src/algoprog/common/seeds.py"
    planted.write_text(planted.read_text() + "\nfrom algoprog.estimators import published\n")
    broken = _contracts(tmp_path)
    assert broken.returncode == 1
    assert "algoprog.common.seeds -> algoprog.estimators.published" in broken.stdout


def _contracts(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


def test_scripts_are_thin() -> None:
    for path in (PROJECT / "scripts").glob("*.py"):
        if path.stem != "job":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
            assert len(statements) <= 30, path
            assert not any(isinstance(node, ast.FunctionDef) for node in statements), path


def test_the_configuration_imports_nothing_heavy() -> None:
    """Every call of Snakemake, also a dry run, begins with it."""
    command = "import sys, algoprog.config.document; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "polars", "duckdb", "scipy", "numba"} & set(done.stdout.split())


# Scripts that fit nothing, whatever they read; DuckDB is what draws samples and writes databases.
FIT_NOTHING = (
    *("allocation", "changes", "doubling_times", "effective_compute", "era_split", "estimates"),
    *("exclusions", "figures", "forecasts", "frontiers", "headline", "merge_cross_validation"),
    *("merge_draws", "merge_fits", "own_allocation", "pooled_doubling_times", "ranking", "report"),
    *("shapley", "shipped_table", "studies", "sweeps", "transformer"),
)


def test_a_job_that_fits_nothing_imports_no_compiler_and_no_database() -> None:
    """To import them takes longer than most of these jobs work."""
    scripts = PROJECT / "scripts"
    trees = [
        ast.parse((scripts / f"{name}.py").read_text(encoding="utf-8")) for name in FIT_NOTHING
    ]
    bodies = [one.body for tree in trees for one in tree.body if isinstance(one, ast.With)]
    lines = [ast.unparse(line) for body in bodies for line in body if _imports(line)]
    command = "\n".join([*lines, "import sys", "print(*sys.modules)"])
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=scripts, capture_output=True, text=True, check=True
    )
    modules = set(done.stdout.split())
    assert {"algoprog.report.page", "algoprog.quantities.doubling_tables"} <= modules
    assert not {"numba", "scipy.linalg", "duckdb", "pandera", "pydantic"} & modules


def _imports(line: ast.stmt) -> bool:
    return isinstance(line, ast.Import | ast.ImportFrom)


def test_the_version_stands_in_one_place() -> None:
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == algoprog.__version__
    pyproject = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["project"]["dynamic"] == ["version"]
    changes = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## (Unreleased: )?{re.escape(algoprog.__version__)}$", changes, re.M)


@pytest.mark.xdist_group("together")
def test_tests_of_a_group_stay_together(request: pytest.FixtureRequest) -> None:
    """pytest-xdist adds its group to a test's id; without, what a group shares is built twice."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("not run by pytest-xdist")
    assert request.node.nodeid.endswith("@together")
