"""The shards of a job put together."""

from __future__ import annotations

import polars as pl
import pytest

from algoprog.resampling.shards import merge_draws, merge_fits


def shard(*replicates: int, analyses: str = "ba") -> pl.DataFrame:
    """Two analyses, not in the order of their names."""
    rows = [(name, i, 0.1 * i + ord(name)) for name in analyses for i in replicates]
    return pl.DataFrame(rows, schema=["analysis", "replicate", "objective"], orient="row")


def fit(objective: float) -> pl.DataFrame:
    return pl.DataFrame({"variant": ["m07"], "objective": [objective], "estimates": [[0.1, 0.2]]})


def test_draws_come_in_order_whatever_the_order_of_shards():
    merged = merge_draws([shard(3, 4), shard(0), shard(1, 2)], 5)
    assert merged.equals(shard(0, 1, 2, 3, 4))


@pytest.mark.parametrize(
    "shards",
    [
        [shard(0, 1)],
        [shard(0, 1), shard(3)],
        [shard(0, 1), shard(1, 2, 3)],
        [shard(0, 1), shard(2, 3, 4)],
        [shard(1, 2), shard(3, 4)],
        [shard(0, 1), shard(2, 3, analyses="b")],
    ],
)
def test_every_replicate_must_be_there_once(shards):
    with pytest.raises(AssertionError, match="where replicates 0 to 3 belong"):
        merge_draws(shards, 4)


def test_one_fit_is_kept():
    assert merge_fits([fit(0.05), fit(0.05), fit(0.05)]).equals(fit(0.05))


def test_fits_that_differ_are_refused():
    for other in (
        fit(0.05 * (1 + 1e-15)),
        fit(0.05).with_columns(variant=pl.lit("m08")),
        fit(0.05).with_columns(estimates=pl.Series([[0.1, 0.3]])),
    ):
        with pytest.raises(AssertionError, match="different models"):
            merge_fits([fit(0.05), other])
