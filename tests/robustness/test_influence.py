"""Influence: each unit left out is a fit to the others, and the jackknife a textbook's."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from independent import simulated_sample, with_response
from plain import Compiler, model_of

from algoprog.common.errors import InputError
from algoprog.estimators.converged import solve
from algoprog.robustness.influence import influence_table, jackknife_error

DELTA = 0.001


@pytest.fixture(scope="module")
def sample():
    """60 records of 15 papers with progress of both kinds; one record is far from the others."""
    rng = np.random.default_rng(4)
    made = simulated_sample(rng, 60, 15)
    t = (made["published"] - made["published"].min()).dt.total_days().to_numpy() / 365
    n, d = np.log(made["parameters"].to_numpy()), np.log(made["dataset_tokens"].to_numpy())
    loss = np.exp(1.6 - 0.03 * t - 0.06 * n) + np.exp(1.9 - 0.03 * t - 0.06 * d)
    loss += 0.05 * rng.standard_normal(60)
    loss[7] += 2.0
    return with_response(made, loss)


@pytest.fixture(scope="module")
def table(sample, paper_config, benchmarks):
    spec = paper_config["variants"]["m01"]
    return influence_table(model_of("m01", spec, sample, "made up", benchmarks), DELTA, "own")


def growth(sample, kept, paper_config, benchmarks):
    """Growth from a fit to the rows kept, from the definition rate / elasticity."""
    spec = paper_config["variants"]["m01"]
    design = Compiler.of(sample, benchmarks).rows("m01", spec, sample).rows(np.flatnonzero(kept))
    response = np.log(sample["perplexity"].to_numpy())[kept]
    e = solve(design, response, DELTA, perturbed=64).estimates()
    return e["alpha_year"] / e["alpha_param"] + e["beta_year"] / e["beta_data"]


def test_every_unit_is_there_once(table, sample):
    papers = table.filter(pl.col("unit") == "paper")
    records = table.filter(pl.col("unit") == "record")
    assert sorted(papers["name"]) == sorted(set(sample["paper"]))
    assert papers["rows"].sum() == 60
    assert len(records) == 60
    assert records["rows"].unique().to_list() == [1]
    for unit in (papers, records):
        assert unit["rank"].to_list() == list(range(1, len(unit) + 1))
        assert unit["change_growth"].abs().is_sorted(descending=True)
        assert unit["converged"].all()


def test_left_out_is_a_fit_to_the_others(table, sample, paper_config, benchmarks):
    whole = growth(sample, np.ones(60, bool), paper_config, benchmarks)
    assert table["growth_point"].unique().to_list() == pytest.approx([whole], rel=1e-6)
    for paper in sample["paper"].unique(maintain_order=True)[:4]:
        kept = (sample["paper"] != paper).to_numpy()
        row = table.row(by_predicate=pl.col("name") == paper, named=True)
        without = growth(sample, kept, paper_config, benchmarks)
        assert row["growth_without"] == pytest.approx(without, rel=1e-6)
        assert row["change_growth"] == pytest.approx(without - whole, abs=1e-6)
        assert row["doubling_without"] == pytest.approx(12 * np.log(2) / without, rel=1e-6)
        months = 12 * np.log(2) / without - 12 * np.log(2) / whole
        assert row["change_months"] == pytest.approx(months, abs=1e-5)
        assert row["rows"] == (~kept).sum()


def test_own_allocation_without_a_unit_is_of_the_records_left(
    table, sample, paper_config, benchmarks
):
    """Growth from a fit to the rows kept, and from the derivatives of m01 at these rows."""
    spec = paper_config["variants"]["m01"]
    rows = Compiler.of(sample, benchmarks).rows("m01", spec, sample)
    response = np.log(sample["perplexity"].to_numpy())

    def own(kept):
        part = rows.rows(np.flatnonzero(kept))
        fit = solve(part, response[kept], DELTA, perturbed=64)
        e, eta = fit.estimates(), [fit.theta @ _linear(part, k) for k in range(2)]
        a, b = (np.exp(one) for one in eta)
        gain = (e["alpha_year"] * a + e["beta_year"] * b).sum()
        return gain / (0.5 * (e["alpha_param"] * a + e["beta_data"] * b).sum())

    whole = own(np.ones(60, bool))
    assert table["own_growth_point"].unique().to_list() == pytest.approx([whole], rel=1e-5)
    for paper in sample["paper"].unique(maintain_order=True)[:3]:
        row = table.row(by_predicate=pl.col("name") == paper, named=True)
        without = own((sample["paper"] != paper).to_numpy())
        assert row["own_growth_without"] == pytest.approx(without, rel=1e-5)
        assert row["own_change_growth"] == pytest.approx(without - whole, abs=1e-5)
        assert row["own_doubling_without"] == pytest.approx(12 * np.log(2) / without, rel=1e-5)


def _linear(design, k):
    """Columns (p, n) of the linear predictor of a term over all parameters."""
    term = design.terms[k]
    found = np.zeros((design.p, design.n))
    part = slice(term.start, term.stop)
    np.add.at(found, design.parameter_of_column[part], design.columns[part])
    return found


def test_the_record_far_off_moves_growth_most(table, sample):
    name = f"{sample['system'][7]} ({sample['benchmark'][7]})"
    assert table.row(by_predicate=pl.col("name") == name, named=True)["rank"] == 1


def test_jackknife_of_a_mean_is_its_standard_error(table):
    values = np.random.default_rng(0).normal(size=30)
    without = (values.sum() - values) / 29
    assert jackknife_error(without) == pytest.approx(values.std(ddof=1) / np.sqrt(30), rel=1e-12)
    papers = table.filter(pl.col("unit") == "paper")
    error = jackknife_error(papers["growth_without"].to_numpy())
    assert papers["jackknife_error"].unique().to_list() == pytest.approx([error])


def test_a_variant_without_growth_is_refused(sample, paper_config, benchmarks):
    spec = paper_config["variants"]["m16"]
    with pytest.raises(InputError, match="closed form"):
        influence_table(model_of("m16", spec, sample, "made up", benchmarks), DELTA, "own")
