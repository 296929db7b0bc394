"""Starts Snakemake and its jobs as forks of a process that has imported their libraries.

A new Python imports for 2 s of CPU before Snakemake reads a rule, and as long before a job works;
the tests start some hundred of both. One process a test process imports the libraries (none of the
project's packages: a copy's count) and forks for each start; the fork has the directory, the
environment, the arguments and the open files that a new process would have. Snakemake starts a job
with `sys.executable`, which in such a fork is a small program that asks for another.

A fork has the seed of hashes of the process it is of. Tests that say that two runs give the same
bytes fork the second run from another such process, and those of killed processes start them cold;
with ALGOPROG_COLD=1 all tests do.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import ctypes
import functools
import gc
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

# What Snakemake and the scripts import, but for the project itself.
LIBRARIES = (
    *("snakemake.cli", "snakemake.executors.dryrun", "snakemake.executors.local"),
    *("snakemake.benchmark", "snakemake.profiles", "snakemake.storage", "snakemake.script"),
    *("snakemake.report.html_reporter", "pydantic", "yaml", "sqlmodel", "smart_open", "nbformat"),
    *("numpy", "numpy.random", "scipy.linalg", "scipy.optimize", "scipy.special", "scipy.stats"),
    *("numba", "numba.core.caching", "polars", "pandera.polars", "duckdb"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_svg", "matplotlib.backends.backend_pdf"),
    *("jinja2", "msgspec", "httpx", "tenacity"),
)
# A process reads these when it starts or imports: who asks for others than this process has gets a
# new one.
READ_AT_IMPORT = ("PYTHON", "LC_", "LANG", "NUMBA_", "OPENBLAS_", "OMP_", "MKL_", "POLARS_", "MPL")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "MPLBACKEND": "Agg"}
PR_SET_PDEATHSIG = 1  # linux/prctl.h
CLIENT = """#!{python} -ISE
import array, json, os, socket, sys
if len(sys.argv) < 2 or not sys.argv[1].endswith(".py"):
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
asked = {{"arguments": sys.argv[1:], "directory": os.getcwd(), "variables": dict(os.environ)}}
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    files = array.array("i", [0, 1, 2])
    server.sendmsg([b"*"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
    server.sendall(json.dumps(asked).encode() + b"\\0")
    code = int(server.recv(16) or -9)
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


def run(
    arguments: Sequence[str],
    directory: Path,
    variables: Mapping[str, str],
    timeout: float,
    of: str = "first",
) -> tuple[int, str]:
    """Run `python` with these arguments in a fork; its exit code, and what it said.

    The process that forks has the name `of`; another one has another seed of hashes. In a new
    process where there can be no forks, or libraries would not be as in a new one.
    """
    address = _server(of) if _same(variables) and "ALGOPROG_COLD" not in variables else None
    if address is None:
        return run_cold(arguments, directory, variables, timeout)
    with tempfile.TemporaryFile() as output:
        code = _ask(address, arguments, directory, variables, output.fileno(), timeout)
        output.seek(0)
        return code, io.TextIOWrapper(output, encoding="utf-8").read()


def run_cold(
    arguments: Sequence[str], directory: Path, variables: Mapping[str, str], timeout: float
) -> tuple[int, str]:
    """Run it in a new process."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env=dict(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )
    return done.returncode, done.stdout


def _same(variables: Mapping[str, str]) -> bool:
    """Whether what libraries read when they are imported is as it is here."""
    names = {name for name in {*variables, *os.environ} if name.startswith(READ_AT_IMPORT)}
    names -= {*ONE_THREAD, "PYTHONPATH"}
    return all(variables.get(name) == _AT_START.get(name) for name in names)


_AT_START = dict(os.environ)


def _ask(
    address: str,
    arguments: Sequence[str],
    directory: Path,
    variables: Mapping[str, str],
    output: int,
    timeout: float,
) -> int:
    asked = {"arguments": arguments, "directory": str(directory), "variables": dict(variables)}
    with socket.socket(socket.AF_UNIX) as server, Path(os.devnull).open() as nothing:
        server.settimeout(timeout)
        server.connect(address)
        files = array.array("i", [nothing.fileno(), output, output])
        server.sendmsg([b"*"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
        server.sendall(json.dumps(asked).encode() + b"\0")
        return int(server.recv(16) or -signal.SIGKILL)


@functools.cache
def _server(_name: str) -> str | None:
    """Where the process of a name listens; started by the first that asks, ended with this one."""
    if not hasattr(os, "pidfd_open") or not hasattr(socket, "SCM_RIGHTS"):
        return None
    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    address = str(folder / "socket")
    process = subprocess.Popen(
        [sys.executable, "-P", __file__, address],
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | ONE_THREAD,
        stdin=subprocess.PIPE,  # which ends when this process does, however it ends
        stdout=subprocess.PIPE,
        stderr=None,
    )
    assert process.stdout is not None
    if process.stdout.readline() != b"ready\n":  # all starts would be cold, and nobody would see it
        raise RuntimeError("the process to fork from has ended; what it said is on stderr")
    atexit.register(_end, process)
    return address


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


# --- the process that forks ----------------------------------------------------------------------


def serve(address: str) -> None:
    """Import, listen, and fork for each that asks, until stdin ends."""
    for name in LIBRARIES:
        importlib.import_module(name)
    compile_something()
    client = Path(address).with_name("python")
    client.write_text(CLIENT.format(python=sys.executable, address=address))
    client.chmod(0o755)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    print("ready", flush=True)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    gc.collect()
    gc.freeze()
    assert "algoprog" not in sys.modules
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait for a fork
    while True:
        ready, _, _ = select.select([listener, 0], [], [])
        if 0 in ready:
            for path in (client, Path(address)):
                path.unlink(missing_ok=True)
            client.parent.rmdir()
            end(0)
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            answer(connection, str(client))
        connection.close()


def compile_something() -> None:
    """Let numba set up what it compiles with, which it does at the first function, for 0.4 s."""
    numba = sys.modules["numba"]
    numba.njit(lambda x: x + 1.0)(1.0)


def answer(connection: socket.socket, client: str) -> None:
    """Fork once more, wait for the end and say how it ended; killed, if who asked is."""
    _, ancillary, _, _ = connection.recvmsg(1, socket.CMSG_SPACE(3 * 4))
    files = array.array("i", ancillary[0][2])
    text = b""
    while not text.endswith(b"\0"):
        text += connection.recv(1 << 20)
    asked = json.loads(text[:-1])
    child = os.fork()
    if child == 0:
        connection.close()
        become(asked, files, client)
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([ended, connection], [], [])
    if ended not in ready:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(OSError):  # who asked is gone
        connection.sendall(str(code).encode())
    os._exit(0)


def become(asked: dict[str, Any], files: Sequence[int], client: str) -> NoReturn:
    """Be what a new `python` with these arguments would be."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["directory"])
    os.environ.clear()
    os.environ.update(asked["variables"])
    first, *rest = asked["arguments"]
    path = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    gc.enable()
    try:
        if first == "-m":
            sys.executable = client
            sys.path[:0] = [asked["directory"], *path]
            sys.argv = rest
            runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        else:
            sys.path[:0] = [str(Path(first).parent), *path]
            sys.argv = [first, *rest]
            runpy.run_path(first, run_name="__main__")
        code = 0
    except SystemExit as error:
        code = error.code
        if not isinstance(code, int | None):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    end(code or 0)


def end(code: int) -> NoReturn:
    """End as Python does, but leave modules as they are: a fork of DuckDB tells there of leaks."""
    threading._shutdown()  # type: ignore[attr-defined]  # pools end first, so that threads can
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
