"""What was reported to go wrong, and siblings of each report, through the whole stage of samples.

A case is an overlay on config.yaml with its files. It ends in one clear error, in a warning that
names the row, or right; never in silence. The parts have tests of their own beside this file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from project_files import ROOT
from samples_stage import Stage, stage

from algoprog.common.errors import InputError
from algoprog.config.document import check_locations, parse_config
from algoprog.config.loading import merged, read_mapping

FIELDS = {
    "system": "M", "paper": "Some report", "published": "2022-06-01", "benchmark": "wt103",
    "perplexity": "12.0", "parameters": "7e9", "dataset_tokens": "3e11",
    "architecture": "transformer",
}  # fmt: skip
FILE = "data/raw/mine.csv"


def table(*rows: dict[str, str], sep: str = ",") -> str:
    """A CSV file of these rows, alike but for what each says."""
    cells = [[f'"{cell}"' for cell in {**FIELDS, **row}.values()] for row in rows]
    return "".join(f"{sep.join(line)}\n" for line in [list(FIELDS), *cells])


def mine(**entry: Any) -> dict[str, Any]:
    columns = {name: name for name in FIELDS} | entry.pop("columns", {})
    said = {"kind": "csv", "location": FILE, "columns": columns, **entry}
    return {"sources": {"mine": said}}


def alone(overlay: dict[str, Any]) -> dict[str, Any]:
    """An overlay without the register."""
    corrections = {name: {"enabled": False} for name in ("gopher_280b", "gopher_7b")}
    sources = {"register": {"enabled": False}, **overlay["sources"]}
    return {**overlay, "sources": sources, "corrections": corrections}


def made(place: Path, content: str | bytes, **entry: Any) -> Stage:
    return stage(place, mine(**entry), {FILE: content})


# --- values that cannot be right, or are hard to believe -----------------------------------------


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"parameters": "7", "dataset_tokens": "300"}, "parameters: 7.0"),  # inputs/units/billions
        ({"parameters": "350"}, "parameters: 350.0"),  # in millions
        ({"dataset_tokens": "0.3"}, "dataset_tokens: 0.3"),  # in trillions
        ({"parameters": "7.000"}, "parameters: 7.0"),  # dots for thousands
        ({"parameters": "7e18"}, "parameters: 7e+18"),  # in billions, and given as a count
        ({"published": "2062-06-01"}, "published: 2062-06-01"),  # inputs/dates/future
        ({"published": "1970-01-01"}, "published: 1970-01-01"),  # a blank that became 0
        ({"published": "0022-06-01"}, "published: 0022-06-01"),
        ({"published": "9999-12-31"}, "published: 9999-12-31"),
        ({"perplexity": "0.65"}, "perplexity: 0.65"),  # a share
        ({"perplexity": "-2"}, "perplexity: -2.0"),  # a log-likelihood
        ({"perplexity": "inf"}, "perplexity: 'inf'"),
        ({"perplexity": "12,5"}, "perplexity: '12,5'"),
    ],
    ids=str,
)
def test_a_row_that_is_refused(tmp_path: Path, row: dict[str, str], field: str) -> None:
    with pytest.raises(InputError) as raised:
        made(tmp_path, table({}, {"system": "N", **row}))
    first = str(raised.value).splitlines()[0]
    assert first.startswith("source mine") and "line 3" in first and field in first


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"perplexity": "2.485"}, "perplexity 2.485: outside"),  # inputs/units/loss
        ({"perplexity": "1.12"}, "perplexity 1.12: outside"),  # bits per character
        ({"perplexity": "3.1", "benchmark": "ptb"}, "on ptb, perplexity 3.1: outside"),
        ({"perplexity": "12345"}, "perplexity 12345: outside"),
        ({"published": "1995-06-01"}, "published 1995-06-01: outside"),
        ({"published": "2009-06-01", "benchmark": "ptb"}, "published 2009-06-01: outside"),
        ({"parameters": "6700"}, "parameters 6700: outside"),  # in millions
        ({"parameters": "117000"}, "parameters 117000: outside"),  # in thousands
        ({"dataset_tokens": "300000"}, "dataset_tokens 300000: outside"),  # in millions
        ({"dataset_tokens": "3e14"}, "dataset_tokens 300000000000000: outside"),
    ],
    ids=str,
)
def test_a_row_that_is_warned_of(tmp_path: Path, row: dict[str, str], said: str) -> None:
    found = made(tmp_path, table({}, {"system": "N", "paper": "Another", **row}))
    assert found.sampled("mine").height == 2
    (line,) = [line for line in found.lines if "entry 2 (N)" in line]
    assert line.startswith("source mine: ") and said in line


@pytest.mark.parametrize("text", ["2022", "44713", "1654041600", "2022-13-01", "01/06/2022", "May"])
def test_a_date_in_another_form_is_blank_and_said(tmp_path: Path, text: str) -> None:
    found = made(tmp_path, table({"published": text}))
    assert found.of("mine")["published"].to_list() == [None]
    assert f"column published: '{text}' cannot be read as published" in found.said


# sources/03: a column in billions, as it stands and with its scale
BILLIONS = """Model,Model Size (B),Pretraining Data Size (T),FLOPs (1E21),Ppl
opt-125m,0.125,0.18,0.135,27.65
opt-6.7b,6.7,0.18,7.236,10.86
"""


def of_billions(*scales: float | None) -> dict[str, Any]:
    names = {
        "parameters": "Model Size (B)", "dataset_tokens": "Pretraining Data Size (T)",
        "training_compute": "FLOPs (1E21)",
    }  # fmt: skip
    columns: dict[str, Any] = {
        name: column if scale is None else {"column": column, "scale": scale}
        for (name, column), scale in zip(names.items(), scales, strict=True)
    }
    columns |= {"system": "Model", "paper": "Model", "published": {"constant": "2022-05-02"}}
    columns |= {"perplexity": {"wt2": "Ppl"}}
    return {"sources": {"mine": {"kind": "csv", "location": FILE, "columns": columns}}}


def test_columns_in_billions(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        stage(tmp_path, of_billions(None, None, None), {FILE: BILLIONS})
    lines = str(raised.value).splitlines()
    assert len(lines) == 6
    assert all("`scale: billion`" in line for line in lines)
    for wrong in ((None, 1e12, 1e21), (1e9, None, 1e21), (1e9, 1e12, None)):
        with pytest.raises(InputError):
            stage(tmp_path, of_billions(*wrong), {FILE: BILLIONS})
    found = stage(tmp_path, of_billions(1e9, 1e12, 1e21), {FILE: BILLIONS})
    assert found.of("mine").row(0, named=True)["parameters"] == 1.25e8


@pytest.mark.parametrize(
    "column", ["EM", "EM (%)", "accuracy", "Top-1 acc", "loss", "bpc", "val_loss"]
)
def test_a_column_of_something_else(tmp_path: Path, column: str) -> None:
    """sources/04: shares of right answers, or losses, as perplexities 77.0 and 42.3."""
    text = f"Name,{column}\nm1,77.0\nm2,42.3\n"
    entry = {"system": "Name", "paper": "Name", "perplexity": column}
    said = {"kind": "csv", "location": FILE, "columns": entry | {"benchmark": {"constant": "ptb"}}}
    found = stage(tmp_path, {"sources": {"mine": said}}, {FILE: text})
    assert f"source mine: column {column!r} is read as perplexity, and its name says" in found.said


# --- the same evaluation, told twice -------------------------------------------------------------

MOS = {
    "system": "AWD-LSTM-MoS + dynamic eval (Yang et al., 2018)", "benchmark": "wt2",
    "paper": "Breaking the Softmax Bottleneck: A High-Rank RNN Language Model",
    "perplexity": "40.68", "parameters": "3.5e7", "published": "2017-11-01",
    "dataset_tokens": "2088628", "architecture": "recurrent",
}  # fmt: skip
FRATERNAL = MOS | {
    "system": "Fraternal (Zolna et al., 2018)", "paper": "Fraternal dropout",
    "perplexity": "64.1", "parameters": "3.4e7",
}  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        MOS,  # sources/01
        FRATERNAL,
        MOS | {"paper": "BREAKING THE SOFTMAX BOTTLENECK - a high rank RNN language model"},
        MOS | {"perplexity": "40.7", "system": "MoS"},  # to fewer digits
        FRATERNAL | {"published": "2017-12-10"},
        MOS | {"system": "awd-lstm-mos + dynamic evaluation (wt2, 2017)"},  # the register's name
    ],
    ids=str,
)
def test_an_evaluation_of_the_register_under_another_name(
    tmp_path: Path, row: dict[str, str]
) -> None:
    found = stage(tmp_path, mine(), {FILE: table(row)})
    assert found.of("mine").height == 0
    assert found.records.superseded.filter(source="mine").height == 1


@pytest.mark.parametrize(
    "row",
    [
        {"system": "RNN", "benchmark": "ptb", "perplexity": "91.5", "paper": "A paper of 2024"},
        {"system": "rnn", "benchmark": "ptb", "perplexity": "91.5", "paper": "Of 2023"},
        {"system": "Transformer-XL Large", "perplexity": "17.9", "paper": "Another of that name"},
        {"system": "GPT-2 (1542M)", "perplexity": "16.1", "paper": "Another of that name"},
    ],
    ids=str,
)
def test_a_name_of_the_register_for_another_paper(tmp_path: Path, row: dict[str, str]) -> None:
    """sources/02: it counts, and where the register has the name, the run says so."""
    found = stage(tmp_path, mine(), {FILE: table(row | {"published": "2024-01-01"})})
    assert found.of("mine").height == 1
    names = set(found.of("register")["system"].str.to_lowercase())
    assert ("has this name in entry" in found.said) == (row["system"].lower() in names)


def harness(revision: str = "", *, ppl: float = 9.0, samples: int = 62, **config: Any) -> str:
    arguments = "pretrained=org/model-7b" + (f",revision={revision}" if revision else "")
    return json.dumps(
        {
            "results": {"wikitext": {"alias": "wikitext", "word_perplexity,none": ppl}},
            "versions": {"wikitext": 2},
            "n-samples": {"wikitext": {"original": 62, "effective": samples}},
            "config": {
                "model": "hf", "model_args": arguments, "model_num_parameters": 6738415616,
                "limit": None, **config,
            },
            "date": 1700000000.0,
            "model_name": "org/model-7b",
        }
    )  # fmt: skip


HARNESS = yaml.safe_load(
    """
