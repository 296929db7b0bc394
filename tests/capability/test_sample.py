"""The sample: which scores are in, why others are not, and what a bad register is told."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from capability_data import RAW, register, sample

from algoprog.capability.registers import (
    BENCHMARKS,
    SCORES,
    VERSIONS,
    canonical,
    checked_frame,
    known_benchmarks,
)
from algoprog.capability.sample import SampleRules, make_sample
from algoprog.common.errors import InputError

SHARED = Path(__file__).resolve().parents[3] / "shared/data/capability/scores.csv"


@pytest.mark.parametrize(
    ("rules", "counts"),
    [
        (SampleRules(), (1766, 1324, 179, 38)),
        (SampleRules(since=None), (1965, 1407, 193, 40)),
        (SampleRules(least_benchmarks=2, since=None), (2234, 1649, 298, 40)),
        (SampleRules(least_benchmarks=2), (2000, 1532, 268, 38)),
    ],
)
def test_published_counts(rules, counts):
    made = sample(rules)
    found = (made.rows, len(made.pairs), len(made.pairs.versions), len(made.pairs.benchmarks))
    assert found == counts


def test_scores_before_a_day_as_published():
    cut = datetime.date(2024, 7, 1)
    pairs = sample(SampleRules(since=None, before=cut, benchmarks_before=cut)).pairs
    assert (len(pairs), len(pairs.versions), len(pairs.benchmarks)) == (572, 92, 19)


def test_every_score_is_used_or_has_a_reason():
    made = sample()
    assert made.rows + len(made.left_out) == len(register("scores"))
    reasons = dict(made.left_out["reason"].value_counts().iter_rows())
    assert reasons == {
        "benchmark left out": 240,
        "no model version": 334,
        "no source given": 3,
        "version on fewer than 4 benchmarks": 443,
        "no release date": 6,
        "released too early": 193,
    }


def test_several_scores_of_a_pair_stay_visible():
    pairs = sample().pairs
    assert (pairs.count > 1).sum() == 202
    mean = sample(SampleRules(score="mean")).pairs
    several = pairs.count > 1
    gain = (pairs.score - mean.score)[several].mean()
    assert gain == pytest.approx(0.029, abs=5e-4)


@pytest.mark.skipif(not SHARED.exists(), reason="the compilers' table is not here")
def test_the_pairs_are_those_of_the_compilers():
    with SHARED.open(encoding="utf-8") as file:
        picked = {
            (row["model_version"], row["benchmark"], float(row["score"]))
            for row in csv.DictReader(file)
            if row["picked"] == "1"
        }
    pairs = sample().pairs
    ours = {
        (pairs.versions[m], pairs.benchmarks[b], y)
        for m, b, y in zip(pairs.version, pairs.benchmark, pairs.score, strict=True)
    }
    assert ours == picked


SMALL = "benchmark,guessing\nA,0.25\nB,0\nC,0\n"
NAMES = "model_version,released\nm1,2024-01-01\nm2,2024-02-01\nm3,2024-03-01\n"


def small(rows: str, least: int = 1):
    """A sample of three versions and three benchmarks from rows of scores."""
    header = "model_version,benchmark,score,source\n"
    scores = checked_frame((header + rows).encode(), SCORES, "scores.csv")
    benchmarks = checked_frame(SMALL.encode(), BENCHMARKS, "benchmarks.csv", key="benchmark")
    known_benchmarks(scores, benchmarks, "scores.csv")
    versions = checked_frame(NAMES.encode(), VERSIONS, "versions.csv", key="model_version")
    return make_sample(scores, versions, benchmarks, SampleRules(least_benchmarks=least))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("m1,A,85.2,s\n", "line 2, column score: '85.2'; give the score as a fraction"),
        ("m1,A,85.2,s\n", "looks like a percentage: divide by 100"),
        ("m1,A,-0.1,s\n", "between 0 and 1"),
        ("m1,A,0.5,s\nm1,D,0.5,s\n", "line 3, column benchmark: 'D'; define it"),
        ("m1,A,high,s\n", "give a number"),
        ("m1,,0.5,s\n", "give the row's benchmark"),
        ("m1,A,0.5\n", "line 2: '3 cells'; give 4, as in the header"),
    ],
)
def test_a_bad_score_is_one_clear_error(rows, told):
    with pytest.raises(InputError) as error:
        small(rows)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_all_bad_cells_are_told_of_at_once():
    with pytest.raises(InputError) as error:
        small("m1,A,1.5,s\nm1,B,0.5,s\nm2,B,2,s\n")
    assert str(error.value).count("scores.csv, line") == 2


def test_a_repetition_is_a_listed_exclusion():
    made = small("m1,A,0.5,s\nm1,A,0.5,s\nm1,B,0.4,s\nm2,A,0.3,s\n")
    assert made.left_out.select("line", "reason").rows() == [(3, "repeats another row")]
    assert len(made.pairs) == 3


def test_a_version_without_benchmarks_in_common_is_a_listed_exclusion():
    made = small("m1,A,0.5,s\nm2,A,0.4,s\nm1,B,0.5,s\nm3,C,0.3,s\n")
    assert made.left_out.select("model_version", "reason").rows() == [
        ("m3", "no benchmark in common with the other versions")
    ]


def test_an_unknown_version_is_a_listed_exclusion():
    made = small("m1,A,0.5,s\nm2,A,0.4,s\nmX,A,0.3,s\n")
    assert made.left_out.select("model_version", "reason").rows() == [
        ("mX", "model version not in the register")
    ]


def test_no_score_left_is_an_error():
    with pytest.raises(InputError, match="loosen the rules"):
        small("m1,A,0.5,s\n", least=4)


def test_a_key_that_repeats_is_an_error():
    with pytest.raises(InputError, match="line 2 has it already"):
        checked_frame(b"benchmark\nA\nA\n", BENCHMARKS, "benchmarks.csv", key="benchmark")


def test_rescaled_scores():
    made = sample(SampleRules(rescaled=True))
    assert (made.left_out["reason"] == "below guessing").sum() == 20
    assert made.pairs.score.min() >= 1e-3 and made.pairs.score.max() <= 1 - 1e-3
    assert not made.pairs.guessing.any()


def test_a_subset_keeps_what_has_pairs():
    pairs = sample().pairs
    mmlu = pairs.position("MMLU")
    rest = pairs.subset(pairs.benchmark != mmlu)
    assert "MMLU" not in rest.benchmarks
    assert len(rest) == len(pairs) - (pairs.benchmark == mmlu).sum()
    assert np.all(np.diff(rest.version) >= 0)
    with pytest.raises(InputError, match="choose one of"):
        rest.position("MMLU")


def test_aliases_replace_names():
    names = canonical(pl.Series(["a", "b"]), {"b": "c"})
    assert names.to_list() == ["a", "c"]
    assert (RAW / "capability_scores.csv").exists()
