"""SciPy's SLSQP ends where it ends whatever number of threads BLAS has, and gives them back."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.optimize  # noqa: F401  # loads the BLAS that is looked at
from threadpoolctl import threadpool_info, threadpool_limits

from algoprog.estimators.slsqp import minimise

ROOT = Path(__file__).resolve().parents[2]
ESTIMATES = """
import numpy as np

import algoprog as ap
from algoprog.estimators.correlated import solve_correlated_published
from algoprog.estimators.published import solve_published

sample = ap.read_records("data/raw/lm_evaluations.csv").sample(ap.PAPER_SAMPLE)
model = ap.variant("m07").on(sample)
seen = model.observed("first_available")
legacy = np.random.RandomState(0)
for _ in range(100):
    rows = legacy.choice(len(seen.response), len(seen.response))
    theta, _ = solve_published(model.design.rows(rows), seen.response[rows], 0.0025)
    print(theta.tobytes().hex())
theta, rho, _ = solve_correlated_published(model.design, seen.response, seen.papers, 0.0025)
print(theta.tobytes().hex(), rho)
"""


def estimates(threads: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", ESTIMATES],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "OPENBLAS_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def threads_of_blas() -> list[int]:
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="BLAS has one thread on one core")
def test_a_notebook_on_many_cores_has_the_bytes_of_a_job_on_one() -> None:
    one = estimates(1)
    assert len(one.splitlines()) == 101
    assert estimates(2) == one


def test_blas_has_its_threads_again_also_after_an_error() -> None:
    def value(x: np.ndarray) -> float:
        seen.append(threads_of_blas())
        if len(seen) == 2:
            raise ValueError("not here")
        return float(x @ x)

    seen: list[list[int]] = []
    with threadpool_limits(2, user_api="blas"):
        before = threads_of_blas()
        with pytest.raises(ValueError, match="not here"):
            minimise(value, np.ones(2))
        assert threads_of_blas() == before
    assert seen == [[1] * len(before)] * 2


def test_options_are_scipys_and_infinite_values_warn_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = minimise(lambda x: float(np.exp(900 * x[0] ** 2)), np.ones(1), bounds=[(0.5, None)])
    assert found.x[0] >= 0.5
