"""Year terms with an extra coefficient from a year on."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from independent import PAPER_VARIANTS
from plain import era_rows, fit_batch, with_era_split

from algoprog.common.errors import InputError
from algoprog.estimators.published import solve_published
from algoprog.model.model import observations
from algoprog.model.units import calendar_year
from algoprog.quantities.closed_form import closed_form_rows
from algoprog.quantities.eras import own_era_rows

KEY = {"sample": "paper", "variant": "m07", "delta": 0.0025, "estimator": "converged"}
MONTHS_LN2 = 12 * np.log(2)


def growth(rows, era, quantity="compute", benchmark="all"):
    (row,) = [
        r for r in rows
        if (r["era"], r["quantity"], r["benchmark"]) == (era, quantity, benchmark)
    ]  # fmt: skip
    return row["growth_point"]


def test_the_split_in_formulas():
    spec = {
        "exponentials": [
            {"a": 1, "rate": "-t:(1+b)", "n": "-n"},
            {"rate": "-t:(1+b)", "p": "-n:log(Y)"},
        ],
        "hold": {"a": 1.0},
    }
    split = with_era_split(spec, 2017)
    assert split.exponentials[0] == {
        "a": "1", "rate": "-t:(1+b)", "rate_from_2017": "-{t*(Y>=2017)}:(1+b)", "n": "-n",
    }  # fmt: skip
    assert split.exponentials[1] == {
        "rate": "-t:(1+b)", "rate_from_2017": "-{t*(Y>=2017)}:(1+b)", "p": "-n:log(Y)",
    }  # fmt: skip
    assert split.hold == {"a": 1.0} and "rate_from_2017" not in spec["exponentials"][0]
    kink = with_era_split(spec, 2018, "kink").exponentials[0]
    assert kink["rate_from_2018"] == "-{(Y-2018)*(Y>=2018)}:(1+b)"
    with pytest.raises(InputError, match="no year term"):
        with_era_split({"exponentials": [{"a": 1, "n": "-n"}]}, 2017)
    for inside in ("-{t*n}", "-log(t + 1)"):
        with pytest.raises(InputError, match="inside braces"):
            with_era_split({"exponentials": [{"a": 1, "r": inside}]}, 2017)
    with pytest.raises(ValueError, match="bend"):
        with_era_split(spec, 2017, "bend")


@pytest.mark.parametrize("variant", PAPER_VARIANTS)
def test_columns_of_the_split(compiler, paper_sample, paper_config, variant):
    """The extra column is t from the year on and 0 before; or the time since, without a jump."""
    from algoprog.model.units import calendar_year

    spec = paper_config["variants"][variant]
    if variant in ("m14", "m16", "m17"):
        with pytest.raises(InputError):
            with_era_split(spec, 2017)
        return
    year = calendar_year(paper_sample["published"])
    t = year - year.min()
    for form, expected in (
        ("jump", np.where(year >= 2017, t, 0.0)),
        ("kink", np.maximum(year - 2017, 0.0)),
    ):
        design = compiler.rows(variant, with_era_split(spec, 2017, form), paper_sample)
        names = [name for name in design.parameters if name.endswith("_from_2017")]
        assert names
        for name in names:
            for column in design.columns[
                design.parameter_of_column == design.parameters.index(name)
            ]:
                assert column == pytest.approx(-expected, abs=1e-12)


def test_published_fit(compiler, paper_sample, paper_config):
    """The published split is the one that jumps: its objective comes out to 8 digits."""
    spec = with_era_split(paper_config["variants"]["m07"], 2017)
    design = compiler.rows("m07", spec, paper_sample)
    response = observations(paper_sample, "first_available").response
    _, value = solve_published(design, response, 0.0025)
    assert value == pytest.approx(0.049180189755223945, rel=1e-6)
    kink = with_era_split(paper_config["variants"]["m07"], 2017, "kink")
    _, other = solve_published(compiler.rows("m07", kink, paper_sample), response, 0.0025)
    assert abs(other - value) > 1e-3


def estimates_of(compiler, variant, spec, year, late):
    split = with_era_split(spec, year)
    names = compiler.model(variant, split).surface.names
    values = {"alpha_year": 0.02, "alpha_param": 0.1, "beta_year": 0.03, "beta_data": 0.06}
    values |= {"rate": 0.024, "alpha_compute": 0.05}
    values |= {f"alpha_year_from_{year}": late, f"beta_year_from_{year}": 2 * late}
    return {name: values.get(name, 0.01) for name in names}


def test_doubling_times_before_and_after(compiler, paper_config):
    spec = paper_config["variants"]["m07"]
    rows = era_rows(
        compiler, "m07", spec, 2017, KEY, estimates_of(compiler, "m07", spec, 2017, 0.01), None
    )
    assert growth(rows, "before", "parameters") == pytest.approx(0.2)
    assert growth(rows, "after", "parameters") == pytest.approx(0.3)
    assert growth(rows, "before", "data") == pytest.approx(0.5)
    assert growth(rows, "after", "data") == pytest.approx(0.05 / 0.06)
    assert growth(rows, "change", "compute") == pytest.approx(0.1 + 0.02 / 0.06)
    points = {(r["era"], r["quantity"]): r.get("point") for r in rows}
    assert points["before", "compute"] == pytest.approx(MONTHS_LN2 / 0.7)
    assert points["change", "compute"] is None
    assert len(rows) == 9 and {r["year"] for r in rows} == {2017}


def test_without_a_change_the_eras_are_the_variant(compiler, paper_config):
    for variant in ("m02", "m07", "m10", "m12", "m18"):
        spec = paper_config["variants"][variant]
        names = compiler.model(variant, with_era_split(spec, 2018)).surface.names
        estimates = {
            name: 0.0 if "_from_2018" in name else 0.02 + 0.01 * i for i, name in enumerate(names)
        }
        rows = era_rows(compiler, variant, spec, 2018, KEY, estimates, None)
        plain = {name: estimates[name] for name in compiler.model(variant, spec).surface.names}
        form = compiler.model(variant, spec).closed_form
        expected = closed_form_rows(form, KEY, plain, None)
        assert len(rows) == 3 * len(expected)
        for row in expected:
            at = row["quantity"], row["benchmark"]
            for era in ("before", "after"):
                assert growth(rows, era, *at) == pytest.approx(row["growth_point"])
            assert growth(rows, "change", *at) == pytest.approx(0.0, abs=1e-12)


def test_a_held_rate_counts_in_both_eras(compiler, paper_config):
    spec = {**paper_config["variants"]["m09"], "hold": {"alpha_year": 0.02}}
    names = compiler.model("m09", with_era_split(spec, 2017)).surface.names
    values = {"alpha_param": 0.1, "alpha_year_from_2017": 0.01}
    estimates = {name: values.get(name, 0.3) for name in names}
    rows = era_rows(compiler, "m09", spec, 2017, KEY, estimates, None)
    assert growth(rows, "before") == pytest.approx(0.2)
    assert growth(rows, "after") == pytest.approx(0.3)


def test_no_closed_form_no_rows(compiler, paper_config):
    spec = paper_config["variants"]["m15"]
    names = compiler.model("m15", with_era_split(spec, 2017)).surface.names
    assert era_rows(compiler, "m15", spec, 2017, KEY, dict.fromkeys(names, 0.1), None) == []


def test_intervals_of_eras(compiler, paper_config):
    spec = paper_config["variants"]["m07"]
    estimates = estimates_of(compiler, "m07", spec, 2017, 0.01)
    rng = np.random.default_rng(2)
    spread = {"alpha_year_from_2017": 0.02}
    draws = pl.DataFrame(
        {
            name: value + spread.get(name, 0.0) * rng.standard_normal(400)
            for name, value in estimates.items()
        }
    )
    rows = era_rows(compiler, "m07", spec, 2017, KEY, estimates, draws)
    by = {r["era"]: r for r in rows if r["quantity"] == "parameters"}
    assert by["before"]["ci95_low"] == pytest.approx(MONTHS_LN2 / 0.2)
    assert by["before"]["ci95_high"] == pytest.approx(MONTHS_LN2 / 0.2)
    assert by["after"]["ci90_high"] == np.inf  # a pace below 0 does not double
    late = draws["alpha_year_from_2017"].to_numpy() / 0.1
    assert by["change"]["growth_ci90_low"] == pytest.approx(np.quantile(late, 0.05))
    assert by["change"]["share_nonpositive"] == pytest.approx(np.mean(late <= 0))
    assert by["change"]["n_draws"] == by["after"]["n_draws"] == 400
    assert by["after"]["ci50_high"] == pytest.approx(
        MONTHS_LN2 / np.quantile(0.2 + late, 0.25), rel=1e-9
    )


@pytest.mark.parametrize("form", ["jump", "kink"])
def test_a_simulated_change_of_pace_is_found(
    compiler, paper_sample, paper_config, benchmarks, form
):
    split = with_era_split(paper_config["variants"]["m01"], 2017, form)
    truth = {
        "alpha_const": 0.8, "alpha_year": 0.02, "alpha_year_from_2017": 0.012, "alpha_param": 0.08,
        "beta_const": 0.9, "beta_year": 0.03, "beta_year_from_2017": -0.01, "beta_data": 0.05,
    }  # fmt: skip
    surface = compiler.model("m01", split).surface
    theta = np.array([[truth[name] for name in surface.names]])
    design = compiler.rows("m01", split, paper_sample)
    sample = paper_sample.with_columns(perplexity=pl.Series(np.exp(surface.loss(theta, design)[0])))
    _, found = fit_batch(sample, {"m01": split}, [0.0], "converged", "own", "paper", benchmarks)
    estimates = dict(zip(found["term"], found["estimate"], strict=True))
    rows = era_rows(compiler, "m01", paper_config["variants"]["m01"], 2017, KEY, estimates, None)
    assert growth(rows, "before") == pytest.approx(0.02 / 0.08 + 0.03 / 0.05, rel=1e-4)
    assert growth(rows, "after") == pytest.approx(0.032 / 0.08 + 0.02 / 0.05, rel=1e-4)


@pytest.mark.parametrize("form", ["jump", "kink"])
def test_own_allocation_of_an_era_is_over_its_records_with_its_terms(
    compiler, paper_sample, paper_config, form
):
    """Terms of m01 fall at one rate before the year, and at another from then on."""
    split = with_era_split(paper_config["variants"]["m01"], 2017, form)
    model = compiler.model("m01", split)
    truth = {
        "alpha_const": 0.8, "alpha_year": 0.02, "alpha_year_from_2017": 0.012, "alpha_param": 0.08,
        "beta_const": 0.9, "beta_year": 0.03, "beta_year_from_2017": -0.01, "beta_data": 0.05,
    }  # fmt: skip
    draws = pl.DataFrame({name: [value, value * 1.1] for name, value in truth.items()})
    weights = np.ones((2, paper_sample.height))
    rows = own_era_rows(model, 2017, KEY, truth, draws, weights)
    found = {row["era"]: row for row in rows}
    origin = model.units.origin
    year = calendar_year(paper_sample["published"])
    t, late = year - origin.first_year, year >= 2017
    since = t * late if form == "jump" else (year - 2017) * late
    n = np.log(paper_sample["parameters"].to_numpy()) - origin.log_parameters
    d = np.log(paper_sample["dataset_tokens"].to_numpy()) - origin.log_tokens
    a = np.exp(0.8 - 0.02 * t - 0.012 * since - 0.08 * n)
    b = np.exp(0.9 - 0.03 * t + 0.01 * since - 0.05 * d)
    for era, members, rates in (("before", ~late, (0.02, 0.03)), ("after", late, (0.032, 0.02))):
        gain = (rates[0] * a + rates[1] * b)[members].sum()
        cost = 0.5 * (0.08 * a + 0.05 * b)[members].sum()
        assert found[era]["growth_point"] == pytest.approx(gain / cost, rel=1e-9)
        assert found[era]["n_draws"] == 2
    change = found["after"]["growth_point"] - found["before"]["growth_point"]
    assert found["change"]["growth_point"] == pytest.approx(change)
    assert own_era_rows(model, 1950, KEY, truth, draws, weights) == []
