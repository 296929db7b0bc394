"""Published held-out errors with moved starts, and with and without known defects."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.audit.defects import held_out_table
    from algoprog.audit.published_noise import repeated_scores
    from algoprog.audit.reproduction import CLOSE_RELATIVE, read_published
    from algoprog.resampling.tables import CROSS_VALIDATION
    from algoprog.tables.csv import read_table

    sample = pl.read_parquet(snakemake.input.rows)
    published = Path(snakemake.input.published)
    scores = repeated_scores(
        sample,
        read_published(published.read_bytes(), str(published)),
        [read_table(Path(path), CROSS_VALIDATION) for path in snakemake.input.cross_validation],
        within=CLOSE_RELATIVE,
        **snakemake.params.scores,
    )
    held_out = held_out_table(sample, **snakemake.params.held_out)
    with job.writing(snakemake.output.scores) as path:
        scores.write_parquet(path)
    with job.writing(snakemake.output.held_out) as path:
        held_out.write_parquet(path)
