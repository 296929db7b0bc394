"""The transformer's factor and its compute-equivalent gain, against closed forms and bisection."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from plain import fit_batch, with_transformer_factor, with_transformer_multiplier
from scipy.optimize import brentq

from algoprog.common.errors import InputError
from algoprog.estimators.published import solve_published
from algoprog.model.model import observations
from algoprog.quantities.transformer import (
    compute_equivalent_gain,
    loss_reduction,
    solve_scale,
    transformer_rows,
)

KEY = {"variant": "m07", "delta": 0.0025, "estimator": "published"}
COMPUTES = (1e22, 1e25)


def surface_of(compiler, spec, name="m07"):
    return compiler.model(name, with_transformer_multiplier(spec)).surface


def theta_of(surface, **values):
    """One draw; what is not named is 0.02, and 0.9 for a constant."""
    draw = {name: 0.9 if name.endswith("_const") else 0.02 for name in surface.names}
    assert set(values) <= set(draw)
    return np.array([[{**draw, **values}[name] for name in surface.names]])


@pytest.mark.parametrize("seed", range(4))
def test_roots_of_sums_of_exponentials(seed):
    rng = np.random.default_rng(seed)
    levels, slopes = rng.normal(0.0, 2.0, (300, 3)), -rng.exponential(0.2, (300, 3))
    known = rng.normal(0.0, 8.0, 300)
    target = np.exp(levels + slopes * known[:, None]).sum(axis=1)
    # as well as the sum tells points apart
    condition = target / -(slopes * np.exp(levels + slopes * known[:, None])).sum(axis=1)
    assert (np.abs(solve_scale(levels, slopes, target) - known) < 1e-14 * (condition + 10)).all()


def test_roots_with_a_rising_term():
    """cosh: falls to 2 at 0.5, from F(0) = e^0.5 + e^-0.5."""
    levels, slopes = np.array([[0.5, -0.5]] * 3), np.array([[-1.0, 1.0]] * 3)
    target = np.array([2.1, 3.0, 1.9])
    expected = [0.5 - np.arccosh(1.05), 0.5 - np.arccosh(1.5), np.inf]
    assert solve_scale(levels, slopes, target) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("levels", "slopes", "target", "expected"),
    [
        ([0.0, 0.0], [-0.1, 0.0], 1.5, 10 * np.log(2)),  # one term stays
        ([0.0, 0.0], [-0.1, 0.0], 1.0, np.inf),  # and is all there is to reach
        ([0.0, 0.0], [-0.1, 0.0], 0.9, np.inf),
        ([0.0, 0.0], [0.0, 0.0], 1.5, np.inf),  # scale does nothing
        ([0.0, 0.0], [0.1, 0.0], 1.5, np.inf),  # scale harms
        ([0.0, 0.0], [0.1, 0.0], 2.5, np.nan),
        ([0.0, 0.0], [0.1, 0.0], 2.0, 0.0),  # nothing to make up for
        ([0.0, -np.inf], [-0.1, -0.1], np.exp(3.0), -30.0),  # less is enough
        ([0.0, 0.0], [-1e-300, 0.0], 1.5, np.log(2) * 1e300),
    ],
)
def test_roots_at_the_edges(levels, slopes, target, expected):
    found = solve_scale(np.array([levels]), np.array([slopes]), np.array([target]))
    assert found == pytest.approx([expected], rel=1e-12, nan_ok=True)


def test_reduction_is_one_minus_the_factor(compiler, paper_config):
    surface = surface_of(compiler, paper_config["variants"]["m07"])
    theta = np.repeat(theta_of(surface), 3, axis=0)
    theta[:, -1] = 0.0, np.log(19.0), 60.0
    assert loss_reduction(surface, theta) == pytest.approx([0.5, 0.05, np.exp(-60.0)], rel=1e-12)
    held = {**paper_config["variants"]["m07"], "hold": {"gamma_transformer": np.log(19.0)}}
    held_surface = surface_of(compiler, held)
    assert loss_reduction(held_surface, theta[:, :-1]) == pytest.approx([0.05] * 3, rel=1e-12)
    # and the gain is the same, held or free
    free = compute_equivalent_gain(surface, theta[1:2], 1e22, 2023.0)
    fixed = compute_equivalent_gain(held_surface, theta[1:2, :-1], 1e22, 2023.0)
    assert fixed == pytest.approx(free, rel=1e-10)


def test_a_factor_is_the_multiplier_in_other_words(compiler, paper_config):
    m07 = paper_config["variants"]["m07"]
    multiplied, factored = (
        surface_of(compiler, m07),
        compiler.model("m07", with_transformer_factor(m07)).surface,
    )
    theta = theta_of(multiplied, gamma_transformer=3.0)
    same = theta_of(factored, kappa_transformer=np.log1p(np.exp(-3.0)))
    assert loss_reduction(factored, same) == pytest.approx(loss_reduction(multiplied, theta))
    for compute in COMPUTES:
        gain = compute_equivalent_gain(factored, same, compute, 2023.0)
        expected = compute_equivalent_gain(multiplied, theta, compute, 2023.0)
        assert gain == pytest.approx(expected, rel=1e-10)


def test_the_penalty_makes_the_published_reduction(
    compiler, paper_sample, paper_config, benchmarks
):
    """At delta 0 both forms agree; a penalty on gamma raises the reduction threefold."""
    m07 = paper_config["variants"]["m07"]
    reduction = {}
    for form, spec in (
        ("gamma", with_transformer_multiplier(m07)),
        ("kappa", with_transformer_factor(m07)),
    ):
        for delta in (0.0, 0.0025):
            _, found = fit_batch(
                paper_sample, {"m07": spec}, [delta], "converged", "own", "paper", benchmarks
            )
            estimates = dict(zip(found["term"], found["estimate"], strict=True))
            surface = compiler.model("m07", spec).surface
            theta = np.array([[estimates[name] for name in surface.names]])
            reduction[form, delta] = float(loss_reduction(surface, theta)[0])
    assert reduction["gamma", 0.0] == pytest.approx(reduction["kappa", 0.0], rel=1e-4)
    assert reduction["gamma", 0.0025] > 3 * reduction["gamma", 0.0]
    assert reduction["kappa", 0.0025] < 2 * reduction["kappa", 0.0]


def test_without_a_reduction_there_is_no_gain(compiler, paper_config):
    surface = surface_of(compiler, paper_config["variants"]["m07"])
    for gamma in (40.0, 800.0):
        theta = theta_of(surface, gamma_transformer=gamma)
        assert compute_equivalent_gain(surface, theta, 1e22, 2023.0) == pytest.approx([1.0])


@pytest.mark.parametrize("gamma", [0.5, 3.0])
def test_gain_in_closed_form(compiler, gamma):
    """One exponential: sigma = (aN)^-eps, so a^2 = sigma^(-2/eps); on compute sigma^(-1/eps).

    Two alike, as well; and where one does not depend on scale and time.
    """
    log_sigma = -np.logaddexp(0.0, -gamma)
    one = surface_of(compiler, {"exponentials": [{"k_const": 1, "y": "-t", "e": "-n"}]})
    theta = theta_of(one, e=0.07, gamma_transformer=gamma)
    for compute in COMPUTES:
        found = compute_equivalent_gain(one, theta, compute, 2023.0)
        assert found == pytest.approx([np.exp(-2 * log_sigma / 0.07)], rel=1e-11)
    whole = surface_of(compiler, {"exponentials": [{"k_const": 1, "y": "-t", "e": "-c"}]})
    theta = theta_of(whole, e=0.035, gamma_transformer=gamma)
    found = compute_equivalent_gain(whole, theta, 1e22, 2023.0)
    assert found == pytest.approx([np.exp(-log_sigma / 0.035)], rel=1e-11)
    alike = surface_of(
        compiler,
        {"exponentials": [{"k_const": 1, "e": "-n"}, {"l_const": "1 + b", "e": "-d_effective"}]},
    )
    theta = theta_of(alike, e=0.07, gamma_transformer=gamma)
    found = compute_equivalent_gain(alike, theta, 1e22, 2023.0)
    assert found == pytest.approx([np.exp(-2 * log_sigma / 0.07)], rel=1e-11)


def test_a_gain_of_two_where_the_transformer_halves_compute(compiler):
    eps = 0.05
    gamma = -np.log(np.expm1(eps * np.log(2) / 2))  # sigma = 2^(-eps/2)
    surface = surface_of(compiler, {"exponentials": [{"k_const": 1, "e": "-n"}]})
    theta = theta_of(surface, e=eps, gamma_transformer=gamma)
    assert compute_equivalent_gain(surface, theta, 1e20, 2020.0) == pytest.approx([2.0], rel=1e-12)


@pytest.mark.parametrize("variant", ["m07", "m08", "m10", "m12", "m13", "m14", "m15", "m18", "m19"])
@pytest.mark.parametrize("benchmark", ["wt103", "ptb"])
def test_gain_by_bisection(compiler, paper_config, variant, benchmark):
    """L(N, D, transformer) = L(aN, aD, not), as the equation stands."""
    surface = surface_of(compiler, paper_config["variants"][variant], variant)
    rng = np.random.default_rng(11)
    theta = rng.uniform(0.01, 0.05, (6, len(surface.names)))
    theta[:, -1] = rng.uniform(2.0, 4.0, 6)
    for i, name in enumerate(surface.names):
        theta[:, i] += 0.7 * name.endswith("_const")
        # n:log(Y) needs an exponent near that of n
        theta[:, i] *= 0.01 if name.endswith("_rate") or name == "gamma_vocabulary" else 1.0
    origin = surface.units.origin
    vocabulary = compiler.units.vocabulary(benchmark)

    def loss(draw, log_a, transformer):
        size = 0.5 * np.log(1e22 / 6) + log_a
        design = surface.design(
            t=2023.0 - origin.first_year, n=size - origin.log_parameters,
            d=size - origin.log_tokens, c=np.log(6) + 2 * size - origin.log_compute,
            T=transformer, b=benchmark, V=vocabulary,
        )  # fmt: skip
        return surface.loss(draw, design)[0, 0]

    found = compute_equivalent_gain(surface, theta, 1e22, 2023.0, benchmark)
    for r in range(len(theta)):
        draw = theta[r : r + 1]
        if not np.isfinite(found[r]):
            target = loss(draw, 0.0, 1.0)
            assert all(loss(draw, x, 0.0) > target for x in np.linspace(0, 200, 101))
            continue
        log_a = brentq(
            lambda x, draw=draw: loss(draw, x, 0.0) - loss(draw, 0.0, 1.0), -60, 60, xtol=1e-13
        )
        assert found[r] == pytest.approx(np.exp(2 * log_a), rel=1e-9)


def test_what_has_no_gain_is_refused(compiler, paper_config):
    with pytest.raises(InputError, match="multiplier"):
        with_transformer_multiplier(with_transformer_multiplier({"exponentials": []}))
    quadratic = surface_of(compiler, {"exponentials": [{"k": 1, "e": "-n", "q": "{n**2}"}]})
    with pytest.raises(InputError, match="not linear"):
        compute_equivalent_gain(quadratic, theta_of(quadratic), 1e22, 2023.0)
    m07 = paper_config["variants"]["m07"]
    linear = surface_of(compiler, {**m07, "linear": {"gamma": "-n"}})
    with pytest.raises(InputError, match="linear part"):
        compute_equivalent_gain(linear, theta_of(linear), 1e22, 2023.0)


@pytest.fixture(scope="module")
def published(compiler, paper_sample, paper_config):
    spec = with_transformer_multiplier(paper_config["variants"]["m07"])
    design = compiler.rows("m07", spec, paper_sample)
    response = observations(paper_sample, "first_available").response
    theta, value = solve_published(design, response, 0.0025)
    return (
        compiler.model("m07", spec).surface,
        dict(zip(design.parameters, theta, strict=True)),
        value,
    )


def test_published_fit(published):
    """The printed objective and gamma are the point's; the printed gains are medians of draws."""
    surface, estimates, value = published
    assert value == pytest.approx(0.05881505857497706, rel=1e-5)
    assert estimates["gamma_transformer"] == pytest.approx(2.971978, rel=2e-4)
    first, second = transformer_rows(surface, KEY, estimates, None, COMPUTES, 2023.0)
    assert first["reduction"] == pytest.approx(0.0487, abs=1e-4)
    assert (first["gain"], second["gain"]) == pytest.approx((6.794, 7.378), rel=1e-3)


