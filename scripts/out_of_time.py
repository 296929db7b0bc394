"""Errors out of time of every variant at every delta, by one estimator."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from algoprog.common.settings import rebuild
    from algoprog.records.sample import Sample
    from algoprog.resampling.out_of_time import Candidates

    call = snakemake.params.call
    table = rebuild(call["candidates"], Candidates).errors(
        Sample.read(snakemake.input.rows, call["sample_name"], call["benchmarks"]),
        call["years"],
        snakemake.wildcards.estimator,
        call["response"],
    )
    with job.writing(snakemake.output.held_out) as path:
        table.write_parquet(path)
