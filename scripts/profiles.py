"""All profiles, and the ranges of doubling times within a loss of fit."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.tables.csv import write_table

    keys = ["sample", "variant", "delta", "benchmark"]
    for files, name in (("profiles", "profiles"), ("ranges", "profile_ranges")):
        parts = [pl.read_parquet(path) for path in snakemake.input[files]]
        further = ["growth"] if files == "profiles" else ["loss"]
        table = pl.concat(parts).unique([*keys, *further], keep="first", maintain_order=True)
        with job.writing(snakemake.output[name]) as path:
            write_table(path, name, table)
