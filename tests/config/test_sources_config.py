"""What an entry of `sources` may say."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from algoprog.common.section import Section
from algoprog.config.references import check_references
from algoprog.config.sections.records import Benchmarks
from algoprog.config.sections.sources import Source
from algoprog.records.parse.kinds import KINDS

ADAPTER: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Source])
SCHEMA = Draft202012Validator(ADAPTER.json_schema())

BASE: dict[str, Any] = {
    "kind": "csv",
    "location": "x.csv",
    "columns": {"system": "S", "perplexity": "P", "benchmark": "B"},
}
PAGE: dict[str, Any] = {
    "kind": "markdown_table",
    "location": "https://example.org/page.md",
    "tables": [{"heading": ["Words", "PTB"], "benchmark": "ptb"}, {"index": 2, "benchmark": "wt2"}],
    "columns": {"system": {"column": "Model", "parser": "text"}, "perplexity": "Test"},
}


def changed(base: dict[str, Any], /, **changes: Any) -> dict[str, Any]:
    """The entry with keys at paths ("columns__url") set, or removed by None."""
    entry = copy.deepcopy(base)
    for path, value in changes.items():
        *outer, last = path.split("__")
        section = entry
        for key in outer:
            section = section[key]
        if value is None:
            del section[last]
        else:
            section[last] = value
    return entry


VALID = [
    BASE,
    PAGE,
    changed(BASE, kind="parquet"),
    changed(BASE, kind="json", records="results.entries"),
    changed(BASE, kind="json", records=["[].datasets[].sota.rows[]", "models{}"], files="r*.json"),
    changed(BASE, kind="json_lines", encoding="utf-16"),
    changed(BASE, delimiter=";", encoding="latin-1"),
    changed(BASE, delimiter="tab"),
    changed(BASE, delimiter=";", decimal=","),
    changed(PAGE, decimal=","),
    changed(BASE, columns__extra={"gpu_hours": {"column": "GPUh", "parser": "count"}}),
    changed(BASE, columns__parameters=["N", {"column": "M", "scale": "million"}]),
    changed(BASE, columns__parameters={"column": "N", "pattern": {"{number} billion": 1.0e9}}),
    changed(BASE, columns__dataset_tokens={"formula": "training_compute / (6 * parameters)"}),
    changed(BASE, columns__dataset_tokens=["D", {"formula": "C / 6", "of": {"C": "FLOP"}}]),
    changed(BASE, columns__published={"column": "D", "pattern": "on {date}", "formats": ["%Y"]}),
    changed(BASE, columns__perplexity=["P", {"column": "Q", "metric": "nats"}]),
    changed(BASE, where="perplexity > 2 AND \"Split\" = 'test'", unscored="leave_out"),
    changed(BASE, strict=True, base="https://a.org/x"),
    changed(BASE, kind="lm_eval_harness", columns__benchmark={"constant": "wt2"}),
    changed(PAGE, kind="html_table", tables=[{"caption": "A", "index": 1, "benchmark": "wt2"}]),
    changed(PAGE, tables=[{"heading": "A"}], columns__benchmark="Data"),
    changed(BASE, columns__perplexity={"wt2": "A", "ptb": {"column": "B", "parser": "number"}},
            columns__benchmark=None),
    changed(BASE, columns__perplexity={"column": "P", "parser": "number"}),
    changed(BASE, columns__published={"column": "D", "parser": "date", "formats": ["%Y"]}),
    changed(BASE, columns__dataset_tokens={"default": {"wt2": 2088628}}),
    changed(BASE, columns__zero_shot={"constant": 1}),
    changed(BASE, columns__published={"constant": "2020-01-02"}),
    changed(BASE, metric="bits_per_byte", test_sets={"wt2": {"tokens": 2, "bytes": 9}}),
    changed(BASE, role="lookup", columns={"system": "S"}),
    changed(BASE, join={"db": {"fields": ["parameters"], "aliases": {"a": "b"}}}),
]  # fmt: skip


def problems(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Place and message of each error, as config.py shows them."""
    try:
        ADAPTER.validate_python({"x": entry})
    except ValidationError as invalid:
        return [
            (".".join(str(part) for part in error["loc"][1:] if "[" not in str(part)), error["msg"])
            for error in invalid.errors()
        ]
    return []


