"""Curves of equal loss."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.common.settings import rebuild
    from algoprog.quantities.analysed import Models, frontier_table
    from algoprog.quantities.frontiers import Grid
    from algoprog.quantities.tables import FRONTIERS
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    models = Models.read(
        snakemake.input.rows, snakemake.params.samples, call["variants"], call["benchmarks"]
    )
    (analysis,) = read_refits(snakemake.input, snakemake.params.analyses)
    grid = rebuild(call, Grid)
    table = frontier_table(models, grid, analysis)
    with job.writing(snakemake.output.frontiers) as path:
        write_table(path, FRONTIERS, table)
