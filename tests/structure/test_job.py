"""What a job leaves behind: whole files with a record, or none and a clear error."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from algoprog.common.errors import InputError
from algoprog.common.integrity import damaged

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import job


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(job, "_end_with_snakemake", lambda: None)
    for name in job.THREAD_VARIABLES:
        monkeypatch.setenv(name, "1")


@pytest.mark.parametrize("number", job.REFUSALS)
def test_a_file_that_cannot_be_written_leaves_the_old_one(number: int) -> None:
    Path("results").mkdir()
    Path("results/table.csv").write_text("old")
    with pytest.raises(InputError) as raised, job.writing("results/table.csv") as path:
        path.write_text("half")
        raise RuntimeError(f"a library's words: {os.strerror(number)} (os error {number})")
    assert "results/table.csv, cannot be written" in str(raised.value)
    assert os.strerror(number) in str(raised.value)
    assert [file.name for file in Path("results").iterdir()] == ["table.csv"]
    assert Path("results/table.csv").read_text() == "old"


def test_an_error_of_another_kind_is_not_hidden() -> None:
    with pytest.raises(ValueError, match="two rows"), job.writing("results/table.csv"):
        raise ValueError("table fits: two rows with the same keys")


def test_what_killed_jobs_left_is_removed_and_nothing_else() -> None:
    Path("results").mkdir()
    for name in (".12.table.csv", ".7.table.csv.wal", ".12.other.csv", ".12.another.table.csv"):
        Path("results", name).touch()
    with job.writing("results/table.csv") as path:
        path.write_text("new")
    found = sorted(file.name for file in Path("results").iterdir())
    assert found == [".12.another.table.csv", ".12.other.csv", "table.csv"]
    assert damaged(False) == []
    Path("results/table.csv").write_text("cut")
    os.utime("results/table.csv", (1, 1))
    assert damaged(False) == [Path("results/table.csv")]


class PanicError(BaseException):
    """As those of Polars, which are no Exception."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (InputError("config.yaml", "seed", 1, "mend it"), "InputError: config.yaml, seed: 1"),
        (MemoryError("Unable to allocate 3 GiB"), "out of memory: 'Unable to allocate 3 GiB'"),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "out of memory"),
        (PanicError("failed to spawn a thread: Os { code: 11 }"), "out of memory"),
        (RuntimeError("can't start new thread"), "out of memory"),
        (RuntimeError("unforeseen"), "RuntimeError: unforeseen"),
        (PanicError("unforeseen"), "PanicError: unforeseen"),
    ],
)
def test_the_log_says_what_went_wrong(error: BaseException, said: str) -> None:
    snakemake = SimpleNamespace(threads=1, log=["one.log"])
    with pytest.raises(SystemExit), job.running(snakemake):
        assert Path("one.killed").exists()
        raise error
    assert said in Path("one.log").read_text()
    assert not Path("one.killed").exists()
