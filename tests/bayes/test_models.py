"""The Bayesian part without an engine: priors, coordinates, likelihoods, weights, ranks, tables."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from bayes_model import (
    BENCHMARKS,
    LINEAR,
    M07,
    M13,
    M14,
    ONE,
    PRIORS,
    SETTINGS,
    a_sample,
    a_shard,
    cmdstan,
    prepared,
)
from pydantic import ValidationError
from scipy import integrate, optimize, stats

from algoprog.bayes.calibration import calibration_tables, chi_square, holm
from algoprog.bayes.checks import checks, statistics
from algoprog.bayes.comparisons import compared
from algoprog.bayes.coordinates import coordinates
from algoprog.bayes.data import draw_prior, means, simulate, stan_data, start
from algoprog.bayes.engine import find_engine
from algoprog.bayes.held_out import log_likelihoods, stacking
from algoprog.bayes.models import variant_of
from algoprog.bayes.settings import Scales
from algoprog.bayes.simulated import with_growth
from algoprog.common.errors import InputError
from algoprog.config.plan.bayes import planned
from algoprog.config.sections.bayes import Bayes
from algoprog.model.growth import Elasticity


@pytest.mark.parametrize(
    ("spec", "roles"),
    [
        (
            M07,
            "level, level difference, rate, exponent, split, split difference, rate, exponent",
        ),
        (M14, "level, level difference, exponent, rate, split, split difference, exponent, rate"),
        (M13, "level, exponent, exponent, split, rate, exponent, exponent difference"),
        (ONE, "level, rate, exponent"),
        (LINEAR, "level, rate, exponent, linear, multiplier"),
    ],
)
def test_roles_follow_from_the_formulas(spec, roles):
    assert ", ".join(prepared(spec).model.prior.roles) == roles


@pytest.mark.parametrize("spec", [M07, M14, M13, ONE, LINEAR])
def test_quantities_mean_what_they_say(spec):
    """Loss, shares and slopes at the middle, recomputed from theta by differences."""
    one = prepared(spec)
    prior, sample = one.model.prior, a_sample()
    own = "level difference" in prior.roles
    rng = np.random.default_rng(3)
    u = prior.draw(rng, 1)
    theta = prior.theta(u)

    def terms(benchmark, transformer, **moved):

        values = one.base.units.of_rows(sample)
        rows = (sample["benchmark"] == benchmark).to_numpy() | (not own)
        at = {name: np.median(values[name][rows]) for name in ("t", "n", "d", "c")}
        point = {name: at[name] + moved.get(name, 0.0) for name in at}
        vocabulary = BENCHMARKS["definitions"][benchmark]["vocabulary"]
        design = one.base.at(b=benchmark, T=transformer, V=vocabulary, **point)
        columns = [slice(term.start, term.stop) for term in design.terms]
        return np.array(
            [
                theta[0, design.parameter_of_column[part]] @ design.columns[part, 0]
                for part in columns
            ]
        )

    middle = terms("one", 1.0)
    for j, role in enumerate(prior.roles):
        name = prior.parameters[j]
        second = name.startswith("beta")
        if role == "level":
            levels = middle[: prior.n_exponentials]
            assert np.logaddexp.reduce(levels) == pytest.approx(u[0, j])
        elif role == "split":
            assert middle[1] - middle[0] == pytest.approx(u[0, j])
        elif role == "level difference":
            there = np.logaddexp.reduce(terms("two", 1.0))
            assert there - np.logaddexp.reduce(middle) == pytest.approx(u[0, j])
        elif role == "split difference":
            there = terms("two", 1.0)
            assert (there - middle)[1] - (there - middle)[0] == pytest.approx(u[0, j])
        elif role == "exponent":
            transformer = 0.0 if name == "alpha_param" and spec is M13 else 1.0
            scale = {"c": 1e-4} if spec in (ONE, LINEAR) else {"d" if second else "n": 1e-4}
            fall = terms("one", transformer) - terms("one", transformer, **scale)
            assert fall[int(second)] / 1e-4 == pytest.approx(np.exp(u[0, j]), rel=1e-4)
        elif role == "rate":
            fall = (middle - terms("one", 1.0, t=1e-4))[int(second)] / 1e-4
            assert fall == pytest.approx(u[0, j], rel=1e-3)
        elif role == "linear":
            assert middle[-1] == pytest.approx(u[0, j])
        elif role == "multiplier":
            assert theta[0, j] == pytest.approx(u[0, j])
        else:
            assert role == "exponent difference"
            assert theta[0, j] == pytest.approx(u[0, j])


@pytest.mark.parametrize("spec", [M07, M13, ONE])
def test_the_sampled_coordinates_keep_density(spec):
    """The determinant of x -> u is one, by central differences."""
    prior = prepared(spec).model.prior
    x = prior.draw(np.random.default_rng(5), 1)[0]
    step = 1e-5
    jacobian = [
        (prior.u(x + step * e) - prior.u(x - step * e)) / (2 * step) for e in np.eye(len(x))
    ]
    assert abs(np.linalg.det(np.array(jacobian))) == pytest.approx(1.0, rel=1e-6)


def test_the_mean_rate_is_what_is_sampled():
    prior = prepared(M07).model.prior
    x = prior.draw(np.random.default_rng(6), 1)
    u = prior.u(x)
    (rates,) = prior.rates
    shares = np.exp(prior.mean_log_shares(u))[0]
    assert shares @ u[0, rates] == pytest.approx(x[0, rates[0]])
    assert u[0, rates[1]] - u[0, rates[0]] == pytest.approx(x[0, rates[1]])


def test_a_column_that_is_not_there_at_the_middle_is_refused():
    late = {"exponentials": [{"alpha_const": 1, "late": "-{t*(Y>=2020)}", "alpha_param": "-n"}]}
    with pytest.raises(InputError, match=r"late.*zero at the middle"):
        prepared(late)


def test_width_scales_every_prior():
    once, twice = prepared(M07), prepared(M07, 2.0)
    assert np.allclose(twice.model.prior.sd, 2 * once.model.prior.sd)
    assert twice.model.errors.paper_sd == 2 * PRIORS["paper_sd"]
    assert twice.model.errors.scale == Scales(median=0.15, log_sd=1.4, benchmark_log_sd=0.8)


def test_coordinates_are_near_the_truth_of_precise_data():
    one = prepared(M07, sample=a_sample(150))
    rng = np.random.default_rng(2)
    u = one.model.prior.mean[None, :]
    y = means(one.model.design, one.model.prior.theta(u))[0] + 0.02 * rng.standard_normal(150)
    centre, spread = coordinates(one.model, y, 1)
    predicted = means(one.model.design, one.model.prior.theta(one.model.prior.u(centre[None, :])))
    assert np.sqrt(np.mean((predicted[0] - y) ** 2)) < 0.05
    assert np.all(np.linalg.eigvalsh(spread @ spread.T) > 0)


def test_stan_data_and_start_are_of_the_sizes_the_program_declares():
    one = prepared(LINEAR)
    p = one.model.design.p
    data = stan_data(one.model, one.y, np.zeros(p), np.eye(p))
    assert np.shape(data["X"]) == (data["n"], data["m"])
    assert np.shape(data["fixed"]) == (data["n"], data["K"])
    assert data["sigmoid"] == one.model.prior.parameters.index("effect") + 1
    assert max(data["paper"]) == data["n_papers"] == 30
    begin = start(one.model, 4)
    assert len(begin["z"]) == p and len(begin["paper_z"]) == 30
    assert begin == start(one.model, 4) != start(one.model, 5)


def test_likelihood_is_the_integral_over_the_paper_effect():
    one = prepared(M07)
    rng = np.random.default_rng(8)
    truth = {
        name: np.repeat(value, 3, axis=0) for name, value in draw_prior(one.model, rng, 1).items()
    }
    truth["tau"] = np.array([0.05, 0.3, 0.6])
    truth["sigma"] = np.array([[0.3, 0.2], [0.1, 0.1], [0.05, 0.2]])
    y = simulate(one.model, rng, truth)[1]
    by_row, by_paper = log_likelihoods(one.model, y, truth)
    mu = means(one.model.design, truth["theta"])

    def density(r, rows):
        def joint(a):
            t = stats.t.logpdf(
                y[rows] - mu[r, rows] - truth["tau"][r] * a,
                truth["nu"][r],
                scale=truth["sigma"][r, one.model.benchmarks[rows]],
            )
            return np.exp(t.sum()) * stats.norm.pdf(a)

        return integrate.quad(joint, -8, 8, epsabs=0, epsrel=1e-9, limit=500)[0]

    for r in range(3):
        rows = np.flatnonzero(one.model.papers == 4)
        whole = density(r, rows)
        assert by_paper[r, 4] == pytest.approx(np.log(whole), abs=1e-4)
        expected = np.log(whole / density(r, rows[1:]))
        assert by_row[r, rows[0]] == pytest.approx(expected, abs=1e-4)


def test_stacking_finds_the_maximum():
    rng = np.random.default_rng(9)
    elpd = rng.normal(0, 0.5, (3, 80))
    found = stacking(elpd)

    def score(free):
        w = np.exp(np.append(free, 0.0))
        return -np.log(w / w.sum() @ np.exp(elpd)).sum()

    best = optimize.minimize(score, np.zeros(2), method="Nelder-Mead", tol=1e-10)
    assert -np.log(found @ np.exp(elpd)).sum() == pytest.approx(best.fun, abs=1e-3)
    assert found.sum() == pytest.approx(1.0)


def test_stacking_gives_a_model_that_is_worse_everywhere_nothing():
    elpd = np.zeros((2, 50))
    elpd[1] = -1.0
    assert stacking(elpd)[1] < 1e-5


def test_uniform_ranks_pass_and_others_fail():
    ranks = np.repeat(np.arange(100), 2)
    assert chi_square(ranks, 99, 20) == (0.0, 1.0)
    statistic, p = chi_square(np.zeros(200, dtype=np.int64), 99, 20)
    assert statistic == pytest.approx(190**2 / 10 + 19 * 10)
    assert p < 1e-10
    with pytest.raises(ValueError, match="do not divide"):
        chi_square(ranks, 98, 20)


def test_holm_by_hand():
    assert holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])


def test_calibration_counts_what_intervals_hold():
    shard = a_shard("prior", [0.0, 0.7, -2.0, 0.2], [0, 9, 3, 6])
    known = a_shard("known", [0.9, 3.0], [0, 0])
    table, ranks = calibration_tables([shard, known], bins=5, level=0.05)
    row = table.filter(pl.col("kind") == "prior").row(0, named=True)
    assert (row["coverage50"], row["coverage90"], row["share_divergent"]) == (0.5, 0.75, 0.25)
    assert row["mean_error"] == pytest.approx(0.275)
    assert row["uniform"] is True
    assert ranks["n"].to_list() == [1, 1, 0, 1, 1]
    assert table.filter(pl.col("kind") == "known").row(0, named=True)["coverage90"] == 0.5
    with pytest.raises(AssertionError, match="twice"):
        calibration_tables([shard, shard], bins=5, level=0.05)


def test_checks_find_data_the_model_does_not_make():
    one = prepared(M07)
    rng = np.random.default_rng(1)
    truth = {
        name: np.repeat(value, 300, axis=0) for name, value in draw_prior(one.model, rng, 1).items()
    }
    y = simulate(one.model, rng, {name: value[:1] for name, value in truth.items()})[0]
    drawn = pl.DataFrame(
        dict(zip(one.parameters, truth["theta"].T, strict=True))
        | {f"sigma_{level}": truth["sigma"][:, b] for b, level in enumerate(one.model.levels)}
        | {"tau": truth["tau"], "nu": truth["nu"]}
    )
    fair = pl.DataFrame(checks("a", replace(one, y=y), drawn, 1, 300), infer_schema_length=None)
    off = pl.DataFrame(checks("a", replace(one, y=y + 50), drawn, 1, 300), infer_schema_length=None)

    def share(table):
        rows = table.filter(
            pl.col("check") == "posterior",
            pl.col("benchmark") == "all",
            pl.col("statistic") == "mean",
        )
        return rows["share_at_least"][0]

    assert 0.001 < share(fair) < 0.999
    assert share(off) == 0.0
    inside = fair.filter(pl.col("check") == "posterior", pl.col("statistic") == "inside 90 %")
    assert 0.75 < inside["observed"][0] <= 1.0


def test_statistics_of_papers_by_hand():
    one = prepared(M07)
    y = np.arange(60.0)[None, :]  # papers are pairs of neighbours
    assert statistics(one.model, y)["all", "mean range within papers"] == pytest.approx([1.0])


def test_comparison_in_words():
    assert compared((0, 1, 2), (0, 1, 2)) == {
        "width_ratio": 1.0, "overlap": 1.0, "differs": False, "in_words": "they agree",
    }  # fmt: skip
    found = compared((0.0, 1.0, 2.0), (1.5, 5.0, 9.5))
    assert found["differs"] and found["overlap"] == pytest.approx(0.5 / 9.5)
    assert "4.0 times as narrow" in found["in_words"]


def test_plan_and_places():
    plan = planned(SETTINGS)
    assert list(plan) == ["headline", "best-01", "best-02", "transformer-factor", "prior-2"]
    ranking = pl.DataFrame(
        {
            "scheme": ["papers"] * 4 + ["rows"],
            "variant": ["m2", "m7", "m2", "m3", "m9"],
            "delta": [0.0, 0.0, 0.1, 0.0, 0.0],
            "mse": [1.0, 2.0, 3.0, 4.0, 0.1],
        }
    )
    names = dict.fromkeys(("m2", "m3", "m7", "m9"))
    found = [
        variant_of(plan[f"best-{i:02d}"]["place"], "m7", names, "papers", ranking) for i in (1, 2)
    ]
    assert found == ["m2", "m3"]
    with pytest.raises(InputError, match="at most 2"):
        variant_of(3, "m7", names, "papers", ranking)


def test_engines_are_found_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr("algoprog.bayes.engine.find_spec", lambda name: object())
    project, home = tmp_path / "project", tmp_path / "home"
    by_variable = cmdstan(tmp_path / "variable", "2.35.0")
    cmdstan(home / ".cmdstan/cmdstan-2.9.0", "2.9.0")
    last = cmdstan(home / ".cmdstan/cmdstan-2.35.0", "2.35.0")

    def found(**environment):
        return find_engine("auto", project, environment, home)

    assert found(CMDSTAN=str(by_variable)).folder == str(by_variable)
    assert found().folder == str(last)
    local = cmdstan(project / ".cmdstan/cmdstan-2.35.0", "2.35.0")
    assert found().folder == str(local)
    with pytest.raises(InputError, match="makefile"):
        found(CMDSTAN=str(tmp_path / "nowhere"))


def test_without_an_engine_the_error_names_the_ways_out(tmp_path, monkeypatch):
    monkeypatch.setattr("algoprog.bayes.engine.find_spec", lambda name: None)
    with pytest.raises(
        InputError, match=r"make bayes.*algoprog\[stan\].*make cmdstan.*CMDSTAN"
    ) as said:
        find_engine("auto", tmp_path, {}, tmp_path)
    assert "\n" not in str(said.value)
    with pytest.raises(InputError, match=r"make cmdstan") as said:
        find_engine("cmdstan", tmp_path, {}, tmp_path)
    assert "make bayes" not in str(said.value)


def test_configuration_is_checked():
    assert Bayes.model_validate(SETTINGS).engine == "auto"
    calibration = SETTINGS["calibration"] | {"bins": 7}
    with pytest.raises(ValidationError, match="divide the 100 ranks"):
        Bayes.model_validate(SETTINGS | {"calibration": calibration})


def test_rates_are_moved_until_growth_is_the_one_imposed():
    """Two exponentials and one whose scale is held: elasticities and everything else stay."""
    unit = np.eye(5)
    parts = [
        Elasticity("parameters", unit[0], unit[1], 0.0, 0.0),
        Elasticity("data", unit[2], unit[3], 0.0, 0.2),
    ]
    theta = np.array([[0.01, 0.05, -0.02, 0.1, 7.0], [0.0, 0.3, 0.04, 0.02, -1.0]])
    moved = with_growth(parts, theta, 1.04)
    growth = moved[:, 0] / moved[:, 1] + moved[:, 2] / (moved[:, 3] + 0.2)
    np.testing.assert_allclose(growth, 1.04, rtol=1e-12)
    np.testing.assert_array_equal(moved[:, [1, 3, 4]], theta[:, [1, 3, 4]])
    # what is missing is shared equally between the two
    np.testing.assert_allclose(
        moved[:, 0] / moved[:, 1] - theta[:, 0] / theta[:, 1],
        moved[:, 2] / (moved[:, 3] + 0.2) - theta[:, 2] / (theta[:, 3] + 0.2),
        rtol=1e-12,
    )


def test_one_rate_in_both_exponentials():
    unit = np.eye(3)
    parts = [
        Elasticity("parameters", unit[0], unit[1], 0.0, 0.0),
        Elasticity("data", unit[0], unit[2], 0.0, 0.0),
    ]
    moved = with_growth(parts, np.array([[0.3, 0.5, 0.25]]), 3.0)
    np.testing.assert_allclose(moved, [[0.5, 0.5, 0.25]], rtol=1e-12)  # 0.5 / 0.5 + 0.5 / 0.25


def test_a_rate_that_is_part_of_an_elasticity_is_refused():
    part = Elasticity("data", np.array([1.0, 0.0]), np.array([1.0, 1.0]), 0.0, 0.0)
    with pytest.raises(ValueError, match="part of an elasticity"):
        with_growth([part], np.array([[0.1, 0.2]]), 1.0)
