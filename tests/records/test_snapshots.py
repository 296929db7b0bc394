"""A snapshot is whole and in use, or it is not there: also where its writer is killed."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from algoprog.common.errors import InputError
from algoprog.records import snapshots
from algoprog.records.snapshots import Policy, Sidecar, Snapshot

URL = "https://example.org/board.csv"
OLD, NEW = b"old\n" * 1000, b"new\n" * 100_000


@pytest.fixture(autouse=True)
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Waits for no disk; what would have been on it when, and the names given, in order."""
    done: list[str] = []
    replace = Path.replace

    def fsync(file: int) -> None:
        done.append("directory" if stat.S_ISDIR(os.fstat(file).st_mode) else "file")

    def renamed(path: Path, target: Path) -> Path:
        done.append(target.name)
        return replace(path, target)

    monkeypatch.setattr("os.fsync", fsync)
    monkeypatch.setattr(Path, "replace", renamed)
    return done


def sidecar(content: bytes, url: str = URL) -> Sidecar:
    return Sidecar(
        url=url,
        final_url=url,
        time=datetime(2024, 3, 9, 12, tzinfo=UTC),
        status=200,
        etag=None,
        last_modified=None,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        rows=1,
        columns=["a"],
    )


def store(directory: Path, content: bytes, extension: str = "csv") -> Snapshot:
    return snapshots.store(directory, content, extension, sidecar(content))


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def test_what_a_directory_holds(tmp_path: Path) -> None:
    directory = tmp_path / "raw/board"
    assert snapshots.in_use(directory, URL) is None
    snapshot = store(directory, OLD)
    digest = hashlib.sha256(OLD).hexdigest()
    assert names(directory) == {f"{digest[:16]}.csv", f"{digest[:16]}.meta.json", "current.json"}
    assert json.loads((directory / "current.json").read_text()) == {
        "snapshot": f"{digest[:16]}.csv",
        "sha256": digest,
        "url": URL,
    }
    about = json.loads((directory / f"{digest[:16]}.meta.json").read_text())
    assert (about["time"], about["rows"], about["bytes"]) == ("2024-03-09T12:00:00Z", 1, 4000)
    assert snapshot.path.stat().st_mode & 0o777 == 0o444
    assert snapshots.in_use(directory, URL) == snapshot
    assert snapshots.read(snapshot) == OLD
    assert snapshots.in_use(directory, URL + "?") is None


def test_what_is_named_is_on_the_disk_and_the_pointer_is_last(
    tmp_path: Path, synced: list[str]
) -> None:
    digest = hashlib.sha256(OLD).hexdigest()[:16]
    store(tmp_path, OLD)
    names_given = [f"{digest}.csv", f"{digest}.meta.json", "current.json"]
    assert synced == [step for name in names_given for step in ("file", name, "directory")]


def test_a_new_snapshot_leaves_the_old_one(tmp_path: Path) -> None:
    old = store(tmp_path, OLD)
    new = store(tmp_path, NEW)
    assert snapshots.in_use(tmp_path, URL) == new
    assert snapshots.read(old) == OLD
    assert store(tmp_path, OLD) == old == snapshots.in_use(tmp_path, URL)


def test_json_and_its_sidecar_have_two_names(tmp_path: Path) -> None:
    content = b'{"a": 1}'
    snapshot = store(tmp_path, content, "json")
    assert snapshots.read(snapshot) == content
    assert snapshots.in_use(tmp_path, URL) == snapshot


# Kills a writer (a process of its own) before each line of snapshots.py in turn, and where half of
# a file is written; each in a copy of a directory where another snapshot is in use.
KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from test_snapshots import NEW, snapshots, store

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def traced(kill_at):
    count = 0
    def trace(frame, event, _):
        nonlocal count
        if frame.f_code.co_filename != snapshots.__file__:
            return None
        if event == "line":
            count += 1
            if count == kill_at:
                die()
        return trace
    sys.settrace(trace)