def test_rows_count_draws_without_a_gain(published):
    surface, estimates, _ = published
    draws = pl.DataFrame({name: [value] * 20 for name, value in estimates.items()}).with_columns(
        # one draw in which nothing lowers loss but the transformer
        alpha_param=pl.Series([0.0] + [estimates["alpha_param"]] * 19),
        beta_data=pl.Series([0.0] + [estimates["beta_data"]] * 19),
    )
    (row,) = transformer_rows(surface, KEY, estimates, draws, [1e22], 2023.0)
    assert row["share_unbounded"] == 0.05 and row["share_undefined"] == 0.0
    assert row["n_draws"] == 20
    assert row["gain_median"] == pytest.approx(row["gain"], rel=1e-12)
    assert row["gain_ci95_high"] == np.inf
    assert row["reduction_ci95_low"] == pytest.approx(row["reduction"])


def test_a_simulated_transformer_is_found(compiler, paper_sample, paper_config, benchmarks):
    spec = with_transformer_multiplier(paper_config["variants"]["m01"])
    design = compiler.rows("m01", spec, paper_sample)
    truth = {
        "alpha_const": 0.8, "alpha_year": 0.02, "alpha_param": 0.08, "beta_const": 0.9,
        "beta_year": 0.03, "beta_data": 0.05, "gamma_transformer": 2.5,
    }  # fmt: skip
    surface = compiler.model("m01", spec).surface
    theta = np.array([[truth[name] for name in surface.names]])
    sample = paper_sample.with_columns(perplexity=pl.Series(np.exp(surface.loss(theta, design)[0])))
    _, found = fit_batch(sample, {"m01": spec}, [0.0], "converged", "own", "paper", benchmarks)
    estimates = dict(zip(found["term"], found["estimate"], strict=True))
    (row,) = transformer_rows(surface, KEY, estimates, None, [1e22], 2023.0)
    (true,) = transformer_rows(surface, KEY, truth, None, [1e22], 2023.0)
    assert row["reduction"] == pytest.approx(true["reduction"], rel=1e-5)
    assert row["gain"] == pytest.approx(true["gain"], rel=1e-5)
