"""The audit's verdicts, its file of published numbers, and the noise of interval ends."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from project_files import ROOT

from algoprog.audit.monte_carlo import (
    central,
    interval_noise,
    monte_carlo_error,
    monte_carlo_interval,
)
from algoprog.audit.reproduction import (
    Figure,
    Reproduced,
    agreement,
    read_published,
    relative_difference,
    reproduction_table,
)
from algoprog.common.errors import InputError

HEADER = "id,section,quantity,variant,delta,value,low,high,level,unit\n"


def published(*lines: str) -> pl.DataFrame:
    return read_published((HEADER + "\n".join(lines) + "\n").encode())


POINT = "a,3.1,estimate,m07,0.0025,0.912701,,,,"
INTERVAL = "b,3.1,doubling time,m07,0.0025,8.44,4.52,14.27,95,months"
SPAN = "c,4.1,share,,,,60,95,,%"


def verdicts(table: pl.DataFrame) -> list[str]:
    return table["verdict"].to_list()


def test_the_project_s_file_is_read_whole() -> None:
    table = read_published((ROOT / "data/raw/published_results.csv").read_bytes())
    assert table.height == 191
    row = table.row(by_predicate=pl.col("id") == "shapley.loss.GPT-3", named=True)
    assert (row["value"], row["value_rounding"]) == (2.08, 0.0005)
    assert table.filter(id="sample.rows")["value"].to_list() == [231]
    intervals = table.filter(pl.col("low").is_not_null())
    assert (intervals["low"] < intervals["high"]).all()


def test_rounding_is_half_the_last_digit_printed() -> None:
    table = published(POINT, INTERVAL, SPAN)
    assert table["value_rounding"].to_list() == [5e-7, 0.005, None]
    assert table["low_rounding"].to_list() == [None, 0.005, 0.5]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([POINT, POINT], "line 3, id"),
        ([POINT.replace("0.912701", "many")], "line 2, value"),
        ([POINT.replace("0.912701", "nan")], "line 2, value"),
        ([POINT.replace("0.912701", "")], "line 2, value"),
    ],
)
def test_a_line_that_cannot_be_is_named(lines: list[str], place: str) -> None:
    with pytest.raises(InputError, match=place):
        published(*lines)


def test_another_header_is_refused() -> None:
    with pytest.raises(InputError, match="line 1"):
        read_published(b"id,value\na,1\n")


@pytest.mark.parametrize(
    ("ours", "noise", "verdict"),
    [
        (8.4449, None, "exact"),  # rounds to 8.44
        (8.46, None, "close"),  # 0.24 % off
        (8.6, None, "differs"),
        (8.6, 0.1, "close"),
        (8.6, 0.05, "differs"),
        (8.6, 0.078, "close"),  # 0.16 off: twice the noise and what printing takes off
        (8.6, 0.077, "differs"),
        (8.46, 0.001, "differs"),  # within a per cent, but the noise is known to be less
        (8.6, math.inf, "differs"),
        (-math.inf, None, "differs"),
    ],
)
def test_agreement(ours: float, noise: float | None, verdict: str) -> None:
    assert agreement(8.44, ours, 0.005, noise) == verdict


def test_five_digits_are_exact_where_more_are_printed() -> None:
    assert agreement(0.05181292650905238, 0.0518131, 5e-18, None) == "exact"
    assert agreement(0.05181292650905238, 0.0518139, 5e-18, None) == "close"


def test_whole_numbers_must_be_equal() -> None:
    assert agreement(231, 231, 0.5, None) == "exact"
    assert agreement(231, 232, 0.5, None) != "exact"


def test_relative_differences_keep_their_sign() -> None:
    assert relative_difference(-2.0, -1.0) == 0.5
    assert relative_difference(0.0, 1.0) is None


def test_the_table_has_each_part_and_the_worst_verdict() -> None:
    table = reproduction_table(
        published(POINT, INTERVAL, SPAN),
        {
            "b": Reproduced(
                Figure(8.441, 4.44, 14.268),
                Figure(6.1, 3.0, math.inf),
                noise=Figure(None, 0.3),
                monte_carlo=Figure(0.7, math.inf, 0.9),
                note="one draw lands elsewhere",
            ),
            "a": Reproduced(Figure(0.9127012)),
        },
        {"c": "which pairs is not said"},
    )
    assert table["id"].to_list() == ["a", "b", "c"]
    assert verdicts(table) == ["exact", "close", "not determined"]
    row = table.row(1, named=True)
    assert row["relative_difference_low"] == pytest.approx((4.44 - 4.52) / 4.52)
    assert (row["noise"], row["noise_low"]) == (None, 0.3)
    # what a verdict rests on is the procedure's own noise, not the draws'
    errors = [row[f"monte_carlo{end}"] for end in ("", "_low", "_high")]
    assert errors == [0.7, math.inf, 0.9]
    assert table["monte_carlo"][0] is None
    assert (row["ours_converged"], row["ours_converged_high"]) == (6.1, math.inf)
    assert table["note"][2] == "which pairs is not said"


def test_a_wrong_number_is_a_defect_whether_or_not_it_comes_out_again() -> None:
    found = Reproduced(Figure(0.912701), note="the row is normalised by itself", defect=3)
    table = reproduction_table(published(POINT), {"a": found}, {})
    assert (table["agreement"][0], table["verdict"][0]) == ("exact", "defect 3")


def test_a_difference_without_a_note_says_so() -> None:
    table = reproduction_table(published(POINT), {"a": Reproduced(Figure(0.5))}, {})
    assert (table["verdict"][0], table["note"][0]) == ("differs", "unexplained")


def test_no_number_is_forgotten() -> None:
    ours = {"a": Reproduced(Figure(0.9))}
    with pytest.raises(AssertionError, match=r"missing: \['b'\]"):
        reproduction_table(published(POINT, INTERVAL), ours, {})
    with pytest.raises(AssertionError, match=r"not published: \['z'\]"):
        reproduction_table(published(POINT), {**ours, "z": ours["a"]}, {})
    with pytest.raises(AssertionError, match=r"in both: \['a'\]"):
        reproduction_table(published(POINT), ours, {"a": "why"})
    with pytest.raises(AssertionError, match="low is published"):
        reproduction_table(published(INTERVAL), {"b": Reproduced(Figure(8.4))}, {})
    with pytest.raises(AssertionError, match="without a note"):
        reproduction_table(published(POINT), {"a": Reproduced(Figure(0.9), defect=2)}, {})


# --- Monte-Carlo error ---------------------------------------------------------------------------


@pytest.mark.parametrize("q", [0.025, 0.05, 0.5, 0.975])
def test_the_error_is_that_of_resampling_the_draws(q: float) -> None:
    rng = np.random.default_rng(3)
    draws = rng.lognormal(2, 0.5, 100)
    again = draws[rng.integers(100, size=(40_000, 100))]
    resampled = np.quantile(again, q, axis=1)
    # between two order statistics the two interpolate differently, hence not closer
    assert monte_carlo_error(draws, q) == pytest.approx(resampled.std(), rel=0.12)


def test_the_error_of_an_order_statistic_is_exact() -> None:
    rng = np.random.default_rng(4)
    draws = rng.normal(size=101)
    again = np.quantile(draws[rng.integers(101, size=(40_000, 101))], 0.25, axis=1)
    assert monte_carlo_error(draws, 0.25) == pytest.approx(again.std(), rel=0.02)


def test_the_error_is_about_how_much_a_quantile_moves_from_run_to_run() -> None:
    rng = np.random.default_rng(5)
    runs = rng.normal(size=(2000, 100))
    moves = np.quantile(runs, 0.9, axis=1).std()
    errors = [monte_carlo_error(run, 0.9) for run in runs[:200]]
    assert np.mean(errors) == pytest.approx(moves, rel=0.15)


def test_draws_that_agree_have_no_error_and_infinite_ones_an_infinite_one() -> None:
    assert monte_carlo_error(np.full(100, 8.0), 0.975) == 0
    draws = np.append(np.linspace(1, 2, 99), np.inf)
    assert monte_carlo_error(draws, 0.975) == math.inf
    assert math.isfinite(monte_carlo_error(draws, 0.025))


def test_the_interval_covers_the_quantile() -> None:
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(1000):
        low, high = monte_carlo_interval(rng.exponential(size=100), 0.5)
        covered += low <= math.log(2) <= high
    assert 0.92 < covered / 1000 < 0.98
    assert monte_carlo_interval(np.append(np.zeros(90), np.full(10, np.inf)), 0.975)[1] == math.inf


def test_central_intervals_and_their_noise() -> None:
    draws = np.arange(101.0)
    assert central(draws, 90) == Figure(50.0, 5.0, 95.0)
    noise = dict(interval_noise(draws, 90).parts())
    assert noise["low"] == pytest.approx(noise["high"])
    assert noise["value"] is not None and noise["value"] > (noise["low"] or 0)
