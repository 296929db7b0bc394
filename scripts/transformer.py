"""What the transformer is worth, in loss and in compute."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.quantities.analysed import transformer_table
    from algoprog.quantities.tables import TRANSFORMER
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    samples = map(pl.read_parquet, snakemake.input.rows)
    analyses = read_refits(snakemake.input, snakemake.params.analyses)
    table = transformer_table(
        samples=dict(zip(snakemake.params.samples, samples, strict=True)),
        analyses=list(zip(snakemake.params.changes, analyses, strict=True)),
        **snakemake.params.call,
    )
    with job.writing(snakemake.output.transformer) as path:
        write_table(path, TRANSFORMER, table)
