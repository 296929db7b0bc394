"""Doubling times before and after each year."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.common.settings import rebuild
    from algoprog.model.changes import Change
    from algoprog.quantities.analysed import Models, era_table
    from algoprog.quantities.tables import ERA_SPLIT
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    models = Models.read(
        snakemake.input.rows, snakemake.params.samples, call["variants"], call["benchmarks"]
    )
    analyses = read_refits(snakemake.input, snakemake.params.analyses)
    changes = rebuild(snakemake.params.changes, list[Change])
    table = era_table(models, list(zip(changes, analyses, strict=True)), call["seed"])
    with job.writing(snakemake.output.era_split) as path:
        write_table(path, ERA_SPLIT, table)
