"""The diagnosis finds what simulated histories are made of."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest
from histories import the_history
from scipy.optimize import minimize

from algoprog.histories.history import DAYS_PER_YEAR, Entry, History, Step, Track
from algoprog.histories.process import process
from algoprog.histories.worlds import WORLDS

START = datetime.date(2000, 1, 1)
YEARS = 100  # so long that days are fine enough


def simulated(world: str, records: int, seed: int) -> History:
    drawn = WORLDS[world](records, 1, np.random.default_rng(seed))
    days = np.round(drawn.times[0][drawn.there[0]] * YEARS * DAYS_PER_YEAR)
    steps = tuple(
        Step(Entry(str(i), START + datetime.timedelta(days=float(day)), 1.0), float(gain), 1.0, 1.0)
        for i, (day, gain) in enumerate(zip(days, drawn.gains[0][drawn.there[0]], strict=True))
    )
    until = START + datetime.timedelta(days=YEARS * DAYS_PER_YEAR)
    track = Track("t", "T", "cost", "s", True, until)
    return History(track, "cost", START, until, Entry("0", START, 1.0), steps)


def test_innovations_that_add_up() -> None:
    found = process(simulated("even, exponential gains", 300, 1))
    assert found is not None
    assert abs(found.trend) < 3 * found.trend_error
    assert abs(found.saturation) < 3 * found.saturation_error


def test_records_among_noisy_attempts_catch_up_with_a_trend() -> None:
    """There c = 1 / mean gain, and b / c is the rate."""
    found = process(simulated("noisy attempts around a trend", 300, 2))
    assert found is not None
    assert found.saturation == pytest.approx(1.0, abs=3 * found.saturation_error)
    assert found.saturation > 3 * found.saturation_error
    assert found.trend / found.saturation == pytest.approx(300 / YEARS, rel=0.1)


def test_it_is_the_maximum_of_the_likelihood() -> None:
    history = the_history("slowrun-limited")
    found = process(history)
    assert found is not None
    times = history.days / DAYS_PER_YEAR
    before = np.concatenate([[0.0], np.cumsum(history.gains)])
    edges = np.concatenate([[0.0], times, [history.years]])

    def minus(z: np.ndarray) -> float:
        a, b, c = z
        whole = np.exp(a - c * before) * (np.exp(b * edges[1:]) - np.exp(b * edges[:-1])) / b
        return float(whole.sum() - (a + b * times - c * before[:-1]).sum())

    start = [np.log(19 / history.years), found.trend * 1.1, found.saturation * 0.9]
    best = minimize(minus, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12,
                                                               "maxiter": 20_000})  # fmt: skip
    assert best.x[1] == pytest.approx(found.trend, rel=1e-4)
    assert best.x[2] == pytest.approx(found.saturation, rel=1e-4)


def test_too_few_records_have_none() -> None:
    history = the_history("nanochat")
    assert process(replace(history, steps=history.steps[:3])) is None
