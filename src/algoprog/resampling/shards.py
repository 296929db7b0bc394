"""The shards of a job put together: its draws in order, its fits once.

It knows no estimator, so that putting shards together imports none.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def merge_draws(parts: Sequence[pl.DataFrame], replicates: int) -> pl.DataFrame:
    """All draws, analysis by analysis and in order; every replicate of each must be there once."""
    analyses = parts[0]["analysis"].unique(maintain_order=True)
    merged = pl.concat(parts)
    merged = pl.concat(
        [merged.filter(analysis=name).sort("replicate") for name in analyses], rechunk=True
    )
    if merged["replicate"].to_list() != len(analyses) * list(range(replicates)):
        raise AssertionError(f"{merged.height} draws where replicates 0 to {replicates - 1} belong")
    return merged


def merge_fits(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The fits that all shards have made.

    Raises
    ------
    AssertionError
        if two differ: then something else than the shard differed.
    """
    if not all(part.equals(parts[0]) for part in parts):
        raise AssertionError("shards of one job have fitted different models")
    return parts[0]
