"""What leaving out each paper and record changes."""

from typing import TYPE_CHECKING

import job

if TYPE_CHECKING:
    from snakemake.script import snakemake

with job.running(snakemake):
    import polars as pl

    from algoprog.robustness.influence import influence_table
    from algoprog.robustness.tables import INFLUENCE
    from algoprog.tables.csv import write_table

    (rows,) = map(pl.read_parquet, snakemake.input.rows)
    with job.writing(snakemake.output.influence) as path:
        write_table(path, INFLUENCE, influence_table(rows, **snakemake.params.call))
