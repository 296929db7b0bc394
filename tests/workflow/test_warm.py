"""A fork is what a new process would be: its arguments, folder, variables, files and end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import warm

SCRIPT = """
import json, os, sys
print(json.dumps([sys.argv, os.getcwd(), os.environ["MINE"], sys.path[:3]]), flush=True)
print("other", file=sys.stderr, flush=True)
import mine
print(mine.VALUE, flush=True)
sys.stdout.write("at the end")
def kill():
    os.kill(os.getpid(), 9)
{end}
"""


def both(folder: Path, end: str) -> list[tuple[int, str]]:
    (folder / "script.py").write_text(SCRIPT.format(end=end))
    (folder / "packages").mkdir(exist_ok=True)
    (folder / "packages/mine.py").write_text("VALUE = 3\n")
    variables = os.environ | {"MINE": "a", "PYTHONPATH": str(folder / "packages")}
    arguments = [str(folder / "script.py"), "b c", ""]
    return [start(arguments, folder, variables, 60) for start in (warm.run, warm.run_cold)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "end",
    [
        "",
        "sys.exit(3)",
        "sys.exit('words')",
        "raise SystemExit",
        "1 / 0",
        "os.kill(os.getpid(), 9)",
        "from concurrent import futures; futures.ProcessPoolExecutor(1).submit(abs, 1).result()",
        "import threading; threading.Thread(target=print, args=['from a thread']).start()",
    ],
)
def test_a_fork_is_as_a_new_process(tmp_path: Path, end: str) -> None:
    forked, new = both(tmp_path, end)
    assert forked[0] == new[0]
    lines = [text.splitlines()[:3] for _, text in (forked, new)]
    assert lines[0] == lines[1] and lines[0][1:] == ["other", "3"]
    assert ("at the end" in forked[1]) == ("at the end" in new[1])
    assert ("ZeroDivisionError" in forked[1]) == ("ZeroDivisionError" in new[1])


@pytest.mark.slow
def test_what_a_copy_has_changed_counts(tmp_path: Path) -> None:
    both(tmp_path, "")
    (tmp_path / "packages/mine.py").write_text("VALUE = 'changed'\n")
    variables = os.environ | {"MINE": "", "PYTHONPATH": str(tmp_path / "packages")}
    _, text = warm.run([str(tmp_path / "script.py")], tmp_path, variables, 60)
    assert "changed" in text


@pytest.mark.slow
@pytest.mark.skipif("ALGOPROG_COLD" in os.environ, reason="all starts are to be cold")
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="no forks of this kind here")
def test_a_start_is_a_fork_that_has_imported_its_libraries(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "import sys\nprint({*LIBRARIES} <= {*sys.modules})\n".replace(
            "LIBRARIES", repr(warm.LIBRARIES)
        )
    )
    starts = [
        start([str(tmp_path / "script.py")], tmp_path, os.environ, 60)
        for start in (warm.run, warm.run_cold)
    ]
    assert starts == [(0, "True\n"), (0, "False\n")]
