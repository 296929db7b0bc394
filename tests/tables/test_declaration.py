"""A declared table: what it refuses, how its frames are built, written and read."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import polars as pl
import pytest

from algoprog.common.errors import InputError
from algoprog.tables.columns import common, doubling, ends, interval, reworded
from algoprog.tables.csv import read_table, write_table
from algoprog.tables.declaration import Column, Group, Table
from algoprog.tables.frames import checked, frame_of, in_order, schema_of

GROUP = Group("fits", "Fits")
COLUMNS = (
    Column("name", "text", "", "the name"),
    Column("n", "integer", "", "how many"),
    Column("size", "number", "months", "how large"),
    Column("good", "truth", "", "whether it is good"),
    Column("day", "date", "", "when"),
)
THINGS = Table("things", GROUP, "thing", ("name",), COLUMNS)
CHOSEN = Table(
    "chosen", GROUP, "choice", ("name",), COLUMNS[:2], others=Column("choice", "text", "", "level")
)


def things() -> pl.DataFrame:
    return frame_of(
        THINGS,
        [
            {"name": "b", "n": 2, "size": math.inf, "good": True},
            {"name": "a", "day": datetime.date(2023, 2, 1), "size": 0.1},
        ],
    )


def test_a_frame_has_the_declared_types() -> None:
    assert things().schema == schema_of(THINGS)
    assert things().row(1) == ("a", None, 0.1, None, datetime.date(2023, 2, 1))
    assert frame_of(THINGS, []).schema == schema_of(THINGS)


def test_what_is_read_is_what_was_written_also_where_a_column_is_blank(tmp_path: Path) -> None:
    write_table(tmp_path / "things.csv", THINGS, things())
    assert read_table(tmp_path / "things.csv", THINGS).equals(things().reverse())
    write_table(tmp_path / "things.csv", THINGS, things().head(0))
    assert read_table(tmp_path / "things.csv", THINGS).schema == schema_of(THINGS)
    digits = things().with_columns(name=pl.Series(["010", "9"]))  # names, not numbers
    write_table(tmp_path / "things.csv", THINGS, digits)
    assert read_table(tmp_path / "things.csv", THINGS)["name"].to_list() == ["010", "9"]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (things().with_columns(more=pl.lit(1)), "not declared: more"),
        (things().drop("n"), "missing: n"),
        (things().rename({"n": "m"}), "missing: n; not declared: m"),
        (things().select("n", pl.exclude("n")), "columns in the order n, name"),
        (things().with_columns(n=pl.lit(1.5)), "column n is Float64, declared integer"),
        (things().with_columns(size=pl.lit(1)), "column size is Int32, declared number"),
        (things().with_columns(name=pl.lit("a")), r"two rows with the key \('a',\)"),
    ],
)
def test_a_wrong_frame_is_not_written(tmp_path: Path, frame: pl.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=f"table things: {words}"):
        write_table(tmp_path / "things.csv", THINGS, frame)
    assert not list(tmp_path.iterdir())


def test_a_row_with_an_unknown_column_is_refused() -> None:
    with pytest.raises(ValueError, match="table things: not declared: more"):
        frame_of(THINGS, [{"name": "a"}, {"name": "b", "more": 1}])
    assert frame_of(THINGS, [("a", 1, 0.5, True, None)]).row(0) == ("a", 1, 0.5, True, None)
    with pytest.raises(ValueError, match="shorter"):
        frame_of(THINGS, [("a", 1)])


def test_integers_of_any_width_and_blank_columns_take_the_declared_type() -> None:
    frame = things().with_columns(pl.col("n").cast(pl.UInt32), good=pl.lit(None))
    assert checked(THINGS, frame).schema == schema_of(THINGS)


def test_columns_that_the_configuration_names(tmp_path: Path) -> None:
    frame = frame_of(CHOSEN, [{"name": "a", "delta": "0.0025", "n": 1}])
    assert frame.columns == ["name", "n", "delta"]
    moved = frame.select("name", "delta", "n")
    write_table(tmp_path / "chosen.csv", CHOSEN, moved)
    assert read_table(tmp_path / "chosen.csv", CHOSEN).equals(moved)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("name,n,size,day,good\n", "line 1", "columns in the order name, n, size, day, good"),
        ("name,n,size,good\n", "line 1", "missing: day"),
        ("", "line 1", "missing: name, n, size, good, day"),
        ("name,n,size,good,day\na,few,1.0,true,\n", "table things", "few"),
    ],
)
def test_a_file_that_is_not_of_the_table_is_refused(
    tmp_path: Path, text: str, place: str, words: str
) -> None:
    path = tmp_path / "things.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        read_table(path, THINGS)
    assert str(path) in str(refused.value) and place in str(refused.value)
    assert words in str(refused.value) and "run again" in str(refused.value)


def test_rows_that_agree_on_what_orders_them_stay_as_given() -> None:
    table = Table("t", GROUP, "row", ("name", "n"), COLUMNS[:2], ordered=("name",))
    frame = frame_of(table, [{"name": "b", "n": 1}, {"name": "a", "n": 3}, {"name": "a", "n": 2}])
    assert in_order(table, frame).rows() == [("a", 3), ("a", 2), ("b", 1)]
    kept = Table("t", GROUP, "row", ("name", "n"), COLUMNS[:2], ordered=())
    assert in_order(kept, frame).equals(frame)


def test_a_declaration_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice: name"):
        Table("t", GROUP, "row", ("name",), (*COLUMNS, COLUMNS[0]))
    with pytest.raises(ValueError, match="no columns of it: id"):
        Table("t", GROUP, "row", ("id",), COLUMNS)


def test_units_stand_behind_the_meaning() -> None:
    assert COLUMNS[2].text == "how large (months)" and COLUMNS[0].text == "the name"
    blank = Column("x", "number", "nats²", "the gap; blank without")
    assert blank.text == "the gap (nats²); blank without"
    assert THINGS.about == "One row per thing. Key: name."
    assert CHOSEN.column("delta").meaning == "level"
    with pytest.raises(KeyError, match="things has no column delta"):
        THINGS.column("delta")


def test_columns_that_tables_share() -> None:
    assert [one.name for one in common("delta", "n")] == ["delta", "n"]
    names = [one.name for one in interval("the share")]
    assert names[:3] == ["median", "ci50_low", "ci50_high"] and len(ends("x")) == 7
    assert names[-2:] == ["n_draws", "share_nonpositive"]
    assert [one.name for one in doubling()][9:11] == ["growth_point", "growth_median"]
    assert reworded(common("point"), point="other")[0].text == "other (months)"
    with pytest.raises(KeyError, match="delta"):
        reworded(common("point"), delta="other")
