"""Every kind of source: a table of texts, or one clear error, whatever the bytes."""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from algoprog.common.errors import InputError
from algoprog.records.parse import files as parse_records
from algoprog.records.parse import html as parse_tables
from algoprog.records.parse.cells import (
    PARSERS,
    UnreadableError,
    arxiv_date,
    count,
    date,
    duration,
    link,
    number,
)
from algoprog.records.parse.cells import text as cell_text
from algoprog.records.parse.folders import PATTERNS, bundle
from algoprog.records.parse.harness import skipped_files
from algoprog.records.parse.kinds import KINDS, parse
from algoprog.records.parse.text import BENCHMARK, LINKS, PLACE, ROW
from algoprog.records.specification import Form

# In the layout of NLP-progress' page: two tables under one name, rows without a closing pipe.
PAGE = r"""# Language modeling

| not | a table |

## Word Level Models

### Penn Treebank ###

| Model | Validation perplexity | Test perplexity | Number of params | Paper / Source | Code |
| ----- | :---: | :---: | --- | --- | ---- |
| Ant + dynamic eval (A et al., 2018)* | 42.9 | **42.8** | 24M | [On Ants](https://arxiv.org/abs/2211.01848) | [Official](https://github.com/a/a) |
| Bee \| 2 ***preprint*** |   -   | 54.19 | ~257M | [On Bees](http://proceedings.org/b.pdf) ||
| Cat | 60.0 | 57.3 | | [On Cats](https://arxiv.org/pdf/1711.00066.pdf) | [Link](https://github.com/c)

```
### WikiText-2
| Model | Test perplexity |
|---|---|
| no table | 1 |
```

WikiText-2
----------
Model | Test perplexity
--- | ---
Ant | 30

## Character Level Models

### Penn Treebank

| Model | Bit per Character (BPC) | Number of params |
| --- | :---: | --- |
| Dog | 1.061 | 24M |
"""  # noqa: E501

HTML = """<!DOCTYPE html><html><head><title>x</title><style>td {a: "<table>"}</style></head><body>
<h1>Results</h1><h2>Word <i>level</i></h2>
<table id="ptb"><caption>Penn
 Treebank</caption>
<tr><th rowspan=2>Model</th><th colspan="2">Perplexity</th></tr>
<tr><th>Valid</th><th>Test</th></tr>
<tr><td><a href="https://arxiv.org/abs/1901.02860">Ant &amp; Bee</a></td><td>20<td><b>19.5</b><sup>1</sup>
<tr><td>Cat &lt;b&gt;<td>30<td>29.5<sub>2</sub></tr>
</table>
<h2>Other</h2>
<table><tr><td>Model</td><td>Test</td></tr><tr><td>Dog<table><tr><td>inner</table></td><td>1</td></tr></table>
</body></html>"""  # noqa: E501


def markdown(*tables: dict[str, Any], page: str = PAGE) -> pl.DataFrame:
    return parse(
        page.encode(), Form.of({"kind": "markdown_table", "tables": list(tables)}), "a page"
    )


def html(*tables: dict[str, Any], page: str = HTML) -> pl.DataFrame:
    return parse(page.encode(), Form.of({"kind": "html_table", "tables": list(tables)}), "a page")


SHOWN = "<table><tr><th>Model<th>Perplexity<tr><td>A<td>{}<td hidden>C<tr><td>B<td>30</table>"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        # a key that a table is sorted by, as wikis have it
        ('<span style="display:none">0000020.5</span>20.5', "20.5"),
        ('<span style="color:red; DISPLAY : NONE">9</span>20.5', "20.5"),
        ('20.5<span hidden>9</span><b style="visibility:hidden">9</b>', "20.5"),
        ("<i hidden>1<i>2</i>3</i>20.5", "20.5"),
        ('<img hidden src="a">20.5', "20.5"),
        ('20.5<span style="display:none">9', "20.5"),  # which nothing closes
        ("<del>50</del>20.5", "~~50~~20.5"),
        ("<s>50</s> 20.5", "~~50~~ 20.5"),
        ('<span style="display:inline">20</span>.5', "20.5"),
    ],
)
def test_what_a_browser_does_not_show_is_no_text(cell: str, text: str) -> None:
    page = SHOWN.format(cell).replace("<td hidden>C", "")
    table = html({"index": 1}, page=page)
    assert table["Perplexity"].to_list() == [text, "30"]


