"""What each source added, in a line."""

from __future__ import annotations

import polars as pl

from algoprog.records.additions import Found, lines


def entries(source: str, systems: str, **columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"source": [source] * len(systems), "system": list(systems), **columns})


def test_a_source_says_what_it_added_and_what_was_left_out_and_why() -> None:
    found = Found(
        evaluations=pl.concat([entries("register", "abcdef"), entries("mine", "xyyz")]),
        superseded=entries("mine", "pq", kept_source=["register"] * 2),
        suspected_repeats=entries("mine", "rs", counted=["once", "twice"]),
        rows=pl.concat([entries("register", "a"), entries("mine", "x")]),
        excluded=pl.concat(
            [
                entries("register", "bcdef", reason=["v", "w", "x", "y", "z"]),
                entries("mine", "yyz", reason=["no date", "outlier", "no date"]),
            ]
        ),
    )
    assert lines(["register", "mine", "empty"], "paper", found) == [
        "Source register: 6 evaluations of 6 systems; sample paper has 1 of them and leaves out 5: "
        "1 v, 1 w, 1 x, 1 y, 1 for other reasons.",
        "Source mine: 4 evaluations of 3 systems (not counted: 2 that register has and 1 that look "
        "like another source's (table suspected_repeats)); sample paper has 1 of them and leaves "
        "out 3: 2 no date, 1 outlier.",
        "Source empty: 0 evaluations of 0 systems; sample paper has 0 of them.",
    ]
