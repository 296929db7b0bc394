"""Where the locks install: docs/install.md says what their lines and the table of wheels say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from platforms import PLATFORMS, PYTHONS, pinned, pins, wheels, without_wheel

ROOT = Path(__file__).resolve().parents[2]
MAIN, STAN = ROOT / "requirements.lock", ROOT / "requirements-stan.lock"
WHEELS = wheels(ROOT / "requirements.wheels.tsv")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EVERYWHERE = [(name, minor) for name in PLATFORMS for minor in PYTHONS]
# Python alone, built from its source in a second whatever the platform.
PURE = {"connection-pool"}


def cell(name: str, minor: int, lock: Path) -> str:
    """What docs/install.md says of a lock on a platform under a Python."""
    if lock == STAN and "pystan" not in pinned(STAN, PLATFORMS[name], minor):
        return "CmdStan"
    missing = without_wheel(lock, WHEELS, PLATFORMS[name], minor)
    assert all(missing.values()), f"neither wheel nor source: {missing}"
    built = sorted(missing.keys() - PURE)
    return "builds " + ", ".join(built) if built else "yes"


def documented(heading: str) -> dict[str, list[str]]:
    text = (ROOT / "docs/install.md").read_text(encoding="utf-8")
    part = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("|")
    ]
    assert rows[0][1:] == [f"Python 3.{minor}" for minor in PYTHONS]
    return {row[0]: row[1:] for row in rows[2:]}


@pytest.mark.parametrize(("heading", "lock"), [("Where it installs", MAIN), ("Stan", STAN)])
def test_the_document_says_where_a_lock_installs(heading: str, lock: Path) -> None:
    assert documented(heading) == {
        name: [cell(name, minor, lock) for minor in PYTHONS] for name in PLATFORMS
    }


@pytest.mark.parametrize(("name", "minor"), EVERYWHERE)
def test_both_locks_fit_into_one_environment(name: str, minor: int) -> None:
    """pip --require-hashes of the second leaves what the first has installed as it is."""
    main, stan = (pinned(lock, PLATFORMS[name], minor) for lock in (MAIN, STAN))
    assert {
        one: (main[one], stan[one]) for one in main.keys() & stan if main[one] != stan[one]
    } == {}
    assert "pystan" not in main and "httpstan" not in main


@pytest.mark.parametrize(("name", "minor"), EVERYWHERE)
def test_a_lock_has_what_the_project_asks_for(name: str, minor: int) -> None:
    asked = {
        MAIN: [
            *PROJECT["project"]["dependencies"],
            *PROJECT["project"]["optional-dependencies"]["cluster"],
            *(one for group in PROJECT["dependency-groups"].values() for one in group),
        ],
        STAN: PROJECT["project"]["optional-dependencies"]["stan"],
    }
    platform = PLATFORMS[name]
    for lock, lines in asked.items():
        found = pinned(lock, platform, minor)
        for line in map(Requirement, lines):
            if line.marker is None or line.marker.evaluate(platform.environment(minor)):
                assert line.specifier.contains(found[canonicalize_name(line.name)]), line


def test_the_table_of_wheels_is_of_these_locks() -> None:
    locked = {
        (canonicalize_name(line.name), str(line.specifier).removeprefix("=="))
        for lock in (MAIN, STAN)
        for line in pins(lock)
    }
    assert locked == set(WHEELS)
    assert "://" not in (ROOT / "requirements.wheels.tsv").read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", [MAIN, STAN], ids=lambda lock: lock.name)
def test_a_lock_is_complete_and_names_no_index(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    blocks = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line and line.endswith("\\") for line in blocks)
    assert text.count("--hash=sha256:") >= len(blocks)


def test_nothing_but_the_engine_imports_stan() -> None:
    importing = {
        path.relative_to(ROOT).as_posix()
        for folder in ("src", "scripts", "workflow")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(import|from) (stan|httpstan)\b", path.read_text(encoding="utf-8"), re.M)
    }
    assert importing == {"src/algoprog/bayes/engine.py"}
