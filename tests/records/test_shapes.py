"""Shapes of files that others have: nested JSON, lines, folders, packed and in other encodings."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from algoprog.common.errors import InputError
from algoprog.records.parse import unpacking
from algoprog.records.parse.folders import bundle
from algoprog.records.parse.harness import skipped_files
from algoprog.records.parse.kinds import parse
from algoprog.records.parse.paths import is_path, steps
from algoprog.records.parse.text import PLACE, ROW
from algoprog.records.specification import Form


def table(document: Any, kind: str = "json", **form: Any) -> pl.DataFrame:
    """The table of a document, or of a text or bytes as they are."""
    if not isinstance(document, str | bytes):
        document = json.dumps(document)
    content = document if isinstance(document, bytes) else document.encode()
    return parse(content, Form.of({"kind": kind, **form}), "a file")


def rows(document: Any, kind: str = "json", **form: Any) -> list[dict[str, Any]]:
    return table(document, kind, **form).drop(ROW, PLACE).to_dicts()


# --- JSON ----------------------------------------------------------------------------------------

# As Papers with Code exported its tables.
PWC = [
    {
        "task": "Word Level Models",
        "datasets": [
            {
                "dataset": "WikiText-103",
                "sota": {
                    "metrics": ["Test perplexity"],
                    "rows": [
                        {
                            "model_name": "M1 (2019)",
                            "paper_title": "P",
                            "paper_url": "https://arxiv.org/abs/1904.08378",
                            "paper_date": None,
                            "metrics": {"Test perplexity": "16.4", "Number of params": "257M"},
                        }
                    ],
                },
                "subdatasets": [],
            }
        ],
        "subtasks": [],
    }
]
ROWS = "[].datasets[].sota.rows[]"


def test_lists_within_lists_with_what_is_around_them() -> None:
    found = table(PWC, records=ROWS)
    assert found.drop(ROW).to_dicts() == [
        {
            PLACE: "[0].datasets[0].sota.rows[0]",
            "task": "Word Level Models",
            "dataset": "WikiText-103",
            "metrics": '["Test perplexity"]',
            "model_name": "M1 (2019)",
            "paper_title": "P",
            "paper_url": "https://arxiv.org/abs/1904.08378",
            "paper_date": None,
            "metrics.Test perplexity": "16.4",
            "metrics.Number of params": "257M",
        }
    ]


def test_several_paths_give_one_table() -> None:
    sub = {"task": "Sub", "datasets": PWC[0]["datasets"]}
    whole = [{**PWC[0], "subtasks": [sub]}]
    found = table(whole, records=[ROWS, "[].subtasks[].datasets[].sota.rows[]"])
    assert found["task"].to_list() == ["Word Level Models", "Sub"]
    assert found["[].task"].to_list() == [None, "Word Level Models"]
    assert found["dataset"].to_list() == ["WikiText-103"] * 2


def test_a_table_without_rows_has_none() -> None:
    whole = [
        *PWC,
        {"task": "Empty", "datasets": [{"dataset": "x"}, {"dataset": "y", "sota": None}]},
    ]
    assert table(whole, records=ROWS).height == 1


def test_a_mapping_by_its_keys() -> None:
    models = {
        "models": {"m1": {"params": 4.1e8, "loss": 3.1}, "m2": {"params": 1.3e9, "loss": 2.8}}
    }
    assert table(models, records="models{}").drop(ROW).to_dicts() == [
        {PLACE: "models.m1", "key": "m1", "params": "410000000.0", "loss": "3.1"},
        {PLACE: "models.m2", "key": "m2", "params": "1300000000.0", "loss": "2.8"},
    ]


@pytest.mark.parametrize(
    ("document", "records", "expected"),
    [
        ({"a": 3, "b": 2}, "{}", [{"key": "a", "value": "3"}, {"key": "b", "value": "2"}]),
        (
            {"m": {"ptb": {"p": 1}, "wt2": {"p": 2}}},
            "{}{}",
            [{"key": "ptb", "{}.key": "m", "p": "1"}, {"key": "wt2", "{}.key": "m", "p": "2"}],
        ),
        ({"m": [{"p": 1}, {"p": 2}]}, "{}", [{"key": "m", "p": "1"}, {"key": "m", "p": "2"}]),
        ({"m": {"key": "own"}}, "{}", [{"{}.key": "m", "key": "own"}]),
        ({"seed": 1, "runs": [{"p": 1}]}, "runs", [{"seed": "1", "p": "1"}]),
        ({"p": 7, "runs": [{"p": 1}]}, "runs", [{"$.p": "7", "p": "1"}]),
        ([[{"p": 1}], [{"p": 2}]], "[][]", [{"p": "1"}, {"p": "2"}]),
        ([{"x": {"p": 1}}, {}], "[].x", [{"p": "1"}]),
        ({"a": {"b": [{"c": 1}], "d": [1, 2]}}, "a.b[]", [{"d": '["1", "2"]', "c": "1"}]),
    ],
)
def test_paths(document: Any, records: str, expected: list[dict[str, Any]]) -> None:
    assert rows(document, records=records) == expected


@pytest.mark.parametrize(
    ("document", "records", "message"),
    [
        ({"models": {"m": {"p": 1}}}, "models", r"models: 'dict'.*records: 'models\{\}'"),
        ({"m": {"p": 1}}, "", r"the file: 'dict'.*records: '\{\}'"),
        ({"m": {"p": 1}}, "m[]", "m: 'a mapping, not a list'"),
        ([{"p": 1}], "{}", "the file: 'a list, not a mapping'"),
        ({"m": "x"}, "m{}", "a single value, not a mapping"),
        ([{"a": 1}], "[].b[]", "no records.*correct the path"),
        ([1, 2], "[]", "a list of objects"),
        ('{"a": 1, "a": 2}', "{}", "'a'.*twice in one object"),
        ('[{"x": {"loss": 1, "loss": 1}}]', "", "'loss'.*twice in one object"),
        ('{"runs": [], "runs": [{"p": 1}]}', "runs", "'runs'.*twice in one object"),
        ('[{"p": 1, "\\u0070": 2}]', "", "'p'.*twice in one object"),
    ],
)
def test_what_a_path_does_not_lead_to(document: Any, records: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        table(document, records=records)


def test_many_records_within_one_object_do_not_fill_the_machine() -> None:
    around = {str(i): 1 for i in range(2000)}
    with pytest.raises(InputError, match="6000 rows of 2001 columns"):
        table({**around, "runs": [{"p": 1}] * 6000}, records="runs[]")


@pytest.mark.parametrize("path", ["", "a", "a.b", "[]", "[].a[]", "a{}.b[]{}", "a b.c-d[]", "{}{}"])
def test_a_path(path: str) -> None:
    assert is_path(path)
    assert "".join(steps(path)) == path.replace(".", "")


@pytest.mark.parametrize("path", ["a..b", "a.", "a[0]", "a[", "a{x}", "]", "a[]b"])
def test_what_is_no_path(path: str) -> None:
    assert not is_path(path)


# --- JSON Lines ----------------------------------------------------------------------------------


def test_json_lines() -> None:
    text = '{"name":"m1","loss":3.1}\r\n\n{"name":"m2","loss":2.8}\n'
    assert table(text, "json_lines").drop(ROW).to_dicts() == [
        {PLACE: "line 1", "name": "m1", "loss": "3.1"},
        {PLACE: "line 3", "name": "m2", "loss": "2.8"},
    ]
    nested = '{"model":"m1","evals":{"ptb":3,"wt2":4}}\n{"model":"m2","evals":{"ptb":5}}'
    assert [(row["model"], row["key"], row["value"])
            for row in rows(nested, "json_lines", records="evals{}")] == [
        ("m1", "ptb", "3"), ("m1", "wt2", "4"), ("m2", "ptb", "5"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ('{"a": 1}\n{"a": 2}\n', "json", "line 2: 'Extra data'.*kind: json_lines"),
        ('{"a": 1}\n{"a": 2\n', "json_lines", "line 2: "),
        ('{"a": 1}\n[1]\n', "json_lines", "line 2: 'list'.*an object on each line"),
        ('{"a": 1}\n{"b": 1, "b": 1}\n', "json_lines", "line 2.*'b'.*twice"),
        ("\n\n", "json_lines", "no records"),
    ],
)
def test_what_is_no_json_lines(text: str, kind: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        table(text, kind)


# --- folders -------------------------------------------------------------------------------------


def folder(path: Path, **files: Any) -> Path:
    """A folder of files: a__b_json is the file a/b.json."""
    for name, document in files.items():
        file = path / name.replace("__", "/").replace("_json", ".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        text = document if isinstance(document, str) else json.dumps(document)
        file.write_text(text, encoding="utf-8")
    return path


def test_a_folder_of_json(tmp_path: Path) -> None:
    path = folder(tmp_path, b_json={"p": 1}, a__c_json={"p": 2}, notes_txt="x", d_jsonl="{}")
    content = bundle(path, "*.json", 1000)
    with pytest.raises(InputError, match=r"a/c\.json: 'dict'.*records: '\{\}'"):
        table(content)
    path = folder(tmp_path, b_json=[{"p": 1}], a__c_json=[{"p": 2}, {"p": 3}])
    found = table(bundle(path, "*.json", 1000))
    assert found.drop(ROW).rows() == [
        ("a/c.json[0]", "a/c.json", "2"),
        ("a/c.json[1]", "a/c.json", "3"),
        ("b.json[0]", "b.json", "1"),
    ]
    assert table(bundle(path, "b.*", 1000)).height == 1


def test_each_file_of_a_folder_may_be_one_record(tmp_path: Path) -> None:
    path = folder(tmp_path, a_json={"run": {"p": 1}}, b_json={"run": {"p": 2}, "seed": 3})
    found = table(bundle(path, "*.json", 1000), records="{}")
    assert found.select("file", "key", "p").rows() == [
        ("a.json", "run", "1"), ("b.json", "run", "2"), ("b.json", "seed", None),
    ]  # fmt: skip


def test_a_folder_is_bounded(tmp_path: Path) -> None:
    path = folder(tmp_path, a_json="[" + " " * 600 + "]", b_json="[" + " " * 600 + "]")
    with pytest.raises(InputError, match="over 1,000 bytes"):
        bundle(path, "*.json", 1000)
    with pytest.raises(InputError, match=r"a folder with \*\.jsonl; it has a\.json, b\.json"):
        bundle(path, "*.jsonl", 1000)


# --- CSV -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a;b\n1;2,5\n", {"delimiter": ";"}),
        ("a\tb\n1\t2,5\n", {"delimiter": "\t"}),
        ("sep=;\na;b\n1;2,5\n", {}),
        ("SEP=|\r\na|b\r\n1|2,5\r\n", {}),
        ("sep=;\na,b\n1,\"2,5\"\n", {"delimiter": ","}),
    ],
)  # fmt: skip
def test_delimiters(text: str, form: dict[str, str]) -> None:
    assert rows(text, "csv", **form) == [{"a": "1", "b": "2,5"}]


def test_lines_are_counted_with_the_one_that_says_the_delimiter() -> None:
    assert table("sep=;\na;b\n1;2\n", "csv")[PLACE].to_list() == ["line 3"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Name;Size\nGPT-2;1,5\n", 'use ";".*delimiter: ";"'),
        ("Name\tSize\nGPT-2\t1,5\n", "use tab.*delimiter: tab"),
        ("Name|Size\nGPT-2|1,5\n", r'use "\|"'),
    ],
)
def test_an_error_names_the_delimiter_that_a_file_seems_to_have(text: str, hint: str) -> None:
    with pytest.raises(InputError, match=f"2 cells under 1 .*{hint}"):
        table(text, "csv")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1", "windows-1252"])
def test_encodings(encoding: str) -> None:
    text = "name,p\nÉtude à 3,7\n"
    assert rows(text.encode(encoding), "csv", encoding=encoding) == [
        {"name": "Étude à 3", "p": "7"}
    ]
    document = json.dumps([{"name": "É"}], ensure_ascii=False).encode(encoding)
    assert rows(document, encoding=encoding) == [{"name": "É"}]


@pytest.mark.parametrize(
    ("content", "form", "message"),
    [
        ("a,b\n1,2\n".encode("utf-16"), {}, "a file in UTF-16.*encoding: utf-16"),
        ("a,b\n1,2\n".encode("utf-16-be"), {}, "a binary file"),
        (b"a,b\n1,2", {"encoding": "utf-16"}, "not utf-16"),
        ("a,é\n1,2\n".encode("latin-1"), {}, "0xe9 is not UTF-8.*encoding: latin-1"),
        (b"a\x81,b\n1,2\n", {"encoding": "windows-1252"}, "not windows-1252"),
    ],
)
def test_an_error_names_the_encoding(content: bytes, form: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        table(content, "csv", **form)


# --- packed files --------------------------------------------------------------------------------

PLAIN = b"a,b\n1,2\n"


def test_packed_files() -> None:
    for packed in (gzip.compress(PLAIN), gzip.compress(PLAIN[:4]) + gzip.compress(PLAIN[4:])):
        assert rows(packed, "csv") == [{"a": "1", "b": "2"}]
    assert rows(gzip.compress("a,b\n1,é\n".encode("utf-16")), "csv", encoding="utf-16")
    packed = gzip.compress(json.dumps([{"p": 1}]).encode())
    assert rows(packed) == [{"p": "1"}]


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(PLAIN, mtime=0)[:-9],
        gzip.compress(PLAIN, mtime=0)[:12],
        b"\x1f\x8b\x08" + b"x" * 30,
        gzip.compress(PLAIN, mtime=0) + b"x",
        gzip.compress(PLAIN, mtime=0)[:-8] + b"\0" * 8,
    ],
)
def test_damaged_packed_files(packed: bytes) -> None:
    with pytest.raises(InputError, match="a gzip file that is damaged"):
        table(packed, "csv")


def test_what_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST_UNPACKED", 5_000_000)
    bomb = gzip.compress(b"a" * 5_100_000, mtime=0)
    assert len(bomb) < 10_000
    with pytest.raises(InputError, match="over 5 MB unpacked"):
        table(bomb, "csv")
    packer = zlib.compressobj(wbits=31)
    twice = packer.compress(b"a" * 3_000_000) + packer.flush()
    with pytest.raises(InputError, match="over 5 MB unpacked"):
        table(twice * 2, "csv")


def test_zstandard_is_read_or_named() -> None:
    packed = bytes.fromhex("28b52ffd0458410000612c620a312c320a")  # damaged: no check sum
    with pytest.raises(InputError, match="Zstandard"):
        table(packed, "csv")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.binary(max_size=200), st.sampled_from([b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"\xff\xfe"])
)
def test_any_packed_bytes_are_a_table_or_refused(content: bytes, start: bytes) -> None:
    for kind in ("csv", "json", "json_lines", "lm_eval_harness", "parquet"):
        try:
            table(start + content, kind)
        except InputError as error:
            assert "a file" in str(error)


# --- lm-evaluation-harness -----------------------------------------------------------------------

OLD = {
    "results": {"lambada_openai": {"ppl": 38.06, "acc": 0.3}},
    "versions": {"lambada_openai": 0},
    "config": {
        "model": "hf-causal",
        "model_args": "pretrained=EleutherAI/pythia-160m,revision=step3000,dtype=float16",
        "num_fewshot": 0,
        "limit": None,
    },
}
NEW = {
    "results": {"wikitext": {"alias": "wikitext", "word_perplexity,none": 10.05}},
    "n-shot": {"wikitext": 0},
    "n-samples": {"wikitext": {"original": 62, "effective": 62}},
    "config": {
        "model": "hf",
        "model_args": {"pretrained": "org/m", "load_in_4bit": True},
        "model_num_parameters": 7,
        "model_dtype": "torch.bfloat16",
        "model_revision": "main",
        "model_sha": "abc",
        "limit": None,
    },
    "model_name": "org/m",
}
LEADERBOARD_1 = {
    "config_general": {
        "model_name": "org/m",
        "model_sha": "f00",
        "model_dtype": "torch.float16",
        "max_samples": None,
    },
    "results": {"harness|arc:challenge|25": {"acc": 0.5}, "all": {"acc": 0.5}},
    "versions": {"harness|arc:challenge|25": 0},
    "summary_tasks": {"harness|arc:challenge|25": {"effective_few_shots": 25.0}},
}
LEADERBOARD_2 = {
    "results": {"leaderboard_bbh": {"alias": "bbh", "acc_norm,none": 0.4, " ": " "}},
    "versions": {"leaderboard_bbh": 1.0},
    "n-shot": {"leaderboard_bbh": 3},
    "config": {
        "model": "hf",
        "model_args": "pretrained=org/m,revision=main,trust_remote_code=False,dtype=bfloat16",
        "model_revision": "main",
    },
    "model_name": "org/m",
    "date": 1718000000.0,
}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (OLD, {"system": "EleutherAI/pythia-160m@step3000", "revision": "step3000", "n_shot": "0",
               "precision": "float16", "ppl": "38.06", "task": "lambada_openai"}),
        (NEW, {"system": "org/m", "revision": "main", "precision": "bfloat16 4bit",
               "n_samples": "62", "word_perplexity": "10.05", "model_num_parameters": "7"}),
        (LEADERBOARD_1, {"system": "org/m", "model_name": "org/m", "revision": "f00",
                         "precision": "float16", "n_shot": "25.0", "acc": "0.5"}),
        (LEADERBOARD_2, {"system": "org/m", "revision": "main", "precision": "bfloat16",
                         "n_shot": "3", "acc_norm": "0.4", "evaluated": "2024-06-10"}),
        ({**OLD, "config": {"model_args": "pretrained=a,load_in_8bit=True"}},
         {"system": "a", "precision": "8bit", "revision": None}),
        ({**OLD, "config": {"model_name": "b", "model_dtype": "torch.float32"}},
         {"system": "b", "precision": "float32"}),
        ({**NEW, "config": {"model_args": "pretrained=org/m,peft=org/lora,revision=step3"}},
         {"system": "org/m+org/lora@step3", "model_name": "org/m"}),
        ({**OLD, "config": {"model_args": {"pretrained": "org/m", "delta": "org/d"}}},
         {"system": "org/d", "model_name": "org/d"}),
        ({**NEW, "config": {"model_args": "pretrained=org/m,dtype=auto"}},
         {"system": "org/m", "precision": "auto"}),
    ],
)  # fmt: skip
def test_layouts_of_the_harness(document: dict[str, Any], expected: dict[str, str | None]) -> None:
    row = table(document, "lm_eval_harness").row(0, named=True)
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ({"wikitext": {"original": 62, "effective": 1}}, "n-samples.wikitext: '1 of 62 samples'"),
        ({"other": {"original": 62, "effective": 61}}, "61 of 62"),
        ({"wikitext": {"original": "62", "effective": "3"}}, "3 of 62"),
    ],
)
def test_a_part_of_the_test_set_is_refused(samples: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        table({**NEW, "n-samples": samples}, "lm_eval_harness")


def test_a_part_of_the_test_set_of_the_first_leaderboard() -> None:
    general = {**LEADERBOARD_1["config_general"], "max_samples": 10}
    with pytest.raises(InputError, match=r"config_general\.max_samples.*whole test set"):
        table({**LEADERBOARD_1, "config_general": general}, "lm_eval_harness")


@pytest.mark.parametrize(
    "samples", [{"wikitext": {"original": 62}}, {"wikitext": 3}, {}, {"x": {"original": "a"}}]
)
def test_unknown_numbers_of_samples_are_no_part(samples: dict[str, Any]) -> None:
    assert table({**NEW, "n-samples": samples}, "lm_eval_harness").height == 1


def test_a_folder_of_results_under_any_names(tmp_path: Path) -> None:
    path = folder(
        tmp_path, opt_json=OLD, a__x_step3_json=OLD, tokenizer_json={"version": "1"},
        broken_json="{", list_json=[1], results__1_json=NEW,
    )  # fmt: skip
    content = bundle(path, "*.json", 100_000)
    found = table(content, "lm_eval_harness")
    assert found["file"].to_list() == ["a/x_step3.json", "opt.json", "results/1.json"]
    assert found["system"].n_unique() == 2
    assert [(one.file, one.reason.split(":")[0]) for one in skipped_files(content, "a")] == [
        ("broken.json", "no JSON"),
        ("list.json", "no results by task"),
        ("tokenizer.json", "no results by task"),
    ]
    with pytest.raises(InputError, match=r"no records.*without any: tokenizer"):
        table(bundle(path, "tok*", 1000), "lm_eval_harness")


# --- the files that once went wrong --------------------------------------------------------------

FAILING = Path(__file__).resolve().parents[3] / "shared/failing/sources"


def failing(name: str) -> Path:
    if not (FAILING / name).exists():
        pytest.skip("the files that once went wrong are not here")
    return FAILING / name


def test_the_file_of_nested_lists() -> None:
    found = table(failing("06-pwc-nested.json").read_bytes(), records=ROWS)
    assert found.row(0, named=True)["dataset"] == "WikiText-103"


def test_the_file_of_a_mapping() -> None:
    found = table(failing("07-dict-by-model.json").read_bytes(), records="models{}")
    assert found["key"].to_list() == ["m1", "m2"]


def test_the_file_of_lines() -> None:
    found = table(failing("08-lines.jsonl").read_bytes(), "json_lines")
    assert found["loss"].to_list() == ["3.1", "2.8"]


def test_the_folder_of_results() -> None:
    content = bundle(failing("09-harness-folder"), "*.json", 100_000)
    found = table(content, "lm_eval_harness")
    assert found.select("file", "revision").rows() == [
        ("opt-125m.json", None),
        ("pythia_step143000.json", "step143000"),
        ("pythia_step3000.json", "step3000"),
    ]
    assert found["system"].n_unique() == 3


def test_the_file_of_a_part_of_the_test_set() -> None:
    with pytest.raises(InputError, match=r"1 of 62 samples.*whole test set"):
        table(failing("10-harness-part-of-test-set.json").read_bytes(), "lm_eval_harness")


def test_the_file_with_semicolons() -> None:
    found = table(failing("13-semicolons.csv").read_bytes(), "csv", delimiter=";")
    assert found["Parameters (million)"].to_list() == ["1500"]
