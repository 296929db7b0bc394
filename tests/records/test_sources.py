"""Reading a source: every cell as it is meant, or one clear error."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from project_files import (
    NAMES,
    REGISTER,
    ROOT,
    SETTINGS,
    SHEET,
    a_source,
    needs_sheet,
    read,
    register,
)

from algoprog.common.errors import InputError
from algoprog.config.loading import read_mapping
from algoprog.config.types import RecordField
from algoprog.records import snapshots
from algoprog.records.content import Extent
from algoprog.records.fields import FIELDS
from algoprog.records.parse.files import parse_csv
from algoprog.records.parse.text import PLACE, ROW
from algoprog.records.snapshots import Policy
from algoprog.records.sources import origin, read_content, read_source
from algoprog.records.specification import Form, Source

WIDE = SETTINGS["sources"]["ho2024_sheet"]
SHEET_COLUMNS = read_mapping(ROOT)["sources"]["ho2024_sheet"]["columns"]


def wide(*rows: dict[str, str]) -> str:
    """A sheet of these rows in the format of the authors'."""
    columns = SHEET_COLUMNS
    names = [*(c for c in columns.values() if isinstance(c, str)), *columns["perplexity"].values()]
    blank = dict.fromkeys(names, "") | {"System": "A", "Reference": "On A"}
    lines = [",".join((blank | row)[name] for name in names) for row in rows]
    return "\n".join([",".join(names), *lines])


def test_the_fields_are_those_of_the_configuration() -> None:
    assert tuple(FIELDS) == get_args(RecordField)


# --- what is read --------------------------------------------------------------------------------


def test_register() -> None:
    records = read(REGISTER.read_bytes())
    assert records.columns == [*FIELDS, "place"]
    assert records["source_row"].n_unique() == 408
    assert records.filter(pl.col("system") == "Gopher (280B)").row(0, named=True) == {
        "source": "register",
        "source_row": 42,
        "system": "Gopher (280B)",
        "paper": "Scaling Language Models: Methods, Analysis & Insights from Training Gopher",
        "url": "https://arxiv.org/abs/2112.11446",
        "published": datetime.date(2021, 12, 8),
        "architecture": "transformer",
        "benchmark": "wt103",
        "perplexity": 8.12,
        "parameters": 280e9,
        "dataset_tokens": 300e9,
        "epochs": 1.0,
        "vocabulary": 32000.0,
        "training_compute": 1.28e22,
        "zero_shot": 1.0,
        "uses_cache": 0.0,
        "include": 1.0,
        "outlier": 0.0,
        "uncertain": 0.0,
        "place": "line 44",
    }


def test_register_is_clean() -> None:
    """Facts only, typed: no marker, no exponent where a count is meant, no tracking parameter."""
    text = REGISTER.read_text(encoding="utf-8")
    assert not any(marker in text for marker in ("UNK", "#VALUE", "fbclid", "utm_", ":~:", "\r"))
    raw = parse_csv(REGISTER.read_bytes(), Form("csv"), "register").drop(ROW, PLACE)
    for column in ("entry", "parameters", "dataset_tokens", "vocabulary"):
        assert raw[column].str.contains(r"^[0-9]*$").all(), column
    assert raw["published"].str.contains(r"^\d{4}-\d\d-\d\d$").all()
    assert raw["url"].str.contains(r"^https?://\S+$").all()
    assert (raw["paper"] != "").all() and (raw["system"] != "").all()
    read = raw.with_columns(pl.all().str.strip_chars())
    assert_frame_equal(raw, read)


def test_wide_format_gives_one_record_for_each_perplexity() -> None:
    records = read(
        wide(
            {"Perplexity (PTB)": "50", "Perplexity (WT103)": "20", "Parameters": "2.34E+08"},
            {"Parameters": "UNK", "Vocabulary": "?", "Training Compute": "#VALUE!"},
            {"Perplexity (WT2)": "30", "Publication date": "2019/02/14", "Architecture": "Foo/Bar"},
        ),
        "ho2024_sheet",
    )
    assert records.select("source_row", "benchmark", "perplexity").rows() == [
        (1, "wt103", 20.0),
        (1, "ptb", 50.0),
        (2, None, None),
        (3, "wt2", 30.0),
    ]
    assert records["parameters"].to_list() == [2.34e8, 2.34e8, None, None]
    assert records["vocabulary"].null_count() == records["training_compute"].null_count() == 4
    assert records["published"].to_list()[-1] == datetime.date(2019, 2, 14)
    assert records["architecture"].to_list()[-1] == "foo/bar"
    assert records["place"].to_list() == ["line 2", "line 2", "line 3", "line 4"]


