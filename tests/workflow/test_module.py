"""Another workflow that uses this one as a module, with its own configuration and source."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import duckdb
import pytest
import yaml
from project import DATABASE, SMALL, Project, rows_of

pytestmark = pytest.mark.slow

SNAKEFILE = """
configfile: "config/config.yaml"


module algoprog:
    snakefile: "../../project/workflow/Snakefile"
    config: config


use rule * from algoprog as algoprog_*


rule mine:
    default_target: True
    input:
        rules.algoprog_all.input,
        fits="results/tables/fits.csv",
    output:
        "their_fits.csv",
    log:
        "logs/mine.log",
    shell:
        "grep ',mine,' {input.fits} > {output} 2> {log}"
"""
ADDED = {
    "system": "a system of theirs",
    "paper": "a paper of theirs",
    "published": "2021-05-01",
    "architecture": "transformer",
    "wt103": "15.5",
    "parameters": "1e9",
    "dataset_tokens": "2e9",
}
SOURCE = {
    "kind": "csv",
    "location": "data/theirs.csv",
    "columns": {
        **{name: name for name in ADDED if name != "wt103"},
        "perplexity": {"wt103": "wt103"},
    },
}
CHANGES = {
    "sources": {"theirs": SOURCE},
    "variants": {
        "m16": {"enabled": False},
        "mine": {"exponentials": [{"alpha_const": "1 + b", "alpha_compute": "-c"}]},
    },
    "samples": {"paper": {"models_per_paper": 2}},
    "deltas": [0.0025],
    "bootstrap": {"shards": 1},
    "cross_validation": {"schemes": ["papers"]},
    "temporal_hold_out": {"enabled": False},
}


def put_source(directory: Path) -> None:
    path = directory / SOURCE["location"]
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(ADDED))
        writer.writeheader()
        writer.writerow(ADDED)


@pytest.fixture
def theirs(fresh: Project) -> Project:
    """Their workflow, beside a copy of ours and with what that has as installed package."""
    directory = fresh.directory.parent / "theirs"
    (directory / "workflow").mkdir(parents=True)
    (directory / "workflow/Snakefile").write_text(SNAKEFILE)
    (directory / "config").mkdir()
    (directory / "config/config.yaml").write_text(yaml.safe_dump(CHANGES))
    (directory / "src").symlink_to(fresh.directory / "src")
    put_source(directory)
    return Project(directory, (f"../project/{SMALL}", "config/config.yaml"))


def test_their_configuration_and_source_give_the_tables_of_a_project_of_its_own(
    theirs: Project, fresh: Project
) -> None:
    run = theirs.snakemake()
    assert run.returncode == 0, run.output
    assert {w["source"] for rule, w in run.jobs if rule == "algoprog_acquire"} == {
        "register",
        "theirs",
    }
    with duckdb.connect(
        str(theirs.directory / "data/processed/evaluations.duckdb"), read_only=True
    ) as connection:
        (sources,) = connection.execute(
            "SELECT list(source) FROM evaluations WHERE system = ?", [ADDED["system"]]
        ).fetchone()
    assert sources == ["theirs"]
    tables = theirs.tables()
    fits = rows_of(tables["fits.csv"])
    assert {fit["variant"] for fit in fits} == {"m07", "mine"}
    assert (theirs.directory / "their_fits.csv").read_text().count(",mine,") == 2  # estimators
    assert (theirs.directory / "results/report.html").stat().st_size > 0

    again = theirs.snakemake()
    assert "Nothing to be done" in again.output, again.output

    # in one core, which changes no byte either
    put_source(fresh.directory)
    run = fresh.snakemake(DATABASE, cores=1, overlay=CHANGES)
    assert run.returncode == 0, run.output
    assert fresh.tables() == tables
    assert {"cross_validation.csv", "parameters.csv", "doubling_times.csv"} <= set(tables)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sources": {"theirs": {"location": "data/absent.csv"}}}, "sources.theirs.location"),
        ({"bootstrap": {"shard": 2}}, "bootstrap.shard"),
        ({"variants": ["m07"]}, "variants"),
    ],
)
def test_a_mistake_in_their_configuration_is_named(
    theirs: Project, changes: dict, told: str
) -> None:
    run = theirs.dry_run(overlay=changes)
    assert run.returncode != 0
    assert f"config of module algoprog, {told}: " in run.output
    assert "Traceback" not in run.output


def test_what_they_do_not_configure_is_as_in_ours(theirs: Project, fresh: Project) -> None:
    (theirs.directory / "config/config.yaml").write_text("{}")
    plan = Project(theirs.directory, ("config/config.yaml",)).dry_run()
    assert plan.returncode == 0, plan.output
    ours = Project(fresh.directory, ("config.yaml",)).dry_run()
    assert {f"algoprog_{rule}": n for rule, n in ours.rules.items()} == {
        rule: n for rule, n in plan.rules.items() if rule not in ("algoprog_all", "mine")
    }


def test_from_a_forge_a_run_ends_at_once_and_says_what_to_do(
    theirs: Project, fresh: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`snakedeploy` writes github(...): single files are fetched, but the scripts need others."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "all"], ["tag", "v1"]):
        subprocess.run(["git", *command], cwd=fresh.directory, check=True)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")  # no network: github.com is the copy
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{fresh.directory}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/someone/algoprog")
    monkeypatch.setenv("XDG_CACHE_HOME", str(theirs.directory / "cache"))
    theirs.edit(
        "workflow/Snakefile",
        lambda text: text.replace(
            '"../../project/workflow/Snakefile"',
            'github("someone/algoprog", path="workflow/Snakefile", tag="v1")',
        ),
    )
    run = theirs.dry_run()
    assert run.returncode != 0
    assert "clone it, and give the path" in run.output, run.output
    assert "Traceback" not in run.output
