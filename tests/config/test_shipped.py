"""Results that come with the project are used only where they are of what is at hand."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
import pytest

from algoprog.catalogue import TABLES, tables_of
from algoprog.common.errors import InputError
from algoprog.common.integrity import checksum
from algoprog.config.document import parse_config
from algoprog.config.loading import merged, moved, read_layers, read_mapping
from algoprog.config.plan.plan import Plan
from algoprog.config.plan.results import TARGETS
from algoprog.config.plan.shipped import (
    LIBRARY,
    SCRIPTS,
    ShippedPlan,
    packed,
    shipped_stamps,
    stamps,
)
from algoprog.shipping import LARGEST, compact, main, pack, restamp, unlike
from algoprog.tables.csv import packed as gzip_of
from algoprog.tables.csv import read_table, unpacked, write_table
from algoprog.tables.frames import frame_of

PROJECT = Path(__file__).resolve().parents[2]
MAPPING = read_mapping(PROJECT)
DAY, LATER = date(2026, 11, 27), date(2026, 11, 28)
TARGET = "multiverse"
SCRIPT = "scripts/multiverse_fits.py"


def plan(changes: dict[str, Any] | None = None) -> ShippedPlan:
    return Plan(parse_config(merged(MAPPING, changes or {}))).shipped


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose multiverse was computed, packed and then taken away."""
    shutil.copytree(PROJECT / "scripts", tmp_path / "scripts")
    shutil.copytree(PROJECT / "data/raw", tmp_path / "data/raw")
    (tmp_path / "data/processed").mkdir()
    for name in ("evaluations.parquet", "capability.json"):
        (tmp_path / "data/processed" / name).write_bytes(b"records")
    monkeypatch.chdir(tmp_path)
    made = plan()
    (tmp_path / "results/multiverse").mkdir(parents=True)
    (tmp_path / "results/tables").mkdir()
    for name in tables_of(TARGET):
        write_table(
            tmp_path / f"results/tables/{name}.csv", TABLES[name], frame_of(TABLES[name], [])
        )
    for number, proof in enumerate(made.proofs(TARGET)):
        path = tmp_path / proof
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            pl.DataFrame({"id": ["a", "b"], "x": [1.0, 2.0 + number]}).write_parquet(path)
    records = {path: checksum(Path(path)) for path in made.results.records_paths(TARGET)}
    stamp = {"settings": made.results.fingerprint(TARGET), "records": records}
    (tmp_path / "results/multiverse/stamp.json").write_text(json.dumps(stamp))
    pack(made, TARGET, Path(), DAY)
    aside = tmp_path / "aside"
    shutil.move(tmp_path / "results/multiverse/stamp.json", aside)
    return tmp_path


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_fresh_project_uses_what_came_with_it(project: Path) -> None:
    usable = plan().usable(Path())
    assert sorted(usable) == sorted(tables_of(TARGET))
    assert shipped_stamps(usable) == ["data/shipped/multiverse/stamp.json"]
    assert main(["proofs"], PROJECT) == 0


def test_what_was_computed_here_counts_first(project: Path) -> None:
    shutil.move(project / "aside", project / "results/multiverse/stamp.json")
    assert not plan().usable(Path())


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"samples": {"paper": {"models_per_paper": 2}}},
        {"multiverse": {"bootstrap": {"replicates": 99}}},
        {"repeats": {"suspected": "twice"}},
    ],
)
def test_other_settings_put_it_aside(project: Path, changes: dict[str, Any]) -> None:
    assert not plan(changes).usable(Path())


def test_settings_that_it_does_not_rest_on_leave_it(project: Path) -> None:
    for changes in ({"coverage": {"shards": 7}}, {"jobs": {"analyses": 3}}):
        assert plan(changes).usable(Path())


def test_another_record_puts_it_aside(project: Path) -> None:
    edit(project / "data/raw/lm_evaluations.csv", lambda text: text + text.splitlines()[1] + "\n")
    assert not plan().usable(Path())


def test_words_of_the_code_leave_it_and_code_puts_it_aside(project: Path) -> None:
    edit(project / SCRIPT, lambda text: text.replace('"""', '"""Anew: ', 1) + "\n# a comment\n")
    assert plan().usable(Path())
    edit(project / SCRIPT, lambda text: text + "\nx = 1\n")
    assert not plan().usable(Path())
    assert plan().differs(TARGET, stamps(Path())[TARGET], Path()) == [SCRIPT]


def test_a_table_that_is_missing_is_not_used(project: Path) -> None:
    packed(Path(), TARGET, "attribution").unlink()
    assert "attribution" not in plan().usable(Path())


def test_a_run_of_its_own_uses_it_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "runs/mine").mkdir(parents=True)
    monkeypatch.chdir(project / "runs/mine")
    root = Path("../..")
    layers = [moved(layer, str(root)) for layer in read_layers(PROJECT)]
    run = Plan(parse_config(merged(*(layer.content for layer in layers)))).shipped
    assert not run.differs(TARGET, stamps(root)[TARGET], root)


def test_after_an_edit_of_code_it_is_stamped_anew_once_its_numbers_are_found_again(
    project: Path,
) -> None:
    edit(project / SCRIPT, lambda text: text + "\nx = 1\n")
    first = plan().proofs(TARGET)[0]
    kept = pl.read_parquet(first)
    # another number: refused, by its place
    kept.with_columns(pl.col("x") * pl.Series([1.0, 1.01])).write_parquet(first)
    with pytest.raises(InputError, match=r"row 2, column x"):
        restamp(plan(), TARGET, Path(), LATER)
    assert not plan().usable(Path())
    # the same but for rounding
    kept.with_columns(pl.col("x") * (1 + 1e-9)).write_parquet(first)
    restamp(plan(), TARGET, Path(), LATER)
    assert plan().usable(Path())
    stamp = stamps(Path())[TARGET]
    assert (stamp["computed"], stamp["verified"]) == ("2026-11-27", "2026-11-28")
    # other inputs cannot be stamped
    with pytest.raises(InputError, match="the configuration have changed"):
        restamp(plan({"seed": 1}), TARGET, Path(), LATER)


