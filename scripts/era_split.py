"""Doubling times before and after each year."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.quantities.analysed import era_table
    from algoprog.quantities.tables import ERA_SPLIT
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    samples = map(pl.read_parquet, snakemake.input.rows)
    analyses = read_refits(snakemake.input, snakemake.params.analyses)
    table = era_table(
        samples=dict(zip(snakemake.params.samples, samples, strict=True)),
        analyses=list(zip(snakemake.params.changes, analyses, strict=True)),
        **snakemake.params.call,
    )
    with job.writing(snakemake.output.era_split) as path:
        write_table(path, ERA_SPLIT, table)
