"""The tables of the Bayesian fits."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.bayes.results import fitted, tables
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    fits = fitted(
        rows,
        [pl.read_parquet(path).row(0, named=True) for path in snakemake.input.fits],
        [pl.read_parquet(path) for path in snakemake.input.posteriors],
        [pl.read_parquet(path) for path in snakemake.input.held_out],
        **snakemake.params.call,
    )
    names = snakemake.params.compared
    drawn = [one.draws for one in read_refits(snakemake.input, names.values())]
    bootstraps = dict(zip(names, drawn, strict=True))
    for name, table in tables(fits, bootstraps, **snakemake.params.of).items():
        with job.writing(snakemake.output[name]) as path:
            write_table(path, name, table)
