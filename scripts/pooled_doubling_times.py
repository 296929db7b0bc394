"""Doubling times of the best models, pooled."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.quantities.doubling_tables import pooled_table
    from algoprog.quantities.tables import POOLED_DOUBLING_TIMES
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    pools = snakemake.params.members
    every = [name for names in pools.values() for name in names]
    refits = iter(read_refits(snakemake.input, every))
    members = {pool: [next(refits) for _ in names] for pool, names in pools.items()}
    table = pooled_table(
        pl.read_parquet(snakemake.input.rows), members=members, **snakemake.params.call
    )
    with job.writing(snakemake.output.pooled_doubling_times) as path:
        write_table(path, POOLED_DOUBLING_TIMES, table)
