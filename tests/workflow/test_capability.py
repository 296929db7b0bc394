"""Capability through the workflow: a model added by YAML and five rows; a mistake is one error."""

from __future__ import annotations

import polars as pl
import pytest
from project import Project

pytestmark = pytest.mark.slow

TARGET = "results/tables/capability_models.csv"
ROWS = """Model,Test,Accuracy
Mine 1.0,MMLU,85.5
Mine 1.0,GPQA diamond,61
Mine 1.0,GSM8K,94
Mine 1.0,MATH level 5,55.5
Mine 1.0,Winogrande,86
"""
OVERLAY = {
    "capability": {
        "enabled": True,
        "sources": {
            "mine": {
                "location": "data/raw/mine.csv",
                "columns": {"model_version": "Model", "benchmark": "Test", "score": "Accuracy"},
                "constants": {"source": "our own runs"},
                "divisor": 100,
            }
        },
        "aliases": {"Mine 1.0": "mine-1"},
        "added_versions": {"mine-1": {"released": "2025-06-01", "organisation": "Mine"}},
    }
}


def test_five_rows_and_an_entry_add_a_model_and_a_mistake_is_told(fresh: Project) -> None:
    scores = fresh.directory / "data/raw/mine.csv"
    scores.write_text(ROWS, encoding="utf-8")
    run = fresh.snakemake(TARGET, overlay=OVERLAY)
    assert run.returncode == 0, run.output
    assert set(run.rules) == {"capability_registers", "capability"}
    models = pl.read_csv(fresh.directory / TARGET)
    mine = models.filter(pl.col("model_version") == "mine-1").row(0, named=True)
    assert models.height == 180
    assert (mine["organisation"], mine["benchmarks"]) == ("Mine", 5)
    left_out = pl.read_csv(fresh.directory / "results/tables/capability_left_out.csv")
    assert not (left_out["source"] == "mine").any()

    before = fresh.tables()
    scores.write_text(ROWS.replace("85.5", "855"), encoding="utf-8")
    run = fresh.snakemake(TARGET, overlay=OVERLAY)
    assert run.returncode == 1
    (error,) = run.errors
    assert "data/raw/mine.csv, line 2, column score: '8.55'; give the score as a fraction" in error
    assert fresh.tables() == before
