"""Projects for the tests that drive Snakemake."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from project import QUANTITIES, SMALL, Project, copy_project
from solver import compile_solver


@pytest.fixture(scope="session")
def solver() -> None:
    """The solver compiled, for all projects of all processes; the first that asks compiles it."""
    compile_solver()


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
    """Run once, however many processes the tests are spread over: the others wait for the first."""
    base = tmp_path_factory.getbasetemp()
    directory = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished"
    directory.mkdir(exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "done").exists():
            run = copy_project(directory / "project").make()
            assert run.returncode == 0, run.output
            (directory / "done").touch()
    return Project(directory / "project")


@pytest.fixture(scope="session")
def complete(tmp_path_factory: pytest.TempPathFactory, solver: None) -> Project:
    """A project in which every quantity has been computed; for tests that change nothing in it."""
    project = copy_project(tmp_path_factory.mktemp("quantities") / "project", SMALL, QUANTITIES)
    run = project.make()
    assert run.returncode == 0, run.output
    return project


@pytest.fixture
def finished(_finished: Project, tmp_path: Path) -> Project:
    """A project in which the small configuration has run; a copy of its own for each test."""
    shutil.copytree(_finished.directory, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")
