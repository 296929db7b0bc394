"""What moved: which records came and went, which numbers moved, and the record that moved them."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from independent import simulated_sample, with_response
from plain import model_of

from algoprog.catalogue import TABLES
from algoprog.common.errors import InputError
from algoprog.common.intervals import doubling_months
from algoprog.estimators.converged import thorough
from algoprog.estimators.estimator import Task
from algoprog.model.variant import Variant
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.synthesis.change_log import FIRST, Log, last_event
from algoprog.synthesis.changes import (
    CLOSED_FORM,
    HEADLINE,
    Pair,
    Snapshot,
    difference,
    moved,
    pairs,
    plain_rows,
)
from algoprog.synthesis.headline_numbers import numbers
from algoprog.synthesis.since import program, since
from algoprog.synthesis.tables import CHANGES
from algoprog.synthesis.undone import Analysis, undone, without_each
from algoprog.tables.csv import read_table, write_table
from algoprog.tables.frames import frame_of

DAY = date(2026, 11, 27)
DELTA = 0.001


def record(system: str, entry: int = 1, **more: Any) -> dict[str, Any]:
    told = {"source": "a", "source_row": entry, "system": system, "benchmark": "ptb"}
    return told | {"perplexity": 20.0} | more


def number(value: float, low: float = 5.0, high: float = 9.0, **more: Any) -> dict[str, Any]:
    return {"label": "The headline", "table": "t", "months": value, "low": low, "high": high} | more


def test_records_are_matched_wherever_they_stand() -> None:
    before = [record("A", 1), record("B", 2), record("C", 3), record("C", 4, perplexity=30.0)]
    after = [record("N", 1), record("A", 2), record("C", 3, perplexity=30.0), record("C", 4)]
    found = list(pairs(before, after))
    assert [(one.what, one.name) for one in found] == [("went", "B (ptb)"), ("came", "N (ptb)")]


def test_an_edited_record_says_what_from_what_to_what() -> None:
    (one,) = pairs([record("A", parameters=None)], [record("A", 9, perplexity=21.5, parameters=2)])
    assert one.what == "edited"
    assert one.detail == "perplexity 20.0 → 21.5, parameters nothing → 2"
    # a column that one run alone has is no edit of the record
    assert not list(pairs([record("A")], [record("A", variable_x=1.0)]))


def test_a_text_of_a_record_cannot_steer_a_terminal() -> None:
    (one,) = pairs([record("A", paper="x")], [record("A", paper="\x1b[2J\n" + "long " * 99)])
    assert "\x1b" not in one.detail
    assert "\n" not in one.detail
    assert len(one.detail) < 100


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        ((11.82, 8.2, 17.3), (11.83, 8.2, 17.3), False),  # as a reader sees it the same
        ((11.82, 8.2, 17.3), (11.92, 8.2, 17.3), True),
        ((11.82, 8.2, 17.3), (11.82, 8.2, 17.4), True),
        ((11.85, 8.2, 17.3), (11.85 * (1 + 1e-12), 8.2, 17.3), False),
        ((math.inf, 8.2, math.inf), (math.inf, 8.2, math.inf), False),
        ((11.8, None, None), (11.8, None, None), False),
        ((11.8, 8.2, None), (11.8, 8.2, math.inf), True),
    ],
)
def test_a_number_moves_where_a_reader_sees_it(before: Any, after: Any, moves: bool) -> None:
    found = moved({"x": number(*before)}, {"x": number(*after)})
    assert bool(found) is moves


def test_numbers_come_and_go() -> None:
    found = moved({"x": number(1.0)}, {"y": number(2.0)})
    assert [(one.id, one.what) for one in found] == [("y", "came"), ("x", "went")]


# A sample with progress, whose last row is far from the law.
@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    rng = np.random.default_rng(4)
    made = simulated_sample(rng, 40, 15).with_columns(
        source=pl.lit("a"), source_row=pl.int_range(40) + 1
    )
    t = (made["published"] - made["published"].min()).dt.total_days().to_numpy() / 365
    n, d = np.log(made["parameters"].to_numpy()), np.log(made["dataset_tokens"].to_numpy())
    loss = np.exp(1.6 - 0.03 * t - 0.06 * n) + np.exp(1.9 - 0.03 * t - 0.06 * d)
    loss += 0.03 * rng.standard_normal(40)
    loss[39] += 1.5
    return with_response(made, loss)


@pytest.fixture(scope="module")
def analysis(paper_config: dict[str, Any]) -> Analysis:
    return Analysis(Variant.of("m01", paper_config["variants"]["m01"]), DELTA, "own", "converged")


@pytest.fixture(scope="module")
def sample(rows: pl.DataFrame, benchmarks: dict[str, Any]) -> Sample:
    return Sample("made up", rows, Benchmarks.of(benchmarks))


def fitted(rows: pl.DataFrame, paper_config: Any, benchmarks: Any) -> float:
    """Growth at the own allocation of a fit to rows, by another way."""
    model = model_of("m01", paper_config["variants"]["m01"], rows, "made up", benchmarks)
    task = Task.of(model, "own", DELTA)
    fit = thorough(task.design, task.response, DELTA)
    return float(OwnAllocation.of(model).growth(fit.theta[None, :])[0])


def without_last(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.head(39)


def test_a_change_undone_is_the_fit_to_the_records_before(
    rows: pl.DataFrame,
    sample: Sample,
    analysis: Analysis,
    paper_config: dict[str, Any],
    benchmarks: dict[str, Any],
) -> None:
    told = plain_rows(rows)
    came, edited = Pair(None, told[39]), Pair(told[3] | {"perplexity": 40.0}, told[3])
    went = Pair(told[39], None)
    found = without_each(analysis, sample, [came, edited])
    (back,) = without_each(analysis, sample.with_rows(without_last(rows)), [went])
    assert found[0].certified
    before = fitted(without_last(rows), paper_config, benchmarks)
    assert found[0].own == pytest.approx(before, rel=1e-6)
    was = rows.with_columns(
        perplexity=pl.when(pl.col("row") == 3).then(40.0).otherwise("perplexity")
    )
    assert found[1].own == pytest.approx(fitted(was, paper_config, benchmarks), rel=1e-6)
    assert back.own == pytest.approx(fitted(rows, paper_config, benchmarks), rel=1e-6)


def test_what_cannot_be_undone_says_why(
    rows: pl.DataFrame, sample: Sample, analysis: Analysis
) -> None:
    told = plain_rows(rows)
    lacking = {name: value for name, value in told[0].items() if name != "epochs"}
    (found,) = without_each(analysis, sample, [Pair(lacking, None)])
    assert "epochs" in found.reason
    few = sample.with_rows(rows.head(3))
    (found,) = without_each(analysis, few, [Pair(None, told[0])])
    assert "2 rows for" in found.reason
    with pytest.raises(InputError, match="no rows"):
        undone(rows.head(1), Pair(None, told[0]))
    answers = without_each(analysis, sample, [Pair(None, told[0]), Pair(None, told[1])], most=1)
    assert answers[0].own is not None
    assert "2 rows changed" in answers[1].reason


def snapshot(rows: pl.DataFrame, value: float, **more: Any) -> Snapshot:
    told = plain_rows(rows)
    growth = 12 * math.log(2) / value
    return replace(
        Snapshot(told, told, {HEADLINE: number(value, growth=growth)}, {"seed": 1}, {}, "p"), **more
    )


def test_the_row_that_came_is_named_with_what_it_moved(
    rows: pl.DataFrame,
    sample: Sample,
    analysis: Analysis,
    paper_config: dict[str, Any],
    benchmarks: dict[str, Any],
    tmp_path: Path,
) -> None:
    both = [fitted(some, paper_config, benchmarks) for some in (without_last(rows), rows)]
    was, now = (float(doubling_months(growth)) for growth in both)
    assert abs(was - now) > 0.1
    before, after = snapshot(without_last(rows), was), snapshot(rows, now)

    first = since(Log(), before, analysis, sample.with_rows(without_last(rows)), DAY)
    assert first.lines == [FIRST]
    assert not first.log.rows
    path = tmp_path / "changes/log.json"
    first.log.write(path)

    found = since(Log.read(path), after, analysis, sample, DAY)
    row, told = found.log.rows
    assert (row["kind"], row["what"], row["name"]) == (
        "record",
        "came",
        "system 39 (" + rows["benchmark"][39] + ")",
    )
    assert row["in_sample"]
    assert row["without"] == pytest.approx(was, rel=1e-6)
    assert row["effect"] == pytest.approx(now - was, rel=1e-4)
    assert told["moved_by"] == row["name"]
    assert told["causes"] == "records"
    assert row["sample_before"] != row["sample_after"]
    said = "\n".join(found.lines)
    assert "Source a: 1 record came, 1 in the headline's sample: system 39" in said
    assert f"most by {row['name']}" in said
    assert "without it" in said

    # asked again, nothing more: a job that runs twice, or a second `make`
    found.log.write(path)
    again = since(Log.read(path), after, analysis, sample, DAY)
    assert again.log.rows == found.log.rows
    assert again.lines[0].startswith("What moved: nothing since the last run; the last change")

    # taken back: the next event, beside the first
    back = since(again.log, before, analysis, sample.with_rows(without_last(rows)), DAY)
    assert [one["what"] for one in last_event(back.log.rows)] == ["went", "moved"]
    assert back.log.rows[:2] == found.log.rows
    table = tmp_path / "changes.csv"
    write_table(table, CHANGES, frame_of(CHANGES, back.log.rows))
    assert read_table(table, CHANGES)["event"].to_list() == [1, 1, 2, 2]


def test_configuration_files_and_program_are_told_as_causes(rows: pl.DataFrame) -> None:
    before = snapshot(rows, 8.0, files={"data/raw/records.csv": "1"})
    after = snapshot(
        rows, 9.0, settings={"seed": 2}, files={"data/raw/records.csv": "2"}, program="q"
    )
    differ = difference(before, after)
    assert differ.causes == ["configuration", "files", "program"]
    assert differ.settings == [("seed", "1 → 2")]
    assert not differ.sample
    # and where they move nothing they are nothing to tell
    assert not difference(before, replace(after, numbers=before.numbers)).worth_telling


def test_secrets_of_the_configuration_are_not_told(rows: pl.DataFrame) -> None:
    address = "https://me:pw@example.org/x?token=abc"
    before = snapshot(rows, 8.0, settings={"sources": {"x": {"location": "a.csv"}}})
    after = snapshot(rows, 9.0, settings={"sources": {"x": {"location": address}}})
    ((place, said),) = difference(before, after).settings
    assert place == "sources.x.location"
    assert "pw" not in said
    assert "abc" not in said


def test_a_record_that_enters_the_sample_by_configuration_is_told_of_the_sample(
    rows: pl.DataFrame,
) -> None:
    told = plain_rows(rows)
    before = replace(snapshot(rows, 8.0), rows=told[:39])
    differ = difference(before, snapshot(rows, 8.0))
    assert [one.what for one in differ.sample] == ["came"]
    assert not differ.records
    assert not differ.only_records
    # one that came into the records alone
    differ = difference(replace(before, records=told[:39]), before)
    assert [one.what for one in differ.only_records] == ["came"]
    # and one that came into both is told once
    differ = difference(replace(before, records=told[:39]), snapshot(rows, 8.0))
    assert len(differ.sample) == 1
    assert not differ.only_records


def test_a_log_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    for text in ("{", "[]", '{"last": {}, "rows": []}'):
        path.write_text(text)
        with pytest.raises(InputError, match="cannot be read"):
            Log.read(path)


def test_infinite_numbers_come_back_from_the_log(rows: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    one = snapshot(rows, 8.0)
    one.numbers["x"] = number(math.inf, 2.0, math.inf)
    Log(one).write(path)
    read = Log.read(path).last
    assert read == one
    assert not difference(one, read).worth_telling


def test_the_program_is_what_computes(tmp_path: Path) -> None:
    for name in ("a.py", "report/page.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    before = program(tmp_path)
    (tmp_path / "report/page.py").write_text("x = 2\n")
    assert program(tmp_path) == before
    (tmp_path / "a.py").write_text("x = 2\n")
    assert program(tmp_path) != before


def answer(role: str, definition: str, direction: str | None, point: float) -> dict[str, Any]:
    return {
        "role": role, "definition": definition, "direction": direction, "sample": "paper",
        "variant": "m07", "delta": 0.0025, "estimator": "converged", "benchmark": "all",
        "point": point, "ci95_low": 1.0, "ci95_high": 3.0, "growth_point": 0.7, "quoted": True,
    }  # fmt: skip


def test_watched_numbers_are_the_headlines_and_the_estimates_once_each() -> None:
    answers = frame_of(
        TABLES["headline_answers"],
        [
            answer("headline", "own_allocation", "alike", 11.8),
            answer("headline", "own_allocation", "alike", 10.0) | {"quoted": False},
            answer("definition", "closed_form", None, 5.7)
            | {"method": "inverted", "ci95_low": 2.6, "ci95_high": math.inf},
            answer("definition", "closed_form", None, 5.7) | {"quoted": False},
        ],
    )
    estimates = frame_of(
        TABLES["estimates"],
        [
            {"id": "own", "whose": "ours", "source": "headline_answers", "months": 11.8},
            {
                "id": "records",
                "whose": "ours",
                "source": "record_rates",
                "label": "Records",
                "months": 5.0,
            },
            {"id": "ho", "whose": "published", "source": "Ho et al.", "months": 8.0},
        ],
    )
    found = numbers(answers, estimates)
    assert list(found) == [HEADLINE, CLOSED_FORM, "estimates/records"]
    assert found[HEADLINE]["growth"] == 0.7 and found[HEADLINE]["months"] == 11.8
    assert (found[HEADLINE]["low"], found[HEADLINE]["high"]) == (1.0, 3.0)
    assert (found[CLOSED_FORM]["low"], found[CLOSED_FORM]["high"]) == (2.6, math.inf)
    assert list(numbers(answers, None)) == [HEADLINE, CLOSED_FORM]


def test_two_estimates_of_one_label_are_told_apart_by_their_quantity() -> None:
    common = {"whose": "ours", "source": "record_rates", "months": 5.0}
    estimates = frame_of(
        TABLES["estimates"],
        [
            common | {"id": "a", "label": "A track", "quantity": "training_time"},
            common | {"id": "b", "label": "A track", "quantity": "training_compute"},
            common | {"id": "c", "label": "Another", "quantity": "training_time"},
        ],
    )
    answers = frame_of(TABLES["headline_answers"], [])
    assert [one["label"] for one in numbers(answers, estimates).values()] == [
        "A track (training time)", "A track (training compute)", "Another",
    ]  # fmt: skip
