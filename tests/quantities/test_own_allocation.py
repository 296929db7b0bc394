"""Growth at the records' own allocation: known laws, the paper's sample, weights and groups."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from independent import USER_VARIANTS
from plain import fit_batch, models_of
from synthetic import refit, tables_of

from algoprog.estimators.converged import predict
from algoprog.model.compiling import compile_variant
from algoprog.model.model import Model
from algoprog.model.slopes import Slopes
from algoprog.model.variant import Variant
from algoprog.quantities.own_allocation import DIRECTIONS, OwnAllocation, trend_share
from algoprog.quantities.own_allocation_tables import (
    every_record,
    growth_by_size_table,
    local_growth_table,
    own_allocation_table,
)
from algoprog.quantities.tables import GROWTH_BY_SIZE
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.scheme import replicate_weights
from algoprog.tables.frames import checked

COMPUTE_LAW = Variant.of(
    "linear", {"exponentials": [{"level": "1 + b"}], "linear": {"pace": "-t", "slope": "-c"}}
)


@pytest.fixture(scope="module")
def sample(paper_sample: pl.DataFrame, paper_config: dict) -> Sample:
    return Sample("paper", paper_sample, Benchmarks.of(paper_config["benchmarks"]))


@pytest.fixture(scope="module")
def m07(sample: Sample, paper_config: dict) -> Model:
    return Model.of(Variant.of("m07", paper_config["variants"]["m07"]), sample)


def theta(model: Model, **values: float) -> np.ndarray:
    assert set(values) == set(model.parameters)
    return np.array([[values[name] for name in model.parameters]])


# Parameters of m07 of about the size that the paper's sample gives.
M07 = {
    "alpha_const": 0.83,
    "alpha_const_ptb": 0.2,
    "alpha_const_wt2": 0.1,
    "alpha_year": 0.03,
    "alpha_param": 0.05,
    "beta_const": 0.5,
    "beta_const_ptb": 0.0,
    "beta_const_wt2": 0.1,
    "beta_year": 0.02,
    "beta_data": 0.04,
}


def test_a_law_linear_in_compute_and_time_grows_at_rate_over_elasticity(sample: Sample) -> None:
    """A record's own derivative is the same everywhere, whatever the direction."""
    model = Model.of(COMPUTE_LAW, sample)
    levels = {name: 1.0 for name in model.parameters if name.startswith("level")}
    at = theta(model, **levels, pace=0.06, slope=0.1)
    form = OwnAllocation.of(model)
    for direction in DIRECTIONS:
        assert form.growth(at, direction) == pytest.approx([0.6], rel=1e-12)
    assert form.local(at[0]) == pytest.approx(np.full(len(sample.rows), 0.6), rel=1e-12)


VARIANTS = [f"m{number:02d}" for number in range(1, 21)]
MOVED = {"t": ("t", "Y"), "n": ("n", "c"), "d": ("d", "d_seen", "d_effective", "c")}


