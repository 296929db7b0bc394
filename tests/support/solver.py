"""Compiles the solver in the project itself, once; the copies that tests make share what it makes.

Without, each of the first two jobs of every copy compiles it again, 50 s of CPU each, and so does
the confidence set of the headline, 40 s.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = "src/algoprog"
PARTS = ("estimators/kernels", "robustness", "capability")
COMPILED = tuple(f"{PACKAGE}/{part}/__pycache__" for part in PARTS)


def compile_solver() -> None:
    """Compile in a process of its own; whoever asks meanwhile waits, and then finds it done."""
    lock = os.open(PROJECT / PACKAGE, os.O_RDONLY)
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
    for folder in COMPILED:
        (PROJECT / folder).mkdir(exist_ok=True)
        shutil.rmtree(directory / folder, ignore_errors=True)
        (directory / folder).symlink_to(PROJECT / folder, target_is_directory=True)


def main() -> None:
    """Call each compiled function that Python calls, with the kinds of arguments that fits give."""
    import numpy as np
    from capability_data import sample as scores

    import algoprog as ap
    from algoprog.capability.response import fit_response
    from algoprog.common.settings import rebuild
    from algoprog.config.document import parse_config
    from algoprog.config.loading import read_mapping
    from algoprog.config.plan.plan import Plan
    from algoprog.estimators.converged import problem, solve
    from algoprog.estimators.inference import derivatives
    from algoprog.estimators.published import solve_published
    from algoprog.estimators.replicates import solve_replicates
    from algoprog.model.design import Design, Term
    from algoprog.robustness.confidence_sets import SetOf, confidence_sets

    n = 8
    columns = np.stack([np.ones(n), np.linspace(-1, 1, n)])
    terms, owners = (Term(True, 0, 2),), np.arange(2)
    design = Design("line", ("a", "b"), columns, owners, terms, np.zeros((1, n)), np.zeros(n), -1)
    response, weights = np.exp(columns[1]), np.ones((2, n))
    fit = solve(design, response, 0.01)
    solve_replicates(design, response, 0.01, weights, fit.minima)
    derivatives(problem(design, response, 0.01), fit.theta)
    solve_published(design, response, 0.01)

    small = Plan(parse_config(read_mapping(PROJECT, PROJECT / "tests/workflow/small.yaml")))
    asked = rebuild(small.coverage.confidence_set("closed_form")["asked"], SetOf)
    sample = ap.read_records(PROJECT / "data/raw/lm_evaluations.csv").sample(ap.PAPER_SAMPLE)
    confidence_sets(ap.variant("m07").on(sample), asked)

    fit_response(scores().pairs)


if __name__ == "__main__":
    main()
