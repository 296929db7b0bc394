"""Shapley shares between systems, and their predicted losses."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.quantities.analysed import shapley_tables
    from algoprog.quantities.tables import PREDICTED_LOSS, SHAPLEY
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    samples = map(pl.read_parquet, snakemake.input.rows)
    analyses = read_refits(snakemake.input, snakemake.params.analyses)
    found = shapley_tables(
        samples=dict(zip(snakemake.params.samples, samples, strict=True)),
        analyses=analyses,
        **snakemake.params.call,
    )
    for table, frame in zip((SHAPLEY, PREDICTED_LOSS), found, strict=True):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, frame)
