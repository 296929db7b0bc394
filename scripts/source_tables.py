"""What joins filled, where sources disagree, and where they seem to repeat one another."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.records.tables import CONFLICTS, DUPLICATES, JOINED, SUSPECTED_REPEATS
    from algoprog.tables.csv import write_table

    for table in (JOINED, CONFLICTS, DUPLICATES, SUSPECTED_REPEATS):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, pl.read_parquet(snakemake.input[table.name]))
