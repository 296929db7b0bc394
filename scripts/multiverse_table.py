"""All specifications, what came of them, and which choices drive the answer."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.attribution import attribution
    from algoprog.robustness.multiverse_tables import account, merge_intervals, merge_specifications
    from algoprog.robustness.specifications import specifications
    from algoprog.robustness.tables import (
        ATTRIBUTION,
        ATTRIBUTION_INTERACTIONS,
        MULTIVERSE,
        MULTIVERSE_ACCOUNT,
        MULTIVERSE_INTERVALS,
    )
    from algoprog.tables.csv import write_table

    chosen = specifications(snakemake.params.choices, snakemake.params.base)
    parts = [pl.read_parquet(path) for path in snakemake.input.fits]
    multiverse = merge_specifications(parts, chosen)
    shares, interactions = attribution(multiverse, list(snakemake.params.choices))
    tables = {
        MULTIVERSE: multiverse,
        MULTIVERSE_ACCOUNT: account(multiverse),
        MULTIVERSE_INTERVALS: merge_intervals(
            [pl.read_parquet(path) for path in snakemake.input.draws]
        ),
        ATTRIBUTION: shares,
        ATTRIBUTION_INTERACTIONS: interactions,
    }
    for table, frame in tables.items():
        with job.writing(snakemake.output[table.name]) as path:
            write_table(path, table, frame)
