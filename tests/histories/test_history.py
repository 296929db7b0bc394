"""Gains, windows and re-timings of a history."""

from __future__ import annotations

import datetime
import math

import pytest
from histories import the_history, the_registers
from hypothesis import given
from hypothesis import strategies as st

from algoprog.histories.history import Entry, History, Track, history
from algoprog.histories.reading import tracks_of

START = datetime.date(2024, 1, 1)


def entry(name: str, day: int, value: float, **about: object) -> Entry:
    published = START + datetime.timedelta(days=day)
    return Entry(name, published, value, **about)  # type: ignore[arg-type]


def of(*entries: Entry, days: int = 1000, measure: str = "cost") -> History:
    until = START + datetime.timedelta(days=days)
    return history(Track("t", "T", measure, "s", True, until), entries, measure)


def test_gains_are_bits_over_the_running_minimum() -> None:
    found = of(entry("1", 0, 8.0), entry("2", 10, 4.0), entry("3", 20, 5.0), entry("4", 30, 1.0))
    assert found.gains.tolist() == [1.0, 2.0]
    assert found.days.tolist() == [10, 30]
    assert found.total == 3.0
    assert found.effective_number == 9 / 5


def test_the_best_baseline_of_the_opening_day_is_the_start() -> None:
    found = of(
        entry("a", 0, 9.0, category="baseline"),
        entry("b", 0, 8.0, category="baseline"),
        entry("c", 0, 4.0),
    )
    assert found.opening.name == "b"
    assert [step.entry.name for step in found.steps] == ["c"]


def test_records_of_one_day_count_in_the_order_of_their_numbers() -> None:
    found = of(entry("1", 0, 8.0), entry("2", 5, 4.0), entry("3", 5, 2.0))
    assert found.gains.tolist() == [1.0, 1.0]


def test_a_score_falls_by_differences() -> None:
    found = of(entry("1", 0, 1.25), entry("2", 5, 1.0), measure="score")
    assert found.gains.tolist() == [0.25]
    assert not found.relative


@given(
    st.lists(st.floats(0.3, 0.95), min_size=2, max_size=8),
    st.integers(1, 7),
    st.floats(0.5, 2.0),
)
def test_a_retiming_moves_the_level_and_no_gain(
    ratios: list[float], position: int, slower: float
) -> None:
    """A record timed anew, and all later ones timed like it, add up to the same."""
    costs = [100.0 * math.prod(ratios[:i]) for i in range(len(ratios) + 1)]
    position = min(position, len(costs) - 1)
    plain = [entry(str(i), 2 * i, cost) for i, cost in enumerate(costs)]
    again = entry("again", 2 * position - 1, costs[position - 1] * slower, retiming=True)
    moved = [entry(e.name, 0, (e.value or 0.0) * slower) for e in plain[position:]]
    assert of(*plain[:position], again, *moved).total == pytest.approx(of(*plain).total)


def test_removing_a_retiming_and_its_reference_together_changes_no_sum() -> None:
    """The row of the re-timing and the reference that the next record names are one fact."""
    base = (entry("1", 0, 100.0), entry("2", 1, 80.0))
    again = (entry("2a", 2, 90.0, retiming=True), entry("2b", 3, 95.0, retiming=True))
    named = of(*base, *again, entry("3", 4, 76.0, reference=95.0))
    for other in (
        of(*base, *again, entry("3", 4, 76.0)),
        of(*base, entry("3", 4, 76.0, reference=95.0)),
        of(*base, entry("3", 4, 76.0 * 80 / 95)),  # neither, all timed alike
    ):
        assert other.total == pytest.approx(named.total)


def test_the_small_track_is_chained_over_its_retimings() -> None:
    found = the_history("modded-nanogpt-1")
    chained = math.log2(2700 / 73.8) + math.log2(180.84 / 175.98)
    assert found.total == pytest.approx(chained)
    reference = {step.entry.name: step.reference for step in found.steps}
    assert reference["22"] == 180.84
    assert reference["23"] == 179.4


def test_the_window_runs_to_the_day_watched() -> None:
    found = of(entry("1", 0, 8.0), entry("2", 10, 4.0), days=400)
    assert found.window_days == 400
    assert found.to_last_record().window_days == 10
    assert found.without_first().steps == ()
    assert not found.ends_on_record
    assert found.to_last_record().ends_on_record


def test_windows_cut_off_what_came_before() -> None:
    found = of(*(entry(str(i), 100 * i, 2.0**-i) for i in range(6)), days=600)
    last = found.last_days(365)
    assert [step.entry.name for step in last.steps] == ["3", "4", "5"]
    assert last.window_days == 365
    assert last.opening.name == "2"
    began = found.after(START + datetime.timedelta(days=200))
    assert [step.entry.name for step in began.steps] == ["3", "4", "5"]
    assert found.last_days(10_000) is found


def test_the_registers_have_all_tracks_and_rows() -> None:
    found = the_registers()
    assert found.tracks.height == 20
    assert found.records.height == 390
    assert found.records["record"].sum() == 300
    assert found.records["retiming"].sum() == 3
    for name in tracks_of(found.tracks):
        marked = found.records.filter(found.records["track"] == name)["record"].sum()
        assert len(the_history(name).steps) == marked - 1
        days = the_history(name).days
        assert (days[1:] >= days[:-1]).all()
