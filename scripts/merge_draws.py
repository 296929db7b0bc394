"""The shards of a job put together: its fits, its draws all there and in order."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.resampling.shards import merge_draws, merge_fits

    fit = merge_fits([pl.read_parquet(path) for path in snakemake.input.fits])
    shards = [pl.read_parquet(path) for path in snakemake.input.draws]
    draws = merge_draws(shards, **snakemake.params.call)
    with job.writing(snakemake.output.fit) as path:
        fit.write_parquet(path)
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
