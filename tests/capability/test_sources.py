"""Sources by configuration: what they add, what they change, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from capability_data import fitted, register

from algoprog.capability.registers import BENCHMARKS, checked_frame
from algoprog.capability.response import fit_response
from algoprog.capability.sample import SampleRules, make_sample
from algoprog.capability.sources import (
    ScoreSource,
    added_benchmarks,
    added_versions,
    merge_scores,
    read_export,
    read_source,
)
from algoprog.common.errors import InputError

FIVE = b"""Model,Test,Accuracy
Mine 1.0,MMLU,85.5%
Mine 1.0,GPQA diamond,61
Mine 1.0,GSM8K,94
Mine 1.0,MATH level 5,55.5
Mine 1.0,Winogrande,86
"""
MAPPED = ScoreSource(
    "mine",
    {"model_version": "Model", "benchmark": "Test", "score": "Accuracy"},
    100.0,
    {"source": "our own runs"},
)


def test_five_rows_add_one_version_and_what_follows():
    mine = read_source(FIVE, MAPPED, "mine.csv")
    scores = merge_scores(
        {"register": register("scores"), "mine": mine},
        {"Mine 1.0": "mine-1"},
        register("benchmarks"),
    )
    versions = added_versions(
        register("versions"), {"mine-1": {"released": "2025-06-01", "model": "Mine"}}, "config.yaml"
    )
    made = make_sample(scores, versions, register("benchmarks"), SampleRules())
    assert len(made.pairs) == 1324 + 5
    assert set(made.pairs.versions) - set(fitted().pairs.versions) == {"mine-1"}
    fit = fit_response(made.pairs)
    others = [i for i, name in enumerate(fit.pairs.versions) if name != "mine-1"]
    change = np.abs(fit.capability[others] - fitted().capability)
    assert change.max() < 0.05
    assert 1.0 < fit.capability[fit.pairs.versions.index("mine-1")] < 2.5


@pytest.mark.parametrize(
    ("content", "source", "told"),
    [
        (b"Model,Test,Accuracy\nm,MMLU,185\n", MAPPED, "give the score as a fraction"),
        (b"Model,Test,Accuracy\nm,MMLU,0.85\n", MAPPED, "leave out the divisor of 100"),
        (b"Model,Test,Accuracy\nm,MMLU,good\n", MAPPED, "give a number"),
        (b"Model,Task,Accuracy\nm,MMLU,85\n", MAPPED, "name one of its columns"),
        (b"model_version,benchmark,score\nm,MMLU,85\n", ScoreSource("x"), "divide by 100"),
    ],
)
def test_a_source_at_fault_is_one_clear_error(content, source, told):
    with pytest.raises(InputError, match=r"mine\.csv") as error:
        read_source(content, source, "mine.csv")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_benchmark_is_an_error_until_it_is_defined():
    frame = read_source(
        b"model_version,benchmark,score\nm,New Test,0.5\n", ScoreSource("x"), "x.csv"
    )
    with pytest.raises(InputError, match="define it in the register"):
        merge_scores({"x.csv": frame}, {}, register("benchmarks"))
    known = added_benchmarks(
        register("benchmarks"), {"New Test": {"guessing": 0.25}}, "config.yaml"
    )
    assert len(merge_scores({"x.csv": frame}, {}, known)) == 1
    with pytest.raises(InputError, match="from 0 to below 1"):
        added_benchmarks(register("benchmarks"), {"New Test": {"guessing": 1.5}}, "config.yaml")


def test_an_entry_of_a_known_name_replaces_only_what_it_says():
    made = added_versions(register("versions"), {"gpt-4-0314": {"training_compute": 1e25}}, "c")
    row = made.filter(made["model_version"] == "gpt-4-0314").row(0, named=True)
    before = register("versions").filter(register("versions")["model_version"] == "gpt-4-0314")
    assert row["training_compute"] == 1e25
    assert row["released"] == before["released"][0]
    assert len(made) == len(register("versions"))


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"released": "2062-06-01"}, "to today"),
        ({"released": "1900-01-01"}, "a day from 1950-01-01"),
        ({"training_compute": 380}, "in units of 1e24"),  # 3.8e23 in units of 1e21
        ({"training_compute": 4.4e3}, "give FLOP, from 1e+15"),  # in petaFLOP/s-days
        ({"training_compute": 3.8e35}, "to 1e+30"),
        ({"training_compute": 0}, "give FLOP"),
        ({"training_compute": -1e25}, "give FLOP"),
    ],
)
def test_a_version_that_cannot_be_right_is_refused(entry, told):
    with pytest.raises(InputError, match=r"config\.yaml, mine-1, column ") as error:
        added_versions(register("versions"), {"mine-1": entry}, "config.yaml")
    assert told in str(error.value)


def test_the_hub_s_export_as_it_stands():
    benchmarks = checked_frame(
        b"benchmark,export_file,export_column,export_divisor\n"
        b"MMLU,mmlu.csv,EM,100\nGPQA diamond,benchmarks_runs.csv,Best score,1\n",
        BENCHMARKS,
        "benchmarks.csv",
    )
    files = {
        "mmlu.csv": b"Model version,EM,Source\nm1,70.5,paper\n,60,paper\n",
        "benchmarks_runs.csv": b"task,Model version,Best score\n"
        b"GPQA diamond,m1,0.4\nOther,m1,0.2\n",
    }
    found = read_export(files, benchmarks, "hub")
    rows = found.sort("benchmark", "score").select("model_version", "benchmark", "score").rows()
    assert rows == [("m1", "GPQA diamond", 0.4), (None, "MMLU", 0.6), ("m1", "MMLU", 0.705)]
    with pytest.raises(InputError, match="folder of the export"):
        read_export({}, benchmarks, "hub")