@pytest.mark.parametrize("name", VARIANTS)
def test_slopes_are_those_of_finite_differences(name, sample: Sample, paper_config: dict) -> None:
    """Of every formula: the variant compiled a small step away, on both sides."""
    model = Model.of(Variant.of(name, paper_config["variants"][name]), sample)
    at = 0.05 * np.random.default_rng(3).standard_normal((2, len(model.parameters)))
    slopes, values, h = Slopes.of(model).at(at), model.units.of_rows(sample.rows), 1e-4
    for along, names in MOVED.items():
        losses = []
        for step in (h, -h):
            there = {key: value + step if key in names else value for key, value in values.items()}
            design = compile_variant(model.variant, there, model.units.levels)
            losses.append([predict(design, one) for one in at])
        differences = (np.array(losses[0]) - np.array(losses[1])) / (2 * h)
        assert slopes[along] == pytest.approx(differences, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", [*VARIANTS, "linear", "transformer", "everything"])
def test_the_derivative_of_growth_is_that_of_differences(
    name, sample: Sample, paper_config: dict
) -> None:
    spec = (paper_config["variants"] | USER_VARIANTS)[name]
    model = Model.of(Variant.of(name, spec), sample)
    if not model.variant.uses("t", "Y"):
        return
    at = 0.02 + 0.03 * np.random.default_rng(4).random(len(model.parameters))
    form, moves = OwnAllocation.of(model), 1e-6 * np.eye(len(at))
    for direction in ("alike", "data", "trend"):
        differences = form.growth(at + moves, direction) - form.growth(at - moves, direction)
        found = form.gradient(at, direction)
        assert found == pytest.approx(differences / 2e-6, rel=1e-5, abs=1e-7)


def test_the_closed_form_can_be_wrong_by_half_where_the_records_are(m07: Model) -> None:
    """Of two rates that differ, the closed form adds both; a record feels the larger term's."""
    at = theta(m07, **{**M07, "beta_const": -3.0, "beta_year": 0.2})  # data hardly matter here
    closed = 0.03 / 0.05 + 0.2 / 0.04
    growth = OwnAllocation.of(m07).growth(at)[0]
    assert closed == pytest.approx(5.6)
    assert 1.2 < growth < closed / 2


def test_a_simulated_law_is_recovered_from_its_fit(
    m07: Model, paper_sample: pl.DataFrame, paper_config: dict
) -> None:
    """Loss of a law that falls at 0.7 a year for its elasticities, with noise, fitted again."""
    names, growth = m07.parameters, 0.7
    values = {**M07, "alpha_year": 0.05 * growth / 2, "beta_year": 0.04 * growth / 2}
    loss = predict(m07.design, np.array([values[name] for name in names]))
    noisy = loss + 0.02 * np.random.default_rng(8).standard_normal(len(loss))
    sample = paper_sample.with_columns(perplexity=pl.Series(np.exp(noisy)))
    specs = {"m07": paper_config["variants"]["m07"]}
    _, found = fit_batch(
        sample, specs, [0.0], "converged", "own", "paper", paper_config["benchmarks"]
    )
    estimates = dict(zip(found["term"], found["estimate"], strict=True))
    at = np.array([[estimates[name] for name in names]])
    assert OwnAllocation.of(m07).growth(at)[0] == pytest.approx(growth, rel=0.06)
    wrong = np.array([[values[name] * (1.3 if "year" in name else 1.0) for name in names]])
    assert OwnAllocation.of(m07).growth(wrong)[0] == pytest.approx(1.3 * growth, rel=1e-9)


def test_directions_are_ratios_of_the_same_sums(m07: Model) -> None:
    at = theta(m07, **M07)
    form = OwnAllocation.of(m07)
    n, d = form.growth(at, "parameters")[0], form.growth(at, "data")[0]
    assert form.growth(at)[0] == pytest.approx(2 / (1 / n + 1 / d), rel=1e-12)
    share = form.share["trend"]
    assert 0 < share < 1
    trend = form.growth(at, "trend")[0]
    assert 1 / trend == pytest.approx((1 - share) / n + share / d, rel=1e-12)


def test_weights_are_repeats_and_groups_are_samples_of_their_rows(m07: Model) -> None:
    at = np.vstack([theta(m07, **M07), theta(m07, **{**M07, "alpha_year": 0.05})])
    form = OwnAllocation.of(m07)
    weights = np.random.default_rng(1).integers(0, 3, size=(2, m07.design.n)).astype(float)
    index = [np.repeat(np.arange(m07.design.n), w.astype(int)) for w in weights]
    for i, rows in enumerate(index):
        part = Model(m07.variant, replace(m07.sample, rows=m07.sample.rows[rows]), m07.units)
        again = OwnAllocation.of(part).growth(at[[i]])
        assert form.growth(at, weights=weights)[i] == pytest.approx(again[0], rel=1e-12)
    groups = {(one.benchmark, one.period): one for one in form.groups((2019, 1900))}
    assert list(groups) == [
        *(("all", "all"), ("ptb", "all"), ("wt103", "all"), ("wt2", "all"), ("all", "since_2019"))
    ]
    assert groups["all", "since_2019"].rows.sum() == (form.year >= 2019).sum()


def test_loss_that_rises_with_compute_has_no_growth(m07: Model) -> None:
    at = theta(m07, **{**M07, "alpha_param": -0.05, "beta_data": -0.01})
    form = OwnAllocation.of(m07)
    assert np.isnan(form.growth(at)).all()
    assert np.isnan(form.local(at[0])).all()


@pytest.mark.parametrize(
    ("tokens", "share"), [([1.0, 3.0, 5.0], 2 / 3), ([3.0, 2.0, 1.0], 0.0), ([2.0, 2.0, 2.0], 0.0)]
)
def test_the_trend_of_data_on_parameters(tokens: list[float], share: float) -> None:
    assert trend_share(np.array([0.0, 1.0, 2.0]), np.array(tokens)) == pytest.approx(share)
    assert trend_share(np.full(3, 7.0), np.array(tokens)) == 0.5


def test_units_of_time_and_scale_change_nothing(m07: Model) -> None:
    """Growth is per year whatever the origins: levels absorb them."""
    at = theta(m07, **M07)
    months = 12 * math.log(2) / OwnAllocation.of(m07).growth(at)[0]
    origin = replace(m07.units.origin, first_year=1900.0, log_parameters=0.0, log_tokens=0.0)
    moved = Model(m07.variant, m07.sample, replace(m07.units, origin=origin))
    years = m07.units.origin.first_year - 1900.0
    shift = {
        "alpha_const": 0.03 * years + 0.05 * m07.units.origin.log_parameters,
        "beta_const": 0.02 * years + 0.04 * m07.units.origin.log_tokens,
    }
    there = theta(moved, **{name: value + shift.get(name, 0.0) for name, value in M07.items()})
    assert 12 * math.log(2) / OwnAllocation.of(moved).growth(there)[0] == pytest.approx(
        months, rel=1e-9
    )


# ---- tables


@pytest.fixture(scope="module")
def tables(compiler, paper_sample, paper_config):
    """A drawn analysis of m07, and fits without draws of m07, m16 (no progress) and m14."""
    variants, benchmarks = paper_config["variants"], paper_config["benchmarks"]
    converged = {"estimator": "converged", "resampling": "papers"}
    drawn = refit(compiler, "m07", variants["m07"], seed=1, replicates=30, **converged)
    others = [refit(compiler, name, variants[name], seed=2) for name in ("m07", "m16", "m14")]
    models = models_of({"paper": paper_sample}, variants, benchmarks)
    fits, parameters = tables_of([drawn, *others])
    made = own_allocation_table(fits, parameters, models, [drawn, drawn], [2019], seed=7)
    return made, drawn, others, models


def test_every_fit_that_progresses_has_rows_in_each_direction(tables) -> None:
    made, *_ = tables
    found = made.group_by("variant", "estimator", "resampling").len().sort("variant", "estimator")
    # five groups of rows in four directions with draws, all rows alone without
    assert found.rows() == [
        ("m07", "converged", "papers", 20), ("m07", "published", "none", 4),
        ("m14", "published", "none", 4),
    ]  # fmt: skip
    assert made.filter(pl.col("resampling") == "none")["n_draws"].is_null().all()


def test_draws_weigh_the_rows_that_they_were_fitted_to(tables) -> None:
    made, drawn, _, models = tables
    model = models.of_analysis(drawn)
    form, papers = OwnAllocation.of(model), model.observed("own").papers
    weights = np.array(
        [replicate_weights(7, "m07", 0.0025, i, papers, "papers") for i in range(30)]
    )
    theta = drawn.draws.select(model.parameters).to_numpy()
    growth = form.growth(theta, "data", weights, form.year >= 2019)
    row = made.filter(
        pl.col("resampling") == "papers",
        pl.col("direction") == "data",
        pl.col("period") == "since_2019",
    ).row(0, named=True)
    assert row["growth_median"] == pytest.approx(np.median(growth), rel=1e-12)
    assert row["n_draws"] == 30 and row["share_refused"] == 0.0
    assert row["median"] == pytest.approx(12 * math.log(2) / np.median(growth), rel=1e-12)


def test_draws_without_growth_are_counted_and_left_out(tables) -> None:
    _, drawn, _, models = tables
    falling = pl.col("replicate") < 6
    wrong = drawn.draws.with_columns(
        alpha_param=pl.when(falling).then(-1.0).otherwise("alpha_param"),
        beta_data=pl.when(falling).then(-1.0).otherwise("beta_data"),
    )
    table = own_allocation_table(
        *tables_of([drawn]), models, [replace(drawn, draws=wrong)], [], seed=7
    )
    row = every_record(table).row(0, named=True)
    assert (row["n_draws"], row["share_refused"]) == (24, pytest.approx(0.2))


def test_growth_by_size_is_that_of_the_systems_of_each_class(tables, paper_sample) -> None:
    _, drawn, others, models = tables
    made = growth_by_size_table(*tables_of([drawn, *others]), models, [drawn, drawn], drawn, 7)
    checked(GROWTH_BY_SIZE, made)
    own = made.filter(pl.col("variant") == "m07", pl.col("resampling") == "papers")
    assert own["parameters_from"].to_list() == [0.0, 1e7, 1e8, 1e9]
    assert own["n"].sum() == paper_sample.height
    model = models.of_analysis(drawn)
    large = paper_sample["parameters"].cast(float).to_numpy() >= 1e9
    theta = np.array([list(drawn.estimates.values())])
    growth = OwnAllocation.of(model).growth(theta, rows=large)[0]
    row = own.row(-1, named=True)
    assert (row["n"], row["growth_point"]) == (int(large.sum()), pytest.approx(growth))
    assert row["ci95_low"] < row["ci95_high"] and row["n_draws"] == 30


def test_each_record_has_its_growth_and_its_allocation(tables, paper_sample) -> None:
    _, drawn, _, models = tables
    model = models.of_analysis(drawn)
    local = local_growth_table(model, drawn)
    assert local.height == paper_sample.height
    ratio = paper_sample["dataset_tokens"] / paper_sample["parameters"]
    assert local["tokens_per_parameter"].to_list() == pytest.approx(ratio.to_list())
    months = 12 * math.log(2) / local["growth"]
    assert local["doubling_time"].to_list() == pytest.approx(months.to_list())
    whole = OwnAllocation.of(model).growth(np.array([list(drawn.estimates.values())]))[0]
    assert local["growth"].min() < whole < local["growth"].max()


# --- laws whose progress depends on scale --------------------------------------------------------


def scale_law(
    name: str, sample: Sample, paper_config: dict, **values: float
) -> tuple[Model, np.ndarray]:
    """A variant of the configuration at M07's parameters, where it has them, and at its own."""
    model = Model.of(Variant.of(name, paper_config["variants"][name]), sample)
    known = {**M07, **values}
    return model, theta(model, **{one: known[one] for one in model.parameters})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("rate_by_scale", {"alpha_year_scale": 0.0, "beta_year_scale": 0.0}),
        ("rate_by_size", {"alpha_year_large": 0.03, "beta_year_large": 0.02}),
    ],
)
def test_laws_without_an_effect_of_scale_are_m07(
    name: str, values: dict[str, float], sample: Sample, m07: Model, paper_config: dict
) -> None:
    model, at = scale_law(name, sample, paper_config, **values)
    assert model.closed_form is None
    same = OwnAllocation.of(m07).growth(theta(m07, **M07))
    assert OwnAllocation.of(model).growth(at) == pytest.approx(same, rel=1e-12)