def test_rows_and_lines_are_counted_as_a_spreadsheet_shows_them() -> None:
    text = '\ufeffsystem,x\n"a\nb",1\n,\n\nc,2\n'
    table = parse_csv(text.encode(), Form("csv"), "a file")
    assert table.rows() == [(1, "line 2", "a\nb", "1"), (3, "line 6", "c", "2")]


def test_a_field_without_column_is_blank_and_a_row_is_its_own_entry() -> None:
    columns = {"system": "system", "perplexity": "perplexity", "benchmark": "benchmark"}
    records = read(register({"entry": 7}, {"entry": 9}), columns=columns)
    assert records["source_row"].to_list() == [1, 2]
    assert records["parameters"].dtype == pl.Float64
    assert records["published"].dtype == pl.Date
    assert records["parameters"].null_count() == records["published"].null_count() == 2


@settings(deadline=None)
@given(st.floats(min_value=0, allow_infinity=False), st.sampled_from([repr, "{:.17g}".format]))
def test_numbers_are_read_exactly(number: float, written: Any) -> None:
    records = read(register({"parameters": written(number)}))
    assert records["parameters"].to_list() == [number]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ({"parameters": "1,000"}, ["'1,000'", "parameters"]),
        ({"parameters": "12M"}, ["'12M'", "a plain number", "'UNK', '?', '#VALUE!'"]),
        ({"parameters": "1e999"}, ["'1e999'"]),
        ({"epochs": "nan"}, ["'nan'"]),
        ({"epochs": "inf"}, ["'inf'"]),
        ({"epochs": "0x10"}, ["'0x10'"]),
        ({"epochs": "٣"}, ["'٣'"]),
        ({"include": "TRUE"}, ["'TRUE'", "include"]),
        ({"perplexity": "20,5"}, ["'20,5'", "perplexity"]),
        ({"published": "24.02.2021"}, ["'24.02.2021'", "%Y-%m-%d", "date_format"]),
        ({"published": "2021-02-30"}, ["'2021-02-30'"]),
        ({"published": "2021-02-03 10:00"}, ["'2021-02-03 10:00'"]),
        ({"entry": "7.5"}, ["'7.5'", "entry", "whole number"]),
        ({"entry": "-7"}, ["'-7'"]),
    ],
)
def test_unreadable_cell(row: dict[str, str], parts: list[str]) -> None:
    with pytest.raises(InputError) as raised:
        read(register({}, row))
    message = str(raised.value)
    assert "\n" not in message
    column = next(iter(row))
    for part in ["source register (data/raw/lm_evaluations.csv)", f"line 3, column {column}"]:
        assert part in message
    for part in parts:
        assert part in message


def test_unreadable_cells_are_all_listed_in_their_order() -> None:
    with pytest.raises(InputError) as raised:
        read(register({"epochs": "x"}, {"published": "y", "epochs": "z"}))
    found = [line.split(": ")[0].split(", ", 1)[1] for line in str(raised.value).splitlines()]
    assert found == ["line 2, column epochs", "line 3, column epochs", "line 3, column published"]


def test_very_many_unreadable_cells_are_counted() -> None:
    with pytest.raises(InputError, match="80 more cells"):
        read(register(*({"epochs": "x"} for _ in range(100))))


