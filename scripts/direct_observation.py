"""Compute of later systems at a reference's perplexity."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.quantities.direct_observation import (
        compute_reductions_table,
        direct_observation_table,
    )
    from algoprog.tables.csv import write_table

    sample = pl.read_parquet(snakemake.input.rows)
    for name, table_of in (
        ("direct_observation", direct_observation_table),
        ("compute_reductions", compute_reductions_table),
    ):
        with job.writing(snakemake.output[name]) as path:
            write_table(path, name, table_of(sample, **snakemake.params.call))
