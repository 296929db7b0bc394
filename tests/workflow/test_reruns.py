"""What runs again after a change, and what does not."""

from __future__ import annotations

import csv
import io
import re

import duckdb
import pytest
from project import DATABASE, NO_FIGURES, Project, rows_of

pytestmark = pytest.mark.slow

READ = {"results_database", "run_config", "report", "figures"}
MERGES = {"merge_fits", "merge_cross_validation", "doubling_times"}
MERGES |= {
    "changes",
    "estimates",
    "headline_interval",
    "headline",
    "own_allocation",
    "merge_out_of_time",
    "minima",
    "ranking",
}
MERGES |= READ
NUMBERS = {"fit", "draw", "cross_validate", "out_of_time", *MERGES} - READ | {"merge_draws"}
NUMBERS -= {"estimates", "changes"}  # which also read what the records alone say
SCHEMES = ["papers", "published_split"]


def test_dry_run_of_a_fresh_project_plans_everything(fresh: Project) -> None:
    run = fresh.dry_run()
    assert run.returncode == 0, run.output
    assert run.rules["fit"] == 2 * 2  # estimators, deltas; one batch
    assert run.rules["draw"] == 2 * 2  # analyses, shards
    assert run.rules["cross_validate"] == 2 * 2  # schemes, deltas


def test_second_run_has_nothing_to_do(finished: Project) -> None:
    run = finished.make()
    assert run.returncode == 0
    assert run.output.count("Nothing to be done") == 2
    assert not run.jobs


def test_added_delta_fits_that_delta_only(finished: Project) -> None:
    run = finished.dry_run(overlay={"deltas": [0.0025, 0.01, 0.02]})
    fits = [wildcards for rule, wildcards in run.jobs if rule == "fit"]
    assert [(fit["estimator"], fit["deltas"]) for fit in sorted(fits, key=str)] == [
        ("converged", "0.02"),
        ("published", "0.02"),
    ]
    held_out = [wildcards for rule, wildcards in run.jobs if rule == "cross_validate"]
    assert sorted(part["scheme"] for part in held_out) == SCHEMES
    assert {part["deltas"] for part in held_out} == {"0.02"}
    assert run.rules["out_of_time"] == 2  # estimators
    assert set(run.rules) == {"fit", "cross_validate", "out_of_time", *MERGES}


def test_added_variant_fits_that_variant_only(finished: Project) -> None:
    before = finished.tables()
    mine = {"exponentials": [{"alpha_const": "1 + b", "alpha_compute": "-c"}]}
    names = ("fits", "parameters", "doubling_times", "cross_validation")
    targets = [f"results/tables/{name}.csv" for name in names]
    run = finished.make_part(*targets, overlay={"variants": {"mine": mine}})
    assert run.returncode == 0, run.output
    fits = [wildcards for rule, wildcards in run.jobs if rule == "fit"]
    assert {fit["batch"] for fit in fits} == {"mine"}
    held_out = [wildcards for rule, wildcards in run.jobs if rule == "cross_validate"]
    assert {part["batch"] for part in held_out} == {"mine"}
    assert len(held_out) == 2 * 2  # schemes, deltas
    assert set(run.rules) == {"fit", "cross_validate", "out_of_time", *MERGES}
    after = finished.tables()
    for table in (f"{name}.csv" for name in names):
        kept = [line for line in rows_of(after[table]) if line["variant"] != "mine"]
        was = rows_of(before[table])
        for line in (*kept, *was):
            line.pop("rank", None)  # among more variants
        assert kept == was
    ranks = {scheme: [] for scheme in SCHEMES}
    for line in rows_of(after["cross_validation.csv"]):
        ranks[line["scheme"]].append((float(line["mse"]), int(line["rank"])))
    for found in ranks.values():
        assert [rank for _, rank in sorted(found)] == list(range(1, 3 * 2 + 1))  # variants, deltas
    added = [line for line in rows_of(after["fits.csv"]) if line["variant"] == "mine"]
    assert len(added) == 2 * 2  # estimators, deltas


def test_without_cross_validation_there_is_no_trace_of_it(
    finished: Project, fresh_twin: Project
) -> None:
    off = {"cross_validation": {"enabled": False}}
    plan = fresh_twin.dry_run(overlay=off)
    assert plan.returncode == 0, plan.output
    assert "cross_validat" not in " ".join(plan.rules)

    assert "Cross-validation" in report(finished)
    assert "cross_validation" in tables_of_the_database(finished)
    # what moved may have moved for it; nothing has
    assert set(finished.dry_run(overlay=off).rules) == {"changes", *READ}
    run = finished.snakemake(DATABASE, "results/report.html", *NO_FIGURES, overlay=off)
    assert run.returncode == 0, run.output
    assert "Cross-validation" not in report(finished)
    assert "cross_validation" not in tables_of_the_database(finished)


def report(project: Project) -> str:
    return (project.directory / "results/report.html").read_text(encoding="utf-8")


def tables_of_the_database(project: Project) -> set[str]:
    path = project.directory / DATABASE
    with duckdb.connect(str(path), read_only=True) as connection:
        return {name for (name,) in connection.execute("SHOW TABLES").fetchall()}


