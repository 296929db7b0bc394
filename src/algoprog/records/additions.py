"""What each source added to the records and a sample, and what was left out and why, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from algoprog.common.numbers import count

MOST = 4  # reasons that are told; the others are counted together


@dataclass(frozen=True)
class Found:
    """The records of all sources, and what a sample makes of them.

    Parameters
    ----------
    evaluations : the records that count.
    superseded : records that another source has already.
    suspected_repeats : records that look like another source's (``counted`` says whether they do).
    rows, excluded : what the sample keeps, and what it leaves out with its ``reason``.
    """

    evaluations: pl.DataFrame
    superseded: pl.DataFrame
    suspected_repeats: pl.DataFrame
    rows: pl.DataFrame
    excluded: pl.DataFrame


def lines(sources: Sequence[str], sample: str, found: Found) -> list[str]:
    """Return a line for each source: its evaluations, the sample's, the reasons of others."""
    return [_line(source, sample, found) for source in sources]


def _line(source: str, sample: str, found: Found) -> str:
    own = pl.col("source") == source
    counted = found.evaluations.filter(own)
    kept, left = found.rows.filter(own), found.excluded.filter(own)
    said = f"Source {source}: {_evaluations(counted.height)} of {_systems(counted)}"
    elsewhere = list(_elsewhere(source, found))
    if elsewhere:
        said += f" (not counted: {' and '.join(elsewhere)})"
    said += f"; sample {sample} has {count(kept.height)} of them"
    if left.height:
        said += f" and leaves out {count(left.height)}: {_reasons(left)}"
    return f"{said}."


def _evaluations(n: int) -> str:
    return f"{count(n)} evaluation{'' if n == 1 else 's'}"


def _systems(records: pl.DataFrame) -> str:
    n = records["system"].n_unique()
    return f"{count(n)} system{'' if n == 1 else 's'}"


def _elsewhere(source: str, found: Found) -> Iterator[str]:
    """What the source has that another source tells already."""
    for of, rows in found.superseded.filter(source=source).group_by(
        "kept_source", maintain_order=True
    ):
        yield f"{count(rows.height)} that {of[0]} has"
    suspected = found.suspected_repeats.filter(source=source, counted="once")
    if suspected.height:
        yield f"{count(suspected.height)} that look like another source's (table suspected_repeats)"


def _reasons(left: pl.DataFrame) -> str:
    counts = left["reason"].value_counts().sort(["count", "reason"], descending=[True, False])
    told = [f"{count(n)} {reason}" for reason, n in counts.head(MOST).iter_rows()]
    others = int(counts["count"][MOST:].sum())
    return ", ".join([*told, *([f"{count(others)} for other reasons"] if others else [])])
