"""Scores at an address: what is expected there, and the snapshot or file that is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from algoprog.capability.sources import ScoreSource, read_source
from algoprog.common.rows import Plain
from algoprog.records.content import Extent, Origin
from algoprog.records.snapshots import Policy
from algoprog.records.sources import origin, read_content
from algoprog.records.specification import Source


def score_source(name: str, spec: Plain) -> ScoreSource:
    """Return how the scores of an entry of the configuration are read."""
    return ScoreSource(name, spec["columns"], float(spec["divisor"]), spec["constants"])


def located(name: str, spec: Plain) -> Source:
    """Return where the scores of an entry of the configuration are, and their columns."""
    names = ("kind", "location", "sha256", "columns")
    return Source.of(name, {key: spec[key] for key in names if spec.get(key) is not None})


def score_origin(name: str, spec: Plain) -> Origin:
    """Return what is expected at a source's address: a table whose scores can all be read."""
    where = located(name, spec)
    expected = origin(where)

    def parsed(content: bytes) -> Extent:
        extent = expected.parse(content)
        if set(expected.mapped) <= set(extent.columns):
            read_source(content, score_source(name, spec), where.where)
        return extent

    return replace(expected, parse=parsed)


def score_content(name: str, spec: Plain, root: Path, policy: Policy) -> bytes:
    """Return the bytes of a CSV of scores: of a file, or of the snapshot in use.

    Raises
    ------
    InputError
        if they cannot be had, may not be read, or are not the pinned ones.
    """
    return read_content(located(name, spec), root, policy)