def test_growth_by_size_has_the_rates_of_its_systems(
    sample: Sample, m07: Model, paper_config: dict
) -> None:
    model, at = scale_law(
        "rate_by_size", sample, paper_config, alpha_year_large=0.09, beta_year_large=0.06
    )
    large = sample.rows["parameters"].to_numpy() >= 1e8
    assert 50 < large.sum() < 150
    # of large systems near three times: their exponentials have other weights beside one another
    for rows, factor, near in ((large, 3.0, 0.05), (~large, 1.0, 1e-12)):
        before = OwnAllocation.of(m07).growth(theta(m07, **M07), rows=rows)
        after = OwnAllocation.of(model).growth(at, rows=rows)
        assert after == pytest.approx(factor * before, rel=near)


def test_a_rate_that_rises_with_scale_is_faster_for_large_systems(
    sample: Sample, paper_config: dict
) -> None:
    model, at = scale_law(
        "rate_by_scale", sample, paper_config, alpha_year_scale=0.01, beta_year_scale=0.01
    )
    growth = OwnAllocation.of(model)
    large = sample.rows["parameters"].to_numpy() >= 1e8
    assert growth.growth(at, rows=large)[0] > growth.growth(at, rows=~large)[0]


def test_curvature_in_compute(sample: Sample, paper_config: dict) -> None:
    """With c^2 a record's growth is rate / (slope + 2 c curvature)."""
    model, at = scale_law("curved", sample, paper_config, alpha_compute=0.03, alpha_curvature=0.001)
    assert model.closed_form is None
    c = model.units.of_rows(sample.rows)["c"]
    local = OwnAllocation.of(model).at(at).local("alike")[0]
    assert local == pytest.approx(0.03 / (0.03 + 2 * 0.001 * c), rel=1e-9)
