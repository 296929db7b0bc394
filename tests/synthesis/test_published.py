"""Estimates of others: every number converted exactly, every mistake named."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

from algoprog.common.errors import InputError
from algoprog.synthesis.published import published
from algoprog.synthesis.settings import File, Settings, Words
from algoprog.synthesis.units import fault, growth, months

ROOT = Path(__file__).resolve().parents[2]
WORDS = Words({"vision": "images"}, {"compute": "compute"}, {"all": "all"}, {"law": "a law"})
ROW = {
    "id": "a", "label": "A", "source": "Paper", "domain": "vision", "quantity": "compute",
    "setting": "all", "definition": "law", "unit": "months", "value": "12", "low": "6",
    "high": "inf", "level": "95", "status": "read", "period_from": "2012", "period_to": "2024-02",
}  # fmt: skip


def csv_of(*rows: dict[str, str]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return "\n".join(lines).encode()


def read(*rows: dict[str, str], files=None, more=None):
    settings = Settings(WORDS, files or {}, more or {}, {})
    return published({"r.csv": csv_of(*rows)}, "r.csv", settings)


@pytest.mark.parametrize(
    ("unit", "value", "years", "expected"),
    [
        ("months", 12.0, None, math.log(2)),
        ("years", 2.0, None, math.log(2) / 2),
        ("days", 365.25, None, math.log(2)),
        ("times_a_year", 4.0, None, math.log(4)),
        ("times_a_year", 0.5, None, -math.log(2)),
        ("orders_a_year", 1.0, None, math.log(10)),
        ("times", 1024.0, 10.0, math.log(2)),
        ("months", math.inf, None, 0.0),
        ("months", -12.0, None, -math.log(2)),
        ("growth", -0.3, None, -0.3),
    ],
)
def test_units_mean_growth(unit, value, years, expected):
    assert not fault(unit, value, years)
    assert growth(unit, value, years) == pytest.approx(expected, rel=1e-14)


def test_months_have_a_pole_that_growth_has_not():
    assert months(math.log(2)) == pytest.approx(12)
    assert months(0.0) == months(-0.1) == math.inf
    assert months(math.nan) is None and months(None) is None


def test_the_ends_change_places():
    (one,) = read(ROW)
    assert one.pace.growth == pytest.approx(math.log(2))
    assert (one.pace.low, one.pace.high) == pytest.approx((0.0, 2 * math.log(2)))
    row = one.row
    assert (row["months"], row["low"], row["high"]) == pytest.approx((12, 6, math.inf))
    assert row["determined"] is False and row["verified"]
    assert (one.period_from, one.period_to) == (date(2012, 1, 1), date(2024, 2, 29))
    (times,) = read(ROW | {"unit": "times_a_year", "value": "4", "low": "2", "high": "8"})
    assert (times.row["low"], times.row["high"]) == pytest.approx((4, 12))
    assert times.row["determined"] is True


def test_an_interval_alone_and_a_number_alone():
    (interval,) = read(ROW | {"value": "", "level": ""})
    assert interval.row["months"] is None and interval.row["low"] == pytest.approx(6)
    (number,) = read(ROW | {"low": "", "high": ""})
    assert number.row["determined"] is None and number.row["low"] is None


@pytest.mark.parametrize("status", ["second_hand", "rate_second_hand", ""])
def test_second_hand_is_never_verified(status):
    (one,) = read(ROW | {"status": status})
    assert one.row["verified"] is False


@pytest.mark.parametrize(
    ("change", "place", "fix"),
    [
        ({"value": "fast"}, "column value", "give a number"),
        ({"value": "0"}, "column value", "other than 0"),
        ({"unit": "times_a_year", "value": "-2"}, "column value", "above 0"),
        ({"unit": "times_a_year", "high": "3", "low": "4"}, "column low", "not above the other"),
        ({"unit": "times"}, "column years", "over how many years"),
        ({"unit": "weeks"}, "column unit", "name one of months"),
        ({"low": "20", "high": "10"}, "column low", "not above the other"),
        ({"high": ""}, "column high", "both ends"),
        ({"value": "", "low": "", "high": ""}, "column value", "a value, an interval, or both"),
        ({"level": "0"}, "column level", "between 0 and 100"),
        ({"domain": "vison"}, "column domain", "estimates.words"),
        ({"period_from": "May"}, "column period_from", "YYYY-MM"),
        ({"label": ""}, "column label", "give it"),
        ({"status": "sure"}, "column status", "read, rate_second_hand"),
    ],
)
def test_a_mistake_names_place_and_fix(change, place, fix):
    with pytest.raises(InputError) as raised:
        read(ROW | {"years": ""} | change)
    assert f"r.csv, line 2, {place}" in str(raised.value)
    assert fix in str(raised.value)


def test_two_of_one_name_and_a_missing_column():
    with pytest.raises(InputError, match="an id of its own"):
        read(ROW, ROW)
    with pytest.raises(InputError, match="no column 'unit'"):
        read({name: value for name, value in ROW.items() if name != "unit"})


def test_a_file_of_other_columns_and_a_row_inline():
    mine = b"key,halves\nb,3\n"
    rest = {name: ROW[name] for name in ROW if name not in ("id", "value", "low", "high")}
    file = File("mine.csv", {"id": "key", "value": "halves"}, rest | {"status": "second_hand"})
    inline = {name: value for name, value in ROW.items() if name != "id"}
    settings = Settings(WORDS, {"mine": file}, {"c": inline}, {})
    found = published({"r.csv": csv_of(ROW), "mine.csv": mine}, "r.csv", settings)
    assert [one.id for one in found] == ["a", "b", "c"]
    assert found[1].row["months"] == pytest.approx(3)
    with pytest.raises(InputError, match=r"config\.yaml, estimates\.more\.c\.value"):
        read(ROW, more={"c": inline | {"value": "0"}})
