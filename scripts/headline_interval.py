"""The interval that the headline quotes."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.quantities.tables import DOUBLING_TIMES
    from algoprog.robustness.headline_interval import headline_interval
    from algoprog.robustness.tables import HEADLINE_INTERVAL
    from algoprog.tables.csv import read_table, write_table

    (rows,) = snakemake.input.rows
    table = headline_interval(
        pl.read_parquet(rows),
        read_table(Path(snakemake.input.doubling_times), DOUBLING_TIMES),
        **snakemake.params.call,
    )
    with job.writing(snakemake.output.headline_interval) as path:
        write_table(path, HEADLINE_INTERVAL, table)
