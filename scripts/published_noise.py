"""Published draws, again and again with moved starts."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.audit.published_noise import draws_together, repeated_draws
    from algoprog.resampling.tables import CROSS_VALIDATION
    from algoprog.tables.csv import read_table

    ranking = snakemake.input.get("cross_validation")
    sample = pl.read_parquet(snakemake.input.rows)
    cross_validation = read_table(Path(ranking), CROSS_VALIDATION) if ranking else None
    draws = draws_together(
        {
            analysis: repeated_draws(sample, cross_validation, **call)
            for analysis, call in snakemake.params.calls.items()
        }
    )
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
