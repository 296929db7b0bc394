"""Doubling times of every fit, with the intervals of every bootstrap analysis."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.estimators.tables import FITS, PARAMETERS
    from algoprog.quantities.doubling_tables import doubling_table
    from algoprog.quantities.tables import DOUBLING_TIMES
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import read_table, write_table

    samples = map(pl.read_parquet, snakemake.input.rows)
    table = doubling_table(
        fits=read_table(Path(snakemake.input.fits), FITS),
        parameters=read_table(Path(snakemake.input.parameters), PARAMETERS),
        samples=dict(zip(snakemake.params.samples, samples, strict=True)),
        analyses=read_refits(snakemake.input, snakemake.params.analyses),
        **snakemake.params.call,
    )
    with job.writing(snakemake.output.doubling_times) as path:
        write_table(path, DOUBLING_TIMES, table)
