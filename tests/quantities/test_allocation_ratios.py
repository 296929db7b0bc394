"""Compute-optimal splits of a fit beside the records', and the flag of what rests on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from plain import models_of
from synthetic import refit, tables_of

from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.quantities.allocation_ratios import NEAREST, QUANTILES, Splits
from algoprog.quantities.doubling_tables import Definitions, doubling_table
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample

SCALING = {"compute": 1e25, "year": 2023.0}
KEY = {
    "sample": "paper",
    "variant": "m01",
    "delta": 0.0,
    "estimator": "converged",
    "resampling": "none",
}


@pytest.fixture(scope="module")
def sample(paper_sample: pl.DataFrame, paper_config: dict) -> Sample:
    return Sample("paper", paper_sample, Benchmarks.of(paper_config["benchmarks"]))


@pytest.fixture(scope="module")
def m01(sample: Sample, paper_config: dict) -> Model:
    return Model.of(Variant.of("m01", paper_config["variants"]["m01"]), sample)


def law(model: Model, alpha: float, beta: float, ratio: float, rates: tuple[float, float]) -> Any:
    """Parameters of m01 whose optimum at 1e18 FLOP in 2023 has these tokens per parameter."""
    u = (math.log(1e18 / 6) - math.log(ratio)) / 2  # ln N
    d = math.log(1e18 / 6) - u
    origin, t = model.units.origin, 2023.0 - model.units.origin.first_year
    # alpha A = beta B at the optimum
    level = math.log(beta / alpha) + alpha * (u - origin.log_parameters)
    level -= beta * (d - origin.log_tokens)
    values = {
        "alpha_const": 0.5 + level + (rates[0] - rates[1]) * t,
        "alpha_year": rates[0],
        "alpha_param": alpha,
        "beta_const": 0.5,
        "beta_year": rates[1],
        "beta_data": beta,
    }
    assert set(values) == set(model.parameters)
    return {name: values[name] for name in model.parameters}


def rows_of(model: Model, estimates: Any) -> dict[tuple[str, str], dict[str, Any]]:
    found = Definitions.of(model, SCALING).rows(KEY, estimates, None)
    return {(row["definition"], row["quantity"]): row for row in found}


def test_the_optimum_is_where_loss_is_least(m01: Model) -> None:
    """Known from its first-order condition, and by the loss of splits on both sides."""
    estimates = law(m01, 0.08, 0.06, 3.0, (0.02, 0.03))
    splits = Splits.of(m01, compute=1e18, year=2023.0)
    assert splits is not None
    by_place = {row["place"]: row for row in splits.rows({}, estimates)}
    assert by_place["optimal_scaling"]["optimal"] == pytest.approx(3.0, rel=1e-9)
    theta = np.array([list(estimates.values())])
    for row in by_place.values():
        losses = []
        for factor in (0.8, 1.0, 1.25):
            n = math.sqrt(row["compute"] / 6 / (row["optimal"] * factor))
            tokens = row["compute"] / 6 / n
            design = m01.at(n=math.log(n) - m01.units.origin.log_parameters,
                            d=math.log(tokens) - m01.units.origin.log_tokens,
                            t=2023.0 - m01.units.origin.first_year)  # fmt: skip
            losses.append(
                sum(
                    np.exp(
                        design.offset[k]
                        + theta[:, design.parameter_of_column[term.start : term.stop]]
                        @ design.columns[term.start : term.stop]
                    ).item()
                    for k, term in enumerate(design.terms)
                )
            )
        assert losses[1] < min(losses[0], losses[2])


def test_the_nearest_records_are_those_of_least_distance_in_compute(m01: Model) -> None:
    splits = Splits.of(m01, **SCALING)
    assert splits is not None
    rows = m01.sample.rows
    compute = (6 * rows["parameters"] * rows["dataset_tokens"]).to_numpy()
    ratios = (rows["dataset_tokens"] / rows["parameters"]).to_numpy()
    found = {place.name: place for place in splits.places}
    assert list(found) == [*QUANTILES, "optimal_scaling"]
    # above all records but few, the nearest are the largest
    largest = np.argsort(-compute)[:NEAREST]
    far = found["optimal_scaling"]
    assert far.ratios == pytest.approx(np.sort(ratios[largest]))
    assert (far.compute_low, far.compute_high) == (compute[largest].min(), compute.max())
    middle = found["records_middle"]
    assert middle.compute == pytest.approx(np.median(compute))
    inside = (compute >= middle.compute_low) & (compute <= middle.compute_high)
    assert inside.sum() >= NEAREST and compute.min() < middle.compute_low


def test_a_closed_form_wrong_by_a_factor_of_two_is_flagged_and_shows_in_the_numbers(
    m01: Model,
) -> None:
    """The best split of this law has 1e-8 tokens per parameter: no record is near it.

    Its growth in data is fast and hardly felt where the records are, where the term of parameters
    is by far the larger; at the best split both terms weigh about the same.
    """
    estimates = law(m01, 0.3, 0.3, 1e-8, (0.06, 0.3))
    found = rows_of(m01, estimates)
    closed, own = found["closed_form", "compute"], found["own_allocation", "compute"]
    assert closed["growth_point"] == pytest.approx(0.06 / 0.3 + 0.3 / 0.3)
    form = OwnAllocation.of(m01)
    growth = form.growth(np.array([list(estimates.values())]))[0]
    assert own["growth_point"] == pytest.approx(growth, rel=1e-12)
    assert own["point"] > 2 * closed["point"]
    for name in (("closed_form", "parameters"), ("closed_form", "compute"),
                 ("optimal_scaling", "compute")):  # fmt: skip
        assert found[name]["allocation_within_records"] is False
    assert own["allocation_within_records"] is True


def test_a_law_whose_best_split_is_the_records_is_within_them(m01: Model) -> None:
    """Data per parameter rise with compute (to the power 0.3), as they do over the records."""
    growth = 0.7
    found = rows_of(m01, law(m01, 0.065, 0.035, 1.1, (0.065 * growth / 2, 0.035 * growth / 2)))
    assert {row["allocation_within_records"] for row in found.values()} == {True}
    # of terms that fall at the same rate for their elasticity the closed form holds at any split
    own, closed = found["own_allocation", "compute"], found["closed_form", "compute"]
    assert own["growth_point"] == pytest.approx(growth, rel=1e-9)
    assert closed["growth_point"] == pytest.approx(growth, rel=1e-9)


def test_one_exponential_has_no_split_to_be_outside(sample: Sample, paper_config: dict) -> None:
    model = Model.of(Variant.of("m18", paper_config["variants"]["m18"]), sample)
    splits = Splits.of(model, **SCALING)
    assert splits is not None
    rows = list(splits.rows({}, dict.fromkeys(model.parameters, 0.1)))
    assert {(row["optimal"], row["within"]) for row in rows} == {(None, True)}


def test_the_table_has_every_fit_at_every_place(compiler, paper_sample, paper_config) -> None:
    """Variants without progress too; benchmarks apart where their optima are."""
    variants, benchmarks = paper_config["variants"], paper_config["benchmarks"]
    fitted = [refit(compiler, name, variants[name], seed=1) for name in ("m01", "m16")]
    models = models_of({"paper": paper_sample}, variants, benchmarks)
    _, ratios = doubling_table(*tables_of(fitted), models, SCALING, [], seed=7)
    found = set(ratios.select("variant", "benchmark", "place").iter_rows())
    places = [*QUANTILES, "optimal_scaling"]
    assert found == {("m01", "all", place) for place in places} | {
        ("m16", benchmark, place) for benchmark in ("wt103", "wt2", "ptb") for place in places
    }
    assert ratios.height == len(found)
