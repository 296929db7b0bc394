"""Doubling times of the best models, pooled."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.quantities.analysed import Models
    from algoprog.quantities.doubling_tables import pooled_table
    from algoprog.quantities.tables import POOLED_DOUBLING_TIMES
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    pools = snakemake.params.members
    every = [name for names in pools.values() for name in names]
    refits = dict(zip(every, read_refits(snakemake.input, every), strict=True))
    members = {pool: [refits[name] for name in names] for pool, names in pools.items()}
    call = snakemake.params.call
    sample = {one.key["sample"] for one in refits.values()}
    models = Models.read([snakemake.input.rows], sample, call["variants"], call["benchmarks"])
    table = pooled_table(models, call["optimal_scaling"], call["pools"], members, call["seed"])
    with job.writing(snakemake.output.pooled_doubling_times) as path:
        write_table(path, POOLED_DOUBLING_TIMES, table)
