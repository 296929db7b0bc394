"""Unobserved quality: its bounds against least squares by hand, and simulated bias."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from algoprog.common.errors import InputError
from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.robustness.endogeneity import (
    QUALITY,
    TREATMENTS,
    Fitted,
    Law,
    benchmark_dummies,
    endogeneity_tables,
    partial_r2,
    residual,
)
from algoprog.robustness.endogenous_compute import World, endogenous_table
from algoprog.robustness.identification import identification_table
from algoprog.robustness.settling import Addition, Enlarged, settling_table

RANDOM = np.random.default_rng(7)


@pytest.fixture(scope="module")
def sample(paper_sample: pl.DataFrame, paper_config: dict) -> Sample:
    return Sample("paper", paper_sample, Benchmarks.of(paper_config["benchmarks"]))


@pytest.fixture(scope="module")
def linear(sample: Sample, paper_config: dict) -> Model:
    return Model.of(Variant.of("linear", paper_config["variants"]["linear"]), sample)


@pytest.fixture(scope="module")
def m07(sample: Sample, paper_config: dict) -> Model:
    return Model.of(Variant.of("m07", paper_config["variants"]["m07"]), sample)


@pytest.fixture(scope="module")
def law(linear: Model) -> Law:
    return Law.of(Fitted.of(linear, "own", 0.0))


def rate_over_elasticity(design: np.ndarray, loss: np.ndarray) -> float:
    """Growth of a linear law whose first two columns are t and c."""
    rate, elasticity = np.linalg.lstsq(design, loss, rcond=None)[0][:2]
    return float(rate / elasticity)


def test_an_omitted_quality_moves_growth_as_the_bound_says(linear: Model, law: Law) -> None:
    """Least squares with the quality gives what its partial R2 say, whatever it is."""
    values = linear.units.of_rows(linear.sample.rows)
    loss = linear.observed("own").response
    base = np.column_stack([values["t"], values["c"], benchmark_dummies(linear)])
    given = np.column_stack([values["t"], benchmark_dummies(linear)])
    alone = residual(values["c"], given)
    for strength in (0.5, 2.0):
        # a quality that is orthogonal to all but compute, and related to what is left of loss
        noise = residual(RANDOM.standard_normal(len(loss)), np.column_stack([base]))
        noise += 0.4 * residual(loss, base) / residual(loss, base).std()
        quality = strength * alone / alone.std() - noise / noise.std()
        of_treatment = partial_r2(values["c"], given, quality[:, None])
        of_loss = partial_r2(loss, base, quality[:, None])
        treated = law.treated("compute")
        assert treated.shared == pytest.approx(1.0)
        ends = [
            float(treated.moved(np.array([of_treatment]), np.array([of_loss]), sign)[0])
            for sign in QUALITY
        ]
        with_it = rate_over_elasticity(np.column_stack([base, quality]), loss)
        assert min(abs(end / with_it - 1) for end in ends) < 1e-6
        assert abs(law.point / with_it - 1) > 0.01


def test_the_robustness_value_is_that_of_cinelli_and_hazlett(linear: Model, law: Law) -> None:
    """For no growth the coefficient of date is nulled: RV = (sqrt(f^4 + 4 f^2) - f^2) / 2."""
    values = linear.units.of_rows(linear.sample.rows)
    loss = linear.observed("own").response
    given = np.column_stack([values["c"], benchmark_dummies(linear)])
    square = partial_r2(loss, given, values["t"][:, None])
    f = np.sqrt(square / (1 - square))
    expected = (np.sqrt(f**4 + 4 * f**2) - f**2) / 2
    only_date = law.treated("date")
    treated = type(only_date).of(law, values["t"], given)
    value = treated.robustness_value(0.0, -1.0)
    assert value == pytest.approx(expected, abs=2e-3)
    assert treated.alone(value) == pytest.approx(square, abs=2e-3)
    at = np.array([value])
    assert treated.moved(at, at, -1.0)[0] == pytest.approx(0.0, abs=1e-6)
    assert treated.robustness_value(0.0, 1.0) is None  # the other sign makes growth larger
    half = treated.robustness_value(0.5 * law.point, -1.0)
    assert 0 < half < value


def test_a_stronger_law_needs_a_stronger_quality(linear: Model) -> None:
    """Without the scatter of loss around the law no quality is left to be strong."""
    rows, fitted = linear.sample.rows, Law.of(Fitted.of(linear, "own", 0.0))
    loss = fitted.loss - 0.9 * fitted.left
    sharper = replace(linear, sample=replace(linear.sample, rows=rows.with_columns(
        perplexity=pl.Series(np.exp(loss)))))  # fmt: skip
    again = Law.of(Fitted.of(sharper, "own", 0.0))
    assert again.point == pytest.approx(fitted.point, rel=1e-6)
    values = [law.treated("date").robustness_value(0.0, -1.0) for law in (fitted, again)]
    assert values[1] > 1.3 * values[0]


def test_tables_have_every_law_treatment_and_target(law: Law, m07: Model) -> None:
    table, covariates = endogeneity_tables([law, Law.of(Fitted.of(m07, "own", 0.0025))])
    assert table.height == 2 * len(TREATMENTS) * 2
    for _, rows in table.group_by("variant", "treatment"):
        half, none = rows.sort("target")["robustness_value"].to_list()
        if half is not None and none is not None:
            assert 0 < half < none < 1
        assert ((rows["robustness_value"].is_null()) == (rows["reason"].is_not_null())).all()
    assert (table["treatment_alone"].drop_nulls() < table["robustness_value"].drop_nulls()).all()
    m07_rows = table.filter(pl.col("variant") == "m07")
    assert m07_rows["point"].to_numpy() == pytest.approx(11.82, abs=0.01)
    assert set(covariates["covariate"]) == {"architecture", "vocabulary", "epochs", "benchmark"}
    assert covariates["r2_treatment"].is_between(0, 1).all()
    for row in covariates.iter_rows(named=True):
        point = law.point if row["variant"] == "linear" else m07_rows["growth_point"][0]
        assert row["growth_low"] <= point * (1 + 1e-9) and row["growth_high"] >= point * (1 - 1e-9)


def test_a_treatment_that_does_not_vary_is_a_row_that_says_so(linear: Model) -> None:
    rows = linear.sample.rows.with_columns(dataset_tokens=pl.lit(1e8))
    changed = Model.of(linear.variant, replace(linear.sample, rows=rows))
    same = Law.of(Fitted.of(changed, "own", 0.0))
    table, covariates = endogeneity_tables([same])
    data = table.filter(pl.col("treatment") == "data")
    assert data["reason"].str.contains("nothing of it varies").all()
    assert "data" not in covariates["treatment"].to_list()


# ---- compute that follows quality


def test_compute_that_follows_quality_hides_progress(linear: Model) -> None:
    """More compute with better quality makes estimates too slow, less makes them too fast."""
    world = World.of(Fitted.of(linear, "own", 0.0))
    table = endogenous_table([world], [-0.9, 0.0, 0.9], 12)
    own = table.filter(pl.col("definition") == "own_allocation").sort("correlation")
    fast, fair, slow = own["ratio"].to_list()
    assert fair == pytest.approx(1.0, abs=0.15)
    assert fast > 1.5 and slow < 0.6
    assert own["true_growth"].n_unique() == 1
    # in a linear law the bias of the elasticity is the quality's part of investment
    quality = 0.9 * world.quality
    elasticity = world.theta[-1]
    spread = float(np.std(residual(
        linear.units.of_rows(linear.sample.rows)["c"],
        np.column_stack([benchmark_dummies(linear),
                         linear.units.of_rows(linear.sample.rows)["t"]]),
    )))  # fmt: skip
    estimates = world.estimates(0.9, 12)[:, -1]
    assert np.mean(estimates) == pytest.approx(elasticity + quality / spread, rel=0.05)


def test_a_sample_of_one_paper_is_refused(linear: Model) -> None:
    rows = linear.sample.rows.with_columns(paper=pl.lit("one"))
    changed = Model.of(linear.variant, replace(linear.sample, rows=rows))
    with pytest.raises(InputError, match="1 papers"):
        World.of(Fitted.of(changed, "own", 0.0))


# ---- which records identify it


def test_the_papers_sample_is_identified_by_few_records(m07: Model) -> None:
    table = identification_table(Fitted.of(m07, "own", 0.0025), 1e9)
    measures = {(row["measure"], row["of"]): row for row in table.iter_rows(named=True)}
    large = measures["large_data", "all"]
    assert (large["n"], large["papers"]) == (36, 19)
    assert sum(row["measure"] == "large_data" for row in table.iter_rows(named=True)) == 20
    shares = [measures["modal_data", name]["share"] for name in ("wt103", "ptb", "wt2")]
    assert 0.62 < min(shares) and max(shares) < 0.86  # noqa: SIM300
    without, every = (measures["estimate", of] for of in ("without_large_data", "all"))
    assert (without["n"], every["n"]) == (195, 231)
    assert every["own_allocation"] == pytest.approx(11.82, abs=0.01)
    assert without["own_allocation"] < 0.7 * every["own_allocation"]


def test_inflation_is_one_for_what_is_unrelated(linear: Model) -> None:
    """And large where one variable is nearly another."""
    n = linear.sample.rows.height
    rng = np.random.default_rng(3)
    counts = np.exp(rng.normal(15, 2, size=(2, n)))
    apart = linear.sample.rows.with_columns(
        parameters=pl.Series(counts[0]), dataset_tokens=pl.Series(counts[1])
    )
    alike = apart.with_columns(
        dataset_tokens=pl.col("parameters") * pl.Series(np.exp(rng.normal(0, 0.1, n)))
    )
    found = []
    for rows in (apart, alike):
        model = Model.of(linear.variant, replace(linear.sample, rows=rows))
        table = identification_table(Fitted.of(model, "own", 0.0), 1e30)
        inflation = table.filter(pl.col("measure") == "inflation", pl.col("of") == "n")
        found.append(inflation["value"][0])
    assert found[0] == pytest.approx(1.0, abs=0.1)
    assert found[1] > 100


# ---- what would settle it


def test_more_runs_narrow_estimates_and_a_precise_sweep_most(m07: Model) -> None:
    world = World.of(Fitted.of(m07, "own", 0.0025))
    many = Addition(400, (2013, 2026), (1e18, 1e24), (1, 300))
    sweep = Addition(200, (2023, 2023), (1e18, 1e22), (1, 500), 0.02)
    table = settling_table(world, {"many": many, "sweep": sweep}, 16)
    ratios = {
        (row["scenario"], row["definition"]): row["ratio"] for row in table.iter_rows(named=True)
    }
    assert ratios["none", "own_allocation"] == ratios["none", "closed_form"] == 1
    assert ratios["many", "own_allocation"] < 0.8
    assert ratios["sweep", "closed_form"] < 0.7


def test_a_sweep_has_a_level_of_its_own(m07: Model) -> None:
    """A study that is off by any constant says the same of exponents."""
    world = World.of(Fitted.of(m07, "own", 0.0025))
    sweep = Addition(50, (2023, 2023), (1e18, 1e22), (1, 500), 0.02)
    enlarged = Enlarged.of(world, sweep, "sweep")
    assert enlarged.design.n == 231 + 50
    assert enlarged.design.p == world.task.design.p + 1
    assert not enlarged.design.penalised[-1] and enlarged.design.penalised[:-1].all()
    assert enlarged.weights[-1] > 50 * enlarged.weights[0]
    # a record weighs against the penalty what it weighed
    share = enlarged.weights[0] / enlarged.weights.sum()
    assert enlarged.delta / share == pytest.approx(world.task.delta * 231)
    first, again = enlarged.theta(0), enlarged.theta(0)
    assert np.array_equal(first, again) and len(first) == world.task.design.p