def test_a_struck_number_is_not_read() -> None:
    for cell in ("~~50~~20.5", "~~50~~ 20.5", "~~50~~"):
        with pytest.raises(UnreadableError):
            PARSERS["number"](cell)


def test_a_hidden_row_is_blank_and_the_next_is_not() -> None:
    page = (
        "<table><tr><th>Model<th>Perplexity<tr style='display:none'><td>A<td>20<tr><td>B<td>30"
        "</table>"
    )
    assert html({"index": 1}, page=page)["Model"].to_list() == ["B"]


# --- Markdown ------------------------------------------------------------------------------------


def test_markdown_tables_by_their_headings() -> None:
    table = markdown(
        {"heading": ["Word Level Models", "Penn Treebank"], "benchmark": "ptb"},
        {"heading": "WikiText-2", "benchmark": "wt2"},
    )
    assert table[ROW].to_list() == [1, 2, 3, 4]
    assert table[PLACE].to_list() == [
        f"line {PAGE[: PAGE.index(row)].count(chr(10)) + 1}"
        for row in ("| Ant + dyn", "| Bee", "| Cat", "Ant | 30")
    ]
    assert table[BENCHMARK].to_list() == ["ptb", "ptb", "ptb", "wt2"]
    assert table["Model"].to_list() == [
        "Ant + dynamic eval (A et al., 2018)*",
        "Bee | 2 ***preprint***",
        "Cat",
        "Ant",
    ]
    assert table["Test perplexity"].to_list() == ["**42.8**", "54.19", "57.3", "30"]
    assert table["Number of params"].to_list() == ["24M", "~257M", "", ""]
    assert table["Code"].to_list()[1:] == ["", "[Link](https://github.com/c)", ""]
    assert BENCHMARK not in markdown({"index": 2}).columns


def test_markdown_tables_by_number() -> None:
    assert markdown({"index": 3})["Model"].to_list() == ["Dog"]
    assert markdown({"heading": "Penn Treebank", "index": 2})["Model"].to_list() == ["Dog"]
    assert markdown({"heading": ["Language modeling", "Penn Treebank"], "index": 1}).height == 3


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"heading": "Penn Treebank"}, "2 tables of heading Penn Treebank.*lines 9, 32"),
        ({"heading": "Text8"}, "no table of heading Text8.*WikiText-2"),
        ({"heading": ["Character Level Models", "WikiText-2"]}, "no table of heading Character"),
        ({"heading": ["Penn Treebank", "Word Level Models"]}, "no table"),
        ({"index": 4}, "no table of index 4.*has 3"),
    ],
)
def test_markdown_tables_that_are_not_one(wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        markdown(wanted)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("|a|b|\n|-|-|\n|1|2|3|\n", r"line 3.*3 cells under 2.*\\\|"),
        ("|a|a|\n|-|-|\n|1|2|\n", "line 1.*'a'.*name of its own"),
        ("|a|b|\n|-|-|\n", "no records"),
        ("|a|b|\n|-|\n|1|2|\n", "no table"),
        ("<html><body>Sign in</body></html>", "HTML or XML page"),
    ],
)
def test_what_is_no_markdown_table(page: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        markdown({"index": 1}, page=page)


def test_a_markdown_table_ends_where_another_block_begins() -> None:
    page = "|a|b|\n|-|-|\n|1|2|\n|3\n# Heading\n|5|6|\n"
    assert markdown({"index": 1}, page=page).select("a", "b").rows() == [("1", "2"), ("3", "")]


# --- HTML ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        {"id": "ptb"},
        {"caption": "Penn Treebank"},
        {"heading": "Word level"},
        {"heading": ["Results", "Word level"], "index": 1},
        {"index": 1},
    ],
)
def test_html_table(wanted: dict[str, Any]) -> None:
    page = HTML.replace('colspan="2">Perplexity', ">Perplexity</th><th>Test").replace(
        "<tr><th>Valid</th><th>Test</th></tr>", "<tr><td>all<td>all</tr>"
    )
    table = html({**wanted, "benchmark": "ptb"}, page=page)
    # the header's first cell spans the first row of the body; raised digits stay apart
    assert table.select("Model", "Perplexity", "Test").rows() == [
        ("Model", "all", "all"),
        ("Ant & Bee", "20", "19.5^1"),
        ("Cat <b>", "30", "29.5_2"),
    ]
    assert table[f"Model{LINKS}"].to_list() == ["", "https://arxiv.org/abs/1901.02860", ""]
    assert table[BENCHMARK].to_list() == ["ptb"] * 3
    assert table[PLACE].to_list()[1:] == ["line 7", "line 8"]