def test_another_processor_compares_with_the_old_code_on_the_same_machine(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = tmp_path_factory.mktemp("old")
    for name in stamps(Path())[TARGET]["code"]:
        folder = old if name.startswith("scripts/") else old / "src/algoprog"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project / name if folder == old else LIBRARY / name, folder / name)
    edit(project / SCRIPT, lambda text: text + "\nx = 1\n")
    for first in plan().proofs(TARGET):  # made here, with other numbers than were packed
        file = project / first
        kept = pl.read_csv(file) if file.suffix == ".csv" else pl.read_parquet(file)
        now = kept.with_columns(cs.float() * 2)
        for path in (file, old / first):
            path.parent.mkdir(parents=True, exist_ok=True)
            now.write_csv(path) if file.suffix == ".csv" else now.write_parquet(path)
    with pytest.raises(InputError, match="its numbers have moved"):
        restamp(plan(), TARGET, Path(), LATER)
    # code that is not the stamp's proves nothing
    script = (old / SCRIPT).read_text()
    (old / SCRIPT).write_text(script + "\ny = 1\n")
    with pytest.raises(InputError, match=SCRIPT):
        restamp(plan(), TARGET, Path(), LATER, old)
    (old / SCRIPT).write_text(script)
    restamp(plan(), TARGET, Path(), LATER, old)
    assert plan().usable(Path())


def test_only_what_is_of_the_present_inputs_is_packed(project: Path) -> None:
    with pytest.raises(InputError, match="not of the present records"):
        pack(plan(), TARGET, Path(), DAY)
    assert main(["pack", "nonsense"], PROJECT) == 1


@pytest.mark.parametrize(
    ("now", "where"),
    [
        ({"a": [1.0, None], "b": ["x", "y"]}, ""),
        ({"a": [1.0 + 1e-8, None], "b": ["x", "y"]}, ""),
        ({"a": [1.1, None], "b": ["x", "y"]}, "row 1, column a"),
        ({"a": [1.0, 2.0], "b": ["x", "y"]}, "row 2, column a"),
        ({"a": [1.0, None], "b": ["x", "z"]}, "row 2, column b"),
        ({"a": [1.0], "b": ["x"]}, "1 rows instead of 2"),
        ({"b": ["x", "y"]}, "columns"),
    ],
)
def test_numbers_that_differ_are_found(now: dict[str, Any], where: str) -> None:
    assert unlike(pl.DataFrame({"a": [1.0, None], "b": ["x", "y"]}), pl.DataFrame(now)) == where


def test_a_search_from_fewer_starts_has_found_the_same() -> None:
    before = pl.DataFrame({"objective": [1.0], "n_starts": [29], "n_at_best": [8]})
    now = pl.DataFrame({"objective": [1.0], "n_starts": [12], "n_at_best": [5]})
    assert unlike(before, now) == ""


def test_infinities_are_equal_to_themselves() -> None:
    one = pl.DataFrame({"a": [float("inf"), float("-inf"), float("nan")]})
    assert unlike(one, one) == ""
    assert unlike(one, one.with_columns(-pl.col("a"))) == "row 1, column a"


def test_packed_numbers_have_six_digits_and_nothing_else_changes() -> None:
    table = pl.DataFrame(
        {"a": [1 / 3, float("inf"), None, 0.0025, -0.0], "b": ["x", None, "y", "z", "ä"]}
    )
    lines = compact(table).decode().splitlines()
    assert lines == ["a,b", "0.333333,x", "inf,", ",y", "0.0025,z", "-0.0,ä"]


def test_every_script_of_a_target_is_known() -> None:
    known = {script for scripts in SCRIPTS.values() for script in scripts}
    rules = "".join(
        (PROJECT / f"rules/{name}.smk").read_text(encoding="utf-8")
        for name in ("multiverse", "coverage", "bayes")
    )
    assert set(re.findall(r"scripts/(\w+)\.py", rules)) <= known
    assert set(SCRIPTS) == set(TARGETS)


# --- what this project ships ---------------------------------------------------------------------


@pytest.mark.parametrize("target", list(stamps(PROJECT)))
def test_what_this_project_ships_is_not_stale(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    stamp = stamps(PROJECT)[target]
    differs = plan().differs(target, stamp, PROJECT)
    assert not differs, f"run `make restamp`, or `make ship SHIP={target}`: {differs}"
    folder = packed(PROJECT, target, "").parent
    assert all(path.stat().st_size <= LARGEST for path in folder.iterdir())
    assert all((folder / name).exists() for name in stamp["proofs"])


@pytest.mark.parametrize("target", list(stamps(PROJECT)))
def test_what_this_project_ships_is_whole(target: str, tmp_path: Path) -> None:
    for name, sha in stamps(PROJECT)[target]["tables"].items():
        table = tmp_path / f"{name}.csv"
        table.write_bytes(unpacked(packed(PROJECT, target, name)))
        assert checksum(table) == sha
        assert read_table(table, TABLES[name]).height


def test_a_packed_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fits.csv.gz"
    for content in (b"a,b\n", gzip_of(b"a,b\n" * 99)[:-9]):
        path.write_bytes(content)
        with pytest.raises(InputError, match="check the project out again"):
            unpacked(path)
    path.write_bytes(gzip_of(b"a,b\n"))
    assert unpacked(path) == b"a,b\n"
