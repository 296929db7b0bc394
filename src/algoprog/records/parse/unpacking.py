"""Bytes as a parser takes them: unpacked, within a bound of size, and as UTF-8."""

from __future__ import annotations

import codecs
import contextlib
import importlib
import io
import zlib
from typing import Any

from algoprog.common.errors import InputError

LARGEST_UNPACKED = 200_000_000  # bytes
_PIECE = 1_000_000  # bytes that are unpacked at once
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
# Where a Python has what reads Zstandard: the standard library from 3.14 on, or a package.
_ZSTD_MODULES = ("compression.zstd", "backports.zstd", "zstandard")


def unpacked(content: bytes, where: str) -> bytes:
    """Return the content of a file in gzip or Zstandard format; of any other file its bytes.

    Raises
    ------
    InputError
        if it is damaged or ends early, unpacks to more than :data:`LARGEST_UNPACKED`, or is
        Zstandard where nothing reads it.
    """
    if content.startswith(_GZIP):
        return _gunzipped(content, where)
    if content.startswith(_ZSTD):
        return _unzstd(content, where)
    return content


def _gunzipped(content: bytes, where: str) -> bytes:
    """The members of a gzip file, one after another."""
    parts: list[bytes] = []
    size = 0
    rest = content
    while rest:
        unpacker = zlib.decompressobj(wbits=31)
        pending = rest
        while not unpacker.eof:
            try:
                part = unpacker.decompress(pending, _PIECE)
            except zlib.error:
                raise _damaged(where, "gzip") from None
            if not part and not unpacker.unconsumed_tail and not unpacker.eof:
                raise _damaged(where, "gzip")
            parts.append(part)
            size += len(part)
            _check_size(size, where)
            pending = unpacker.unconsumed_tail
        rest = unpacker.unused_data.lstrip(b"\0")
        if rest and not rest.startswith(_GZIP):
            raise _damaged(where, "gzip")
    return b"".join(parts)


def _unzstd(content: bytes, where: str) -> bytes:
    """The content of a Zstandard file, by the first module there is that reads it."""
    for name in _ZSTD_MODULES:
        with contextlib.suppress(ImportError):
            return _read_zstd(importlib.import_module(name), content, where)
    fix = "unpack it (zstd -d) and give the file itself: only Python 3.14 and later reads Zstandard"
    raise InputError(where, "", "a Zstandard file", fix)


def _read_zstd(module: Any, content: bytes, where: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    error: type[Exception] = getattr(module, "ZstdError", EOFError)
    opened = module.open(io.BytesIO(content), "rb")
    try:
        with opened:
            while part := opened.read(_PIECE):
                parts.append(part)
                size += len(part)
                _check_size(size, where)
    except (error, EOFError):
        raise _damaged(where, "Zstandard") from None
    return b"".join(parts)


def _check_size(size: int, where: str) -> None:
    if size > LARGEST_UNPACKED:
        fix = f"give a file that unpacks to at most {LARGEST_UNPACKED // 10**6} MB"
        raise InputError(where, "size", f"over {LARGEST_UNPACKED // 10**6} MB unpacked", fix)


def _damaged(where: str, kind: str) -> InputError:
    return InputError(where, "", f"a {kind} file that is damaged", "give a file that is whole")


def _of_single_bytes(encoding: str) -> bool:
    """Whether every text of bytes is one in an encoding, whatever it was saved in."""
    return codecs.lookup(encoding).name.startswith(("iso8859", "cp125"))


def _is_utf8_beyond_ascii(content: bytes) -> bool:
    """Whether bytes are UTF-8 and more than ASCII; texts in another encoding are hardly ever."""
    if content.isascii() or b"\0" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def in_utf8(content: bytes, encoding: str | None, where: str) -> bytes:
    """Return a text in a named encoding as UTF-8; without one, its bytes.

    Raises
    ------
    InputError
        if it is not in the named encoding, or seems to be UTF-8 where another is named; without
        one, if it begins as UTF-16 does or is not UTF-8, with what to write.
    """
    if encoding is not None:
        if _of_single_bytes(encoding) and _is_utf8_beyond_ascii(content):
            fix = f"leave `encoding: {encoding}` out: the file is UTF-8"
            raise InputError(where, "encoding", "a file in UTF-8", fix)
        try:
            return content.decode(encoding).removeprefix("\ufeff").encode()
        except UnicodeError as error:
            found = f"not {encoding}: {getattr(error, 'reason', error)}"
            raise InputError(where, "encoding", found, "name the encoding it is in") from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        fix = "add `encoding: utf-16` to the source, or save the file as UTF-8"
        raise InputError(where, "encoding", "a file in UTF-16", fix)
    if b"\0" not in content and not content.startswith(b"PK\3\4"):
        try:
            content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            found = f"byte 0x{content[error.start]:02x} is not UTF-8"
            fix = (
                "save the file as UTF-8, or add what it is in to the source (encoding: latin-1 or "
            )
            fix += "windows-1252, as CSV of spreadsheets often is)"
            raise InputError(where, f"line {line}", found, fix) from None
    return content
