"""Frontiers against the predictions of the formulas, and the arithmetic of effective compute."""

from __future__ import annotations

import math

import numpy as np
import pytest
from independent import PAPER_VARIANTS, USER_VARIANTS

from algoprog.model.points import coordinates
from algoprog.quantities.frontiers import (
    Grid,
    Physical,
    Tokens,
    effective_compute,
    frontiers,
    parameters_for_loss,
)
from algoprog.quantities.tables import EFFECTIVE_COMPUTE

KEY = {"estimator": "converged", "resampling": "papers"}
TOKENS = np.logspace(6, 14, 9)


def grid(perplexities, years):
    tokens = Tokens(TOKENS[0], TOKENS[-1], len(TOKENS))
    return Grid(tuple(perplexities), tuple(years), tokens)


M07 = {
    "alpha_const": 0.9, "alpha_const_ptb": 0.1, "alpha_const_wt2": 0.05,
    "alpha_year": 0.02, "alpha_param": 0.08,
    "beta_const": 0.8, "beta_const_ptb": 0.1, "beta_const_wt2": 0.05,
    "beta_year": 0.03, "beta_data": 0.05,
}  # fmt: skip


@pytest.mark.parametrize("variant", [*PAPER_VARIANTS, *USER_VARIANTS])
def test_a_frontier_is_where_the_formulas_predict_its_loss(variant, compiler, paper_config):
    spec = USER_VARIANTS.get(variant) or paper_config["variants"][variant]
    exponents = compiler.model(variant, spec).exponents("wt103")
    surface = compiler.model(variant, spec).surface
    theta = np.random.default_rng(3).uniform(0.02, 0.1, len(surface.names))
    for i, name in enumerate(surface.names):
        if name.endswith("const"):
            theta[i] = 1.0
    loss = math.log(17.48)
    n = parameters_for_loss(exponents, theta, loss, 2020.0, TOKENS)
    at = coordinates(compiler.origin, np.log(n), np.log(TOKENS), 2020.0)
    vocabulary = float(compiler.units.vocabulary("wt103"))
    predicted = surface.loss(theta[None], surface.design(**at, T=1.0, V=vocabulary))[0]
    reached = np.isfinite(n)
    assert reached.any()
    assert predicted[reached] == pytest.approx(loss, rel=1e-12)


def test_blank_where_data_alone_give_more_than_the_loss(compiler, paper_config):
    spec = paper_config["variants"]["m07"]
    table = frontiers(compiler.model("m07", spec), M07, grid([17.48, 7.16, 1.01], [2014, 2026]))
    assert table.columns == ["perplexity", "year", "dataset_tokens", "parameters"]
    assert table.height == 3 * 2 * len(TOKENS)
    origin = compiler.origin
    for perplexity, year, tokens, parameters in table.iter_rows():
        t = year - origin.first_year
        data = math.exp(0.8 - 0.03 * t - 0.05 * (math.log(tokens) - origin.log_tokens))
        rest = math.log(perplexity) - data
        if rest <= 0:
            assert parameters is None
        else:
            n = (0.9 - 0.02 * t - math.log(rest)) / 0.08
            # a count beyond any double is blank too
            if n + origin.log_parameters < 709:
                assert math.log(parameters) == pytest.approx(n + origin.log_parameters, rel=1e-12)
            else:
                assert parameters is None
    assert table.filter(perplexity=1.01)["parameters"].is_null().all()
    # less is needed of more data, and in later years
    for (_, year), part in table.drop_nulls().group_by("perplexity", "year"):
        assert (np.diff(part["parameters"].to_numpy()) < 0).all(), year


def test_no_frontier_where_parameters_do_not_lower_loss(compiler, paper_config):
    for useless in (0.0, -0.01):
        table = frontiers(
            compiler.model("m07", paper_config["variants"]["m07"]),
            M07 | {"alpha_param": useless},
            grid([17.48], [2020]),
        )
        assert table["parameters"].is_null().all()


def test_effective_compute_is_physical_times_algorithmic():
    growth = np.linspace(-0.5, 2.5, 301)
    rows = effective_compute(KEY, 1.0, growth, Physical((2014, 2018, 2023.5)))
    assert set(rows[0]) == set(EFFECTIVE_COMPUTE.names)
    first, middle, last = rows
    assert [first[k] for k in ("algorithmic", "median", "ci95_low", "ci95_high")] == [1.0] * 4
    assert middle["physical"] == 1.5
    assert middle["physical"] / first["physical"] == pytest.approx(2**8)  # every six months
    assert last["physical"] / middle["physical"] == pytest.approx(2**11)
    assert last["algorithmic"] == pytest.approx(math.exp(9.5))
    assert last["median"] == pytest.approx(math.exp(9.5))
    assert last["ci95_low"] == pytest.approx(math.exp(9.5 * np.quantile(growth, 0.025)))
    for row in rows:
        assert row["effective"] == row["physical"] * row["algorithmic"]


def test_infinite_growth_is_no_gain_at_the_start():
    rows = effective_compute(KEY, 1.0, np.array([1.0, np.inf]), Physical((2014, 2015)))
    assert rows[0]["ci95_high"] == 1.0
    assert rows[1]["ci95_high"] == math.inf


def test_effective_compute_starts_at_its_start():
    with pytest.raises(ValueError, match="before the start"):
        effective_compute(KEY, 1.0, None, Physical((2013.0,)))
    assert "median" not in effective_compute(KEY, 1.0, None, Physical((2015.0,)))[0]
