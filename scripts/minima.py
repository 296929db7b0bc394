"""Doubling times at every local minimum near the best."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.quantities.analysed import Models
    from algoprog.robustness.evidence_tables import MINIMA
    from algoprog.robustness.penalty import minima_table
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    models = Models.read(
        snakemake.input.rows, call["samples"], call["variants"], call["benchmarks"]
    )
    table = minima_table(
        pl.concat([pl.read_parquet(path) for path in snakemake.input.minima]), models
    )
    with job.writing(snakemake.output.minima) as path:
        write_table(path, MINIMA, table)
