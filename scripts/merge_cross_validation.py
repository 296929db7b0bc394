"""All held-out errors as one table, ranked."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.estimators.fit_tables import ranked
    from algoprog.resampling.tables import CROSS_VALIDATION
    from algoprog.tables.csv import write_table

    parts = [pl.read_parquet(path) for path in snakemake.input.held_out]
    table = ranked(parts, snakemake.params.expected)
    with job.writing(snakemake.output.cross_validation) as path:
        write_table(path, CROSS_VALIDATION, table)
