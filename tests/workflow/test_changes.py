"""A run ends with what moved: the record that came is named, and nothing runs again for it."""

from __future__ import annotations

import pytest
from project import NO_FIGURES, Project

pytestmark = pytest.mark.slow

HEADER = "system,paper,published,architecture,benchmark,perplexity,parameters,dataset_tokens,epochs"
ROW = "TinyGPT,My paper,2021-05-01,transformer,wt103,45.0,30000000,103000000,20"
TABLE = "results/tables/changes.csv"


def test_a_row_that_is_added_is_named_with_what_it_moved(finished: Project) -> None:
    told = (finished.directory / "results/changes.txt").read_text(encoding="utf-8")
    assert told.startswith("What moved: there is nothing to compare with")
    assert len(finished.tables()["changes.csv"].splitlines()) == 1  # the header

    (finished.directory / "data/raw/mine.csv").write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    columns = {name: name for name in HEADER.split(",")}
    overlay = {
        "sources": {"mine": {"kind": "csv", "location": "data/raw/mine.csv", "columns": columns}}
    }
    made = finished.snakemake("samples", overlay=overlay)
    assert made.returncode == 0, made.output
    made = finished.snakemake(TABLE, "results/changes.txt", overlay=overlay)
    assert made.returncode == 0, made.output

    rows = finished.rows("changes")
    (record,) = [row for row in rows if row["kind"] == "record"]
    assert (record["source"], record["what"], record["in_sample"]) == ("mine", "came", "true")
    assert record["name"] == "TinyGPT (wt103)"
    assert record["converged"] == "true"
    assert float(record["without"]) > 0
    headline = next(row for row in rows if row["name"] == "The headline")
    assert headline["what"] == "moved"  # of 12 draws, an end of the interval at least
    assert headline["moved_by"] == "TinyGPT (wt103)"
    assert headline["causes"] == "records, configuration"
    # without the one row, the headline is what the run before found
    assert float(record["without"]) == pytest.approx(float(headline["before"]), rel=1e-6)
    assert any(row["kind"] == "setting" and row["name"] == "sources.mine" for row in rows)
    told = (finished.directory / "results/changes.txt").read_text(encoding="utf-8")
    assert "Source mine: 1 record came, 1 in the headline's sample: TinyGPT (wt103)" in told
    assert "The headline: " in told

    # a run that failed after this has told nobody; the next one does, above the answer
    run = finished.snakemake(*NO_FIGURES, overlay=overlay, verbose=False)
    assert run.returncode == 0, run.output
    assert told in run.output
    assert run.output.index("What moved") < run.output.index("The report: ")
    page = (finished.directory / "results/report.html").read_text(encoding="utf-8")
    assert 'id="changes"' in page and "TinyGPT (wt103)" in page
    # and that was that
    again = finished.snakemake(*NO_FIGURES, overlay=overlay, verbose=False)
    assert "Nothing to be done" in again.output
    assert "What moved: nothing since the last run." in again.output
