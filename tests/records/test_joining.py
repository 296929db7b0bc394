"""Several sources: blanks filled by name, evaluations matched, nothing lost in silence."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from project_files import REGISTER, SETTINGS, read
from record_rows import records

from algoprog.common.errors import InputError
from algoprog.records.agreement import agree
from algoprog.records.joining import join, join_sources
from algoprog.records.matching import match_sources
from algoprog.records.names import name_key
from algoprog.records.specification import Join, Joins, Repeats
from algoprog.records.tables import CONFLICTS, DUPLICATES, JOINED
from algoprog.tables.frames import schema_of

# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("GPT-2 (1.5B)", "gpt2 1.5b", True),
        ("Transformer-XL Large", "transformer xl_large", True),
        ("AWD-LSTM + dynamic eval", "AWD-LSTM+dynamic eval", True),
        ("AWD-LSTM + dynamic eval", "AWD-LSTM dynamic eval", False),
        ("GPT-2 (1.5B)", "GPT-2 (15B)", False),
        ("Model 2 12B", "Model 212B", False),
        ("Model 1-2", "Model 1.2", False),
        ("ﬁne", "fine", True),
        ("模型 1", "模型1", True),
        ("***", "**", False),
    ],
)
def test_names(one: str, other: str, same: bool) -> None:
    assert (name_key(one) == name_key(other)) == same


def test_exact_names_only() -> None:
    assert name_key("A b", []) == "A b"
    assert name_key("A-b", ["case"]) == "a-b"
    assert name_key("A -b", ["blanks"]) == "A-b"


# --- join ----------------------------------------------------------------------------------------

DAY = datetime.date(2019, 2, 14)


def lookup(*rows: dict[str, Any]) -> pl.DataFrame:
    return records(*({"source": "db", "benchmark": None, "perplexity": None, **r} for r in rows))


def test_join_fills_blanks_only() -> None:
    own = records(
        {"system": "GPT-2 (1.5B)", "parameters": 1.0},
        {"system": "GPT-2 (1.5B)", "parameters": 1.0, "source_row": 1, "benchmark": "ptb"},
        {"system": "Unknown"},
        {"system": "Old name", "published": DAY},
    )
    other = lookup(
        {"system": "gpt2 1.5b", "parameters": 1.5e9, "published": DAY},
        {"system": "New name", "parameters": 3e6},
    )
    spec = Join(["parameters", "published"], aliases={"old Name": "NEW name"})
    joined, log = join(own, "db", spec, other)
    assert joined["parameters"].to_list() == [1.0, 1.0, None, 3e6]
    assert joined["published"].to_list() == [DAY, DAY, None, DAY]
    assert_frame_equal(joined.drop("parameters", "published"), own.drop("parameters", "published"))
    assert log.schema == schema_of(JOINED)
    shown = log.select("source_row", "lookup", "field", "matched_name", "own_value", "value")
    assert shown.with_columns(log["status"]).rows() == [
        (1, "db", "parameters", "gpt2 1.5b", "1", "1", "differs"),
        (1, "db", "published", "gpt2 1.5b", None, "2019-02-14", "filled"),
        (3, "db", "parameters", None, None, None, "unmatched"),
        (3, "db", "published", None, None, None, "unmatched"),
        (4, "db", "parameters", "New name", None, "3000000", "filled"),
        (4, "db", "published", "New name", "2019-02-14", "2019-02-14", "kept"),
    ]


def test_join_that_is_preferred() -> None:
    own = records({"system": "A", "parameters": 1.0, "epochs": 2.0}, {"system": "B"})
    other = lookup({"system": "A", "parameters": 5.0}, {"system": "B"})
    spec = Join(["parameters", "epochs"], prefer="join")
    joined, log = join(own, "db", spec, other)
    assert joined["parameters"].to_list() == [5.0, None]
    assert joined["epochs"].to_list() == [2.0, None]
    assert log.select("own_value", "value", "status").rows() == [
        ("1", "5", "replaced"),
        ("2", "2", "kept"),
        (None, None, "absent"),
        (None, None, "absent"),
    ]


def test_a_join_shows_what_the_other_source_has() -> None:
    """Gopher's compute, exchanged with another Gopher's in one of the two."""
    own = records(
        {"system": "Gopher (280B)", "training_compute": 1.28e22, "dataset_tokens": 3e11},
        {"system": "Chinchilla", "training_compute": 5.8e23},
    )
    other = lookup(
        {"system": "Gopher (280B)", "training_compute": 6.31e23, "dataset_tokens": 3e11},
        {"system": "Chinchilla", "training_compute": 5.76e23, "dataset_tokens": 1.4e12},
    )
    joined, log = join(own, "db", Join(["training_compute", "dataset_tokens"]), other)
    assert joined["training_compute"].to_list() == [1.28e22, 5.8e23]
    assert log.select("own_value", "lookup_value", "value", "status").rows() == [
        ("1.28e+22", "6.31e+23", "1.28e+22", "differs"),
        ("300000000000", "300000000000", "300000000000", "kept"),
        ("5.8e+23", "5.76e+23", "5.8e+23", "kept"),  # the same, rounded to two digits
        (None, "1400000000000", "1400000000000", "filled"),
    ]


def test_an_ambiguous_name_fills_nothing() -> None:
    own = records({"system": "A"}, {"system": "B"})
    other = lookup(
        {"system": "A", "parameters": 5.0, "epochs": 1.0},
        {"system": "a", "parameters": 6.0, "epochs": 1.0},
        {"system": "B", "parameters": 7.0},
        {"system": "b", "parameters": 7.0, "epochs": 2.0},
    )
    joined, log = join(own, "db", Join(["parameters", "epochs"]), other)
    assert joined["parameters"].to_list() == [None, 7.0]
    assert joined["epochs"].to_list() == [None, 2.0]
    assert log["status"].to_list() == ["ambiguous", "ambiguous", "filled", "filled"]
    assert log["matched_name"].to_list()[0] == "A | a"
    exact, _ = join(own, "db", Join(["parameters"], normalise=()), other)
    assert exact["parameters"].to_list() == [5.0, 7.0]


@pytest.mark.parametrize("aliases", [{"A": "nobody"}, {"nobody": "A"}])
def test_an_alias_of_nobody(aliases: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"sources.a.join.db.aliases.*'nobody'"):
        mine = records({"system": "A"})
        join(mine, "db", Join(["epochs"], aliases=aliases), lookup({"system": "A"}))


# --- matching ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        ("parameters", 24e6, 23.6e6, True),
        ("parameters", 24e6, 23.4e6, False),
        ("parameters", 257e6, 256.6e6, True),
        ("parameters", 257e6, 256.4e6, False),
        ("parameters", 7e9, 7.04e9, True),
        ("parameters", 7e9, 6.74e9, False),
        ("parameters", 103227021, 103e6, True),
        ("perplexity", 20.0, 20.04, True),
        ("perplexity", 20.0, 20.4, False),
        ("perplexity", 16.4, 16.35, True),
        ("perplexity", 16.43, 16.44, False),
        ("published", DAY, datetime.date(2019, 2, 1), True),
        ("published", DAY, datetime.date(2019, 2, 15), False),
        ("published", datetime.date(2019, 2, 1), datetime.date(2019, 3, 1), False),
        ("parameters", None, 3.0, True),
        ("dataset_tokens", 0.0, 3.0, False),
    ],
)
def test_agreement_is_up_to_rounding(field: str, one: Any, other: Any, same: bool) -> None:
    assert agree(field, one, other) == agree(field, other, one) == same


@settings(deadline=None)
@given(st.floats(1e3, 1e12), st.integers(2, 6))
def test_a_rounded_count_agrees(count: float, digits: int) -> None:
    assert agree("parameters", count, float(f"{count:.{digits - 1}e}"))


def test_one_source_alone_passes_unchanged() -> None:
    register = read(REGISTER.read_bytes())
    two_systems = SETTINGS["sources"]["register"]["distinct"]
    repeats = Repeats.of({"sources": {"register": {"distinct": two_systems}}})
    for precedence in ([], ["register"], ["other", "register"]):
        matched = match_sources(register, precedence, repeats)
        assert_frame_equal(matched.records, register)
        assert matched.conflicts.is_empty() and matched.conflicts.schema == schema_of(CONFLICTS)
        assert matched.duplicates.is_empty() and matched.duplicates.schema == schema_of(DUPLICATES)
    twice = records({"system": "A"}, {"system": "A", "perplexity": 30.0})
    assert_frame_equal(match_sources(twice, []).records, twice)


def test_the_first_source_in_precedence_stays() -> None:
    both = records(
        {"source": "b", "system": "GPT 2", "perplexity": 18.0, "parameters": 1.6e9},
        {"source": "a", "system": "gpt-2", "perplexity": 17.48, "parameters": 1.5e9},
        {"source": "b", "system": "GPT 2", "benchmark": "ptb"},
        {"source": "c", "system": "GPT-2", "perplexity": 17.5},
        {"source": "c", "system": "GPT-2", "benchmark": "ptb", "published": DAY},
        {"source": "c", "system": "new", "perplexity": 5.0},
    )
    matched = match_sources(both, ["a", "b", "c"])
    assert matched.records["source_row"].to_list() == [2, 3, 6]
    assert_frame_equal(matched.records, both[[1, 2, 5]])
    assert matched.conflicts.rows() == [
        ("gpt-2", "wt103", "perplexity", "a", 2, "17.48", "b", 1, "18",
         pytest.approx(0.52 / 17.48)),
        ("gpt-2", "wt103", "parameters", "a", 2, "1500000000", "b", 1, "1600000000",
         pytest.approx(1 / 15)),
    ]  # fmt: skip
    assert matched.duplicates.rows() == [("a", "b", 0, 1), ("a", "c", 1, 0), ("b", "c", 1, 0)]
    assert match_sources(both, ["c", "b", "a"]).records["source_row"].to_list() == [4, 5, 6]


def test_a_record_pasted_again_counts_once() -> None:
    pasted = records(
        {"system": "A", "perplexity": 20.0},
        {"system": "A", "perplexity": 20.0, "parameters": 2e6},
        {"system": "A", "perplexity": 20.0},
        {"system": "A", "perplexity": 20.0, "source": "b"},
        {"system": "A", "perplexity": 20.0, "source": "b"},
    )
    matched = match_sources(pasted, ["a", "b"])
    assert matched.records["source_row"].to_list() == [1, 2]
    assert matched.superseded.select("source_row", "kept_source", "kept_row").rows() == [
        (3, "a", 1), (4, "a", 1), (5, "a", 1),
    ]  # fmt: skip
    assert matched.duplicates.rows() == [("a", "a", 1, 0), ("a", "b", 2, 0)]


def test_a_duplicate_agrees_with_any_record_of_the_source_that_stays() -> None:
    both = records(
        {"system": "A", "perplexity": 20.0},
        {"system": "A", "perplexity": 30.0},
        {"system": "A", "perplexity": 30.0, "source": "b"},
    )
    matched = match_sources(both, ["a", "b"])
    assert matched.records["source"].to_list() == ["a", "a"]
    assert matched.conflicts.select("kept_source", "other_source").rows() == [("a", "a")]


def test_every_source_has_its_place() -> None:
    both = records({"system": "A"}, {"system": "B", "source": "b"})
    with pytest.raises(InputError, match=r"precedence: 'b missing'"):
        match_sources(both, ["a"])


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["X", "x", "Y"]),
                          st.sampled_from(["wt2", "ptb"]), st.sampled_from([20.0, 21.0])),
                min_size=1, max_size=12))  # fmt: skip
def test_every_record_stays_or_is_counted(rows: list[tuple[str, str, str, float]]) -> None:
    names = ("source", "system", "benchmark", "perplexity")
    given_records = records(*(dict(zip(names, row, strict=True)) for row in rows))
    matched = match_sources(given_records, ["c", "a", "b"], Repeats("twice"))
    # by brute force: a record stays unless a source before its own has the evaluation, or its own
    # had the same record before
    stays = [
        not any("cab".index(s) < "cab".index(row[0]) and (n.lower(), b) == (row[1].lower(), row[2])
                for s, n, b, _ in rows)
        and row not in rows[:position]
        for position, row in enumerate(rows)
    ]  # fmt: skip
    assert_frame_equal(matched.records, given_records.filter(stays))
    counted = matched.duplicates.select(pl.sum("agreeing", "conflicting")).row(0)
    assert sum(counted) == stays.count(False)
    between = matched.conflicts.filter(pl.col("kept_source") != pl.col("other_source"))
    assert counted[1] == between.height  # perplexity alone can differ here
    rest = [not stay for stay in stays]
    gone = matched.superseded.sort("source_row")
    assert_frame_equal(gone.select(given_records.columns), given_records.filter(rest))
    by_row = {row["source_row"]: row for row in matched.records.to_dicts()}
    for row in gone.to_dicts():
        kept = by_row[row["kept_row"]]
        assert kept["source"] == row["kept_source"]
        assert row["source"] != row["kept_source"] or kept["source_row"] < row["source_row"]
        assert (kept["system"].lower(), kept["benchmark"]) == (
            row["system"].lower(),
            row["benchmark"],
        )


def test_joins_of_several_sources() -> None:
    mine = records({"system": "A", "parameters": None}, {"system": "B", "parameters": None})
    theirs = records({"source": "b", "system": "C"})
    models = records({"source": "models", "system": "a", "parameters": 5.0})
    sources = {
        "models": Joins("lookup"),
        "a": Joins(join={"models": Join(["parameters"])}),
        "b": Joins(),
    }
    found, joined = join_sources({"models": models, "a": mine, "b": theirs}, sources)
    assert [frame["source"][0] for frame in found] == ["a", "b"]
    assert found[0]["parameters"].to_list() == [5.0, None]
    assert_frame_equal(found[1], theirs)
    assert joined.select("system", "status").rows() == [("A", "filled"), ("B", "unmatched")]
    _, nothing = join_sources({"b": theirs}, sources)
    assert nothing.is_empty() and nothing.schema == schema_of(JOINED)
