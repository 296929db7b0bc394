"""The records each sample leaves out, and what is left after each step."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.records.tables import EXCLUSIONS, SAMPLE_STEPS
    from algoprog.tables.csv import stack_samples, write_table

    for files, table in (("excluded", EXCLUSIONS), ("steps", SAMPLE_STEPS)):
        frames = [pl.read_parquet(path) for path in snakemake.input[files]]
        stacked = stack_samples(dict(zip(snakemake.params.samples, frames, strict=True)))
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, stacked)
