"""The registers of tracks and entries from the project's files and the snapshots in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from algoprog.common.rows import Plain
from algoprog.histories.analysis import merged
from algoprog.histories.fields import TRACK_FIELDS
from algoprog.histories.reading import Registers, read_records, read_tracks
from algoprog.records import snapshots
from algoprog.records.content import Extent, Origin
from algoprog.records.snapshots import Policy
from algoprog.records.sources import origin, read_content
from algoprog.records.specification import Source

TRACKS = "record_tracks"


def track_source(location: str) -> dict[str, Any]:
    """Return the entry of the register of tracks, whose columns have the names of our fields."""
    columns = {name: name for name in TRACK_FIELDS}
    return {"kind": "csv", "location": location, "columns": columns, "missing": []}


def history_origin(name: str, spec: Plain) -> Origin:
    """Return what is expected at a source's address: a table whose entries can all be read."""
    expected = origin(Source.of(name, spec))

    def parsed(content: bytes) -> Extent:
        extent = expected.parse(content)
        if set(expected.mapped) <= set(extent.columns):
            read_records(name, spec, content)
        return extent

    return replace(expected, parse=parsed)


def read_registers(
    sources: Mapping[str, Plain],
    track_register: str,
    changes: Mapping[str, Plain],
    corrections: Mapping[str, Plain],
    read_as: tuple[Path, Policy],
) -> Registers:
    """Return tracks and entries of all sources, checked.

    Parameters
    ----------
    sources : mapping
        The enabled sources of entries by name, the register first.
    track_register : str
        Path of the register of tracks.
    changes, corrections : mapping
        Sections `tracks` and `corrections` of the configuration's `histories`.
    read_as : tuple
        The project, and what may be read.
    """
    root, policy = read_as
    about = track_source(track_register)
    content = read_content(Source.of(TRACKS, about), root, policy)
    tracks = read_tracks(TRACKS, about, changes, content)
    contents, watched = {}, {}
    for name, spec in sources.items():
        contents[name] = read_content(Source.of(name, spec), root, policy)
        if snapshots.is_url(spec["location"]):
            directory = snapshots.source_directory(root, name)
            snapshot = snapshots.in_use(directory, spec["location"])
            assert snapshot is not None
            watched[name] = snapshot.sidecar.time.date()
    return merged(tracks, contents, sources, corrections, watched)
