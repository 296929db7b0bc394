"""Bytes from a location, so that they can be trusted.

A file of the project is read as it is (:func:`read_file`). What an address gives becomes a
snapshot (:mod:`algoprog.records.snapshots`) once it has passed every check: that it came whole,
from where it was asked, within bounds of time and size (:func:`download`); that it is the kind of
content expected, and the pinned one (:func:`check_content`); that the table in it is not empty, has
its mapped columns and has kept its rows (:func:`check_table`). :func:`obtain` downloads only where
no snapshot is in use; :func:`refresh` alone downloads again.

A body that ends early is noticed by its length, its last chunk or its checksum (gzip). Where a
server sends none of the three, only the checks of the table, or a pinned sha256, can tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import hashlib
import io
import os.path
import random
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import tenacity

from algoprog.common.errors import InputError
from algoprog.records import snapshots
from algoprog.records.snapshots import Policy, Sidecar, Snapshot

REDIRECTS = 5
KEPT = (4, 5)  # share of the rows of the last good snapshot that a table must have at least
PIECE = 1 << 16  # bytes that are unpacked at once

# Extension of each kind's snapshots.
EXTENSIONS = {
    "csv": "csv",
    "parquet": "parquet",
    "json": "json",
    "markdown_table": "md",
    "html_table": "html",
    "lm_eval_harness": "json",
}

# Answers that may be another one later.
_TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
_SAVE = "open the address in a browser, or save the file in the project and give its path"
# A page: after blanks, comments and an XML declaration, an element that only pages begin with.
# (Atomic, as no part may be matched otherwise, in time that hostile bytes choose.)
_PAGE = re.compile(
    rb"(?>\s+|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s+html|html|head|body|script|meta|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_PASSWORD = re.compile(rb"<input\b[^<>]*\btype\s*=\s*[\"']?password\b", re.IGNORECASE)
# A word of an address where people log in.
_LOGIN = re.compile(
    r"(?:^|[/._-])(?:log[_-]?in|sign[_-]?in|servicelogin|sso|saml2?|oauth2?|auth|authenticate)"
    r"(?:[/._-]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Table:
    """What a parser found in a content: the number of rows, and the names of the columns."""

    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """A source at an address: what is expected there.

    `mapped` are the columns the configuration names; `parse` is the source's parser (which may
    raise an InputError); `sha256` pins the content.
    """

    source: str
    address: str
    kind: str
    mapped: tuple[str, ...]
    parse: Callable[[bytes], Table]
    sha256: str | None = None

    @property
    def where(self) -> str:
        """How errors call it."""
        return f"source {self.source} ({self.address})"


@dataclass(frozen=True)
class Response:
    """What an address answered. `content` is unpacked; None if it has not changed (304)."""

    url: str
    final_url: str
    status: int
    etag: str | None
    last_modified: str | None
    content: bytes | None


@dataclass(frozen=True)
class Outcome:
    """The snapshot in use after an acquisition, and a line to warn of it, if there is cause."""

    snapshot: Snapshot
    warning: str | None = None


# --- files ---------------------------------------------------------------------------------------


def resolve(location: str, root: Path, policy: Policy) -> Path:
    """Path of a file (or directory) of the project at `root`, or of a directory in `policy.allow`.

    Links are not followed: a user may keep data elsewhere and link to it.

    Raises
    ------
    InputError
        if it lies elsewhere, or is an address of a kind that is not read.
    """
    scheme, separator, _ = location.partition("://")
    if separator:
        raise InputError(location, "location", scheme, "give a path, or an http or https address")
    path, base, *allowed = (
        os.path.normpath(root.absolute() / name) for name in (location, "", *policy.allow)
    )
    if not any(Path(path).is_relative_to(directory) for directory in (base, *allowed)):
        fix = "copy the file into it, or list its directory under `allow`"
        raise InputError(location, "location", "outside the project", fix)
    return Path(path)


def read_file(location: str, root: Path, policy: Policy) -> bytes:
    """Content of a file that :func:`resolve` accepts.

    Raises
    ------
    InputError
        if it may not or cannot be read, is no plain file, or is larger than `policy.largest`.
    """
    path = resolve(location, root, policy)
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe, or a device that never ends
            raise InputError(location, "location", "not a file", "give the path of a file")
        with path.open("rb") as file:
            content = file.read(policy.largest + 1)
    except FileNotFoundError:
        raise InputError(location, "location", "no such file", "correct the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        found = getattr(error, "strerror", None) or str(error)
        raise InputError(location, "location", found, "give a file that can be read") from None
    if len(content) > policy.largest:
        raise _too_large(location, policy)
    return content


def _too_large(where: str, policy: Policy) -> InputError:
    found = f"over {policy.largest:,} bytes"
    return InputError(where, "size", found, "give a smaller file, or raise `largest`")


# --- addresses -----------------------------------------------------------------------------------


def download(
    address: str, policy: Policy, previous: Sidecar | None = None, where: str | None = None
) -> Response:
    """What an http(s) address gives, whole.

    A server that is busy (429) or broken (5xx), a connection that fails and a body that ends early
    are tried again, up to `policy.attempts` times in `policy.deadline` seconds: after the time the
    server asks for, or one that doubles, with a jitter from a seed of the address; never more than
    `policy.longest_wait`. With the sidecar of a `previous` snapshot the server is asked whether
    its content has changed since.

    Raises
    ------
    InputError
        if it cannot be had: called `where` (default: the address).
    """
    where = where or address
    failures: list[str] = []

    async def bounded() -> Response:
        async with asyncio.timeout(policy.deadline):
            return await _attempts(address, policy, previous, where, failures)

    try:
        return asyncio.run(bounded())
    except TimeoutError:
        found = "; before: ".join([f"not complete after {policy.deadline:g} s", *failures[-1:]])
        raise InputError(where, "download", found, f"{_SAVE}, or raise `deadline`") from None
    except _AgainError as error:
        number = f"{policy.attempts} attempts" if policy.attempts > 1 else "1 attempt"
        raise InputError(where, "download", f"{error} ({number})", _SAVE) from None
    # UnicodeError: a host that httpx accepts and the system does not
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        found = str(error) or type(error).__name__
        raise InputError(where, "download", found, "correct the address") from None


class _AgainError(Exception):
    """Another attempt may do better, after so many seconds if the server says so."""

    def __init__(self, found: str, after: float = 0.0) -> None:
        super().__init__(found)
        self.after = after


async def _attempts(
    address: str, policy: Policy, previous: Sidecar | None, where: str, failures: list[str]
) -> Response:
    jitter = random.Random(address)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        failures.append(str(error))
        backoff: float = policy.wait * 2 ** (state.attempt_number - 1) * jitter.uniform(0.5, 1.5)
        asked = error.after if isinstance(error, _AgainError) else 0.0
        return min(max(asked, backoff), policy.longest_wait)

    attempts = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(_AgainError),
        stop=tenacity.stop_after_attempt(policy.attempts),
        wait=wait,
        reraise=True,
    )
    # only gzip, which is unpacked here: piece by piece, so that a bomb goes off in a small room
    headers = {"Accept-Encoding": "gzip", "User-Agent": "algoprog"}
    if previous and previous.etag:
        headers["If-None-Match"] = previous.etag
    if previous and previous.last_modified:
        headers["If-Modified-Since"] = previous.last_modified
    async with httpx.AsyncClient(timeout=policy.timeout, headers=headers) as client:
        return await attempts(_attempt, client, address, policy, previous is not None, where)


async def _attempt(
    client: httpx.AsyncClient, address: str, policy: Policy, conditional: bool, where: str
) -> Response:
    """One attempt: the redirects, and the answer at their end."""
    url = httpx.URL(address)
    try:
        for _ in range(REDIRECTS + 1):
            if url.port and url.port > 65535:  # httpx accepts it
                raise httpx.InvalidURL(f"no such port: {url.port}")
            async with client.stream("GET", url) as response:
                if response.next_request is None:
                    return await _answer(response, address, policy, conditional, where)
                url = _redirected(address, response, where)
    except httpx.UnsupportedProtocol:
        raise
    except httpx.TransportError as error:
        raise _AgainError(str(error) or type(error).__name__) from None
    raise InputError(where, "redirect", f"more than {REDIRECTS} redirects", _SAVE)


def _redirected(address: str, response: httpx.Response, where: str) -> httpx.URL:
    """Where a redirect leads, if it may be followed."""
    assert response.next_request is not None
    target = response.next_request.url
    found = f"redirected to {target}"
    if target.scheme not in ("http", "https"):
        raise InputError(where, "redirect", found, "give an http or https address")
    if response.url.scheme == "https" and target.scheme == "http":
        raise InputError(where, "redirect", found, "give an https address that stays https")
    if _leads_to_login(target) and not _leads_to_login(httpx.URL(address)):
        fix = "make it public, or log in, save the file in the project and give its path"
        raise InputError(where, "redirect to a login", found, fix)
    return target


def _leads_to_login(url: httpx.URL) -> bool:
    return _LOGIN.search(f"{url.host}{url.path}") is not None


async def _answer(
    response: httpx.Response, address: str, policy: Policy, conditional: bool, where: str
) -> Response:
    headers = response.headers
    content = None
    status = f"{response.status_code} {response.reason_phrase}".strip()
    if response.status_code in _TRANSIENT:
        raise _AgainError(status, _retry_after(headers.get("retry-after"), datetime.now(UTC)))
    if response.status_code == 200:
        content = await _body(response, policy, where)
    elif not (response.status_code == 304 and conditional):
        fix = f"correct the address; {_SAVE}"
        raise InputError(where, "download", status, fix)
    return Response(
        url=address,
        final_url=str(response.url),
        status=response.status_code,
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        content=content,
    )


def _retry_after(value: str | None, now: datetime) -> float:
    """Seconds from now that a Retry-After header asks for, in seconds or as an HTTP date."""
    if value is None:
        return 0.0
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())


async def _body(response: httpx.Response, policy: Policy, where: str) -> bytes:
    """The body, unpacked, never holding more than `policy.largest` bytes and a piece."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise InputError(where, "content encoding", encoding, _SAVE)
    if int(response.headers.get("content-length", 0)) > policy.largest:
        raise _too_large(where, policy)
    unpack = _Plain() if encoding == "identity" else _Gzip()
    content = io.BytesIO()
    async for chunk in response.aiter_raw(PIECE):
        for piece in unpack.pieces(chunk):
            if content.tell() + len(piece) > policy.largest:
                raise _too_large(where, policy)
            content.write(piece)
    if not unpack.complete:
        raise _AgainError("the compressed body ends early")
    return content.getvalue()


