"""Columns that hold a field in other ways: several of them, in words, derived, some rows only."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from project_files import NAMES

from algoprog.common.errors import InputError
from algoprog.common.grammar import FormulaError
from algoprog.records.derived import derived
from algoprog.records.normalise import normalize
from algoprog.records.parse.cells import UnreadableError, link
from algoprog.records.parse.patterns import LONGEST, PatternError, matched, pattern, scaled
from algoprog.records.sources import Reading, read_source, reading
from algoprog.records.specification import Source

LONG: dict[str, Any] = {"system": "system", "benchmark": "benchmark", "perplexity": "perplexity"}


def read(text: str, columns: dict[str, Any] | None = None, **entry: Any) -> Reading:
    """What is read of a CSV, or of the kind that the entry says."""
    spec = {"kind": "csv", "location": "mine.csv", "columns": {**LONG, **(columns or {})}, **entry}
    return reading(Source.of("mine", spec), NAMES, text.encode())


def values(field: str, text: str, columns: dict[str, Any] | None = None, **entry: Any) -> list[Any]:
    return read(text, columns, **entry).records[field].to_list()


# --- numbers that no field holds

BESIDES = """system,benchmark,perplexity,GPU hours
a,ptb,20,1.5k
b,ptb,30,
c,ptb,40,many
"""
GPUS = {"extra": {"gpu_hours": {"column": "GPU hours", "parser": "count"}}}


def test_a_number_that_no_field_holds_is_read_like_any_other() -> None:
    found = read(BESIDES, GPUS)
    assert found.records["gpu_hours"].to_list() == [1500.0, None, None]
    assert found.warnings["value"].to_list() == ["many"]
    assert found.warnings["field"].to_list() == ["gpu_hours"]


def test_a_condition_may_name_it() -> None:
    assert values("system", BESIDES, GPUS, where="gpu_hours > 1000") == ["a"]


def test_it_is_blank_in_the_records_of_other_sources() -> None:
    other = "system,benchmark,perplexity\nd,ptb,50\n"
    frames = [
        one.with_columns(paper=pl.lit(paper), source=pl.lit(paper))
        for one, paper in [(read(BESIDES, GPUS).records, "P"), (read(other).records, "Q")]
    ]
    found = normalize(frames, {}, NAMES, ["P", "Q"]).evaluations
    assert dict(found.select("system", "gpu_hours").iter_rows()) == {
        "a": 1500.0,
        "b": None,
        "c": None,
        "d": None,
    }


# --- a comma as the decimal sign

COMMA = """system;benchmark;perplexity;N
a;ptb;20,5;1.234,5
b;ptb;1e2;7.000
c;ptb;30;2,5M
"""


def test_a_decimal_comma_is_read_where_it_is_declared() -> None:
    columns = {"parameters": {"column": "N", "parser": "count"}}
    found = read(COMMA, columns, delimiter=";", decimal=",").records
    assert found["perplexity"].to_list() == [20.5, 100.0, 30.0]
    assert found["parameters"].to_list() == [1234.5, 7000.0, 2.5e6]


def test_a_decimal_comma_that_is_not_declared_is_refused() -> None:
    with pytest.raises(InputError, match="20,5"):
        read(COMMA, delimiter=";")


@pytest.mark.parametrize("cell", ["20.5", "1.234", "1,2,3", "20,5,"])
def test_a_point_beside_a_decimal_comma_is_no_plain_number(cell: str) -> None:
    text = f"system;benchmark;perplexity\na;ptb;{cell}\n"
    with pytest.raises(InputError, match="2,34e8") as refused:
        read(text, delimiter=";", decimal=",")
    assert refused.value.value == cell


@pytest.mark.parametrize(
    ("cell", "value"), [("1.234.567", 1234567.0), ("1.234,5", 1234.5), ("12.345.678,9", 12345678.9)]
)
def test_points_between_groups_of_thousands(cell: str, value: float) -> None:
    text = f"system;benchmark;perplexity;N\na;ptb;20;{cell}\n"
    found = read(text, {"parameters": "N"}, delimiter=";", decimal=",").records
    assert found["parameters"].to_list() == [value]


@pytest.mark.parametrize("cell", ["24M", "~24M", "1.5 billion", "7B", "2.3×10^8"])
def test_a_unit_in_a_cell_and_a_scale_of_its_column_are_one_too_many(cell: str) -> None:
    text = f"system,benchmark,perplexity,N\na,ptb,20,{cell}\nb,ptb,20,24\n"
    found = read(text, {"parameters": {"column": "N", "parser": "count", "scale": "million"}})
    assert found.records["parameters"].to_list() == [None, 24e6]
    assert "has a unit of its own" in found.warnings["said"][0]


# --- several columns for a field -----------------------------------------------------------------

SEVERAL = """system,benchmark,perplexity,Size,Params (M),Note
a,ptb,20,1.5B,,x
b,ptb,30,,125,y
c,ptb,40,,,z
d,ptb,50,2B,7,
"""


def test_the_first_of_several_columns_that_has_a_value() -> None:
    columns = {
        "parameters": [
            {"column": "Size", "parser": "count"},
            {"column": "Params (M)", "scale": 1e6},
        ]
    }
    assert values("parameters", SEVERAL, columns) == [1.5e9, 125e6, None, 2e9]


def test_a_default_fills_what_no_column_has() -> None:
    columns = {
        "parameters": {
            "column": "Params (M)",
            "otherwise": [{"column": "Size", "parser": "count"}],
            "default": 3.0,
        }
    }
    assert values("parameters", SEVERAL, columns) == [1.5e9, 125, 3, 7]


def test_a_cell_that_is_not_asked_for_may_be_anything() -> None:
    columns = {"parameters": [{"column": "Size", "parser": "count"}, "Note"]}
    with pytest.raises(InputError, match="line 3, column Note: 'y'"):
        read(SEVERAL, columns, strict=True)
    assert values("parameters", SEVERAL.replace(",y", ",5").replace(",z", ","), columns) == [
        1.5e9, 5, None, 2e9,
    ]  # fmt: skip


def test_several_measures_of_perplexity() -> None:
    text = "system,benchmark,ppl,word,bpb\na,wt2,20,,\nb,wt2,,30,\nc,wt2,,,1.0\nd,wt2,,,\n"
    columns = {
        "perplexity": [
            "ppl",
            {"column": "word", "metric": "word_perplexity"},
            {"column": "bpb", "metric": "bits_per_byte"},
        ]
    }
    counts = {"wt2": {"tokens": 200, "words": 100, "bytes": 400}}
    found = values("perplexity", text, columns, test_sets=counts)
    assert found == [20, pytest.approx(30**0.5), pytest.approx(4.0), None]


def test_a_measure_of_one_benchmark_alone() -> None:
    text = "system,lambada,words\na,20,900\n"
    columns = {
        "perplexity": {"ptb": "lambada", "wt2": {"column": "words", "metric": "word_perplexity"}},
        "benchmark": None,
    }
    found = read(text, columns, test_sets={"wt2": {"tokens": 200, "words": 100}}).records
    assert dict(found.select("benchmark", "perplexity").iter_rows()) == {
        "ptb": 20.0, "wt2": pytest.approx(30),
    }  # fmt: skip


# --- patterns ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "given", "value"),
    [
        ("1.5 billion", {"{number} billion": 1e9}, 1.5e9),
        ("0.151 Billion", {"{number} billion": 1e9}, 151e6),
        ("**45** minutes", {"{number} minutes": 60, "{number} hours": 3600}, 2700.0),
        ("2hours", {"{number} minutes": 60, "{number} hours": 3600}, 7200.0),
        ("77.5 %", {"{number}%": 0.01}, 0.775),
        ("77.5%", "{number} %", 77.5),
        ("GPT-2 (1.5B)", "{any} ({count})", 1.5e9),
        ("3.1 PF-days", {"{number} PF-days": 8.64e19}, 2.6784e20),
        ("16.4 (15.8 with cache)", "{number} ({any})", 16.4),
        ("31.4 minutes on 8xH100", "{duration} on {any}", 1884.0),
        ("[GPT-3 175B](https://a.org)", "{any} {count}", 1.75e11),
        ("v. Large Model", "v. {text}", "Large Model"),
    ],
)
def test_patterns(cell: str, given: Any, value: Any) -> None:
    assert matched(cell, given) == value


def test_a_pattern_of_dates() -> None:
    assert matched("released May 2020", "released {date}", ["%B %Y"]) == datetime.date(2020, 5, 1)


@pytest.mark.parametrize(
    ("cell", "given", "message"),
    [
        ("1.5 million", "{number} billion", "give it as {number} billion"),
        ("1.5", "{number} billion", "give it as"),
        ("x billion", "{number} billion", "one number"),
        ("1.5 billion people", "{number} billion", "give it as"),
        ("1 K", {"{number} K": 1000.0, "{number} k": 1024.0}, "it may be 1000.0 or 1024.0"),
        ("1" + " " * 10 + "x" * LONGEST, "{number} {any}", "give it as"),
    ],
)
def test_cells_of_no_pattern(cell: str, given: Any, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        matched(cell, given)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("billion", "0 values"),
        ("{number} {count}", "2 values"),
        ("{size} billion", "stands for nothing"),
        ("{number", "stands for nothing"),
        ("number}", "stands for nothing"),
        ("{any}{any}{any}{number}", "at most 2"),
    ],
)
def test_what_is_no_pattern(text: str, message: str) -> None:
    with pytest.raises(PatternError, match=message):
        pattern(text)


@settings(deadline=None)
@given(st.text(max_size=60), st.text("{}any umbertxcou%()[]*.\\", max_size=25))
def test_any_pattern_and_cell_end(cell: str, text: str) -> None:
    for one in (text, f"{{any}} {text} {{number}} {{any}}"):
        try:
            found = matched(cell, one)
        except (PatternError, UnreadableError):
            continue
        assert found is None or isinstance(found, str | float)


def test_scaled_numbers_are_as_written() -> None:
    assert scaled(0.151, 1e9) == 151e6
    assert scaled(1e300, 1e300) == float("inf")


def test_patterns_of_a_column() -> None:
    text = "system,benchmark,perplexity,Size\na,ptb,20,1.5 billion\nb,ptb,30,300 million\n"
    given = {"{number} billion": 1e9, "{number} million": 1e6}
    assert values("parameters", text, {"parameters": {"column": "Size", "pattern": given}}) == [
        1.5e9, 3e8,
    ]  # fmt: skip


# --- derived columns -----------------------------------------------------------------------------

# As in the table of Chinchilla's runs that Besiroglu et al. (2024) read from its figure.
RUNS = """Model Size,Training FLOP,loss
6795600349.289497,9.993852799709755e+18,5.005581996196243
1e9,,3.0
2e9,1.2e21,2.5
"""


def test_tokens_from_compute() -> None:
    columns = {
        "system": {"constant": "Chinchilla"},
        "benchmark": {"constant": "ptb"},
        "perplexity": {"formula": "exp(loss)", "of": {"loss": "loss"}},
        "parameters": "Model Size",
        "training_compute": "Training FLOP",
        "dataset_tokens": {"formula": "training_compute / (6 * parameters)"},
    }
    found = read(RUNS, columns).records
    assert found["dataset_tokens"].to_list() == [
        9.993852799709755e18 / (6 * 6795600349.289497), None, 1e11,
    ]  # fmt: skip
    assert found["perplexity"][1] == pytest.approx(2.718281828**3)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x + y", [5.0, None]),
        ("-x * y ^ 2", [-18.0, None]),
        ("log(x) - sqrt(y)", [0.6931471805599453 - 3**0.5, None]),
        ("exp(x > 1)", [2.718281828459045, 2.718281828459045]),
        ("2 * x", [4.0, 8.0]),
    ],
)
def test_formulas(formula: str, expected: list[float]) -> None:
    found = derived(formula, {"x": pl.Series([2.0, 4.0]), "y": pl.Series([3.0, None])})
    assert found.to_list() == pytest.approx(expected)


def test_a_formula_is_of_the_closed_grammar() -> None:
    with pytest.raises(FormulaError, match="__import__"):
        derived("__import__(a)", {"a": pl.Series([1.0])})


def test_derived_where_a_column_is_blank() -> None:
    text = "system,benchmark,perplexity,N,C,D\na,ptb,20,2,24,\nb,ptb,30,2,24,7\n"
    columns = {
        "parameters": "N",
        "dataset_tokens": ["D", {"formula": "C / (6 * parameters)", "of": {"C": "C"}}],
    }
    assert values("dataset_tokens", text, columns) == [2.0, 7.0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"dataset_tokens": {"formula": "6 / parameters"}}, "formula: 'parameters'"),
        ({"parameters": {"formula": "epochs"}, "epochs": {"formula": "parameters"}}, "circle"),
        ({"epochs": {"formula": "6 / n", "of": {"n": "N"}}}, "line 2.*'inf'.*no number"),
        ({"epochs": {"formula": "log(n)", "of": {"n": "N"}}}, "line 2.*'-inf'"),
    ],
)
def test_what_cannot_be_derived(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read("system,benchmark,perplexity,N\na,ptb,20,0\n", columns, strict=True)


# --- cells that cannot be read -------------------------------------------------------------------

MIXED = "system,benchmark,perplexity,N,Date\na,ptb,20,7,2020-01-02\nb,ptb,30,many,soon\n"
MIXED_COLUMNS = {"parameters": "N", "published": "Date"}


def test_an_optional_field_is_blank_with_a_warning() -> None:
    found = read(MIXED, MIXED_COLUMNS)
    assert found.records["parameters"].to_list() == [7, None]
    assert found.records["published"].null_count() == 1
    warnings = found.warnings.select("kind", "source", "field", "value").rows()
    assert warnings == [
        ("unreadable", "mine", "published", "soon"), ("unreadable", "mine", "parameters", "many"),
    ]  # fmt: skip
    assert found.warnings["said"][1].startswith(
        "line 3, column N: 'many' cannot be read as parameters, which is left blank; give"
    )


def test_a_strict_source_stops() -> None:
    with pytest.raises(InputError, match="line 3, column N: 'many'"):
        read(MIXED, MIXED_COLUMNS, strict=True)


@pytest.mark.parametrize("field", ["perplexity", "source_row"])
def test_without_some_fields_a_record_is_nothing(field: str) -> None:
    with pytest.raises(InputError, match="line 3, column N: 'many'"):
        read(MIXED, {field: "N"})


# --- rows ----------------------------------------------------------------------------------------

SCORES = """system,benchmark,perplexity,Subset,C
Chance,ptb,~a lot,test,0
GPT-J,ptb,3.99,test,1.5e22
Megatron,ptb,-----,test,2.4e21
GPT-J,ptb,4.10,dev,1.5e22
"""


def test_records_by_a_condition() -> None:
    found = read(SCORES, where="system <> 'Chance' AND \"Subset\" = 'test'", missing=["-----"])
    assert found.records.select("system", "benchmark", "perplexity").rows() == [
        ("GPT-J", "ptb", 3.99), ("Megatron", None, None),
    ]  # fmt: skip


def test_conditions_are_on_fields_as_they_are_read() -> None:
    columns = {"training_compute": "C"}
    found = read(SCORES, columns, where="training_compute > 1e22 AND perplexity IS NOT NULL",
                 missing=["-----", "~a lot"])  # fmt: skip
    assert found.records["perplexity"].to_list() == [3.99, 4.1]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("\"Split\" = 'test'", "Split"),
        ("system = 'none'", "holds for no record"),
        ("perplexity", "true or false"),
    ],
)
def test_conditions_that_cannot_be(where: str, message: str) -> None:
    with pytest.raises(InputError, match=f"where.*{message}"):
        read(SCORES, where=where, missing=["-----", "~a lot"])


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ({}, [None, "ptb", None, "ptb"]),
        ({"unscored": "leave_out"}, ["ptb", "ptb"]),
        ({"unscored": "refuse"}, ["ptb"] * 4),
        ({"strict": True}, ["ptb"] * 4),
    ],
)
def test_a_row_without_a_score_has_no_evaluation(entry: dict[str, Any], left: list[Any]) -> None:
    assert values("benchmark", SCORES, missing=["-----", "~a lot"], **entry) == left


# --- links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "bare", "address"),
    [
        ("[a](papers/a.md)", False, "https://en.org/x/papers/a.md"),
        ("[a](/abs/1)", False, "https://en.org/abs/1"),
        ("[a](../y)", False, "https://en.org/y"),
        ("/abs/1", True, "https://en.org/abs/1"),
        ("https://a.org/b", True, "https://a.org/b"),
        ("//a.org/b", True, "https://a.org/b"),
        ("#fn1", True, None),
        ("none", False, None),
    ],
)
def test_relative_links(cell: str, bare: bool, address: str | None) -> None:
    assert link(cell, "https://en.org/x/page", bare=bare) == address


@pytest.mark.parametrize(
    "cell", ["[a](javascript:alert(1))", "[a](b) [c](d)", "[a](file:///etc/x)"]
)
def test_links_that_lead_elsewhere(cell: str) -> None:
    with pytest.raises(UnreadableError):
        link(cell, "https://en.org/x/page")


def test_links_start_from_the_location_or_the_base() -> None:
    page = "# T\n\n| system | perplexity | L |\n|---|---|---|\n| a | 20 | [p](p/1) |\n"
    entry = {"kind": "markdown_table", "tables": [{"heading": "T", "benchmark": "ptb"}]}
    columns = {"benchmark": None, "url": {"column": "L", "parser": "link"}}
    for said, address in [
        ({"location": "https://en.org/x/page.md"}, "https://en.org/x/p/1"),
        ({"base": "https://a.org/"}, "https://a.org/p/1"),
    ]:
        assert values("url", page, columns, **entry, **said) == [address]
    found = read(page, columns, **entry)
    assert found.records["url"].to_list() == [None]
    assert "the source's base" in found.warnings["said"][0]


# --- the files that once went wrong --------------------------------------------------------------

FAILING = Path(__file__).resolve().parents[3] / "shared/failing"


def failing(name: str) -> str:
    if not (FAILING / name).exists():
        pytest.skip("the files that once went wrong are not here")
    return (FAILING / name).read_text(encoding="utf-8")


def test_the_file_without_a_score() -> None:
    page = failing("sources/12-score-missing.md")
    entry = {
        "kind": "markdown_table", "missing": ["-----", "~a lot"], "where": "system <> 'Chance'",
        "tables": [{"heading": "Zero-Shot", "benchmark": "ptb"}],
    }  # fmt: skip
    columns = {
        "system": "Model", "benchmark": None, "perplexity": "LAMBADA PPL",
        "training_compute": {"column": "Training FLOPs"},
    }  # fmt: skip
    found = read(page, columns, **entry).records
    assert found.select("system", "benchmark", "perplexity", "training_compute").rows() == [
        ("Megatron-2.5B*", None, None, 2.4e21), ("GPT-J-6B", "ptb", 3.99, 1.5e22),
    ]  # fmt: skip


def test_the_file_without_tokens() -> None:
    text = failing("sources/14-no-tokens-column.csv")
    columns = {
        "system": {"constant": "m"}, "benchmark": {"constant": "ptb"},
        "perplexity": {"formula": "exp(loss)", "of": {"loss": "loss"}},
        "parameters": "Model Size",
        "dataset_tokens": {"formula": "C / (6 * parameters)", "of": {"C": "Training FLOP"}},
    }  # fmt: skip
    assert values("dataset_tokens", text, columns) == [pytest.approx(245105957.9245427, rel=1e-12)]


@pytest.mark.parametrize("run", ["checkpoints/m/results_1", "checkpoints/m/results_2", "rerun/m/x"])
def test_the_checkpoints_of_one_model(run: str) -> None:
    if run.startswith("rerun"):
        run = "rerun/m/results_2024-01-01T00-00-00"
    spec = {
        "kind": "lm_eval_harness", "location": "runs",
        "columns": {"system": "system", "benchmark": "task", "perplexity": "word_perplexity"},
    }  # fmt: skip
    text = failing(f"inputs/harness/{run}.json")
    records = read_source(Source.of("runs", spec), NAMES, text.encode())
    revision = json.loads(text)["config"]["model_args"].partition("revision=")[2]
    assert records["system"].to_list() == [f"org/model-7b@{revision}".rstrip("@")]


def test_the_part_of_a_test_set() -> None:
    spec = {"kind": "lm_eval_harness", "location": "runs", "columns": LONG}
    with pytest.raises(InputError, match="3 of 62 samples"):
        text = failing("inputs/harness/partial/m/results_1.json")
        read_source(Source.of("runs", spec), NAMES, text.encode())