def test_html_names_that_are_repeated() -> None:
    with pytest.raises(InputError, match=r"'Perplexity'.*name of its own"):
        html({"id": "ptb"})


def test_a_table_within_a_table_is_one_of_its_own() -> None:
    assert html({"heading": "Other", "index": 1}).select("Model", "Test").rows() == [("Dog", "1")]
    with pytest.raises(InputError, match="2 tables of heading Other"):
        html({"heading": "Other"})


def test_spans_do_not_fill_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_tables, "_LARGEST", 50_000)
    page = "<table><tr>" + "<td colspan=1000 rowspan=60000>x" * 2 + "<tr>" * 10_000
    with pytest.raises(InputError, match="smaller table"):
        html({"index": 1}, page=page)
    with pytest.raises(InputError, match="more than 2000 columns"):
        html({"index": 1}, page="<table>" + "<td colspan=1000>x" * 10_000)


@pytest.mark.parametrize(
    "text", ["<a", "<a href='", '<a "', "<!--", "<![CDATA[", "</", "&#" + "9" * 5000 + ";", "<td>"]
)
def test_broken_tags_are_read_once(text: str) -> None:
    """An open tag repeated takes the library's parser hours (n² steps); here it is over at once."""
    page = "<table><tr><td>a</table>" + text * (200_000 // len(text))
    with pytest.raises(InputError):
        html({"index": 2}, page=page)


# --- Parquet -------------------------------------------------------------------------------------


def parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def test_parquet() -> None:
    frame = pl.DataFrame(
        {
            "a": [1, None],
            "b": [0.1, 2.34e23],
            "c": ['x,"y"\n', "=1+1"],
            "d": [datetime.date(2019, 2, 14), None],
            "e": [True, False],
            "f": [[1, 2], None],
        }
    )
    table = parse(parquet(frame), Form.of({"kind": "parquet"}), "a file")
    assert table.drop(ROW).rows() == [
        ("row 1", "1", "0.1", 'x,"y"\n', "2019-02-14", "true", "[1, 2]"),
        ("row 2", None, "2.34e+23", "=1+1", None, "false", None),
    ]


def test_a_parquet_file_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = parquet(pl.select(pl.repeat(1, 11_000_000, dtype=pl.Int8).alias("a")))
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match="11000000 rows"):
        parse(bomb, Form.of({"kind": "parquet"}), "a file")
    monkeypatch.setattr(parse_records, "_PARQUET_UNPACKED", 10_000)
    with pytest.raises(InputError, match="GB unpacked"):
        parse(parquet(pl.DataFrame({"a": ["x" * 20_000]})), Form.of({"kind": "parquet"}), "a file")


# --- JSON ----------------------------------------------------------------------------------------


def read_json(document: Any, records: str = "") -> pl.DataFrame:
    text = document if isinstance(document, str) else json.dumps(document)
    return parse(text.encode(), Form("json", records), "a file")


