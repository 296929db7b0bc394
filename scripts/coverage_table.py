"""How often intervals hold the truth."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.coverage import coverage_table
    from algoprog.robustness.interval_tables import COVERAGE
    from algoprog.tables.csv import write_table

    table = coverage_table([pl.read_parquet(path) for path in snakemake.input.shards])
    with job.writing(snakemake.output.coverage) as path:
        write_table(path, COVERAGE, table)
