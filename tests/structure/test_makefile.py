"""`make` says before it installs anything that a path cannot be used, and shows every error."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="no make here")


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
    shutil.copy(MAKEFILE, place)
    (place / "requirements.lock").touch()
    (place / "pyproject.toml").touch()
    done = subprocess.run(["make"], cwd=place, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Nothing was installed." in done.stderr
    assert not list(tmp_path.rglob("PWN*"))
    assert not (place / ".venv").exists()


@pytest.mark.parametrize("name", ["plain-ok_1.2+x", "Größe", "a@b,c=d%e"])
def test_another_path_is_not(tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    place.mkdir()
    shutil.copy(MAKEFILE, place)
    done = subprocess.run(["make", "place"], cwd=place, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_run_hides_the_errors_of_snakemake() -> None:
    assert "--quiet all" not in MAKEFILE.read_text(encoding="utf-8")
