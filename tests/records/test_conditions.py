"""Conditions: exactly what DuckDB means by them, or refused; nothing else is ever evaluated."""

from __future__ import annotations

import time
from datetime import date

import duckdb
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from algoprog.records.conditions import DEEPEST, parse
from algoprog.records.holding import holds
from algoprog.records.tokens import LONGEST, ConditionError

ROWS = pl.DataFrame(
    {
        "n": [1, None, 2**62, -7, 0],
        "x": [2.5, -2.5, None, float("inf"), 1e300],
        "s": ["a", "It's", None, "2", ""],
        "day": [date(2015, 1, 31), None, date(2024, 2, 29), date(1999, 12, 31), date(2000, 1, 1)],
        "b": [True, False, None, True, False],
    }
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """DuckDB itself, on the same rows, asked with the text as it is written."""
    file = tmp_path_factory.mktemp("rows") / "rows.parquet"
    ROWS.write_parquet(file)
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE rows AS SELECT * FROM read_parquet('{file}')")
    return connection


def by_duckdb(database: duckdb.DuckDBPyConnection, condition: str) -> list[bool]:
    found = database.execute(f"SELECT {condition}\n FROM rows").fetchall()
    return [value is True for (value,) in found]


NUMBERS = (
    *("n", "n", "x", "x", "0", "1", "2", "2.5", ".5", "1e3", "7", "9223372036854775807", "NULL"),
    *("round(x)", "round(x,1)", "abs(n)", "length(s)", "year(day)", "coalesce(n,3)", "sqrt(x)"),
    *("ln(2)", "trunc(x)", "nullif(n,1)", "least(n,2,x)", "greatest(n,1)", "x::bigint"),
    *("CAST(round(x / 1e300) AS INTEGER)", "TRY_CAST(x AS BIGINT)", "TRY_CAST(s AS INTEGER)"),
    *("TRY_CAST(x AS SMALLINT)", "2.5::int", "3.5::int", "2.5::double::int", "n::double"),
    *("EXTRACT(year FROM day)", "CASE WHEN b THEN 1 ELSE n END", "CASE n WHEN 1 THEN x END"),
    "day - DATE '2000-01-01'",
)
OTHERS = (
    "s = 'a'",
    "s || n = 'a1'",
    "day > DATE '2015-01-31'",
    "s LIKE '%t%'",
    "b",
    "TRUE",
    "NULL",
)
TESTS = (
    *(" IS NULL", " IS NOT NULL", " IS TRUE", " IS NOT TRUE", " IS FALSE", " IS NOT FALSE"),
    *(" BETWEEN 0 AND 2", " NOT BETWEEN -1 AND x", " IN (1, n, NULL)", " NOT IN (2)"),
)
_between = st.sampled_from((" ", " ", ""))


def chains(part: st.SearchStrategy[str], *operators: str, most: int) -> st.SearchStrategy[str]:
    """Texts with operators between them."""
    operator = st.tuples(_between, st.sampled_from(operators), _between).map("".join)
    rest = st.lists(st.tuples(operator, part).map("".join), max_size=most - 1)
    return st.tuples(part, rest).map(lambda found: found[0] + "".join(found[1]))


def conditions(nested: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Conditions whose parts are told apart by the order of operators alone."""
    atoms = st.sampled_from(NUMBERS)
    signed = st.tuples(st.sampled_from(("", "", "", "", "", "- ", "-", "+")), atoms).map("".join)
    sums = chains(signed, "+", "-", "*", "/", "//", "%", "^", most=3)
    compared = chains(sums, "=", "<>", "!=", "<", "<=", ">", ">=", most=2)
    tested = st.tuples(sums, st.sampled_from(TESTS)).map("".join)
    both = st.tuples(compared, st.sampled_from(TESTS[:6])).map("".join)
    test = st.one_of(compared, tested, both, nested.map(lambda text: f"({text})"))
    denied = st.tuples(st.sampled_from(("", "", "NOT ", "NOT NOT ")), test).map("".join)
    return chains(denied, " AND ", " OR ", most=3)


texts = conditions(conditions(st.sampled_from(OTHERS)))


@settings(max_examples=250, deadline=None)
@given(texts)
@example("(x > 10) IS NOT TRUE")
@example("n = 1 IS NOT FALSE")
@example("NOT n = 1 IS NULL")
@example("round(x) = 3 OR round(x) = -3")
@example("CAST(x AS INTEGER) = 2 OR CAST(2.5 AS INTEGER) = 3")
@example("-2 ^ 2 = 4")
@example("2 ^ 3 ^ 2 = 64")
@example("'1' || 1 + 1 = '12'")
@example("n IS TRUE")
@example("0.1 + 0.2 = 0.3")
@example("n / 2 = 0.5 AND 7 // 2 = 3")
@example("n--1\n = 1")
@example("s LIKE 'a' AND b")
def test_means_what_duckdb_means(database: duckdb.DuckDBPyConnection, condition: str) -> None:
    try:
        ours = holds(ROWS, condition).to_list()
    except ConditionError:
        return  # refused
    assert ours == by_duckdb(database, condition)


def test_an_overflow_is_refused() -> None:
    for condition in ("n * n > 5", "n + n + n > n", "CAST(x AS INTEGER) > 1"):
        with pytest.raises(ConditionError):
            holds(ROWS, condition)


@pytest.mark.parametrize(
    "condition",
    [
        # tables, files, addresses
        "EXISTS (SELECT 1 FROM read_csv('http://127.0.0.1:18080/exfil'))",
        "n IN (SELECT n FROM rows)",
        "(SELECT count(*) FROM 'pyproject.toml') > 0",
        "n > ANY (SELECT 1)",
        "read_text('/etc/passwd') = ''",
        "rows.n > 1",
        "(FROM rows) > 1",
        "n > 1 UNION SELECT TRUE",
        "n > 1; DROP TABLE rows",
        # what depends on the day, on chance, on settings, on the machine
        "now() > DATE '2020-01-01'",
        "current_date > day",
        "today() > day",
        "random() > 0.5",
        "getenv('HOME') = ''",
        "current_setting('threads') = 1",
        # what grows
        "lpad(s, 2000000000, 'x') = ''",
        "repeat(s, 2000000000) = ''",
        "generate_series(1, 100000000000) IS NULL",
        "len(range(100000000000)) > 0",
        " OR ".join(["TRUE"] * 20_000),
        "(" * 3_000 + "TRUE" + ")" * 3_000,
        "NOT " * 400 + "TRUE",
        "-" * 400 + "n > 1",
        "CASE WHEN " * 100 + "TRUE" + " THEN TRUE END" * 100,
        "s LIKE '%a%b%c%d%e%'",
        "1" * 400 + " > n",
        # aggregates and windows make a row depend on others
        "sum(n) > 1",
        "row_number() OVER () > 1",
        "n > avg(n) OVER ()",
        # no SQL
        "",
        "n >",
        "n > 1 or_so",
        "n > 1) OR (n < 2",
        "1 < n < 3",
        "n = 1 = b",
        "n > 1 AS holds",
        "n IS UNKNOWN",
        "E'a' = s",
        "$1 > n",
        "? > n",
        "$$a$$ = s",
        "'a' 'b' = s",
        "s LIKE s",
        "0x10 > n",
        "1_000 > n",
        "n > 1 \0",
        "n[1] > 1",
        "{'a': 1} IS NULL",
        "x -> x + 1",
        "*",
        "COLUMNS('.*') > 1",
        "n COLLATE de > 1",
        "INTERVAL 1 YEAR > n",
        "DATE '2015-02-30' > day",
        "n::json IS NULL",
        "CAST(n AS INTEGER[]) IS NULL",
        "n::decimal(1000000,0) > 1",
        # kinds
        "n",
        "'a'",
        "s = 3",
        "missing > 1",
        '"N" > 1',
    ],
)  # fmt: skip
def test_all_else_is_refused_at_once(condition: str) -> None:
    began = time.process_time()
    with pytest.raises(ConditionError) as raised:
        holds(ROWS, condition)
    assert time.process_time() - began < 5
    assert len(str(raised.value)) < 1000


PIECES = (
    *("(", ")", "'", '"', ",", ";", "--", "/*", "::", "CASE", "WHEN", "THEN", "END", "IN", "IS"),
    *("NOT", "NULL", "BETWEEN", "AND", "CAST", "AS", "n", "s", "1", "SELECT", "FROM", "LIKE"),
    *("'%'", "-", "+", "*", "/", "||", "=", "<", "DATE", "EXTRACT", "year", "round", "ln"),
    *("\\", "\x00", "é", "😀"),
)


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(PIECES),
            max_size=25,
        ).map(" ".join),
    )
)
def test_any_text_is_a_condition_or_one_error(text: str) -> None:
    try:
        parse(text)
    except ConditionError as error:
        assert error.wrong
        assert error.fix


def test_the_bounds_are_reached() -> None:
    longest = "n > 1" + " OR n > 1" * ((LONGEST - 5) // 9)
    assert holds(ROWS, longest).to_list() == [False, False, True, False, False]
    deepest = "(" * DEEPEST + "n > 1" + ")" * DEEPEST
    assert holds(ROWS, deepest).to_list() == [False, False, True, False, False]


def test_columns_of_any_name() -> None:
    rows = pl.DataFrame({"^.*$": [1, 2], 'a "b"': [3, 4], "c": ["x", "y"], "C": ["y", "y"]})
    assert holds(rows, '"^.*$" = 2').to_list() == [False, True]
    assert holds(rows, '"a ""b""" < 4').to_list() == [True, False]
    assert holds(rows, "c = C").to_list() == [False, True]


def test_rows_none_and_no_column() -> None:
    assert holds(ROWS.clear(), "n > 1").to_list() == []
    assert holds(ROWS, "1 = 1").to_list() == [True] * 5
