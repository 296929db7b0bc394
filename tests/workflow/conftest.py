"""Projects for the tests that drive Snakemake."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from project import QUANTITIES, SMALL, Project, copy_project
from solver import compile_solver


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` has filled, once for all processes the tests are spread over.

    The others wait for the first, or try again where it has failed.
    """
    base = factory.getbasetemp()
    directory = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    directory.mkdir(exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "done").exists():
            made = directory / "made"
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            make(made)
            (directory / "done").touch()
    return directory / "made"


def run_all(*configurations: str) -> Callable[[Path], None]:
    """Make a project and all of its results."""

    def make(folder: Path) -> None:
        run = copy_project(folder / "project", *configurations).make()
        assert run.returncode == 0, run.output

    return make


@pytest.fixture(scope="session")
def solver(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The solver compiled, for all projects of all processes."""
    once(tmp_path_factory, "solver", lambda _: compile_solver())


@pytest.fixture
def fresh(tmp_path: Path, solver: None) -> Project:
    """A project in which nothing has run."""
    return copy_project(tmp_path / "project")


@pytest.fixture
def fresh_twin(tmp_path: Path, solver: None) -> Project:
    """Another project in which nothing has run, for a test that compares two."""
    return copy_project(tmp_path / "twin")


@pytest.fixture(scope="session")
def _finished(tmp_path_factory: pytest.TempPathFactory, solver: None) -> Project:
    return Project(once(tmp_path_factory, "finished", run_all(SMALL)) / "project")


@pytest.fixture(scope="session")
def complete(tmp_path_factory: pytest.TempPathFactory, solver: None) -> Project:
    """A project in which every quantity has been computed; for tests that change nothing in it."""
    made = once(tmp_path_factory, "complete", run_all(SMALL, QUANTITIES))
    return Project(made / "project", (SMALL, QUANTITIES))


@pytest.fixture
def finished(_finished: Project, tmp_path: Path) -> Project:
    """A project in which the small configuration has run; a copy of its own for each test."""
    shutil.copytree(_finished.directory, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")
