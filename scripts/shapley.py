"""Shapley shares between systems, and their predicted losses."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.quantities.analysed import Models, shapley_tables
    from algoprog.quantities.shapley import Systems
    from algoprog.quantities.tables import PREDICTED_LOSS, SHAPLEY
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    models = Models.read(
        snakemake.input.rows, snakemake.params.samples, call["variants"], call["benchmarks"]
    )
    analyses = read_refits(snakemake.input, snakemake.params.analyses)
    found = shapley_tables(models, Systems(call["systems"]), analyses)
    for table, frame in zip((SHAPLEY, PREDICTED_LOSS), found, strict=True):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, frame)
