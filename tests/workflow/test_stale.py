"""What fails once fails again, and results of other inputs never pass for current ones."""

from __future__ import annotations

from typing import Any

import pytest
from project import Project, copy_project

MATCHED = {"match": {"source_row": 2}}
NO_MATCH: dict[str, Any] = {
    "corrections": {
        "mine": {
            "match": {"system": "No such system"},
            "set": {"parameters": 1.0e9},
            "reason": "typo in the name",
        }
    }
}


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with its samples, and a headline as a run before has left it."""
    project = copy_project(tmp_path_factory.mktemp("sampled") / "project")
    run = project.snakemake("samples")
    assert run.returncode == 0, run.output
    (project.directory / "results").mkdir(exist_ok=True)
    (project.directory / "results/headline.txt").write_text("5.7 months\n")
    return project


def unreadable(project: Project) -> dict[str, Any]:
    """An overlay whose register has a date that is none."""
    text = (project.directory / "data/raw/lm_evaluations.csv").read_text(encoding="utf-8")
    header, first, *rest = text.splitlines(keepends=True)
    at = header.split(",").index("published")
    cells = [*first.split(",")[:at], "many", *first.split(",")[at + 1 :]]
    mine = project.directory / "data/raw/records_mine.csv"
    mine.write_text(header + ",".join(cells) + "".join(rest), encoding="utf-8")
    return {"sources": {"register": {"location": "data/raw/records_mine.csv"}}}


@pytest.mark.slow
@pytest.mark.parametrize("mistake", ["a register", "a correction", "epochs"])
def test_the_same_mistake_is_refused_until_it_is_mended(sampled: Project, mistake: str) -> None:
    overlay = NO_MATCH
    if mistake == "a register":
        overlay = unreadable(sampled)
    elif mistake == "epochs":
        overlay = {"corrections": {"mine": {**MATCHED, "set": {"epochs": 0}, "reason": "none"}}}
    for _ in range(2):
        run = sampled.snakemake("samples", overlay=overlay)
        assert run.returncode == 1, run.output
        assert "InputError: " in run.output
        assert "results/ is still that of the run of " in run.output
        assert (sampled.directory / "results/STALE.txt").exists()
    # what is right again is made again, and no sample with it
    run = sampled.snakemake("samples")
    assert run.returncode == 0, run.output
    assert "Nothing to be done" in sampled.snakemake("samples").output


@pytest.mark.slow
def test_what_a_killed_job_has_taken_away_is_made_again(sampled: Project) -> None:
    for name in ("sources/register", "evaluations", "samples/paper.steps"):
        file = sampled.directory / f"data/processed/{name}.parquet"
        before = file.read_bytes()
        file.unlink()
        run = sampled.snakemake("samples")
        assert run.returncode == 0, run.output
        assert file.read_bytes() == before
