"""Errors out of time by all estimators as one table."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.resampling.tables import TEMPORAL_HOLD_OUT
    from algoprog.tables.csv import write_table

    table = pl.concat([pl.read_parquet(path) for path in snakemake.input.held_out])
    with job.writing(snakemake.output.temporal_hold_out) as path:
        write_table(path, TEMPORAL_HOLD_OUT, table)
