"""Whatever a parser is given, it gives a valid result or its own error; the same cases every time.

They are some 11,000 cases. Each is bounded in time and memory, and runs, opens and asks nothing
(tests/support/harmless.py).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from harmless import harmless
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from project_files import NAMES

from algoprog.common.errors import InputError
from algoprog.common.grammar import FormulaError, parse, parse_arithmetic
from algoprog.records.derived import derived
from algoprog.records.holding import holds
from algoprog.records.parse.cells import PARSERS, UnreadableError
from algoprog.records.parse.patterns import PatternError, matched
from algoprog.records.sources import reading
from algoprog.records.specification import Source
from algoprog.records.tokens import ConditionError

SIGNS = "0123456789.,+-eE%±†*_`[](){}<>|^$\\/:;='\"#&@! \t\nkMBtT"
TEXT = st.one_of(st.text(max_size=60), st.text(alphabet=SIGNS, max_size=60))
PARTS = [
    "t",
    "n",
    "d",
    "b",
    "1",
    "2.5",
    "+",
    "-",
    "*",
    "/",
    "^",
    ":",
    "(",
    ")",
    "{",
    "}",
    "log(",
    "exp(",
    "sqrt(",
    ">=",
    "__import__",
    "os",
    ".",
    "1e999",
]
WORDS = st.lists(st.sampled_from(PARTS), max_size=25).map("".join)


def cases(count: int) -> Callable[[Any], Any]:
    """So many cases, the same in every run."""
    quiet = list(HealthCheck)
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=quiet,
    )


@cases(2000)
@given(st.one_of(WORDS, TEXT))
def test_a_formula_is_a_tree_or_an_error(text: str) -> None:
    with harmless():
        for read in (parse, parse_arithmetic):
            try:
                read(text)
            except FormulaError as error:
                assert error.wrong and error.fix


@cases(600)
@given(WORDS)
def test_derived_arithmetic_is_a_number_or_an_error(text: str) -> None:
    columns = {name: pl.Series([1.5, 0.0, -2.0, None]) for name in ("t", "n", "d")}
    try:
        with harmless():
            assert len(derived(text, columns)) in (1, 4)
    except (FormulaError, pl.exceptions.PolarsError):
        return


@pytest.mark.parametrize("name", sorted(PARSERS))
@cases(900)
@given(cell=TEXT)
def test_a_cell_is_a_value_or_unreadable(name: str, cell: str) -> None:
    try:
        with harmless():
            value = PARSERS[name](cell)
    except UnreadableError as error:
        assert str(error)
    else:
        assert not isinstance(value, float) or math.isfinite(value)


@cases(1000)
@given(TEXT, TEXT)
def test_a_pattern_matches_or_says_why_not(cell: str, pattern: str) -> None:
    try:
        with harmless():
            matched(cell, pattern, ("%Y-%m-%d",))
    except (PatternError, UnreadableError) as error:
        assert str(error)


SQL = st.lists(
    st.sampled_from(
        (
            *("n", "s", "x", "1", "'a'", "NULL", "(", ")", " + ", " * ", " > ", " = ", " AND "),
            *(" OR ", " NOT ", " IS NULL", " IN (", ", ", " LIKE '%a%'", "lower(", "length("),
            *("CAST(", " AS INTEGER)", "CASE WHEN ", " THEN ", " END", "SELECT ", "read_csv("),
            *("'/etc/passwd'", " FROM ", "repeat(", "1e308", "9999999999", "^", "||", "--", ";"),
        )
    ),
    max_size=12,
).map("".join)
ROWS = pl.DataFrame({"n": [1.5, None, -2.0], "s": ["a", None, "\u202e"], "x": [1, 2, 3]})


@cases(300)
@given(SQL)
def test_a_condition_holds_for_rows_or_is_refused(condition: str) -> None:
    holds(ROWS, "n > 1")  # opens the database, and the file of the rows with it
    try:
        with harmless():
            found = holds(ROWS, condition)
    except ConditionError as error:
        assert error.wrong and error.fix
    else:
        assert found.dtype == pl.Boolean and len(found) == 3


SPEC = {"system": "system", "benchmark": "benchmark", "perplexity": "perplexity"}
KINDS: dict[str, dict[str, Any]] = {
    "csv": {},
    "json": {},
    "json_lines": {},
    "lm_eval_harness": {},
    "markdown_table": {"tables": [{"index": 1}]},
    "html_table": {"tables": [{"index": 1}]},
    "parquet": {},
}
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["system", "benchmark", "perplexity", "results"]), inner),
    ),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())
FRAMES = (
    "system,benchmark,perplexity\n{}\n",
    "|system|benchmark|perplexity|\n|-|-|-|\n|{}|\n",
    "<table><tr><th>system<th>benchmark<th>perplexity<tr><td>{}",
    "{}",
)
CONTENT = st.one_of(
    st.binary(max_size=80),
    st.tuples(st.sampled_from(FRAMES), TEXT).map(
        lambda two: two[0].replace("{}", two[1]).encode("utf-8", "replace")
    ),
    JSON,
)


# Parquet is the one that is read from a file, in a temporary folder.
@pytest.mark.parametrize("kind", sorted(KINDS))
@cases(300)
@example(content=b"PAR1")
@example(content=b"PAR1 and PAR1")
@given(content=CONTENT)
def test_a_content_has_records_or_an_error(kind: str, content: bytes) -> None:
    entry = {"kind": kind, "location": "mine.csv", "columns": SPEC, **KINDS[kind]}
    try:
        with harmless():
            found = reading(Source.of("mine", entry), NAMES, content).records
    except InputError as error:
        assert "mine" in str(error)
    else:
        assert found.schema["perplexity"] == pl.Float64
