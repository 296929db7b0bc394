"""Fit the variants of one batch at some deltas."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.estimators.fit import fit_batch

    sample = pl.read_parquet(snakemake.input.rows)
    fits, parameters = fit_batch(sample, **snakemake.params.call)
    with job.writing(snakemake.output.fits) as path:
        fits.write_parquet(path)
    with job.writing(snakemake.output.parameters) as path:
        parameters.write_parquet(path)
