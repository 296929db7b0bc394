"""Sensitivity: what each check changes, on which rows, and what its row says."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from plain import Compiler, draw, fit_one, variant_of
from project_files import BENCHMARKS, NAMES, ROOT, SETTINGS

from algoprog.common.errors import InputError
from algoprog.common.settings import rebuild
from algoprog.config.sections.variables import resolved
from algoprog.model.model import observations
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.quantities.shapley import Systems
from algoprog.records.normalise import normalize
from algoprog.records.sources import read_source
from algoprog.records.specification import Source
from algoprog.resampling.scheme import weights_of
from algoprog.robustness.checks import KEYS, Change, Plan, sensitivity_table
from algoprog.robustness.sensitivity import check_rows, check_sample
from algoprog.robustness.tables import SENSITIVITY
from algoprog.tables.frames import schema_of

EXCLUSIONS = SETTINGS["exclusions"]
SAMPLES, VARIANTS = (resolved(SETTINGS)[name] for name in ("samples", "variants"))
HEADLINE = {"sample": "paper", "variant": "m07", "delta": 0.0025}
SYSTEMS = {
    "first": {"parameters": 6e6, "dataset_tokens": 9.29e5, "published": "2012-12-01"},
    "second": {"parameters": 1.75e11, "dataset_tokens": 4.99e11, "published": "2020-05-28"},
}
SEED = 5


@pytest.fixture(scope="module")
def evaluations():
    source = SETTINGS["sources"]["register"]
    found = read_source(
        Source.of("register", source), NAMES, (ROOT / source["location"]).read_bytes()
    )
    return normalize([found], SETTINGS["corrections"], NAMES).evaluations


def plan(replicates=0, estimator="converged", **checks):
    """Checks of one estimator as configured: check={setting: change}."""
    resampling = {"converged": "papers", "published": "rows"}[estimator]
    sensitivity = {
        "replicates": {estimator: replicates},
        "resampling": {estimator: resampling},
        "checks": checks,
    }
    return planned(sensitivity)


def planned(sensitivity, headline=None):
    """Checks of the section `sensitivity`, as a job plans them."""
    conditions = {name: {**one, "reason": name} for name, one in EXCLUSIONS.items()}
    sections = {"headline": headline or HEADLINE, "samples": SAMPLES, "variants": VARIANTS}
    sections |= {"exclusions": conditions, "benchmarks": BENCHMARKS}
    return rebuild({"sensitivity": sensitivity, **sections}, Plan).checks()


def one(change, **options):
    """The check with this change."""
    return plan(**options, check={"setting": change})[1]


@pytest.fixture(scope="module")
def rows_of(evaluations):
    def rows_of(check):
        return check_rows(evaluations, check, Systems(SYSTEMS), SEED)

    return rows_of


@pytest.fixture(scope="module")
def sample_of(evaluations):
    return lambda change: check_sample(evaluations, one(change)).rows


# ---- what a check changes


def test_the_headline_comes_first_and_every_setting_once_for_each_estimator():
    sensitivity = {
        "replicates": {"converged": 7, "published": 3},
        "resampling": {"converged": "papers", "published": "rows"},
        "checks": {
            "delta": {"0": {"delta": 0}, "0.01": {"delta": 0.01}},
            "resampling": {"rows": {"resampling": "rows", "estimators": ["converged"]}},
        },
    }
    found = planned(sensitivity)
    keys = [tuple(check.key[key] for key in KEYS) for check in found]
    assert keys == [
        ("headline", "headline", "converged", "papers"),
        ("headline", "headline", "published", "rows"),
        ("delta", "0", "converged", "papers"),
        ("delta", "0", "published", "rows"),
        ("delta", "0.01", "converged", "papers"),
        ("delta", "0.01", "published", "rows"),
        ("resampling", "rows", "converged", "rows"),
    ]
    assert [check.delta for check in found] == [0.0025, 0.0025, 0, 0, 0.01, 0.01, 0.0025]
    assert [check.replicates for check in found[:2]] == [7, 3]
    assert [check.response for check in found[:2]] == ["own", "first_available"]


def test_the_headlines_check_has_as_many_draws_as_its_analysis():
    """Replicates follow from their numbers, so equal numbers of them are one interval."""
    sensitivity = {
        "replicates": {"converged": 7, "published": 3},
        "resampling": {"converged": "papers", "published": "rows"},
        "checks": {"delta": {"0": {"delta": 0}}},
    }
    draws = {"converged": {"papers": 50}, "published": {"papers": 60}}
    found = planned(sensitivity, HEADLINE | {"draws": draws})
    assert [check.replicates for check in found] == [50, 3, 7, 3]


def test_a_null_keeps_all_models_of_a_paper_where_nothing_said_keeps_the_samples_number():
    assert one({"models_per_paper": None}).sample.models_per_paper is None
    assert one({}).sample.models_per_paper == 3


def test_formulas_take_more_terms_and_held_parameters():
    spec = {
        "exponentials": [{"a": 1, "rate": "-d_seen:t"}, {"data": "-{d*(1-T)}", "b": "-d:(1+b)"}],
        "hold": {"a": 2.0},
    }
    change = Change.of({"linear": {"gamma": "1 + b"}, "hold": {"gamma": 1.5}})
    found = change.of_variant(variant_of("v", spec))
    assert found.exponentials == (
        {"a": "1", "rate": "-d_seen:t"},
        {"data": "-{d*(1-T)}", "b": "-d:(1+b)"},
    )
    assert found.linear == {"gamma": "1 + b"}
    assert found.hold == {"a": 2.0, "gamma": 1.5}
    assert Change.of({}).of_variant(variant_of("v", spec)) == variant_of("v", spec)


def test_mistakes_are_reported_with_their_place(sample_of, rows_of):
    with pytest.raises(InputError, match=r"check\.setting: .*huber and correlated"):
        one({"huber": {"k": 1.0}, "correlated": True})
    with pytest.raises(InputError, match=r"check\.setting\.include.*'outliers'"):
        one({"include": ["outliers"]})
    with pytest.raises(InputError, match=r"check\.setting\.where.*'benchmrk = 1'"):
        rows_of(one({"where": "benchmrk = 1"}))
    with pytest.raises(InputError, match=r"check\.setting .*'?gamma"):
        rows_of(one({"hold": {"gamma": 1.0}}))


# ---- on which rows


def test_rows_are_chosen_from_the_sample_in_its_order(sample_of, paper_sample):
    kept = sample_of({"where": "architecture = 'transformer'"})
    expected = paper_sample.filter(pl.col("architecture") == "transformer")
    assert kept.equals(expected)
    assert len(kept) == 104


def test_an_unknown_condition_does_not_hold(sample_of, paper_sample):
    known = paper_sample.filter(pl.col("epochs").is_not_null())
    assert 0 < len(known) < len(paper_sample)
    assert len(sample_of({"where": "epochs > 0 OR epochs <= 0"})) == len(known)


def test_the_year_is_a_real_number(sample_of, paper_sample):
    """2017.444 is between 11 and 12 June: 162 / 365 = 0.4438, 163 / 365 = 0.4466."""
    after = paper_sample.filter(pl.col("published") > pl.date(2017, 6, 12))
    assert sample_of({"where": "year > 2017.444"}).equals(after)


def test_all_models_and_outliers_are_kept_on_request(sample_of):
    assert len(sample_of({})) == 231
    assert len(sample_of({"models_per_paper": None})) == 261
    one_each = sample_of({"models_per_paper": 1})
    assert len(one_each) == one_each["paper"].n_unique() == 144
    assert len(sample_of({"include": ["outlier"]})) > 231


# ---- what its row says


def test_a_row_is_the_fit_and_the_draws_of_its_own_rows(rows_of, sample_of):
    """As its own normalisers, sample and penalty have it, by the modules that fit and draw."""
    change = {"where": "benchmark <> 'wt2'", "delta": 0.005, "resampling": "rows"}
    (row,) = rows_of(one(change, replicates=25))
    sample = sample_of(change)
    seen = observations(sample, "own")
    design = Compiler.of(sample, BENCHMARKS).rows("m07", VARIANTS["m07"], sample)
    fit = fit_one(design, seen, 0.005, "converged")
    draws = draw(design, seen, 0.005, "converged", "rows", SEED, 0, 25, fit.minima)
    at = dict(zip(design.parameters, fit.theta, strict=True))

    def growth(e):
        return e["alpha_year"] / e["alpha_param"] + e["beta_year"] / e["beta_data"]

    assert row["objective"] == pytest.approx(fit.row["objective"], rel=1e-12)
    assert (row["n"], row["p"], row["papers"]) == (len(sample), 8, sample["paper"].n_unique())
    assert row["growth_point"] == pytest.approx(growth(at))
    assert row["point"] == pytest.approx(12 * math.log(2) / growth(at))
    drawn = np.array([growth(e) for e in draws.iter_rows(named=True)])
    assert row["growth_median"] == pytest.approx(np.median(drawn))
    assert row["growth_ci90_low"] == pytest.approx(np.percentile(drawn, 5))
    own = OwnAllocation.of(Compiler.of(sample, BENCHMARKS).model("m07", VARIANTS["m07"]))
    assert row["own_growth_point"] == pytest.approx(own.growth(fit.theta[None, :])[0])
    weights = weights_of(SEED, "m07", 0.005, range(25), seen.papers, "rows")
    there = own.growth(draws.select(design.parameters).to_numpy(), weights=weights)
    assert row["own_growth_ci95_high"] == pytest.approx(np.percentile(there, 97.5))
    assert row["own_ci95_low"] == pytest.approx(12 * math.log(2) / np.percentile(there, 97.5))
    assert row["n_draws"] == 25
    assert row["draws_certified"] == 1.0
    assert row["converged"]
    assert row["reason"] is None
    assert 0 < row["compute_share"] < 1


def test_the_published_procedure_follows_from_configuration(rows_of):
    """Objective of the public notebooks, and the doubling time of their estimates."""
    (row,) = rows_of(plan(estimator="published")[0])
    assert row["objective"] == pytest.approx(0.05181292650905238, rel=1e-7)
    growth = 0.003938 / 0.067982 + 0.03562 / 0.039587
    assert row["point"] == pytest.approx(12 * math.log(2) / growth, rel=1e-3)
    assert not row["converged"]


def test_a_benchmark_alone_has_no_dummies(rows_of):
    (row,) = rows_of(one({"where": "benchmark = 'ptb'", "linear": {"gamma": "1 + b"}}))
    assert row["p"] == 7
    assert row["n"] == 80


def test_imposed_exponents_are_held(rows_of):
    """With the elasticities imposed, growth is the sum of the rates over them."""
    (row,) = rows_of(one({"hold": {"alpha_param": 0.1, "beta_data": 0.1}}))
    (free,) = rows_of(one({}))
    assert row["p"] == free["p"] - 2
    assert row["growth_point"] != free["growth_point"]


def test_another_data_measure_is_that_variant(rows_of):
    (measured,) = rows_of(one({"tokens": "effective", "delta": 0.001}))
    (variant,) = rows_of(one({"variant": "m20", "delta": 0.001}))
    assert measured["growth_point"] == pytest.approx(variant["growth_point"], rel=1e-9)
    assert measured["compute_share"] == pytest.approx(variant["compute_share"], rel=1e-9)


@pytest.mark.parametrize("estimator", ["converged", "published"])
@pytest.mark.parametrize("unit", ["rows", "papers"])
def test_other_losses_are_fitted_and_drawn(rows_of, estimator, unit):
    """An endless threshold is the plain fit with the plain fit's draws, of rows and of papers."""
    options = {"replicates": 3, "estimator": estimator}
    (row,) = rows_of(one({"huber": {"k": 1e3}, "resampling": unit}, **options))
    (plain,) = rows_of(one({"resampling": unit}, **options))
    assert row["huber_k"] == 1e3
    for column in ("objective", "point", "median", "ci95_high", "growth_ci95_low"):
        # where SLSQP stops depends on rounding
        close = 1e-6 if estimator == "converged" else 0.2
        assert row[column] == pytest.approx(plain[column], rel=close), column


