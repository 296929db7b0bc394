"""What a finished run says of itself: comments, answers in SQL, Snakemake's report, documents."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from declared import as_declared
from project import PROJECT, Project

from algoprog.catalogue import TABLES, tables_of

pytestmark = pytest.mark.slow


def test_tables_are_as_declared_in_files_and_database(finished: Project) -> None:
    names = as_declared(finished)
    assert set(tables_of("", "cross_validation")) <= names


def test_snakemakes_report_has_every_table_and_figure_with_a_caption(finished: Project) -> None:
    run = finished.snakemake("--report", "report.zip")
    assert run.returncode == 0, run.output
    with zipfile.ZipFile(finished.directory / "report.zip") as archive:
        names = [Path(name).name for name in archive.namelist()]
        page = "".join(
            archive.read(name).decode() for name in archive.namelist()
            if name.endswith((".html", ".js"))
        )  # fmt: skip
    tables = sorted(finished.tables())
    figures = sorted(path.name for path in (finished.directory / "results/figures").glob("*.svg"))
    assert len(tables) >= 10 and len(figures) >= 5
    assert set(tables) <= set(names)
    assert set(figures) <= set(names)
    for table in tables:
        words = TABLES[table.removesuffix(".csv")]
        assert json.dumps(words.row) in page, table
        assert json.dumps(words.group.title) in page, table
    # captions quote the configuration: the draws of the headline, where frontiers are
    assert "12 draws of papers" in page
    assert "17.48, 10.81, 7.16" in page
    captions = re.findall(r'"caption": "(.*?[^\\])"', page)
    assert captions and not any("snakemake.config" in caption for caption in captions)


def test_figures_are_drawn_again_from_the_tables_alone(finished: Project) -> None:
    folder = finished.directory / "results/figures"
    before = {path.name: path.read_bytes() for path in folder.glob("[!.]*")}
    assert {Path(name).suffix for name in before} == {".svg", ".pdf"}
    # what a fit is made of has changed, and still none is made again
    finished.edit("src/algoprog/estimators/objective.py", lambda text: text + "\n# touched\n")
    only = ["figures", "report"]
    targets = ["results/figures", "results/report.html"]
    run = finished.snakemake(*targets, "--allowed-rules", *only, "--forcerun", *only)
    assert run.returncode == 0, run.output
    assert set(run.rules) == set(only)
    assert {path.name: path.read_bytes() for path in folder.glob("[!.]*")} == before


def test_the_figure_of_the_data_flow_is_of_the_rules_as_they_are(tmp_path: Path) -> None:
    drawn = tmp_path / "dataflow.svg"
    command = [sys.executable, "docs/dataflow.py", str(drawn)]
    subprocess.run(command, cwd=PROJECT, check=True)
    kept = (PROJECT / "docs/dataflow.svg").read_text(encoding="utf-8")
    assert drawn.read_text(encoding="utf-8") == kept, "run `make docs`"
