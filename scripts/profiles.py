"""All profiles, and the ranges of doubling times within a loss of fit."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.interval_tables import PROFILE_RANGES, PROFILES
    from algoprog.tables.csv import write_table

    for files, table in (("profiles", PROFILES), ("ranges", PROFILE_RANGES)):
        parts = [pl.read_parquet(path) for path in snakemake.input[files]]
        frame = pl.concat(parts).unique(table.key, keep="first", maintain_order=True)
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, frame)
