"""The paper's sample and its compiled variants, built once a session through the library."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import one_thread  # noqa: F401  # before NumPy
import polars as pl
import pytest
from plain import Compiler, select
from project import Project, copy_project

from algoprog.bayes.engine import find_engine
from algoprog.common.errors import InputError
from algoprog.config.loading import read_mapping
from algoprog.model.design import Design
from algoprog.records.normalise import normalize
from algoprog.records.sources import read_source
from algoprog.records.specification import Source

ROOT = Path(__file__).resolve().parents[1]
# What takes longest starts first: SLURM, whose jobs wait as much as they work, beside a compiler.
# Then groups that build a project of their own and those that are longest without; then whatever
# else drives Snakemake.
FIRST = (
    *("test_slurm", "stan", "quantities", "estimators/test_processors.py", "test_module"),
    *("test_choices", "test_changes", "test_acquiring", "test_capability", "capability"),
    *("test_faults", "test_reruns", "estimators/test_converged.py", "config/test_fuzz.py"),
)
WORKFLOW = ROOT / "tests/workflow"


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order groups of tests, and tests without, by how long they take (see `make test`).

    The tests of a module are a group, so that what they share is made once and not once in each
    process; those that drive Snakemake share their projects in another way and are spread singly.
    """
    for item in items:
        if WORKFLOW not in item.path.parents and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(ROOT / "tests"))))

    def place(item: pytest.Item) -> tuple[int, bool]:
        group = item.get_closest_marker("xdist_group")
        name = group.args[0] if group else item.path.stem
        first = FIRST.index(name) if name in FIRST else len(FIRST)
        return first, WORKFLOW not in item.path.parents

    items.sort(key=place)


@pytest.fixture(scope="session")
def paper_config() -> dict[str, Any]:
    """The project's configuration as it is written, a plain mapping."""
    return read_mapping(ROOT)


@pytest.fixture(scope="session")
def benchmarks(paper_config: dict[str, Any]) -> dict[str, Any]:
    section: dict[str, Any] = paper_config["benchmarks"]
    return section


@pytest.fixture(scope="session")
def paper_sample(paper_config: dict[str, Any]) -> pl.DataFrame:
    """The 231 rows of the paper's sample, from the register."""
    benchmarks = paper_config["benchmarks"]
    source = paper_config["sources"]["register"]
    content = (ROOT / source["location"]).read_bytes()
    names = list(benchmarks["definitions"])
    register = read_source(Source.of("register", source), names, content)
    records = normalize([register], paper_config["corrections"], names)
    spec = paper_config["samples"]["paper"]
    return select(records.evaluations, "paper", spec, paper_config["exclusions"], benchmarks).rows


@pytest.fixture(scope="session")
def compiler(paper_sample: pl.DataFrame, benchmarks: dict[str, Any]) -> Compiler:
    return Compiler.of(paper_sample, benchmarks)


@pytest.fixture(scope="session")
def compiled(
    compiler: Compiler, paper_sample: pl.DataFrame, paper_config: dict[str, Any]
) -> Callable[[str], Design]:
    """Design of a variant of config.yaml, or of `USER_VARIANTS`, on the paper's sample."""
    from independent import USER_VARIANTS

    designs: dict[str, Design] = {}
    specs = {**paper_config["variants"], **USER_VARIANTS}

    def design(variant: str) -> Design:
        if variant not in designs:
            designs[variant] = compiler.rows(variant, specs[variant], paper_sample)
        return designs[variant]

    return design


@pytest.fixture(scope="session")
def stan_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which Stan is found and its programs compiled, once for all tests of a session.

    Skips where there is no engine of Stan. httpstan asks for the last in optimising and for what a
    debugger reads, whose time so few draws do not give back.
    """
    try:
        engine = find_engine("auto", Path.cwd(), os.environ, Path.home())
    except InputError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("stan")
    made = copy_project(folder / "project")
    with pytest.MonkeyPatch.context() as patch:
        if engine.name == "pystan":
            compiler = folder / "g++"
            compiler.write_text(f'#!/bin/sh\nexec {os.environ.get("CXX", "g++")} "$@" -O1 -g0\n')
            compiler.chmod(0o755)
            patch.setenv("CXX", str(compiler))
        run = made.snakemake("results/bayes/program", "results/bayes_capability/program")
    assert run.returncode == 0, run.output
    return made
