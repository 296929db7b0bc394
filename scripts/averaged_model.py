"""Held-out errors by paper and draws of growth of one variant at every delta."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.averaging import models

    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    held_out, draws = models(rows, **snakemake.params.call)
    with job.writing(snakemake.output.held_out) as path:
        held_out.write_parquet(path)
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
