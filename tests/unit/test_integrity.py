"""What is recorded of outputs, and which damage is found by it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from algoprog.integrity import RECORDS, damaged, record

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


def later(path: Path) -> None:
    os.utime(path, (2_000_000_000, 2_000_000_000))


def test_what_is_as_it_was_written_stays() -> None:
    later(TABLE)
    (FOLDER / ".snakemake_timestamp").touch()
    assert damaged(True) == []
    # the new date is noted: with it, and the old size, content is not read again
    TABLE.write_text("a,b\n1,2\n3,5\n")
    later(TABLE)
    assert damaged(True) == []
    later(FOLDER / "one.svg")
    TABLE.unlink()
    assert damaged(True) == []


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
        later(output)
    assert damaged(False) == [output]
    assert output.exists()
    assert damaged(True) == [output]
    assert not output.exists()
    assert damaged(True) == []
    assert (TABLE if output == FOLDER else FOLDER).exists()
