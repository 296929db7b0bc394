"""Simulated worlds, and how often the intervals hold in them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from algoprog.histories.coverage import coverage_table, least_squares
from algoprog.histories.intervals import moments
from algoprog.histories.worlds import WORLDS, Histories

MEAN = {  # of nine worlds, in per cent: the specification's table
    "fifths": {10: 94.4, 80: 94.9},
    "effort": {10: 90.9, 80: 87.7},
    "effort_given_pace": {10: 92.9, 80: 96.1},
    "cautious": {10: 95.6, 80: 97.2},
    "least_squares": {10: 44.8, 80: 20.8},
}


@pytest.mark.parametrize("world", WORLDS)
def test_worlds_have_the_rate_they_say(world: str) -> None:
    drawn = WORLDS[world](40, 4000, np.random.default_rng(5))
    assert drawn.gains.sum(axis=1).mean() == pytest.approx(drawn.rate, rel=0.07)
    assert (drawn.gains[~drawn.there] == 0).all()
    assert (drawn.gains[drawn.there] > 0).all()
    assert (np.diff(drawn.times, axis=1) >= 0).all()


def test_many_histories_give_the_moments_of_one() -> None:
    drawn = WORLDS["bursts, heavy gains"](15, 20, np.random.default_rng(2))
    many = drawn.moments()
    for i in range(20):
        there = drawn.there[i]
        one = moments(drawn.gains[i][there], drawn.times[i][there], 1.0)
        assert many.sums[i] == pytest.approx(one.sums)
        assert many.total[i] == pytest.approx(one.total)
        assert many.largest[i] == one.largest


def test_least_squares_of_one_history() -> None:
    times, gains = np.array([[0.2, 0.5, 0.9]]), np.array([[1.0, 0.5, 2.0]])
    ends = least_squares(Histories(gains, times, gains > 0, 3.0, np.array([3.0])))
    x, y = np.array([0, 0.2, 0.5, 0.9]), np.array([0, 1.0, 1.5, 3.5])
    slope = np.polyfit(x, y, 1)[0]
    assert (ends.low + ends.high)[0] / 2 == pytest.approx(slope)


def test_coverage_is_that_of_the_specification() -> None:
    """A small version of `make coverage`: 600 histories a world."""
    table = coverage_table(WORLDS, [10, 80], 600, 20240309)
    means = table.group_by("method", "records").agg(pl.col("covered").mean())
    for method, records, covered in means.iter_rows():
        assert 100 * covered == pytest.approx(MEAN[method][records], abs=2.0), (method, records)


def test_a_cell_does_not_depend_on_the_others() -> None:
    whole = coverage_table(WORLDS, [6, 10], 50, 1)
    one = coverage_table(["even, heavy gains"], [10], 50, 1)
    same = (pl.col("world") == "even, heavy gains") & (pl.col("records") == 10)
    assert whole.filter(same).equals(one)