def test_json_records_by_path() -> None:
    text = """{"results": {"entries": [
        {"name": "A", "n": 2.340E+08, "model": {"size": 12345678901234567890, "tags": [1, "x"]}},
        {"name": null, "zero": false, "model": {}}]}}"""
    table = read_json(text, "results.entries")
    assert table.to_dicts() == [
        {ROW: 1, PLACE: "results.entries[0]", "name": "A", "n": "2.340E+08",
         "model.size": "12345678901234567890", "model.tags": '["1", "x"]', "zero": None},
        {ROW: 2, PLACE: "results.entries[1]", "name": None, "n": None,
         "model.size": None, "model.tags": None, "zero": "false"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "records", "message"),
    [
        ("[" * 100_000, "", "nested too deeply"),
        ('[{"a":' * 100_000, "", "nested too deeply"),
        ('[{"a": ' + "[" * 900 + "]" * 900 + "}]", "x", "x"),
        ('[{"a": 1,}]', "", "line 1"),
        ('{"a": [1]}', "a", "a list of objects"),
        ('{"a": []}', "a", "no records"),
        ('{"a": {}}', "a.b", "correct the source's records"),
        ("[{}]", "", "no records"),
        ('[{"a.b": 1, "a": {"b": 2}}]', "", "two values of a.b"),
        ('[{"#row": 1}]', "", "name of its own"),
        (r'[{"a": "\ud800"}]', "", "lone surrogate"),
        (r'[{"\ud800": "a"}]', "", "lone surrogate"),
        ("<html>", "", "HTML"),
    ],
)
def test_what_is_not_json_records(text: str, records: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_json(text, records)


def test_many_keys_do_not_fill_the_machine() -> None:
    rows = [{str(i): 1} for i in range(4000)]
    with pytest.raises(InputError, match="4000 rows of 4000 columns"):
        read_json(rows)


# --- lm-evaluation-harness -----------------------------------------------------------------------

HARNESS = {
    "results": {
        "wikitext": {
            "alias": "wikitext",
            "word_perplexity,none": 8.792073612124492,
            "word_perplexity_stderr,none": "N/A",
            "byte_perplexity,none": 1.5015845643537054,
            "bits_per_byte,none": 0.5864857250704371,
        },
        "gsm8k": {"alias": "gsm8k", "exact_match,strict-match": 0.1},
    },
    "versions": {"wikitext": 2.0},
    "n-shot": {"wikitext": 0},
    "config": {"model": "hf", "model_args": "pretrained=org/m", "model_num_parameters": 6738415616,
               "limit": None},
    "date": 1550102400.5,
    "model_source": "hf",
    "model_name": "org/m",
}  # fmt: skip


def harness_bundle(folder: Path) -> bytes:
    return bundle(folder, PATTERNS["lm_eval_harness"], 1_000_000)


def harness(document: Any) -> pl.DataFrame:
    return parse(json.dumps(document).encode(), Form.of({"kind": "lm_eval_harness"}), "a run")


def test_harness_results() -> None:
    table = harness(HARNESS)
    row, other = table.to_dicts()
    assert row | {"place": row[PLACE]} == row | {
        "place": "task wikitext",
        "model_name": "org/m",
        "model_num_parameters": "6738415616",
        "evaluated": "2019-02-14",
        "task": "wikitext",
        "version": "2.0",
        "n_shot": "0",
        "word_perplexity": "8.792073612124492",
        "word_perplexity_stderr": None,
        "bits_per_byte": "0.5864857250704371",
    }
    assert (other["task"], other["exact_match,strict-match"], other["bits_per_byte"]) == (
        "gsm8k",
        "0.1",
        None,
    )


def test_harness_results_of_older_versions() -> None:
    old = {
        "results": {"wikitext": {"word_perplexity": 8.5}},
        "config": {"model_args": "dtype=float,pretrained='org/m'", "model_num_parameters": -1},
    }
    row = harness(old).row(0, named=True)
    assert row["model_name"] == "'org/m'"
    assert row["word_perplexity"] == "8.5"
    assert row["model_num_parameters"] is None and row["evaluated"] is None


def test_a_folder_of_harness_results(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/results_2.json").write_text(json.dumps(HARNESS))
    (tmp_path / "a_results.json").write_text("not of the harness")
    (tmp_path / "config.json").write_text('{"results": 3}')
    (tmp_path / "results_1.json").write_text(json.dumps({**HARNESS, "model_name": "other"}))
    packed = harness_bundle(tmp_path)
    assert packed == harness_bundle(tmp_path)
    table = parse(packed, Form.of({"kind": "lm_eval_harness"}), "runs")
    assert [one.file for one in skipped_files(packed, "runs")] == ["a_results.json", "config.json"]
    assert table["model_name"].to_list() == ["org/m"] * 2 + ["other"] * 2
    assert table[PLACE][0] == "b/results_2.json, task wikitext"
    (tmp_path / "b/results_2.json").write_text("{")
    with pytest.raises(InputError, match=r"b/results_2.json, line 1"):
        parse(harness_bundle(tmp_path), Form.of({"kind": "lm_eval_harness"}), "runs")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no results"):
        harness_bundle(tmp_path / "empty")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"config": {"limit": 10.0}}, "--limit 10.0.*whole test set"),
        ({"results": {"wikitext": 3}}, "no results by task"),
        ({"results": {}}, "no records"),
        ({"results": {"wikitext": {"a,none": 1, "a": 2}}}, "each metric once"),
    ],
)
def test_what_is_no_result_of_the_harness(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        harness({**HARNESS, **change})


# --- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("20.5", 20.5), ("**20.5**", 20.5), ("***20.5***", 20.5), ("__20.5__", 20.5),
        ("20.5†", 20.5), ("20.5*", 20.5), (r"20.5\*", 20.5), ("20.5 [^1]", 20.5), ("20.5[1]", 20.5),
        ("20.5<sup>†</sup>", 20.5), ("[20.5](https://a.org)", 20.5), ("1,500", 1500.0),
        ("1,234,567.25", 1234567.25), ("16.4 ± 0.1", 16.4), ("16.4±.1", 16.4),
        ("16.4 (± 0.1)", 16.4), ("16.4 +/- 0.1*", 16.4), (r"$16.4 \pm 0.1$", 16.4),
        ("-3e-2", -0.03), (".5", 0.5), ("", None), ("[^1]", None),
    ],
)  # fmt: skip
def test_number(cell: str, value: float | None) -> None:
    assert number(cell) == value


