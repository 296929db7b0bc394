"""Fit an analysis and draw one shard of its bootstrap."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.refit import refit
    from algoprog.tables import read_table

    sample = pl.read_parquet(snakemake.input.rows)
    ranking = snakemake.input.get("cross_validation")
    cross_validation = read_table(Path(ranking)) if ranking else None
    made = refit(sample, cross_validation, **snakemake.params.call)
    with job.writing(snakemake.output.fit) as path:
        made.fit.write_parquet(path)
    with job.writing(snakemake.output.draws) as path:
        made.draws.write_parquet(path)
