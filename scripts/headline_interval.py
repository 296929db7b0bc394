"""The intervals of the headline's model."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.quantities.analysed import Models
    from algoprog.quantities.tables import DOUBLING_TIMES
    from algoprog.robustness.headline_interval import headline_interval
    from algoprog.robustness.interval_tables import CONFIDENCE_SETS, HEADLINE_INTERVAL
    from algoprog.tables.csv import read_table, write_table

    files, call = snakemake.input, snakemake.params.call
    doubling_times = read_table(Path(files.doubling_times), DOUBLING_TIMES)
    sets = read_table(Path(files.confidence_sets), CONFIDENCE_SETS)
    fits = pl.concat([pl.read_parquet(path) for path in files.analysis_fits])
    fit = fits.filter(analysis=call["name"])
    known = Models.read(files.rows, fit["sample"], *snakemake.params.models)
    model = known.of(fit["sample"][0], fit["variant"][0])
    table = headline_interval(doubling_times, sets, (model, fit), **call)
    with job.writing(snakemake.output.headline_interval) as path:
        write_table(path, HEADLINE_INTERVAL, table)
