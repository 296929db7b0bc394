"""The catalogue: every declared table has words, a key and a caption; the document is of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from algoprog import catalogue
from algoprog.catalogue import TABLES, tables_of
from algoprog.records.tables import DATABASE
from algoprog.tables.declaration import Table
from algoprog.tables.document import comments, markdown

ROOT = Path(__file__).resolve().parents[1]
DECLARED = [*TABLES.values(), *DATABASE.values()]


def test_every_declared_table_is_gathered_once() -> None:
    """Also of a package that is not in the catalogue yet."""
    library = ROOT / "src/algoprog"
    light = {path.parent.name for path in library.glob("*/tables.py")}
    assert light == {module.__name__.split(".")[1] for module in catalogue.PACKAGES}
    assert len(TABLES) == sum(len(module.TABLES) for module in catalogue.PACKAGES)
    values = [value for module in catalogue.PACKAGES for value in vars(module).values()]
    assert {value for value in values if isinstance(value, Table)} == set(TABLES.values())


@pytest.mark.parametrize("table", DECLARED, ids=lambda table: table.name)
def test_words_are_words(table: Table) -> None:
    for column in table.columns:
        assert column.meaning == column.meaning.strip() and len(column.meaning) >= 3, column
        assert "|" not in column.meaning and "(months)" not in column.meaning, column
        assert column.kind in {"number", "integer"} or not column.unit, column


def test_a_group_has_one_title_and_a_caption() -> None:
    groups = {table.group for table in TABLES.values()}
    assert len({group.name for group in groups}) == len(groups)
    for group in groups:
        assert (ROOT / f"workflow/report/{group.name}.rst").is_file(), group


def test_tables_are_listed_by_the_part_that_makes_them() -> None:
    assert tables_of("calibration") == ["bayes_calibration", "bayes_ranks"]
    assert "fits" in tables_of("") and "shapley" not in tables_of("")
    assert tables_of("", "shapley") == [
        name for name in TABLES if name in {*tables_of(""), "shapley", "predicted_loss"}
    ]
    assert tables_of() == []


def test_declarations_import_nothing_heavy() -> None:
    """Every call of Snakemake, also a dry run, reads them."""
    command = "import sys, algoprog.catalogue; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "polars", "duckdb", "scipy", "numba"} & set(done.stdout.split())


def test_a_column_without_words_is_an_error_unless_the_configuration_names_it() -> None:
    with pytest.raises(KeyError, match="new"):
        list(comments("fits", TABLES["fits"], ["delta", "new"]))
    assert "multiverse.choices" in list(comments("multiverse", TABLES["multiverse"], ["mine"]))[-1]


def test_the_document_is_written_from_them() -> None:
    written = (ROOT / "docs/read-the-tables.md").read_text(encoding="utf-8")
    assert written == markdown(TABLES.values()), "run `make docs`"
    for name in TABLES:
        assert f"\n### {name}\n" in written
    line = "| `growth_ci50_low` … `growth_ci95_high` | number | per year | 50, 90 and 95 % interval"
    assert line in written
    assert "`ci50_high`" not in written
