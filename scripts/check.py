"""The settings of some checks, fitted and bootstrapped."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.sensitivity import check_table

    evaluations = pl.read_parquet(snakemake.input.evaluations)
    rows = check_table(evaluations, **snakemake.params.call)
    with job.writing(snakemake.output.rows) as path:
        rows.write_parquet(path)