def test_a_marker_of_another_source_is_no_marker_here() -> None:
    assert read(register({"epochs": "n/a"}), missing=["n/a"])["epochs"].to_list() == [None]
    with pytest.raises(InputError, match="'UNK'"):
        read(register({"epochs": "UNK"}), missing=["n/a"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "an HTML or XML page"),
        (b"\xef\xbb\xbf\n <HTML>", "an HTML or XML page"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a binary file"),
        (b"PK\x03\x04 a workbook", "a binary file"),
        (b"a,b\n1,\xff\n", "line 2.*0xff is not UTF-8"),
        (b"", "no records"),
        (b"a,b\n", "no records"),
        (b"a,b\n,\n", "no records"),
        (b"a,b\n1,2\n1,2,3\n", "line 3.*3 cells under 2"),
        (b"a,b\n1\n", "line 2.*1 cells under 2"),
        (b'a,b\n1,"2\n', "line 2.*CSV"),
        (b'a,b\n1,"2"3\n', "line 2.*CSV"),
        (b"a,a\n1,2\n", "header.*'a'"),
    ],
)
def test_what_is_not_csv(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        read(content)
    assert "source register" in str(raised.value)
    assert "CSV" in str(raised.value) or "column" in str(raised.value)


def test_missing_columns_are_listed_with_those_there_are() -> None:
    text = register({}).replace("dataset_tokens", "tokens", 1).replace("epochs", "passes", 1)
    with pytest.raises(InputError) as raised:
        read(text)
    message = str(raised.value)
    assert "no column dataset_tokens, epochs" in message
    assert "sources.register.columns" in message
    assert "parameters, tokens, passes, vocabulary" in message


def test_a_missing_perplexity_column_of_the_wide_format() -> None:
    with pytest.raises(InputError, match=r"no column Perplexity \(WT2\)"):
        read(wide({}).replace("Perplexity (WT2)", "WT2"), "ho2024_sheet")


# --- columns with declared parsers ---------------------------------------------------------------

LONG: dict[str, Any] = {"system": "system", "benchmark": "benchmark", "perplexity": "perplexity"}


def mapped(text: str, **columns: Any) -> pl.DataFrame:
    return read(text, columns={**LONG, **columns})


def test_the_short_form_and_the_long_form_are_one() -> None:
    text = register({}, {"parameters": "UNK"})
    columns = {
        name: column if name == "perplexity" else {"column": column}
        for name, column in read_mapping(ROOT)["sources"]["register"]["columns"].items()
    }
    assert_frame_equal(read(text, columns=columns), read(text))


def test_declared_parsers() -> None:
    rows = [
        {"parameters": "24M", "perplexity": "**20.5**†", "url": "[Code](https://a.org/x)"},
        {"parameters": "~1.5B", "perplexity": "16.4 ± 0.1", "paper": "[On *B*](http://b.org)"},
        {"parameters": "UNK", "perplexity": "1,234.5", "url": "-", "published": "Mar 2019"},
    ]
    records = mapped(
        register(*rows),
        parameters={"column": "parameters", "parser": "count"},
        perplexity={"column": "perplexity", "parser": "number"},
        url={"column": "url", "parser": "link", "replace": {"-": ""}},
        paper={"column": "paper", "parser": "text"},
        published={"column": "published", "parser": "date", "formats": ["%Y-%m-%d", "%b %Y"]},
    )
    assert records["parameters"].to_list() == [24e6, 1.5e9, None]
    assert records["perplexity"].to_list() == [20.5, 16.4, 1234.5]
    assert records["url"].to_list() == ["https://a.org/x", "https://example.org/2", None]
    assert records["paper"].to_list() == ["On A", "On B", "On A"]
    assert records["published"].to_list()[1:] == [
        datetime.date(2019, 2, 14),
        datetime.date(2019, 3, 1),
    ]


def test_the_month_of_an_arxiv_link() -> None:
    text = register({"url": "https://arxiv.org/abs/1901.02860"}, {"url": "https://openreview.net"})
    records = mapped(text, published={"column": "url", "parser": "arxiv_date"})
    assert records["published"].to_list() == [datetime.date(2019, 1, 1), None]


@pytest.mark.parametrize(
    ("column", "cell", "mapping", "parts"),
    [
        ("parameters", "8x7B", {"parser": "count"}, ["24M, 1.5B"]),
        ("perplexity", "17.1(16.1 cached)", {"parser": "number"}, ["one number"]),
        ("url", "https://a.org https://b.org", {"parser": "link"}, ["one link"]),
        ("published", "03/04/2019", {"parser": "date", "formats": ["%d/%m/%Y", "%m/%d/%Y"]},
         ["2019-03-04 or 2019-04-03"]),
    ],
)  # fmt: skip
def test_ambiguous_cells(column: str, cell: str, mapping: dict[str, Any], parts: list[str]) -> None:
    first = {"published": "13/02/2019"}
    with pytest.raises(InputError) as raised:
        mapped(register(first, {column: cell}), **{column: {"column": column, **mapping}})
    message = str(raised.value)
    for part in [f"line 3, column {column}: '{cell}'", "source register", *parts]:
        assert part in message
    replaced = mapped(
        register(first, {column: cell}),
        **{column: {"column": column, "replace": {cell: ""}, **mapping}},
    )
    assert replaced[column].null_count() == 1


def test_constants_and_defaults() -> None:
    text = register({}, {"benchmark": "ptb", "dataset_tokens": ""}, {"dataset_tokens": ""})
    records = mapped(
        text,
        dataset_tokens={"column": "dataset_tokens", "default": {"wt103": 7, "ptb": 929000}},
        zero_shot={"constant": 1},
        published={"constant": datetime.date(2020, 1, 2)},
        architecture={"default": "LSTM"},
    )
    assert records["dataset_tokens"].to_list() == [103e6, 929e3, 7.0]
    assert records["zero_shot"].to_list() == [1.0] * 3
    assert records["published"].to_list() == [datetime.date(2020, 1, 2)] * 3
    assert records["architecture"].to_list() == ["lstm"] * 3


def test_defaults_by_benchmark_of_the_wide_format() -> None:
    columns = {**SHEET_COLUMNS, "vocabulary": {"default": {"ptb": 10000, "wt2": 33278}}}
    text = wide({"Perplexity (PTB)": "50", "Perplexity (WT103)": "20"})
    records = read(text, "ho2024_sheet", columns=columns)
    assert records["vocabulary"].to_list() == [None, 10000.0]


def test_only_some_rows_are_read() -> None:
    text = register({"system": "A"}, {"system": "B", "benchmark": "c4"}, {"system": "C"})
    records = read(text, only={"benchmark": ["wt103", "ptb"]})
    assert records["system"].to_list() == ["A", "C"]
    assert records["place"].to_list() == ["line 2", "line 4"]
    with pytest.raises(InputError, match=r"only.benchmark.*'wt103', 'c4'"):
        read(text, only={"benchmark": ["wt2"]})
    with pytest.raises(InputError, match="no column task"):
        read(text, only={"task": ["wt2"]})


def test_other_measures_become_perplexity() -> None:
    text = register({"perplexity": "1"}, {"perplexity": "1.5", "benchmark": "ptb"})
    counts = {"tokens": 100, "bytes": 400}
    sets = {"wt103": counts, "ptb": {"tokens": 100, "bytes": 300}}
    records = read(text, metric="bits_per_byte", test_sets=sets)
    assert records["perplexity"].to_list() == pytest.approx([2**4, 2**4.5], rel=1e-14)
    with pytest.raises(InputError, match=r"line 3.*benchmark ptb: .*tokens and bytes"):
        read(text, metric="bits_per_byte", test_sets={"wt103": counts})


def test_a_lookup_needs_no_perplexity() -> None:
    columns = {"system": "system", "parameters": "parameters"}
    records = read(register({}), role="lookup", columns=columns)
    assert records.columns == [*FIELDS, "place"]
    assert records.select("parameters", "perplexity", "benchmark").row(0) == (1e6, None, None)


HOSTILE = [
    "<script>alert(1)</script>", 'a "quoted", name', "two\nlines", "=1+1", "'; DROP TABLE x; --",
    "a|b", "{{x}}", "@SUM(A1)", "-2", "\u202egnp",
]  # fmt: skip


def test_hostile_names_stay_as_they_are() -> None:
    rows = [{"system": name, "paper": name} for name in HOSTILE]
    records = read(register(*rows))
    assert records["system"].to_list() == records["paper"].to_list() == HOSTILE


# --- bytes ---------------------------------------------------------------------------------------


def a_file(location: str, root: Path, **policy: Any) -> bytes:
    return read_content(Source("mine", location, Form("csv")), root, Policy(**policy))


def test_a_file_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/x.csv").write_bytes(b"a\n")
    assert a_file("data/x.csv", tmp_path) == b"a\n"
    with pytest.raises(InputError, match="size"):
        a_file("data/x.csv", tmp_path, largest=1)


def test_a_pinned_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a\n")
    digest = hashlib.sha256(b"a\n").hexdigest()
    spec = {"kind": "csv", "location": "x.csv", "sha256": digest}
    assert read_content(Source.of("mine", spec), tmp_path, Policy()) == b"a\n"
    (tmp_path / "x.csv").write_bytes(b"b\n")
    with pytest.raises(
        InputError, match=rf"source mine \(x.csv\), sha256: .* pins sha256 {digest}"
    ):
        read_content(Source.of("mine", spec), tmp_path, Policy())


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("../outside.csv", "outside the project"),
        ("/etc/hostname", "outside the project"),
        ("file:///etc/hostname", "http or https"),
        ("absent.csv", "no such file"),
        (".", "not a file"),
    ],
)
def test_files_that_are_not_read(tmp_path: Path, location: str, message: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "outside.csv").write_text("a\n")
    with pytest.raises(InputError, match=message) as raised:
        a_file(location, project)
    assert location in str(raised.value)


