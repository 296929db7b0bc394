"""Curves of equal loss."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.quantities.analysed import frontier_table
    from algoprog.quantities.tables import FRONTIERS
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    samples = map(pl.read_parquet, snakemake.input.rows)
    analyses = read_refits(snakemake.input, snakemake.params.analyses)
    table = frontier_table(
        samples=dict(zip(snakemake.params.samples, samples, strict=True)),
        analysis=analyses[0],
        **snakemake.params.call,
    )
    with job.writing(snakemake.output.frontiers) as path:
        write_table(path, FRONTIERS, table)
