"""Formulas compiled to arrays, against the variables computed by hand."""

from __future__ import annotations

import datetime
import math

import numpy as np
import polars as pl
import pytest
from independent import PAPER_VARIANTS, plausible_theta, prediction, simulated_sample
from plain import Compiler

from algoprog.common.errors import InputError
from algoprog.model.units import benchmark_levels
from algoprog.records.benchmarks import Benchmarks

N_PARAMETERS = [6, 5, 5, 8, 8, 10, 10, 9, 9, 14, 18, 9, 12, 10, 12, 8, 10, 5, 11, 10]
# The same numbers computed in another order differ by rounding only.
ROUNDING = 1e-12


@pytest.fixture(scope="module")
def by_hand(paper_sample):
    """Variables of the paper's sample, row by row with Python's own date and logarithm."""
    rows = paper_sample.to_dicts()
    year = [
        r["published"].year
        + (r["published"] - datetime.date(r["published"].year, 1, 1)).days / 365.0
        for r in rows
    ]

    def log_ratio(counts):
        return np.array([math.log(count / min(counts)) for count in counts])

    def per_epoch(weight):
        return [
            r["dataset_tokens"] * weight(1.0 if r["epochs"] is None else r["epochs"]) for r in rows
        ]

    size = {"wt103": 268000, "wt2": 33278, "ptb": 10000}
    return {
        "t": np.array(year) - min(year),
        "n": log_ratio([r["parameters"] for r in rows]),
        "d": log_ratio([r["dataset_tokens"] for r in rows]),
        "d_seen": log_ratio(per_epoch(lambda e: e)),
        "d_effective": log_ratio(per_epoch(lambda e: 1 + 2.9157 * (1 - math.exp(-e / 2.9157)))),
        "c": log_ratio([6 * r["parameters"] * r["dataset_tokens"] for r in rows]),
        "T": np.array([float(r["architecture"] == "transformer") for r in rows]),
        "Y": np.array(year),
        "V": np.array([r["vocabulary"] or size[r["benchmark"]] for r in rows]),
        "ptb": np.array([float(r["benchmark"] == "ptb") for r in rows]),
        "wt2": np.array([float(r["benchmark"] == "wt2") for r in rows]),
    }


def columns_of(design, parameter):
    return design.columns[design.parameter_of_column == design.parameters.index(parameter)]


@pytest.mark.parametrize(("variant", "p"), list(zip(PAPER_VARIANTS, N_PARAMETERS, strict=True)))
def test_number_of_parameters(compiled, variant, p):
    design = compiled(variant)
    assert design.p == p == len(set(design.parameters))
    assert design.n == 231
    # no parameter without a column, and no column of zeros
    assert set(design.parameter_of_column) == set(range(p))
    assert (np.abs(design.columns).max(axis=1) > 0).all()


@pytest.mark.parametrize("name", ["t", "n", "d", "d_seen", "d_effective", "c", "T", "Y", "V"])
def test_variables(compiler, paper_sample, by_hand, name):
    design = compiler.rows("x", {"exponentials": [{"a": name}]}, paper_sample)
    np.testing.assert_allclose(design.columns[0], by_hand[name], rtol=ROUNDING, atol=ROUNDING)


def test_published_names_signs_and_columns(compiled, by_hand):
    design = compiled("m07")
    one = np.ones(231)
    expected = {
        "alpha_const": one,
        "alpha_const_ptb": by_hand["ptb"],
        "alpha_const_wt2": by_hand["wt2"],
        "alpha_year": -by_hand["t"],
        "alpha_param": -by_hand["n"],
        "beta_const": one,
        "beta_const_ptb": by_hand["ptb"],
        "beta_const_wt2": by_hand["wt2"],
        "beta_year": -by_hand["t"],
        "beta_data": -by_hand["d"],
    }
    assert design.parameters == tuple(expected)
    np.testing.assert_allclose(
        design.columns, np.array(list(expected.values())), rtol=ROUNDING, atol=ROUNDING
    )
    assert [(term.exponential, term.start, term.stop) for term in design.terms] == [
        (True, 0, 5),
        (True, 5, 10),
    ]
    assert not design.offset.any()
    assert design.multiplier_parameter == -1


