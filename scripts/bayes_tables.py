"""The tables of the Bayesian fits."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.bayes.fitted import fitted
    from algoprog.bayes.results import tables
    from algoprog.bayes.settings import Plan, QuantitySettings
    from algoprog.bayes.tables import TABLES
    from algoprog.common.settings import rebuild
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table
    from algoprog.tables.declaration import by_name

    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    fits = fitted(
        rows,
        [pl.read_parquet(path).row(0, named=True) for path in snakemake.input.fits],
        [pl.read_parquet(path) for path in snakemake.input.posteriors],
        [pl.read_parquet(path) for path in snakemake.input.held_out],
        rebuild(snakemake.params.call, Plan),
    )
    declared = by_name(TABLES)
    names = snakemake.params.compared
    drawn = [refit.draws for refit in read_refits(snakemake.input, names.values())]
    bootstraps = dict(zip(names, drawn, strict=True))
    settings = rebuild(snakemake.params.of, QuantitySettings)
    for name, frame in tables(fits, bootstraps, settings).items():
        with job.writing(snakemake.output[name]) as path:
            write_table(path, declared[name], frame)
