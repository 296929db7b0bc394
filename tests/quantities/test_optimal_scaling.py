"""Doubling times by optimal scaling, against SciPy, closed forms and the paper's own search."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from independent import PAPER_VARIANTS, USER_VARIANTS
from plain import draw
from scipy.optimize import brentq, minimize, minimize_scalar

from algoprog.model.growth import growth_rates
from algoprog.model.model import observations
from algoprog.model.points import coordinates
from algoprog.quantities.closed_form import point_months
from algoprog.quantities.optimal_scaling import (
    COMPUTE,
    YEAR,
    OptimalScaling,
    minimise,
    pooled,
    solve,
)
from algoprog.quantities.tables import DOUBLING_TIMES, POOLED_DOUBLING_TIMES
from algoprog.resampling.ranking import best, distinct
from algoprog.tables.frames import frame_of

LN2 = math.log(2)
BUDGET = math.log(COMPUTE / 6)
KEY = {
    "sample": "paper", "variant": "m07", "delta": 0.0025, "estimator": "converged",
    "resampling": "papers",
}  # fmt: skip
WITHOUT_PROGRESS = {"m16", "m17"}
M07 = {
    "alpha_const": 0.9, "alpha_const_ptb": 0.1, "alpha_const_wt2": 0.05,
    "alpha_year": 0.02, "alpha_param": 0.08,
    "beta_const": 0.8, "beta_const_ptb": 0.1, "beta_const_wt2": 0.05,
    "beta_year": 0.03, "beta_data": 0.05,
}  # fmt: skip
G_N, G_D = 0.02 / 0.08, 0.03 / 0.05


def random_theta(names, rng):
    """Loss that falls with scale and time."""
    theta = rng.uniform(0.02, 0.1, len(names))
    for i, name in enumerate(names):
        if "const" in name or "gamma" in name:
            theta[i] = rng.uniform(0.0, 1.0)
        elif name.endswith(("ptb", "wt2")):
            theta[i] = rng.uniform(-0.01, 0.01)
    return theta


def spec_of(variant, paper_config):
    return USER_VARIANTS.get(variant) or paper_config["variants"][variant]


@pytest.fixture(scope="module")
def m07(compiler, paper_config):
    return OptimalScaling.of(compiler.model("m07", paper_config["variants"]["m07"]))


@pytest.fixture(scope="module")
def part(m07):
    return m07.exponents["all"]


def growth(scaling, estimates, **changed):
    values = estimates | changed
    theta = np.array([[values[name] for name in scaling.names]])
    return float(next(iter(scaling.growth(theta).values()))[0])


def losses(compiler, variant, spec, theta, benchmark):
    """yhat(ln N, ln D, year) through the compiled formulas."""
    surface = compiler.model(variant, spec).surface
    vocabulary = compiler.units.vocabulary(benchmark)

    def loss(log_parameters, log_tokens, year):
        at = coordinates(compiler.origin, log_parameters, log_tokens, year)
        design = surface.design(**at, b=benchmark, T=1.0, V=float(vocabulary))
        return float(surface.loss(theta[None], design)[0, 0])

    return surface.names, loss


@pytest.mark.parametrize(
    "variant", [name for name in (*PAPER_VARIANTS, *USER_VARIANTS) if name not in WITHOUT_PROGRESS]
)
def test_it_is_what_scipy_finds_on_the_compiled_formulas(variant, compiler, paper_config):
    spec = spec_of(variant, paper_config)
    scaling = OptimalScaling.of(compiler.model(variant, spec))
    benchmark, part = list(scaling.exponents.items())[-1]
    benchmark = compiler.levels[0] if benchmark == "all" else benchmark
    rng = np.random.default_rng(PAPER_VARIANTS.index(variant) if variant in PAPER_VARIANTS else 99)
    theta = random_theta(scaling.names, rng)
    _, loss = losses(compiler, variant, spec, theta, benchmark)

    def least(budget):
        return minimize_scalar(
            lambda u: loss(u, budget - u, YEAR), bounds=(0, budget), method="bounded",
            options={"xatol": 1e-10},
        )  # fmt: skip

    at, target = least(BUDGET), least(BUDGET + LN2).fun
    years = brentq(lambda t: loss(at.x, BUDGET - at.x, YEAR + t) - target, 0, 1e3, xtol=1e-13)
    g, optimum = solve(part, theta[None])
    assert g[0] == pytest.approx(LN2 / years, rel=1e-6)
    assert not optimum.corner[0]
    # and to machine precision: at (N*, D*) the target is reached
    u = optimum.log_parameters[0]
    # rounding of both losses moves T by this much
    noise = 1e-15 * loss(u, BUDGET - u, YEAR) / (target and loss(u, BUDGET - u, YEAR) - target)
    reached = loss(u, BUDGET - u, YEAR + LN2 / g[0])
    assert abs(reached - target) < 1e-14 * target + noise


@pytest.mark.parametrize("variant", ["m12", "m18"])
def test_it_equals_the_closed_form_where_one_rate_drives_all(variant, compiler, paper_config):
    """Equal rates multiply both exponentials alike, as doubling compute does at the optimum."""
    spec = paper_config["variants"][variant]
    scaling = OptimalScaling.of(compiler.model(variant, spec))
    theta = np.array([random_theta(scaling.names, np.random.default_rng(i)) for i in range(50)])
    parts = next(iter(compiler.model(variant, spec).closed_form.parts.values()))
    closed = growth_rates(parts, theta)["compute"]
    assert scaling.growth(theta)["all"] == pytest.approx(closed, rel=1e-12)


def test_equal_rates_in_m07_are_m12(m07):
    closed = 0.025 / 0.08 + 0.025 / 0.05
    assert growth(m07, M07, alpha_year=0.025, beta_year=0.025) == pytest.approx(closed, rel=1e-13)


def test_otherwise_it_is_the_closed_form_for_small_steps(m07, part):
    """A doubling lets the slower exponential weigh more, so growth is a little less."""
    g = growth(m07, M07)
    assert g == pytest.approx(G_N + G_D, rel=5e-3)
    assert g < G_N + G_D
    # all exponents a tenth: a doubling is then a step a tenth as large
    tenth = {k: v / 10 for k, v in M07.items() if k.endswith(("year", "param", "data"))}
    # with intercepts that keep the optimum at N = D
    origin = part.origin
    t, u = YEAR - origin.first_year, BUDGET / 2
    alpha = 0.02 * t + 0.08 * (u - origin.log_parameters)
    beta = 0.03 * t + 0.05 * (u - origin.log_tokens)
    at = {"alpha_const": math.log(0.05), "beta_const": math.log(0.08)}
    whole = growth(
        m07, M07, alpha_const=at["alpha_const"] + alpha, beta_const=at["beta_const"] + beta
    )
    tenth |= {"alpha_const": at["alpha_const"] + alpha / 10}
    tenth |= {"beta_const": at["beta_const"] + beta / 10}
    smaller = growth(m07, M07, **tenth)
    assert whole == pytest.approx(g, rel=1e-9)  # intercepts only move the optimum
    assert 0 < G_N + G_D - smaller < (G_N + G_D - g) / 8


def test_twice_the_rates_halve_the_doubling_time(m07):
    twice = growth(m07, M07, alpha_year=0.04, beta_year=0.06)
    assert twice == pytest.approx(2 * growth(m07, M07), rel=1e-13)


def test_a_year_of_known_progress(m07):
    """Rates such that in T years loss falls as by a doubling: eps phi / (eps + phi) ln2 / T."""
    for years in (0.5, 3.0, 40.0):
        rate = 0.08 * 0.05 / 0.13 * LN2 / years
        g = growth(m07, M07, alpha_year=rate, beta_year=rate)
        assert pytest.approx(years, rel=1e-13) == LN2 / g


def test_compute_year_and_level_drop_out_of_two_exponentials(m07, part):
    theta = np.array([[M07[name] for name in m07.names]])
    g = growth(m07, M07)
    weighed = (0.05 * math.exp(-0.02 * LN2 / g) + 0.08 * math.exp(-0.03 * LN2 / g)) / 0.13
    assert weighed == pytest.approx(2 ** (-0.08 * 0.05 / 0.13), rel=1e-15)
    for compute, year in ((1e22, 2023.0), (1e25, 2017.5), (1e27, 2030.0)):
        assert solve(part, theta, compute, year)[0][0] == pytest.approx(g, rel=1e-13)
    assert growth(m07, M07, alpha_const=1.1, beta_const=0.7) == pytest.approx(g, rel=1e-13)


def test_the_optimum_is_where_elasticities_times_losses_are_equal(m07, part):
    _, optimum = solve(part, np.array([[M07[name] for name in m07.names]]))
    u, origin = optimum.log_parameters[0], part.origin
    t = YEAR - origin.first_year
    a = math.exp(0.9 - 0.02 * t - 0.08 * (u - origin.log_parameters))
    b = math.exp(0.8 - 0.03 * t - 0.05 * (BUDGET - u - origin.log_tokens))
    assert 0.08 * a == pytest.approx(0.05 * b, rel=1e-13)


def test_three_terms_and_a_linear_one_are_bracketed():
    level = np.array([[1.0, 2.0, 0.5, 0.3], [1.0, -3.0, 0.5, 0.3]])
    slope = np.array([[-0.3, 0.1, 0.05, -0.02], [-0.3, 0.1, 0.05, 0.01]])
    kinds = np.array([True, True, True, False])
    found = minimise(level, slope, kinds, 56.0).log_parameters
    for a, s, u in zip(level, slope, found, strict=True):
        scipy = minimize_scalar(
            lambda x, a=a, s=s: np.exp((a + s * x)[:3]).sum() + (a + s * x)[3],
            bounds=(0, 56), method="bounded", options={"xatol": 1e-10},
        )  # fmt: skip
        assert u == pytest.approx(scipy.x, abs=1e-5)
        assert abs((s[:3] * np.exp(a[:3] + s[:3] * u)).sum() + s[3]) < 1e-14


@pytest.mark.parametrize("variant", sorted(WITHOUT_PROGRESS))
def test_a_variant_without_progress_has_no_doubling_time(variant, compiler, paper_config):
    assert OptimalScaling.of(compiler.model(variant, paper_config["variants"][variant])) is None


@pytest.mark.parametrize("formula", ["-{t**2}", "-{t*(Y>=2018)}", "-{n*n}:t", "-{log(t)}"])
def test_other_formulas_are_not_guessed(formula, compiler):
    spec = {"exponentials": [{"a": 1, "r": formula, "p": "-n"}, {"b": 1, "q": "-d"}]}
    assert OptimalScaling.of(compiler.model("mine", spec)) is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # no progress
        ({"alpha_year": 0.0, "beta_year": 0.0}, 0.0),
        # loss falls at first, then rises: the target is never reached
        ({"alpha_year": 0.03, "beta_year": -0.018}, 0.0),
        # loss rises and was never as low
        ({"alpha_year": -0.03, "beta_year": 0.018}, 0.0),
        # regress by the same equation, backwards in time
        ({"alpha_year": -0.02, "beta_year": -0.02}, -0.02 / 0.08 - 0.02 / 0.05),
        # compute raises loss, and so does time
        (
            {"alpha_param": -0.08, "beta_data": -0.05, "alpha_year": -0.02, "beta_year": -0.02},
            0.02 / 0.08 + 0.02 / 0.05,
        ),
        # compute does not change loss
        ({"alpha_param": 0.0, "beta_data": 0.0}, math.inf),
        (
            {"alpha_param": 0.0, "beta_data": 0.0, "alpha_year": -0.1, "beta_year": 0.0},
            -math.inf,
        ),
        (
            {"alpha_param": 0.0, "beta_data": 0.0, "alpha_year": 0.0, "beta_year": 0.0},
            0.0,
        ),
        # parameters do nothing: all compute goes to data, and only progress in data counts
        ({"alpha_param": 0.0, "alpha_year": 0.0}, G_D),
        ({"beta_data": 0.0, "beta_year": 0.0}, G_N),
        # not a number
        ({"alpha_param": math.nan}, math.nan),
    ],
)
def test_degenerate_draws(m07, changed, expected):
    assert growth(m07, M07, **changed) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_corners_are_at_one_parameter_or_one_token_and_counted(m07, part):
    changes = [
        {"alpha_param": 0.0}, {"alpha_param": -0.01}, {"beta_data": 0.0}, {"beta_data": -0.01}, {},
    ]  # fmt: skip
    draws = pl.DataFrame([M07 | change for change in changes])
    optimum = solve(part, draws.select(m07.names).to_numpy())[1]
    assert optimum.log_parameters[:4] == pytest.approx([0, 0, BUDGET, BUDGET])
    assert optimum.corner.tolist() == [True] * 4 + [False]
    assert m07.corners(draws) == {"all": 4}
    assert np.isfinite(m07.growth_of(draws)["all"]).all()


def test_one_per_benchmark_only_where_rates_or_elasticities_differ(compiler, paper_config):
    def benchmarks(variant):
        spec = paper_config["variants"][variant]
        return set(OptimalScaling.of(compiler.model(variant, spec)).exponents)

    assert benchmarks("m01") == benchmarks("m07") == benchmarks("m19") == {"all"}
    every = {"wt103", "wt2", "ptb"}
    assert benchmarks("m14") == benchmarks("m15") == every  # rates depend on the optimum
    assert benchmarks("m04") == benchmarks("m10") == benchmarks("m11") == {"wt103", "wt2", "ptb"}


def test_rows_have_the_columns_of_the_table(compiler, paper_config):
    scaling = OptimalScaling.of(compiler.model("m10", paper_config["variants"]["m10"]))
    rng = np.random.default_rng(5)
    draws = pl.DataFrame(
        [random_theta(scaling.names, rng).tolist() for _ in range(40)],
        schema=list(scaling.names), orient="row",
    )  # fmt: skip
    estimates = dict(zip(scaling.names, draws.row(0), strict=True))
    rows = scaling.rows(KEY | {"variant": "m10"}, estimates, draws)
    table = frame_of(DOUBLING_TIMES, rows)
    assert {*table["benchmark"]} == {"wt103", "wt2", "ptb"}
    assert set(rows[0]) == set(DOUBLING_TIMES.names) - {"allocation_within_records"}
    assert set(table["definition"]) == {"optimal_scaling"}
    for row in rows:
        g = scaling.growth_of(draws)[row["benchmark"]]
        assert row["growth_point"] == pytest.approx(g[0])
        assert row["point"] == pytest.approx(12 * LN2 / g[0])
        assert row["growth_median"] == pytest.approx(np.median(g))
        assert row["median"] == pytest.approx(12 * LN2 / np.median(g))
    assert set(scaling.rows(KEY, estimates, None)[0]) < set(DOUBLING_TIMES.names)


def test_a_draw_that_is_no_number_is_not_counted(m07):
    draws = pl.DataFrame([M07, M07 | {"alpha_year": math.nan}, M07])
    assert m07.rows(KEY, M07, draws)[0]["n_draws"] == 2
    assert m07.rows(KEY, M07, draws[1:2])[0]["n_draws"] == 0


def test_months_of_both_estimators():
    assert point_months(-1.0, "published") == pytest.approx(-12 * LN2)
    assert point_months(-1.0, "converged") == math.inf
    assert point_months(0.0, "published") == math.inf
    assert math.isnan(point_months(math.nan, "converged"))


def published_months(compiler, theta):
    """The paper's own search: SLSQP from N = D = sqrt(C), then Brent on |loss - target|."""
    origin = compiler.origin

    def loss(x, year):
        t = year - origin.first_year
        n, d = x[0] - origin.log_parameters, x[1] - origin.log_tokens
        return math.exp(
            theta["alpha_const"] - theta["alpha_year"] * t - theta["alpha_param"] * n
        ) + math.exp(theta["beta_const"] - theta["beta_year"] * t - theta["beta_data"] * d)

    def least(compute):
        budget = math.log(compute / 6)
        equal = {"type": "eq", "fun": lambda x: x[0] + x[1] - budget}
        found = minimize(loss, [math.log(compute) / 2] * 2, args=(YEAR,), constraints=equal)
        return found.x, found.fun

    (at, _), (_, target) = least(COMPUTE), least(2 * COMPUTE)
    return 12 * minimize_scalar(lambda years: abs(loss(at, YEAR + years) - target)).x


