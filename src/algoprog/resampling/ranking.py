"""The best models by held-out error: a model is a variant with its delta.

It knows the table of cross-validation; it fits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

Member = tuple[str, float]


def best(cross_validation: pl.DataFrame, scheme: str, size: int = 10) -> list[Member]:
    """The ``size`` (variant, delta) with the least held-out error of a scheme, best first."""
    rows = cross_validation.filter(pl.col("scheme") == scheme)
    return [tuple(row) for row in rows.sort("mse", "variant", "delta")
            .head(size).select("variant", "delta").iter_rows()]  # fmt: skip


def distinct(members: Sequence[Member]) -> list[Member]:
    """Of each variant only its best delta: the first of ``members`` that has it."""
    first: dict[str, Member] = {}
    for member in members:
        first.setdefault(member[0], member)
    return list(first.values())