class _Plain:
    complete = True

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        yield chunk


class _Gzip:
    """Unpacks gzip, of one member or several, at most PIECE bytes at a time."""

    def __init__(self) -> None:
        self.member = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def complete(self) -> bool:
        return self.member.eof

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            if self.member.eof:
                self.member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                yield self.member.decompress(chunk, PIECE)
            except zlib.error as error:
                raise _AgainError(f"the compressed body is damaged: {error}") from None
            chunk = self.member.unconsumed_tail or self.member.unused_data


# --- checks --------------------------------------------------------------------------------------


def check_content(origin: Origin, content: bytes) -> None:
    """Refuse bytes that are not of the source's kind, or not the pinned ones.

    Raises
    ------
    InputError
        if they are empty, a page or a login instead of data, not UTF-8, or of another sha256.
    """
    where = origin.where
    if not content.strip(b" \t\r\n\xef\xbb\xbf"):
        raise InputError(where, "content", "empty", _SAVE)
    page = _PAGE.match(content.removeprefix(b"\xef\xbb\xbf")[:4096])
    if page and origin.kind != "html_table":
        if _PASSWORD.search(content):
            fix = "make it public, or log in, save the file in the project and give its path"
            raise InputError(where, "content", "a page to log in", fix)
        fix = "give the address of the file itself, not of a page that shows it"
        raise InputError(where, "content", f"an HTML page, not {origin.kind}", fix)
    if origin.kind == "parquet":
        if len(content) < 12 or content[:4] != b"PAR1" or content[-4:] != b"PAR1":
            raise InputError(where, "content", "not a whole Parquet file", _SAVE)
    else:
        _check_text(where, content)
    check_pin(where, content, origin.sha256)


