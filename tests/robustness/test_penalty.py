"""The penalty under other units and origins: what it may change, and what it may not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from algoprog.estimators.converged import problem, solve, subgradient
from algoprog.estimators.estimator import ESTIMATORS, Task
from algoprog.estimators.fit import WITHIN, fit_batch
from algoprog.model.model import Model
from algoprog.model.variant import Variant, Variants
from algoprog.quantities.analysed import Models
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.robustness.penalty import SETTINGS, Doubling, minima_table, penalty_table

DELTA = 0.0025


@pytest.fixture(scope="module")
def sample(paper_sample: pl.DataFrame, paper_config: dict) -> Sample:
    return Sample("paper", paper_sample, Benchmarks.of(paper_config["benchmarks"]))


@pytest.fixture(scope="module")
def m07(sample: Sample, paper_config: dict) -> Model:
    return Model.of(Variant.of("m07", paper_config["variants"]["m07"]), sample)


@pytest.fixture(scope="module")
def table(m07: Model) -> pl.DataFrame:
    return penalty_table(m07, "own", [0.0, DELTA])


def test_without_a_penalty_all_settings_are_one_model(table: pl.DataFrame) -> None:
    none = table.filter(pl.col("delta") == 0, pl.col("estimator") == "converged")
    assert none["setting"].to_list() == list(SETTINGS)
    assert none["converged"].all()
    for column in ("mse", "growth_closed_form", "growth_own_allocation"):
        assert none[column].to_numpy() == pytest.approx(none[column][0], rel=1e-6)


def test_months_of_the_papers_sample(table: pl.DataFrame) -> None:
    """The closed form moves with units and delta, growth where the records are does not."""
    at = table.filter(pl.col("estimator") == "converged", pl.col("delta") == DELTA)
    months = {row["setting"]: row for row in at.iter_rows(named=True)}
    assert months["as_fitted"]["closed_form"] == pytest.approx(5.69, abs=0.01)
    assert months["as_fitted"]["own_allocation"] == pytest.approx(11.82, abs=0.01)
    assert months["decades"]["closed_form"] == pytest.approx(16.2, abs=0.1)
    assert months["slopes"]["closed_form"] == pytest.approx(8.46, abs=0.02)
    own = at["own_allocation"]
    assert own.min() > 9.9 and own.max() < 12


def test_a_rate_per_decade_is_a_formula(m07: Model) -> None:
    """The same fit as of the variant whose formulas say t / 10."""
    parts = tuple(
        {name: type(text)(text.replace("-t", "-{t/10}")) for name, text in part.items()}
        for part in m07.variant.exponentials
    )
    written = m07.with_variant(replace(m07.variant, exponentials=parts))
    design = SETTINGS["decades"](m07).design
    assert np.allclose(written.design.columns, design.columns, rtol=1e-12, atol=0)
    assert written.design.parameters == design.parameters


@pytest.mark.parametrize("origin", ["means", "counts"])
def test_with_free_levels_origins_do_not_matter(m07: Model, origin: str) -> None:
    free = SETTINGS["slopes"](m07).model
    moved = SETTINGS[origin](free).model
    growth = []
    for model in (free, moved):
        fit = ESTIMATORS["converged"].fit(Task.of(model, "own", 0.01))
        assert fit.certified
        growth.append([fit.objective, *Doubling.of(model).columns(fit.theta).values()])
    assert growth[0] == pytest.approx(growth[1], rel=1e-6)
    held = [SETTINGS["as_fitted"](m07).model, SETTINGS[origin](m07).model]
    fits = [ESTIMATORS["converged"].fit(Task.of(model, "own", 0.01)) for model in held]
    assert abs(fits[0].objective / fits[1].objective - 1) > 1e-3


def test_levels_are_free_and_slopes_are_not(m07: Model) -> None:
    design = SETTINGS["slopes"](m07).design
    held = [name for name in design.parameters if name not in design.free]
    assert held == ["alpha_year", "alpha_param", "beta_year", "beta_data"]
    response = m07.observed("own").response
    fit = solve(design, response, 0.02)
    task = problem(design, response, 0.02)
    assert task.penalty.tolist() == [0.02 * (name in held) for name in design.parameters]
    size = sum(abs(fit.estimates()[name]) for name in held)
    assert fit.objective == pytest.approx(fit.mean_square + 0.02 * size, rel=1e-12)
    assert subgradient(task, fit.theta) < 1e-8
    # a level that moves changes the fit, and no more than the fit
    assert design.size(fit.theta) == pytest.approx(size)
    assert m07.design.size(fit.theta) > size


def test_an_interaction_with_the_benchmark_is_a_slope(sample: Sample, paper_config: dict) -> None:
    variant = replace(Variant.of("m10", paper_config["variants"]["m10"]), penalise="slopes")
    design = Model.of(variant, sample).design
    assert all("const" in name for name in design.free)
    assert len(design.free) == 6


def test_minima_are_distinct_and_near_the_best(sample: Sample, paper_config: dict) -> None:
    variants = Variants({name: paper_config["variants"][name] for name in ("m07", "m16")})
    fits, _, minima = fit_batch(sample, variants.values(), [DELTA], "converged", "own")
    table = minima_table(minima, Models({"paper": sample}, variants))
    m07 = table.filter(pl.col("variant") == "m07")
    assert m07["minimum"].to_list() == list(range(1, m07.height + 1))
    assert m07.height > 1 and m07["excess"][0] == 0
    assert m07["excess"].is_sorted() and m07["excess"].max() <= WITHIN
    assert m07["closed_form"].max() > 2 * m07["closed_form"].min()
    assert m07["own_allocation"].max() < 1.1 * m07["own_allocation"].min()
    m16 = table.filter(pl.col("variant") == "m16")
    assert m16["own_allocation"].is_null().all() and m16["closed_form"].is_null().all()
    # the gap that `fits` has is the second minimum's
    gap = fits.filter(pl.col("variant") == "m07").row(0, named=True)
    assert m07["excess"][1] == pytest.approx(gap["gap"] / gap["objective"])
    assert fit_batch(sample, variants.values(), [DELTA], "published", "own")[2].is_empty()
