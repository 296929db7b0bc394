"""Every table of the specification, from end to end, on the fewest draws that serve."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from declared import as_declared
from project import DATABASE, PROJECT, Project

from algoprog.catalogue import tables_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("quantities")]

INTERVAL = ["median", "ci50_low", "ci50_high", "ci90_low", "ci90_high", "ci95_low", "ci95_high"]
FIT = ["sample", "variant", "delta", "estimator"]
# Columns that the specification (section 7) promises of each table.
GROWTH = [f"growth_{name}" for name in INTERVAL]
EFFECT = [f"{quantity}_{name}" for quantity in ("reduction", "gain") for name in INTERVAL]
CHECK = ["check", "setting", "estimator", "resampling"]
PRINTED = ["id", "published", "published_low", "published_high"]
COLUMNS = {
    "exclusions": ["source", "source_row", "system", "benchmark", "reason"],
    "fits": [*FIT, "n", "p", "objective", "mse", "r2", "subgradient", "converged", "n_starts"],
    "parameters": ["term", "estimate", "standard_error", *INTERVAL],
    "cross_validation": ["variant", "delta", "estimator", "scheme", "n", "mse", "r2", "rank"],
    "doubling_times": [*FIT, "resampling", "definition", "quantity", "benchmark", "point", *GROWTH],
    "pooled_doubling_times": ["estimator", "resampling", "pool", *INTERVAL],
    "shapley": ["from_system", "to_system", "factor", "estimator", "share", *INTERVAL],
    "predicted_loss": ["system", "estimator", "loss", *INTERVAL],
    "transformer": ["variant", "delta", "estimator", "compute", "reduction", "gain", *EFFECT],
    "era_split": ["year", "era", "estimator", *INTERVAL],
    "frontiers": ["perplexity", "year", "dataset_tokens", "parameters"],
    "effective_compute": ["year", "physical", "algorithmic", "effective"],
    "allocation": ["system", "compute", "gain"],
    "direct_observation": ["reference", "doubling_time_months", "n"],
    "compute_reductions": ["reference", "successor", "ratio"],
    "sensitivity": [*CHECK, "n", "objective", "point", *INTERVAL, *GROWTH, "change_months"],
    "influence": ["unit", "name", "rank", "change_growth"],
    "temporal_hold_out": ["cutoff", "model", "delta", "estimator", "n_train", "rmse", "bias"],
    "hold_out_differences": ["cutoff", "model", "against", "difference", "difference_ci95_low"],
    "ranking": ["model", "delta", "held_out_rank", "out_of_time_rank"],
    "minima": ["sample", "variant", "delta", "minimum", "excess", "closed_form", "own_allocation"],
    "penalty": ["setting", "delta", "estimator", "closed_form", "own_allocation"],
    "endogeneity": ["variant", "treatment", "target", "robustness_value"],
    "endogeneity_covariates": ["variant", "treatment", "covariate", "r2_treatment", "r2_loss"],
    "endogenous_compute": ["variant", "correlation", "true_months", *INTERVAL, *GROWTH],
    "identification": ["measure", "of", "n", "share", "value", "own_allocation"],
    "settling": ["scenario", "definition", "runs", "width", *INTERVAL, *GROWTH],
    "reproduction": [*PRINTED, "ours_published", "ours_converged", "verdict", "note"],
    "defects": ["defect", "title", "quantity", "with_defect", "without_defect"],
}

QUERIES = re.findall(
    r"```sql\n(.*?)```", (PROJECT / "docs/query.md").read_text(encoding="utf-8"), flags=re.DOTALL
)


def test_tables_have_the_columns_of_the_specification(complete: Project) -> None:
    for table, columns in COLUMNS.items():
        found = complete.rows(table)
        assert found, table
        assert set(columns) <= set(found[0]), table


def test_every_table_is_as_declared(complete: Project) -> None:
    parts = ("cross_validation", "pools", "shapley", "transformer", "era_split", "sensitivity")
    parts += ("temporal_hold_out", "ranking", "evidence")
    assert set(tables_of("", *parts, "audit")) <= as_declared(complete)


def test_every_published_number_has_its_row(complete: Project) -> None:
    published = complete.directory / "data/raw/published_results.csv"
    ids = [row["id"] for row in csv.DictReader(published.open(encoding="utf-8"))]
    found = {row["id"]: row for row in complete.rows("reproduction")}
    assert sorted(found) == sorted(ids)
    assert found["m07.objective"]["verdict"] == "exact"
    assert found["cv.m01.0.001"]["verdict"] == "not determined"  # m01 is not in this configuration
    assert {row["defect"] for row in complete.rows("defects")} >= {"1", "2", "3", "4", "8"}


def test_single_checks_follow_from_configuration(complete: Project) -> None:
    found = complete.rows("sensitivity")
    settings = {(row["check"], row["setting"], row["estimator"]) for row in found}
    assert ("models_per_paper", "all", "published") in settings
    assert len(settings) == 2 * (1 + 2 + 3)  # estimators; headline, responses, models of a paper
    unchanged = next(row for row in found if row["check"] == "headline")
    assert float(unchanged["change_growth"]) == 0


def copied(project: Project, folder: Path) -> Project:
    """A copy that a test may change."""
    shutil.copytree(project.directory, folder / "project", symlinks=True)
    return Project(folder / "project", project.configurations)


def test_questions_in_sql_are_answered_by_a_run(complete: Project) -> None:
    path = complete.directory / DATABASE
    with duckdb.connect(str(path), read_only=True) as results:
        there = {name for (name,) in results.execute("SHOW TABLES").fetchall()}
        asked = 0
        for sql in QUERIES:
            tables = set(re.findall(r"(?:FROM|JOIN) (\w+)\b(?!\()", sql))
            if tables <= there:
                asked += bool(results.execute(sql).fetchall())
        assert asked >= 8


def test_added_record_reruns_the_histories_and_what_merges_them(
    complete: Project, tmp_path: Path
) -> None:
    project = copied(complete, tmp_path)
    register = project.directory / "data/raw/records.csv"
    columns = register.read_text(encoding="utf-8").splitlines()[0].split(",")
    told = {
        "track": "modded-nanogpt-1", "entry": "90", "published": "2026-07-20", "cost": "73",
        "unit": "s", "record": "1", "label": "made up", "category": "data", "categories": "data",
        "date_precision": "day",
    }  # fmt: skip
    line = ",".join(told.get(column, "") for column in columns)
    project.edit("data/raw/records.csv", lambda text: f"{text}{line}\n")
    run = project.dry_run()
    assert set(run.rules) == {
        *("record_histories", "estimates", "changes"),
        *("run_config", "results_database", "figures", "report"),
    }, run.output


def test_shards_change_no_byte_and_a_second_run_does_nothing(
    complete: Project, tmp_path: Path
) -> None:
    assert not complete.make().jobs
    again = copied(complete, tmp_path)
    overlay = {
        "bootstrap": {"shards": 2},
        "jobs": {"analyses": 3, "deltas": {"grid": []}, "checks": {"sample": ["headline"]}},
    }
    # made of draws of each kind, fits and checks; the other draws are compared in test_reruns
    names = ("fits", "parameters", "pooled_doubling_times", "transformer", "sensitivity")
    targets = [f"results/tables/{name}.csv" for name in names]
    run = again.snakemake(*targets, "--forcerun", "draw", overlay=overlay, of="second")
    assert run.returncode == 0, run.output
    assert {"draw", "merge_draws", "fit", "check"} <= set(run.rules)
    assert {"merge_fits", "pooled_doubling_times", "transformer", "sensitivity"} <= set(run.rules)
    assert again.tables() == complete.tables()
