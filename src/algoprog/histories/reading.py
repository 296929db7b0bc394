"""Tracks and their entries as tables, read by the mechanism of every source, and checked.

The entries of several sources make one table. A source that is read besides the register adds the
entries the register does not have; their labels come from a mapping, and what the mapping does not
name is left unlabelled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from algoprog.common.days import latest_day
from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.histories.fields import (
    BASELINE,
    CATEGORIES,
    KINDS,
    MEASURES,
    PRECISIONS,
    RECORD_FIELDS,
    RETIMING,
    TRACK_FIELDS,
    UNLABELLED,
)
from algoprog.histories.history import Entry, Track, running_minimum
from algoprog.records.checks import column_of, faults
from algoprog.records.corrections import correct
from algoprog.records.fields import Field
from algoprog.records.reading import read_fields

IDENTITY = ("track", "entry")
_SHOWN = 20
_NUMBERED = re.compile(r"([0-9]+)([a-z]*)")
_TRACK_VALUES = {"kind": KINDS, "measure": MEASURES}
_RECORD_VALUES = {
    "category": (*CATEGORIES, BASELINE, RETIMING, UNLABELLED),
    "date_precision": PRECISIONS,
}


@dataclass(frozen=True)
class Registers:
    """All tracks and all their entries, checked and in order.

    tracks       one row a track
    records      one row an entry: by track, date, then the order of the source's own numbers
    corrections  what was corrected: correction, track, entry, field, old, new, reason
    """

    tracks: pl.DataFrame
    records: pl.DataFrame
    corrections: pl.DataFrame


def read_tracks(
    name: str, spec: Plain, changes: Mapping[str, Plain], content: bytes
) -> pl.DataFrame:
    """Return the tracks of a register, with the configuration's own and its changes.

    `changes` are by track; a track the register does not have is added, and needs every required
    field.
    """
    tracks = read_fields(name, spec, TRACK_FIELDS, content)
    for track, change in changes.items():
        row = dict.fromkeys(tracks.columns) | {"track": track, "place": f"tracks.{track}"}
        known = tracks.filter(pl.col("track") == track)
        if known.height:
            row = known.row(0, named=True)
            tracks = tracks.filter(pl.col("track") != track)
        tracks = pl.concat([tracks, pl.DataFrame([row | dict(change)], schema=tracks.schema)])
    return tracks


def read_records(name: str, spec: Plain, content: bytes) -> pl.DataFrame:
    """Return the entries of one source as the fields of an entry, `source` and `place`.

    The source's `labels` give label, category and categories by entry. An entry without a category
    is unlabelled.
    """
    records = read_fields(name, spec, RECORD_FIELDS, content)
    given = spec.get("labels") or {}
    for field in ("label", "category"):
        texts = {entry: about[field] for entry, about in given.items()}
        records = records.with_columns(
            pl.col("entry").replace_strict(texts, default=pl.col(field)).alias(field)
        )
    texts = {
        entry: ";".join(about.get("categories") or [about["category"]])
        for entry, about in given.items()
    }
    return records.with_columns(
        pl.col("entry").replace_strict(texts, default=pl.col("categories")).alias("categories"),
        pl.col("category").fill_null(UNLABELLED),
        pl.col("date_precision").fill_null("day"),
        *(pl.col(flag).fill_null(0.0) for flag in ("retiming", "framework_upgrade")),
        pl.lit(name).alias("source"),
    ).with_columns(pl.col("categories").fill_null(pl.col("category")))


def added(register: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Return `register` with the entries of `other` that come after the last it has of a track.

    After means a larger number: a page that repeats the whole table adds what is new in it, and a
    re-timing that the page lists under an old number adds nothing.
    """
    last = register.group_by("track").agg(
        pl.col("entry").map_elements(_number, pl.Int64).max().alias("last")
    )
    joined = other.join(last, on="track", how="left", maintain_order="left")
    new = joined.filter(
        pl.col("entry").map_elements(_number, pl.Int64) > pl.col("last").fill_null(-1)
    )
    return pl.concat([register, new.select(register.columns)])


