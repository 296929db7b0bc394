"""Bad input to the registers of record histories: one clear error for each mistake."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from histories import README, RECORDS, SMALL, SPEEDRUN, TRACKS, read, spec, the_registers

from algoprog.common.errors import InputError
from algoprog.histories.fields import RECORD_FIELDS, TRACK_FIELDS
from algoprog.histories.reading import added, read_records, read_tracks, registers

Rows = list[dict[str, str]]


def changed(content: bytes, change: Callable[[Rows], Any]) -> bytes:
    """The bytes of a register after a change to its rows."""
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    columns = list(rows[0])
    change(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def setting(track: str, entry: str, /, **values: str) -> Callable[[Rows], Any]:
    def change(rows: Rows) -> None:
        next(r for r in rows if (r["track"], r["entry"]) == (track, entry)).update(values)

    return change


def from_retiming_on(rows: Rows) -> None:
    """Let the track of CIFAR-10 begin with its re-timing."""
    rows[:] = [r for r in rows if r["track"] != "cifar10-a100-94" or int(r["entry"]) >= 7]


@pytest.mark.parametrize(
    ("change", "place", "fix"),
    [
        (setting(SMALL, "30", cost="190"), f"{SMALL} 30, cost", "marked as a record"),
        (setting(SMALL, "30", record="0"), f"{SMALL} 30, record", "not marked"),
        (setting(SMALL, "30", entry="29"), f"{SMALL} 29, entry", "entry 29 already"),
        (setting(SMALL, "89", published="2026-08-02"), f"{SMALL} 89, published", "watched until"),
        (from_retiming_on, "cifar10-a100-94 7, retiming", "needs the record it times anew"),
        (setting(SMALL, "21b", cost=""), f"{SMALL} 21b, cost", "give the cost"),
        (setting(SMALL, "30", unit="min"), f"{SMALL} 30, unit", "the unit of modded-nanogpt-1"),
        (setting(SMALL, "30", track="nano"), "nano 30, track", "use a track of the register"),
        (setting(SMALL, "30", category="magic"), f"{SMALL} 30, category", "optimiser or"),
        (setting(SMALL, "30", categories="data;magic"), f"{SMALL} 30, categories", "semicolons"),
        (setting(SMALL, "30", date_precision="week"), f"{SMALL} 30, date_precision", "imputed"),
        (setting(SMALL, "30", cost="-5"), f"{SMALL} 30, cost", "above 0"),
        (setting(SMALL, "30", published=""), f"{SMALL} 30, published", "a date"),
        (setting(SMALL, "30", published="2062-01-01"), f"{SMALL} 30, published", "not after today"),
        (setting(SMALL, "30", published="1900-01-01"), f"{SMALL} 30, published", "1950-01-01"),
        (setting(SMALL, "30", listed="2099-12-31"), f"{SMALL} 30, listed", "not after today"),
        (setting("parameter-golf", "20", score=""), "parameter-golf 20, score", "give the score"),
    ],
)
def test_bad_entries(change: Callable[[Rows], Any], place: str, fix: str) -> None:
    content = changed(RECORDS.read_bytes(), change)
    with pytest.raises(InputError) as raised:
        read(TRACKS.read_bytes(), content)
    first = str(raised.value).splitlines()[0]
    assert place in first
    assert fix in first
    assert "line " in first


def test_a_record_above_its_retimed_predecessor_needs_the_retiming() -> None:
    """Without re-timings and reference the record after them is none."""

    def without(rows: Rows) -> None:
        rows[:] = [r for r in rows if r["entry"] not in ("21a", "21b")]
        setting(SMALL, "22", reference_cost="")(rows)

    with pytest.raises(InputError, match=r"22, cost.*reference_cost it was timed against"):
        read(TRACKS.read_bytes(), changed(RECORDS.read_bytes(), without))


def test_a_cell_that_is_no_number_names_line_and_column() -> None:
    content = changed(RECORDS.read_bytes(), setting(SMALL, "2", cost="31.4 minutes"))
    with pytest.raises(InputError, match="line 3, column cost"):
        read(TRACKS.read_bytes(), content)


def test_a_track_without_its_unit_is_refused() -> None:
    content = changed(TRACKS.read_bytes(), lambda rows: rows[0].update(unit=""))
    with pytest.raises(InputError, match="unit of the cost"):
        read(content, RECORDS.read_bytes())


def test_a_track_watched_until_a_day_to_come_is_refused() -> None:
    content = changed(TRACKS.read_bytes(), lambda rows: rows[0].update(observed_until="2062-01-01"))
    with pytest.raises(InputError, match=r"observed_until.*not after today"):
        read(content, RECORDS.read_bytes())


def frames() -> tuple[pl.DataFrame, pl.DataFrame]:
    tracks = read_tracks("t", spec("t.csv", TRACK_FIELDS), {}, TRACKS.read_bytes())
    return tracks, read_records("r", spec("r.csv", RECORD_FIELDS), RECORDS.read_bytes())


def test_corrections_are_applied_and_logged() -> None:
    """The hourly prices of the two seeds are swapped: mended, the other one is the start."""
    seeds = {"track": "dawnbench-imagenet-cost"}
    k80 = {**seeds, "entry": "dawn_resnet152_b_8k80_ec2_mxnet"}
    m60 = {**seeds, "entry": "dawn_resnet152_b_4M60_ec2_tensorflow"}
    corrections = {
        "k80": {"match": k80, "set": {"cost": 770.4, "record": 0}, "reason": "prices swapped"},
        "m60": {"match": m60, "set": {"cost": 414.96, "record": 1}, "reason": "prices swapped"},
    }
    found = registers(*frames(), corrections)
    assert found.corrections["field"].to_list() == ["cost", "record", "cost", "record"]
    assert found.corrections["old"].to_list()[0] == "487.92"
    nothing = {"x": {"match": {"entry": "none"}, "set": {"cost": 1}, "reason": ""}}
    with pytest.raises(InputError, match=r"histories\.corrections\.x\.match"):
        registers(*frames(), nothing)
    moved = {"x": {"match": k80, "set": {"track": "other"}, "reason": ""}}
    with pytest.raises(InputError, match="cannot be set"):
        registers(*frames(), moved)


def test_tracks_come_and_change_by_configuration() -> None:
    new: dict[str, Any] = {name: "x" for name, field in TRACK_FIELDS.items() if field.required}
    new |= {"track": "mine", "kind": "cost_at_target", "measure": "cost", "hardware_fixed": 1.0}
    new |= {"observed_until": the_registers().tracks["observed_until"][0]}
    changes = {"mine": new, SMALL: {"note": "watched on"}}
    tracks = read_tracks("t", spec("t.csv", TRACK_FIELDS), changes, TRACKS.read_bytes())
    small = tracks.filter(pl.col("track") == SMALL)
    assert tracks.height == 21
    assert small["note"].to_list() == ["watched on"]
    assert small["unit"].to_list() == ["s"]
    assert registers(tracks, frames()[1], {}).tracks.height == 21


def test_a_readme_adds_what_is_new_and_leaves_unlabelled_what_nobody_has_read() -> None:
    tracks, register = frames()
    both = added(register, read_records("speedrun", SPEEDRUN, README.encode()))
    found = registers(tracks, both, {}).records.filter(pl.col("source") == "speedrun")
    assert found.select("entry", "cost", "label", "category", "categories").rows() == [
        ("90", 72.6, "a bright thing", "data", "data;tuning"),
        ("91", 72.0, None, "unlabelled", "unlabelled"),
    ]


def test_a_page_that_repeats_the_register_adds_nothing() -> None:
    register = frames()[1]
    page = read_records("speedrun", SPEEDRUN, README.split("90 |")[0].encode())
    assert added(register, page).equals(register)
