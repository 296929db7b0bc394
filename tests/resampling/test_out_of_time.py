"""Out-of-time hold-out: what is trained on, what is predicted, and how errors are compared."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

from algoprog.estimators.estimator import ESTIMATORS, Task
from algoprog.model.model import Model
from algoprog.model.variant import Variant, Variants
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.baselines import BASELINES, Baseline, held_out_errors
from algoprog.resampling.out_of_time import (
    Candidates,
    Comparison,
    Prediction,
    Redrawn,
    Split,
    baseline,
    hold_out_tables,
    predicted,
)
from algoprog.resampling.ranking_table import ranking_table


@pytest.fixture(scope="module")
def sample(paper_sample: pl.DataFrame, paper_config: dict) -> Sample:
    return Sample("paper", paper_sample, Benchmarks.of(paper_config["benchmarks"]))


@pytest.fixture(scope="module")
def variants(paper_config: dict) -> dict[str, Variant]:
    return {name: Variant.of(name, spec) for name, spec in paper_config["variants"].items()}


def test_a_split_is_by_date_and_counts_what_it_cannot_predict(sample: Sample) -> None:
    split = Split.of(sample, 2020)
    assert split.train.rows["published"].max() < datetime.date(2020, 1, 1)
    assert split.test["published"].min() >= datetime.date(2020, 1, 1)
    assert (split.train.rows.height, split.test.height, split.n_unknown) == (124, 107, 0)
    only = sample.rows.filter(
        (pl.col("published") >= datetime.date(2020, 1, 1)) | (pl.col("benchmark") == "ptb")
    )
    split = Split.of(Sample("paper", only, sample.benchmarks), 2020)
    assert set(split.test["benchmark"]) == {"ptb"}
    assert split.n_unknown == 107 - split.test.height > 0


@pytest.mark.parametrize(
    ("year", "variant", "rmse"),
    [(2020, "m07", 0.276), (2020, "m16", 0.328), (2020, "m03", 0.229), (2022, "m07", 0.246)],
)
def test_errors_on_the_papers_sample(
    sample: Sample, variants: dict[str, Variant], year: int, variant: str, rmse: float
) -> None:
    split = Split.of(sample, year)
    made = predicted(split, variants[variant], 0.0025, ESTIMATORS["converged"], "own")
    assert made.rmse == pytest.approx(rmse, abs=0.0005)


def test_a_law_of_the_training_rows_is_predicted_exactly(sample: Sample) -> None:
    """Perplexities that follow a baseline's own law leave no error out of time."""
    c = np.log(sample.rows["parameters"] * sample.rows["dataset_tokens"]).to_numpy()
    year = sample.rows["published"].dt.year().to_numpy() + (
        (sample.rows["published"].dt.ordinal_day().to_numpy() - 1) / 365.0
    )
    loss = 9.0 - 0.1 * c - 0.05 * (year - 2012) + 0.2 * (sample.rows["benchmark"] == "ptb")
    rows = sample.rows.with_columns(perplexity=pl.Series(np.exp(loss)))
    split = Split.of(Sample("paper", rows, sample.benchmarks), 2020)
    assert np.abs(baseline(split, "loss_on_c_t", "own").errors).max() < 1e-10
    assert baseline(split, "mean", "own").rmse > 0.1
    assert baseline(split, "loss_on_c", "own").rmse > 0.01


def test_baselines_against_least_squares_by_hand(sample: Sample) -> None:
    split = Split.of(sample, 2021)
    train, test = split.train.rows, split.test
    for benchmark in ("wt103", "ptb", "wt2"):
        of = pl.col("benchmark") == benchmark
        mean = np.log(train.filter(of)["perplexity"]).mean()
        errors = baseline(split, "mean", "own").errors[(test["benchmark"] == benchmark).to_numpy()]
        expected = np.log(test.filter(of)["perplexity"].to_numpy()) - mean
        assert errors == pytest.approx(expected, abs=1e-12)


