"""Records of all sources: corrected, checked, in one order."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from project_files import NAMES, REGISTER, SETTINGS, read, register

from algoprog.common.errors import InputError
from algoprog.records.fields import FIELDS
from algoprog.records.normalise import normalize


def normalized(*rows: dict[str, object], **corrections: Any) -> pl.DataFrame:
    corrections = {name: {"reason": "a test", **spec} for name, spec in corrections.items()}
    return normalize([read(register(*rows))], corrections, NAMES).evaluations


def test_register_is_valid() -> None:
    records = normalize([read(REGISTER.read_bytes())], SETTINGS["corrections"], NAMES)
    assert records.evaluations.columns == list(FIELDS)
    assert len(records.evaluations) == 420
    assert records.evaluations["include"].null_count() == 1
    for flag in ("outlier", "uncertain", "uses_cache", "zero_shot"):
        assert records.evaluations[flag].null_count() == 0


def test_order_is_source_entry_benchmark_whatever_the_order_of_reading() -> None:
    first = {"entry": 1, "benchmark": "ptb"}
    second = {"entry": 1, "benchmark": "wt103"}
    third = {"entry": 10, "perplexity": "22"}
    fourth = {"entry": 2, "perplexity": "23"}
    mine = read(register(third, first, fourth, second))
    other = mine.with_columns(
        pl.lit("another").alias("source"),
        pl.lit("B").alias("system"),
        pl.lit("On B").alias("paper"),
    )
    both = ["register", "another"]
    evaluations = normalize([mine, other], {}, NAMES, both).evaluations
    order = [(1, "wt103"), (1, "ptb"), (2, "wt103"), (10, "wt103")]
    expected = [(source, *entry) for source in ("another", "register") for entry in order]
    assert evaluations.select("source", "source_row", "benchmark").rows() == expected
    again = normalize([other, mine], {}, NAMES, both).evaluations
    assert_frame_equal(again, evaluations)


def test_an_evaluation_of_two_sources_is_there_once_and_its_disagreements_too() -> None:
    """Matched as corrected; what went is kept apart."""
    mine = read(register({"entry": 3}, {"entry": 4, "system": "B"}))
    other = read(register({"parameters": "2000000", "perplexity": "21"}, {"system": "wrong name"}))
    other = other.with_columns(pl.lit("another").alias("source"))
    name = {"match": {"system": "wrong name"}, "set": {"system": "B"}, "reason": "a test"}
    found = normalize([other, mine], {"name": name}, NAMES, ["register", "another"])
    assert found.evaluations.columns == list(FIELDS)
    assert found.evaluations.select("source", "source_row").rows() == [
        ("register", 3),
        ("register", 4),
    ]
    assert found.superseded.select(
        "source", "source_row", "perplexity", "kept_source", "kept_row"
    ).rows() == [("another", 1, 21.0, "register", 3), ("another", 2, 20.5, "register", 4)]
    assert found.conflicts.select("field", "kept_value", "other_value").rows() == [
        ("perplexity", "20.5", "21"),
        ("parameters", "1000000", "2000000"),
    ]
    assert found.duplicates.rows() == [("register", "another", 1, 1)]
    with pytest.raises(InputError, match="precedence"):
        normalize([other, mine], {}, NAMES)


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ({"perplexity": "-17.1"}, ["perplexity: -17.1", "at least 1"]),
        ({"perplexity": "0"}, ["perplexity: 0.0"]),
        ({"parameters": "-1"}, ["parameters: -1.0"]),
        ({"dataset_tokens": "-1"}, ["dataset_tokens: -1.0"]),
        ({"epochs": "0"}, ["epochs: 0.0", "above 0"]),
        ({"training_compute": "0"}, ["training_compute: 0.0", "FLOP"]),
        ({"zero_shot": "0.7"}, ["zero_shot: 0.7", "0 or 0.5 or 1"]),
        ({"outlier": "2"}, ["outlier: 2.0", "0 or 1"]),
        ({"published": "0021-02-24"}, ["published: 0021-02-24", "1950-01-01"]),
        ({"system": ""}, ["system: blank"]),
        ({"paper": " "}, ["paper: blank", "title"]),
        ({"url": "arxiv.org/abs/1"}, ["url: 'arxiv.org/abs/1'", "https://"]),
        ({"benchmark": "lambada"}, ["benchmark: 'lambada'", "wt103, wt2, ptb", "definitions"]),
        ({"benchmark": ""}, ["benchmark: blank", "perplexity 20.5"]),
        ({"perplexity": ""}, ["perplexity: blank", "benchmark wt103"]),
        ({"entry": "0"}, ["source_row: 0"]),
        ({"entry": "1", "system": "A"}, ["benchmark: 'wt103'", "entry 1 has it already"]),
        (
            {"entry": "1", "benchmark": "", "perplexity": ""},
            ["benchmark: blank", "entry 1 has other perplexities"],
        ),
        (
            {"entry": "1", "benchmark": "ptb", "parameters": "5"},
            ["parameters: 5.0", "entry 1 has another one", "one system"],
        ),
    ],
)
def test_impossible_record(row: dict[str, object], parts: list[str]) -> None:
    with pytest.raises(InputError) as raised:
        normalized({}, row)
    message = str(raised.value)
    assert "\n" not in message
    for part in ["source register, line 3, ", *parts]:
        assert part in message


def test_all_impossible_records_are_listed() -> None:
    with pytest.raises(InputError) as raised:
        normalized({"epochs": "-1", "perplexity": "0"}, {}, {"perplexity": "0"})
    places = [line.split(":")[0] for line in str(raised.value).splitlines()]
    assert places == [
        "source register, line 2, epochs",
        "source register, line 2, perplexity",
        "source register, line 4, perplexity",
    ]


def test_zero_counts_and_blanks_are_possible() -> None:
    blank = dict.fromkeys(
        ["url", "published", "architecture", "benchmark", "perplexity", "parameters", "include"], ""
    )
    evaluations = normalized(blank, {"dataset_tokens": "0", "perplexity": "1"})
    assert evaluations["dataset_tokens"].to_list() == [103e6, 0.0]


# --- corrections ---------------------------------------------------------------------------------


def test_correction() -> None:
    gopher = SETTINGS["corrections"]["gopher_280b"]
    frames = [
        read(
            register(
                {"system": "Gopher (280B)", "parameters": "1"},
                {"entry": 1, "system": "Gopher (280B)", "parameters": "1", "benchmark": "ptb"},
                {"entry": 2},
            )
        )
    ]
    records = normalize(frames, {"gopher": gopher}, NAMES)
    assert records.evaluations["parameters"].to_list() == [280e9, 280e9, 1e6]
    assert records.evaluations["training_compute"].to_list() == [6.31e23, 6.31e23, 1.5e18]
    assert records.corrections.rows() == [
        ("gopher", "register", 1, benchmark, field, old, new, gopher["reason"])
        for field, old, new in (
            ("parameters", "1.0", "280000000000.0"),
            ("training_compute", "1.5e+18", "6.31e+23"),
        )
        for benchmark in ("wt103", "ptb")
    ]


def test_correction_matches_on_all_fields_named_and_mends_a_wrong_value() -> None:
    evaluations = normalized(
        {"perplexity": "-20"},
        {"perplexity": "30"},
        {"perplexity": "40", "vocabulary": "5"},
        wrong={"match": {"system": "A", "perplexity": -20}, "set": {"perplexity": 20}},
        date={
            "match": {"published": "2019-02-14", "vocabulary": None, "source_row": 2},
            "set": {"published": datetime.date(2018, 1, 1), "url": None, "vocabulary": 7},
        },
    )
    assert evaluations["perplexity"].to_list() == [20, 30, 40]
    days = [datetime.date(2019, 2, 14), datetime.date(2018, 1, 1), datetime.date(2019, 2, 14)]
    assert evaluations["published"].to_list() == days
    assert evaluations["vocabulary"].to_list() == [None, 7, 5]
    assert evaluations["url"].is_null().to_list() == [False, True, False]


def test_corrections_apply_one_after_the_other() -> None:
    evaluations = normalized(
        {},
        first={"match": {"system": "A"}, "set": {"system": "B"}},
        second={"match": {"system": "B"}, "set": {"system": "C"}},
    )
    assert evaluations["system"].to_list() == ["C"]


@pytest.mark.parametrize(
    ("match", "change", "parts"),
    [
        ({"system": "Z"}, {"epochs": 1}, ["c.match", "system = Z", "matches no record"]),
        ({"system": "A", "epochs": 3}, {"epochs": 1}, ["c.match", "matches no record"]),
        ({"system": "A"}, {"epochs": "2e9"}, ["c.set.epochs", "'2e9'", "1.0e+9"]),
        ({"system": "A"}, {"epochs": True}, ["c.set.epochs", "True"]),
        ({"system": 3}, {"epochs": 1}, ["c.match.system", "text"]),
        ({"system": "A"}, {"published": "14.2.2019"}, ["c.set.published", "a date"]),
        ({"system": "A"}, {"source_row": 3}, ["c.set.source_row", "cannot be set"]),
        ({"system": "A"}, {"size": 3}, ["c.set.size", "parameters"]),
        ({"system": "A"}, {"epochs": -1}, ["line 2", "epochs: -1.0"]),
        ({"system": "A"}, {"paper": None}, ["line 2", "paper: blank"]),
    ],
)
def test_wrong_correction(match: Any, change: Any, parts: list[str]) -> None:
    with pytest.raises(InputError) as raised:
        normalized({}, c={"match": match, "set": change})
    for part in parts:
        assert part in str(raised.value)
