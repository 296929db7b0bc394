"""What does not vary in a sample is said, where it is drawn."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from project_files import BENCHMARKS, NAMES, read, register

from algoprog.records.benchmarks import Benchmarks
from algoprog.records.normalise import normalize
from algoprog.records.sample import SampleSpec, Selection, select
from algoprog.records.variation import fixed
from algoprog.records.warned import lines


def spec(most: int | None = None, within: str = "benchmark") -> SampleSpec:
    return SampleSpec("mine", {}, most, Benchmarks.of(BENCHMARKS), within)


def selected(*rows: dict[str, Any], by: SampleSpec | None = None) -> Selection:
    frames = [read(register(*rows))]
    return select(normalize(frames, {}, NAMES).evaluations, by or spec())


VARIED = [
    {"perplexity": 20 + i, "published": f"20{18 + i}-01-01", "parameters": 10 ** (7 + i),
     "dataset_tokens": 10 ** (8 + i), "paper": f"P{i}", "system": f"S{i}"}
    for i in range(3)
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("published", "2020-02-02", "all 3 evaluations have one date (2020-02-02)"),
        ("parameters", "7e9", "all 3 evaluations have one number of parameters (7000000000)"),
        ("dataset_tokens", "3e11", "one number of training tokens (300000000000)"),
        ("paper", "Alone", "all 3 evaluations are from one paper (Alone)"),
    ],
)
def test_a_field_that_does_not_vary(field: str, value: str, said: str) -> None:
    chosen = selected(*({**row, field: value} for row in VARIED))
    (one,) = fixed(chosen.rows)
    assert one.field == field and said in one.said
    (line,) = lines(chosen.warnings)
    assert line.startswith("sample mine: ") and said in line


def test_all_that_varies() -> None:
    chosen = selected(*VARIED)
    assert fixed(chosen.rows) == [] and chosen.warnings.is_empty()


def test_identical_evaluations() -> None:
    chosen = selected(*({"paper": f"P{i}", "system": f"S{i}"} for i in range(3)))
    assert [one.field for one in fixed(chosen.rows)] == [
        "row", "published", "parameters", "dataset_tokens",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("published", "one date"),
        ("parameters", "one number of parameters"),
        ("dataset_tokens", "one number of training tokens"),
    ],
)
def test_a_field_that_is_the_benchmarks(field: str, words: str) -> None:
    """Between benchmarks it differs, and cannot be told from how they differ."""
    other = [{**row, "benchmark": "ptb"} for row in VARIED]
    same = [{**row, field: VARIED[i // 3][field]} for i, row in enumerate((*VARIED, *other))]
    chosen = selected(*same)
    (one,) = fixed(chosen.rows)
    assert (one.field, one.within) == (field, True) and words in one.said
    (line,) = lines(chosen.warnings)
    assert "all evaluations on a benchmark have " + words in line
    same[-1] |= {field: VARIED[2][field]}  # one row suffices
    assert fixed(selected(*same).rows) == []


# --- which rows of a paper stay ------------------------------------------------------------------

# A paper with three rows on a benchmark of small perplexities, and one on another.
SMALL = [{**VARIED[i], "paper": "P", "perplexity": 6 + i, "benchmark": "ptb"} for i in range(3)]
LARGE = [{**VARIED[i], "paper": "P", "perplexity": 30 + i, "system": f"L{i}"} for i in range(2)]


def test_rows_are_ranked_within_a_benchmark() -> None:
    """Small perplexities on one benchmark take no place on another."""
    within = selected(*SMALL, *LARGE, by=spec(2))
    assert within.rows["perplexity"].to_list() == [6, 7, 30, 31]
    others = [{**row, "paper": "Q"} for row in LARGE]
    paper = selected(*SMALL, *LARGE, *others, by=spec(2, "paper"))
    assert paper.rows.filter(paper="P")["perplexity"].to_list() == [6, 7]


def test_rows_that_another_source_displaces_are_warned_of() -> None:
    elsewhere = [{**row, "paper": "Q", "published": "2021-03-03"} for row in LARGE]
    mine = read(register(*LARGE, *elsewhere))
    other = read(register({**SMALL[0], "benchmark": "wt103"}))
    other = other.with_columns(pl.lit("another").alias("source"))
    both = normalize([mine, other], {}, NAMES, ["register", "another"]).evaluations
    (warning,) = select(both, spec(2)).warnings.to_dicts()
    assert (warning["kind"], warning["source"], warning["system"]) == (
        "displaced", "register", "L1",
    )  # fmt: skip
    assert "models_per_paper: 2" in warning["said"]
    assert selected(*LARGE, *elsewhere, by=spec(2)).warnings.is_empty()
