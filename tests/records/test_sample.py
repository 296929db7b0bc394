"""Samples: the paper's, step by step, and what is refused."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from plain import check_baseline, select
from polars.testing import assert_frame_equal
from project_files import BENCHMARKS, NAMES, REGISTER, SETTINGS, SHEET, needs_sheet, read, register

from algoprog.common.errors import InputError
from algoprog.records.database import write_database
from algoprog.records.normalise import normalize
from algoprog.records.sample import COLUMNS, Selection
from algoprog.records.tables import DATABASE


def evaluations(*rows: dict[str, object]) -> pl.DataFrame:
    return normalize([read(register(*rows))], {}, NAMES).evaluations


def selected(records: pl.DataFrame, models_per_paper: int | None = None, **where: str) -> Selection:
    spec = {"exclusions": list(where), "models_per_paper": models_per_paper}
    exclusions = {name: {"where": text, "reason": f"by {name}"} for name, text in where.items()}
    return select(records, "mine", spec, exclusions, BENCHMARKS)


def configured(source: str, content: bytes, sample: str = "paper") -> Selection:
    """A sample of config.yaml, from this source."""
    records = normalize([read(content, source)], SETTINGS["corrections"], NAMES)
    spec = SETTINGS["samples"][sample]
    return select(records.evaluations, sample, spec, SETTINGS["exclusions"], BENCHMARKS)


@pytest.fixture(scope="module")
def paper() -> Selection:
    return configured("register", REGISTER.read_bytes())


# --- the paper's sample --------------------------------------------------------------------------


def test_counts_at_each_step(paper: Selection) -> None:
    """Specification, section 1: 408, 369, 284, 275 systems; 281, 267, 261, 231 rows."""
    assert paper.steps.rows() == [
        ("records", 408, 420),
        ("no_counts", 369, 380),
        ("not_included", 284, 290),
        ("outlier", 275, 281),
        ("no_perplexity", 275, 281),
        ("uncertain", 261, 267),
        ("no_date", 261, 267),
        ("not_comparable", 257, 261),
        ("models_per_paper", 227, 231),
    ]


def test_counts_of_the_sample(paper: Selection) -> None:
    counts = dict(paper.rows["benchmark"].value_counts().iter_rows())
    assert counts == {"wt103": 103, "ptb": 80, "wt2": 48}
    assert paper.rows["paper"].n_unique() == 144
    assert paper.rows.columns == ["row", *COLUMNS]
    assert paper.rows["row"].to_list() == list(range(231))
    other = paper.rows.filter(pl.col("perplexity") != pl.col("perplexity_first_available"))
    assert len(other) == 4


def test_every_record_is_in_the_sample_or_left_out_with_a_reason(paper: Selection) -> None:
    key = ["source", "source_row", "benchmark"]
    both = pl.concat([paper.rows.select(key), paper.excluded.select(key)])
    assert len(both) == both.n_unique() == 420
    assert dict(paper.excluded["reason"].value_counts().iter_rows()) == {
        "number of parameters or of training tokens unknown": 40,
        "marked by its compilers as not to be included": 90,
        "marked by its compilers as an outlier": 9,
        "marked by its compilers as uncertain": 14,
        "fine-tuned or partly trained, left out by the published analysis": 6,
        "beyond the first 3 rows of its paper": 30,
    }


def test_all_models_keeps_what_paper_leaves_beyond_three(paper: Selection) -> None:
    everything = configured("register", REGISTER.read_bytes(), "all_models")
    assert len(everything.rows) == 261
    kept = everything.rows.drop("row").join(
        paper.rows, on=["source_row", "benchmark"], how="semi", maintain_order="left"
    )
    assert_frame_equal(kept, paper.rows.drop("row"))


@needs_sheet
@pytest.mark.parametrize("sample", ["paper", "all_models"])
def test_register_and_sheet_give_the_same_sample(sample: str) -> None:
    mine = configured("register", REGISTER.read_bytes(), sample)
    theirs = configured("ho2024_sheet", SHEET.read_bytes(), sample)
    for table in ("rows", "excluded"):
        one, other = (getattr(selection, table).drop("source") for selection in (mine, theirs))
        assert_frame_equal(one, other, check_exact=True)
    assert_frame_equal(mine.steps, theirs.steps)


@needs_sheet
def test_the_sample_is_that_of_the_specification(paper: Selection) -> None:
    """The ten steps of specification, section 1, in plain Python on the sheet's own texts."""

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return 0.0

    with SHEET.open(encoding="utf-8", newline="") as file:
        systems = list(csv.DictReader(file))
    scores = ["Perplexity (WT103)", "Perplexity (WT2)", "Perplexity (PTB)"]
    systems = [s for s in systems if number(s["Parameters"]) > 0 and number(s["Dataset Size"]) > 0]
    systems = [s for s in systems if s["Include?"] in ("", "1.0") and s["Outlier?"] != "1"]
    long = [(s, column) for column in scores for s in systems if s[column]]
    long = [(s, column) for s, column in long if float(s["uncertain"]) == 0]

    def first_available(system: dict[str, str]) -> float:
        return float(next(system[column] for column in scores if system[column]))

    long.sort(key=lambda record: (record[0]["Reference"], first_available(record[0])))
    dropped = {"GPT3-6.7B + muP", *(f"LLaMA-{n}B (LoRA finetuned)" for n in (65, 13, 7))}
    long = [(s, column) for s, column in long if s["System"] not in dropped]
    assert len(long) == 261
    seen: dict[str, int] = {}
    final = []
    for s, column in long:
        seen[s["Reference"]] = seen.get(s["Reference"], 0) + 1
        if seen[s["Reference"]] <= 3:
            day = datetime.datetime.strptime(s["Publication date"], "%Y/%m/%d").date()
            counts = (float(s["Parameters"]), float(s["Dataset Size"]))
            perplexities = (float(s[column]), first_available(s))
            final.append((s["System"].strip(), s["Reference"], day, *perplexities, *counts))
    fields = ["system", "paper", "published", "perplexity", "perplexity_first_available"]
    assert paper.rows.select(*fields, "parameters", "dataset_tokens").rows() == final


