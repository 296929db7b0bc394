"""What does not vary in a sample, and so cannot be told from it.

A slope in a date, a count or a paper that is the same on every row is no property of the rows: what
an estimator gives for it comes from its penalty or its starts.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

import polars as pl

from algoprog.records.agreement import shown

# Fields by which growth and its reach are told, in words.
INPUTS = {
    "published": "date",
    "parameters": "number of parameters",
    "dataset_tokens": "number of training tokens",
}


@dataclass(frozen=True)
class Fixed:
    """A field that is the same on every row of a sample.

    Attributes
    ----------
    field : of a record, or ``row`` where all rows are identical.
    value : its value, as a text.
    said : a clause that says so.
    within : whether it differs between benchmarks, and is the same on every row of each.
    """

    field: str
    value: str | None
    said: str
    within: bool = False


def fixed(rows: pl.DataFrame) -> list[Fixed]:
    """Return what is the same on every row: date, counts, paper, or all of an evaluation."""
    count = rows.height
    found = []
    if count > 1 and rows.n_unique(["benchmark", "perplexity", *INPUTS]) == 1:
        found.append(Fixed("row", None, f"all {count} evaluations are identical"))
    for name, words in (INPUTS | {"paper": "paper"}).items():
        if count and rows[name].n_unique() == 1:
            value = shown(rows[name][0])
            said = f"all {count} evaluations have one {words} ({value})"
            if name == "paper":
                said = f"all {count} evaluations are from one paper ({value})"
            found.append(Fixed(name, value, said))
    return [*found, *_within(rows, {one.field for one in found})]


def _within(rows: pl.DataFrame, fixed: Container[str]) -> Iterator[Fixed]:
    """Dates and counts that are the benchmark's: how benchmarks differ is all they tell."""
    if rows["benchmark"].n_unique() == rows.height:
        return
    for name, words in INPUTS.items():
        several = rows.group_by("benchmark").agg(pl.col(name).n_unique())
        if name not in fixed and several[name].max() == 1:
            said = f"all evaluations on a benchmark have one {words}, and benchmarks differ"
            yield Fixed(name, None, said, within=True)


# What cannot be known where a field does not vary.
CONSEQUENCE = {
    "row": "nothing can be told from them",
    "published": "how fast algorithms get better cannot be known",
    "parameters": "what more parameters do cannot be known, and so no rate of compute",
    "dataset_tokens": "what more training tokens do cannot be known, and so no rate of compute",
    "paper": "how sure an answer is cannot be known by drawing papers",
}