@pytest.mark.parametrize(
    "cell",
    ["20,5", "1,50", "1,5000", "20.5 (15.8)", "17.1(16.1 cached)", "20-21", "20.5<sup>1</sup>",
     "20.5^1", "20.5_1", "20.5 21", "1e999", "nan", "inf", "٣", "2_0", "24M", "a", "-", "~20",
     "20.5?", "0x1", "~~20~~", "1.2.3", "+-3", "9" * 300],
)  # fmt: skip
def test_no_number(cell: str) -> None:
    with pytest.raises(UnreadableError):
        number(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("24M", 24e6), ("1.5B", 1.5e9), ("0.151B", 151_000_000), ("2.34E+08", 234e6),
        ("7 billion", 7e9), ("7 Billion", 7e9), ("330k", 330e3), ("1.4T", 1.4e12), ("~257M", 257e6),
        ("**1.04B**†", 1.04e9), ("3.1×10^23", 3.1e23), ("3.1 x 10<sup>23</sup>", 3.1e23),
        ("24", 24), ("1,500", 1500), ("8.3 billion", 8.3e9), ("0.1M", 100_000), ("", None),
    ],
)  # fmt: skip
def test_count(cell: str, value: float | None) -> None:
    assert count(cell) == value


@pytest.mark.parametrize(
    "cell",
    ["8x7B", "43B?", "7 - 13B", "1.5e9B", "24Mb", "-5M", "24 M M", "7 bn", "2x10^8M", "1e999",
     "1e99999999999T", "M", "1,5B"],
)  # fmt: skip
def test_no_count(cell: str) -> None:
    with pytest.raises(UnreadableError):
        count(cell)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("45 minutes", 2700), ("25.95 minutes*", 1557), ("5.8 hours", 20880), ("79 s", 79),
        ("1.243 minutes", 74.58), ("**2 Days**", 172800), ("", None),
    ],
)  # fmt: skip
def test_duration(cell: str, seconds: float | None) -> None:
    assert duration(cell) == seconds


