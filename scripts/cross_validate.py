"""Held-out errors of the variants of one batch at one delta."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.resampling.cross_validation import cross_validate

    sample = pl.read_parquet(snakemake.input.rows)
    held_out = cross_validate(sample, **snakemake.params.call)
    with job.writing(snakemake.output.held_out) as path:
        held_out.write_parquet(path)