@pytest.mark.parametrize("entry", VALID)
def test_valid_entries(entry: dict[str, Any]) -> None:
    assert problems(entry) == []
    SCHEMA.validate({"x": entry})
    source = ADAPTER.validate_python({"x": entry})["x"]
    again = ADAPTER.validate_python({"x": source.model_dump(mode="json")})["x"]
    assert again == source


def test_there_is_a_class_for_each_kind() -> None:
    kinds = {entry["kind"] for entry in VALID}
    assert kinds == set(KINDS)


def test_a_date_is_written_out_and_read_again() -> None:
    entry = changed(BASE, columns__published={"constant": datetime.date(2020, 1, 2)})
    written = ADAPTER.validate_python({"x": entry})["x"].model_dump(mode="json")
    assert written["columns"]["published"]["constant"] == "2020-01-02"
    assert problems(written) == []


def test_the_short_form_is_the_long_form() -> None:
    short = ADAPTER.validate_python({"x": BASE})
    long = ADAPTER.validate_python({"x": changed(BASE, columns__system={"column": "S"})})
    assert short == long


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        (changed(BASE, kind="xml"), "kind", "'csv', 'parquet', 'json'"),
        (changed(BASE, kind=None), "kind", "required"),
        (changed(BASE, columns__system=3), "columns.system", "text or a mapping"),
        (changed(BASE, columns__perplexity=3), "columns.perplexity", "text or a mapping"),
        (changed(BASE, columns__perplexity=None), "columns.perplexity", "required"),
        (changed(BASE, columns__benchmark=None), "columns.benchmark", "name the `benchmark`"),
        (changed(BASE, columns__perplexity={"wt2": "A"}), "columns.benchmark", "leave out"),
        (changed(PAGE, columns__benchmark="B"), "columns.benchmark", "tables name theirs"),
        (changed(PAGE, columns__perplexity={"wt2": "A"}), "tables.0.benchmark", "leave it out"),
        (changed(PAGE, tables=[{"heading": "A", "benchmark": "wt2"}, {"index": 1}]), "",
         "of every table"),
        (changed(PAGE, tables=[{"benchmark": "wt2"}]), "tables.0", "by heading or index"),
        (changed(PAGE, tables=[]), "tables", "at least 1"),
        (changed(BASE, columns__url={"column": "U", "parser": "count"}), "columns.url.parser",
         "text or link"),
        (changed(BASE, columns__perplexity={"wt2": {"column": "A", "parser": "text"}},
                 columns__benchmark=None), "columns.perplexity.wt2.parser", "number or count"),
        (changed(BASE, columns__source_row={"constant": 1}), "columns.source_row.column", "name a"),
        (changed(BASE, columns__url={"column": "U", "formats": ["%Y"]}), "columns.url", "formats"),
        (changed(BASE, columns__published={"column": "D", "parser": "date"}), "columns.published",
         "formats"),
        (changed(BASE, columns__url={"parser": "link", "default": "x"}), "columns.url", "column"),
        (changed(BASE, columns__url={"column": "U", "constant": "x"}), "columns.url", "constant"),
        (changed(BASE, columns__url={}), "columns.url", "name a column"),
        (changed(BASE, columns__published={"constant": "2020"}), "columns.published.constant", ""),
        (changed(BASE, columns__epochs={"constant": "x"}), "columns.epochs.constant", "a number"),
        (changed(BASE, columns__epochs={"default": {"wt2": True}}), "columns.epochs.default", ""),
        (changed(BASE, metric="bits_per_byte"), "metric", "bytes"),
        (changed(BASE, metric="word_perplexity", test_sets={"wt2": {"tokens": 2}}),
         "test_sets.wt2.words", "word_perplexity"),
        (changed(BASE, delimiter=";;"), "delimiter", "one character"),
        (changed(BASE, encoding="utf-7"), "encoding", "'utf-8'"),
        (changed(BASE, kind="json", records="a[0]"), "records", "[] after a list"),
        (changed(BASE, columns__epochs={"formula": "6 +"}), "columns.epochs.formula", "the end"),
        (changed(BASE, columns__epochs={"formula": "n.mean()"}), "columns.epochs.formula", "'.'"),
        (changed(BASE, columns__epochs={"formula": "6"}), "columns.epochs.formula", "a constant"),
        (changed(BASE, columns__epochs={"formula": "paper"}), "columns.epochs.formula", "another"),
        (changed(BASE, columns__epochs={"formula": "epochs"}), "columns.epochs.formula", "another"),
        (changed(BASE, columns__url={"formula": "epochs"}), "columns.url.formula", "a text"),
        (changed(BASE, columns__epochs={"formula": "x", "of": {"x": "X", "y": "Y"}}),
         "columns.epochs", "not in the formula: y"),
        (changed(BASE, columns__epochs={"column": "E", "of": {"x": "X"}}), "columns.epochs",
         "the formula of"),
        (changed(BASE, columns__epochs={"column": "E", "pattern": "x"}), "columns.epochs.pattern",
         "0 values"),
        (changed(BASE, columns__url={"column": "E", "pattern": "{number}"}),
         "columns.url.pattern", "expected text or link"),
        (changed(BASE, columns__epochs=["E", {"column": "F", "metric": "nats"}]),
         "columns.epochs.otherwise.0.metric", "only of perplexity"),
        (changed(BASE, columns__perplexity=["P", {"column": "Q", "metric": "bits_per_byte"}]),
         "columns.perplexity.otherwise.0.metric", "bytes"),
        (changed(BASE, where="EXISTS (SELECT 1)"), "where", ""),
        (changed(BASE, base="file:///etc"), "base", ""),
        (changed(BASE, unscored="drop"), "unscored", "'leave_out'"),
        (changed(BASE, join={"db": {"fields": ["perplexity"]}}), "join.db.fields.0", "'paper'"),
    ],
)  # fmt: skip
def test_what_is_refused(entry: dict[str, Any], place: str, message: str) -> None:
    found = problems(entry)
    assert found and found[0][0].startswith(place)
    assert message in found[0][1]


