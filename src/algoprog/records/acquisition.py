"""Bytes from an address, so that they can be trusted.

What an address gives becomes a snapshot (:mod:`algoprog.records.snapshots`) once it has passed
every check: that it came whole, from where it was asked, within bounds of time and size
(:mod:`algoprog.records.download`); that it is the kind of content expected, and the pinned one;
that the table in it is not empty, has its mapped columns and has kept its rows
(:mod:`algoprog.records.content`). :func:`obtain` downloads only where no snapshot is in use;
:func:`refresh` alone downloads again.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from algoprog.common.errors import InputError
from algoprog.records import snapshots
from algoprog.records.content import Extent, Origin, check_content, check_table
from algoprog.records.download import Response, download
from algoprog.records.snapshots import Policy, Sidecar, Snapshot

# Extension of each kind's snapshots.
EXTENSIONS = {
    "csv": "csv",
    "parquet": "parquet",
    "json": "json",
    "json_lines": "jsonl",
    "markdown_table": "md",
    "html_table": "html",
    "lm_eval_harness": "json",
}


@dataclass(frozen=True)
class Outcome:
    """The snapshot in use after an acquisition, and a line to warn of it, if there is cause."""

    snapshot: Snapshot
    warning: str | None = None


def obtain(origin: Origin, policy: Policy, directory: Path) -> Outcome:
    """Return the snapshot in use in a source's directory; where there is none, take a first one.

    Raises
    ------
    InputError
        if a first one cannot be had, or would need the network offline; if the one in use is
        damaged or not the pinned one; if the last refresh was refused and the policy is to stop.
    """
    snapshot = snapshots.in_use(directory, origin.address)
    if snapshot is None:
        if policy.offline:
            fix = "set offline: false and run `make refresh`"
            raise InputError(origin.where, "offline", "no snapshot", fix)
        return Outcome(_renew(origin, policy, directory, None))
    _check_kept(origin, snapshot)
    lines = snapshots.warnings(origin.source, directory, origin.address, policy)
    return Outcome(snapshot, *lines)


def refresh(origin: Origin, policy: Policy, directory: Path) -> Outcome:
    """Return a new snapshot, or the snapshot in use where nothing has changed.

    If a refresh is refused, the snapshot in use is left as it was. With the policy
    `on_failure: keep` work goes on with it, with a warning that stays until a refresh succeeds;
    otherwise it only serves for comparison.

    Raises
    ------
    InputError
        if it is refused and nothing good may be kept.
    """
    previous = snapshots.in_use(directory, origin.address)
    if policy.offline:
        outcome = obtain(origin, policy, directory)
        line = f"source {origin.source}: offline, the snapshot of {outcome.snapshot.taken} is used"
        return Outcome(outcome.snapshot, outcome.warning or line)
    try:
        return Outcome(_renew(origin, policy, directory, previous))
    except InputError as error:
        if previous is None:
            raise
        snapshots.note_refusal(directory, origin.address, "; ".join(str(error).splitlines()))
        if policy.on_failure == "refuse":
            raise
        try:
            _check_kept(origin, previous)
        except InputError as damaged:
            raise InputError.combine([error, damaged]) from None
        (line,) = snapshots.warnings(origin.source, directory, origin.address, policy)
        return Outcome(previous, line)


def _check_kept(origin: Origin, snapshot: Snapshot) -> None:
    snapshots.read(snapshot)
    if origin.sha256 not in (None, snapshot.sidecar.sha256):
        fix = f"the source pins sha256 {origin.sha256}: run `make refresh`, or correct it"
        raise InputError(origin.where, "sha256", snapshot.sidecar.sha256, fix)


def _renew(origin: Origin, policy: Policy, directory: Path, previous: Snapshot | None) -> Snapshot:
    """Download, check, and only then put a snapshot into use."""
    kept = None
    if previous:
        with contextlib.suppress(InputError):  # a damaged one is downloaded as if there were none
            kept = snapshots.read(previous)
    known = previous.sidecar if previous and kept else None
    response = download(origin.address, policy, known, origin.where)
    content = kept if response.content is None else response.content
    assert content is not None  # 304 answers `known` only
    check_content(origin, content)
    table = origin.parse(content)
    check_table(origin, table, previous)
    if response.content is None and known:
        parsed = {"rows": table.rows, "columns": list(table.columns)}
        sidecar = known.model_copy(update=parsed)
    else:
        sidecar = _sidecar(origin, response, content, table)
    return snapshots.store(directory, content, EXTENSIONS[origin.kind], sidecar)


def _sidecar(origin: Origin, response: Response, content: bytes, table: Extent) -> Sidecar:
    """Where a content came from just now."""
    return Sidecar(
        url=origin.address,
        final_url=response.final_url,
        time=datetime.now(UTC).replace(microsecond=0),
        status=response.status,
        etag=response.etag,
        last_modified=response.last_modified,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        rows=table.rows,
        columns=list(table.columns),
    )
