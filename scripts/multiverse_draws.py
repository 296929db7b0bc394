"""Bootstrap the specifications of one stratum."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.common.settings import rebuild
    from algoprog.robustness.multiverse import Drawn, Fitting, bootstrap_specifications
    from algoprog.robustness.specifications import Specification

    call = snakemake.params.call
    chosen = rebuild(call["chosen"], list[Specification])
    evaluations = pl.read_parquet(snakemake.input.evaluations)
    intervals = bootstrap_specifications(
        evaluations, chosen, rebuild(call, Fitting), rebuild(call, Drawn)
    )
    with job.writing(snakemake.output.intervals) as path:
        intervals.write_parquet(path)