def registers(
    tracks: pl.DataFrame,
    records: pl.DataFrame,
    corrections: Mapping[str, Plain],
) -> Registers:
    """Return tracks and entries, corrected, in order and checked.

    Raises
    ------
    InputError
        for a value that is not possible, a date in the future, an unknown track, an entry after
        the day its track was watched, a unit that is not the track's, two entries of one number, a
        re-timing without a record it times anew, and a cost that is marked as a record and is
        none, or the reverse.
    """
    corrected, log = correct(records, corrections, RECORD_FIELDS, IDENTITY, "histories.corrections")
    _check_fields(tracks, TRACK_FIELDS, "register of tracks", _TRACK_VALUES)
    _check_fields(corrected, RECORD_FIELDS, "record histories", _RECORD_VALUES)
    place = {name: i for i, name in enumerate(tracks["track"])}
    _refuse(_in_future(tracks, ("competition_began", "observed_until"), "register of tracks"))
    _refuse(_in_future(corrected, ("published", "listed"), "record histories"))
    _refuse(_misplaced(tracks, corrected))
    numbers = [_number(entry) for entry in corrected["entry"]]
    suffixes = [_suffix(entry) for entry in corrected["entry"]]
    ordered = corrected.with_columns(
        pl.Series("order", [place[name] for name in corrected["track"]], pl.Int64),
        pl.Series("number", numbers, pl.Int64),
        pl.Series("suffix", suffixes, pl.String),
    ).sort("order", "published", "number", "suffix", maintain_order=True)
    ordered = ordered.drop("order", "number", "suffix")
    _refuse(_not_in_order(tracks, ordered))
    return Registers(tracks.drop("place"), ordered, log)


def tracks_of(tracks: pl.DataFrame) -> dict[str, Track]:
    """Return the tracks of the register by name."""
    return {
        row["track"]: Track(
            name=row["track"],
            title=row["name"],
            measure=row["measure"],
            unit=row["unit"],
            hardware_fixed=row["hardware_fixed"] == 1,
            observed_until=row["observed_until"],
            competition_began=row["competition_began"],
        )
        for row in tracks.iter_rows(named=True)
    }


def entries_of(records: pl.DataFrame, track: str, measure: str) -> list[Entry]:
    """Return the entries of a track in order, with the value of `measure`.

    A re-timing and a reference are of the cost alone: other measures do not change when the same
    code is timed anew.
    """
    timed = measure == "cost"
    rows = records.filter(pl.col("track") == track)
    if not timed:
        rows = rows.filter(pl.col("retiming") == 0)
    return [
        Entry(
            name=row["entry"],
            published=row["published"],
            value=row[measure],
            reference=row["reference_cost"] if timed else None,
            retiming=row["retiming"] == 1,
            day_known=row["date_precision"] == "day",
            label=row["label"] or "",
            category=row["category"],
            categories=tuple(row["categories"].split(";")),
            framework_upgrade=row["framework_upgrade"] == 1,
        )
        for row in rows.iter_rows(named=True)
    ]


# --- checks --------------------------------------------------------------------------------------


def _check_fields(
    rows: pl.DataFrame,
    fields: Mapping[str, Field],
    where: str,
    values: Mapping[str, Sequence[str]],
) -> None:
    """Check that each cell holds what its field may hold."""
    columns = {name: column_of(field) for name, field in fields.items()}
    for name, allowed in values.items():
        nullable = not fields[name].required
        columns[name] = pa.Column(pl.String, pa.Check.isin(list(allowed)), nullable=nullable)
    try:
        pa.DataFrameSchema(columns, strict=False).validate(rows, lazy=True)
    except SchemaErrors as broken:
        problems = []
        for index, name in faults(broken):
            expected = " or ".join(values.get(name, ())) or fields[name].expected
            fix = f"give {fields[name].meaning}: {expected}"
            problems.append(_error(rows, index, name, fix, where))
        _refuse(iter(problems))


def _in_future(rows: pl.DataFrame, fields: Sequence[str], where: str) -> Iterator[InputError]:
    """Errors of dates after today."""
    latest = latest_day()
    for name in fields:
        for index in (rows[name] > latest).fill_null(False).arg_true():
            yield _error(rows, index, name, "give a date that is not after today", where)


