"""What joins filled, and where sources disagree."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.tables.csv import write_table

    for table, path_of in snakemake.output.items():
        with job.writing(path_of) as path:
            write_table(path, table, pl.read_parquet(snakemake.input[table]))
