"""All fits and their parameters as two tables."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.estimators.fit_tables import merge, with_intervals
    from algoprog.estimators.tables import FITS, PARAMETERS
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    fits, parameters = (
        merge([pl.read_parquet(path) for path in snakemake.input[table]], snakemake.params.expected)
        for table in ("fits", "parameters")
    )
    analyses = read_refits(snakemake.input, snakemake.params.analyses)
    parameters = with_intervals(parameters, [(one.key, one.draws) for one in analyses])
    with job.writing(snakemake.output.fits) as path:
        write_table(path, FITS, fits)
    with job.writing(snakemake.output.parameters) as path:
        write_table(path, PARAMETERS, parameters)
