"""Sources through the whole workflow: over the wire, hostile, several, as in the tutorial."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml
from fault_server import FaultServer, body, serving
from polars.testing import assert_frame_equal
from project import DATABASE, NO_FIGURES, PROJECT, QUICK, Project, rows_of

from algoprog.catalogue import TABLES
from algoprog.config.document import parse_config
from algoprog.config.loading import merged, read_mapping

pytestmark = pytest.mark.slow

REGISTER = "data/raw/lm_evaluations.csv"
SHEET = PROJECT.parent / "shared/data/ho2024_sheet.csv"
PAPER = "data/processed/samples/paper.parquet"
RECORD = "results/run_config.yaml"
PAGE = b"<!doctype html><html><body>Please wait</body></html>"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as running:
        yield running


def refresh_command() -> list[str]:
    """What `make refresh` gives Snakemake."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^refresh:.*\n\t\$\(SNAKEMAKE\) (.*) \$\(SNAKEMAKE_ARGS\)$", makefile, re.M)
    assert found
    return found[1].split()


def test_make_refresh_alone_downloads_again(fresh: Project, server: FaultServer) -> None:
    content = (PROJECT / REGISTER).read_bytes()
    address = server.on(body(content))
    pointer = fresh.directory / "data/raw/register/current.json"

    def configured(**acquisition: object) -> dict[str, Any]:
        return {"sources": {"register": {"location": address}}, "acquisition": acquisition}

    # offline: not even for a first snapshot
    run = fresh.snakemake("samples", overlay=configured(offline=True))
    assert (run.returncode, len(run.errors), len(server.requests)) == (1, 1, 0)
    assert "offline: 'no snapshot'" in run.errors[0] and address in run.errors[0]

    run = fresh.snakemake("samples", overlay=configured())
    assert run.returncode == 0, run.output
    assert len(server.requests) == 1
    first = pl.read_parquet(fresh.directory / PAPER)
    assert first.height == 231
    good = pointer.read_bytes()

    # a page in its place: one error, and nothing is made of what is left until someone decides
    server.on(body(PAGE, "text/html"))
    run = fresh.snakemake(*refresh_command(), overlay=configured())
    assert (run.returncode, len(run.errors), len(server.requests)) == (1, 1, 2), run.output
    assert "an HTML page, not csv" in run.errors[0]
    assert pointer.read_bytes() == good
    run = fresh.snakemake("samples", overlay=configured())
    assert run.returncode == 1 and not run.jobs
    assert sum("an HTML page, not csv" in line for line in run.output.splitlines()) == 1
    assert "Nothing was run." in run.output and "Traceback" not in run.output

    # kept, with a warning where the run ends and in its record
    keep = configured(on_failure="keep")
    run = fresh.snakemake(*refresh_command(), overlay=keep)
    assert run.returncode == 0, run.output
    assert len(server.requests) == 3
    run = fresh.snakemake(RECORD, overlay=keep)
    assert run.returncode == 0, run.output
    record = yaml.safe_load((fresh.directory / RECORD).read_text(encoding="utf-8"))
    (warning,) = record["warnings"]
    assert "stays in use" in warning and "an HTML page, not csv" in warning
    assert f"Warning: {warning}" in run.output
    (snapshot,) = [path for path in record["inputs"] if path.startswith("data/raw/register/")]
    assert (fresh.directory / snapshot).read_bytes() == content
    assert pl.read_parquet(fresh.directory / PAPER).equals(first)
    run = fresh.snakemake(*refresh_command(), overlay=configured(offline=True))
    assert run.returncode == 0, run.output
    assert "refused" in run.output
    assert len(server.requests) == 3

    # new content: read at the next run, and nothing warns any more
    server.on(body(content.replace(b"Transformer-XL", b"Transformer-XXL")))
    run = fresh.snakemake(*refresh_command(), overlay=keep)
    assert run.returncode == 0 and "420 rows" in run.output, run.output
    run = fresh.snakemake(RECORD, overlay=keep)
    assert run.returncode == 0, run.output
    assert yaml.safe_load((fresh.directory / RECORD).read_text())["warnings"] == []
    systems = pl.read_parquet(fresh.directory / PAPER)["system"]
    assert systems.str.contains("Transformer-XXL").any()
    assert len(server.requests) == 4

    # a download that fails leaves the last good snapshot as it was
    good = pointer.read_bytes()
    wrong = {"sources": {"register": {"location": server.address("/none.csv")}}}
    run = fresh.snakemake("samples", overlay=wrong)
    assert (run.returncode, len(run.errors)) == (1, 1)
    assert "404" in run.errors[0]
    assert pointer.read_bytes() == good


