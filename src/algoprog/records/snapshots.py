"""Snapshots: what came over the wire and passed every check, kept under the name of its content.

A source's directory (`data/raw/<source>/`) holds

- `<first 16 digits of the sha256>.<extension>`: the bytes, read-only, never written over;
- `<the same 16 digits>.meta.json`: a :class:`Sidecar` that says where they came from;
- `current.json`: a :class:`Pointer` to the snapshot in use. It depends on the address and the
  content only, so a download that brings the same bytes changes nothing that is made from them;
- `refusal.json`: a :class:`Refusal`, there while the last refresh was refused.

Every file takes its name in one step, when it is whole and on the disk, and the pointer is the
last: a writer killed at any moment leaves the former snapshot in use, and at worst a hidden
temporary file that the next one clears away.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, Field, ValidationError

from algoprog.common.errors import InputError
from algoprog.common.section import Count, Section, Text

POINTER = "current.json"
REFUSAL = "refusal.json"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Seconds = Annotated[float, Field(gt=0, le=86400)]
Record = TypeVar("Record", bound=Section)


class Policy(Section):
    """How locations are read: what is waited for, how much is taken, what a failure means."""

    timeout: Seconds = Field(default=30.0, description="Seconds without an answer or a byte.")
    deadline: Seconds = Field(
        default=300.0, description="Seconds for a download in all, with its attempts and waits."
    )
    attempts: Annotated[int, Field(ge=1, le=20)] = Field(
        default=4, description="How often a busy or broken server is asked."
    )
    wait: Seconds = Field(
        default=0.5, description="Seconds before the second attempt; doubled before each further."
    )
    longest_wait: Seconds = Field(
        default=60.0, description="Seconds: no wait is longer, whatever the server asks for."
    )
    largest: Count = Field(
        default=50_000_000, description="Bytes: the largest content, once it is unpacked."
    )
    on_failure: Literal["refuse", "keep"] = Field(
        default="refuse",
        description="After a refresh that failed: stop, or go on with the last good snapshot.",
    )
    offline: bool = Field(default=False, description="Never touch the network.")
    redirects: list[Text] = Field(
        default=[],
        description="Hosts (or host:port) that an address may redirect to, besides its own.",
    )


class Sidecar(Section):
    """Where a snapshot came from: `bytes` is its size, `rows` and `columns` what was parsed."""

    url: Text
    final_url: Text  # after redirects
    time: AwareDatetime  # UTC, when it was downloaded
    status: int
    etag: str | None
    last_modified: str | None
    sha256: Sha256
    bytes: Count
    rows: Count
    columns: list[str]


class Pointer(Section):
    """Which snapshot is in use, and of which address."""

    snapshot: Annotated[str, Field(pattern=r"^[0-9a-f]{16}\.[a-z]+$")]
    sha256: Sha256
    url: Text


class Refusal(Section):
    """Why the last refresh of an address was refused."""

    url: Text
    time: AwareDatetime
    message: Text


@dataclass(frozen=True)
class Snapshot:
    """A snapshot in use: its file and its sidecar."""

    path: Path
    sidecar: Sidecar

    @property
    def taken(self) -> str:
        """When it was downloaded, for a user to read."""
        return said(self.sidecar.time)


def said(time: datetime) -> str:
    """Return a time as users read it: "2024-03-09 12:00 UTC"."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def is_url(location: str) -> bool:
    """Return whether a source's location is an address, not a path."""
    return location.lower().startswith(("http://", "https://"))


def source_directory(root: Path, source: str) -> Path:
    """Return where the project at `root` keeps a source's snapshots."""
    return root / "data/raw" / source


def pointed(path: Path) -> Path:
    """Return the snapshot that a `current.json` leads to; any other path as it is."""
    pointer = _load(path, Pointer) if path.name == POINTER else None
    return path if pointer is None else path.with_name(pointer.snapshot)


def in_use(directory: Path, url: str) -> Snapshot | None:
    """Return the snapshot in use of the address `url`; None without, or of another address.

    Raises
    ------
    InputError
        if `current.json`, or the sidecar it leads to, cannot be read.
    """
    pointer = _load(directory / POINTER, Pointer)
    if pointer is None or pointer.url != url:
        return None
    path = directory / pointer.snapshot
    sidecar = _load(_sidecar(path), Sidecar)
    if sidecar is None or sidecar.sha256 != pointer.sha256:
        fix = f"delete {directory / POINTER} and run `make refresh`"
        raise InputError(str(path), "", "without its sidecar", fix)
    return Snapshot(path, sidecar)


