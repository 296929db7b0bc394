"""What every script does around its one call: log, error, threads, and whole files only.

A script reads::

    import job

    with job.running(snakemake):
        from algoprog.records.sample import select

        ...
        with job.writing(snakemake.output.rows) as path:
            rows.write_parquet(path)

Heavy imports belong inside the ``with``: the number of threads is set there, before Polars is
imported, and an import that fails is in the log.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

# Libraries that size their thread pool when they are imported; Snakemake sets only the BLAS ones.
THREAD_VARIABLES = ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")

# Why a file cannot be written, and what to do. Libraries wrap these in errors of their own, so they
# are known by their words.
REFUSALS = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room in your quota",
    errno.EFBIG: "allow larger files (ulimit -f)",
    errno.EROFS: "make the folder writable",
    errno.EACCES: "make the folder writable",
    errno.EPERM: "make the folder writable",
}
# What system, loader and libraries say when memory ends, where Python raises no MemoryError: a
# thread that has no room for its stack is one that cannot be started.
OUT_OF_MEMORY = (
    os.strerror(errno.ENOMEM),
    "failed to map segment from shared object",
    "failed to spawn",
    "can't start new thread",
)
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@contextmanager
def running(snakemake: Any) -> Iterator[None]:
    """Run a script's body under its rule's threads and log.

    What the body writes to stderr goes to the log, and so does the error it ends with: an
    ``InputError`` (a user's mistake) as its message, anything else as a traceback. The workflow's
    ``onerror`` shows both once more where a user sees them. A job that is killed can say nothing:
    beside its log it leaves ``.killed``, its process id, which every other end of a job removes.
    """
    from algoprog.common.errors import InputError

    _end_with_snakemake()
    for name in THREAD_VARIABLES:
        os.environ[name] = str(snakemake.threads)
    os.environ["MPLBACKEND"] = "Agg"  # a notebook's terminal names one that is not here
    terminal = sys.stderr
    path = Path(snakemake.log[0])
    unfinished = path.with_suffix(".killed")
    try:
        unfinished.write_text(str(os.getpid()))
        log = path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise SystemExit(f"InputError: {_refused(path, error) or error}") from None

    def fail(text: str) -> NoReturn:
        try:
            log.write(f"{text}\n")
        except OSError:  # no room for that either
            print(text, file=terminal)
        raise SystemExit(1) from None

    sys.stderr = log
    try:
        yield
    except InputError as error:
        fail(f"InputError: {error}")
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # a panic of Polars is no Exception
        if isinstance(error, MemoryError) or any(word in str(error) for word in OUT_OF_MEMORY):
            fix = "give it more memory, or let fewer jobs run at once, and run again"
            fail(f"InputError: {InputError(str(path), 'out of memory', str(error), fix)}")
        fail(traceback.format_exc())
    finally:
        sys.stderr = terminal
        unfinished.unlink(missing_ok=True)
        with suppress(OSError):
            log.close()


@contextmanager
def writing(path: str) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name once the body has succeeded.

    The body makes a file there, or a folder. What it made is recorded
    (``algoprog.common.integrity``), so that the next run knows it again.

    Raises
    ------
    InputError
        if it cannot be written: no room, no permission.
    """
    from algoprog.common.integrity import record, remove

    target = Path(path)
    temporary = target.with_name(f".{os.getpid()}.{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(".*"):  # by a job that was killed
            if re.fullmatch(rf"\.\d+\.{re.escape(target.name)}(\.wal)?", left.name):
                remove(left)
        yield temporary
        record(target, temporary)
        remove(target.with_name(f"{target.name}.wal"))  # of a database that is replaced
        temporary.replace(target)
    except Exception as error:
        refused = _refused(target, error)
        if refused is None:
            raise
        raise refused from None
    finally:
        remove(temporary)


def _refused(path: Path, error: Exception) -> Exception | None:
    """The error of a user's disk or permissions that `error` tells of, if it does."""
    from algoprog.common.errors import InputError

    for number, fix in REFUSALS.items():
        if os.strerror(number) in str(error):
            found = f"{fix} and run again"
            return InputError(str(path), "cannot be written", os.strerror(number), found)
    return None


def _end_with_snakemake() -> None:
    """Let this job be killed when Snakemake is, lest it write into the next run (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
