"""Models weighted by held-out error, and their average."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.averaging import average
    from algoprog.robustness.tables import MODEL_AVERAGE, MODEL_WEIGHTS
    from algoprog.tables.csv import write_table

    held_out = pl.concat([pl.read_parquet(path) for path in snakemake.input.held_out])
    draws = pl.concat([pl.read_parquet(path) for path in snakemake.input.draws])
    weights, mean = average(held_out, draws, snakemake.params.seed)
    for table, frame in ((MODEL_WEIGHTS, weights), (MODEL_AVERAGE, mean)):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, frame)
