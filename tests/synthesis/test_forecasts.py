"""Forecasts are scored by their outcome alone, and every mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from algoprog.catalogue import TABLES
from algoprog.common.errors import InputError
from algoprog.synthesis.forecasts import COLUMNS, forecast_table, interval_score
from algoprog.tables.csv import write_table

ROOT = Path(__file__).resolve().parents[2]
ROW = {
    "id": "a", "made_on": "2026-11-27", "for_date": "2027-11-01", "quantity": "level",
    "subject": "a track", "value": "10", "low": "8", "high": "12", "level": "80", "source": "x",
}  # fmt: skip


def table(*changes: dict[str, str]):
    lines = [",".join((ROW | change).get(name, "") for name in COLUMNS) for change in changes]
    return forecast_table("\n".join([",".join(COLUMNS), *lines]).encode(), "f.csv")


@pytest.mark.parametrize(
    ("outcome", "expected"), [(8.0, 4.0), (10.0, 4.0), (12.0, 4.0), (13.0, 14.0), (5.0, 34.0)]
)
def test_the_interval_score(outcome: float, expected: float) -> None:
    assert interval_score(8.0, 12.0, 80.0, outcome) == pytest.approx(expected)


def test_what_has_no_outcome_is_not_scored(tmp_path: Path) -> None:
    known = {"outcome": "13", "outcome_source": "the track"}
    found = table({}, {"id": "b"} | known, {"id": "c", "value": ""} | known | {"outcome": "9"})
    assert found["scored"].to_list() == [False, True, True]
    assert found["inside"].to_list() == [None, False, True]
    assert found["error"].to_list() == [None, -3.0, None]
    assert found["interval_score"].to_list() == pytest.approx([None, 14.0, 4.0])
    write_table(tmp_path / "forecasts.csv", TABLES["forecasts"], found)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"low": "13"}, "low"),
        ({"level": "100"}, "level"),
        ({"for_date": "2026-11-27"}, "for_date"),
        ({"for_date": "next year"}, "for_date"),
        ({"value": "inf"}, "value"),
        ({"source": ""}, "source"),
        ({"outcome": "9"}, "outcome_source"),
    ],
)
def test_a_mistake_names_its_place(change: dict[str, str], place: str) -> None:
    with pytest.raises(InputError, match=f"f.csv, line 2, column {place}"):
        table(change)


def test_two_of_one_name() -> None:
    with pytest.raises(InputError, match="line 3, column id"):
        table({}, {})


def test_the_register_is_of_our_tables() -> None:
    kept = forecast_table((ROOT / "data/raw/forecasts.csv").read_bytes(), "forecasts.csv")
    assert kept.height and kept["made_on"].is_not_null().all()
    assert set(kept["source"].str.split(" ").list.first()) <= set(TABLES)
