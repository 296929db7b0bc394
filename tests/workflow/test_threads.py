"""Every library keeps to the threads of the rule whose script uses it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("threads")]

SNAKEFILE = """
rule all:
    input:
        expand("{threads}.json", threads=[1, 2]),


rule one:
    output:
        "1.json",
    log:
        "1.log",
    threads: 1
    script:
        "scripts/count.py"


rule two:
    output:
        "2.json",
    log:
        "2.log",
    threads: 2
    script:
        "scripts/count.py"
"""
# What is at work: threads that took at least a third of the CPU time of the busiest one. On a
# busy machine shares are uneven, so that less than the threads allowed may be counted, never more.
SCRIPT = """
import job

with job.running(snakemake):
    import json
    import tempfile
    from contextlib import contextmanager, suppress
    from pathlib import Path

    said, busy = {}, {}

    def ticks():
        found = {}
        for task in Path("/proc/self/task").iterdir():
            with suppress(OSError):  # it has ended
                fields = (task / "stat").read_text().rpartition(")")[2].split()
                found[task.name] = int(fields[11]) + int(fields[12])
        return found

    @contextmanager
    def working(library):
        before = ticks()
        yield
        spent = [now - before.get(task, 0) for task, now in ticks().items()]
        busy[library] = sum(3 * each >= max(spent) for each in spent)

    import numpy as np

    matrix = np.random.default_rng(0).standard_normal((800, 800))
    with working("blas"):
        for _ in range(10):
            matrix = matrix @ matrix
            matrix /= abs(matrix).max()

    import polars as pl

    said["polars"] = pl.thread_pool_size()
    columns = {f"x{i}": np.random.default_rng(i).standard_normal(300_000) for i in range(4)}
    frame = pl.DataFrame(columns)
    with working("polars"):
        for _ in range(3):
            frame.select(pl.all().sort())

    import duckdb

    from algoprog.tables.database import write_documented
    from algoprog.tables.declaration import Column, Group, Table

    connect, said["duckdb"] = duckdb.connect, []

    def connected(*arguments, **settings):
        connection = connect(*arguments, **settings)
        said["duckdb"] += connection.execute("SELECT current_setting('threads')").fetchone()
        return connection

    duckdb.connect = connected
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tables.duckdb")
        any_number = Column("x", "number", "", "a number")
        words = {"numbers": Table("numbers", Group("", ""), "row", (), (), others=any_number)}
        write_documented(path, {"numbers": frame}, words, snakemake.threads)
        with connect(str(path), config={"threads": snakemake.threads}) as connection:
            with working("duckdb"):
                connection.execute("SELECT sum(sin(x0 * i)) FROM numbers, range(30) t(i)")

    import numba

    said["numba"] = numba.get_num_threads()

    @numba.njit(parallel=True)
    def total(n):
        found = 0.0
        for i in numba.prange(n):
            found += np.sin(np.float64(i)) ** 2
        return found

    total(10)
    with working("numba"):
        total(5_000_000)

    Path(snakemake.output[0]).write_text(json.dumps({"said": said, "busy": busy}))
"""


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict]:
    directory = tmp_path_factory.mktemp("threads")
    (directory / "scripts").mkdir()
    shutil.copy2(PROJECT / "scripts/job.py", directory / "scripts")
    (directory / "scripts/count.py").write_text(SCRIPT)
    (directory / "Snakefile").write_text(SNAKEFILE)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores=2"],
        cwd=directory,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    logs = "".join(path.read_text() for path in directory.glob("*.log"))
    assert done.returncode == 0, done.stdout + logs
    return {n: json.loads((directory / f"{n}.json").read_text()) for n in (1, 2)}


LINUX = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")


@LINUX
def test_a_rule_of_one_thread_works_in_one(counts: dict[int, dict]) -> None:
    assert counts[1]["said"] == {"polars": 1, "duckdb": [1], "numba": 1}
    assert counts[1]["busy"] == {"blas": 1, "polars": 1, "duckdb": 1, "numba": 1}


@LINUX
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_a_rule_of_two_threads_works_in_two(counts: dict[int, dict]) -> None:
    assert counts[2]["said"] == {"polars": 2, "duckdb": [2], "numba": 2}
    assert set(counts[2]["busy"]) == {"blas", "polars", "duckdb", "numba"}
    assert max(counts[2]["busy"].values()) == 2
