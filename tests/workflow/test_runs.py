"""`make RUN=mine`: a configuration and all that it makes, apart from others'."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import yaml
from project import SMALL, copy_project

pytestmark = pytest.mark.slow

ROWS = "data/processed/samples/paper.parquet"
IN_RUN = ("--directory", "runs/mine")


def test_a_run_keeps_its_configuration_and_what_it_makes_apart(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", SMALL)
    mine = project.directory / "runs/mine.yaml"
    mine.parent.mkdir()
    mine.write_text(yaml.safe_dump({"samples": {"paper": {"models_per_paper": 1}}}))

    made = project.snakemake("samples")
    assert made.returncode == 0, made.output
    before = (project.directory / ROWS).read_bytes()
    made = project.snakemake(*IN_RUN, "samples")
    assert made.returncode == 0, made.output
    assert made.rules["normalize"] == 1  # its own, from the project's register
    assert (project.directory / ROWS).read_bytes() == before
    rows = [pl.read_parquet(project.directory / place / ROWS) for place in (".", "runs/mine")]
    assert 0 < rows[1].height < rows[0].height

    # to go from one to the other runs nothing again
    for place in ((), IN_RUN):
        planned = project.dry_run(*place, "samples")
        assert planned.returncode == 0, planned.output
        assert not planned.jobs

    mine.write_text("sed: 1\n")
    refused = project.dry_run(*IN_RUN, "samples")
    assert refused.returncode == 1
    (line,) = [line for line in refused.output.splitlines() if "sed: 'sed'" in line]
    assert "runs/mine.yaml, " in line
