"""Published draws, again and again with moved starts."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.published_noise import repeated_draws
    from algoprog.tables import read_table

    ranking = snakemake.input.get("cross_validation")
    draws = repeated_draws(
        pl.read_parquet(snakemake.input.rows),
        read_table(Path(ranking)) if ranking else None,
        **snakemake.params.call,
    )
    with job.writing(snakemake.output.draws) as path:
        draws.write_parquet(path)
