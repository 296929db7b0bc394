"""`make` says before it installs anything that a path cannot be used, and shows every error."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="no make here")
# What `make test`, which runs these tests, hands on to every make below it.
HANDED_ON = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEFILES", "RUN", "SNAKEMAKE_ARGS")


def make(
    place: Path, *arguments: str, **environment: str | None
) -> subprocess.CompletedProcess[str]:
    """Run make in `place` as from a shell, with the Makefile and empty files of dependencies.

    ``environment`` is what the shell has besides, or lacks (None).
    """
    shutil.copy(MAKEFILE, place)
    (place / "requirements.lock").touch()
    (place / "requirements-stan.lock").touch()
    (place / "pyproject.toml").touch()
    given = {**os.environ, **environment}
    shell = {name: value for name, value in given.items() if value and name not in HANDED_ON}
    return subprocess.run(
        ["make", *arguments], cwd=place, env=shell, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "name",
    [
        *("My Projects", "user's folder", "r&d", "a(b)", "a$b", "a\\b", 'q"q', "x[1]", "a;b"),
        *("a#b", "{x}", "a|b", "a*b", "$(touch PWN)", "`touch PWN`", "a!b", "a\tb"),
    ],
)
def test_a_path_that_a_shell_reads_is_refused(tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    place.mkdir()
    done = make(place)
    assert done.returncode != 0
    assert "Nothing was installed." in done.stderr
    assert not list(tmp_path.rglob("PWN*"))
    assert not (place / ".venv").exists()


@pytest.mark.parametrize("name", ["plain-ok_1.2+x", "Größe", "a@b,c=d%e"])
def test_another_path_is_not(tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    place.mkdir()
    done = make(place, "place")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("MPLBACKEND", "module://matplotlib_inline.backend_inline", "Agg"),  # as Jupyter sets it
        ("MPLBACKEND", "nosuch", "Agg"),
        ("MPLBACKEND", "TkAgg", "Agg"),
        ("PYTHONPATH", "/elsewhere", ""),
        ("PYTHONHOME", "/elsewhere", ""),
        ("PIP_USER", "1", ""),
        ("PIP_TARGET", "/elsewhere", ""),
        ("HOME", "/proc/x", ".home"),
        ("HOME", None, ".home"),
    ],
)
def test_what_a_shell_has_set_does_not_reach_a_run(
    tmp_path: Path, name: str, value: str | None, seen: str
) -> None:
    show = f"show: ; @echo [$${name}]"
    done = make(tmp_path, "--eval", show, "show", **{name: value})
    assert done.returncode == 0, done.stderr
    expected = str(tmp_path / seen) if name == "HOME" else seen
    assert f"[{expected}]" in done.stdout


def test_no_run_hides_the_errors_of_snakemake() -> None:
    assert "--quiet all" not in MAKEFILE.read_text(encoding="utf-8")


def test_a_run_of_its_own_is_made_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/mine.yaml").write_text("deltas: [0]\n")
    done = make(tmp_path, "--dry-run", "RUN=mine", "multiverse")
    assert done.returncode == 0, done.stderr
    calls = [line for line in done.stdout.splitlines() if "/snakemake " in line]
    assert len(calls) == 3
    assert all("--directory runs/mine" in line for line in calls)
    assert "--directory" not in make(tmp_path, "--dry-run", "multiverse").stdout


def test_a_run_without_a_file_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    done = make(tmp_path, "--dry-run", "RUN=absent")
    assert done.returncode != 0
    assert "runs/absent.yaml: no such file; write there" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("target", "needed"),
    [
        *((target, False) for target in ("all", "multiverse", "figures", "cmdstan")),
        *((target, True) for target in ("bayes", "calibration", "full", "test")),
    ],
)
def test_stan_is_installed_for_what_needs_it_and_before_it(
    tmp_path: Path, target: str, needed: bool
) -> None:
    done = make(tmp_path, "--dry-run", target)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    installing = [line for line in lines if "requirements-stan.lock" in line]
    assert len(installing) == needed
    if needed:
        first = next(
            i for i, line in enumerate(lines) if re.search(r"engine|pytest|snakemake ", line)
        )
        assert any("--requirement requirements.lock" in line for line in lines[:first])


def test_a_study_by_itself_is_a_target_of_any_run(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/mine.yaml").write_text("deltas: [0]\n")
    for run, folder in (("", "results"), ("mine", "runs/mine/results")):
        done = make(tmp_path, "--dry-run", "study-imagenet", *([f"RUN={run}"] if run else []))
        assert done.returncode == 0, done.stderr
        assert f"cat {folder}/studies/imagenet/answer.txt" in done.stdout
        assert done.stdout.count("/snakemake ") == 1


def test_only_the_configuration_as_it_comes_is_shipped(tmp_path: Path) -> None:
    done = make(tmp_path, "--dry-run", "ship", "SHIP=multiverse")
    assert "-- multiverse\n" in done.stdout
    assert "algoprog.shipping pack multiverse\n" in done.stdout
    assert "requirements-stan.lock" not in done.stdout
    joint = make(tmp_path, "--dry-run", "ship", "SHIP=bayes_capability")
    assert "-- bayes\n" in joint.stdout and "requirements-stan.lock" in joint.stdout
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/mine.yaml").write_text("deltas: [0]\n")
    for target in ("ship", "restamp"):
        refused = make(tmp_path, target, "RUN=mine")
        assert refused.returncode != 0
        assert "leave RUN=mine out" in refused.stderr
        assert not (tmp_path / ".venv").exists()