sources:
  harness:
    enabled: true
    columns:
      published: {constant: 2023-01-01}
      dataset_tokens: {constant: 1.0e+12}
      architecture: {constant: transformer}
"""
)


def harnessed(place: Path, *runs: str) -> Stage:
    files = {f"data/raw/harness/m/run_{number}.json": run for number, run in enumerate(runs)}
    return stage(place, HARNESS, files)


@pytest.mark.parametrize(
    "runs",
    [
        [harness(), harness(ppl=9.0003), harness(ppl=9.001)],  # inputs/harness/rerun
        [harness(), harness()],
        [harness(), harness(ppl=400.0)],
        [harness(), harness(model_num_parameters=3369207808)],  # of 4 bits, half of them counted
        [harness("step3000"), harness("step3000", ppl=10.0)],
    ],
)
def test_runs_of_one_system_contradict_or_count_once(tmp_path: Path, runs: list[str]) -> None:
    found = harnessed(tmp_path, *runs)
    assert found.of("harness").height == 1 or "are two systems" in found.said


def test_checkpoints_are_systems_of_their_own(tmp_path: Path) -> None:
    """inputs/harness/checkpoints, sources/09."""
    found = harnessed(tmp_path, harness("step3000", ppl=300.0), harness("step143000"), harness())
    assert found.of("harness")["system"].to_list() == [
        "org/model-7b@step3000", "org/model-7b@step143000", "org/model-7b",
    ]  # fmt: skip
    assert "of this system" not in found.said


@pytest.mark.parametrize(
    ("config", "system"),
    [
        ({"model_args": "pretrained=org/model-7b,revision=0a1b2c"}, "org/model-7b@0a1b2c"),
        ({"model_args": {"pretrained": "org/model-7b", "revision": "v2"}}, "org/model-7b@v2"),
        ({"model_revision": "step512"}, "org/model-7b@step512"),
        ({"model_args": "pretrained=org/model-7b,peft=me/lora"}, "org/model-7b+me/lora"),
        ({"model_args": "pretrained=org/model-7b,revision=main"}, "org/model-7b"),
    ],
    ids=range(5),
)
def test_a_version_of_a_model_is_a_system(
    tmp_path: Path, config: dict[str, Any], system: str
) -> None:
    found = harnessed(tmp_path, harness(ppl=9.5, **config))
    assert found.of("harness")["system"].to_list() == [system]


@pytest.mark.parametrize("how", ["load_in_4bit=True", "gptq=True", "autogptq=model.safetensors"])
def test_parameters_counted_with_packed_weights_are_told(tmp_path: Path, how: str) -> None:
    """A run of 4 bits alone, which no other contradicts."""
    arguments = f"pretrained=org/model-7b,{how}"
    found = harnessed(tmp_path, harness(model_args=arguments, model_num_parameters=3369207808))
    assert "m/run_0.json, task wikitext: 3369207808 parameters were counted with" in found.said
    whole = harness(model_args="pretrained=org/model-7b,load_in_4bit=False,dtype=float16")
    assert "packed" not in harnessed(tmp_path, whole).said


@pytest.mark.parametrize(
    "run",
    [
        harness(samples=3),  # inputs/harness/partial
        harness(samples=61),
        harness(samples=0),
        harness(limit=10),
        harness(limit=0.5),
    ],
    ids=range(5),
)
def test_a_part_of_the_test_set(tmp_path: Path, run: str) -> None:
    with pytest.raises(InputError, match=r"m/run_1\.json.*whole test set"):
        harnessed(tmp_path, harness("main"), run)


@pytest.mark.parametrize(
    "row",
    [
        FRATERNAL | {"published": "2018-04-30"},  # of the conference
        FRATERNAL | {"published": "2017-01-01"},  # of the year alone
        FRATERNAL | {"perplexity": "64"},
        FRATERNAL | {"paper": "A survey of 2017"},
        FRATERNAL | {"paper": "A survey of 2017", "dataset_tokens": ""},
    ],
    ids=str,
)
def test_what_may_be_an_evaluation_of_the_register_is_told_and_counts(
    tmp_path: Path, row: dict[str, str]
) -> None:
    found = stage(tmp_path, mine(), {FILE: table(row)})
    assert found.of("mine").height == 1
    assert "the score of Fraternal dropout + AWD" in found.said or "score, size" in found.said


# --- shapes of files -----------------------------------------------------------------------------


@pytest.mark.parametrize("sep", [";", "\t", "|"])
def test_a_file_that_seems_to_have_another_delimiter(tmp_path: Path, sep: str) -> None:
    """sources/13."""
    with pytest.raises(InputError, match=r"the file seems to use .* add `delimiter:"):
        made(tmp_path, table({}, sep=sep))
    assert made(tmp_path, table({}, sep=sep), delimiter=sep).of("mine").height == 1


@pytest.mark.parametrize(
    ("content", "entry", "said"),
    [
        ('{"a": [1,', {"kind": "json"}, "JSON"),
        ('{"models": {"m1": {"ppl": 20}}}', {"kind": "json", "records": "models"}, "models{}"),
        ('[{"rows": [{"ppl": 20}]}]', {"kind": "json", "records": "rows"}, r"write \[\]\.rows for"),
        ('{"a": 1}\n{"a": 2}\n', {"kind": "json"}, "json_lines"),
        ('{"a": 1, "a": 2}', {"kind": "json", "records": ""}, "a"),
    ],
    ids=range(5),
)
def test_json_of_another_shape_is_named(
    tmp_path: Path, content: str, entry: dict[str, Any], said: str
) -> None:
    """sources/06 to 08: the error says what shape the file has, and what to write."""
    columns = {"system": "name", "benchmark": {"constant": "ptb"}, "perplexity": "ppl"}
    overlay = {"sources": {"mine": {"location": FILE, "columns": columns, **entry}}}
    with pytest.raises(InputError, match=said):
        stage(tmp_path, overlay, {FILE: content})


@pytest.mark.parametrize(
    "shape",
    ["lists", "mapping", "lines", "tokens derived", "lookup"],
)
def test_shapes_that_are_read(tmp_path: Path, shape: str) -> None:
    entry, content = SHAPES[shape]
    overlay = {"sources": yaml.safe_load(entry)}
    found = stage(tmp_path, overlay, {FILE: content})
    if shape == "lookup":
        (row,) = found.joined.filter(status="differs", field="training_compute").to_dicts()
        assert (row["own_value"], row["lookup_value"]) == ("1.28e+22", "6.31e+23")
        return
    (record,) = found.of("mine").to_dicts()
    assert (record["parameters"], record["perplexity"]) == (2.57e8, 16.4)
    if shape == "tokens derived":
        assert record["dataset_tokens"] == pytest.approx(1e19 / (6 * 2.57e8))


SHAPES = {
    "lists": (
        "mine: {kind: json, location: data/raw/mine.csv, records: '[].datasets[].sota.rows[]', "
        "columns: {system: model_name, paper: paper_title, published: {constant: 2019-04-18}, "
        "benchmark: {column: dataset, replace: {WikiText-103: wt103}}, perplexity: metrics.PPL, "
        "parameters: {column: metrics.N, pattern: '{number}M', scale: million}}}",
        json.dumps(
            [
                {
                    "task": "Words",
                    "datasets": [
                        {
                            "dataset": "WikiText-103",
                            "sota": {
                                "rows": [
                                    {
                                        "model_name": "M1",
                                        "paper_title": "P",
                                        "metrics": {"PPL": "16.4", "N": "257M"},
                                    }
                                ]
                            },
                        }
                    ],
                }
            ]
        ),
    ),
    "mapping": (
        "mine: {kind: json, location: data/raw/mine.csv, records: 'models{}', "
        "columns: {system: key, paper: key, "
        "benchmark: {constant: wt103}, perplexity: ppl, parameters: params}}",
        '{"models": {"m1": {"params": 2.57e8, "ppl": 16.4}}}',
    ),
    "lines": (
        "mine: {kind: json_lines, location: data/raw/mine.csv, "
        "columns: {system: name, paper: name, "
        "benchmark: {constant: wt103}, perplexity: ppl, parameters: params}}",
        '{"name": "m1", "params": 2.57e8, "ppl": 16.4}\n',
    ),
    "tokens derived": (
        "mine: {kind: csv, location: data/raw/mine.csv, columns: {system: name, paper: name, "
        "benchmark: {constant: wt103}, perplexity: ppl, parameters: Model Size, "
        "dataset_tokens: {formula: C / (6*parameters), of: {C: Training FLOP}}}}",
        "name,ppl,Model Size,Training FLOP\nm1,16.4,2.57e8,1e19\n",
    ),
    "lookup": (
        "{mine: {kind: csv, role: lookup, location: data/raw/mine.csv, columns: {system: Model, "
        "training_compute: FLOP, dataset_tokens: D}}, register: {join: {mine: {fields: "
        "[training_compute, dataset_tokens]}}}}",
        "Model,FLOP,D\nGopher (280B),6.31e23,3.0e11\n",
    ),
}


@pytest.mark.parametrize(
    "said",
    [
        "acquisition: {allow: [/]}",  # attack/allow_reads_private_key
        "bayes: {cmdstan: /tmp/mine}",
        "audit: {published: ../../etc/passwd}",
        "audit: {published: /etc/passwd}",
        "sources: {register: {location: /etc/passwd}}",
        "sources: {register: {location: data/raw/../../../../../../etc/passwd}}",
        "estimates: {forecasts: /etc/passwd}",
        "histories: {track_register: /etc/passwd}",
        "capability: {benchmarks: /etc/passwd}",
        "sweeps: {enabled: true, files: {curves: /etc/passwd}}",
        "sources: {register: {location: 'file:///etc/passwd'}}",
        "sources: {register: {location: 'https://me:hunter2@example.org/x.csv'}}",
        "sources: {register: {location: 'https://example.org/x.csv?access_token=hunter2'}}",
    ],
)
def test_what_no_configuration_may_read(said: str) -> None:
    with pytest.raises(InputError) as raised:
        check_locations(parse_config(merged(read_mapping(ROOT), yaml.safe_load(said))), ROOT)
    assert "hunter2" not in str(raised.value)


def test_conditions_mean_what_they_mean_in_sql(tmp_path: Path) -> None:
    """inputs/sql: a blank number of epochs is not over 10; an exclusion that holds is applied."""
    kept = ["no_counts", "not_included", "outlier", "no_perplexity", "no_date", "mine"]
    over = "(epochs > 10)"
    found = {}
    for test in ("IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE", "IS NULL"):
        where = f"benchmark = 'wt103' AND {over} {test}"
        overlay = {
            "exclusions": {"mine": {"where": where, "reason": "a test"}},
            "samples": {"paper": {"exclusions": kept}},
        }
        excluded = stage(tmp_path, overlay, {}).samples["paper"].excluded
        found[test] = excluded.filter(reason="a test").height
    assert min(found["IS TRUE"], found["IS FALSE"], found["IS NULL"]) > 0
    assert found["IS NOT TRUE"] == found["IS FALSE"] + found["IS NULL"]
    assert found["IS NOT FALSE"] == found["IS TRUE"] + found["IS NULL"]


@pytest.mark.parametrize(
    ("set_", "said"),
    [
        ({"epochs": 0}, "epochs: 0"),  # attack/stale_register_epochs0
        ({"epochs": -1}, "epochs: -1"),
        ({"perplexity": 0.5}, "perplexity: 0.5"),
        ({"vocabulary": 0}, "vocabulary: 0"),
        ({"vocabulary": 1}, "vocabulary: 1"),
        ({"training_compute": 0}, "training_compute: 0"),
        ({"parameters": -1}, "parameters: -1"),
        ({"system": ""}, "system: ''"),
        ({"paper": "\t"}, "paper: "),
        ({"published": "2062-01-01"}, "published: 2062-01-01"),
        ({"url": "javascript:alert(1)"}, "url: 'javascript:alert(1)'"),
        ({"url": "https://a.org/\u202ex"}, "url: "),
        ({"include": 2}, "include: 2"),
    ],
    ids=str,
)
def test_what_breaks_a_law_later_is_refused_where_it_enters(
    tmp_path: Path, set_: dict[str, float], said: str
) -> None:
    change = {"match": {"source_row": 3}, "set": set_, "reason": "none"}
    with pytest.raises(InputError, match=r"source register, line ") as raised:
        stage(tmp_path, {"corrections": {"mine": change}}, {})
    assert said in str(raised.value)


def test_a_correction_of_no_record(tmp_path: Path) -> None:
    """attack/stale_correction_no_match."""
    change = {"match": {"system": "No such system"}, "set": {"parameters": 1e9}, "reason": "typo"}
    with pytest.raises(InputError, match=r"corrections\.mine\.match.*matches no record"):
        stage(tmp_path, {"corrections": {"mine": change}}, {})


def test_one_date_is_said_where_the_sample_is_drawn(tmp_path: Path) -> None:
    """inputs/degenerate/same_date, attack/same_date."""
    rows = [
        {"system": f"S{i}", "paper": f"P{i}", "perplexity": f"{20 + i}", "parameters": f"{i + 1}e8"}
        for i in range(20)
    ]
    found = stage(tmp_path, alone(mine()), {FILE: table(*rows)})
    assert "all 20 evaluations have one date (2022-06-01): how fast" in found.said
    assert "one number of training tokens (300000000000): what more" in found.said


@pytest.mark.parametrize(
    "row",
    [
        {"system": "=cmd|' /C calc'!A0"},
        {"system": "\x1b[31mred\x1b[0m"},
        {"system": "\u202eevil"},
        {"paper": "@SUM(1)"},
        {"architecture": "+1+1"},
        {"perplexity": "\x1b[2J"},
        {"benchmark": "\x1b]0;mine\x07"},
    ],
    ids=ascii,
)
def test_no_control_character_reaches_a_line(tmp_path: Path, row: dict[str, str]) -> None:
    text = table({"perplexity": "2.4", **row})
    try:
        said = made(tmp_path, text).said
    except InputError as error:
        said = str(error)
    assert not set("\x1b\x07\u202e") & set(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "mine"),
        (b"system\nM\n", "no column"),
        (b"\x00" * 100, "mine"),
        (b"\xff\xfe" + "system,paper\n".encode("utf-16-le"), "encoding"),
        ("system,système\nä,b\n".encode("latin-1"), "encoding"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "HTML"),
        (b"system,system\nM,N\n", "system"),
        (b"PK\x03\x04" + b"\x00" * 60, "binary"),  # a workbook
        (b"\x1f\x8b\x08\x00cut", "gzip"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "no column"),
        (b'{"system": "M"}\n', "mine"),
    ],
    ids=range(11),
)
def test_a_file_that_is_no_table_of_the_kind(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        made(tmp_path, content)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("corrections: {x: {match: {source_row: 1%0}, set: {epochs: 2}, reason: a}}", "source_row"),
        (
            "corrections: {x: {match: {source_row: 3}, set: {source_row: 1%0}, reason: a}}",
            "source_row",
        ),
        ("acquisition: {largest: 1%000}", "acquisition.largest"),
        ("bootstrap: {shards: 1000000000}", "bootstrap.shards"),
        ("bootstrap: {analyses: {headline: {replicates: 1%0}}}", "headline.replicates"),
        ("samples: {paper: {models_per_paper: 1%0}}", "samples.paper.models_per_paper"),
        ("sources: {register: {date_format: '%Y-%m-%d%Y-%m-%d'}}", "register.date_format"),
        ("sources: {register: {location: data/raw/a%aa.csv}}", "register.location"),
        ("samples: {a%aa: {exclusions: [], models_per_paper: null}}", "samples.aaaa"),
        ("variants: {x: {exponentials: [{a: '9%99'}]}}", "variants.x.exponentials.0.a"),
        ("values: {leap: 0}", "values.leap"),
        ("acquisition: {deadline: 1%0}", "acquisition.deadline"),
    ],
    ids=range(12),
)
def test_an_extreme_field(tmp_path: Path, said: str, place: str) -> None:
    """1%0 is 10^23, a%aa is three hundred times a, 9%99 four hundred digits."""
    for mark, text in (
        ("%000", "0" * 26),
        ("%0", "0" * 23),
        ("%aa", "a" * 300),
        ("%99", "9" * 400),
    ):
        said = said.replace(mark, text)
    with pytest.raises(InputError) as raised:
        stage(tmp_path, yaml.safe_load(said), {})
    first = str(raised.value).splitlines()[0]
    assert place in first and len(first) < 800


@pytest.mark.parametrize(
    ("row", "left"),
    [
        ({"parameters": "9" * 400}, "parameters"),
        ({"dataset_tokens": "9" * 5000}, "dataset_tokens"),
        ({"perplexity": "1e-400"}, None),
        ({"system": "M" * 1_000_000}, None),
        ({"system": "M\x00"}, None),
        ({"published": "9" * 5000}, "published"),
        ({"parameters": "1e999999999"}, "parameters"),
        ({"perplexity": "9" * 5000}, None),
        ({"system": " "}, None),
        ({"system": "\u200b"}, None),  # nothing that shows
        ({"paper": "\ufeff \u2060"}, None),
        ({"system": "\u202e\u202c"}, None),
        ({"benchmark": "nosuch"}, None),
    ],
    ids=range(13),
)
def test_an_extreme_cell(tmp_path: Path, row: dict[str, str], left: str | None) -> None:
    """One clear error; of an optional field a blank and a warning."""
    if left is None:
        with pytest.raises(InputError, match="source mine"):
            made(tmp_path, table(row))
    else:
        found = made(tmp_path, table(row))
        assert found.of("mine")[left].to_list() == [None]
        assert f"cannot be read as {left}" in found.said
