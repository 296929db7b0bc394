"""What is recorded of outputs, and which damage is found by it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from algoprog.common.errors import InputError
from algoprog.common.integrity import RECORDS, check_writable, damaged, record
from algoprog.common.stale import mark, unmark

TABLE = Path("results/table.csv")
FOLDER = Path("results/figures")


@pytest.fixture(autouse=True)
def _outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    FOLDER.mkdir(parents=True)
    TABLE.write_text("a,b\n1,2\n3,4\n")
    (FOLDER / "one.svg").write_text("<svg/>")
    (FOLDER / "two.svg").write_text("<svg></svg>")
    for output in (TABLE, FOLDER):
        record(output, output)


def redate(path: Path, date: int = 1_000_000_000) -> None:
    os.utime(path, (date, date))


def test_what_is_as_it_was_written_stays() -> None:
    redate(TABLE)
    (FOLDER / ".snakemake_timestamp").touch()
    assert damaged(True) == []
    # the new date is noted: with it, and the old size, content is not read again
    TABLE.write_text("a,b\n1,2\n3,5\n")
    redate(TABLE)
    assert damaged(True) == []
    redate(FOLDER / "one.svg")
    TABLE.unlink()
    assert damaged(True) == []


def test_what_is_dated_in_the_future_is_dated_now() -> None:
    tomorrow = int(time.time()) + 86400
    for path in (TABLE, FOLDER / "one.svg"):
        redate(path, tomorrow)
    assert damaged(False) == []
    assert TABLE.stat().st_mtime == tomorrow
    assert damaged(True) == []
    for path in (TABLE, FOLDER / "one.svg"):
        assert path.stat().st_mtime < tomorrow


def test_a_folder_that_cannot_be_written_to_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    check_writable(Path("results"), Path("not there"))
    monkeypatch.setattr(os, "access", lambda folder, mode: folder != str(FOLDER))
    with pytest.raises(InputError, match=f"{FOLDER}, cannot be written"):
        check_writable(Path("results"))


@pytest.mark.parametrize(
    ("output", "damage"),
    [
        (TABLE, lambda: TABLE.write_text("a,b\n1,2\n")),
        (TABLE, lambda: TABLE.write_text("a,b\n1,2\n3,5\n")),
        (TABLE, lambda: TABLE.write_bytes(b"")),
        (TABLE, lambda: (RECORDS / f"{TABLE}.json").write_text('{"": {"si')),
        (FOLDER, lambda: (FOLDER / "one.svg").write_text("<svg>")),
        (FOLDER, lambda: (FOLDER / "two.svg").unlink()),
        (FOLDER, lambda: (FOLDER / "three.svg").touch()),
    ],
    ids=["cut", "changed", "empty", "record cut", "changed in", "missing in", "added to"],
)
def test_damage_is_found_and_removed(output: Path, damage: Callable[[], object]) -> None:
    damage()
    if output.is_file():
        redate(output)
    assert damaged(False) == [output]
    assert output.exists()
    assert damaged(True) == [output]
    assert not output.exists()
    assert damaged(True) == []
    assert (TABLE if output == FOLDER else FOLDER).exists()


def test_a_log_of_a_database_that_was_not_closed_is_removed() -> None:
    log = TABLE.with_name(f"{TABLE.name}.wal")
    log.write_bytes(b"altered")
    assert damaged(False) == [log]
    assert log.exists()
    assert damaged(True) == [log]
    assert not log.exists()
    assert TABLE.exists()
    assert damaged(True) == []


def test_a_mark_on_the_page_is_no_damage_and_damage_under_it_is_found() -> None:
    page = Path("results/report.html")
    page.write_text("<html><body><p>5.7 months</p></body></html>")
    record(page, page)
    mark(page.parent, "A run has not finished.")
    assert "has not finished" in page.read_text()
    assert damaged(True) == []
    unmark(page.parent)
    assert damaged(True) == []
    mark(page.parent, "A run has not finished.")
    page.write_text(page.read_text()[:40])
    assert damaged(True) == [page]