def check_pin(where: str, content: bytes, sha256: str | None) -> None:
    """Refuse bytes that are not those of a pinned sha256.

    Raises
    ------
    InputError
        called `where`, with the sha256 they have.
    """
    digest = hashlib.sha256(content).hexdigest()
    if sha256 not in (None, digest):
        fix = f"the source pins sha256 {sha256}: look at what has changed, then pin anew"
        raise InputError(where, "sha256", digest, fix)


def _check_text(where: str, content: bytes) -> None:
    fix = "give a file saved as UTF-8"
    if b"\0" in content:
        raise InputError(where, "content", "a binary file", fix)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise InputError(where, f"line {line}", found, fix) from None


def check_table(origin: Origin, table: Table, previous: Snapshot | None) -> None:
    """Refuse a table that has lost what the last good snapshot had, or has nothing.

    Raises
    ------
    InputError
        if it is empty, lacks a mapped column, or lost more than a fifth of the rows.
    """
    where = origin.where
    if not table.rows:
        raise InputError(where, "table", "no rows", "look at what the address gives now")
    absent = [column for column in origin.mapped if column not in table.columns]
    if absent:
        present = ", ".join(table.columns)
        fix = f"correct sources.{origin.source}.columns; the columns there are: {present}"
        found = f"no column {', '.join(absent)}"
        if previous and set(absent) <= set(previous.sidecar.columns):
            found += f", which the snapshot of {previous.taken} has"
        raise InputError(where, "header", found, fix)
    kept, of = KEPT
    if previous and of * table.rows < kept * previous.sidecar.rows:
        found = f"{table.rows} rows; the snapshot of {previous.taken} has {previous.sidecar.rows}"
        fix = (
            "look at what the address gives now; if the rows are gone for good, delete "
            f"{previous.path.parent / snapshots.POINTER} and run `make refresh`"
        )
        raise InputError(where, "table", found, fix)


# --- acquisition ---------------------------------------------------------------------------------


def obtain(origin: Origin, policy: Policy, directory: Path) -> Outcome:
    """The snapshot in use in a source's directory; where there is none, a first one.

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
    """A new snapshot, or the one in use where nothing has changed.

    If it is refused, what was in use is left as it was: to be gone on with if the policy is
    `on_failure: keep`, with a warning that stays until a refresh succeeds, and otherwise only to
    be compared with.

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
    """Download, check, and only then put into use."""
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
        sidecar = Sidecar(
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
    return snapshots.store(directory, content, EXTENSIONS[origin.kind], sidecar)
