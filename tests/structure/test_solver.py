"""What tests compile beforehand is all that fits and draws call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In a process of its own: in this one, other tests have called the same functions.
CODE = """
import json

import algoprog as ap
import solver
from algoprog.estimators.kernels import descent, published, rows
from algoprog.estimators.published import solve_published

called = [descent.minimise_many, descent.minimise_replicates]
called += [rows.predict_terms, rows.residuals, rows.second_derivatives]
called += [published.linear_predictors, published.mean_squares, published.add_sizes]


def signatures():
    return [sorted(map(str, one.signatures)) for one in called]


solver.main()
before = signatures()
sample = ap.read_records("data/raw/lm_evaluations.csv").sample(ap.PAPER_SAMPLE)
model = ap.variant("m07").on(sample)
fit = model.fit(delta=0.0025)
fit.bootstrap(2, by="papers").interval(0.9)
solve_published(model.design, model.observed("own").response, 0.0025)
print(json.dumps([before, signatures()]))
"""


def test_a_fit_with_its_draws_compiles_nothing_more() -> None:
    folders = [str(ROOT / "src"), str(ROOT / "tests/support")]
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(folders)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    before, after = json.loads(done.stdout)
    assert after == before
    assert all(before)
