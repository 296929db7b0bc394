"""The columns a SQL condition names, so that a misspelt one is found before anything runs.

It knows SQL's words, not its grammar: what is wrong otherwise, the job that reads the condition
finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import get_args

from algoprog.config.types import RecordField

# What conditions on records may name, and conditions on the rows of a sample
# (:data:`algoprog.records.sample.COLUMNS`, with the calendar year as a real number).
RECORD_COLUMNS: tuple[str, ...] = get_args(RecordField)
SAMPLE_COLUMNS = (
    "row",
    *(
        name
        for name in get_args(RecordField)
        if name not in ("url", "include", "outlier", "uncertain")
    ),
    "perplexity_first_available",
    "year",
)

_WORDS = frozenset(
    [
        "all",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "between",
        "both",
        "by",
        "case",
        "cast",
        "collate",
        "date",
        "datetime",
        "day",
        "days",
        "decimal",
        "desc",
        "distinct",
        "div",
        "double",
        "else",
        "end",
        "escape",
        "exists",
        "extract",
        "false",
        "filter",
        "float",
        "for",
        "from",
        "hour",
        "ilike",
        "in",
        "int",
        "integer",
        "interval",
        "is",
        "isnull",
        "leading",
        "like",
        "minute",
        "month",
        "not",
        "notnull",
        "null",
        "numeric",
        "or",
        "over",
        "partition",
        "precision",
        "quarter",
        "real",
        "regexp",
        "rlike",
        "second",
        "similar",
        "smallint",
        "bigint",
        "tinyint",
        "some",
        "string",
        "substring",
        "text",
        "then",
        "time",
        "timestamp",
        "to",
        "trailing",
        "trim",
        "true",
        "try_cast",
        "unknown",
        "unsigned",
        "varchar",
        "char",
        "boolean",
        "bool",
        "week",
        "when",
        "with",
        "xor",
    ]
)
# Texts, quoted names, numbers with their exponents, comments; then words.
_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?P<quoted>(?:[^"]|"")*)" | --[^\n]* | /\*.*?\*/
    | \d[\w.]*(?:[eE][+-]?\d+)? | (?P<word>[A-Za-z_]\w*)(?P<call>\s*\()?""",
    re.VERBOSE | re.DOTALL,
)


def columns_of(condition: str) -> Iterator[str]:
    """Yield the names of columns in a condition, in their order."""
    for token in _TOKEN.finditer(condition):
        name = token["quoted"]
        if name is None and token["word"] and not token["call"]:
            name = None if token["word"].lower() in _WORDS else token["word"]
        if name is not None:
            yield name


def unknown_columns(condition: str, known: Iterable[str]) -> list[str]:
    """Return the names in a condition that are no column, each once."""
    there = set(known)
    return [name for name in dict.fromkeys(columns_of(condition)) if name not in there]
