"""How much faster the solver is than at another revision, as ratios, in one run.

    .venv/bin/python benchmarks/against.py [REV] [--rounds 5]

Checks REV out beside this tree and measures both in turn, each in its own process of one thread:
CPU time, medians over the rounds, compiling not counted. Objectives must agree to 1e-9 (relative).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORKER = ROOT / "benchmarks/timed_work.py"
BEFORE = "f99b4cb"  # the last revision whose searches tried every start
TASKS = ("fit", "thorough", "replicates", "free_replicates", "rows", "papers", "free_papers")


def started(tree: Path) -> subprocess.Popen[str]:
    """A process that works with the library of a tree, once what it calls is compiled."""
    environment = os.environ | {"PYTHONPATH": str(tree / "src"), "POLARS_MAX_THREADS": "1"}
    environment |= {"OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(WORKER), str(tree)]
    pipe = subprocess.PIPE
    worker = subprocess.Popen(
        command, cwd=tree, env=environment, stdin=pipe, stdout=pipe, text=True
    )
    answer(worker, "compile")
    return worker


def answer(worker: subprocess.Popen[str], task: str) -> Any:
    """What a worker says of a task: its CPU seconds and the objectives it reached."""
    assert worker.stdin and worker.stdout
    worker.stdin.write(task + "\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """A worktree of another revision, for as long as it is needed."""
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), revision], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def compare(revision: str, rounds: int) -> None:
    """Measure every task at a revision and in this tree in turn and print the ratios."""
    with checked_out(revision) as other:
        workers = [started(other), started(ROOT)]
        print(f"{'':24}{'before s':>10}{'after s':>10}{'ratio':>8}{'objectives differ':>19}")
        for task in TASKS:
            measured = [[answer(one, task) for one in workers] for _ in range(rounds)]
            before, after = (
                statistics.median(one[side]["seconds"] for one in measured) for side in (0, 1)
            )
            pairs = zip(*(one["objectives"] for one in measured[0]), strict=True)
            apart = max(abs(a / b - 1) for a, b in pairs)
            print(f"{task:24}{before:10.3f}{after:10.3f}{before / after:8.2f}{apart:19.1e}")
        for worker in workers:
            worker.terminate()


def main() -> None:
    """Compare with the revision that the command names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revision", nargs="?", default=BEFORE)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    compare(chosen.revision, chosen.rounds)


if __name__ == "__main__":
    main()