def test_differences_resample_whole_papers() -> None:
    worse = Prediction("a", None, np.array([2.0, 2.0, 1.0, 1.0]))
    better = Prediction("b", None, np.array([1.0, 1.0, 1.0, 1.0]))
    redrawn = Redrawn.of(np.array([0, 0, 1, 1]), seed=1)
    found = worse.against(better, redrawn)
    assert found["difference"] == 1.5
    # two papers of two rows: the mean is 0, 1.5 or 3
    ends = [found[f"difference_{end}"] for end in ("ci95_low", "median", "ci95_high")]
    assert ends == [0.0, 1.5, 3.0]
    assert better.against(worse, redrawn)["difference"] == -1.5
    assert worse.bias == 1.5 and worse.rmse == pytest.approx(np.sqrt(2.5))


def tables(
    sample: Sample, years: list[int], variants: dict[str, Variant], *names: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    chosen = Variants({name: variants[name] for name in names})
    errors = Candidates(chosen, (0.0025, 0.01)).errors(sample, years, "converged", "own")
    comparison = Comparison("m16", 0.0025, names, {"converged": "own"})
    return hold_out_tables(sample, errors, comparison)


def test_rows_have_candidates_and_baselines(sample: Sample, variants: dict[str, Variant]) -> None:
    table, differences = tables(sample, [2022, 1900, 2100], variants, "m07", "m16")
    assert table["cutoff"].unique().to_list() == [2022]
    assert table["model"].to_list() == ["m07", "m07", "m16", "m16", *BASELINES]
    reference = table.filter(pl.col("model") == "m16")
    assert reference["difference"].to_list() == [0.0, 0.0]
    better = table.filter(pl.col("model") == "m07")
    assert (better["difference"] < 0).all() and (better["difference_ci95_high"] < 0.05).all()
    of_m16 = dict(reference.select("delta", "rmse").iter_rows())
    for row in better.iter_rows(named=True):
        assert row["difference"] == pytest.approx(row["rmse"] ** 2 - of_m16[row["delta"]] ** 2)
    line = table.filter(pl.col("model") == "loss_on_c_t").row(0, named=True)
    assert line["difference"] == pytest.approx(line["rmse"] ** 2 - of_m16[0.0025] ** 2)
    assert sorted(table["rank"].to_list()) == list(range(1, table.height + 1))
    assert table.sort("rank")["rmse"].is_sorted()

    rmse = {(row["model"], row["delta"]): row["rmse"] for row in table.iter_rows(named=True)}
    assert differences.height == 4 * len(BASELINES)
    for row in differences.iter_rows(named=True):
        expected = rmse[row["model"], row["delta"]] ** 2 - rmse[row["against"], None] ** 2
        assert row["difference"] == pytest.approx(expected)
        assert row["difference_ci95_low"] <= row["difference_ci95_high"]


def test_a_reference_that_is_not_told_is_compared_with(
    sample: Sample, variants: dict[str, Variant]
) -> None:
    chosen = Variants({name: variants[name] for name in ("m16", "m18")})
    errors = Candidates(chosen, (0.0025,)).errors(sample, [2022], "converged", "own")
    comparison = Comparison("m16", 0.0025, ("m18",), {"converged": "own"})
    table, _ = hold_out_tables(sample, errors, comparison)
    assert "m16" not in table["model"].to_list()
    assert table["difference"].is_not_null().all()


def test_too_few_training_rows_are_a_row_that_says_so(
    sample: Sample, variants: dict[str, Variant]
) -> None:
    order = sample.rows.sort("published")
    few = Sample("paper", pl.concat([order.head(3), order.tail(30)]), sample.benchmarks)
    table, differences = tables(few, [2020], variants, "m11", "m16")
    refused = table.filter(pl.col("model").is_in(["m11", "m16"]))
    assert refused["rmse"].is_null().all() and refused["reason"].is_not_null().all()
    others = table.filter(pl.col("delta").is_null())
    assert others["rmse"].is_not_null().all()
    assert others["difference"].is_null().all()  # the reference could not be fitted
    assert differences.is_empty()


def test_held_out_errors_of_a_baseline_by_hand(sample: Sample) -> None:
    """The mean of a benchmark without a paper is that of the other papers' rows."""
    errors = held_out_errors(sample, "mean", "own", "papers")
    y = np.log(sample.rows["perplexity"].to_numpy())
    row = 17
    other = sample.rows["paper"] != sample.rows["paper"][row]
    same = sample.rows["benchmark"] == sample.rows["benchmark"][row]
    assert errors[row] == pytest.approx(y[row] - y[(other & same).to_numpy()].mean())
    by_row = held_out_errors(sample, "mean", "own", "rows")
    assert np.nanmean(by_row**2) < np.nanmean(errors**2)


def test_the_ranking_has_variants_and_simple_laws(
    sample: Sample, variants: dict[str, Variant]
) -> None:
    table, _ = tables(sample, [2020, 2022], variants, "m16", "linear")
    scored = {"variant": ["linear", "m16"], "delta": [0.01, 0.01], "scheme": ["papers"] * 2}
    held_out = pl.DataFrame({**scored, "estimator": ["converged"] * 2, "mse": [0.04, 9.0]})
    ranking = ranking_table(sample, "own", held_out, table)
    assert ranking.height == 4 + len(BASELINES)
    by_name = {(row["model"], row["delta"]): row for row in ranking.iter_rows(named=True)}
    best, worst = by_name["linear", 0.01], by_name["m16", 0.01]
    assert (best["held_out_rank"], worst["held_out_rank"]) == (1, 2 + len(BASELINES))
    squares = [row["rmse"] ** 2 for row in table.iter_rows(named=True) if row["model"] == "mean"]
    assert by_name["mean", None]["out_of_time"] == pytest.approx(np.mean(squares))
    assert by_name["mean", None]["held_out"] == pytest.approx(
        np.mean(held_out_errors(sample, "mean", "own", "papers") ** 2)
    )
    assert by_name["m16", 0.0025]["held_out"] is None  # not cross-validated here
    assert sorted(ranking["out_of_time_rank"].to_list()) == list(range(1, ranking.height + 1))


def test_the_linear_law_grows_at_rate_over_elasticity(
    sample: Sample, variants: dict[str, Variant]
) -> None:
    """By every definition of growth; and its fit without a penalty is that of least squares."""
    model = Model.of(variants["linear"], sample)
    task = Task.of(model, "own", 0.0)
    fit = ESTIMATORS["converged"].fit(task)
    growth = fit.estimates()["gamma_year"] / fit.estimates()["gamma_compute"]
    assert OwnAllocation.of(model).growth(fit.theta[None])[0] == pytest.approx(growth)
    assert model.closed_form.compute_growth(fit.theta[None])[0] == pytest.approx(growth)
    scaling = OptimalScaling.of(model, compute=1e25, year=2023.0).growth(fit.theta[None])
    assert scaling["all"][0] == pytest.approx(growth)
    one = Baseline("loss_on_c_t", model.units)
    columns = one.columns(sample.rows)
    fitted = one.predict(columns, task.response, columns)
    assert fit.mean_square == pytest.approx(np.mean((task.response - fitted) ** 2), rel=1e-9)


def test_time_in_two_terms_has_no_closed_form(sample: Sample, variants: dict[str, Variant]) -> None:
    both = variants["m16"].with_linear({"gamma_year": "-t", "gamma_compute": "-c"})
    assert Model.of(both, sample).closed_form is None


def test_errors_beyond_every_number_are_infinite_and_never_nan() -> None:
    papers = np.array([0, 0, 1, 2])
    redrawn = Redrawn.of(papers, 1)
    plain = Prediction("m07", 0.0025, np.array([0.1, -0.2, 0.3, 0.1]))
    large = Prediction("m11", 0.0, np.array([-1e200, 0.0, 0.0, 0.0]))
    without = Prediction("m10", 0.0, np.array([-np.inf, 0.0, 0.0, 0.0]))
    assert large.rmse == pytest.approx(5e199) and without.rmse == np.inf
    for one in (large, without):
        against = one.against(plain, redrawn)
        assert against["difference"] == np.inf and against["difference_ci95_high"] == np.inf
        # some draws leave the first paper out, and say what the others say
        assert np.isfinite(against["difference_ci95_low"])
        assert plain.against(one, redrawn)["difference"] == -np.inf
    assert without.against(large, redrawn) == {}