@pytest.mark.parametrize(
    "cell", ["45", "minutes", "-1 s", "3 apples", "1:30", "1 min 2 s", "1e999 s", "1e99999999999 s"]
)
def test_no_duration(cell: str) -> None:
    with pytest.raises(UnreadableError):
        duration(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("https://arxiv.org/abs/2112.11446", (2021, 12)),
        ("[P](http://arxiv.org/pdf/1706.03762v5.pdf)", (2017, 6)),
        ("arXiv:0704.0001", (2007, 4)), ("2003.05997", (2020, 3)),
        ("https://arxiv.org/abs/cs.CL/0108005", (2001, 8)),
        ("arxiv.org/abs/cmp-lg/9404007v1", (1994, 4)),
        ("https://arxiv.org/abs/2112.11446 https://arxiv.org/pdf/2112.00001", (2021, 12)),
    ],
)  # fmt: skip
def test_arxiv_date(cell: str, value: tuple[int, int]) -> None:
    assert arxiv_date(cell) == datetime.date(*value, 1)


def test_no_arxiv_date() -> None:
    assert arxiv_date("https://openreview.net/pdf?id=HyeVtoRqtQ") is None
    for cell in ["arXiv:2113.00001", "arxiv", "arxiv.org/abs/0703.0001", "arXiv:21.1",
                 "arXiv:2101.00001 and arXiv:2102.00001", "arxiv:2101.000011"]:  # fmt: skip
        with pytest.raises(UnreadableError):
            arxiv_date(cell)


def test_link() -> None:
    assert link("[a [b]](https://en.org/x_(y) 'title')") == "https://en.org/x_(y)"
    assert link("<https://a.org/b>.") == link("see https://a.org/b.") == "https://a.org/b"
    assert link("[a](https://a.org) ![b](https://a.org)") == "https://a.org"
    assert link("none") is None
    for cell in ["[a](javascript:alert(1))", "[a](/b)", "https://a.org https://b.org"]:
        with pytest.raises(UnreadableError):
            link(cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("[On *B*](http://b.org)", "On B"), ("X (2018)* ***preprint***", "X (2018)* preprint"),
        ("snake_case_name", "snake_case_name"), ("_A_ __B__ `c`", "A B c"),
        (r"a \* b \_ c", "a * b _ c"),
        ("A* search", "A* search"), ("<b>A</b>", "<b>A</b>"), ("**a *b* c**", "a b c"),
        ("a[^1]", "a"),
        ("=1+1", "=1+1"), ("  ", None),
    ],
)  # fmt: skip
def test_text(cell: str, text: str | None) -> None:
    assert cell_text(cell) == text


def test_date() -> None:
    formats = ["%Y-%m-%d", "%b %Y", "%Y"]
    assert date("**Mar 2019**", formats) == datetime.date(2019, 3, 1)
    assert date("2019", formats) == datetime.date(2019, 1, 1)
    assert date("", formats) is None
    with pytest.raises(UnreadableError, match=r"%b %Y"):
        date("14.2.2019", formats)


# --- whatever the bytes --------------------------------------------------------------------------