@pytest.mark.skipif(not SHEET.exists(), reason="the authors' sheet is not part of the project")
def test_the_authors_sheet_over_http_gives_what_the_register_gives(
    finished: Project, server: FaultServer
) -> None:
    before, sample = finished.tables(), pl.read_parquet(finished.directory / PAPER)
    address = server.on(body(SHEET.read_bytes()))
    sheet = {"enabled": True, "location": address}
    overlay = {"sources": {"register": {"enabled": False}, "ho2024_sheet": sheet}}
    run = finished.snakemake(DATABASE, overlay=overlay)
    assert run.returncode == 0, run.output
    assert len(server.requests) == 1
    assert {"download", "acquire", "fit", "draw"} <= set(run.rules)
    again = pl.read_parquet(finished.directory / PAPER)
    assert set(again["source"]) == {"ho2024_sheet"}
    assert_frame_equal(again.drop("source"), sample.drop("source"), check_exact=True)
    before.pop("changes.csv")
    after = finished.tables()
    moved = {(row["kind"], row["what"]) for row in rows_of(after.pop("changes.csv"))}
    assert ("record", "came") in moved and ("record", "went") in moved
    assert {kind for kind, _ in moved} == {"record", "setting"}  # and no number
    assert set(after) == set(before)
    for name, table in after.items():  # byte for byte, but for the name of the source
        renamed = re.sub(rb"(^|,)ho2024_sheet,", rb"\1register,", table, flags=re.M)
        assert renamed == before[name], name


# --- hostile names -------------------------------------------------------------------------------

HOSTILE = [
    '<script>alert("1")</script>',
    "</td></svg><img src=x onerror=alert(1)>",
    'a "quoted", name',
    "'single' & ampersand; &amp;",
    "two\nlines",
    "=1+1",
    "@SUM(A1:A9)",
    "-2+3",
    "'; DROP TABLE exclusions; --",
    "$\\frac{1}{$ ^_%#",
    "{{ 7*7 }} {% raw %}",
    "a|b\tc",
    "\u202egnp.exe",
]