@pytest.mark.parametrize("estimator", ["converged", "published"])
def test_correlated_errors_are_fitted_and_drawn(rows_of, estimator):
    change = {"correlated": True, "models_per_paper": None}
    (row,) = rows_of(one(change, replicates=2, estimator=estimator))
    assert 0.2 < row["correlation"] < 0.7
    assert row["n"] == 261
    assert row["n_draws"] == 2
    assert row["converged"] is (estimator == "converged")


def test_what_cannot_be_fitted_is_a_row_with_its_reason(rows_of):
    cases = {
        "no rows": {"where": "parameters > 1e30"},
        "one row on ptb": {"where": "benchmark <> 'ptb' OR system = 'RNN+LDA+KN5+cache'"},
        "6 parameters": {"where": "benchmark = 'ptb' AND parameters > 1e9"},
        "keep more models": {"correlated": True, "models_per_paper": 1},
        "no progress": {"variant": "m16"},
        "no closed form": {"variant": "m14"},
        "not identified": {"linear": {"gamma": 1, "again": "{1+0*t}"}, "delta": 0},
    }
    for reason, change in cases.items():
        (row,) = rows_of(one(change))
        assert reason in row["reason"], row
        assert set(row) <= set(SENSITIVITY.names)


def test_a_variant_with_progress_by_benchmark_has_a_row_for_each(rows_of):
    rows = rows_of(one({"variant": "m10"}))
    assert [row["benchmark"] for row in rows] == ["wt103", "ptb", "wt2"]


