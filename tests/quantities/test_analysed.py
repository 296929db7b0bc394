"""Tables of quantities: one analysis after the other, each row with a key of its own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from plain import (
    effective_compute_table,
    era_table,
    frontier_table,
    shapley_tables,
    transformer_table,
)
from synthetic import ERA, FACTORED, MULTIPLIED, refit

from algoprog.catalogue import TABLES
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.resampling.weights import weights_of_draws
from algoprog.tables.csv import write_table

CONVERGED = {"estimator": "converged", "resampling": "papers"}
KINK = {"era": 2017, "form": "kink"}


@pytest.fixture(scope="module")
def made(compiler, paper_config):
    def made(variant="m07", change=None, seed=1, **more):
        return refit(
            compiler, variant, paper_config["variants"][variant], change, seed=seed, **more
        )

    return made


@pytest.fixture(scope="module")
def common(paper_sample, paper_config, benchmarks):
    return {
        "samples": {"paper": paper_sample, "all_models": paper_sample},
        "variants": paper_config["variants"],
        "benchmarks": benchmarks,
    }


def test_shapley_shares_of_every_pair_and_losses(common, made, paper_config, tmp_path):
    systems = dict(list(paper_config["shapley"]["systems"].items())[:3])
    analyses = [made(), made(seed=2, **CONVERGED), made(seed=3, spread=0.3)]
    shares, losses = shapley_tables(**common, systems=systems, analyses=analyses)
    write_table(tmp_path / "shapley.csv", TABLES["shapley"], shares)
    write_table(tmp_path / "predicted_loss.csv", TABLES["predicted_loss"], losses)
    # two analyses; the third is the first again: 3 pairs of 5 factors, and 3 systems
    assert (shares.height, losses.height) == (2 * 3 * 5, 2 * 3)
    total = shares.filter(pl.col("factor") != "compute").group_by(
        "estimator", "from_system", "to_system"
    ).agg(pl.col("share").sum())  # fmt: skip
    assert total["share"].to_list() == pytest.approx([1.0] * 6)
    # a reduction is the difference of two losses
    loss = {(row[0], row[1]): row[2] for row in losses.select("estimator", "system", "loss").rows()}
    for row in shares.iter_rows(named=True):
        first, second = (loss[row["estimator"], row[end]] for end in ("from_system", "to_system"))
        assert row["reduction"] == pytest.approx(first - second)
    assert shares["n_draws"].unique().to_list() == [40]
    # the first analysis of a key is the one that is kept
    alone, _ = shapley_tables(**common, systems=systems, analyses=analyses[:2])
    assert shares.equals(alone)


def test_transformer_in_two_forms(common, made, tmp_path):
    analyses = [
        (form, made(change=form, seed=seed, **more))
        for form in (MULTIPLIED, FACTORED)
        for seed, more in ((1, {"objective": 0.06}), (2, {"objective": 0.05, **CONVERGED}))
    ]
    again = (MULTIPLIED, made(change=MULTIPLIED, seed=9))
    found = transformer_table(
        **common, computes=[1e22, 1e25], year=2023, analyses=[*analyses, again]
    )
    write_table(tmp_path / "transformer.csv", TABLES["transformer"], found)
    assert found.select("form", "estimator", "compute").rows() == [
        (form, estimator, compute)
        for form in ("multiplier", "factor")
        for estimator in ("published", "converged")
        for compute in (1e22, 1e25)
    ]
    for i, (change, one) in enumerate(analyses):
        row = found.row(2 * i, named=True)
        if change is MULTIPLIED:
            value = one.estimates["gamma_transformer"]
            reduction = 1 - 1 / (1 + math.exp(-value))
        else:
            value = one.estimates["kappa_transformer"]
            reduction = 1 - math.exp(-value)
        assert row["parameter"] == value
        assert row["reduction"] == pytest.approx(reduction)
        assert row["objective"] == one.fit["objective"][0]
        assert (row["converged"], row["share_draws_converged"]) == (True, 0.5)


def test_eras(common, made, tmp_path):
    analyses = [(ERA, made(change=ERA)), (KINK, made(change=KINK)), (ERA, made(change=ERA, seed=5))]
    found = era_table(**common, analyses=analyses)
    write_table(tmp_path / "era_split.csv", TABLES["era_split"], found)
    # two forms; the third analysis is the first again: 3 eras of 3 quantities, and own
    assert found.group_by("form", "era").len().height == 6
    own = found.filter(pl.col("definition") == "own_allocation")
    assert own.height == 2 * 3 and own["n_draws"].min() > 0
    found = found.filter(pl.col("definition") == "closed_form")
    assert found.height == 2 * 3 * 3
    estimates = analyses[0][1].estimates
    before = estimates["alpha_year"] / estimates["alpha_param"]
    after = before + estimates["alpha_year_from_2017"] / estimates["alpha_param"]
    rows = found.filter(pl.col("form") == "jump", pl.col("quantity") == "parameters")
    growth = dict(rows.select("era", "growth_point").iter_rows())
    assert growth == pytest.approx({"before": before, "after": after, "change": after - before})
    assert rows["share_draws_converged"].to_list() == [0.5] * 3
    assert rows["objective"].to_list() == [0.05] * 3


def test_frontiers_reach_the_loss_on_the_grid(common, made, compiler, paper_config, tmp_path):
    one = made(sample="all_models")
    grid = {"low": 1e8, "high": 1e14, "number": 7}
    found = frontier_table(
        **common, perplexities=[30, 20], years=[2016, 2024], dataset_tokens=grid, analysis=one
    )
    write_table(tmp_path / "frontiers.csv", TABLES["frontiers"], found)
    assert found.height == 2 * 2 * 7
    assert found["dataset_tokens"].unique().sort().to_list() == pytest.approx(
        [10.0**k for k in range(8, 15)]
    )
    surface = compiler.model("m07", paper_config["variants"]["m07"]).surface
    theta = np.array([[one.estimates[name] for name in surface.names]])
    reached = found.drop_nulls("parameters")
    assert reached.height > 14
    origin = compiler.origin
    design = surface.design(
        t=reached["year"].to_numpy() - origin.first_year,
        n=np.log(reached["parameters"].to_numpy()) - origin.log_parameters,
        d=np.log(reached["dataset_tokens"].to_numpy()) - origin.log_tokens,
    )
    np.testing.assert_allclose(
        np.exp(surface.loss(theta, design)[0]), reached["perplexity"], rtol=1e-9
    )


def test_effective_compute_grows_as_the_records_own_allocation_says(
    common, made, compiler, paper_config, tmp_path
):
    settings = {
        "years": [2014, 2018, 2020], "start": 2014, "doubling_months": 6, "anchor_year": 2018,
        "anchor": 1.5,
    }  # fmt: skip
    specific, plain = made("m10"), made(seed=2, **CONVERGED)
    still = made("m16", **CONVERGED)
    found = effective_compute_table(**common, settings=settings, analyses=[specific, still, plain])
    write_table(tmp_path / "effective_compute.csv", TABLES["effective_compute"], found)
    assert found["estimator"].to_list() == ["published"] * 3 + ["converged"] * 3
    for one in (specific, plain):
        name = one.key["variant"]
        model = compiler.model(name, paper_config["variants"][name])
        form, weights = OwnAllocation.of(model), weights_of_draws(one, model, 7)
        drawn = form.growth(one.draws.select(model.parameters).to_numpy(), "alike", weights)
        g = form.growth(np.array([[one.estimates[name] for name in model.parameters]]))[0]
        rows = found.filter(pl.col("estimator") == one.key["estimator"])
        assert rows["algorithmic"].to_list() == pytest.approx(np.exp(g * np.array([0, 4, 6])))
        assert rows["physical"].to_list() == pytest.approx([1.5 / 256, 1.5, 1.5 * 16])
        medians = np.exp(np.nanmedian(drawn) * np.array([0, 4, 6]))
        assert rows["median"].to_list() == pytest.approx(medians)


def test_a_draw_that_got_worse_gains_less_than_nothing(common, made, paper_config):
    """No gain is cut at 1: with the rates of every draw turned round it is the inverse."""
    settings = {"years": [2014, 2020], "start": 2014}
    forth = made(**CONVERGED)
    turned = {name: -forth.draws[name] for name in ("alpha_year", "beta_year")}
    back = replace(forth, draws=forth.draws.with_columns(**turned))
    tables = [
        effective_compute_table(**common, settings=settings, analyses=[one])
        for one in (forth, back)
    ]
    ahead, behind = (table.row(1, named=True) for table in tables)
    assert ahead["ci95_low"] > 1.0 > behind["ci95_high"]
    assert behind["ci95_low"] == pytest.approx(1.0 / ahead["ci95_high"], rel=0.02)
    assert behind["share_nonpositive"] == 1.0
