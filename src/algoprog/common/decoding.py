"""The text of a file, or why it has none. It knows no format and imports nothing that is slow."""

from __future__ import annotations

from algoprog.common.errors import InputError


def decode(content: bytes, where: str, kind: str, *, page: bool = False) -> str:
    """UTF-8 text, refusing what is clearly another kind of file.

    Parameters
    ----------
    content : bytes
        The file.
    where : str
        What errors call it.
    kind : str
        What it should be ("CSV"), for errors.
    page : bool
        Whether it may be an HTML page.

    Raises
    ------
    InputError
        for a binary file, a page where none is expected, and text that is not UTF-8.
    """
    fix = f"give a file in {kind} format, saved as UTF-8"
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not page and start.startswith((b"<!doctype", b"<html", b"<?xml")):
        fix = f"give the address of the {kind} file itself, not of a page"
        raise InputError(where, "", "an HTML or XML page", fix)
    if b"\0" in content or start.startswith((b"pk\x03\x04", b"\x1f\x8b")):
        raise InputError(where, "", "a binary file", fix)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise InputError(where, f"line {line}", found, fix) from None