# ---- the table


def row(check, setting, point, growth, estimator="converged"):
    keys = dict(zip(KEYS, (check, setting, estimator, "papers"), strict=True))
    return keys | {"point": point, "growth_point": growth}


def test_change_is_against_the_headline_of_the_same_estimator():
    checks = plan(a={"b": {}}) + plan(estimator="published", a={"b": {"resampling": "papers"}})
    checks = [check for check in checks if check.setting != "headline"] + checks[:1]
    rows = [
        row("a", "b", math.inf, -0.5),
        row("headline", "headline", 6.0, 2.0),
        row("a", "b", 8.0, 1.0, "published"),
    ]
    table = sensitivity_table(rows, checks)
    assert table.schema == schema_of(SENSITIVITY)
    found = table.filter(pl.col("check") == "a").sort("estimator").select(
        "change_months", "change_growth", "relative_change"
    )  # fmt: skip
    assert found.rows() == [(math.inf, -2.5, -1.25), (None, None, None)]
    own = table.row(by_predicate=pl.col("check") == "headline", named=True)
    assert (own["change_months"], own["relative_change"]) == (0.0, 0.0)


def test_a_check_that_is_missing_is_an_error():
    with pytest.raises(AssertionError, match="checks missing"):
        sensitivity_table([row("headline", "headline", 6.0, 2.0)], plan(a={"b": {}}))