def test_bytes_are_the_same_however_the_sources_are_read(tmp_path: Path, paper: Selection) -> None:
    records = read(REGISTER.read_bytes())
    shuffled = records.sample(fraction=1, shuffle=True, seed=1)
    files = []
    for i, frame in enumerate((records, shuffled)):
        table = normalize([frame], SETTINGS["corrections"], NAMES).evaluations
        chosen = select(
            table, "paper", SETTINGS["samples"]["paper"], SETTINGS["exclusions"], BENCHMARKS
        )
        for part in ("rows", "excluded", "steps"):
            getattr(chosen, part).write_parquet(tmp_path / f"{part}{i}.parquet")
        files.append([(tmp_path / f"{part}{i}.parquet").read_bytes() for part in ("rows", "steps")])
    assert files[0] == files[1]


# --- selection -----------------------------------------------------------------------------------


def test_ties_are_in_the_order_of_benchmark_and_entry() -> None:
    records = evaluations(
        {"entry": 3, "perplexity": 20},
        {"entry": 1, "perplexity": 20, "benchmark": "ptb"},
        {"entry": 2, "perplexity": 20},
        {"entry": 4, "perplexity": 10, "benchmark": "ptb"},
        {"entry": 5, "paper": "An earlier title", "perplexity": 90},
    )
    rows = selected(records).rows.select("source_row", "benchmark").rows()
    assert rows == [(5, "wt103"), (4, "ptb"), (2, "wt103"), (3, "wt103"), (1, "ptb")]


def test_first_available_is_the_systems_also_when_that_record_is_left_out() -> None:
    records = evaluations(
        {"entry": 1, "benchmark": "wt103", "perplexity": 20},
        {"entry": 1, "benchmark": "ptb", "perplexity": 60},
        {"entry": 2, "benchmark": "ptb", "perplexity": 50},
    )
    chosen = selected(records, only_ptb="benchmark <> 'ptb'")
    assert chosen.rows["perplexity"].to_list() == [60, 50]
    assert chosen.rows["perplexity_first_available"].to_list() == [20, 50]


def test_a_record_leaves_by_the_first_rule_that_applies() -> None:
    records = evaluations({"epochs": 1}, {"epochs": 2}, {"epochs": 3}, {"epochs": 4})
    chosen = selected(records, first="epochs = 1", second="epochs <= 2")
    assert chosen.excluded.select("source_row", "reason").rows() == [
        (1, "by first"),
        (2, "by second"),
    ]
    assert chosen.steps["rows"].to_list() == [4, 3, 2]
    assert selected(records, second="epochs <= 2").excluded["reason"].unique().to_list() == [
        "by second"
    ]


def test_rows_beyond_the_first_of_a_paper_are_left_out_with_a_reason() -> None:
    records = evaluations({"perplexity": 30}, {"perplexity": 10}, {"paper": "B"}, {"paper": "B"})
    chosen = selected(records, 1)
    assert chosen.rows["source_row"].to_list() == [3, 2]
    assert chosen.excluded.select("source_row", "reason").rows() == [
        (1, "beyond the first row of its paper on its benchmark"),
        (4, "beyond the first row of its paper on its benchmark"),
    ]


