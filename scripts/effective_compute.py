"""Physical compute, algorithmic gain and their product."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.quantities.analysed import effective_compute_table
    from algoprog.quantities.tables import EFFECTIVE_COMPUTE
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    samples = map(pl.read_parquet, snakemake.input.rows)
    analyses = read_refits(snakemake.input, snakemake.params.analyses)
    table = effective_compute_table(
        samples=dict(zip(snakemake.params.samples, samples, strict=True)),
        analyses=analyses,
        **snakemake.params.call,
    )
    with job.writing(snakemake.output.effective_compute) as path:
        write_table(path, EFFECTIVE_COMPUTE, table)