VALID: dict[str, bytes] = {
    "csv": b'system,perplexity\nA,20\n"B, C",30\n',
    "parquet": parquet(pl.DataFrame({"a": ["x", "y"] * 20, "b": range(40)})),
    "json": b'{"r": [{"a": 1.5, "b": {"c": "x"}}, {"a": null}]}',
    "json_lines": b'{"a": 1.5, "b": {"c": "x"}}\n\n{"a": null, "b": {"c": "y"}}\n',
    "markdown_table": PAGE.encode(),
    "html_table": HTML.encode(),
    "lm_eval_harness": json.dumps(HARNESS).encode(),
}
SPECS: dict[str, dict[str, Any]] = {
    "json": {"records": "r"},
    "markdown_table": {"tables": [{"index": 1, "benchmark": "ptb"}, {"index": 2}]},
    "html_table": {"tables": [{"heading": "Other", "index": 1}]},
}
MUTATION = st.tuples(
    st.floats(0, 1, exclude_max=True), st.sampled_from(["change", "cut", "insert", "repeat"]),
    st.binary(min_size=1, max_size=8),
)  # fmt: skip


def mutated(content: bytes, mutations: list[tuple[float, str, bytes]]) -> bytes:
    for where, what, data in mutations:
        at = int(where * len(content))
        if what == "change":
            content = content[:at] + data + content[at + len(data) :]
        elif what == "cut":
            content = content[:at] + content[at + 10 * len(data) :]
        elif what == "insert":
            content = content[:at] + data + content[at:]
        else:
            content = content[:at] + content[at : at + 20] * 3 + content[at:]
    return content


def is_a_table_or_refused(kind: str, content: bytes) -> None:
    try:
        table = parse(content, Form.of({"kind": kind, **SPECS.get(kind, {})}), "a file")
    except InputError as error:
        assert "a file" in str(error)
    else:
        assert table.columns[:2] == [ROW, PLACE]
        assert table.height
        assert set(table.drop(ROW).dtypes) == {pl.String}
        assert table[PLACE].null_count() == 0


def test_each_kind_is_fuzzed() -> None:
    assert set(VALID) == set(KINDS)
    for kind, content in VALID.items():
        assert parse(content, Form.of({"kind": kind, **SPECS.get(kind, {})}), "a file").height


FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(content=st.binary(max_size=300))
def test_random_bytes(kind: str, content: bytes) -> None:
    is_a_table_or_refused(kind, content)
    if kind == "parquet":
        is_a_table_or_refused(kind, b"PAR1" + content + b"PAR1")


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(mutations=st.lists(MUTATION, min_size=1, max_size=4))
def test_damaged_files(kind: str, mutations: list[tuple[float, str, bytes]]) -> None:
    content = mutated(VALID[kind], mutations)
    if kind == "parquet":
        content = b"PAR1" + content[4:-4] + b"PAR1"
    is_a_table_or_refused(kind, content)


@pytest.mark.parametrize("kind", ["csv", "json", "json_lines", "markdown_table", "html_table"])
@FEW
@given(pieces=st.lists(st.sampled_from(
    ["|", "\n", "-|-", "a", "# h\n", "```\n", "<table>", "<tr>", "<td>", "</table>",
     "<h1>", "x</h1>",
     "<a href=", '"', "'", ">", "[", "]", "{", "}", ":", ",", '"a"', "1", "\\", "&lt;",
     "---\n", "é"]
), max_size=60))  # fmt: skip
def test_random_markup(kind: str, pieces: list[str]) -> None:
    is_a_table_or_refused(kind, "".join(pieces).encode())


@FEW
@given(st.text() | st.text("*_[]()`\\^<>sup/0123456789.,±†$ eEMBxX~", max_size=40))
def test_any_cell_has_a_value_or_is_refused(cell: str) -> None:
    for parser in PARSERS.values():
        try:
            value = parser(cell)
        except UnreadableError:
            continue
        assert value is None or isinstance(value, str | float | datetime.date)


@settings(deadline=None)
@given(st.text("abc XYZ019-+.,:;!?()'\"=<>&%@|", min_size=1).filter(str.strip))
def test_texts_without_marks_stay(name: str) -> None:
    assert cell_text(name) == " ".join(name.split())
