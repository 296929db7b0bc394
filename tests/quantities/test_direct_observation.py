"""Compute at a given perplexity against date, without a model."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import linregress

from algoprog.quantities.direct_observation import (
    Observed,
    comparable,
    compute_reductions_table,
    direct_observation_table,
    trend,
    with_compute,
)

START = datetime.date(2019, 1, 1)
SPEC = Observed({"R": 1.1}, ("recorded",), least_systems=6, reductions=10)


def systems(*rows: dict[str, Any]) -> pl.DataFrame:
    """A sample of these systems; each its own paper unless it says otherwise."""
    valid = {
        "source": "s",
        "benchmark": "wt103",
        "perplexity": 20.0,
        "parameters": 1e8,
        "dataset_tokens": 1e8,
        "epochs": None,
        "training_compute": None,
    }
    schema = {"source_row": pl.Int64, "system": pl.String, "paper": pl.String}
    schema |= {"published": pl.Date, "source": pl.String, "benchmark": pl.String}
    numbers = ["perplexity", "parameters", "dataset_tokens", "epochs", "training_compute"]
    return pl.DataFrame(
        [
            {"source_row": i, "system": f"S{i}", "paper": f"P{i}", **valid, **row}
            for i, row in enumerate(rows, 1)
        ],
        schema=schema | dict.fromkeys(numbers, pl.Float64),
    )


def later(days: int) -> datetime.date:
    return START + datetime.timedelta(days=days)


def halving(months: float, n: int) -> pl.DataFrame:
    """R, then a system every 50 days whose compute halves every so many months."""
    rows: list[dict[str, Any]] = []
    for i in range(n):
        date = later(50 * i)
        years = date.year + (date.timetuple().tm_yday - 1) / 365 - START.year
        rows.append({"published": date, "training_compute": 1e20 * 0.5 ** (12 * years / months)})
    rows[0]["system"] = "R"
    return systems(*rows)


@pytest.mark.parametrize("months", [3.0, 9.0, 40.0])
def test_a_known_doubling_time_comes_out(months: float) -> None:
    row = direct_observation_table(halving(months, 8), SPEC, "wt103").row(0, named=True)
    assert row["doubling_time_months"] == pytest.approx(months, rel=1e-9)
    assert row["standard_error"] == pytest.approx(0, abs=1e-6)
    assert row["ci95_low"] == pytest.approx(months, rel=1e-6)
    assert row["n"] == 8
    assert row["growth_without_reference"] == pytest.approx(12 * math.log(2) / months, rel=1e-9)
    assert row["note"] is None


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    years = np.sort(rng.uniform(2019, 2024, 10))
    covered = 0
    for _ in range(1000):
        line = trend(years, -0.8 * (years - 2019) + rng.normal(0, 1.5, 10))
        low, high = line.interval
        covered += low <= 12 * math.log(2) / 0.8 <= high
    assert 0.93 < covered / 1000 < 0.97


def test_the_trend_is_that_of_scipy() -> None:
    rng = np.random.default_rng(1)
    years, y = 2019 + rng.uniform(0, 4, 9), rng.normal(size=9)
    line, other = trend(years, y), linregress(years, y)
    assert line.growth == pytest.approx(-other.slope, rel=1e-9)
    assert line.growth_standard_error == pytest.approx(other.stderr, rel=1e-9)


def test_compute_that_grows_never_halves() -> None:
    row = direct_observation_table(halving(-12.0, 8), SPEC, "wt103").row(0, named=True)
    assert row["growth"] < 0
    assert row["doubling_time_months"] == math.inf
    assert row["standard_error"] is None


@pytest.mark.parametrize(("n", "refused"), [(5, True), (6, False)])
def test_fewer_than_six_systems_are_a_row_that_says_so(n: int, refused: bool) -> None:
    row = direct_observation_table(halving(9.0, n), SPEC, "wt103").row(0, named=True)
    assert row["n"] == n
    assert (row["doubling_time_months"] is None) is refused
    assert (row["note"] == "refused: fewer than 6 systems") is refused


def test_a_reference_that_is_not_there_is_a_row_that_says_so() -> None:
    table = direct_observation_table(halving(9.0, 8), replace(SPEC, references={"X": 2.0}), "wt103")
    assert table["note"][0].startswith("refused: not in the sample")
    assert table["n"][0] == 0


def test_later_systems_of_one_date_have_no_trend() -> None:
    rows = [{"published": later(9), "training_compute": 1e19 + i} for i in range(6)]
    sample = systems({"system": "R", "published": START, "training_compute": 1e20}, *rows)
    assert "one date" in direct_observation_table(sample, SPEC, "wt103")["note"][0]


def test_one_system_of_a_paper_stays_the_one_of_the_largest_compute() -> None:
    sample = systems(
        {"system": "R", "published": START, "training_compute": 1e20},
        {"system": "small", "paper": "P", "published": later(9), "training_compute": 1e18},
        {"system": "large", "paper": "P", "published": later(9), "training_compute": 1e19},
    )
    found = comparable(with_compute(sample, "recorded", "wt103"), "R", 1.1)
    assert found["system"].to_list() == ["R", "large"]


def test_only_later_systems_within_the_factor_count() -> None:
    facts = {"published": later(9), "training_compute": 1e19}
    sample = systems(
        {"system": "R", "published": START, "training_compute": 1e20},
        {**facts, "system": "same date", "published": START},
        {**facts, "system": "earlier", "published": later(-9)},
        {**facts, "system": "better", "perplexity": 18.2},
        {**facts, "system": "far better", "perplexity": 18.1},
        {**facts, "system": "worse", "perplexity": 21.9},
        {**facts, "system": "far worse", "perplexity": 22.1},
        {**facts, "system": "elsewhere", "benchmark": "ptb"},
        {**facts, "system": "unknown", "training_compute": None},
    )
    found = comparable(with_compute(sample, "recorded", "wt103"), "R", 1.1)
    assert found["system"].to_list() == ["R", "better", "worse"]


def test_inferred_compute_needs_epochs_and_never_replaces_a_record() -> None:
    sample = systems(
        {"published": START, "training_compute": 5e20, "epochs": 2.0},
        {"published": START, "epochs": 2.0},
        {"published": START},
    )
    assert with_compute(sample, "inferred", "wt103")["compute"].to_list() == [5e20, 1.2e17]
    assert with_compute(sample, "recorded", "wt103")["compute"].to_list() == [5e20]


def test_reductions_are_later_at_equal_or_better_perplexity_each_system_once() -> None:
    sample = systems(
        {"system": "A", "published": START, "training_compute": 1e21},
        {"system": "B", "published": later(30), "training_compute": 1e20, "perplexity": 19.0},
        {"system": "C", "published": later(60), "training_compute": 1e18, "perplexity": 20.0},
        {"system": "D", "published": later(90), "training_compute": 1e10, "perplexity": 20.1},
        {"system": "E", "published": later(-9), "training_compute": 1e10, "perplexity": 5.0},
    )
    table = compute_reductions_table(sample, SPEC, "wt103")
    pairs = table.select("rank", "reference", "successor", "ratio").rows()
    # C is no better than B, D worse than all, E earlier; with C gone to A nothing is left for B
    assert pairs == [(1, "A", "C", pytest.approx(1000.0))]
    months = 12 * 59 / 365 * math.log(2) / math.log(1000)
    assert table["doubling_time_months"][0] == pytest.approx(months, rel=0.05)


def test_samples_without_compute_give_empty_reductions() -> None:
    assert compute_reductions_table(systems({"published": START}), SPEC, "wt103").is_empty()


def test_on_the_register(paper_sample: pl.DataFrame) -> None:
    """Gopher is refused; the others stand on the reference alone (see the report)."""
    references = {"Gopher (280B)": 1.25, "GPT-2 (1542M)": 1.075, "Megatron-LM (355M)": 1.1}
    table = direct_observation_table(paper_sample, replace(SPEC, references=references), "wt103")
    assert table["note"][0] == "refused: fewer than 6 systems"
    assert table["n"].to_list()[1] == 6
    assert table["doubling_time_months"][1] == pytest.approx(6.26, abs=0.01)


def test_leaving_out_each_system_shows_on_which_one_the_trend_hangs() -> None:
    sample = halving(9.0, 8)
    odd = systems({"system": "odd", "published": later(390), "training_compute": 1e23})
    sample = pl.concat([sample, odd.with_columns(source_row=pl.lit(99, pl.Int64))])
    row = direct_observation_table(sample, SPEC, "wt103").row(0, named=True)
    truth = 12 * math.log(2) / 9
    assert row["most_influential"] == "odd"
    assert row["growth_without_one_high"] == pytest.approx(truth, rel=1e-3)
    found = comparable(with_compute(sample, "recorded", "wt103"), "R", 1.1)
    years = np.array([d.toordinal() for d in found["published"]]) / 365.2425
    log_compute = np.log(found["compute"].to_numpy())
    kept = np.arange(len(years)) != 3
    assert row["growth_without_one_low"] <= -linregress(years[kept], log_compute[kept]).slope + 1e-3
    assert row["growth_without_one_low"] <= row["growth"] <= row["growth_without_one_high"]


def test_compute_whose_two_estimates_are_far_apart_is_noted() -> None:
    sample = systems(
        {"system": "A", "published": START, "training_compute": 1e21},
        {"system": "B", "published": later(60), "training_compute": 1e17, "epochs": 50.0},
        {"system": "C", "published": later(60), "training_compute": 6e17, "epochs": 50.0},
    )
    first = compute_reductions_table(sample, SPEC, "wt103").row(0, named=True)
    assert first["successor"] == "B"
    assert first["note"] == "B: recorded 1.0e+17 FLOP, 6NDe 3.0e+18 FLOP"
    second = compute_reductions_table(sample.filter(pl.col("system") != "B"), SPEC, "wt103")
    assert second["note"].to_list() == [None]  # 5 times apart
