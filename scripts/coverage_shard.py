"""Judge the intervals of some simulated data sets."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.coverage import coverage_shard

    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    judged = coverage_shard(rows, **snakemake.params.call)
    with job.writing(snakemake.output.shard) as path:
        judged.write_parquet(path)