def test_the_published_doubling_time(compiler, paper_sample, compiled, m07):
    """Published: 8.57155622 months (95 %: 4.54749572 to 14.46016107).

    The paper's search stops within 1e-6 of the least loss, which is 2.5e-4 of its median. Where a
    published fit stops hangs on rounding, and this on the processor: with OpenBLAS's kernels for
    Skylake-X the median is 8.5694 and the upper end 14.46, with other kernels or without AVX-512 up
    to 8.601 and down to 14.20. So they are asked to be as near as starts moved by 1e-8 bring them,
    which the audit measures: 0.15, 0.12 and 3 months.
    """
    design, seen = compiled("m07"), observations(paper_sample, "first_available")
    draws = draw(
        design, seen, 0.0025, "published", "rows", 1, 0, 100, minima=np.zeros((1, design.p))
    )
    row = m07.rows(
        KEY | {"estimator": "published"}, dict(zip(draws.columns, draws.row(0), strict=True)), draws
    )[0]
    assert row["median"] == pytest.approx(8.57155622, abs=0.15)
    assert row["ci95_high"] == pytest.approx(14.46016107, abs=3)
    assert row["ci95_low"] == pytest.approx(4.54749572, abs=0.15)
    assert row["share_nonpositive"] == 0
    searched = [published_months(compiler, theta) for theta in draws.iter_rows(named=True)]
    assert np.median(searched) == pytest.approx(row["median"], rel=5e-4)


