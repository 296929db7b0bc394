"""Doubling times of every fit, with the intervals of every bootstrap analysis."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.estimators.tables import FITS, PARAMETERS
    from algoprog.quantities.analysed import Models
    from algoprog.quantities.doubling_tables import doubling_table
    from algoprog.quantities.tables import ALLOCATION_RATIOS, DOUBLING_TIMES
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import read_table, write_table

    call = snakemake.params.call
    models = Models.read(
        snakemake.input.rows, snakemake.params.samples, call["variants"], call["benchmarks"]
    )
    times, ratios = doubling_table(
        fits=read_table(Path(snakemake.input.fits), FITS),
        parameters=read_table(Path(snakemake.input.parameters), PARAMETERS),
        models=models,
        optimal_scaling=call["optimal_scaling"],
        analyses=read_refits(snakemake.input, snakemake.params.analyses),
        seed=call["seed"],
    )
    with job.writing(snakemake.output.doubling_times) as path:
        write_table(path, DOUBLING_TIMES, times)
    with job.writing(snakemake.output.allocation_ratios) as path:
        write_table(path, ALLOCATION_RATIOS, ratios)