class Page(HTMLParser):
    """Elements, attributes and texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_hostile_names_come_through_unharmed(fresh: Project) -> None:
    configured = str(read_mapping(fresh.directory))
    rows = list(csv.DictReader(io.StringIO((fresh.directory / REGISTER).read_text("utf-8"))))
    systems: dict[tuple[int, str], str] = {}
    for row in rows:
        hostile = HOSTILE[int(row["entry"]) % len(HOSTILE)]
        row["paper"] = f"{HOSTILE[len(row['paper']) % len(HOSTILE)]} {row['paper']}"
        if row["system"] not in configured:  # what a correction or a reference names
            row["system"] = f"{hostile} {row['system']}"
        systems[int(row["entry"]), row["benchmark"]] = row["system"]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (fresh.directory / REGISTER).write_text(out.getvalue(), encoding="utf-8", newline="")
    run = fresh.snakemake(overlay=QUICK)
    assert run.returncode == 0, run.output

    # tables
    papers = {row["paper"] for row in rows}
    for name, table in fresh.tables().items():
        header, *lines = csv.reader(io.StringIO(table.decode(), newline=""), strict=True)
        assert all(len(line) == len(header) for line in lines), name
        for line in lines:
            cells = dict(zip(header, line, strict=True))
            if {"system", "source_row", "benchmark"} <= set(cells):
                key = int(cells["source_row"]), cells["benchmark"]
                assert cells["system"] == systems[key], name
            for column in TABLES[name.removesuffix(".csv")].columns:
                of_systems = "estimates" not in name and column.kind == "text"
                if of_systems and column.name in {"reference", "successor"}:
                    assert cells[column.name] in {"", *systems.values()}, name
    unit = pl.read_csv(fresh.directory / "results/tables/influence.csv")
    assert set(unit.filter(pl.col("unit") == "papers")["name"]) <= papers
    named = pl.read_csv(fresh.directory / "results/tables/exclusions.csv")["system"].to_list()
    assert all(any(hostile in name for name in named) for hostile in HOSTILE)
    for path, table in (
        ("results/results.duckdb", "exclusions"),
        ("data/processed/evaluations.duckdb", "exclusions"),
    ):
        with duckdb.connect(str(fresh.directory / path), read_only=True) as connection:
            query = f"SELECT system FROM {table} ORDER BY rowid"
            assert sorted(name for (name,) in connection.execute(query).fetchall()) == sorted(named)

    # figures and report
    html = (fresh.directory / "results/report.html").read_text(encoding="utf-8")
    page = Page(html)
    assert page.tags["script"] == 2  # the page's own, and the explorer's data
    assert not page.tags["img"]
    assert not any(name.startswith("on") for name in page.attributes)
    assert "49 " not in "".join(text for text in page.texts if "7*7" in text)
    drawings = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    assert drawings
    shown = "".join("".join(ET.fromstring(drawing).itertext()) for drawing in drawings)
    assert sum(hostile.split("\n")[0] in shown for hostile in HOSTILE) >= 2


# --- several sources -----------------------------------------------------------------------------


def another(project: Project, *changed: dict[str, str]) -> dict[str, Any]:
    """An overlay with another source: the first row of the register, changed."""
    rows = csv.DictReader(io.StringIO((project.directory / REGISTER).read_text("utf-8")))
    first = next(row for row in rows if row["system"] == "AWD-LSTM" and row["benchmark"] == "wt2")
    out = io.StringIO()
    writer = csv.DictWriter(out, list(first), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**first, "entry": number, **row} for number, row in enumerate(changed, 1))
    (project.directory / "data/raw/other.csv").write_text(out.getvalue(), encoding="utf-8")
    columns = {name: name for name in first if name != "entry"}
    return {
        "sources": {
            "other": {"kind": "csv", "location": "data/raw/other.csv", "columns": columns},
        }
    }


def test_a_source_reruns_itself_and_what_depends_on_changed_sample_rows(finished: Project) -> None:
    # the same evaluation, with another number of parameters: no row of a sample changes
    disagreeing = another(finished, {"system": "awd lstm", "parameters": "34000000"})
    before = (finished.directory / PAPER).read_bytes()
    run = finished.snakemake("samples", overlay=disagreeing)
    assert run.returncode == 0, run.output
    assert set(run.rules) == {"acquire", "normalize", "record_warnings", "sample", "source_lines"}
    told = (finished.directory / "data/processed/sources.txt").read_text(encoding="utf-8")
    assert "Source other: 0 evaluations of 0 systems (not counted: 1 that register has)" in told
    assert told.strip() in run.output
    assert [job for job in run.jobs if job[0] == "acquire"] == [("acquire", {"source": "other"})]
    assert (finished.directory / PAPER).read_bytes() == before
    run = finished.make_part(
        "results/tables/conflicts.csv", "data/processed/evaluations.duckdb", overlay=disagreeing
    )
    assert run.returncode == 0, run.output
    assert set(run.rules) <= {
        *("database", "source_tables", "exclusions", "record_warnings", "source_lines"),
        "changes",  # of the configuration
        *("run_config", "results_database", "figures", "report"),  # which hold every table
    }
    table = finished.tables()["conflicts.csv"].decode()
    (conflict,) = csv.DictReader(io.StringIO(table))
    assert (conflict["kept_source"], conflict["other_source"]) == ("register", "other")
    assert (conflict["field"], conflict["other_value"]) == ("parameters", "34000000")
    database = finished.directory / "data/processed/evaluations.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        query = "SELECT source, system, kept_source FROM superseded"
        assert connection.execute(query).fetchall() == [("other", "awd lstm", "register")]

    # it counts first: now the samples change, and what rests on them, but no other source is read
    first = {**disagreeing, "precedence": ["other", "register"]}
    run = finished.snakemake("samples", overlay=first)
    assert run.returncode == 0, run.output
    assert set(run.rules) - {"record_warnings"} == {"normalize", "sample", "source_lines"}
    rules = finished.dry_run(overlay=first).rules
    assert {"fit", "draw", "cross_validate", "doubling_times", "report"} <= set(rules)
    assert not {"acquire", "normalize"} & set(rules)


# --- the tutorial --------------------------------------------------------------------------------

LM1B = """# Language modeling

## Word Level Models

### Penn Treebank

