"""Compiled fits give the same bytes whatever instructions a processor has, compiled or loaded.

What is compiled anew for another processor is looked at as well: inner loops count no references.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from solver import compile_solver

ROOT = Path(__file__).resolve().parents[2]
PATH = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests/support")))
# Instructions of 2009: vectors of two doubles, and no multiply-add that rounds once.
OLD = {"NUMBA_CPU_NAME": "x86-64-v2", "NUMBA_CPU_FEATURES": ""}
CODE = """
import os

import numpy as np

import algoprog as ap
from algoprog.capability import kernels as capability
from algoprog.capability.response import fit_response
from algoprog.estimators.converged import solve
from algoprog.estimators.replicates import solve_replicates
from algoprog.estimators.kernels import arrays, descent, lanes, published, rows, steps
from algoprog.estimators.published import solve_published
from capability_data import sample as scores

sample = ap.read_records("data/raw/lm_evaluations.csv").sample(ap.PAPER_SAMPLE)
for name, delta in (("m07", 0.0025), ("m07", 0.0), ("m10", 0.0025), ("m19", 0.001)):
    model = ap.variant(name).on(sample)
    response = model.observed("own").response
    fit = solve(model.design, response, delta)
    equal = np.full(model.design.n, 1.0 / model.design.n)
    weights = np.random.default_rng(1).multinomial(model.design.n, equal, size=4).astype(float)
    drawn = solve_replicates(model.design, response, delta, weights, fit.minima)
    for found in (fit.theta, fit.minima_objectives, drawn.theta, drawn.subgradient, drawn.n_starts):
        print(name, delta, np.ascontiguousarray(found, dtype=float).tobytes().hex())
    assert fit.certified and drawn.certified.all()
fit = fit_response(scores().pairs, more_starts=2)
for found in (fit.capability, fit.difficulty, fit.slope):
    print("capability", found.tobytes().hex())
assert fit.certificate.converged
if os.environ.get("LOOK_AT_CODE"):
    for function in (descent.minimise_many, capability.descend):
        compiled = next(iter(function.inspect_asm().values()))
        assert "vfmadd" not in compiled and "ymm" not in compiled
    counting = ("NRT_incref", "NRT_MemInfo_alloc", "NRT_Allocate")
    assert any(name in compiled for name in counting)
    found = 0
    solve_published(model.design, response, delta)
    for module in (lanes, arrays, rows, steps, descent, published, capability):
        for function in vars(module).values():
            if getattr(function, "targetoptions", {}).get("_nrt") is False:
                for compiled in function.inspect_asm().values():
                    found += 1
                    for name in counting:
                        assert name not in compiled, (function, name)
    assert found > 20
"""


def estimates(environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": PATH} | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="another architecture")
def test_estimates_of_an_old_processor_are_ours_to_the_bit(tmp_path: Path) -> None:
    compile_solver()
    other = OLD | {"NUMBA_CACHE_DIR": str(tmp_path)}
    old = estimates(other | {"LOOK_AT_CODE": "1"})
    assert estimates(other) == old  # loaded, where it was compiled
    assert estimates({}) == old
    assert len(old.splitlines()) == 23
