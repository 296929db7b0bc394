"""Write the database of records."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.records.database import write_database

    call = snakemake.params.call
    names = call["samples"]
    by_sample = {
        table: dict(zip(names, map(pl.read_parquet, snakemake.input[table]), strict=True))
        for table in ("rows", "excluded", "steps")
    }
    with job.writing(snakemake.output.database) as path:
        write_database(
            path,
            records={name: pl.read_parquet(snakemake.input[name]) for name in call["records"]},
            sources=call["sources"],
            threads=snakemake.threads,
            **by_sample,
        )