def test_added_source_without_sample_rows_is_acquired_and_merged_only(finished: Project) -> None:
    register = finished.directory / "data/raw/lm_evaluations.csv"
    header, *rows = register.read_text(encoding="utf-8").splitlines(keepends=True)
    blank = next(row for row in csv.DictReader([header, *rows]) if not row["parameters"])
    other = io.StringIO()
    writer = csv.DictWriter(other, header.strip().split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerow(blank | {"system": "another system"})
    (finished.directory / "data/raw/other.csv").write_text(other.getvalue(), encoding="utf-8")
    columns = {name: name for name in header.strip().split(",") if name != "entry"}
    source = {"kind": "csv", "location": "data/raw/other.csv", "columns": columns}

    targets = ("data/processed/evaluations.duckdb", "results/run_config.yaml")
    run = finished.make_part(*targets, overlay={"sources": {"other": source}})
    assert run.returncode == 0, run.output
    assert [job for job in run.jobs if job[0] == "acquire"] == [("acquire", {"source": "other"})]
    assert not NUMBERS & set(run.rules)
    assert {"normalize", "sample", "database", "run_config"} <= set(run.rules)


def test_edit_of_the_register_that_changes_no_sample_row_refits_nothing(finished: Project) -> None:
    def rename_a_system_without_counts(text: str) -> str:
        rows = list(csv.DictReader(io.StringIO(text)))
        blank = next(row for row in rows if not row["parameters"])
        blank["system"] += " (renamed)"
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()

    before = finished.tables()
    finished.edit("data/raw/lm_evaluations.csv", rename_a_system_without_counts)
    run = finished.make_part("results/tables/exclusions.csv", "results/tables/fits.csv")
    assert run.returncode == 0, run.output
    assert {"acquire", "normalize", "sample", "exclusions", "database"} <= set(run.rules)
    assert not NUMBERS & set(run.rules)
    after = finished.tables()
    assert after["exclusions.csv"] != before["exclusions.csv"]
    assert after["fits.csv"] == before["fits.csv"]


# Which rules use which module: tests/config/test_code.py.
@pytest.mark.parametrize(
    ("module", "again", "kept"),
    [
        ("estimators/converged", {"fit", "draw", "cross_validate"}, {"acquire", "sample"}),
        ("quantities/closed_form", {"doubling_times"}, {"sample", "fit", "draw", "cross_validate"}),
    ],
)
def test_edit_of_a_module_reruns_the_rules_that_use_it(
    finished: Project, module: str, again: set[str], kept: set[str]
) -> None:
    path = f"src/algoprog/{module}.py"
    finished.edit(path, lambda text: f"{text}\n# edited\n")
    rules = set(finished.dry_run().rules)
    assert again <= rules
    assert not kept & rules
    finished.edit(path, lambda text: text.removesuffix("\n# edited\n"))
    assert not finished.dry_run().jobs


def test_edit_of_a_script_reruns_its_rule(finished: Project) -> None:
    finished.edit("scripts/exclusions.py", lambda text: f"{text}\n# edited\n")
    assert "exclusions" in finished.dry_run().rules


def test_the_run_ends_with_the_headline_and_where_the_report_is(finished: Project) -> None:
    (finished.directory / "results/headline.txt").unlink()
    run = finished.snakemake(*NO_FIGURES, verbose=False)
    headline = (finished.directory / "results/headline.txt").read_text(encoding="utf-8")
    answers = [line for line in headline.splitlines() if " halve" in line]
    ends = "\n".join([*answers, "", "The report: results/report.html", ""])
    assert len(answers) == 2
    assert run.output.endswith(ends)
    # a line for each stage, and nothing of single jobs
    assert re.search(r"^\d+ jobs in \d+ stages? on 2 cores, about ", run.output, re.MULTILINE)
    assert re.search(r"^Figures and report: \d+ jobs in ", run.output, re.MULTILINE)
    assert not run.jobs
    assert "\r" not in run.output
    assert "Elapsed time" not in run.output
    # where there is nothing to do the answer is the same
    again = finished.snakemake(*NO_FIGURES, verbose=False)
    assert "Nothing to be done" in again.output
    assert again.output.endswith(ends)


# One; and five, of which one analysis has too few draws and which do not divide those of the other.
@pytest.mark.parametrize("shards", [1, 5])
def test_shards_change_no_byte_of_the_draws(finished: Project, shards: int) -> None:
    names = [f"results/draws/{analysis}.parquet" for analysis in ("published", "headline")]
    before = [(finished.directory / name).read_bytes() for name in names]
    overlay = {"bootstrap": {"shards": shards}}
    run = finished.snakemake(*names, overlay=overlay, of="second")
    assert run.returncode == 0, run.output
    assert run.rules["draw"] == min(shards, 4) + min(shards, 12)  # of 4 draws at most 4 shards
    assert run.rules["merge_draws"] == (0 if shards == 1 else 2)
    assert not {"fit", "cross_validate"} & set(run.rules)
    assert [(finished.directory / name).read_bytes() for name in names] == before
    # and so no table is to be made again
    rest = finished.dry_run(DATABASE, overlay=overlay)
    assert rest.returncode == 0 and not rest.jobs, rest.output
