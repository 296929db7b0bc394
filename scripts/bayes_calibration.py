"""Whether ranks of the truth are uniform, and intervals hold it."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.bayes.calibration import calibration_tables
    from algoprog.bayes.tables import BAYES_CALIBRATION, BAYES_RANKS
    from algoprog.tables.csv import write_table

    shards = [pl.read_parquet(path) for path in snakemake.input.shards]
    found = calibration_tables(shards, **snakemake.params.call)
    for table, frame in zip((BAYES_CALIBRATION, BAYES_RANKS), found, strict=True):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, frame)
