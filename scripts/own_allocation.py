"""Growth where the records are: of every fit, of every analysis' draws, and of each record."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    from algoprog.estimators.tables import FITS, PARAMETERS
    from algoprog.quantities import own_allocation_tables as made
    from algoprog.quantities.analysed import Models
    from algoprog.quantities.tables import GROWTH_BY_SIZE, LOCAL_GROWTH, OWN_ALLOCATION
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import read_table, write_table

    call = snakemake.params.call
    models = Models.read(
        snakemake.input.rows, snakemake.params.samples, call["variants"], call["benchmarks"]
    )
    analyses = dict(
        zip(
            snakemake.params.analyses,
            read_refits(snakemake.input, snakemake.params.analyses),
            strict=True,
        )
    )
    fits = read_table(Path(snakemake.input.fits), FITS)
    parameters = read_table(Path(snakemake.input.parameters), PARAMETERS)
    given, seed = (fits, parameters, models, list(analyses.values())), call["seed"]
    table = made.own_allocation_table(*given, call["since"], seed)
    headline = analyses[call["headline"]]
    local = made.local_growth_table(models.of_analysis(headline), headline)
    by_size = made.growth_by_size_table(*given, headline, seed)
    with job.writing(snakemake.output.own_allocation) as path:
        write_table(path, OWN_ALLOCATION, table)
    with job.writing(snakemake.output.local_growth) as path:
        write_table(path, LOCAL_GROWTH, local)
    with job.writing(snakemake.output.growth_by_size) as path:
        write_table(path, GROWTH_BY_SIZE, by_size)
