"""What users of the records must know: rows of the table `warnings`, and lines for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from algoprog.common.rows import Plain
from algoprog.records.agreement import shown
from algoprog.records.matching import Matched
from algoprog.records.plausible import Values, column_doubt
from algoprog.records.tables import WARNINGS
from algoprog.tables.frames import frame_of

# The kinds in the order in which they are said, and what many of a kind have in common.
KINDS = {
    "skipped": "files of a folder that are not read",
    "unreadable": "cells that cannot be read and are left blank",
    "column": "columns of scores whose names say that they hold something else",
    "implausible": "values that are hard to believe",
    "suspected_repeat": "evaluations that look like another source's (table suspected_repeats)",
    "namesake": "systems of a name that another source has for another paper",
    "several": "evaluations whose source has their system and benchmark before (table conflicts)",
    "displaced": "rows that a sample had without another source",
    "fixed": "fields that do not vary",
}
# What a suspected repeat and the record it is like have in common.
SHARED = {
    "paper": "paper and score",
    "paper_loosely": "the paper and, rounded or at another date, the score",
    "parameters": "score, size and month",
}
LISTED = 3  # warnings of a kind, source and sample that are said one by one


def of_records(
    records: pl.DataFrame,
    matched: Matched,
    values: Values,
    scores: Mapping[str, Sequence[str]],
) -> pl.DataFrame:
    """Return the table ``warnings`` of the records of every source.

    Parameters
    ----------
    records : the records that were matched, in their order.
    matched : what matching found among them.
    values : what is plausible.
    scores : by source: the columns that are read as perplexity.
    """
    rows = [*_columns(scores), *_implausible(matched.records, values), *_repeats(matched)]
    return frame_of(WARNINGS, [*rows, *_names(records, matched)])


def _columns(scores: Mapping[str, Sequence[str]]) -> Iterator[Plain]:
    for source, columns in scores.items():
        for column in columns:
            doubt = column_doubt(column)
            if doubt:
                said = f"column {column!r} is read as perplexity, and its name says {doubt}"
                yield {"kind": "column", "source": source, "field": "perplexity", "said": said}


def _implausible(records: pl.DataFrame, values: Values) -> Iterator[Plain]:
    columns = ["source", "source_row", "system", "benchmark"]
    for position, field, doubt in values.implausible(records):
        row = records.row(position, named=True)
        value = shown(row[field])
        yield {
            **{name: row[name] for name in columns},
            "kind": "implausible",
            "field": field,
            "value": value,
            "said": f"{_entry(row)}, {field} {value}: {doubt}",
        }


def _repeats(matched: Matched) -> Iterator[Plain]:
    for row in matched.suspected_repeats.iter_rows(named=True):
        what = SHARED[row["same"]]
        count = (
            "it is left out (`repeats: {suspected: twice}` or the source's `distinct` keeps it)"
            if row["counted"] == "once"
            else "both count (the source's `same_as` makes them one)"
        )
        yield {
            **{name: row[name] for name in ("source", "source_row", "system", "benchmark")},
            "kind": "suspected_repeat",
            "field": "perplexity",
            "value": shown(row["perplexity"]),
            "said": f"{_entry(row)} has {what} of {row['like_system']} (source "
            f"{row['like_source']}, entry {row['like_row']}); {count}",
        }


def _names(records: pl.DataFrame, matched: Matched) -> Iterator[Plain]:
    columns = ["source", "source_row", "system", "benchmark"]
    for position, source, other in matched.namesakes:
        row = records.row(position, named=True)
        yield {
            **{name: row[name] for name in columns},
            "kind": "namesake",
            "field": "system",
            "value": row["system"],
            "said": f"{_entry(row)}: source {source} has this name in entry {other}, for another "
            "paper of another date; both count (the source's `same_as` makes them one)",
        }
    for position, first in matched.several:
        row = records.row(position, named=True)
        yield {
            **{name: row[name] for name in columns},
            "kind": "several",
            "field": "system",
            "value": row["system"],
            "said": f"{_entry(row)}: entry {first} of the source is of this system and benchmark "
            "too; both count (the source's `distinct` says that they are two systems)",
        }


def _entry(row: Plain) -> str:
    on = f" on {row['benchmark']}" if row["benchmark"] else ""
    return f"entry {row['source_row']} ({row['system']}){on}"


def lines(warnings: pl.DataFrame) -> list[str]:
    """Return a line for each of the first warnings of a kind and source, and one for the others.

    Control characters of names do not reach the line.
    """
    order = {kind: position for position, kind in enumerate(KINDS)}
    groups: dict[tuple[Any, ...], list[str]] = {}
    for row in warnings.iter_rows(named=True):
        group = (order[row["kind"]], row["kind"], row["source"], row["sample"])
        groups.setdefault(group, []).append(row["said"])
    found = []
    for (_, kind, source, sample), said in sorted(groups.items(), key=lambda one: one[0][0]):
        named = {"sample": sample, "source": source}
        where = ", ".join(f"{what} {name}" for what, name in named.items() if name)
        if len(said) > LISTED:
            found.append(f"{where}: {len(said)} {KINDS[kind]}, such as the first {LISTED} below")
        found += [f"{where}: {sentence}" for sentence in said[:LISTED]]
    return [_plain(line) for line in found]


def _plain(text: str) -> str:
    """A text without control and formatting characters."""
    return "".join(c if unicodedata.category(c)[0] != "C" else "�" for c in text)
