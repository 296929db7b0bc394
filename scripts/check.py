"""The settings of some checks, fitted and bootstrapped."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.common.settings import rebuild
    from algoprog.robustness.checks import Plan
    from algoprog.robustness.sensitivity import Job

    call = snakemake.params.call
    evaluations = pl.read_parquet(snakemake.input.evaluations)
    rows = rebuild(call, Job).of(evaluations, rebuild(call, Plan))
    with job.writing(snakemake.output.rows) as path:
        rows.write_parquet(path)
