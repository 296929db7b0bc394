"""A check that what a test does runs and opens nothing, and is bounded in time and memory."""

from __future__ import annotations

import os
import re
import resource
import signal
import site
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 5.0  # seconds of CPU, of a case that takes a tenth
STATUS, PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")
LARGEST = 300  # MiB that a case may need at once, of one that needs a few

_seen: list[str] | None = None
_ours = tuple(
    str(Path(path).resolve())
    for path in (
        ROOT,
        sys.prefix,
        sys.base_prefix,
        *site.getsitepackages(),
        *sysconfig.get_paths().values(),
    )
)
_TEMPORARY = Path(tempfile.gettempdir()).resolve()
_NAMED = re.compile(r"tmp[a-z0-9_]{8}").fullmatch
_RUNNING = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "pty.spawn")
_LEAVING = ("socket.connect", "socket.getaddrinfo", "socket.bind", "urllib.Request")
_WRITING = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.symlink", "os.link")


def _watch(event: str, values: tuple[Any, ...]) -> None:
    """Note what a case does besides computing; once added, a hook stays for the process."""
    if _seen is None:
        return
    if event in _WRITING and _temporary(values[0], values[-1]):
        return
    if event in (*_RUNNING, *_LEAVING, *_WRITING):
        _seen.append(f"{event} {values}")
    elif event == "open" and isinstance(values[0], str | bytes):
        writes = isinstance(values[1], str) and set("wax+") & set(values[1])
        inside = str(Path(os.fsdecode(values[0])).resolve()).startswith(_ours)
        if (writes or not inside) and not _temporary(values[0], None):
            _seen.append(f"open {values}")


def _temporary(path: str | bytes, folder: int | None) -> bool:
    """Whether a path is of a temporary folder named by `tempfile`: there a reader may write."""
    at = Path(os.fsdecode(path))
    if isinstance(folder, int) and folder >= 0 and not at.is_absolute():
        at = Path(f"/proc/self/fd/{folder}").resolve() / at
    places = at.resolve().parts[len(_TEMPORARY.parts) :]
    return at.resolve().is_relative_to(_TEMPORARY) and bool(places and _NAMED(places[0]))


sys.addaudithook(_watch)


def _memory() -> tuple[int, int]:
    """Memory of this process now, and the most it had since it was last asked, in KiB."""
    with suppress(OSError):
        lines = STATUS.read_bytes().splitlines()
        said = dict(line.split(b":", 1) for line in lines if line.startswith((b"VmRSS", b"VmHWM")))
        PEAK.write_bytes(b"5")  # the most is counted from here
        return int(said[b"VmRSS"].split()[0]), int(said[b"VmHWM"].split()[0])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of the whole life of the process
    most //= 1024 if os.uname().sysname == "Darwin" else 1
    return most, most


@contextmanager
def harmless(longest: float = LONGEST, largest: float = LARGEST) -> Iterator[None]:
    """Fail if what is done inside runs, opens or asks anything, does not end, or grows."""
    global _seen

    def late(*_: object) -> None:
        raise AssertionError(f"over {longest} seconds of CPU")

    before = signal.signal(signal.SIGVTALRM, late)
    started, _ = _memory()
    signal.setitimer(signal.ITIMER_VIRTUAL, longest)
    _seen = []
    try:
        yield
    finally:
        done, _seen = _seen, None
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        grown = (_memory()[1] - started) / 1024
        assert done == []
        assert grown < largest, f"{grown:.0f} MiB at once"
