"""What a content must be before it is used: of its kind, whole, the pinned one, with its table.

It knows bytes and what a parser found in them; it knows neither files nor the network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from algoprog.common.errors import InputError
from algoprog.records import snapshots
from algoprog.records.snapshots import Policy, Snapshot

KEPT = (4, 5)  # share of the rows of the last good snapshot that a table must have at least
SAVE = "open the address in a browser, or save the file in the project and give its path"

# A page: after blanks, comments and an XML declaration, an element that only pages begin with.
# (Atomic, as no part may be matched otherwise, in time that hostile bytes choose.)
_PAGE = re.compile(
    rb"(?>\s+|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s+html|html|head|body|script|meta|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_PASSWORD = re.compile(rb"<input\b[^<>]*\btype\s*=\s*[\"']?password\b", re.IGNORECASE)


@dataclass(frozen=True)
class Extent:
    """What a parser found in a content: the number of rows, and the names of the columns."""

    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """A source at an address: what is expected there.

    Attributes
    ----------
    source, address, kind : name, location and kind of the source.
    mapped : the columns the configuration names.
    parse : the source's parser, which may raise an InputError.
    readable : what unpacks bytes and gives a text in UTF-8; may raise an InputError.
    sha256 : digest that pins the content.
    """

    source: str
    address: str
    kind: str
    mapped: tuple[str, ...]
    parse: Callable[[bytes], Extent]
    sha256: str | None = None
    readable: Callable[[bytes], bytes] = bytes

    @property
    def where(self) -> str:
        """How errors call it."""
        return f"source {self.source} ({self.address})"


def too_large(where: str, policy: Policy) -> InputError:
    """Return the error of a content that is larger than the policy allows."""
    found = f"over {policy.largest:,} bytes"
    return InputError(where, "size", found, "give a smaller file, or raise `largest`")


def check_content(origin: Origin, content: bytes) -> None:
    """Refuse bytes that are not of the source's kind, or not the pinned ones.

    Raises
    ------
    InputError
        if they are empty, a page or a login instead of data, not UTF-8, or of another sha256.
    """
    where = origin.where
    packed = content
    content = origin.readable(packed)
    if not content.strip(b" \t\r\n\xef\xbb\xbf"):
        raise InputError(where, "content", "empty", SAVE)
    page = _PAGE.match(content.removeprefix(b"\xef\xbb\xbf")[:4096])
    if page and origin.kind != "html_table":
        if _PASSWORD.search(content):
            fix = "make it public, or log in, save the file in the project and give its path"
            raise InputError(where, "content", "a page to log in", fix)
        fix = "give the address of the file itself, not of a page that shows it"
        raise InputError(where, "content", f"an HTML page, not {origin.kind}", fix)
    if origin.kind == "parquet":
        if len(content) < 12 or content[:4] != b"PAR1" or content[-4:] != b"PAR1":
            raise InputError(where, "content", "not a whole Parquet file", SAVE)
    else:
        _check_text(where, content)
    check_pin(where, packed, origin.sha256)


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


def check_table(origin: Origin, table: Extent, previous: Snapshot | None) -> None:
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
