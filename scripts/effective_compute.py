"""Physical compute, algorithmic gain and their product."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.common.settings import rebuild
    from algoprog.quantities.analysed import Models, effective_compute_table
    from algoprog.quantities.frontiers import Physical
    from algoprog.quantities.tables import EFFECTIVE_COMPUTE
    from algoprog.resampling.refit import read_refits
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    models = Models.read(
        snakemake.input.rows, snakemake.params.samples, call["variants"], call["benchmarks"]
    )
    analyses = read_refits(snakemake.input, snakemake.params.analyses)
    physical = rebuild(call["settings"], Physical)
    table = effective_compute_table(models, physical, analyses, call["seed"])
    with job.writing(snakemake.output.effective_compute) as path:
        write_table(path, EFFECTIVE_COMPUTE, table)
