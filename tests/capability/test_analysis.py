"""All tables from the registers: as declared, with the numbers that the section speaks of."""

from __future__ import annotations

import capability_data
import numpy as np
import polars as pl
import pytest
from capability_data import register

from algoprog.capability import tables
from algoprog.capability.analysis import AUDITED
from algoprog.capability.catch_up import least_compute
from algoprog.capability.compute import compute_sample
from algoprog.capability.multiverse import DIMENSIONS, Choices, attribution, multiverse
from algoprog.capability.published import agreement, read_printed
from algoprog.common.errors import InputError
from algoprog.tables.frames import checked

# The tables are those of the page's test too, which makes none for itself.
pytestmark = pytest.mark.xdist_group("capability")


@pytest.fixture(scope="module")
def read():
    return capability_data.as_configured()


@pytest.fixture(scope="module")
def made():
    return capability_data.tables()


def test_tables_are_as_declared(made):
    declared = {table.name: table for table in tables.TABLES}
    assert set(made) - set(AUDITED) == {
        name for name, table in declared.items() if table.part == tables.PART
    }
    for name, frame in made.items():
        if name in AUDITED:
            continue
        checked(declared[name], frame)
        assert frame.height
        assert not frame.select(declared[name].key).is_duplicated().any(), name


def test_the_audit(made):
    counts = dict(made["reproduction"]["verdict"].value_counts().iter_rows())
    assert counts == {"exact": 87, "close": 6, "not determined": 6}


def test_every_defect_has_a_size(made):
    assert made["defects"]["defect"].unique().sort().to_list() == list(range(1, 16))


def test_one_headline(made):
    row = made["capability_rates"].filter(pl.col("headline")).row(0, named=True)
    assert made["capability_rates"]["headline"].sum() == 1
    assert made["capability_coverage"].filter(pl.col("headline"))["method"].item() == row["way"]
    assert (row["rate"], row["rate_low"], row["rate_high"]) == pytest.approx(
        (17.6, 5.5, 56), rel=0.01
    )


@pytest.mark.parametrize(
    ("kind", "unit", "rate"),
    [
        ("none", "as published", 5.84),
        ("benchmark", "MMLU", 10.58),
        ("organisation", "DeepSeek", 4.30),
        ("guessing", "floor", 3.76),
        ("ridge", "0", 3.50),
        ("ridge", "0.01", 4.02),
        ("ridge", "0.1", 5.84),
        ("ridge", "1", 7.59),
    ],
)
def test_the_rate_of_refits(made, kind, unit, rate):
    table = made["capability_identity"]
    row = table.filter(pl.col("kind") == kind, pl.col("unit") == unit).row(0, named=True)
    assert row["rate_published"] == pytest.approx(rate, abs=0.006)
    assert np.log(row["rate_published"]) == pytest.approx(row["s_c"] / row["k"] - row["s_f"])


def test_left_out_scores_are_told_by_source_and_line(made):
    table = made["capability_left_out"]
    assert table["source"].unique().to_list() == ["scores"]
    assert len(table) == 1219


def test_the_multiverse_holds_the_published_rate(read):
    few = Choices(
        guessing=("none", "floor"), least_benchmarks=(4,), benchmarks=("all", "without MMLU"),
        score=("largest",), unit=("version",), distilled=("published",), period=("all",),
    )  # fmt: skip
    table = multiverse(read.published.registers, few)
    assert Choices().size > 20_000
    assert table.height == few.size == 84
    row = table.filter(
        guessing="none", benchmarks="all", k="families", selection="all"
    ).row(0, named=True)  # fmt: skip
    assert np.exp(row["growth"]) == pytest.approx(5.84, abs=5e-3)
    assert not table.select(DIMENSIONS).is_duplicated().any()
    shares = attribution(table)
    assert shares["shapley"].sum() == pytest.approx(1)
    assert (shares["first_order"] <= shares["total"] + 1e-9).all()


def test_least_compute_falls_and_names_its_records(read):
    sample = compute_sample(read.published.fit, register("versions"))
    found = least_compute(sample, 1.75)
    assert (np.diff(found.log10_compute) < 0).all() and (np.diff(found.t) > 0).all()
    able = sample.ln_compute[sample.capability >= 1.75]
    assert found.log10_compute[-1] == pytest.approx(able.min() / np.log(10))
    assert least_compute(sample, 99.0) is None


@pytest.mark.parametrize(
    ("printed", "ours", "verdict"),
    [
        ("5.84", 5.8411, "exact"),
        ("5.84", 5.846, "close"),
        ("5.84", 6.1, "differs"),
        ("1.56e+22", 1.56e22, "exact"),
        ("0", 0.4, "exact"),
    ],
)
def test_agreement_follows_the_printed_digits(printed, ours, verdict):
    assert agreement(printed, ours) == verdict


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"id,value\n", "the header is"),
        (b"id,section,quantity,value,low,high,level,unit,note\na,,,,,,,,\n", "give a number"),
        (b"id,section,quantity,value,low,high,level,unit,note\na,,,1,,,,,\na,,,1,,,,,\n",
         "an id of its own"),
    ],
)  # fmt: skip
def test_a_bad_row_of_printed_numbers(content, told):
    with pytest.raises(InputError, match=told):
        read_printed(content)
