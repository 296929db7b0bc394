"""The library as a notebook uses it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest

import algoprog as ap
from algoprog.common.errors import InputError
from algoprog.estimators.huber import Threshold
from algoprog.quantities.closed_form import closed_form_rows
from algoprog.resampling.analysis import Analysis, Choice

ROOT = Path(__file__).resolve().parents[1]
REGISTER = ROOT / "data/raw/lm_evaluations.csv"
NOTEBOOK = ROOT / "docs/first-steps.ipynb"


@pytest.fixture(scope="module")
def sample() -> ap.Sample:
    return ap.read_records(REGISTER).sample(ap.PAPER_SAMPLE)


@pytest.fixture(scope="module")
def fit(sample: ap.Sample) -> ap.Fit:
    return ap.variant("m07").on(sample).fit(delta=0.0025)


def test_the_package_imports_nothing_until_it_is_asked() -> None:
    """Not even NumPy, which takes longer than all else that a command line waits for."""
    code = (
        "import sys, algoprog\n"
        "print(*{'numpy', 'polars', 'numba', 'pydantic', 'msgspec'} & set(sys.modules))\n"
        "print('read_records' in dir(algoprog), hasattr(algoprog, 'nothing_of_the_kind'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["", "True False"]


def test_five_lines_give_the_answer(fit: ap.Fit) -> None:
    growth = fit.estimates["alpha_year"] / fit.estimates["alpha_param"]
    growth += fit.estimates["beta_year"] / fit.estimates["beta_data"]
    assert fit.doubling_time().months == pytest.approx(12 * np.log(2) / growth)
    assert fit.doubling_time().months == pytest.approx(5.694, abs=1e-3)
    assert fit.certified
    drawn = fit.bootstrap(20, by="papers")
    found = drawn.interval(0.95)
    assert found.low < fit.doubling_time().months < found.high
    assert (found.level, found.n_draws, drawn.certified) == (0.95, 20, 1.0)
    assert drawn.interval(0.5).low > found.low
    assert drawn.draws.height == 20 and len(drawn.months) == 20
    assert drawn.point == fit.doubling_time()
    assert drawn.standard_error == pytest.approx(np.std(drawn.growth, ddof=1))


@pytest.mark.parametrize("estimator", ["converged", "published"])
def test_it_is_what_the_workflow_computes(
    sample: ap.Sample, paper_config: dict, estimator: str
) -> None:
    """Draws and interval of an analysis of the configuration, by the code that its script runs."""
    made = ap.variant("m18").on(sample).fit(delta=0.005, estimator=estimator)
    drawn = made.bootstrap(9, by="rows")
    variants = {"m18": ap.variant("m18")}
    analysis = Analysis(
        variants, Choice("m18", 0.005), None, "own", estimator, "rows", paper_config["seed"]
    )
    refit = analysis.of(sample, None, 0, 9)
    assert drawn.draws.equals(refit.draws)
    assert made.estimates == refit.estimates
    rows = closed_form_rows(made.growth.closed, refit.key, refit.estimates, refit.draws)
    (row,) = [row for row in rows if row["quantity"] == "compute"]
    assert made.doubling_time().months == row["point"]
    for level in (50, 90, 95):
        found = drawn.interval(level / 100)
        ends = (row[f"ci{level}_low"], row[f"ci{level}_high"])
        assert (found.low, found.high) == pytest.approx(ends, rel=1e-12)


@pytest.mark.parametrize("estimator", ["converged", "published"])
@pytest.mark.parametrize(
    "loss", [{}, {"huber": Threshold(k=0.3)}, {"correlated": True}], ids=["squares", "huber", "rho"]
)
def test_every_estimator_keeps_the_protocol(sample: ap.Sample, estimator: str, loss: dict) -> None:
    """It fits, draws, and tells how good its fit is; converged fits are certified."""
    made = ap.variant("m18").on(sample).fit(delta=0.005, estimator=estimator, **loss)
    assert made.by.procedure == estimator
    certificate = made.by.certificate(made.task, made.result)
    assert certificate == pytest.approx(made.certificate, rel=1e-6, abs=1e-8)
    assert made.certified is (estimator == "converged")
    drawn = made.bootstrap(2, by="papers")
    assert np.isfinite(drawn.growth).all()
    assert drawn.certified == (1.0 if estimator == "converged" else 0.0)


def test_results_say_what_they_are(sample: ap.Sample, fit: ap.Fit) -> None:
    assert repr(sample).startswith("Sample(paper: 231 rows of 144 papers; wt103 103")
    assert "m07 on paper, 231 rows, delta 0.0025" in repr(fit)
    assert "a certified minimum" in repr(fit)
    assert repr(fit.doubling_time()).startswith("DoublingTime(5.7 months; growth 1.46 a year")
    drawn = fit.bootstrap(8)
    assert "8 draws of papers, 100 % certified" in repr(drawn)
    assert repr(drawn.interval(0.9)).endswith("90 % of 8 draws)")


def test_a_variant_can_be_asked_and_changed(sample: ap.Sample) -> None:
    variant = ap.variant("m07")
    assert variant.uses("d") and variant.uses("c", "n") and not variant.uses("c", "d_seen")
    seen = variant.with_data("d_seen")
    assert seen.uses("d_seen") and not seen.uses("d")
    assert variant.is_affine("t")
    held = variant.holding({"alpha_param": 0.1, "beta_data": 0.1}).on(sample)
    assert len(held.parameters) == len(variant.on(sample).parameters) - 2


def test_what_is_not_there_is_refused_with_what_is(sample: ap.Sample) -> None:
    with pytest.raises(InputError, match="use one of m01, m02"):
        ap.variant("m99")
    with pytest.raises(InputError, match="use one of paper"):
        ap.sample_spec("papers")
    with pytest.raises(InputError, match="no progress"):
        ap.variant("m16").on(sample).fit(delta=0.005).doubling_time()
    with pytest.raises(InputError, match="5 rows for 10 parameters"):
        ap.variant("m07").on(sample.take(np.arange(5)))


def test_records_of_a_user_come_on_top(tmp_path: Path, sample: ap.Sample) -> None:
    own = ROOT / "docs/first-steps.csv"
    both = ap.read_records(REGISTER, own)
    alone = ap.read_records(own)
    assert alone.evaluations.height == 10
    assert both.evaluations.height == ap.read_records(REGISTER).evaluations.height + 10
    assert both.sample(ap.PAPER_SAMPLE).height == sample.height + 9  # three of each paper stay
    written = pl.read_csv(own)
    written.rename({"perplexity": "perplexty"}).write_csv(tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"a\.csv, line 1: 'perplexty'"):
        ap.read_records(tmp_path / "a.csv")
    written.drop("published").write_csv(tmp_path / "b.csv")
    with pytest.raises(InputError, match="add the columns published"):
        ap.read_records(tmp_path / "b.csv")
    with pytest.raises(InputError, match="no such file"):
        ap.read_records(tmp_path / "c.csv")


# ---- the notebook


@pytest.fixture(scope="module")
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebook", ROOT / "docs/notebook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_notebook_shows_what_its_cells_give(runner: ModuleType) -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = runner.execute(notebook, NOTEBOOK.parent)
    assert len(shown) == len(cells) > 10
    for cell, text in zip(cells, shown, strict=True):
        # where the published optimiser stops depends on the machine
        if "published" not in "".join(cell["source"]):
            assert runner.shown(cell) == text
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
