"""Errors out of time by all estimators, compared with one another and with simple laws."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.common.settings import rebuild
    from algoprog.records.sample import Sample
    from algoprog.resampling.out_of_time import Comparison, hold_out_tables
    from algoprog.resampling.tables import HOLD_OUT_DIFFERENCES, TEMPORAL_HOLD_OUT
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    table, differences = hold_out_tables(
        Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"]),
        pl.concat([pl.read_parquet(path) for path in snakemake.input.held_out]),
        rebuild(call["comparison"], Comparison),
    )
    with job.writing(snakemake.output.temporal_hold_out) as path:
        write_table(path, TEMPORAL_HOLD_OUT, table)
    with job.writing(snakemake.output.hold_out_differences) as path:
        write_table(path, HOLD_OUT_DIFFERENCES, differences)