def test_benchmark_interactions_have_a_main_effect_and_dummies(compiled, by_hand):
    design = compiled("m11")
    for name, variable in [("alpha_year", "t"), ("alpha_param", "n"), ("beta_data", "d")]:
        for suffix, dummy in [("", 1.0), ("_ptb", by_hand["ptb"]), ("_wt2", by_hand["wt2"])]:
            (column,) = columns_of(design, name + suffix)
            np.testing.assert_allclose(column, -by_hand[variable] * dummy, atol=ROUNDING)


def test_architectures_share_out_the_rows(compiled, by_hand):
    design = compiled("m13")
    (other,) = columns_of(design, "alpha_param")
    (transformer,) = columns_of(design, "alpha_param_transformer")
    np.testing.assert_allclose(transformer, -by_hand["n"] * by_hand["T"], atol=ROUNDING)
    np.testing.assert_allclose(other + transformer, -by_hand["n"], atol=ROUNDING)
    assert 0 < by_hand["T"].sum() < 231


def test_rates_in_the_logarithm_of_the_calendar_year(compiled, by_hand):
    design = compiled("m14")
    (column,) = columns_of(design, "beta_rate")
    np.testing.assert_allclose(column, -by_hand["d"] * np.log(by_hand["Y"]), rtol=ROUNDING)


def test_one_name_in_two_exponentials_is_one_parameter(compiled, by_hand):
    design = compiled("m12")
    shared = columns_of(design, "rate")
    np.testing.assert_allclose(shared, [-by_hand["t"]] * 2, atol=ROUNDING)
    theta = np.zeros(design.p)
    theta[design.parameters.index("rate")] = 0.07
    np.testing.assert_allclose(prediction(design, theta), 2 * np.exp(-0.07 * by_hand["t"]))


def test_compute_is_measured_from_its_own_minimum(compiled, by_hand):
    """min 6ND is not 6 min N min D: no system is smallest in both."""
    design = compiled("m18")
    assert len(design.terms) == 1
    (column,) = columns_of(design, "alpha_compute")
    np.testing.assert_allclose(column, -by_hand["c"], atol=ROUNDING)
    assert (by_hand["n"] + by_hand["d"]).min() > 0.04
    assert column.max() == 0


def test_a_blank_vocabulary_is_the_benchmarks_own(compiled, by_hand, paper_sample):
    design = compiled("m19")
    assert not design.terms[-1].exponential
    (column,) = columns_of(design, "gamma_vocabulary")
    np.testing.assert_allclose(column, np.log(by_hand["V"]), rtol=ROUNDING)
    assert paper_sample["vocabulary"].null_count() > 0


def test_blank_epochs_are_one(compiled, by_hand, paper_sample):
    (column,) = columns_of(compiled("m20"), "beta_data")
    np.testing.assert_allclose(column, -by_hand["d_effective"], atol=ROUNDING)
    once = paper_sample.with_columns(pl.col("epochs").fill_null(1.0))
    assert paper_sample["epochs"].null_count() > 0
    design = Compiler.of(
        once, {"baseline": "wt103", "definitions": {"wt103": {}, "wt2": {}, "ptb": {}}}
    )
    again = design.rows("x", {"exponentials": [{"a": "-d_effective"}]}, once)
    np.testing.assert_array_equal(again.columns[0], column)


def test_an_unknown_architecture_is_no_transformer(compiler, paper_sample):
    unknown = paper_sample.with_columns(architecture=pl.lit(None, pl.String))
    design = compiler.rows("x", {"exponentials": [{"a": 1, "b0": "n:T"}]}, unknown)
    assert not design.columns[1].any()


@pytest.mark.parametrize("baseline", ["wt103", "ptb", "wt2"])
def test_any_benchmark_can_be_the_baseline(paper_sample, benchmarks, paper_config, baseline):
    compiler = Compiler.of(paper_sample, {**benchmarks, "baseline": baseline})
    others = sorted({"wt103", "wt2", "ptb"} - {baseline})
    assert compiler.levels == (baseline, *others)
    design = compiler.rows("m07", paper_config["variants"]["m07"], paper_sample)
    assert design.parameters[:3] == ("alpha_const", *(f"alpha_const_{name}" for name in others))
    for column, name in zip(design.columns[1:3], others, strict=True):
        np.testing.assert_array_equal(column, (paper_sample["benchmark"] == name).to_numpy())


