"""The multiverse through Snakemake: a further level fits what is new and nothing else."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml
from declared import files_as_declared
from project import DATABASE, NO_FIGURES, SMALL, Project, rows_of

from algoprog.catalogue import tables_of
from algoprog.config.document import parse_config
from algoprog.config.loading import read_mapping
from algoprog.config.plan.plan import Plan
from algoprog.shipping import pack

pytestmark = pytest.mark.slow

MULTIVERSE = {
    "sample": "paper",
    "choices": {
        "variant": ["m07", "m16"],
        "delta": [0.0025, 0.01],
        "models_per_paper": {"1": {"models_per_paper": 1}, "3": {"models_per_paper": 3}},
        "response": ["own"],
        "tokens": ["once"],
        "estimator": ["converged"],
    },
    "batches": {"variant": {"both": ["m07", "m16"]}, "delta": {"grid": [0.0025, 0.01]}},
    "systems": ["RNN (2012)", "GPT-3"],
    "bootstrap": {"per_level": 1, "replicates": 4, "resampling": "papers"},
    "averaging": {"replicates": 2},
}
SHOWN = (DATABASE, "results/report.html", *NO_FIGURES)
FURTHER = {"multiverse": {"choices": {"models_per_paper": {"all": {"models_per_paper": None}}}}}


def rows(project: Project, table: str) -> dict[str, dict[str, str]]:
    return {line["id"]: line for line in project.rows(table)}


def without_the_multiverse(text: str) -> str:
    settings = yaml.safe_load(text)
    del settings["multiverse"]
    return yaml.safe_dump(settings, sort_keys=False)


def test_a_further_level_fits_only_its_specifications(
    finished: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished.edit("config/multiverse.yaml", lambda _: yaml.safe_dump({"multiverse": MULTIVERSE}))
    finished.edit("config.yaml", without_the_multiverse)
    run = finished.make("multiverse")
    assert run.returncode == 0, run.output
    assert run.rules["multiverse_fits"] == 2  # blocks, of either number of models of a paper
    before = rows(finished, "multiverse")
    assert len(before) == 2 * 2 * 2
    # m16 has no progress, and each of its rows says so
    reasons = {line["reason"] for line in before.values() if line["variant"] == "m16"}
    assert len(reasons) == 1 and "progress" in reasons.pop()
    (account,) = [finished.tables()["multiverse_account.csv"].decode()]
    assert sum(int(line["n"]) for line in csv.DictReader(io.StringIO(account))) == len(before)

    assert not finished.dry_run("multiverse").jobs
    run = finished.snakemake("multiverse", overlay=FURTHER)
    assert run.returncode == 0, run.output
    fitted = [wildcards["block"] for rule, wildcards in run.jobs if rule == "multiverse_fits"]
    assert len(fitted) == 1 and "all" in fitted[0].split("--")
    drawn = {wildcards["stratum"] for rule, wildcards in run.jobs if rule == "multiverse_draws"}
    assert "models_per_paper--all" in drawn
    # a stratum of another choice is drawn again where a new specification has come into it
    assert not drawn & {"models_per_paper--1", "models_per_paper--3"}
    assert not {"fit", "draw", "averaged_model"} & set(run.rules)
    after = rows(finished, "multiverse")
    assert len(after) == 3 * 2 * 2
    assert {name: after[name] for name in before} == before
    assert set(tables_of("multiverse")) <= files_as_declared(finished)

    # packed and taken away, it is what comes with the project
    monkeypatch.chdir(finished.directory)
    layers = (finished.directory / SMALL, finished.directory / "overlay.yaml")
    shipped = Plan(parse_config(read_mapping(finished.directory, *layers))).shipped
    pack(shipped, "multiverse", Path(), date(2026, 11, 27))
    shutil.rmtree("results/multiverse")
    for name in tables_of("multiverse"):
        Path(f"results/tables/{name}.csv").unlink()
    run = finished.snakemake(*SHOWN, overlay=FURTHER)
    assert run.returncode == 0, run.output
    assert run.rules["shipped_table"] == 1
    unpacked = {path.stem for path in Path("results/shipped").glob("*.csv")}
    assert unpacked == set(tables_of("multiverse"))
    assert not {"multiverse_fits", "multiverse_table", "fit", "draw"} & set(run.rules)
    page = Path("results/report.html").read_text(encoding="utf-8")
    assert "came with the project" in page and "computed 2026-11-27" in page
    told = rows_of(finished.tables()["shipped_tables.csv"])
    assert {line["table"] for line in told} == set(tables_of("multiverse"))
    with duckdb.connect(DATABASE, read_only=True) as connection:
        (n,) = connection.execute("SELECT count(*) FROM multiverse").fetchone()
    assert n == len(after)
    assert not finished.dry_run(*SHOWN, overlay=FURTHER).jobs
    # with other code it is not used, and the page is without it
    finished.edit("scripts/multiverse_fits.py", lambda text: text + "\nx = 1\n")
    run = finished.snakemake(*SHOWN, overlay=FURTHER)
    assert run.returncode == 0, run.output
    assert "shipped_table" not in run.rules
    assert "came with the project" not in Path("results/report.html").read_text(encoding="utf-8")
