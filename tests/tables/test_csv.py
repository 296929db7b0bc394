"""Tables: the same numbers, the same bytes."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algoprog.audit.tables import REPRODUCTION
from algoprog.estimators.tables import FITS, PARAMETERS
from algoprog.tables.csv import (
    csv_bytes,
    read_table,
    stack_samples,
    write_table,
)
from algoprog.tables.database import write_documented
from algoprog.tables.declaration import Column, Group, Table
from algoprog.tables.frames import frame_of

GROUP = Group("g", "Things")


def fits(**columns: list[object]) -> pl.DataFrame:
    keys = {"sample": "paper", "variant": "m01", "estimator": "converged"}
    rows = pl.DataFrame(columns).rows(named=True)
    return frame_of(FITS, [keys | row for row in rows])


def test_fields() -> None:
    table = pl.DataFrame(
        {
            "number": [0.1, math.inf, -math.inf, math.nan, None],
            "text": ["a", 'say "b"', "c,d", "é", None],
            "truth": [True, False, None, None, None],
            "day": [datetime.date(2023, 2, 1), None, None, None, None],
            "count": [408, None, 0, -1, 2**53],
        }
    )
    assert csv_bytes(table).decode() == (
        "number,text,truth,day,count\n"
        "0.1,a,true,2023-02-01,408\n"
        'inf,"say ""b""",false,,\n'
        '-inf,"c,d",,,0\n'
        ",é,,,-1\n"
        ",,,,9007199254740992\n"
    )


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_numbers_come_back_bit_for_bit(values: list[float]) -> None:
    lines = csv_bytes(pl.DataFrame({"x": values})).decode().splitlines()[1:]
    assert [float(line) for line in lines] == values


def test_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    table = fits(delta=[0.0, 0.0025, 0.02], objective=[1.0, 2.0, 3.0])
    write_table(tmp_path / "a.csv", FITS, table)
    write_table(tmp_path / "b.csv", FITS, table.reverse())
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert read_table(tmp_path / "a.csv", FITS).equals(table)


def test_two_rows_with_the_same_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="table fits: two rows with the key"):
        write_table(tmp_path / "fits.csv", FITS, fits(delta=[0.0, 0.0], objective=[1.0, 2.0]))


def test_parameters_keep_their_order_within_a_fit(tmp_path: Path) -> None:
    key = {"sample": "paper", "variant": "m01", "estimator": "converged", "resampling": "none"}
    terms = [{"delta": 0.02, "term": "b"}, {"delta": 0.02, "term": "a"}, {"delta": 0, "term": "c"}]
    table = frame_of(PARAMETERS, [key | term for term in terms])
    write_table(tmp_path / "parameters.csv", PARAMETERS, table)
    read = read_table(tmp_path / "parameters.csv", PARAMETERS)
    assert read["term"].to_list() == ["c", "b", "a"]


def test_audited_numbers_keep_the_file_s_order_within_a_section(tmp_path: Path) -> None:
    numbers = {"a": "G", "b": "3.1", "z": "3.1"}
    rows = [{"id": name, "section": section} for name, section in numbers.items()]
    write_table(tmp_path / "reproduction.csv", REPRODUCTION, frame_of(REPRODUCTION, rows))
    read = read_table(tmp_path / "reproduction.csv", REPRODUCTION)
    assert read["id"].to_list() == ["b", "z", "a"]
    assert read["section"].to_list() == ["3.1", "3.1", "G"]  # 3.1 is no number


def test_samples_are_stacked_under_their_names() -> None:
    frame = pl.DataFrame({"x": [1, 2]})
    stacked = stack_samples({"paper": frame, "all_models": frame})
    assert stacked.rows() == [("paper", 1), ("paper", 2), ("all_models", 1), ("all_models", 2)]


def test_results_database(tmp_path: Path) -> None:
    path = tmp_path / "results.duckdb"
    frames = {
        "fits": pl.DataFrame({"objective": [0.5, math.inf], "variant": ["m01", None]}),
        "empty": pl.DataFrame(schema={"x": pl.Null, "n": pl.UInt32}),
    }
    columns = (Column("objective", "number", "nats", "the objective's value"),)
    choice = Column("choice", "text", "", "a choice")
    x = (Column("x", "date", "", "a day"), Column("n", "integer", "", "a number"))
    tables = {
        "fits": Table("fits", GROUP, "fit", ("objective",), columns, others=choice),
        "empty": Table("empty", GROUP, "thing", ("x",), x),
    }
    write_documented(path, frames, tables, threads=1)
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("SELECT * FROM fits").fetchall()
        assert rows == [(0.5, "m01"), (math.inf, None)]
        assert connection.execute("SELECT count(*) FROM empty").fetchone() == (0,)
        said = connection.execute(
            "SELECT comment FROM duckdb_tables() ORDER BY table_name DESC"
        ).fetchall()
        assert said == [("One row per fit. Key: objective.",), ("One row per thing. Key: x.",)]
        found = connection.execute(
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        assert set(found) == {
            ("objective", "DOUBLE", "the objective's value (nats)"),
            ("variant", "VARCHAR", "a choice"),
            ("x", "DATE", "a day"),
            ("n", "BIGINT", "a number"),
        }
    with pytest.raises(ValueError, match="table empty: not declared: y"):
        wrong = {"empty": frames["empty"].with_columns(y=pl.lit(1))}
        write_documented(tmp_path / "other.duckdb", wrong, tables, threads=1)