def test_a_folder_of_results_is_read_by_its_kind_alone(tmp_path: Path) -> None:
    results = {"model_name": "m", "results": {"wikitext": {"word_perplexity,none": 20.5}}}
    (tmp_path / "runs/a").mkdir(parents=True)
    (tmp_path / "runs/a/results_1.json").write_text(json.dumps(results))
    columns = {"system": "model_name", "perplexity": "word_perplexity", "benchmark": "task"}
    spec = {"kind": "lm_eval_harness", "location": "runs", "columns": columns, "missing": []}
    content = read_content(Source.of("mine", spec), tmp_path, Policy())
    records = read_source(Source.of("mine", spec), NAMES, content)
    assert records.select("system", "benchmark", "perplexity", "place").rows() == [
        ("m", "wikitext", 20.5, "a/results_1.json, task wikitext")
    ]
    with pytest.raises(InputError, match="not a file"):
        a_file("runs", tmp_path)
    with pytest.raises(InputError, match="outside the project"):
        read_content(Source.of("mine", {**spec, "location": ".."}), tmp_path, Policy())


def test_an_address_is_read_from_its_snapshot_alone(tmp_path: Path) -> None:
    """Nothing listens at the address."""
    address = "http://127.0.0.1:9/x.csv"
    spec = {**SETTINGS["sources"]["register"], "location": address}
    with pytest.raises(InputError, match=r"source mine \(http.*no snapshot of this address"):
        read_content(Source.of("mine", spec), tmp_path, Policy())
    content = register({}).encode()
    snapshots.store(
        snapshots.source_directory(tmp_path, "mine"),
        content,
        "csv",
        snapshots.Sidecar(
            url=address,
            final_url=address,
            time=datetime.datetime(2024, 3, 9, tzinfo=datetime.UTC),
            status=200,
            etag=None,
            last_modified=None,
            sha256=hashlib.sha256(content).hexdigest(),
            bytes=len(content),
            rows=1,
            columns=["system"],
        ),
    )
    assert read_content(Source.of("mine", spec), tmp_path, Policy()) == content
    with pytest.raises(InputError, match="no snapshot of this address"):
        read_content(Source.of("mine", {**spec, "location": f"{address}2"}), tmp_path, Policy())


