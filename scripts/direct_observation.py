"""Compute of later systems at a reference's perplexity."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.common.settings import rebuild
    from algoprog.quantities.direct_observation import (
        Observed,
        compute_reductions_table,
        direct_observation_table,
    )
    from algoprog.quantities.tables import COMPUTE_REDUCTIONS, DIRECT_OBSERVATION
    from algoprog.tables.csv import write_table

    call = snakemake.params.call
    asked = rebuild(call["spec"], Observed)
    sample = pl.read_parquet(snakemake.input.rows)
    for table, rows_of in (
        (DIRECT_OBSERVATION, direct_observation_table),
        (COMPUTE_REDUCTIONS, compute_reductions_table),
    ):
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, rows_of(sample, asked, call["benchmark"]))