def test_nothing_left_out() -> None:
    chosen = selected(evaluations({}, {}))
    assert chosen.excluded.is_empty()
    assert chosen.excluded.schema["reason"] == pl.String


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("vocabulary > 5", [1, 3]),  # unknown is not a match
        ("NOT (vocabulary > 5)", [1, 2]),
        ("vocabulary IS NULL", [2, 3]),
        ("published < DATE '2019-01-01'", [1, 2]),
        ("published < '2019-01-01'", [1, 2]),
        ("(vocabulary > 20) IS NOT FALSE", [2, 3]),
        ("(vocabulary > 5) IS TRUE", [1, 3]),
        ("EXTRACT(YEAR FROM published) < 2019", [1, 2]),
        ("system LIKE '%tuned%'", [1, 3]),
        ("system IN ('It''s A', 'b')", [2, 3]),
        ("6 * parameters * dataset_tokens > 1e15 -- compute", [1, 2]),
        ("FALSE", [1, 2, 3]),
    ],
)
def test_conditions(where: str, left: list[int]) -> None:
    records = evaluations(
        {"system": "It's A"},
        {"system": "fine-tuned", "vocabulary": 10},
        {"vocabulary": 5, "published": "2018-01-01", "parameters": "1e9"},
    )
    assert selected(records, rule=where).rows["source_row"].sort().to_list() == left


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "parts"),
    [
        ("no_such_field > 3", ["no_such_field", "the fields are source, source_row, system"]),
        ('system = "A"', ["single quotes"]),
        ("epochs >", ["SQL"]),
        ("epochs > 3 or_so", ["SQL"]),
        ("epochs > 3) OR (epochs < 2", ["SQL"]),
        ("epochs > 3; epochs > 4", ["SQL"]),
        ("", ["SQL"]),
        ("epochs", ["true or false"]),
        ("published < DATE '2019-02-30'", ["DATE '2015-01-31'"]),
        ("system = 3", ["SQL"]),
        ("(SELECT 1) = 1", ["SQL"]),
        ("no_such_function(epochs)", ["use abs, ceil"]),
    ],
)
def test_wrong_condition(where: str, parts: list[str]) -> None:
    with pytest.raises(InputError) as raised:
        selected(evaluations({}, {}), rule=where)
    message = str(raised.value)
    assert "\n" not in message
    for part in ["config.yaml, exclusions.rule.where", *parts]:
        assert part in message


def test_empty_sample() -> None:
    with pytest.raises(
        InputError, match=r"sample mine, rows left of 2 records: 0; .*mine\.exclusions"
    ):
        selected(evaluations({}, {}), all="TRUE")


def test_a_benchmark_with_one_row() -> None:
    records = evaluations({}, {}, {"benchmark": "ptb"})
    with pytest.raises(
        InputError, match=r"sample mine, rows on benchmark ptb: 1; .*benchmark = 'ptb'"
    ):
        selected(records)
    assert len(selected(records, no_ptb="benchmark = 'ptb'").rows) == 2


@pytest.mark.parametrize(
    "row",
    [
        {"benchmark": "", "perplexity": ""},
        {"published": ""},
        {"parameters": ""},
        {"dataset_tokens": "0"},
    ],
)
def test_rows_no_analysis_can_use(row: dict[str, Any]) -> None:
    field = list(row)[-1]
    with pytest.raises(InputError, match=rf"sample mine, A .*entry 3\), {field}: .* IS NULL"):
        selected(evaluations({}, {}, row))


# --- the database --------------------------------------------------------------------------------


def test_database(tmp_path: Path, paper: Selection) -> None:
    records = normalize([read(REGISTER.read_bytes())], SETTINGS["corrections"], NAMES)
    path = tmp_path / "evaluations.duckdb"
    write_database(
        path,
        {"evaluations": records.evaluations, "corrections": records.corrections},
        {"register": SETTINGS["sources"]["register"]},
        {"paper": paper.rows},
        {"paper": paper.excluded},
        {"paper": paper.steps},
    )
    with duckdb.connect(str(path), read_only=True) as connection:

        def rows(query: str) -> list[Any]:
            return connection.execute(query).fetchall()

        assert rows("FROM sources") == [
            ("register", "csv", "records", "data/raw/lm_evaluations.csv", 408, 419)
        ]
        assert rows("SELECT count(*), sum(parameters IS NULL) FROM evaluations") == [
            (420, records.evaluations["parameters"].null_count())
        ]
        assert rows("SELECT count(*), min(sample) FROM exclusions") == [(189, "paper")]
        assert rows("SELECT step FROM sample_steps ORDER BY number DESC LIMIT 1") == [
            ("models_per_paper",)
        ]
        assert rows("SELECT count(*) FROM samples") == [(231,)]
        assert len(rows("FROM corrections")) == 4
        named = rows("SELECT table_name, comment FROM duckdb_tables()")
        assert all(comment.startswith("One row per ") for _, comment in named)
        for table, _ in named:
            said = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ?"
            found = dict(connection.execute(said, [table]).fetchall())
            assert found == {one.name: one.text for one in DATABASE[table].columns}
            # the key it names is one
            key = ", ".join(DATABASE[table].key)
            assert rows(f"SELECT {key} FROM {table} GROUP BY ALL HAVING count(*) > 1") == []


def test_a_sample_needs_rows_on_the_baseline(paper: Selection) -> None:
    check_baseline("paper", paper.rows, BENCHMARKS)
    without = paper.rows.filter(pl.col("benchmark") != "wt103")
    with pytest.raises(InputError, match=r"benchmarks\.baseline: .*name one of wt2, ptb"):
        check_baseline("paper", without, BENCHMARKS)
