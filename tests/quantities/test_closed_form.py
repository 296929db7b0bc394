"""Closed-form doubling times, against loss that is known to need less each year."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from independent import PAPER_VARIANTS, USER_VARIANTS, prediction, with_response
from plain import fit_batch, variant_of

from algoprog.common.intervals import doubling_interval, percentiles
from algoprog.model.growth import benchmark_specific, elasticities, growth_rates
from algoprog.quantities import closed_form
from algoprog.quantities.closed_form import interval_columns

LN2 = math.log(2)
KEY = {
    "sample": "paper",
    "variant": "m07",
    "delta": 0.0025,
    "estimator": "converged",
    "resampling": "rows",
}
# one parameter set for every variant; positive rates and exponents
VALUES = {
    "alpha_year": 0.02, "alpha_param": 0.1, "beta_year": 0.03, "beta_data": 0.06, "rate": 0.024,
    "alpha_year_ptb": 0.01, "beta_year_ptb": -0.005, "alpha_param_ptb": 0.02, "beta_data_ptb": 0.03,
    "alpha_year_wt2": 0.005, "beta_year_wt2": 0.002, "alpha_param_wt2": -0.01,
    "beta_data_wt2": 0.01,
    "alpha_param_transformer": 0.08, "beta_data_transformer": 0.05, "alpha_compute": 0.04,
}  # fmt: skip
T_N, T_D = 12 * LN2 * 0.1 / 0.02, 12 * LN2 * 0.06 / 0.03


def closed_form_rows(compiler, key, spec, estimates, draws):
    form = compiler.model(key["variant"], spec).closed_form
    return closed_form.closed_form_rows(form, key, estimates, draws) if form else []


def together(a, b):
    return 1 / (1 / a + 1 / b)


def months(compiler, variant, spec):
    design = compiler.points(variant, spec, t=1.0, n=1.0, d=1.0, c=1.0)
    estimates = {name: VALUES.get(name, 0.4) for name in design.parameters}
    rows = closed_form_rows(compiler, KEY | {"variant": variant}, spec, estimates, None)
    return {(row["quantity"], row["benchmark"]): row["point"] for row in rows}


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("m01", {"parameters": T_N, "data": T_D, "compute": together(T_N, T_D)}),
        ("m02", {"data": T_D, "compute": T_D}),
        ("m03", {"parameters": T_N, "compute": T_N}),
        ("m07", {"parameters": T_N, "data": T_D, "compute": together(T_N, T_D)}),
        ("m08", {"data": T_D, "compute": T_D}),
        ("m09", {"parameters": T_N, "compute": T_N}),
        (
            "m12",  # the same rate on both sides
            {
                "parameters": 12 * LN2 * 0.1 / 0.024,
                "data": 12 * LN2 * 0.06 / 0.024,
                "compute": together(12 * LN2 * 0.1 / 0.024, 12 * LN2 * 0.06 / 0.024),
            },
        ),
        (
            "m13",  # a transformer's
            {
                "parameters": 12 * LN2 * 0.08 / 0.02,
                "data": 12 * LN2 * 0.05 / 0.03,
                "compute": together(12 * LN2 * 0.08 / 0.02, 12 * LN2 * 0.05 / 0.03),
            },
        ),
        ("m14", {}),  # the rate depends on date and scale
        ("m15", {}),
        ("m16", {}),  # no progress
        ("m17", {}),
        ("m18", {"compute": 12 * LN2 * 0.04 / 0.02}),
        ("m19", {"parameters": T_N, "data": T_D, "compute": together(T_N, T_D)}),
        ("m20", {"parameters": T_N, "data": T_D, "compute": together(T_N, T_D)}),
        ("transformer", {"parameters": T_N, "data": T_D, "compute": together(T_N, T_D)}),
        ("irreducible", {"parameters": T_N, "data": T_D, "compute": together(T_N, T_D)}),
    ],
)
def test_doubling_times_of_the_variants(compiler, paper_config, variant, expected):
    spec = {**paper_config["variants"], **USER_VARIANTS}[variant]
    found = months(compiler, variant, spec)
    # one division and one multiplication
    assert found == pytest.approx(
        {(name, "all"): value for name, value in expected.items()}, rel=1e-9
    )


@pytest.mark.parametrize(
    ("variant", "a_year", "b_year", "exponents"),
    [("m04", 1, 0, 0), ("m05", 0, 1, 0), ("m06", 1, 1, 0), ("m10", 1, 1, 0), ("m11", 1, 1, 1)],
)
def test_benchmark_specific_variants_have_one_each(
    compiler, paper_config, variant, a_year, b_year, exponents
):
    found = months(compiler, variant, paper_config["variants"][variant])
    assert len(found) == 9
    for name in ("wt103", "ptb", "wt2"):
        extra = {key: VALUES.get(f"{key}_{name}", 0.0) for key in VALUES}
        t_n = (
            12
            * LN2
            * (0.1 + exponents * extra["alpha_param"])
            / (0.02 + a_year * extra["alpha_year"])
        )
        t_d = (
            12
            * LN2
            * (0.06 + exponents * extra["beta_data"])
            / (0.03 + b_year * extra["beta_year"])
        )
        assert found["parameters", name] == pytest.approx(t_n, rel=1e-9)
        assert found["data", name] == pytest.approx(t_d, rel=1e-9)
        assert found["compute", name] == pytest.approx(together(t_n, t_d), rel=1e-9)


@pytest.mark.parametrize("variant", ["m01", "m07", "m10", "m12", "m13", "m18", "m20"])
def test_after_a_doubling_time_half_the_scale_will_do(compiler, paper_config, variant):
    """What the number means: predictions at (t, x) and at (t + T, x - ln 2) are equal."""
    spec = paper_config["variants"][variant]
    benchmark = "ptb"
    start = compiler.points(
        variant, spec, t=3.0, n=9.0, d=8.0, d_effective=8.0, c=17.0, T=1.0, b=benchmark
    )
    theta = np.array([VALUES.get(name, 0.4) for name in start.parameters])
    estimates = dict(zip(start.parameters, theta.tolist(), strict=True))
    rows = closed_form_rows(compiler, KEY | {"variant": variant}, spec, estimates, None)
    growth = {
        row["quantity"]: row["growth_point"]
        for row in rows
        if row["benchmark"] in ("all", benchmark)
    }
    for row in rows:
        assert row["point"] == pytest.approx(12 * LN2 / row["growth_point"])
    later = compiler.points(
        variant, spec, t=5.0, T=1.0, b=benchmark,
        n=9.0 - 2 * growth.get("parameters", 0.0),
        d=8.0 - 2 * growth.get("data", 0.0),
        d_effective=8.0 - 2 * growth.get("data", 0.0),
        c=17.0 - 2 * growth["compute"],
    )  # fmt: skip
    assert prediction(later, theta)[0] == pytest.approx(prediction(start, theta)[0], rel=1e-12)


def test_the_fit_of_simulated_progress_finds_it(compiler, paper_sample, paper_config, benchmarks):
    """Loss generated with known growth, fitted, turned into months: the known number."""
    spec = paper_config["variants"]["m07"]
    design = compiler.rows("m07", spec, paper_sample)
    truth = dict.fromkeys(design.parameters, 0.1) | {
        "alpha_const": 1.0, "beta_const": 1.0, "alpha_year": 0.05, "alpha_param": 0.08,
        "beta_year": 0.03, "beta_data": 0.06,
    }  # fmt: skip
    theta = np.array([truth[name] for name in design.parameters])
    simulated = with_response(paper_sample, prediction(design, theta))
    _, parameters = fit_batch(
        simulated, {"m07": spec}, [0.0], "converged", "own", "simulated", benchmarks
    )
    estimates = dict(parameters.select("term", "estimate").iter_rows())
    rows = closed_form_rows(compiler, KEY, spec, estimates, None)
    growth = {row["quantity"]: row["growth_point"] for row in rows}
    # no noise: what is left is the rounding of exp and log, times the condition of the fit
    assert growth == pytest.approx({"parameters": 0.625, "data": 0.5, "compute": 1.125}, rel=1e-5)


@pytest.mark.parametrize(
    "hold",
    [{"alpha_year": 0.02}, {"alpha_param": 0.1}, {"alpha_param": 0.1, "beta_data": 0.06}],
    ids=lambda hold: "+".join(hold),
)
def test_a_held_rate_or_exponent_counts(compiler, paper_config, hold):
    """As if it had been estimated there; leaving it out would report half of the progress."""
    free = paper_config["variants"]["m07"]
    held = months(compiler, "m07", {**free, "hold": hold})
    assert held == pytest.approx(months(compiler, "m07", free), rel=1e-12)


def test_a_rate_held_at_zero_is_no_progress(compiler, paper_config):
    spec = {**paper_config["variants"]["m07"], "hold": {"alpha_year": 0.0}}
    assert set(months(compiler, "m07", spec)) == {("data", "all"), ("compute", "all")}


FIRST = {"alpha_const": 1, "alpha_year": "-t", "alpha_param": "-n"}
SECOND = {"beta_const": 1, "beta_year": "-t", "beta_data": "-d"}


@pytest.mark.parametrize(
    "spec",
    [
        {"exponentials": [FIRST, SECOND], "linear": {"gamma": "-t"}},
        {"exponentials": [FIRST, SECOND], "linear": {"gamma": "-n"}},
        {"exponentials": [FIRST, SECOND], "multiplier": {"gamma": "t"}},
        {"exponentials": [FIRST, {"b_const": 1, "b_year": "-t", "b_param": "-n"}]},
        {"exponentials": [FIRST, {"b_const": 1, "b_year": "-t", "b_compute": "-c"}]},
        {"exponentials": [FIRST, {"beta_const": 1, "beta_year": "-t"}]},
        {"exponentials": [{**FIRST, "alpha_data": "-d"}]},
        {"exponentials": [{"a": 1, "r": "-t", "e": "-log(1 + n)"}]},
        {"exponentials": [{"a": 1, "r": "-log(1 + t)", "e": "-n"}]},
        {"exponentials": [{"a": 1, "r": "-t", "e": "-n", "x": "-n:d"}]},
        {"exponentials": [{"a": 1, "r": "-t", "e": "-n", "x": "-t:n"}]},
        {"exponentials": [{"a": 1, "r": "-t", "e": "-log(n + d)"}]},
    ],
    ids=str,
)
def test_no_closed_form_no_number(compiler, spec):
    """Progress outside the exponents, two growths of one scale, curved exponents."""
    assert months(compiler, "mine", spec) == {}


def test_a_constant_exponential_is_no_obstacle(compiler):
    spec = {"exponentials": [FIRST, SECOND, {"irreducible": 1}]}
    assert months(compiler, "mine", spec)["compute", "all"] == pytest.approx(together(T_N, T_D))


def test_growth_at_the_edges(compiler, paper_config):
    """No rate is no growth, whatever the exponent; a rate without an exponent is unbounded."""
    parts = elasticities(
        variant_of("m01", paper_config["variants"]["m01"]), compiler.units, "wt103"
    )
    # alpha_const, alpha_year, alpha_param, beta_const, beta_year, beta_data
    theta = np.array(
        [
            [1, 0.0, 0.0, 1, 0.03, 0.06],
            [1, 0.02, 0.0, 1, 0.03, 0.06],
            [1, -0.02, 0.1, 1, 0.03, 0.06],
            [1, 0.02, 0.0, 1, -0.03, 0.0],
            [1, 0.0, -0.1, 1, 0.0, 0.06],
        ]
    )
    growth = growth_rates(parts, theta)
    assert growth["parameters"].tolist() == pytest.approx([0, math.inf, -0.2, math.inf, 0])
    assert growth["data"].tolist() == pytest.approx([0.5, 0.5, 0.5, -math.inf, 0])
    assert growth["compute"].tolist() == pytest.approx([0.5, math.inf, 0.3, 0, 0])


def test_benchmark_specific(compiler, paper_config):
    for variant, expected in [("m07", False), ("m12", False), ("m04", True), ("m11", True)]:
        spec = paper_config["variants"][variant]
        parts = {
            name: elasticities(variant_of(variant, spec), compiler.units, name)
            for name in compiler.levels
        }
        assert benchmark_specific(parts) == expected


def test_intervals_of_draws(compiler, paper_config):
    """`converged` maps quantiles of growth; `published` takes percentiles of the ratios."""
    rng = np.random.default_rng(0)
    spec = paper_config["variants"]["m07"]
    names = compiler.points("m07", spec, t=0.0).parameters
    draws = pl.DataFrame(
        {name: rng.normal(VALUES.get(name, 0.4), 0.02, 200) for name in names}
    ).select(sorted(names))  # the order of columns is no matter
    estimates = {name: VALUES.get(name, 0.4) for name in names}
    growth = (
        draws["alpha_year"] / draws["alpha_param"] + draws["beta_year"] / draws["beta_data"]
    ).to_numpy()
    assert 0 < (growth <= 0).mean() < 0.2
    ours = closed_form_rows(compiler, KEY, spec, estimates, draws)[-1]
    theirs = closed_form_rows(compiler, KEY | {"estimator": "published"}, spec, estimates, draws)[
        -1
    ]
    assert ours["quantity"] == theirs["quantity"] == "compute"
    mapped = doubling_interval(percentiles(growth)).columns()
    assert {name: ours[name] for name in mapped} == pytest.approx(mapped)
    ratios = 12 * LN2 / growth
    assert theirs["median"] == pytest.approx(np.median(ratios))
    assert theirs["ci95_low"] == pytest.approx(np.quantile(ratios, 0.025))
    assert theirs["ci95_low"] < 0 < ours["ci95_low"]
    assert ours["ci95_high"] > ours["median"]
    for row in (ours, theirs):
        assert row["growth_median"] == pytest.approx(np.median(growth))
        assert row["growth_ci90_low"] == pytest.approx(np.quantile(growth, 0.05))
        assert row["share_nonpositive"] == (growth <= 0).mean()
        assert row["n_draws"] == 200
        assert row["point"] == pytest.approx(together(T_N, T_D))


@pytest.mark.parametrize("estimator", ["published", "converged"])
def test_draws_without_growth_or_without_bound(estimator):
    """Zero growth is non-positive, infinite growth is not, for both estimators."""
    columns = interval_columns(np.array([0.0, 0.0, math.inf, 1.0]), estimator)
    assert columns["share_nonpositive"] == 0.5
    assert not any(math.isnan(value) for value in columns.values())


def test_only_paper_variants_with_progress_have_rows(compiler, paper_config):
    with_rows = [
        name for name in PAPER_VARIANTS if months(compiler, name, paper_config["variants"][name])
    ]
    assert sorted(set(PAPER_VARIANTS) - set(with_rows)) == ["m14", "m15", "m16", "m17"]
