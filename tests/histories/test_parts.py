"""Shares, pace, dry spells, the decomposition, forecasts and published numbers."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from histories import RAW, the_history, the_registers

from algoprog.common.errors import InputError
from algoprog.histories.backtests import backtest_table, next_values, straight_line
from algoprog.histories.decomposition import decomposition_table
from algoprog.histories.defects import defects_table, least_squares
from algoprog.histories.forecasts import (
    Course,
    fall_ahead,
    forecast_table,
    gaps,
    order_interval,
)
from algoprog.histories.observed import observed_histories
from algoprog.histories.pace import (
    calendar,
    chance_of_longest,
    dry_spells_table,
    longest_spell,
    periods_table,
)
from algoprog.histories.published import published_table
from algoprog.histories.rates import rate
from algoprog.histories.reading import tracks_of
from algoprog.histories.shares import gains_table, membership, shares, shares_table

SMALL = "modded-nanogpt-1"
PUBLISHED = RAW / "published_histories.csv"
HORIZONS = {"long": [30, 90, 180], "short": [7, 28]}


# --- shares --------------------------------------------------------------------------------------


@pytest.mark.parametrize("counting", ["primary", "split"])
def test_shares_add_up(counting: str) -> None:
    found = the_history(SMALL)
    kinds, parts = membership(found, counting)
    point, low, high = shares(found.gains, parts, 500, 1)
    assert parts.sum(axis=1) == pytest.approx(np.ones(88))
    assert point.sum() == pytest.approx(1.0)
    assert (low <= point).all()
    assert (point <= high).all()
    assert len(kinds) == len(point)


def test_shares_depend_on_names_and_nothing_else() -> None:
    both = shares_table([the_history("nanochat"), the_history(SMALL)], 200, 1)
    alone = shares_table([the_history(SMALL)], 200, 1)
    assert both.filter(pl.col("track") == SMALL).equals(alone)
    assert not shares_table([the_history(SMALL)], 200, 2).equals(alone)


def test_the_largest_gains_come_first() -> None:
    table = gains_table([the_history(SMALL)], the_registers().records)
    first = table.filter(pl.col("rank") == 1)
    assert first["entry"].to_list() == ["5"]
    assert first["factor"][0] == pytest.approx(1338 / 912)
    assert table["share"].sum() == pytest.approx(1.0)


# --- pace ----------------------------------------------------------------------------------------


def test_half_years_and_months_tile_the_window() -> None:
    date = datetime.date
    halves = list(calendar(date(2024, 5, 28), date(2026, 8, 1)))
    assert [name for name, _, _ in halves] == [
        "2024-H1", "2024-H2", "2025-H1", "2025-H2", "2026-H1", "2026-H2",
    ]  # fmt: skip
    assert halves[0][1:] == (date(2024, 5, 28), date(2024, 6, 30))
    assert halves[-1][1:] == (date(2026, 7, 1), date(2026, 8, 1))
    months = list(calendar(date(2025, 12, 3), date(2026, 1, 5)))
    assert [name for name, _, _ in months] == ["2025-12", "2026-01"]


def test_periods_hold_all_gains() -> None:
    table = periods_table([the_history(SMALL)]).filter(pl.col("period") != "halves")
    assert table["n"].sum() == 88
    assert table["fall"].sum() == pytest.approx(the_history(SMALL).total)


@pytest.mark.parametrize(("spell", "n"), [(120, 88), (10, 88), (300, 5), (795, 3)])
def test_the_chance_of_a_dry_spell_is_that_of_simulation(spell: int, n: int) -> None:
    rng = np.random.default_rng(7)
    points = np.sort(rng.random((40_000, n)), axis=1) * 795
    edges = np.column_stack([np.zeros(len(points)), points, np.full(len(points), 795.0)])
    simulated = float((np.diff(edges, axis=1).max(axis=1) >= spell).mean())
    assert chance_of_longest(spell, 795, n) == pytest.approx(simulated, abs=0.01)


def test_dry_spells_of_the_small_track() -> None:
    table = dry_spells_table([the_history(SMALL)])
    longest = table.row(by_predicate=pl.col("spell") == "longest", named=True)
    assert (longest["days"], longest["opened"]) == (120, datetime.date(2024, 6, 6))
    assert longest["chance"] < 1e-4
    since = table.row(by_predicate=pl.col("spell") == "since_last", named=True)
    assert since["days"] == 15
    assert longest_spell([5.0, 6.0], 20) == (6, 20)


# --- decomposition and defects -------------------------------------------------------------------


def test_the_printed_decomposition() -> None:
    found = the_registers()
    table = decomposition_table(found.records, tracks_of(found.tracks).values())
    last = table.filter((pl.col("track") == SMALL) & (pl.col("entry") == "89"))
    rows = {row["start"]: row for row in last.to_dicts()}
    names = ("time_factor", "time_factor_chained", "token_factor", "flop_factor")
    first = [round(rows["1"][name], 1) for name in names]
    assert first == [36.6, 37.6, 30.3, 32.8]
    assert round(rows["1"]["throughput_factor"], 2) == 1.12
    assert round(rows["2"]["time_factor"], 1) == 25.5
    assert round(rows["2"]["flop_factor"], 1) == 16.0
    assert round(rows["2"]["throughput_factor"], 2) == 1.60
    product = table["flop_factor"] * table["throughput_factor"]
    assert product.to_numpy() == pytest.approx(table["time_factor"].to_numpy())


def test_defects_say_what_is_wrong() -> None:
    found = the_registers()
    tracks = tracks_of(found.tracks)
    split = decomposition_table(found.records, tracks.values())
    table = defects_table([the_history(name) for name in tracks], split)
    row = table.row(
        by_predicate=(pl.col("track") == SMALL) & (pl.col("method") == "throughput_from_start"),
        named=True,
    )
    assert (round(row["claimed"], 2), round(row["ours"], 2)) == (1.12, 1.60)
    claims = table.filter(pl.col("method") == "least_squares")
    width = (claims["claimed_high"] / claims["claimed_low"]).to_numpy()
    ours = (claims["ours_high"] / claims["ours_low"]).to_numpy()
    assert (width[np.isfinite(width)] < ours[np.isfinite(width)]).all()


def test_least_squares_of_an_exact_line() -> None:
    found = the_history("nanochat")
    line = least_squares(found)
    assert line.low < line.per_year < line.high
    assert line.months == pytest.approx(12 / line.per_year)


# --- forecasts -----------------------------------------------------------------------------------


def test_order_statistics() -> None:
    past = np.arange(1.0, 21.0)
    assert order_interval(past, 0.8) == pytest.approx((2.1, 18.9))
    assert order_interval(np.arange(1.0, 10.0), 0.8) == (1.0, 9.0)
    assert order_interval(np.arange(5.0), 0.8) == (-math.inf, math.inf)
    assert gaps(np.array([3.0, 3.0, 10.0])).tolist() == [3.0, 0.0, 7.0]


def test_the_fall_ahead_has_the_mean_of_the_past() -> None:
    rng = np.random.default_rng(3)
    even = Course(np.tile([0.5, 1.5], 25), np.arange(2.0, 102.0, 2.0), 100.0)
    drawn = fall_ahead(even, 30.0, 40_000, rng)
    assert drawn.mean() == pytest.approx(15.0, rel=0.02)
    uneven = Course(even.gains, even.days**2 / 100, 100.0)
    assert fall_ahead(uneven, 30.0, 40_000, rng).mean() == pytest.approx(15.0, rel=0.03)
    assert fall_ahead(uneven, 30.0, 40_000, rng).std() > 1.2 * drawn.std()


def test_straight_line_of_exact_points() -> None:
    days = np.array([0.0, 10.0, 20.0, 30.0])
    assert straight_line(days, 0.1 * days, 50.0) == pytest.approx((5.0, 5.0))


def test_back_tests_of_the_next_record() -> None:
    """80 % intervals of the next gap and gain on the small track and on parameter golf."""
    small, golf = the_history(SMALL), the_history("parameter-golf")
    for values, recent, held in (
        (gaps(small.days), None, 0.85),
        (small.gains, 20, 0.80),
        (small.gains, None, 0.82),
    ):
        row = next_values(values, recent).row()
        assert row["n"] == 73
        assert row["covered"] == pytest.approx(held, abs=0.006)
    row = next_values(golf.gains, 20).row()
    assert (row["n"], row["covered"]) == (30, pytest.approx(0.80, abs=0.005))


def test_back_tests_of_the_level() -> None:
    table = backtest_table([the_history(SMALL)], HORIZONS, 400, 1).filter(
        pl.col("quantity") == "level"
    )
    found = {(row["method"], row["horizon_days"]): row for row in table.iter_rows(named=True)}
    for horizon, ours, line, disjoint in (
        (30, 1.0, 0.67, 19),
        (90, 0.9, 0.49, 6),
        (180, 0.86, 0.33, 2),
    ):
        poisson = found["compound_poisson", horizon]
        straight = found["straight_line", horizon]
        assert poisson["covered"] == pytest.approx(ours, abs=0.04)
        assert straight["covered"] == pytest.approx(line, abs=0.02)
        assert poisson["disjoint"] == disjoint
        assert straight["above"] == 0.0  # it fails by hoping for too much


def test_straight_lines_never_held_on_short_tracks() -> None:
    for name in ("modded-nanogpt-3", "parameter-golf"):
        table = backtest_table([the_history(name)], {**HORIZONS, "short": [7]}, 50, 1)
        line = table.filter(pl.col("method") == "straight_line")
        assert line["covered"].to_list() == [0.0]


def test_forecasts_start_from_the_last_record() -> None:
    table = forecast_table([the_history(SMALL)], HORIZONS, 500, 1)
    level = table.filter(pl.col("quantity") == "level")
    assert (level["high"] <= 73.8).all()
    assert (level["low"] < level["high"]).all()
    assert (level["low"] > 0).all()
    wide = level.filter(pl.col("level") == 80)["low"].to_numpy()
    assert (wide <= level.filter(pl.col("level") == 50)["low"].to_numpy()).all()


# --- published numbers, direct observation -------------------------------------------------------


def published() -> pl.DataFrame:
    found = the_registers()
    histories = {name: the_history(name) for name in tracks_of(found.tracks)}
    return published_table(PUBLISHED.read_bytes(), "published", histories, found.records)


def test_published_numbers_beside_ours() -> None:
    table = published()
    rows = {row["id"]: row for row in table.iter_rows(named=True)}
    assert table.height == 69
    agreeing = {row for row in rows if rows[row]["agrees"]}
    assert {
        "hb.alexnet.doubling", "hb.mobilenet", "hb.gnmt", "sr.total", "sr.total2025",
        "sr.medium.total", "sr.medium.other", "sr.step.max", "sr.step.mean", "nc.first", "nc.rate",
        "nc.last", "nc.48", "mn.75s", "mn.400M", "dawn.time.1", "dawn.time.8", "pg.last", "ab.hive",
        "wh.rate", "sr.origins", "sr.rate.data",
    } <= agreeing  # fmt: skip
    assert rows["sr.flop"]["ours"] == pytest.approx(28.06, abs=0.005)
    assert rows["hb.resnet50.doubling"]["ours"] == pytest.approx(9.2, abs=0.05)
    for row in rows.values():
        if not row["agrees"]:
            assert row["note"] or abs(row["difference"]) < 0.05


def test_what_cannot_be_computed_says_why() -> None:
    table = published().filter(pl.col("ours").is_null())
    assert table["note"].str.contains("not computed").all()
    assert (table["id"].str.starts_with("epoch.").sum()) >= 15


def test_a_register_of_published_numbers_with_other_columns(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the header is id"):
        published_table(b"id,value\na,1\n", "published", {}, the_registers().records)


def test_direct_observation_is_a_record_history() -> None:
    day = datetime.date
    sample = pl.DataFrame(
        {
            "source": "s",
            "source_row": [1, 2, 3, 4, 5],
            "system": ["A", "B", "C", "D", "E"],
            "paper": ["a", "b", "c", "d", "e"],
            "published": [day(2018 + i, 1, 1) for i in range(5)],
            "benchmark": "wt103",
            "perplexity": [20.0, 20.5, 19.8, 20.1, 19.9],
            "parameters": [1e8] * 5,
            "dataset_tokens": [1e8] * 5,
            "epochs": [1.0] * 5,
            "training_compute": [16e18, 8e18, 4e18, 2e18, 1e18],
        }
    )
    spec = {"compute": ["recorded"], "references": {"A": 1.1}}
    (found,) = observed_histories(sample, spec, "wt103")
    assert found.gains.tolist() == [1.0, 1.0, 1.0, 1.0]
    estimate = rate(found)
    assert estimate is None or estimate.halving_months == pytest.approx(12, rel=0.01)
