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
SMALL = "modded-nanogpt-1"

# In the layout of the speedrun's page: two tables, rows without outer pipes, a re-timing.
README = """# Modded-NanoGPT

## World record history

| # | Record time | Description | Date | Log | Contributors |
| - | - | - | - | - | - |
1 | 45 minutes | [llm.c baseline](https://a.org/1) | 05/28/24 | [log](a.log) | @a
21 | 2.933 minutes | [Reduced batch size](https://a.org/21) | 01/26/25 | [log](b.log) | @b
21 | 2.997 minutes | 21st record with new timing | 02/01/25 | [log](c.log) | not a new record
89 | 1.23 minutes | MLP down projection in FP8 | 07/17/26 | [log](d.log) | @d
90 | 1.21 minutes | Something bright | 07/29/26 | [log](e.log),[PR](https://a.org/90) | @e
91 | 1.2 minutes | Something nobody has read | 07/30/26 | [log](f.log) | @f

## Speedrun track 2: GPT-2 Medium

| # | Record time | Description | Date | Log | Contributors |
| - | - | - | - | - | - |
1 | 5.8 hours | [llm.c baseline](https://a.org) | 05/28/24 | [log](g.log) | @a
"""
SPEEDRUN: dict[str, Any] = {
    "kind": "markdown_table",
    "location": "https://a.org/README.md",
    "tables": [{"heading": "World record history"}],
    "columns": {
        "track": {"constant": SMALL},
        "unit": {"constant": "s"},
        "record": {"constant": 1},
        "entry": "#",
        "cost": {"column": "Record time", "parser": "duration"},
        "published": {"column": "Date", "parser": "date", "formats": ["%m/%d/%y"]},
        "note": {"column": "Description", "parser": "text"},
    },
    "labels": {
        "90": {"label": "a bright thing", "category": "data", "categories": ["data", "tuning"]}
    },
}


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