def scores():
    rows = [
        ("m07", 0.0025, "rows", 0.045), ("m08", 0.001, "rows", 0.046),
        ("m07", 0.001, "rows", 0.044), ("m10", 0.001, "rows", 0.047),
        ("m01", 0.0, "rows", 0.09), ("m01", 0.0, "papers", 0.01),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=["variant", "delta", "scheme", "mse"], orient="row")


def test_the_best_and_the_best_of_each_variant():
    chosen = best(scores(), "rows", 4)
    assert chosen == [("m07", 0.001), ("m07", 0.0025), ("m08", 0.001), ("m10", 0.001)]
    assert distinct(chosen) == [("m07", 0.001), ("m08", 0.001), ("m10", 0.001)]


def test_pools_concatenate_one_set_for_each_benchmark():
    chosen = best(scores(), "rows", 4)
    growth = {
        ("m07", 0.001): {"wt103": np.full(10, 1.0)},
        ("m07", 0.0025): {"wt103": np.full(10, 2.0)},
        ("m08", 0.001): {},
        ("m10", 0.001): {name: np.full(10, g) for name, g in zip("abc", (3, 4, -1), strict=True)},
    }
    top, one = pooled({"estimator": "converged", "resampling": "papers"}, chosen, growth)
    table = frame_of(POOLED_DOUBLING_TIMES, [top, one])
    assert table["pool"].to_list() == ["top4", "distinct"]
    assert table["n_sets"].to_list() == [5, 4]
    assert table["n_draws"].to_list() == [50, 40]
    assert table["share_nonpositive"].to_list() == [0.2, 0.25]
    assert top["growth_median"] == 2.0
    assert top["median"] == pytest.approx(12 * LN2 / 2)
    assert top["ci95_high"] == math.inf
    with pytest.raises(KeyError):
        pooled({"estimator": "converged", "resampling": "papers"}, chosen, {})
