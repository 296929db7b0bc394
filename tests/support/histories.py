"""The registers of record histories as the tests read them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from algoprog.histories.fields import RECORD_FIELDS, TRACK_FIELDS
from algoprog.histories.history import History, history
from algoprog.histories.reading import (
    Registers,
    entries_of,
    read_records,
    read_tracks,
    registers,
    tracks_of,
)

RAW = Path(__file__).parents[2] / "data/raw"
TRACKS = RAW / "record_tracks.csv"
RECORDS = RAW / "records.csv"


def spec(location: str, fields: Any) -> dict[str, Any]:
    """The entry of a CSV source whose columns have the names of our fields."""
    return {"kind": "csv", "location": location, "columns": {name: name for name in fields}}


def read(tracks: bytes, records: bytes) -> Registers:
    """Registers from the bytes of the two files."""
    return registers(
        read_tracks("tracks", spec("record_tracks.csv", TRACK_FIELDS), {}, tracks),
        read_records("records", spec("records.csv", RECORD_FIELDS), records),
        {},
    )


@cache
def the_registers() -> Registers:
    """The project's own registers."""
    return read(TRACKS.read_bytes(), RECORDS.read_bytes())


def the_history(name: str, measure: str | None = None) -> History:
    """The history of one of the project's tracks."""
    found = the_registers()
    track = tracks_of(found.tracks)[name]
    measure = measure or track.measure
    return history(track, entries_of(found.records, name, measure), measure)
