"""Fit analyses and draw one shard of the bootstrap of each."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.resampling.refit import pack, refit
    from algoprog.resampling.tables import CROSS_VALIDATION
    from algoprog.tables.csv import read_table

    sample = pl.read_parquet(snakemake.input.rows)
    ranking = snakemake.input.get("cross_validation")
    cross_validation = read_table(Path(ranking), CROSS_VALIDATION) if ranking else None
    fits, draws = pack(
        {
            analysis: refit(sample, cross_validation, **call)
            for analysis, call in snakemake.params.calls.items()
        }
    )
    with job.writing(snakemake.output.fit) as path:
        fits.write_parquet(path)
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