| Model | Test perplexity | Number of params | Paper / Source | Code |
| --- | :---: | :---: | --- | --- |
| Another table | 50.1 | 24M | [Mogrifier LSTM](http://arxiv.org/abs/1909.01792) | |

### 1B Words / Google Billion Word benchmark

| Model | Test perplexity | Number of params | Paper / Source | Code |
| ----- | :-----: | :-----: | --------- | --- |
| Transformer-XL Large (2018) ***preprint*** | 21.8 | 0.8B | [Transformer-XL](https://arxiv.org/pdf/1901.02860.pdf) | |
| Transformer-XL Base (2018) | 23.5 | 0.46B | [Transformer-XL](https://arxiv.org/pdf/1901.02860.pdf) | |
| **Adaptive embeddings, very large** | 23.7 | 0.8B | [Adaptive Input](https://arxiv.org/pdf/1809.10853.pdf) | |
| 10 LSTM+CNN inputs + SNM10-SKIP | 23.7 | 43B? | [Exploring the Limits](https://arxiv.org/abs/1602.02410) | |
| Big LSTM+CNN inputs | 30.0 | 1.04B | [Exploring the Limits](https://arxiv.org/abs/1602.02410) ||
| Gated CNN-14Bottleneck | 31.9 | ? | [Gated CNN](https://arxiv.org/pdf/1612.08083.pdf) ||
| BIG F-LSTM F512 | 36.3 | 0.052B | [Factorization tricks](https://arxiv.org/pdf/1703.10722.pdf) | |
| BIG G-LSTM G-8 | 39.4 | 0.035B | [Factorization tricks](https://arxiv.org/pdf/1703.10722.pdf) | |
"""  # noqa: E501
FOUND = {
    ("Transformer-XL Large (2018) preprint", 21.8, 0.8e9, 2019),
    ("Transformer-XL Base (2018)", 23.5, 0.46e9, 2019),
    ("Adaptive embeddings, very large", 23.7, 0.8e9, 2018),
    ("10 LSTM+CNN inputs + SNM10-SKIP", 23.7, 43e9, 2016),
    ("Big LSTM+CNN inputs", 30.0, 1.04e9, 2016),
    ("BIG F-LSTM F512", 36.3, 0.052e9, 2017),
    ("BIG G-LSTM G-8", 39.4, 0.035e9, 2017),
}


def tutorial() -> list[str]:
    """The YAML of docs/add-a-source.md and docs/several-sources.md."""
    pages = [
        (PROJECT / "docs" / name).read_text(encoding="utf-8")
        for name in ("add-a-source.md", "several-sources.md")
    ]
    return re.findall(r"^```yaml\n(.*?)^```$", "".join(pages), flags=re.MULTILINE | re.DOTALL)


def test_the_tutorial_adds_a_benchmark_in_ten_lines(fresh: Project, server: FaultServer) -> None:
    first, *_ = tutorial()
    assert len(first.splitlines()) == 10
    overlay = yaml.safe_load(first)
    source = overlay["sources"]["lm1b"]
    assert source["location"].startswith("https://")
    source["location"] = server.on(body(LM1B.encode(), "text/plain"))
    quick = {**QUICK, "variants": {"m10": {"enabled": True}}}
    (fresh.directory / "results/figures").mkdir(parents=True)  # so that the page draws its own
    shown = ("results/report.html", DATABASE, *NO_FIGURES)
    run = fresh.snakemake(*shown, overlay={**overlay, **quick})
    assert run.returncode == 0, run.output

    sample = pl.read_parquet(fresh.directory / PAPER).filter(pl.col("benchmark") == "lm1b")
    year = pl.col("published").dt.year()
    assert set(sample.select("system", "perplexity", "parameters", year).rows()) == FOUND
    assert set(sample["dataset_tokens"]) == {829250940.0}
    tables = {path.stem: pl.read_csv(path) for path in fresh.directory.glob("results/tables/*.csv")}
    terms = set(tables["parameters"].filter(pl.col("variant") == "m07")["term"])
    assert {"alpha_const_lm1b", "beta_const_lm1b"} <= terms
    fits = tables["fits"].filter(pl.col("estimator") == "converged")
    assert fits.height == 3 and fits["converged"].all()
    times = tables["doubling_times"].filter(
        pl.col("variant") == "m10",
        pl.col("definition") == "closed_form",
        pl.col("quantity") == "compute",
        pl.col("estimator") == "converged",
    )
    assert sorted(times["benchmark"]) == ["lm1b", "ptb", "wt103", "wt2"]
    assert times["point"].is_not_null().all()
    html = (fresh.directory / "results/report.html").read_text(encoding="utf-8")
    drawings = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    assert any("One Billion Word" in drawing for drawing in drawings)


def test_the_tutorials_other_lines_are_valid() -> None:
    parsed = parse_config(merged(read_mapping(PROJECT), *map(yaml.safe_load, tutorial())))
    assert set(parsed.record_sources) == {
        *("register", "harness", "lm1b", "nlp_progress", "sizes_in_billions"),
        *("pwc", "chinchilla_runs", "nanogpt"),
    }
    assert parsed.enabled_sources["nlp_progress"].join["models"].fields == ["training_compute"]
