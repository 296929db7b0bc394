"""All sets of growths that a restricted wild cluster bootstrap accepts."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.interval_tables import CONFIDENCE_SETS
    from algoprog.tables.csv import write_table
    from algoprog.tables.frames import frame_of

    parts = [pl.read_parquet(path) for path in snakemake.input.sets]
    whole = pl.concat([frame_of(CONFIDENCE_SETS, []), *parts])
    # two sets of the configuration may ask for the same
    frame = whole.unique(CONFIDENCE_SETS.key, keep="first", maintain_order=True)
    with job.writing(snakemake.output.confidence_sets) as path:
        write_table(path, CONFIDENCE_SETS, frame)