@pytest.mark.parametrize("present", [["wt2", "ptb"], ["ptb"], ["wt103", "ptb"]])
def test_benchmarks_that_are_absent_have_no_dummy(paper_sample, benchmarks, paper_config, present):
    """The first one present in the order of the configuration stands in for the baseline."""
    part = paper_sample.filter(pl.col("benchmark").is_in(present))
    levels = benchmark_levels(part, Benchmarks.of(benchmarks))
    assert levels[0] == present[0]
    assert set(levels) == set(present)
    design = Compiler.of(part, benchmarks).rows("m07", paper_config["variants"]["m07"], part)
    assert design.p == 10 - 2 * (3 - len(present))


def test_a_fourth_benchmark_needs_no_code(paper_config):
    sample = simulated_sample(np.random.default_rng(4), 60)
    sample = sample.with_columns(
        benchmark=pl.when(pl.col("row") % 4 == 0).then(pl.lit("c4")).otherwise("benchmark"),
        vocabulary=pl.when(pl.col("row") % 4 != 0).then("vocabulary"),
    )
    benchmarks = {
        "baseline": "c4",
        "definitions": {"wt103": {}, "wt2": {}, "ptb": {}, "c4": {"vocabulary": 50257}},
    }
    sample = sample.with_columns(pl.col("vocabulary").fill_null(1e4).alias("vocabulary"))
    compiler = Compiler.of(sample, benchmarks)
    assert compiler.levels == ("c4", "ptb", "wt103", "wt2")
    design = compiler.rows("m11", paper_config["variants"]["m11"], sample)
    assert design.p == 6 * 4
    ends = np.add.reduce(columns_of(design, "alpha_const_wt103")[0])
    assert ends == (sample["benchmark"] == "wt103").sum()


def test_rows_keep_the_origin_of_the_estimation_sample(compiler, paper_sample, paper_config):
    """Resamples and held-out rows are not normalised by themselves."""
    part = paper_sample.slice(40, 9)
    whole = compiler.rows("m20", paper_config["variants"]["m20"], paper_sample)
    alone = compiler.rows("m20", paper_config["variants"]["m20"], part)
    np.testing.assert_array_equal(alone.columns, whole.columns[:, 40:49])
    assert alone.parameters == whole.parameters


def test_rows_of_a_design(compiled):
    design = compiled("everything")
    index = np.array([3, 3, 200, 0])
    mask = np.zeros(231, dtype=bool)
    mask[[0, 5]] = True
    theta = plausible_theta(design, np.random.default_rng(0))
    full = prediction(design, theta)
    np.testing.assert_array_equal(prediction(design.rows(index), theta), full[index])
    np.testing.assert_array_equal(prediction(design.rows(mask), theta), full[mask])
    assert design.rows(index).n == 4


@pytest.mark.parametrize(
    "hold",
    [
        {"alpha_param": 0.3478, "beta_data": 0.3658},
        {"alpha_const_ptb": -0.4},
        {"beta_year": 0.0},
        {"rate": 0.03},
        {"gamma": 1.2},
    ],
)
def test_a_held_parameter_is_that_parameter_at_its_value(compiler, paper_sample, hold):
    spec = {
        "exponentials": [
            {"alpha_const": "1 + b", "rate": "-t", "alpha_param": "-n"},
            {"beta_const": 1, "beta_year": "-t", "rate": "-t", "beta_data": "-d"},
        ],
        "linear": {"gamma": 1},
    }
    free = compiler.rows("x", spec, paper_sample)
    held = compiler.rows("x", {**spec, "hold": hold}, paper_sample)
    assert set(held.parameters) == set(free.parameters) - set(hold)
    theta = plausible_theta(held, np.random.default_rng(1))
    values = dict(zip(held.parameters, theta, strict=True)) | hold
    everything = np.array([values[name] for name in free.parameters])
    np.testing.assert_allclose(prediction(held, theta), prediction(free, everything), rtol=1e-13)


