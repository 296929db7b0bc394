"""The shards of one analysis put together: its draws in order, its one fit.

It knows no estimator, so that putting shards together imports none.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def merge_draws(parts: Sequence[pl.DataFrame], replicates: int) -> pl.DataFrame:
    """All draws in order; every replicate must be there once."""
    merged = pl.concat(parts).sort("replicate")
    if merged["replicate"].to_list() != list(range(replicates)):
        raise AssertionError(f"{merged.height} draws where replicates 0 to {replicates - 1} belong")
    return merged


def merge_fits(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The one fit that all shards have made.

    Raises
    ------
    AssertionError
        if two differ: then something else than the shard differed.
    """
    if not all(part.equals(parts[0]) for part in parts):
        raise AssertionError("shards of one analysis have fitted different models")
    return parts[0]
