"""docs/query.md: the answers of its ten questions on tables whose answers are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from algoprog.catalogue import TABLES
from algoprog.tables.database import write_documented
from algoprog.tables.frames import frame_of

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = re.findall(
    r"^## (\d+)\. .*?```sql\n(.*?)```",
    (ROOT / "docs/query.md").read_text(encoding="utf-8"),
    flags=re.MULTILINE | re.DOTALL,
)

HEADLINE = {"sample": "paper", "variant": "m07", "delta": 0.0025, "estimator": "converged"}
TIME = {"resampling": "papers", "definition": "closed_form", "quantity": "compute"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "doubling_times": [
        HEADLINE | TIME | {"benchmark": "all", "point": 6.0, "n_draws": 1000, "ci95_low": 3.0},
        HEADLINE | TIME | {"benchmark": "all", "point": 6.0, "resampling": "rows", "n_draws": 10},
        HEADLINE | TIME | {"benchmark": "all", "point": 2.0, "quantity": "data", "n_draws": 1000},
        HEADLINE | TIME | {"benchmark": "all", "point": 7.0, "definition": "optimal_scaling"},
        HEADLINE | TIME | {"benchmark": "wt2", "point": 9.0, "variant": "m10",
                           "resampling": "none"},
    ],
    "cross_validation": [
        HEADLINE | {"scheme": "papers", "rank": 2, "mse": 0.053},
        HEADLINE | {"scheme": "papers", "rank": 1, "mse": 0.051, "variant": "m10"},
        HEADLINE | {"scheme": "papers", "rank": 11, "mse": 0.051, "variant": "m01"},
        HEADLINE | {"scheme": "rows", "rank": 1, "mse": 0.02},
    ],
    "fits": [
        HEADLINE | {"objective": 0.05, "response": "own", "n": 231, "converged": True},
        HEADLINE | {"objective": 0.10, "response": "first_available", "n": 231, "converged": True,
                    "sample": "paper_first_available"},
        HEADLINE | {"objective": 0.12, "response": "first_available", "n": 231, "converged": False,
                    "estimator": "published"},
    ],
    "exclusions": [
        {"sample": "paper", "source": "a", "source_row": 1, "benchmark": "ptb", "reason": "old"},
        {"sample": "paper", "source": "a", "source_row": 1, "benchmark": "wt2", "reason": "old"},
        {"sample": "paper", "source": "b", "source_row": 1, "benchmark": "wt2", "reason": "odd"},
        {"sample": "all", "source": "b", "source_row": 1, "benchmark": "wt2", "reason": "odd"},
    ],
    "shapley": [
        HEADLINE | {"from_system": "RNN (2012)", "to_system": "GPT-3", "factor": factor,
                    "share": share}
        for factor, share in (("compute", 0.75), ("data", 0.25))
    ],
    "sensitivity": [
        {"check": check, "setting": "s", "benchmark": "all", "estimator": "converged", "n": 9,
         "point": 5.0, "change_growth": change}
        for check, change in (("headline", 0.0), ("a", 0.2), ("b", -0.5), ("c", None))
    ],
    "influence": [
        {"unit": unit, "rank": rank, "name": f"{unit} {rank}", "rows": 3, "doubling_without": 6.5,
         "change_months": 0.5}
        for unit in ("paper", "record") for rank in range(12, 0, -1)
    ],
    "reproduction": [
        {"id": str(i), "section": section, "verdict": verdict}
        for i, (section, verdict) in enumerate(
            [("3.1", "exact"), ("3.1", "defect 8"), ("3.1", "differs"), ("J", "close")]
        )
    ],
    "frontiers": [
        {"perplexity": 10.0, "year": year, "dataset_tokens": tokens, "parameters": parameters}
        for year, tokens, parameters in (
            (2014, 1e12, None), (2016, 1e12, 8e9), (2018, 1e12, 2e9), (2018, 1e9, 4e10),
        )
    ],
}  # fmt: skip
# What each question's rows begin with.
ANSWERS: dict[str, list[tuple[Any, ...]]] = {
    "1": [("converged", "papers", 6.0, 3.0), ("converged", "rows", 6.0, None)],
    "2": [
        (1, "m10", 0.0025, 0.051, "closed_form", "wt2", 9.0),
        (2, "m07", 0.0025, 0.053, "closed_form", "all", 6.0),
        (2, "m07", 0.0025, 0.053, "optimal_scaling", "all", 7.0),
    ],
    "3": [("m07", 0.0025, 0.12, 0.10, pytest.approx(0.2))],
    "4": [("old", 2, 1), ("odd", 1, 1)],
    "5": [("converged", "GPT-3", 0.75, None, None, 0.25)],
    "6": [("b", "s", "all", 5.0, -0.5, 9), ("a", "s", "all", 5.0, 0.2, 9)],
    "7": [(f"paper {rank}", 3, 6.5, 0.5) for rank in range(1, 11)],
    "8": [("3.1", 3, 1, 0, 1, 1), ("J", 1, 0, 1, 0, 0)],
    "9": [(10.0, 2016, 8e9, None), (10.0, 2018, 2e9, 4.0)],
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = tmp_path_factory.mktemp("query") / "results.duckdb"
    frames = {name: frame_of(TABLES[name], rows) for name, rows in ROWS.items()}
    write_documented(path, frames, TABLES, threads=1)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def test_there_are_ten() -> None:
    assert [number for number, _ in QUESTIONS] == [str(i) for i in range(1, 11)]


@pytest.mark.parametrize(("number", "sql"), [q for q in QUESTIONS if q[0] in ANSWERS])
def test_the_answer_is_right(number: str, sql: str, results: duckdb.DuckDBPyConnection) -> None:
    rows = results.execute(sql).fetchall()
    assert len(rows) == len(ANSWERS[number])
    for row, expected in zip(rows, ANSWERS[number], strict=True):
        assert row[: len(expected)] == expected


def test_units_are_found_in_the_comments(results: duckdb.DuckDBPyConnection) -> None:
    rows = results.execute(QUESTIONS[9][1]).fetchall()
    assert ("influence", "doubling_without", "doubling time without it (months)") in rows
    assert all("months" in comment.lower() for *_, comment in rows)
