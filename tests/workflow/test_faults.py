"""Faults: after each, and one more run, every result is what it would have been without it.

What users see and do is in docs/faults.md.
"""

from __future__ import annotations

import hashlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from project import DATABASE, NO_FIGURES, Project, Run

pytestmark = pytest.mark.slow

DRAWS = "results/draws/headline.parquet"
REPORT = "results/report.html"


RUN_TIMES = re.compile(rb'<section id="run-times">.*?</section>', re.DOTALL)


def checksums(project: Project, *names: str) -> dict[str, str]:
    """Of files, and of what is in folders; a database apart, for its bytes differ each time.

    So do the run times in the report, and they alone.
    """
    paths = [project.directory / name for name in names]
    files = [f for path in paths for f in (path.rglob("*") if path.is_dir() else [path])]
    return {
        str(file.relative_to(project.directory)): hashlib.sha256(
            RUN_TIMES.sub(b"", file.read_bytes())
        ).hexdigest()
        for file in sorted(files)
        if file.is_file() and file.suffix != ".duckdb" and file.name != ".snakemake_timestamp"
    }


def without_draws(project: Project) -> dict[str, str]:
    """Take away the draws of the headline, so that they are to be made; what they were."""
    before = checksums(project, "results/draws", "results/tables")
    for path in (project.directory / "results/draws").glob("headline*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return before


def assert_as_before(project: Project, before: dict[str, str]) -> None:
    """All is as it was, and Snakemake thinks so too."""
    assert checksums(project, "results/draws", "results/tables") == before
    run = project.snakemake()
    assert run.returncode == 0 and "Nothing to be done" in run.output, run.output
    assert not list(project.directory.glob("results/**/.*.parquet"))


def wait(found: Callable[[], object], seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end
        time.sleep(0.01)


def alive(pid: str) -> bool:
    try:
        return bool(pid) and bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


class Running:
    """Snakemake in the background, in a process group of its own."""

    def __init__(self, project: Project, *arguments: str) -> None:
        self.project = project
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "snakemake", "--cores=2", *arguments),
                *("--configfile", *project.configurations),
            ],
            cwd=project.directory,
            env=os.environ | {"PYTHONPATH": str(project.directory / "src")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def jobs(self) -> list[int]:
        """Processes of the jobs at work."""
        markers = (self.project.directory / "logs").rglob("*.killed")
        return [int(pid) for pid in (marker.read_text() for marker in markers) if alive(pid)]

    def job(self, name: str) -> int:
        """Wait for the job of a log to be at work; its process."""
        marker = self.project.directory / f"logs/{name}.killed"
        wait(lambda: marker.exists() and marker.read_text())
        return int(marker.read_text())

    def end(self) -> Run:
        output, _ = self.process.communicate(timeout=600)
        return Run(self.process.returncode, output)


@pytest.fixture
def undisturbed(finished: Project) -> Project:
    if not sys.platform.startswith("linux"):
        pytest.skip("processes and their limits are found in /proc")
    return finished


# --- killed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["killed", "out of memory"])
def test_a_job_that_ends_in_its_work_is_the_only_one_repeated(
    undisturbed: Project, fault: str
) -> None:
    before = without_draws(undisturbed)
    run = Running(undisturbed, DRAWS)
    job = run.job("draw/headline/0-6")
    if fault == "killed":
        os.kill(job, signal.SIGKILL)
    else:
        resource.prlimit(job, resource.RLIMIT_AS, (1, 1))  # all it asks for from now on is refused
    failed = run.end()
    assert failed.returncode == 1
    assert "Traceback" not in failed.output
    assert "logs/draw/headline/0-6" in failed.output.partition("Exiting because")[2]
    assert "memory" in failed.output.partition("Exiting because")[2]
    assert not (undisturbed.directory / DRAWS).exists()
    again = undisturbed.snakemake(DRAWS)
    assert again.returncode == 0, again.output
    assert again.rules == {"draw": 1, "merge_draws": 1}
    assert ("draw", {"job": "headline", "first": "0", "last": "6"}) in again.jobs
    assert_as_before(undisturbed, before)


@pytest.mark.parametrize("everything", [False, True], ids=["Snakemake", "all of its processes"])
def test_snakemake_killed_leaves_a_lock_that_a_flag_removes(
    undisturbed: Project, everything: bool
) -> None:
    before = without_draws(undisturbed)
    run = Running(undisturbed, DRAWS)
    run.job("draw/headline/0-6")
    (os.killpg if everything else os.kill)(run.process.pid, signal.SIGKILL)
    run.process.wait()
    wait(lambda: not run.jobs())
    assert not list(undisturbed.directory.glob("results/draws/headline/*"))  # ended with it
    locked = undisturbed.snakemake(DRAWS)
    assert locked.returncode == 1 and not locked.jobs
    assert "--unlock" in locked.output and "Traceback" not in locked.output
    assert undisturbed.snakemake("--unlock").returncode == 0
    again = undisturbed.snakemake(DRAWS)
    assert again.returncode == 0, again.output
    assert again.rules == {"draw": 2, "merge_draws": 1}
    assert_as_before(undisturbed, before)


def test_of_two_runs_at_once_the_second_is_refused(undisturbed: Project) -> None:
    before = without_draws(undisturbed)
    first = Running(undisturbed, DRAWS)
    job = first.job("draw/headline/0-6")
    os.kill(job, signal.SIGSTOP)  # lest the first be done before the second has started
    second = undisturbed.snakemake(DRAWS)
    os.kill(job, signal.SIGCONT)
    assert second.returncode == 1 and not second.jobs
    assert "Directory cannot be locked" in second.output
    assert "removed" not in second.output.replace("can be removed", "")
    run = first.end()
    assert run.returncode == 0, run.output
    assert_as_before(undisturbed, before)


# --- damaged -------------------------------------------------------------------------------------


def cut(path: Path) -> None:
    """Half of its lines, so that what is left can still be read."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: len(lines) // 2]))


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xff" * 500)


def test_damaged_results_are_made_again(undisturbed: Project) -> None:
    whole = ("results/tables", "results/report.html", "results/figures", "results/headline.txt")
    before = checksums(undisturbed, *whole)
    damages = {
        "results/tables/doubling_times.csv": cut,
        "results/tables/frontiers.csv": garbage,
        DATABASE: garbage,
        REPORT: cut,
        "data/processed/evaluations.duckdb": cut,
    }
    for name, damage in damages.items():
        damage(undisturbed.directory / name)
    next((undisturbed.directory / "results/figures").glob("*.svg")).unlink()
    plan = undisturbed.dry_run()
    run = undisturbed.snakemake()
    assert run.returncode == 0, run.output
    assert "Traceback" not in run.output
    for name in (*damages, "results/figures"):
        assert f"{name}: not as it was written; will be removed" in plan.output
        assert f"{name}: not as it was written; removed" in run.output
    assert checksums(undisturbed, *whole) == before
    assert not {"acquire", "sample", "fit", "draw", "cross_validate"} & set(run.rules)
    run = undisturbed.snakemake()
    assert "Nothing to be done" in run.output and "not as it was" not in run.output, run.output


@pytest.mark.parametrize("damage", [cut, garbage])
def test_damaged_intermediate_files_reach_no_table(
    undisturbed: Project, damage: Callable[[Path], None]
) -> None:
    before = undisturbed.tables()
    names = [DRAWS, next(iter((undisturbed.directory / "results/fits").rglob("*.parquet")))]
    for name in names:
        damage(undisturbed.directory / name)
    run = undisturbed.snakemake(*NO_FIGURES)
    assert run.returncode == 0, run.output
    assert run.output.count("not as it was written; removed") == len(names)
    assert undisturbed.tables() == before
    assert {"draw", "merge_draws"} <= set(run.rules)
    assert not {"acquire", "sample", "cross_validate"} & set(run.rules)
    assert "Nothing to be done" in undisturbed.dry_run().output


# --- disks and clocks ----------------------------------------------------------------------------


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Callable[[str], object]]:
    """A file system of its own over a folder; what it gives sets other options."""
    folder.mkdir(parents=True, exist_ok=True)

    def mount(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["mount", *arguments, str(folder)], capture_output=True)

    if os.geteuid() or mount("-t", "tmpfs", "-o", options, "tmpfs").returncode:
        pytest.skip("only root can mount a file system")
    try:
        yield lambda changed: mount("-o", f"remount,{changed}")
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def assert_one_error_each(run: Run, words: str, *names: str) -> None:
    assert run.returncode == 1
    assert "Traceback" not in run.output, run.output
    assert len(run.errors) == len(names), run.output
    for name in names:
        assert any(name in line and words in line for line in run.errors), run.output


def test_disk_full_while_writing_a_shard(undisturbed: Project) -> None:
    before = without_draws(undisturbed)
    with disk(undisturbed.directory / "results/draws/headline", "size=4k") as change:
        # Snakemake removes folders it finds empty, and does not get over one it cannot remove.
        (undisturbed.directory / "results/draws/headline/kept").touch()
        full = undisturbed.snakemake(DRAWS, cores=1)
        assert_one_error_each(full, "No space left on device", "results/draws/headline/")
        change("size=1m")
        run = undisturbed.snakemake(DRAWS)
        assert run.returncode == 0, run.output
        assert run.rules == {"draw": 2, "merge_draws": 1}
    assert_as_before(undisturbed, before)


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_database_and_report_on_a_disk_that_takes_nothing(undisturbed: Project, fault: str) -> None:
    results = undisturbed.directory / "results"
    before = checksums(undisturbed, "results")
    for name in (DATABASE, REPORT):
        (undisturbed.directory / name).unlink()
    aside = shutil.copytree(results, undisturbed.directory / "aside")
    size = sum(-(-file.stat().st_size // 4096) * 4096 for file in aside.rglob("*.*"))
    with disk(results, "size=64m") as change:
        shutil.copytree(aside, results, dirs_exist_ok=True)
        change(f"size={size + 16384}" if fault == "full" else "ro,size=64m")
        refused = undisturbed.snakemake("--keep-going")
        if fault == "full":
            assert_one_error_each(refused, "No space left on device", DATABASE, REPORT)
        else:
            assert refused.returncode == 1 and not refused.jobs
            assert "results, cannot be written: 'read-only'" in refused.output
            assert "Traceback" not in refused.output
        change("rw,size=64m")
        run = undisturbed.snakemake()
        assert run.returncode == 0, run.output
        assert set(run.rules) == {"results_database", "report"}
        assert checksums(undisturbed, "results") == before
        assert (undisturbed.directory / DATABASE).stat().st_size


def test_clock_that_jumps_back(undisturbed: Project) -> None:
    before = undisturbed.tables()
    tomorrow = time.time() + 86400
    for folder in ("results", "data/processed"):
        for path in (undisturbed.directory / folder).rglob("*.*"):
            os.utime(path, (tomorrow, tomorrow))
    (undisturbed.directory / "results/tables/frontiers.csv").unlink()
    plan = set(undisturbed.dry_run().rules)
    assert "frontiers" in plan and not {"fit", "draw"} & plan
    made = ("results/tables/frontiers.csv", DATABASE)
    run = undisturbed.snakemake(*made)
    assert run.returncode == 0, run.output
    assert set(run.rules) <= plan
    assert undisturbed.tables() == before
    assert "Nothing to be done" in undisturbed.snakemake(*made).output


def test_deleted_folder_of_shards(undisturbed: Project) -> None:
    before = undisturbed.tables()
    for name in ("results/fits", "results/cross_validation/papers"):
        shutil.rmtree(undisturbed.directory / name)
    run = undisturbed.snakemake(*NO_FIGURES)
    assert run.returncode == 0 and undisturbed.tables() == before, run.output
    shutil.rmtree(undisturbed.directory / "results/cross_validation")
    (undisturbed.directory / "results/tables/cross_validation.csv").unlink()
    run = undisturbed.snakemake("results/tables/cross_validation.csv", DATABASE)
    assert run.returncode == 0 and undisturbed.tables() == before, run.output
    assert run.rules["cross_validate"] == 2 * 2  # schemes, deltas
    assert not {"fit", "draw"} & set(run.rules)