class Read(Section):
    """What sources refer to, and they themselves."""

    sources: dict[str, Source]
    benchmarks: Benchmarks


def referred(entries: dict[str, Any], *benchmarks: str) -> list[tuple[str, object, str]]:
    known = {"baseline": "ptb", "definitions": {name: {"label": name} for name in benchmarks}}
    read = Read.model_validate({"sources": entries, "benchmarks": known})
    return list(check_references(read))


def test_names_that_are_not_there() -> None:
    entries = {
        "a": changed(
            PAGE,
            columns__dataset_tokens={"default": {"c4": 1}},
            test_sets={"c4": {"tokens": 1}},
            join={"b": {"fields": ["url"]}, "db": {"fields": ["url"]}},
        ),
        "b": changed(BASE, columns__perplexity={"c4": "P"}, columns__benchmark=None),
        "db": changed(BASE, role="lookup", columns={"system": "S"}),
    }
    assert [(place, value) for place, value, _ in referred(entries, "ptb")] == [
        ("sources.a.columns.dataset_tokens.default.c4", "c4"),
        ("sources.a.test_sets.c4", "c4"),
        ("sources.a.join.b", "b"),
        ("sources.a.tables.1.benchmark", "wt2"),
        ("sources.b.columns.perplexity.c4", "c4"),
    ]
    assert not referred(entries, "ptb", "wt2", "c4")[1:]


def test_a_pattern_beside_a_decimal_comma_is_refused() -> None:
    column = {"column": "N", "pattern": "{number} billion"}
    with pytest.raises(ValidationError, match="give a parser"):
        ADAPTER.validate_python({"mine": changed(BASE, decimal=",", columns__parameters=column)})