def test_a_multiplier_can_be_held_too(compiler, paper_sample, paper_config):
    spec = {**paper_config["variants"]["m07"], "multiplier": {"gamma": "T"}}
    free = compiler.rows("x", spec, paper_sample)
    held = compiler.rows("x", {**spec, "hold": {"gamma": 2.0}}, paper_sample)
    assert held.p == 10
    theta = plausible_theta(held, np.random.default_rng(1))
    np.testing.assert_allclose(
        prediction(held, theta), prediction(free, np.append(theta, 2.0)), rtol=1e-13
    )


def test_points_in_the_units_of_the_sample(compiler, paper_config, by_hand):
    """Variables not named are 0, V is 1, the benchmark is the baseline, Y follows t."""
    spec = {
        "exponentials": [{"a": "1 + b", "r": "-t", "e": "-n", "y": "log(Y)"}],
        "linear": {"v": "log(V)"},
    }
    design = compiler.points("x", spec, t=np.array([0.0, 2.5]), n=3.0)
    first = by_hand["Y"].min()
    np.testing.assert_allclose(
        design.columns,
        [[1, 1], [0, 0], [0, 0], [0, -2.5], [-3, -3], np.log([first, first + 2.5]), [0, 0]],
        rtol=1e-13,
    )
    on_ptb = compiler.points("x", spec, t=0.0, b="ptb")
    assert on_ptb.columns[1:3, 0].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("wings", "wings"),  # no such variable
        ("-t:(1+wings)", "wings"),
        ("paper", "paper"),  # a column of the sample is not a variable
        ("t +", "the end"),  # not a formula
        ("(t", "the end"),
        ("t$n", "$"),
        ("", "the end"),
        ("0", "the number 0"),
        ("t + n", "2 columns"),  # two columns for one parameter
        ("log(n)", "1 rows"),  # log 0
        ("log(t - 5)", "rows"),  # NaN
        ("2", "2"),
    ],
)
def test_a_formula_that_cannot_be_used_is_one_clear_error(compiler, paper_sample, formula, said):
    spec = {"exponentials": [{"alpha_const": 1}, {"beta_year": formula}]}
    with pytest.raises(InputError) as caught:
        compiler.rows("mine", spec, paper_sample)
    error = caught.value
    assert error.where == "config.yaml"
    assert "variants.mine" in error.place
    assert "beta_year" in error.place
    assert said in str(error.value)
    assert error.fix
    # one printable line, whatever the parser says
    assert str(error).isprintable(), str(error)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"hold": {"alpha_yaer": 0.1}}, "alpha_yaer"),
        ({"hold": {"alpha_const_wt103": 0.1}}, "alpha_const_wt103"),  # the baseline has no dummy
        ({"multiplier": {"gamma": "b"}}, "gamma"),  # three columns
        ({"multiplier": {"alpha_const": "T"}}, "alpha_const"),  # a name already taken
    ],
)
def test_wrong_extensions_are_clear_errors(compiler, paper_sample, paper_config, extra, said):
    with pytest.raises(InputError) as caught:
        compiler.rows("mine", {**paper_config["variants"]["m07"], **extra}, paper_sample)
    assert "variants.mine" in caught.value.place
    assert said in str(caught.value)


def test_an_empty_sample_is_a_clear_error(paper_sample, benchmarks):
    with pytest.raises(InputError, match="no rows"):
        Compiler.of(paper_sample.head(0), benchmarks)


@pytest.fixture
def compile_spec(compiler, paper_sample):
    return lambda spec: compiler.rows("mine", spec, paper_sample)


def test_a_power_outside_braces_is_refused(compile_spec):
    spec = {"exponentials": [{"a": 1, "e": "-n**2"}]}
    with pytest.raises(InputError, match=r"\{n\^2\}"):
        compile_spec(spec)
    assert compile_spec({"exponentials": [{"a": 1, "e": "-{n**2}"}]}).p == 2


def test_a_name_that_dummies_make_is_not_another_parameter(compile_spec):
    with pytest.raises(InputError, match="a_ptb also comes from a"):
        compile_spec({"exponentials": [{"a": "1 + b", "a_ptb": "-t"}]})


def test_reserved_names_are_those_of_draws():
    from algoprog.config.types import RESERVED
    from algoprog.estimators.fit_tables import DRAW_COLUMNS

    assert RESERVED == DRAW_COLUMNS