def read(snapshot: Snapshot) -> bytes:
    """Return the bytes of a snapshot.

    Raises
    ------
    InputError
        if they are not there, or not those that were downloaded.
    """
    fix = "run `make refresh`"
    try:
        content = snapshot.path.read_bytes()
    except OSError as error:
        raise InputError(str(snapshot.path), "", error.strerror, fix) from None
    if _digest(content) != snapshot.sidecar.sha256:
        raise InputError(str(snapshot.path), "", "changed since it was downloaded", fix)
    return content


def store(directory: Path, content: bytes, extension: str, sidecar: Sidecar) -> Snapshot:
    """Put a content that passed every check into use.

    A snapshot that is there already is left as it is, unless its bytes have been damaged.

    Raises
    ------
    InputError
        if it cannot be written; what was in use stays in use.
    """
    path = directory / f"{sidecar.sha256[:16]}.{extension}"
    snapshot = Snapshot(path, sidecar)
    pointer = Pointer(snapshot=path.name, sha256=sidecar.sha256, url=sidecar.url)
    with _writing(directory):
        clean(directory)
        if not path.exists() or _digest(path.read_bytes()) != sidecar.sha256:
            _write(path, content, mode=0o444)
        _write_json(_sidecar(path), sidecar)
        if _load(directory / POINTER, Pointer, strict=False) != pointer:
            _write_json(directory / POINTER, pointer)
        (directory / REFUSAL).unlink(missing_ok=True)
    return snapshot


def note_refusal(directory: Path, url: str, message: str) -> None:
    """Keep in mind that a refresh was refused, until one succeeds."""
    refusal = Refusal(url=url, time=datetime.now(UTC).replace(microsecond=0), message=message)
    with _writing(directory):
        _write_json(directory / REFUSAL, refusal)


def warnings(source: str, directory: Path, url: str, policy: Policy) -> list[str]:
    """Return what users of a source's snapshot must know: a line for the report, or none.

    Raises
    ------
    InputError
        if the last refresh was refused, and the policy is not to go on then.
    """
    refusal = _load(directory / REFUSAL, Refusal)
    snapshot = in_use(directory, url)
    if refusal is None or refusal.url != url or snapshot is None:
        return []
    if policy.on_failure == "refuse" and not policy.offline:
        fix = (
            f"{refusal.message}; then run `make refresh` again, or set on_failure: keep to go on "
            f"with the snapshot of {snapshot.taken}"
        )
        raise InputError(f"source {source}", f"refresh of {said(refusal.time)}", "refused", fix)
    return [
        f"source {source}: the snapshot of {snapshot.taken} stays in use, for the refresh of "
        f"{said(refusal.time)} was refused: {refusal.message}"
    ]


def clean(directory: Path) -> None:
    """Remove the temporary files of writers that are no longer alive."""
    for path in directory.glob(".*.partial"):
        writer = path.name.split(".")[1]
        if not (writer.isdecimal() and _alive(int(writer))):
            path.unlink(missing_ok=True)


@contextmanager
def _writing(directory: Path) -> Iterator[None]:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:  # no rights, no space
        found = error.strerror or str(error)
        raise InputError(str(directory), "", found, "make it possible to write there") from None


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another user's
        return True
    return True


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sidecar(path: Path) -> Path:
    return path.with_suffix(".meta.json")


def _write_json(path: Path, record: Section) -> None:
    _write(path, (record.model_dump_json(indent=2) + "\n").encode(), mode=0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """A whole file under its name, on the disk, or none."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{os.getpid()}.", suffix=".partial", delete=False
    ) as file:
        try:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)  # the new name, too, outlives a power cut
    finally:
        os.close(directory)


def _load(path: Path, kind: type[Record], strict: bool = True) -> Record | None:
    """What a file of ours says; None if there is none (or, unless `strict`, no sense in it)."""
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (ValidationError, OSError):
        if strict:
            fix = "delete it and run `make refresh`"
            raise InputError(str(path), "", "not what algoprog wrote there", fix) from None
        return None
