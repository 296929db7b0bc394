"""Published held-out errors with moved starts, and with and without known defects."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    from pathlib import Path

    import polars as pl

    from algoprog.audit.held_out import HeldOutSettings, held_out_table
    from algoprog.audit.published_noise import ScoreSettings, repeated_scores
    from algoprog.audit.reproduction import read_published
    from algoprog.common.settings import rebuild
    from algoprog.resampling.tables import CROSS_VALIDATION
    from algoprog.tables.csv import read_table

    rows = pl.read_parquet(snakemake.input.rows)
    published = Path(snakemake.input.published)
    tables = [read_table(Path(path), CROSS_VALIDATION) for path in snakemake.input.cross_validation]
    scores = repeated_scores(
        rows,
        read_published(published.read_bytes(), str(published)),
        next(iter(tables), None),
        rebuild(snakemake.params.scores, ScoreSettings),
    )
    held_out = held_out_table(rows, rebuild(snakemake.params.held_out, HeldOutSettings))
    with job.writing(snakemake.output.scores) as path:
        scores.write_parquet(path)
    with job.writing(snakemake.output.held_out) as path:
        held_out.write_parquet(path)
