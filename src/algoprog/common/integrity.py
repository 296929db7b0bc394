"""Whether built files are still what was written: size, date and SHA-256 of each, kept apart.

Snakemake compares dates and the content of inputs, but takes an output that is there for what its
job has made: a table cut short or overwritten between two runs would stay, and be read. So each
output is recorded when it is written, and what differs from its record is removed before the next
run. An output is looked into only if its size or date is not the recorded one, so damage that
keeps both is not seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from algoprog.common.errors import InputError

# Size, date and checksum of a file.
State = dict[str, Any]
# A record for each output, under its path.
RECORDS = Path("logs/outputs")
# What Snakemake leaves in a folder that is an output.
_STAMP = ".snakemake_timestamp"


def record(output: Path, content: Path, records: Path = RECORDS) -> None:
    """Note what `output` is, from `content`, the file or folder that will take its name.

    To be called before it takes it: whoever finds the new content then finds its record too.
    """
    _write(_place(output, records), {name: _state(path) for name, path in _files(content).items()})


def record_again(output: Path, records: Path = RECORDS) -> None:
    """Note what an output that has a record is now, after it was changed on purpose."""
    if _place(output, records).exists():
        record(output, output, records)


def vanished(output: str, records: Path = RECORDS) -> bool:
    """Return whether an output was once made and is there no more."""
    return not Path(output).exists() and _place(Path(output), records).exists()


def damaged(mend: bool, records: Path = RECORDS) -> list[Path]:
    """Outputs that are there, but not as they were recorded, in the order of their paths.

    A write-ahead log beside a database is one of them.

    With `mend` they are removed, and the new date of what was only moved or touched is noted, so
    that it need not be read again. What is dated in the future, by a clock that has jumped back
    since, is dated now: Snakemake refuses an output that is older than an input of its job.

    Raises
    ------
    InputError
        if one cannot be read or removed.
    """
    found = []
    for place in sorted(records.rglob("*.json")):
        output = Path(os.path.relpath(place.with_suffix(""), records))
        if not output.exists():
            continue
        try:
            log = _write_ahead(output)
            if log.exists():  # of somebody who opened a database for writing, and died
                found.append(log)
                if mend:
                    remove(log)
            before = _read(place)
            now = {name: _state(path, before.get(name)) for name, path in _files(output).items()}
            if _checksums(now) != _checksums(before):
                found.append(output)
                if mend:
                    remove(output)
            elif mend:
                now = {name: _dated(path, now[name]) for name, path in _files(output).items()}
                if now != before:
                    _write(place, now)
        except OSError as error:
            raise InputError(str(output), "", error.strerror, "make the folder writable") from None
    return found


def check_writable(*tops: Path) -> None:
    """See that files can be made in folders and all folders in them; what is not there can.

    Snakemake takes away a job's old output before the job starts, and ends with a traceback where
    it cannot.

    Raises
    ------
    InputError
        if one cannot be written to.
    """
    for top in tops:
        for folder, _, _ in os.walk(top):
            if not os.access(folder, os.W_OK):
                fix = "make the folder writable and run again"
                raise InputError(os.fspath(folder), "cannot be written", "read-only", fix)


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_ahead(output: Path) -> Path:
    """What DuckDB keeps beside a database that was not closed, and readers would see applied."""
    return output.with_name(f"{output.name}.wal")


def _place(output: Path, records: Path) -> Path:
    return records / f"{os.path.relpath(output)}.json"


def _files(path: Path) -> dict[str, Path]:
    """Every file of a folder by its name in it; a file by a blank name."""
    if not path.is_dir():
        return {"": path}
    files = (file for file in sorted(path.rglob("*")) if file.is_file() and file.name != _STAMP)
    return {str(file.relative_to(path)): file for file in files}


def _checksums(states: dict[str, State]) -> dict[str, object]:
    return {name: state["sha256"] for name, state in states.items()}


def _state(path: Path, known: State | None = None) -> State:
    """Size, date and checksum of a file; the `known` ones, unread, if size and date are those."""
    stat = path.stat()
    state: State = {"size": stat.st_size, "date": stat.st_mtime_ns}
    if known and all(known[name] == value for name, value in state.items()):
        return known
    return {**state, "sha256": checksum(path)}


def _dated(path: Path, state: State) -> State:
    """Give a file dated in the future the date of now; its state then."""
    if state["date"] <= time.time_ns():
        return state
    path.touch()
    return {**state, "date": path.stat().st_mtime_ns}


def _read(place: Path) -> dict[str, State]:
    """A record; one that was damaged itself vouches for nothing."""
    try:
        states: dict[str, State] = json.loads(place.read_bytes())
    except ValueError:
        return {}
    return states


def _write(place: Path, states: dict[str, State]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{os.getpid()}.{place.name}")
    temporary.write_text(json.dumps(states) + "\n", encoding="utf-8")
    temporary.replace(place)
