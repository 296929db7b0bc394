"""How much faster the solver is than at another revision, as ratios, in one run.

    .venv/bin/python benchmarks/against.py REV [--rounds 5]

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
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORKER = ROOT / "benchmarks/timed_work.py"


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


def main() -> None:
    """Measure every task in both trees in turn and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revision")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "tree"
        subprocess.run([*git, "add", "--detach", str(other), chosen.revision], check=True)
        try:
            workers = [started(other), started(ROOT)]
            print(f"{'':24}{'before s':>10}{'after s':>10}{'ratio':>8}{'objectives differ':>19}")
            for task in ("fit", "thorough", "replicates", "rows", "papers", "free_papers"):
                rounds = [[answer(one, task) for one in workers] for _ in range(chosen.rounds)]
                before, after = (
                    statistics.median(one[side]["seconds"] for one in rounds) for side in (0, 1)
                )
                pairs = zip(*(one["objectives"] for one in rounds[0]), strict=True)
                apart = max(abs(a / b - 1) for a, b in pairs)
                print(f"{task:24}{before:10.3f}{after:10.3f}{before / after:8.2f}{apart:19.1e}")
            for worker in workers:
                worker.terminate()
        finally:
            subprocess.run([*git, "remove", "--force", str(other)], check=True)


if __name__ == "__main__":
    main()
