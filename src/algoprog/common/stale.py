"""The mark of results that may be of a run before: a file beside them, and a line on the page."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable
from pathlib import Path

from algoprog.common.integrity import record_again

FILE, PAGE = "STALE.txt", "report.html"

_BODY = re.compile(r"<body[^>]*>")
_START, _END = "<!--stale-->", "<!--/stale-->"
_STYLE = (
    "margin:0;padding:.8em 1em;background:#e3b505;color:#1f2328;font-weight:bold;"
    "border-bottom:2px solid #1f2328"
)


def with_mark(page: str, said: str) -> str:
    """Return a page that says first that it is stale; a text without a body as it is."""
    bare = without_mark(page)
    body = _BODY.search(bare)
    if not body:
        return bare
    line = f'<p role="alert" style="{_STYLE}">{html.escape(said.strip())}</p>'
    return f"{bare[: body.end()]}{_START}{line}{_END}{bare[body.end() :]}"


def without_mark(page: str) -> str:
    """Return a page without the mark."""
    before, start, rest = page.partition(_START)
    _, end, after = rest.partition(_END)
    return before + after if start and end else page


def mark(results: Path, said: str) -> None:
    """Say in the folder of results, and on its page, that they may be stale."""
    (results / FILE).write_text(said, encoding="utf-8")
    _change(results / PAGE, lambda page: with_mark(page, said))


def unmark(results: Path) -> None:
    """Take the marks away."""
    (results / FILE).unlink(missing_ok=True)
    _change(results / PAGE, without_mark)


def _change(path: Path, change: Callable[[str], str]) -> None:
    """Replace a page at once.

    It keeps its time, by which Snakemake tells whether it is current, and is not damaged by it.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as lines:
        page = lines.read()
    changed = change(page)
    if changed == page:
        return
    found = path.stat()
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(changed.encode())
    os.utime(new, ns=(found.st_atime_ns, found.st_mtime_ns))
    new.replace(path)
    record_again(path)