def halved(kill_at):
    count = 0
    temporary = snapshots.tempfile.NamedTemporaryFile
    def opened(*args, **kwargs):
        nonlocal count
        count += 1
        file = temporary(*args, **kwargs)
        if count == kill_at:
            def write(content):
                file.file.write(content[: len(content) // 2])
                file.file.flush()
                die()
            file.write = write
        return file
    snapshots.tempfile.NamedTemporaryFile = opened

def under_a_temporary_name(event, arguments):
    if event == "open" and str(arguments[0]).startswith(sys.argv[1]):
        path, written = arguments[0], arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if written and not path.endswith(".partial") and not os.path.isdir(path):
            raise PermissionError(f"{path} is written in place")

root = Path(sys.argv[1])
os.fsync = lambda file: None
for how in (traced, halved):
    kill_at, signalled = 0, True
    while signalled:
        kill_at += 1
        directory = root / f"{how.__name__}-{kill_at}"
        shutil.copytree(root / "before", directory)
        child = os.fork()
        if not child:
            sys.addaudithook(under_a_temporary_name)
            how(kill_at)
            try:
                store(directory, NEW)
            except BaseException:
                os._exit(1)
            os._exit(0)
        ended = os.waitpid(child, 0)[1]
        signalled = os.WIFSIGNALED(ended)
        assert signalled or ended == 0
"""


def test_a_writer_killed_at_any_moment(tmp_path: Path) -> None:
    old = store(tmp_path / "before", OLD)
    before = names(tmp_path / "before")
    paths = os.pathsep.join(filter(None, [str(Path(__file__).parent), *sys.path]))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr

    digest = hashlib.sha256(NEW).hexdigest()[:16]
    killed = [path for path in tmp_path.iterdir() if path.name != "before"]
    whole = {
        f"{digest}.csv": NEW,
        **{name: (tmp_path / "before" / name).read_bytes() for name in before},
    }
    counts = {"old": 0, "new": 0, "partial": 0, "half": 0}
    for directory in killed:
        current = snapshots.in_use(directory, URL)
        assert current is not None
        content = snapshots.read(current)
        assert content in (OLD, NEW)
        counts["new" if content == NEW else "old"] += 1
        for path in directory.iterdir():
            if path.suffix == ".partial":
                counts["partial"] += 1
                counts["half"] += 0 < path.stat().st_size < len(NEW)
            elif path.name.startswith(digest):  # only ever whole
                assert path.suffix == ".json" or path.read_bytes() == whole[path.name]
            elif path.name != "current.json":
                assert path.read_bytes() == whole[path.name]
        # the next writer is not disturbed, and clears away
        new = store(directory, NEW)
        assert snapshots.in_use(directory, URL) == new
        assert snapshots.read(new) == NEW
        assert names(directory) == before | {f"{digest}.csv", f"{digest}.meta.json"}
        assert snapshots.read(Snapshot(directory / old.path.name, old.sidecar)) == OLD
    # three files, each killed half-written; many moments before the pointer and some after it
    assert sum(path.name.startswith("halved-") for path in killed) == 4
    assert counts["old"] > 40 and counts["new"] >= 3
    assert counts["partial"] > 20 and counts["half"] >= 1


def test_the_files_of_a_living_writer_are_left_alone(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    alive = tmp_path / f".{os.getpid()}.x.partial"
    others = [tmp_path / f".{pid}.x.partial" for pid in (dead.pid, 10**30, "x")]
    for path in (alive, *others):
        path.touch()
    snapshots.clean(tmp_path)
    assert names(tmp_path) == {alive.name}


def test_a_full_disk(tmp_path: Path) -> None:
    old = store(tmp_path, OLD)
    before = names(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(NEW) // 2, limits[1]))
    try:
        with pytest.raises(InputError, match=r"File too large.*possible to write there"):
            store(tmp_path, NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert names(tmp_path) == before
    assert snapshots.in_use(tmp_path, URL) == old


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "board").write_text("a file")
    with pytest.raises(InputError, match="possible to write there"):
        store(tmp_path / "board", OLD)
    with pytest.raises(InputError, match="possible to write there"):
        snapshots.note_refusal(tmp_path / "board", URL, "x")


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b'{"snapshot": "../../x.csv", "sha256": "%s", "url": "u"}' % (b"0" * 64),
        b'{"snapshot": "0000000000000000.csv", "sha256": "short", "url": "u"}',
    ],
)
def test_a_pointer_that_is_none(tmp_path: Path, damage: bytes) -> None:
    store(tmp_path, OLD)
    (tmp_path / "current.json").write_bytes(damage)
    with pytest.raises(InputError, match="delete it and run `make refresh`"):
        snapshots.in_use(tmp_path, URL)
    assert store(tmp_path, OLD) == snapshots.in_use(tmp_path, URL)


def test_a_snapshot_that_was_edited_or_deleted(tmp_path: Path) -> None:
    snapshot = store(tmp_path, OLD)
    snapshot.path.chmod(0o644)
    snapshot.path.write_bytes(OLD + b"x")
    with pytest.raises(InputError, match="changed since it was downloaded"):
        snapshots.read(snapshot)
    assert snapshots.read(store(tmp_path, OLD)) == OLD
    snapshot.path.unlink()
    with pytest.raises(InputError, match="No such file"):
        snapshots.read(snapshot)
    store(tmp_path, OLD)
    snapshot.path.with_suffix(".meta.json").unlink()
    with pytest.raises(InputError, match=r"without its sidecar'; delete"):
        snapshots.in_use(tmp_path, URL)


def test_a_refusal_is_remembered_until_a_success(tmp_path: Path) -> None:
    refuse, keep = Policy(), Policy(on_failure="keep")
    snapshots.note_refusal(tmp_path, URL, "nothing was there yet")
    assert snapshots.warnings("board", tmp_path, URL, refuse) == []
    store(tmp_path, OLD)
    assert snapshots.warnings("board", tmp_path, URL, refuse) == []
    snapshots.note_refusal(tmp_path, URL, "a page of HTML")
    with pytest.raises(InputError, match=r"source board, refresh of .* UTC: 'refused'; a page of"):
        snapshots.warnings("board", tmp_path, URL, refuse)
    (line,) = snapshots.warnings("board", tmp_path, URL, keep)
    assert line.startswith("source board: the snapshot of 2024-03-09 12:00 UTC stays in use")
    assert line.endswith("was refused: a page of HTML")
    assert snapshots.warnings("board", tmp_path, URL, Policy(offline=True)) == [line]
    store(tmp_path, OLD)
    assert snapshots.warnings("board", tmp_path, URL, refuse) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout": 0},
        {"deadline": float("inf")},
        {"attempts": 0},
        {"attempts": 21},
        {"largest": 0},
        {"on_failure": "ignore"},
        {"offline": "yes"},
        {"allow": ""},
        {"retries": 3},
    ],
)
def test_a_policy_that_makes_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)
