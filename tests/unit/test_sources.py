"""Reading a source: every cell as it is meant, or one clear error."""

from __future__ import annotations

import datetime
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from project_files import BENCHMARKS, REGISTER, SETTINGS, SHEET, needs_sheet, read, register

from algoprog import sources
from algoprog.config_types import RecordField
from algoprog.errors import InputError
from algoprog.fields import FIELDS
from algoprog.sources import PLACE, ROW, fetch, parse_csv, read_source

WIDE = SETTINGS["sources"]["ho2024_sheet"]


def wide(*rows: dict[str, str]) -> str:
    """A sheet of these rows in the format of the authors'."""
    names = [*(c for c in WIDE["columns"].values() if isinstance(c, str))]
    names += WIDE["columns"]["perplexity"].values()
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
    raw = parse_csv(REGISTER.read_bytes(), "register").drop(ROW, PLACE)
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
    table = parse_csv(text.encode(), "a file")
    assert table.rows() == [(1, "line 2", "a\nb", "1"), (3, "line 6", "c", "2")]


def test_a_field_without_column_is_blank_and_a_row_is_its_own_entry() -> None:
    columns = {"system": "system", "perplexity": "perplexity", "benchmark": "benchmark"}
    records = read(register({"entry": 7}, {"entry": 9}), columns=columns)
    assert records["source_row"].to_list() == [1, 2]
    assert records["parameters"].dtype == pl.Float64
    assert records["published"].dtype == pl.Date
    assert records["parameters"].null_count() == records["published"].null_count() == 2


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


# --- fetch ---------------------------------------------------------------------------------------


def test_fetch_a_file_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/x.csv").write_bytes(b"a\n")
    assert fetch("data/x.csv", tmp_path) == b"a\n"
    assert fetch(str(tmp_path / "data/x.csv"), tmp_path) == b"a\n"
    assert fetch("data/../data/x.csv", tmp_path) == b"a\n"


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("../outside.csv", "outside the project"),
        ("data/../../outside.csv", "outside the project"),
        ("/etc/hostname", "outside the project"),
        ("file:///etc/hostname", "http or https"),
        ("ftp://127.0.0.1/x.csv", "http or https"),
        ("absent.csv", "no such file"),
        (".", "can be read"),
    ],
)
def test_fetch_refuses(tmp_path: Path, location: str, message: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "outside.csv").write_text("a\n")
    with pytest.raises(InputError, match=message) as raised:
        fetch(location, project)
    assert location in str(raised.value)


class _Server(http.server.ThreadingHTTPServer):
    requested: int
    failures: int


class _Handler(http.server.SimpleHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.requested += 1
        if self.server.requested <= self.server.failures:
            self.send_error(503)
        elif self.path == "/moved.csv":
            self.send_response(302)
            self.send_header("Location", "/x.csv")
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    """Serves the files of `tmp_path` on this machine alone."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def handler(*arguments: Any) -> _Handler:
        return _Handler(*arguments, directory=str(tmp_path))

    with _Server(("127.0.0.1", 0), handler) as running:
        running.requested = running.failures = 0
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def address(server: _Server, path: str) -> str:
    return f"http://127.0.0.1:{server.server_port}/{path}"


def test_fetch_an_address(server: _Server, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a\n")
    assert fetch(address(server, "x.csv"), Path("/nowhere")) == b"a\n"
    assert fetch(address(server, "moved.csv"), Path("/nowhere")) == b"a\n"


def test_fetch_tries_again_when_the_server_is_busy(server: _Server, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a\n")
    server.failures = sources.ATTEMPTS - 1
    assert fetch(address(server, "x.csv"), tmp_path) == b"a\n"
    assert server.requested == sources.ATTEMPTS


def test_fetch_gives_up(server: _Server, tmp_path: Path) -> None:
    server.failures = 100
    with pytest.raises(InputError, match="503") as raised:
        fetch(address(server, "x.csv"), tmp_path)
    assert server.requested == sources.ATTEMPTS
    assert address(server, "x.csv") in str(raised.value)


def test_fetch_does_not_try_again_what_is_not_there(server: _Server, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="404"):
        fetch(address(server, "absent.csv"), tmp_path)
    assert server.requested == 1


def test_fetch_refuses_what_is_too_large(
    server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.csv").write_bytes(b"a" * 1001)
    monkeypatch.setattr(sources, "LARGEST", 1000)
    for location in ("x.csv", address(server, "x.csv")):
        with pytest.raises(InputError, match="smaller"):
            fetch(location, tmp_path)


def test_fetch_where_nothing_listens(server: _Server, tmp_path: Path) -> None:
    closed = address(server, "x.csv")
    server.server_close()
    with pytest.raises(InputError, match="download"):
        fetch(closed, tmp_path)


@needs_sheet
def test_the_sheet_over_http_is_the_sheet_as_a_file(server: _Server, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_bytes(SHEET.read_bytes())
    content = fetch(address(server, "sheet.csv"), Path("/nowhere"))
    spec = {**WIDE, "location": address(server, "sheet.csv")}
    records = read_source("ho2024_sheet", spec, BENCHMARKS, content)
    assert_frame_equal(records, read(SHEET.read_bytes(), "ho2024_sheet"))
    assert records["source_row"].n_unique() == 408


@needs_sheet
def test_register_and_sheet_have_the_same_facts() -> None:
    """But for links, cleaned of tracking, and 0 training tokens, which stands for unknown."""
    mine = read(REGISTER.read_bytes()).drop("source", "url", "place")
    theirs = read(SHEET.read_bytes(), "ho2024_sheet").drop("source", "url", "place")
    unknown = theirs["dataset_tokens"] == 0
    assert unknown.sum() == 5
    tokens = pl.when(pl.col("dataset_tokens") > 0).then("dataset_tokens")
    assert_frame_equal(mine, theirs.with_columns(tokens), check_exact=True)