def test_what_is_expected_of_an_address() -> None:
    spec = {**WIDE, "only": {"Country": ["x"]}, "sha256": "0" * 64}
    expected = origin(Source.of("sheet", spec))
    assert (expected.source, expected.kind, expected.sha256) == ("sheet", "csv", "0" * 64)
    assert expected.address == WIDE["location"]
    names = [*(c for c in SHEET_COLUMNS.values() if isinstance(c, str)), "Country"]
    assert set(expected.mapped) == {*names, *SHEET_COLUMNS["perplexity"].values()}
    assert len(set(expected.mapped)) == len(expected.mapped)
    text = b"System,Link\nA,[x](https://a.org)\n,\nB,\n"
    assert expected.parse(text) == Extent(2, ("System", "Link"))


def test_a_cell_that_cannot_be_read_is_expected_not_to_come() -> None:
    source = a_source("register")
    text = register({"epochs": "many"}).encode()
    assert origin(source).parse(text).rows == 1
    with pytest.raises(InputError, match="'many'"):
        origin(source, NAMES).parse(text)
    # a column that is not there is said better by the comparison with the snapshot before
    lost = text.replace(b"dataset_tokens", b"tokens")
    assert "dataset_tokens" not in origin(source, NAMES).parse(lost).columns


@needs_sheet
def test_register_and_sheet_have_the_same_facts() -> None:
    """But for links, cleaned of tracking, and 0 training tokens, which stands for unknown."""
    mine = read(REGISTER.read_bytes()).drop("source", "url", "place")
    theirs = read(SHEET.read_bytes(), "ho2024_sheet").drop("source", "url", "place")
    unknown = theirs["dataset_tokens"] == 0
    assert unknown.sum() == 5
    tokens = pl.when(pl.col("dataset_tokens") > 0).then("dataset_tokens")
    assert_frame_equal(mine, theirs.with_columns(tokens), check_exact=True)
