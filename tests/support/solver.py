"""Compiles the solver in the project itself, once; the copies that tests make share what it makes.

Without, each of the first two jobs of every copy compiles it again: 50 s of CPU each.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
COMPILED = "src/algoprog/estimators/kernels/__pycache__"


def compile_solver() -> None:
    """Compile in a process of its own; whoever asks meanwhile waits, and then finds it done."""
    folder = PROJECT / COMPILED
    folder.mkdir(exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(
            [sys.executable, __file__],
            cwd=PROJECT,
            env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
            check=True,
        )
    finally:
        os.close(lock)


def share_solver(directory: Path) -> None:
    """Let a copy of the project use, and add to, what is compiled in the project itself.

    It serves there as long as the copy's kernels have the date and size they have here.
    """
    (PROJECT / COMPILED).mkdir(exist_ok=True)
    shutil.rmtree(directory / COMPILED, ignore_errors=True)
    (directory / COMPILED).symlink_to(PROJECT / COMPILED, target_is_directory=True)


def main() -> None:
    """Call each compiled function that Python calls, with the kinds of arguments that fits give."""
    import numpy as np

    from algoprog.estimators.converged import problem, solve, solve_replicates
    from algoprog.estimators.inference import derivatives
    from algoprog.model.design import Design, Term

    n = 8
    columns = np.stack([np.ones(n), np.linspace(-1, 1, n)])
    terms, owners = (Term(True, 0, 2),), np.arange(2)
    design = Design("line", ("a", "b"), columns, owners, terms, np.zeros((1, n)), np.zeros(n), -1)
    response, weights = np.exp(columns[1]), np.ones((2, n))
    fit = solve(design, response, 0.01)
    solve_replicates(design, response, 0.01, weights, fit.minima)
    derivatives(problem(design, response, 0.01), fit.theta)


if __name__ == "__main__":
    main()
