"""A user's mistake ends in one clear error, without a traceback, and costs no result."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from project import TABLES, Project, Run

pytestmark = pytest.mark.slow

REGISTER = "data/raw/lm_evaluations.csv"


def assert_nothing_lost(project: Project, before: dict[str, bytes]) -> None:
    assert project.tables() == before
    for name in ("report.html", "headline.txt", "results.duckdb", "run_config.yaml"):
        assert (project.directory / "results" / name).stat().st_size


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ({"sed": 1}, "sed: 'sed'; unknown key; did you mean seed?"),
        (
            {"samples": {"paper": {"models_per_paper": "three"}}},
            "samples.paper.models_per_paper: 'three'; expected a whole number",
        ),
        (
            {"variants": {"mine": {"exponentials": [{"alpha_year": "-time"}]}}},
            "variants.mine.exponentials.0.alpha_year: '-time'; no such variable: time; use t, n,",
        ),
        ({"headline": {"converged": "nope"}}, "headline.converged: 'nope'; expected one of"),
        (
            {"exclusions": {"uncertain": {"where": "uncertian <> 0"}}},
            "exclusions.uncertain.where: 'uncertian <> 0'; no such column: uncertian; write texts",
        ),
        (
            {"sources": {"register": {"location": "data/raw/absent.csv"}}},
            "sources.register.location: 'data/raw/absent.csv'; no such file in the project",
        ),
    ],
)
def test_configuration(finished: Project, overlay: object, message: str) -> None:
    before = finished.tables()
    run = finished.snakemake(overlay=overlay)
    assert run.returncode == 1
    assert "Traceback" not in run.output
    assert not run.jobs
    lines = [line for line in run.output.splitlines() if "; " in line]
    assert len(lines) == 1
    assert lines[0].startswith("overlay.yaml, ")
    assert message in lines[0]
    assert_nothing_lost(finished, before)


def test_key_written_twice(finished: Project) -> None:
    finished.edit("config.yaml", lambda text: f"{text}\nseed: 3\n")
    run = finished.snakemake()
    assert run.returncode == 1
    assert "config.yaml, seed: " in run.output
    assert "Traceback" not in run.output


def test_configuration_that_is_not_yaml(finished: Project) -> None:
    finished.edit("config.yaml", lambda text: text + "\nseed: [1\n")
    run = finished.snakemake()
    assert run.returncode == 1
    assert "config.yaml" in run.output
    assert "Traceback" not in run.output


def edited(change: Callable[[list[dict[str, str]]], object]) -> Callable[[str], str]:
    """Change the rows of a CSV file's text."""

    def edit(text: str) -> str:
        rows = list(csv.DictReader(io.StringIO(text)))
        change(rows)
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()

    return edit


def assert_one_error(project: Project, run: Run, before: dict[str, bytes], *parts: str) -> None:
    assert run.returncode == 1
    assert len(run.errors) == 1, run.output
    for part in parts:
        assert part in run.errors[0]
    assert "Traceback" not in run.output
    assert_nothing_lost(project, before)


MISTAKES: dict[str, tuple[Callable[[str], str], list[str]]] = {
    "missing column": (
        lambda text: text.replace("dataset_tokens", "tokens", 1),
        ["register", "dataset_tokens"],
    ),
    "negative perplexity": (
        edited(lambda rows: rows[1].update(perplexity="-17.1")),
        ["perplexity", "-17.1"],
    ),
    "date format": (
        edited(lambda rows: rows[1].update(published="24.02.2021")),
        ["published", "24.02.2021"],
    ),
    "HTML": (
        lambda text: "<!DOCTYPE html>\n<html><body>Not found</body></html>\n",
        ["register", "CSV"],
    ),
    "binary": (lambda text: "\x00\xff\x89PNG" * 20, ["register", "CSV"]),
}


def test_mistakes_in_a_source_cost_nothing(finished: Project) -> None:
    before = finished.tables()
    good = copy_of_the_register()
    for change, parts in MISTAKES.values():
        finished.edit(REGISTER, lambda _, change=change: change(good))  # type: ignore[misc]
        assert_one_error(finished, finished.make(), before, *parts)

    # put right again, nothing that was computed is computed again
    finished.edit(REGISTER, lambda _: good)
    run = finished.make_part(*TABLES)
    assert run.returncode == 0, run.output
    assert not {"fit", "draw"} & set(run.rules)
    assert finished.tables() == before


def copy_of_the_register() -> str:
    from project import PROJECT

    return (PROJECT / REGISTER).read_text(encoding="utf-8")


def excluding(where: str) -> dict[str, Any]:
    """An overlay whose sample leaves out what `where` says, besides what cannot be used."""
    kept = ["no_counts", "no_perplexity", "no_date", "outlier"]
    return {
        "exclusions": {"mine": {"where": where, "reason": "a test"}},
        "samples": {"paper": {"exclusions": [*kept, "mine"]}},
    }


@pytest.mark.parametrize(
    ("overlay", "parts"),
    [
        (excluding("TRUE"), ["paper"]),
        (excluding("benchmark <> 'wt103' OR source_row > 10"), ["paper", "rows", "parameters"]),
        (excluding("benchmark = 'wt2' AND system <> 'AWD-LSTM'"), ["wt2"]),
        (excluding("parameters + 1"), ["overlay.yaml, exclusions.mine.where", "true or false"]),
    ],
    ids=["empty sample", "fewer rows than parameters", "one row", "bad condition"],
)
def test_sample(finished: Project, overlay: object, parts: list[str]) -> None:
    before = finished.tables()
    assert_one_error(finished, finished.make(overlay=overlay), before, *parts)
