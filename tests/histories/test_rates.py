"""The three intervals, the variants of the window, and the printed results."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from histories import the_history, the_registers
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from algoprog.histories.history import History, Step
from algoprog.histories.intervals import (
    calendar_fifths,
    cautious,
    given_effort,
    moments,
    stretch_of,
)
from algoprog.histories.rates import correlation, exact_dates, rate, rates_table, variants
from algoprog.histories.reading import tracks_of

SMALL, MEDIUM = "modded-nanogpt-1", "modded-nanogpt-2"
HOUR, UNLIMITED = "slowrun-limited", "slowrun-unlimited"


def printed(value: float, text: str) -> bool:
    """Whether a number rounds to the printed one; it may have been rounded twice on the way."""
    digits = -int(Decimal(text).as_tuple().exponent)
    once = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    longer = Decimal(value).quantize(Decimal(1).scaleb(-digits - 1), ROUND_HALF_UP)
    twice = longer.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return Decimal(text) in (once, twice)


def months(history: History, name: str) -> tuple[float, float]:
    found = rate(history)
    assert found is not None
    low, high = found.intervals()[name]
    return 12 / high, 12 / low


RESULTS = [
    (SMALL, "cost", 88, "20.1", "37.6", "4.99", ("1.76", "14.2"), ("3.05", "8.16"), "4.90"),
    (SMALL, "training_compute", 49, "10.5", "32.8", "5.19", ("1.71", "15.8"), None, None),
    (MEDIUM, "cost", 17, "1.45", "20.1", "6.04", ("0.59", "61.6"), ("1.28", "90"), "4.42"),
    ("nanochat", "cost", 5, "3.1", "1.84", "5.77", ("0.6", "55"), ("1.7", "27"), "1.64"),
    ("gpt2-dollars", "cost", 6, "1.2", "1086", "8.78", ("0.55", "141"), ("1.7", "207"), "8.42"),
    (HOUR, "cost", 19, "12.6", "1.61", "6.08", ("0.87", "42.5"), ("3.3", "11.6"), "2.82"),
    (UNLIMITED, "cost", 11, "8.0", "3.63", "2.24", ("0.32", "15.6"), ("1.0", "5.2"), "1.61"),
    ("alexnet-level", "cost", 5, "3.8", "44.9", "17.5", ("4.5", "68"), ("6.0", "67"), "15.3"),
    ("dawnbench-imagenet-time", "cost", 10, None, "2079", "2.63", ("0.48", "14.3"), None, None),
    ("dawnbench-imagenet-cost", "cost", 7, None, "65.7", "4.80", ("1.1", "20.7"), None, None),
]  # fmt: skip


@pytest.mark.parametrize("expected", RESULTS, ids=lambda row: f"{row[0]}, {row[1]}")
def test_the_printed_results(expected: tuple) -> None:
    name, measure, n, effective, factor, halving, fifths, effort, last = expected
    found = the_history(name, measure)
    assert len(found.steps) == n
    assert effective is None or printed(found.effective_number, effective)
    assert printed(2**found.total, factor)
    estimate = rate(found)
    assert estimate is not None
    assert printed(estimate.halving_months, halving)
    for ours, text in zip(months(found, "fifths"), fifths, strict=True):
        assert printed(ours, text)
    for ours, text in zip(months(found, "effort"), effort or (), strict=effort is not None):
        assert printed(ours, text)
    ending = rate(found.to_last_record())
    assert ending is not None
    assert last is None or printed(ending.halving_months, last)


def test_the_small_track_from_its_second_record() -> None:
    found = the_history(SMALL).without_first()
    estimate = rate(found)
    assert estimate is not None
    assert len(found.steps) == 87
    assert printed(found.effective_number, "20.4")
    assert printed(2**found.total, "26.2")
    assert printed(estimate.halving_months, "5.47")
    for name, ends in (("fifths", ("1.93", "15.5")), ("effort", ("3.30", "8.91"))):
        assert all(map(printed, months(found, name), ends))
    ending = rate(found.to_last_record())
    assert ending is not None
    assert printed(ending.halving_months, "5.37")


def test_parameter_golf_in_bits_per_byte_a_month() -> None:
    found = the_history("parameter-golf")
    estimate = rate(found)
    assert estimate is not None
    assert len(found.steps) == 42
    assert printed(found.effective_number, "22.7")
    assert printed(found.total, "0.163")
    assert printed(estimate.per_year / 12, "0.116")
    assert all(map(printed, (end / 12 for end in estimate.fifths), ("0.022", "0.61")))
    assert all(map(printed, (end / 12 for end in estimate.effort), ("0.073", "0.19")))
    ending = rate(found.to_last_record())
    assert ending is not None
    assert printed(ending.per_year / 12, "0.124")


@pytest.mark.parametrize(
    ("name", "rho", "p"),
    [(SMALL, "-0.55", 2e-8), ("parameter-golf", "-0.65", None), ("slowrun-limited", "-0.59", None),
     ("cifar10-a100-94", "-0.86", None)],
)  # fmt: skip
def test_gains_shrink(name: str, rho: str, p: float | None) -> None:
    found = the_history(name)
    ours, chance = correlation(found.gains, found.days)
    assert printed(ours, rho)
    reference = stats.spearmanr(found.gains, found.days)
    assert (ours, chance) == pytest.approx(tuple(reference))
    assert p is None or chance == pytest.approx(p, rel=0.2)


# --- invariances ---------------------------------------------------------------------------------


def scaled(history: History, cost: float = 1.0, days: int = 1) -> History:
    """A history whose costs, or days, are all so many times what they are."""
    steps = tuple(
        Step(
            replace(
                step.entry,
                published=history.opened
                + datetime.timedelta(days=days * (step.entry.published - history.opened).days),
            ),
            step.gain,
            cost * step.reference,
            cost * step.level,
        )
        for step in history.steps
    )
    until = history.opened + datetime.timedelta(days=days * history.window_days)
    return replace(history, steps=steps, until=until)


@pytest.mark.parametrize("name", [SMALL, "slowrun-limited", "dawnbench-imagenet-time"])
def test_halving_scales_with_the_unit_of_time_and_not_of_cost(name: str) -> None:
    found = the_history(name)
    base, dearer, slower = (
        rate(h) for h in (found, scaled(found, cost=7.0), scaled(found, days=3))
    )
    assert base is not None and dearer is not None and slower is not None
    assert dearer == base
    assert slower.halving_months == pytest.approx(3 * base.halving_months)
    for key, ends in base.intervals().items():
        assert slower.intervals()[key] == pytest.approx([end / 3 for end in ends])


@given(st.integers(1, 2000))
def test_one_more_empty_stretch_lengthens_it_in_proportion(days: int) -> None:
    found = the_history(SMALL)
    longer = replace(found, until=found.until + datetime.timedelta(days=days))
    base, other = rate(found), rate(longer)
    assert base is not None and other is not None
    ratio = longer.window_days / found.window_days
    assert other.halving_months == pytest.approx(ratio * base.halving_months)
    assert other.effort == pytest.approx([end / ratio for end in base.effort])


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(1e-3, 4.0)), min_size=4, max_size=30))
def test_intervals_hold_the_rate_and_c_holds_the_others(records: list[tuple[int, float]]) -> None:
    days, gains = (np.array(part, dtype=float) for part in zip(*sorted(records), strict=True))
    found = moments(gains, days, 500.0)
    a, b, c = (method(found, 1.0) for method in (calendar_fifths, given_effort, cautious))
    total = float(gains.sum())
    for ends in (a, b, c):
        assert ends.low <= total * (1 + 1e-12)
        assert ends.high >= total * (1 - 1e-12)
    assert c.low <= min(a.low, b.low) * (1 + 1e-12)
    assert c.high >= max(a.high, b.high) * (1 - 1e-12)


def test_b_of_equal_gains_is_the_exact_poisson_interval() -> None:
    found = moments(np.full(12, 0.5), np.linspace(1, 100, 12), 100.0)
    ends = given_effort(found, 2.0)
    assert float(ends.low) == pytest.approx(stats.chi2.ppf(0.025, 24) / 2 * 0.5 / 2)
    assert float(ends.high) == pytest.approx(stats.chi2.ppf(0.975, 26) / 2 * 0.5 / 2)


def test_a_stretch_holds_its_last_day() -> None:
    days = np.array([0.0, 1.0, 20.0, 21.0, 100.0])
    assert stretch_of(days, 100.0, 5).tolist() == [0, 0, 0, 1, 4]
    assert stretch_of(days, 100.0, 5, 0.5).tolist() == [0, 0, 1, 1, 0]


# --- the table -----------------------------------------------------------------------------------


def test_variants_and_notes() -> None:
    names = {name for name, _, _ in variants(the_history(SMALL))}
    assert names == {
        "headline", "without_first", "to_last_record", "last_365_days", "since_competition",
        "without_upgrades",
    }  # fmt: skip
    table = rates_table(the_history(name) for name in tracks_of(the_registers().tracks))
    few = table.filter((table["track"] == "gnmt-level") & (table["variant"] == "headline"))
    assert few["halving_months"].to_list() == [None]
    assert few["rate_effort_low"].to_list() == [None]
    assert few["factor"][0] == pytest.approx(1620 / 181)
    assert "fewer than 4 gains" in few["note"][0]
    golf = table.filter(table["track"] == "parameter-golf")
    assert golf["halving_months"].is_null().all()
    assert golf["rate"][0] is not None


def test_a_window_that_ends_on_a_record_drops_its_last_gain() -> None:
    found = the_history(SMALL).to_last_record()
    name, headline, note = next(iter(variants(found)))
    assert name == "headline"
    assert len(headline.steps) == 87
    assert "dropped" in note


def test_dates_that_are_not_known_decide_nothing() -> None:
    dollars = exact_dates(the_history("gpt2-dollars"))
    assert dollars.opening.name == "1"
    assert len(dollars.steps) == 5
    medium = the_history("modded-nanogpt-2")
    exact = exact_dates(medium)
    assert exact.total == pytest.approx(medium.total)
    assert "11" not in [step.entry.name for step in exact.steps]