def _misplaced(tracks: pl.DataFrame, records: pl.DataFrame) -> Iterator[InputError]:
    """Errors of entries whose track, unit, date or categories do not fit."""
    about = {row["track"]: row for row in tracks.iter_rows(named=True)}
    allowed = (*CATEGORIES, BASELINE, RETIMING, UNLABELLED)
    for index, row in enumerate(records.iter_rows(named=True)):
        track = about.get(row["track"])
        if track is None:
            fix = f"use a track of the register, or add it: {', '.join(about)}"
            yield _error(records, index, "track", fix)
            continue
        if row["unit"] != track["unit"]:
            fix = f"give the cost in {track['unit']}, the unit of {row['track']}"
            yield _error(records, index, "unit", fix)
        if row["published"] > track["observed_until"]:
            fix = (
                f"{row['track']} was watched until {track['observed_until']}: "
                "correct the date, or observed_until of the track"
            )
            yield _error(records, index, "published", fix)
        for category in row["categories"].split(";"):
            if category not in allowed:
                fix = f"use {', '.join(CATEGORIES)}, separated by semicolons"
                yield _error(records, index, "categories", fix)
        if row[track["measure"]] is None:
            yield _error(records, index, track["measure"], f"give the {track['measure']}")


def _not_in_order(tracks: pl.DataFrame, records: pl.DataFrame) -> Iterator[InputError]:
    """Errors of a track's entries taken together: numbers, re-timings, marks of records."""
    about = tracks_of(tracks)
    rows = records.with_row_index("row")
    for name, track in about.items():
        own = rows.filter(pl.col("track") == name)
        if own.is_empty():
            continue
        index = own["row"].to_list()
        names = own["entry"].to_list()
        for i, entry in enumerate(names):
            if entry in names[:i]:
                fix = f"{name} has an entry {entry} already: give each a number of its own"
                yield _error(records, index[i], "entry", fix)
        marks = own["record"].to_list()
        entries = entries_of(records, name, track.measure)
        for i, entry in enumerate(entries):
            if entry.retiming and not any(marks[:i]):
                fix = "a re-timing needs the record it times anew before it"
                yield _error(records, index[i], "retiming", fix)
        if track.measure == "score":
            index = [i for i, again in zip(index, own["retiming"], strict=True) if again == 0]
            marks = [m for m, again in zip(marks, own["retiming"], strict=True) if again == 0]
        yield from _marks(records, entries, track, index, marks)


def _marks(
    records: pl.DataFrame,
    entries: Sequence[Entry],
    track: Track,
    index: Sequence[int],
    marks: Sequence[float],
) -> Iterator[InputError]:
    """Errors of entries marked as records that are none, and of records that are not marked."""
    opening, steps = running_minimum(entries, relative=track.measure != "score")
    best = {opening.name, *(step.entry.name for step in steps)}
    for i, entry in enumerate(entries):
        if marks[i] == 1 and entry.name not in best:
            fix = (
                f"marked as a record, but its {track.measure} is not below every earlier one: "
                "set record to 0, correct it, or give the reference_cost it was timed against"
            )
            yield _error(records, index[i], track.measure, fix)
        if marks[i] == 0 and entry.name in best:
            fix = f"below every earlier {track.measure}, but not marked: set record to 1"
            yield _error(records, index[i], "record", fix)


def _error(
    rows: pl.DataFrame, index: int, field: str, fix: str, where: str = "record histories"
) -> InputError:
    row = rows.row(index, named=True)
    source = f"source {row['source']}" if row.get("source") else where
    entry = f", {row['track']} {row['entry']}" if row.get("entry") else f", {row['track']}"
    return InputError(source, f"{row['place']}{entry}, {field}", row[field], fix)


def _refuse(problems: Iterator[InputError]) -> None:
    found = list(problems)
    if len(found) > _SHOWN:
        rest = InputError(
            "record histories", "", f"{len(found) - _SHOWN} more", "mend them likewise"
        )
        found = [*found[:_SHOWN], rest]
    if found:
        raise InputError.combine(found)


def _number(entry: str) -> int | None:
    """The number an entry begins with; None for one that is a name."""
    match = _NUMBERED.fullmatch(entry)
    return int(match[1]) if match else None


def _suffix(entry: str) -> str:
    match = _NUMBERED.fullmatch(entry)
    return match[2] if match else ""
