"""Out-of-time hold-out: what is trained on, what is predicted, and how errors are compared."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

from algoprog.estimators.estimator import ESTIMATORS
from algoprog.model.variant import Variant, Variants
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.out_of_time import (
    BASELINES,
    Candidates,
    Prediction,
    Split,
    baseline,
    hold_out_table,
    predicted,
)


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
    papers = np.array([0, 0, 1, 1])
    difference, interval = worse.against(better, papers, seed=1)
    assert difference == 1.5
    # two papers of two rows: the mean is 0, 1.5 or 3
    assert (interval.low[-1], interval.median, interval.high[-1]) == (0.0, 1.5, 3.0)
    assert better.against(worse, papers, seed=1)[0] == -1.5
    assert worse.bias == 1.5 and worse.rmse == pytest.approx(np.sqrt(2.5))


def candidates(variants: dict[str, Variant], *names: str) -> Candidates:
    chosen = Variants({name: variants[name] for name in names})
    return Candidates(chosen, names, (0.0025, 0.01), "m16", 0.0025, baselines=True)


def test_rows_have_candidates_and_baselines(sample: Sample, variants: dict[str, Variant]) -> None:
    table = hold_out_table(
        sample, [2022, 1900, 2100], candidates(variants, "m07", "m16"), "converged", "own"
    )
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


def test_too_few_training_rows_are_a_row_that_says_so(
    sample: Sample, variants: dict[str, Variant]
) -> None:
    order = sample.rows.sort("published")
    few = Sample("paper", pl.concat([order.head(3), order.tail(30)]), sample.benchmarks)
    table = hold_out_table(few, [2020], candidates(variants, "m11", "m16"), "converged", "own")
    refused = table.filter(pl.col("model").is_in(["m11", "m16"]))
    assert refused["rmse"].is_null().all() and refused["reason"].is_not_null().all()
    others = table.filter(pl.col("delta").is_null())
    assert others["rmse"].is_not_null().all()
    assert others["difference"].is_null().all()  # the reference could not be fitted
